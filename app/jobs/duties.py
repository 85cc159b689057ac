"""What a process does every so often: show that it lives, heed cancellations, take over from the dead, clean up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.jobs.calls import Calls
from app.jobs.executor import beat_every_s
from app.jobs.running import Stop
from app.jobs.store import Executor, Store
from app.jobs.takeover import Takeover
from app.jobs.worker import Worker
from app.jobs.workflows import Workflows
from app.settings import Settings

log = structlog.get_logger("milpwright.jobs")


class Duties:
    """The periodic work of one process. Each duty returns the seconds until it is due again."""

    def __init__(
        self,
        settings: Settings,
        executor: Executor,
        worker: Worker,
        takeover: Takeover,
        store: Store,
        workflows: Workflows,
        calls: Calls,
    ) -> None:
        self._settings, self._executor, self._worker, self._takeover = settings, executor, worker, takeover
        self._store, self._workflows, self._calls = store, workflows, calls
        self._beaten_at = time.monotonic()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; the first sign of life has just been given."""
        self._beaten_at = time.monotonic()
        for duty in (self.beat, self.heed_cancellations, self._takeover.look, self.clean):
            self._tasks.append(asyncio.create_task(_forever(duty)))

    async def stop(self) -> None:
        """End them all."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def beat(self) -> float:
        """Show that this process lives; where it could not for too long, stop what others will take over."""
        lease_s, running = self._settings.lease_s, self._worker.running
        try:
            async with asyncio.timeout(lease_s / 2):
                await self._calls(self._store.beat, self._executor)
            self._beaten_at = time.monotonic()
        except (SQLAlchemyError, TimeoutError):
            if time.monotonic() - self._beaten_at > 0.8 * lease_s and running:
                log.error("the lease is lost; other processes take the jobs over", jobs=len(running))
                for job in list(running):
                    self._worker.halt(job, Stop.HANDED_OVER)
            return 0.2
        return beat_every_s(lease_s)

    async def heed_cancellations(self) -> float:
        """Stop the jobs of this process that somebody has cancelled at another one."""
        if self._worker.running:
            for job in await self._calls(self._store.cancellations, self._executor.id):
                self._worker.halt(job, Stop.CANCELLED)
        return 0.2

    async def clean(self) -> float:
        """Delete what is older than the retention."""
        if self._settings.retention_days > 0:
            old = await self._calls(self._store.ended_before, 86_400 * self._settings.retention_days)
            if old:
                await self._calls(self._workflows.delete, self._store, old)
                return 1.0
        return 600.0


async def _forever(duty: Callable[[], Awaitable[float]]) -> None:
    while True:
        try:
            pause_s = await duty()
        except SQLAlchemyError as error:
            log.warning("the database does not answer", duty=duty.__qualname__, error=type(error).__name__)
            pause_s = 0.5
        except Exception:
            log.exception("a duty met a bug", duty=duty.__qualname__)
            pause_s = 5.0
        await asyncio.sleep(pause_s)
