"""A thread that hands a cancellation on to a library that can be stopped from outside."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from solvers.port import Cancellation

_POLL_S = 0.05


@contextmanager
def watching(cancellation: Cancellation | None, stop: Callable[[], object]) -> Iterator[None]:
    """While the block runs, call ``stop`` (again and again, as it may come too early) once a stop was asked for."""
    if cancellation is None:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_POLL_S):
            if cancellation.requested:
                stop()

    thread = threading.Thread(target=watch, name="cancellation", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
