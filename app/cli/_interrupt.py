"""Ctrl-C while a solver works: the solver is told, and the command ends soon."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import TypeVar

from solvers.port import Cancellation

T = TypeVar("T")
_LOOK_S = 0.1


def interruptible(work: Callable[[Cancellation], T]) -> T:
    """Return what the work returns, done in a thread; on Ctrl-C it is told to stop, and `KeyboardInterrupt` goes on.

    A solver that runs in this thread would not let Python see the signal before it has ended.
    """
    cancellation = Cancellation()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work, cancellation)
        try:
            while True:
                try:
                    return done.result(_LOOK_S)
                except NotYet:
                    if done.done():
                        raise
        except KeyboardInterrupt:
            cancellation.request()
            raise
