"""Ctrl-C while a solver works: the solver is told, and the command ends soon."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from threading import Thread
from typing import Any, TypeVar

import click

from app.cli import INTERRUPTED, heard
from solvers.port import Cancellation

T = TypeVar("T")
_LOOK_S = 0.1
_GRACE_S = 2.0


def interruptible(work: Callable[[Cancellation], T]) -> T:
    """Return what the work returns, done in a thread; on Ctrl-C it is told to stop, and `KeyboardInterrupt` goes on.

    A solver that runs in this thread would not let Python see the signal before it has ended. One that has not
    stopped two seconds after it was told, deep in a phase in which it does not ask, ends with the process.
    """
    cancellation = Cancellation()
    done: Future[T] = Future()
    try:
        Thread(target=_do, args=(work, cancellation, done), daemon=True).start()
        while True:
            try:
                return done.result(_LOOK_S)
            except NotYet:
                if done.done():
                    raise
    except KeyboardInterrupt:
        cancellation.request()
        try:
            done.exception(_GRACE_S)
        except NotYet:
            click.echo("Cancelled.", err=True)
            sys.stdout.flush()
            os._exit(INTERRUPTED)
        raise


def run(work: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns; on Ctrl-C its task is cancelled, and `KeyboardInterrupt` raised after."""
    before = signal.getsignal(signal.SIGINT)
    if before is heard:  # asyncio takes the place of Python's own handler alone
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return asyncio.run(work)
    finally:
        if before is heard:
            signal.signal(signal.SIGINT, heard)


def _do(work: Callable[[Cancellation], T], cancellation: Cancellation, done: Future[T]) -> None:
    try:
        done.set_result(work(cancellation))
    except BaseException as error:
        done.set_exception(error)
