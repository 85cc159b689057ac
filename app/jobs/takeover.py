"""The reaper: the jobs of processes that died, or that no process can go on with, are put back into the queue."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import structlog

from app.errors import Unavailable
from app.jobs.calls import Calls
from app.jobs.executor import beat_every_s, is_dead, machine_id
from app.jobs.job import JobState, failure
from app.jobs.store import Executor, Store
from app.jobs.worker import Worker
from app.jobs.workflows import JOBS_VERSION, Workflows

log = structlog.get_logger("milpwright.jobs")

ORPHAN_S = 5.0
SHUT_OUT_S = 5.0


class Takeover:
    """Takes jobs over for this executor's database, from others and from this process itself."""

    def __init__(
        self, executor: Executor, lease_s: float, worker: Worker, store: Store, workflows: Workflows, calls: Calls
    ) -> None:
        self._executor, self._lease_s, self._worker = executor, lease_s, worker
        self._store, self._workflows, self._calls = store, workflows, calls

    async def look(self) -> float:
        """Resume the jobs of dead processes, and what this one lost hold of; return the seconds to the next look."""
        now, known = await self._calls(self._store.executors)
        machine, alive = machine_id(), []
        for other in known:
            if other.id == self._executor.id:
                continue
            if is_dead(other, machine=machine, now=now, lease_s=self._lease_s):
                await self._take_over_from(other, now)
            else:
                alive.append(other)
        for job in await self._calls(self._store.running_of, self._executor.id):
            if job.workflow not in self._worker.in_hand and now - (job.started_at or 0) > ORPHAN_S:
                await self._calls(self._workflows.resume, job.workflow, job)
        await self._settle_other_versions(alive)
        return min(2.0, self._lease_s / 5)

    async def sign_off(self) -> None:
        """Put what this process has claimed back into the queue, and leave."""
        await self._give_up(self._executor, None)

    async def _take_over_from(self, dead: Executor, now: float) -> None:
        if not await self._calls(self._store.claim_dead, dead):
            return
        await self._shut_out(dead)
        # It may have worked until it was due to show itself again.
        jobs = await self._give_up(dead, min(now, dead.seen_at + beat_every_s(self._lease_s)))
        log.warning("the jobs of a dead process were taken over", executor=dead.id, jobs=jobs)

    async def _give_up(self, executor: Executor, last_seen: float | None) -> int:
        """Put what an executor has claimed back into the queue and forget it; return how much that was."""
        left = {job.workflow: job for job in await self._calls(self._store.hand_over, executor.id, last_seen)}
        workflows = {*left, *await self._calls(self._workflows.claimed, executor.id)}
        for workflow in workflows:
            await self._calls(self._workflows.resume, workflow, left.get(workflow))
        await self._calls(self._store.forget_executor, executor.id)
        return len(workflows)

    async def _shut_out(self, dead: Executor) -> None:
        """End what a dead process has left under way at the database, so that nothing of it is written from now on.

        A transaction of a killed process may still be committed, and one of a process that is cut off holds its
        locks; a step whose end was written only then would be performed twice.
        """
        deadline = time.monotonic() + SHUT_OUT_S
        while await self._calls(self._store.disconnect, dead.id) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)

    async def _settle_other_versions(self, alive: Sequence[Executor]) -> None:
        """Move waiting jobs of versions that no living process runs to this one; fail those that were begun."""
        versions = {executor.version for executor in alive} | {JOBS_VERSION}
        for job in await self._calls(self._store.open_of_other_versions, JOBS_VERSION):
            if job.version in versions:
                continue
            if job.state is JobState.QUEUED:
                await self._calls(self._store.requeue, job, version=JOBS_VERSION, enqueue=self._workflows.enqueue)
            else:
                error = Unavailable(
                    f"The job was begun by a version of milpwright (jobs version {job.version}) that no process runs "
                    "any more, and its checkpoints cannot be read by this one. Submit the problem again."
                )
                await self._calls(self._store.fail_version, job.version, failure(job, error))
