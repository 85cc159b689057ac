"""Ctrl-C ends a command even where the work does not hear that it is cancelled."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from app.cli import heard

WORK = """
import sys, time
from app.cli._interrupt import interruptible

def work(cancellation):
    print("working", flush=True)
    {how}

try:
    interruptible(work)
except KeyboardInterrupt:
    sys.exit(99)
"""


def hears_sigint() -> None:
    """Undo what a shell does to a job in the background: it ignores Ctrl-C, and so does all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupted(how: str) -> tuple[int, bytes]:
    command = [sys.executable, "-c", WORK.format(how=how)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=hears_sigint)
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"working\n"
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        return process.wait(timeout=60), said


def test_work_that_hears_it_ends_by_itself():
    how = "\n    ".join(["while not cancellation.requested:", "    time.sleep(0.01)"])
    assert interrupted(how) == (99, b"")


def test_work_that_does_not_hear_it_ends_with_the_process():
    started = time.monotonic()
    assert interrupted("time.sleep(300)") == (130, b"Cancelled.\n")
    assert time.monotonic() - started < 100


IMPORTED = """
import sys, time
print("importing", flush=True)
try:
    time.sleep(300)
except KeyboardInterrupt:
    raise ImportError("half done") from None
"""

IMPORT = """
import signal, sys
from app.cli import heard
signal.signal(signal.SIGINT, heard)
sys.path.insert(0, {directory!r})
try:
    import slow_to_import
except KeyboardInterrupt:
    sys.exit(99)
"""


def test_ctrl_c_ends_a_command_quietly_while_it_imports_a_module_that_turns_it_into_an_error(tmp_path):
    (tmp_path / "slow_to_import.py").write_text(IMPORTED)
    command = [sys.executable, "-c", IMPORT.format(directory=str(tmp_path))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=hears_sigint)
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"importing\n"
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert (process.wait(timeout=60), said) == (130, b"Cancelled.\n")


def test_ctrl_c_elsewhere_is_an_exception_that_cleans_up():
    with pytest.raises(KeyboardInterrupt):
        heard(signal.SIGINT, sys._getframe())
