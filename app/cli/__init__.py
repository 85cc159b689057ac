"""The command line. This module alone is imported before Ctrl-C is heard; `app.cli._root` finds the commands."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130
"""The exit code that shells give a process that SIGINT ends."""


def main() -> None:
    """Run the command line; the exit codes are those of `app.cli._exit`."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, heard)
    from app.cli._root import root

    try:
        root(prog_name="milpwright")
    finally:
        # What there was to say has been said: what Python tears down now is not to be interrupted.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def heard(_signal: int, frame: FrameType | None) -> None:
    """Raise `KeyboardInterrupt`; while a module is being imported end the process instead.

    Some modules turn an exception within their imports into another one, and are left in halves by it.
    """
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, b"Cancelled.\n")
            os._exit(INTERRUPTED)
        frame = frame.f_back
    raise KeyboardInterrupt
