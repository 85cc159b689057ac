"""The jobs of one process: its start and stop, and what clients ask of it. The parts behind it:

`worker` works on jobs (`steps` checkpoints what they do, `journal` writes what they tell), `workflows` holds them in
dbos, `duties` are done every so often, `takeover` sees to the jobs of the dead, `watch` wakes who waits, `store` has
the rows.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from functools import partial

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from app.errors import Conflict, NotFound, Unavailable
from app.jobs.calls import Calls
from app.jobs.codec import encode
from app.jobs.database import make_engine, migrate
from app.jobs.duties import Duties
from app.jobs.executor import this_executor
from app.jobs.job import Job, JobEvent, JobState, NewEvent, NewJob
from app.jobs.running import RunningJob, Stop, Work
from app.jobs.store import Executor, QueueLimits, Store
from app.jobs.takeover import Takeover
from app.jobs.watch import Watch
from app.jobs.worker import Worker
from app.jobs.workflows import JOBS_VERSION, Performer, Workflows
from app.observability import redact
from app.settings import Settings
from formulation.problem import Problem

log = structlog.get_logger("milpwright.jobs")

START_S = 60.0


class Role(StrEnum):
    """What a process does: take jobs in, work on them, or both."""

    ALL = "all"
    API = "api"
    WORKER = "worker"


class Runtime:
    """The durable jobs of one process, of which there is one in a process at a time."""

    def __init__(self, settings: Settings, work: Work, *, role: Role = Role.ALL) -> None:
        self.settings, self.role = settings, role
        self.executor: Executor = this_executor(role, JOBS_VERSION)
        self.engine = make_engine(settings.database_url, name=self.executor.id)
        self.store = Store(self.engine)
        self.workflows = Workflows(self.engine)
        self.io = Calls()
        self.watch = Watch(partial(self.io, self.store.heads), interval_s=settings.watch_poll_s)
        self.worker = Worker(settings, work, self.executor, self.store, self.io, self.watch)
        self.takeover = Takeover(self.executor, settings.lease_s, self.worker, self.store, self.workflows, self.io)
        self.duties = Duties(settings, self.executor, self.worker, self.takeover, self.store, self.workflows, self.io)
        self._performer = Performer(self.engine, settings.database_url, self.executor, self.worker.perform)

    @property
    def works(self) -> bool:
        """Whether this process works on jobs."""
        return self.role is not Role.API

    @property
    def running(self) -> dict[str, RunningJob]:
        """The jobs that this process works on, by id."""
        return self.worker.running

    @property
    def draining(self) -> bool:
        """Whether this process takes nothing more in."""
        return self.worker.draining

    # Life

    async def start(self) -> None:
        """Migrate the database, join those who work on its jobs, and take over what this machine's dead left.

        A database that does not answer yet is waited for; raises its error after `START_S`.
        """
        deadline = time.monotonic() + START_S
        while True:
            try:
                await self._join()
                break
            except OperationalError as error:
                if time.monotonic() > deadline:
                    raise
                log.warning("the database does not answer yet", error=redact(str(error.orig)))
                await asyncio.sleep(1.0)
        self.duties.start()
        log.warning("ready", executor=self.executor.id, role=self.role.value)

    async def _join(self) -> None:
        await self.io(migrate, self.engine)
        self._performer.launch(from_queue=self.works)
        try:
            await self.io(self._performer.register_queue, slots=self.settings.slots, poll_s=self.settings.queue_poll_s)
            await self.io(self.store.beat, self.executor)
        except BaseException:
            self._performer.close()
            self._performer.leave()
            raise

    def begin_drain(self) -> None:
        """Take nothing more in, neither from clients nor from the queue; what runs goes on, who waits is told."""
        self.worker.draining = True
        self._performer.stop_fetching()
        for job in self.watch.waited_for:
            self.watch.tell(job)

    async def stop(self) -> None:
        """Take nothing more in, let what runs end for a while, hand the rest over, and leave."""
        self.begin_drain()
        deadline = time.monotonic() + self.settings.drain_s
        while self.running and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        await self.duties.stop()
        self.watch.close()
        await self.worker.hand_over(seconds=2.0)
        await self.io(self._performer.close)
        try:
            await self.takeover.sign_off()
        except SQLAlchemyError as error:
            log.warning("this process could not sign off; its lease will end", error=type(error).__name__)
        self._performer.leave()
        self.io.close()
        self.engine.dispose()

    # What is asked of it

    async def submit(self, new: NewJob) -> tuple[Job, bool]:
        """Return the job and whether it is new. Raises `Conflict`, `TooManyRequests` and `Unavailable`."""
        if self.draining:
            raise Unavailable("This process is shutting down. Ask again; another one will answer.", retry_after_s=1)
        settings = self.settings
        worker = self.worker
        room = self.works and not worker.slots.locked()
        if room:
            await worker.slots.acquire()
        taken = False
        try:
            job, is_new = await self.io(
                self.store.submit,
                new,
                version=JOBS_VERSION,
                limits=QueueLimits(settings.max_queued, settings.max_queued_per_client),
                enqueue=self.workflows.enqueue,
                take=self.executor.id if room else None,
            )
            if is_new and job.state is JobState.RUNNING:
                worker.taken.add(job.workflow)
                await self._performer.start(job)
                taken = True
            return job, is_new
        finally:
            if room and not taken:
                worker.slots.release()

    async def wait(self, job: str, owner: str | None, seconds: float) -> Job:
        """Return the job once it is over, or as it is after so many seconds. Raises `NotFound`."""
        deadline = time.monotonic() + seconds
        async with self.watch.on(job) as bell:
            while True:
                bell.clear()
                found = await self.io(self.store.get, job, owner)
                left = deadline - time.monotonic()
                if found.state.over or left <= 0 or self.draining:
                    return found
                try:
                    await asyncio.wait_for(bell.wait(), left)
                except TimeoutError:
                    return await self.io(self.store.get, job, owner)

    async def follow(self, job: str, after: int = 0) -> AsyncIterator[JobEvent]:
        """Yield a job's events after a number as they come, until the job is over and all are told.

        Ends early where the job is deleted or the database does not answer: who follows can come back and be told.
        """
        async with self.watch.on(job) as bell:
            while True:
                bell.clear()
                try:
                    over = (await self.io(self.store.get, job)).state.over
                    told = await self.io(self.store.events, job, after)
                except (NotFound, SQLAlchemyError) as error:
                    log.warning("nothing more can be told of a job", job_id=job, error=type(error).__name__)
                    return
                for event in told:
                    after = event.seq
                    yield event
                if told:
                    continue
                if over or self.draining:
                    return
                await bell.wait()

    async def cancel(self, job: str, owner: str | None) -> Job:
        """Ask for a job to stop and return it. Raises `NotFound`."""
        found = await self.io(self.store.request_cancel, job, owner)
        if found.state is JobState.RUNNING:
            self.worker.halt(job, Stop.CANCELLED)
        self.watch.tell(job)
        return found

    async def answer_questions(self, job: Job, problem: Problem, answers: dict[str, str]) -> Job:
        """Queue the next round of a job, with what its questions were answered. Raises `Conflict`."""
        if job.state is not JobState.FINISHED or job.status not in ("needs_answers", "not_understood"):
            raise Conflict(f"The job {job.id!r} asks nothing: it is {job.status or job.state}.")
        body = json.dumps(encode(problem), separators=(",", ":"))
        event = NewEvent("answers_given", json.dumps({"answers": answers}))
        reopened = await self.io(
            self.store.reopen, job, body, event, version=JOBS_VERSION, enqueue=self.workflows.enqueue
        )
        self.watch.tell(job.id)
        return reopened

    async def delete(self, old: Sequence[Job]) -> None:
        """Delete jobs with their events, checkpoints and workflows."""
        await self.io(self.workflows.delete, self.store, old)
