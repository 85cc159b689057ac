"""What a running job tells: its events, written in order and in few transactions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.jobs.job import NewEvent

log = structlog.get_logger("milpwright.jobs")

RETRY_S = 0.5
Write = Callable[[Sequence[NewEvent]], Awaitable[bool]]


class Journal:
    """Collects events and writes them behind the job's back; a failed write is tried again.

    ``write`` returns False where the job is no longer this process's; then nothing more is written and
    ``on_lost`` is called once.
    """

    def __init__(self, write: Write, on_lost: Callable[[], None]) -> None:
        self._write, self._on_lost = write, on_lost
        self._waiting: list[NewEvent] = []
        self._on_its_way: list[NewEvent] = []
        self._writer: asyncio.Task[None] | None = None

    def add(self, event: NewEvent) -> None:
        """Take an event; it is written soon."""
        self._waiting.append(event)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            self._on_its_way = batch
            try:
                if not await self._write(batch):
                    self._on_lost()
                    return
                self._on_its_way = []
            except SQLAlchemyError as error:
                log.warning("events cannot be written yet", error=type(error).__name__)
                self._waiting, self._on_its_way = batch + self._waiting, []
                await asyncio.sleep(RETRY_S)

    async def rest(self) -> list[NewEvent]:
        """Return what has not been written, for whoever writes the end of the job; nothing is written after."""
        writer, self._writer = self._writer, None
        if writer is not None and not writer.done():
            # What is on its way stays in order before the end.
            await asyncio.wait({writer}, timeout=RETRY_S)
            if not writer.done():
                writer.cancel()
        # A write that was given up may have landed; the store writes no event of the transcript twice.
        return self._on_its_way + self._waiting
