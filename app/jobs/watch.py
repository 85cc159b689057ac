"""Who waits for news of a job, and how the news comes: at once from this process, by a look at the rows from others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from sqlalchemy.exc import SQLAlchemyError

from app.jobs.job import JobState

Head = tuple[int, JobState]


class Watch:
    """Wakes those who wait for a job. One query an interval serves all of them.

    ``heads`` returns the number of the last event and the state of each job asked for.
    """

    def __init__(self, heads: Callable[[Sequence[str]], Awaitable[dict[str, Head]]], *, interval_s: float) -> None:
        self._heads, self._interval_s = heads, interval_s
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._seen: dict[str, Head] = {}
        self._poller: asyncio.Task[None] | None = None

    @property
    def waited_for(self) -> frozenset[str]:
        """The jobs that somebody waits for."""
        return frozenset(self._waiting)

    def tell(self, job: str) -> None:
        """Wake those who wait for this job."""
        for bell in self._waiting.get(job, ()):
            bell.set()

    @asynccontextmanager
    async def on(self, job: str) -> AsyncIterator[asyncio.Event]:
        """Give an event that is set whenever there is news; the one who waits clears it."""
        bell = asyncio.Event()
        self._waiting.setdefault(job, set()).add(bell)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            yield bell
        finally:
            bells = self._waiting[job]
            bells.discard(bell)
            if not bells:
                del self._waiting[job]
                self._seen.pop(job, None)

    async def _poll(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._interval_s)
            with suppress(SQLAlchemyError):
                for job, head in (await self._heads(list(self._waiting))).items():
                    if self._seen.get(job) != head:
                        self._seen[job] = head
                        self.tell(job)

    def close(self) -> None:
        """Stop looking."""
        if self._poller is not None:
            self._poller.cancel()
