"""Blocking calls of the database, made in threads beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger("milpwright.jobs")

T = TypeVar("T")


class Calls:
    """Makes calls of the database, a number of them at once; each is awaited like a coroutine."""

    def __init__(self, at_once: int = 24) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="milpwright-db")

    async def __call__(self, function: Callable[..., T], *arguments: object, **named: object) -> T:
        """Return what a blocking call returns."""
        call = partial(function, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def insist(self, function: Callable[..., T], *arguments: object, **named: object) -> T:
        """Return what a call returns, tried again while the database cannot be reached or written."""
        pause_s = 0.1
        while True:
            try:
                return await self(function, *arguments, **named)
            except SQLAlchemyError as error:
                log.warning("the database does not answer; trying again", error=type(error).__name__)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, 2.0)

    def close(self) -> None:
        """Make no more calls; those that wait are dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
