"""The jobs of this process: taken in, worked on, taken over from dead processes, handed over when this one stops."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import partial
from typing import Any, ClassVar, Protocol, TypeVar

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, SetWorkflowID
from dbos import error as dbos_errors
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from app.errors import Conflict, Fault, NotFound, ServiceError, Unavailable
from app.jobs.codec import decode, encode
from app.jobs.database import make_engine, migrate
from app.jobs.executor import is_dead, machine_id, this_executor
from app.jobs.job import Job, JobEvent, JobState, NewEvent, NewJob, workflow_id
from app.jobs.journal import Journal
from app.jobs.steps import CheckpointedSteps, KindLimits
from app.jobs.store import Executor, QueueLimits, Store
from app.jobs.watch import Watch
from app.observability import JOBS_ENDED, STEP_SECONDS, redact
from app.settings import Settings
from app.tracing import span
from app.wire import answer_json
from formulation.answer import AgentUsage, Answer, AnsweredTermination, Status
from formulation.chat.errors import ChatUnavailable
from formulation.events import Event, Step
from formulation.loop import Perform
from formulation.problem import Problem

log = structlog.get_logger("milpwright.jobs")

JOBS_VERSION = "1"
"""Raised whenever the steps of a run change their order or what they end with; see docs/operations.md."""

QUEUE = "milpwright-jobs"
WORKFLOW = "milpwright-job"
ORPHAN_S = 5.0
SHUT_OUT_S = 5.0
START_S = 60.0

T = TypeVar("T")


class Work(Protocol):
    """How a job is worked on; the runtime sees to everything around it."""

    def begin(self, running: RunningJob) -> Run:
        """Return one run at a job."""


class Run(Protocol):
    """One run at a job, in one process."""

    async def perform(self, step: Step) -> Event:
        """Return the event that a step ends with. Cancelling the task ends solvers and child processes."""

    def recorded(self, event: Event) -> None:
        """Take note of an event that an earlier run, which was cut off, ended a step with."""

    async def answer(self, problem: Problem, perform: Perform) -> Answer | NewEvent:
        """Return the answer, all steps performed by ``perform``; or an event, for a job that ends with no answer."""


class Role(StrEnum):
    """What a process does: take jobs in, work on them, or both."""

    ALL = "all"
    API = "api"
    WORKER = "worker"


class Stop(Enum):
    """Why a running job is told to stop."""

    CANCELLED = "cancelled"
    HANDED_OVER = "handed over"


@dataclass(slots=True, eq=False)
class RunningJob:
    """A job that this process works on.

    ``progress`` tells of a solver's incumbents and bounds, and of how much of a chat model's reply has come.
    """

    job: Job
    journal: Journal
    task: asyncio.Task[Answer | NewEvent] | None = None
    stop: Stop | None = None
    cost: float = 0.0
    _progress_at: float = field(default=0.0)

    PROGRESS_EVERY_S: ClassVar[float] = 0.1

    def halt(self, why: Stop) -> None:
        """Tell the job to stop; its steps end their child processes and solvers."""
        if self.stop is None:
            self.stop = why
        if self.task is not None:
            self.task.cancel()

    def progress(self, fields: dict[str, Any]) -> None:
        """Tell where a step stands, ten times a second at most."""
        # JSON has no infinities: a bound that is none yet is left out.
        fields = {name: value for name, value in fields.items() if not isinstance(value, float) or math.isfinite(value)}
        now = time.monotonic()
        if now - self._progress_at >= self.PROGRESS_EVERY_S:
            self._progress_at = now
            self.journal.add(NewEvent("progress", json.dumps(fields)))


class Runtime:
    """The durable jobs of one process. dbos allows one of them in a process at a time."""

    _current: ClassVar[Runtime | None] = None

    def __init__(self, settings: Settings, work: Work, *, role: Role = Role.ALL) -> None:
        self.settings, self.role = settings, role
        self._work = work
        self.executor: Executor = this_executor(role, JOBS_VERSION)
        self.engine = make_engine(settings.database_url, name=self.executor.id)
        self.store = Store(self.engine)
        self.watch = Watch(partial(self.io, self.store.heads), interval_s=settings.watch_poll_s)
        self.running: dict[str, RunningJob] = {}
        self.draining = False
        self._threads = ThreadPoolExecutor(24, thread_name_prefix="milpwright-db")
        self._limits = KindLimits.of(model=settings.model_calls, sandbox=settings.sandboxes, solve=settings.solves)
        self._slots = asyncio.Semaphore(settings.slots)
        self._taken: set[str] = set()
        self._in_hand: set[str] = set()  # from before a job is written as this process's until it is over
        self._tasks: list[asyncio.Task[None]] = []
        self._dbos: DBOS | None = None
        self._client: DBOSClient | None = None
        self._beaten_at = time.monotonic()

    @classmethod
    def current(cls) -> Runtime:
        """Return the runtime that has been started in this process."""
        if cls._current is None:
            raise RuntimeError("no runtime has been started in this process")
        return cls._current

    async def io(self, function: Callable[..., T], *arguments: object, **named: object) -> T:
        """Return what a blocking call returns, made in a thread."""
        call = partial(function, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    # Life

    async def start(self) -> None:
        """Migrate the database, join those who work on its jobs, and take over what this machine's dead left.

        A database that does not answer yet is waited for; raises its error after `START_S`.
        """
        if Runtime._current is not None:
            raise RuntimeError("a runtime has been started in this process already")
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
        self._beaten_at = time.monotonic()
        for duty in (self._beat, self._heed_cancellations, self._take_over, self._clean):
            self._tasks.append(asyncio.create_task(self._forever(duty)))
        log.warning("ready", executor=self.executor.id, role=self.role.value)

    async def _join(self) -> None:
        await self.io(migrate, self.engine)
        Runtime._current = self
        try:
            self._dbos = DBOS(
                config={
                    "name": "milpwright",
                    "system_database_url": _dbos_url(self.settings.database_url),
                    "system_database_engine": self.engine,
                    "executor_id": self.executor.id,
                    "application_version": JOBS_VERSION,
                    "serializer": DBOSPortableJSONSerializer(),
                    "log_level": "WARNING",
                    "max_executor_threads": 64,
                    "use_listen_notify": False,
                    "enable_otlp": False,
                }
            )
            DBOS.listen_queues([QUEUE] if self.works else [])
            # The loop of this thread becomes the one on which dbos runs workflows from the queue.
            DBOS.launch()
            await self.io(
                DBOS.register_queue,
                QUEUE,
                worker_concurrency=self.settings.slots,
                polling_interval_sec=self.settings.queue_poll_s,
                on_conflict="always_update",
            )
            self._client = queue_client(self.engine)
            await self.io(self.store.beat, self.executor)
        except BaseException:
            Runtime._current = None
            DBOS.destroy()
            raise

    @property
    def works(self) -> bool:
        """Whether this process works on jobs."""
        return self.role is not Role.API

    def begin_drain(self) -> None:
        """Take nothing more in, neither from clients nor from the queue; what runs goes on, who waits is told."""
        self.draining = True
        for event in self._dbos.background_thread_stop_events if self._dbos else ():
            event.set()
        for job in self.watch.waited_for:
            self.watch.tell(job)

    async def stop(self) -> None:
        """Take nothing more in, let what runs end for a while, hand the rest over, and leave."""
        self.begin_drain()
        deadline = time.monotonic() + self.settings.drain_s
        while self.running and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.watch.close()
        for running in list(self.running.values()):
            running.halt(Stop.HANDED_OVER)
        if tasks := {running.task for running in self.running.values() if running.task is not None}:
            await asyncio.wait(tasks, timeout=2.0)
        await asyncio.get_running_loop().run_in_executor(self._threads, DBOS.destroy)
        try:
            await self._hand_over()
        except SQLAlchemyError as error:
            log.warning("this process could not sign off; its lease will end", error=type(error).__name__)
        Runtime._current = None
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.engine.dispose()

    async def _hand_over(self) -> None:
        """Put what this process has claimed back into the queue, and sign off."""
        left = {job.workflow: job for job in await self.io(self.store.running_of, self.executor.id)}
        for workflow in {*left, *await self._claimed(self.executor.id)}:
            await self._resume(left.get(workflow), workflow)
        await self.io(self.store.forget_executor, self.executor.id)

    async def _claimed(self, executor: str) -> list[str]:
        assert self._client is not None  # noqa: S101 - start made it
        found = await self.io(
            self._client.list_workflows, status="PENDING", executor_id=executor, load_input=False, load_output=False
        )
        return [workflow.workflow_id for workflow in found]

    # What is asked of it

    async def submit(self, new: NewJob) -> tuple[Job, bool]:
        """Return the job and whether it is new. Raises `Conflict`, `TooManyRequests` and `Unavailable`."""
        if self.draining:
            raise Unavailable("This process is shutting down. Ask again; another one will answer.", retry_after_s=1)
        settings = self.settings
        room = self.works and not self._slots.locked()
        if room:
            await self._slots.acquire()
        taken = False
        try:
            job, is_new = await self.io(
                self.store.submit,
                new,
                version=JOBS_VERSION,
                limits=QueueLimits(settings.max_queued, settings.max_queued_per_client),
                enqueue=self._enqueue,
                take=self.executor.id if room else None,
            )
            if is_new and job.state is JobState.RUNNING:
                self._taken.add(job.workflow)
                with SetWorkflowID(job.workflow):
                    await DBOS.start_workflow_async(job_workflow, job.id, job.round)
                taken = True
            return job, is_new
        finally:
            if room and not taken:
                self._slots.release()

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
        if (running := self.running.get(job)) is not None and found.state is JobState.RUNNING:
            running.halt(Stop.CANCELLED)
        self.watch.tell(job)
        return found

    async def answer_questions(self, job: Job, problem: Problem, answers: dict[str, str]) -> Job:
        """Queue the next round of a job, with what its questions were answered. Raises `Conflict`."""
        if job.state is not JobState.FINISHED or job.status not in ("needs_answers", "not_understood"):
            raise Conflict(f"The job {job.id!r} asks nothing: it is {job.status or job.state}.")
        body = json.dumps(encode(problem), separators=(",", ":"))
        event = NewEvent("answers_given", json.dumps({"answers": answers}))
        reopened = await self.io(self.store.reopen, job, body, event, version=JOBS_VERSION, enqueue=self._enqueue)
        self.watch.tell(job.id)
        return reopened

    def _enqueue(self, connection: sa.Connection, job: Job) -> None:
        assert self._client is not None  # noqa: S101 - start made it
        enqueue(self._client, connection, job)

    # The work itself

    async def run(self, job_id: str, round_: int) -> None:
        """Work on one round of a job until it is over.

        Raises `asyncio.CancelledError` where the round is not this process's to end any more: dbos then writes
        nothing, and whoever takes the job over goes on from the last checkpoint.
        """
        workflow = workflow_id(job_id, round_)
        if workflow in self._taken:
            self._taken.discard(workflow)
        else:
            await self._slots.acquire()
        try:
            if self.draining:
                raise asyncio.CancelledError
            self._in_hand.add(workflow)
            job = await self._insist(self.store.begin, job_id, round_, self.executor.id)
            if job is not None:
                await self._run_as(job)
        finally:
            self._in_hand.discard(workflow)
            self._slots.release()

    async def _run_as(self, job: Job) -> None:
        running = RunningJob(job, Journal(partial(self._write_events, job), lambda: running.halt(Stop.HANDED_OVER)))
        self.running[job.id] = running
        try:
            with structlog.contextvars.bound_contextvars(job_id=job.id, request_id=job.request_id):
                running.journal.add(NewEvent("started", json.dumps({"executor": self.executor.id})))
                await self._run(running)
        finally:
            self.running.pop(job.id, None)
            self.watch.tell(job.id)

    async def _run(self, running: RunningJob) -> None:
        job = running.job
        try:
            run = self._work.begin(running)
        except ChatUnavailable as error:
            await self._fail(running, Unavailable(str(error)))
            return
        except Exception:
            log.exception("a job could not be begun")
            await self._fail(running, Fault("The service met a bug. Its log holds the cause under the job's id."))
            return

        def on_event(event: Event, recorded: bool) -> None:  # noqa: FBT001 - a callback
            spent = getattr(event, "spent", None)
            if isinstance(spent, AgentUsage):
                running.cost += spent.cost
            if recorded:
                run.recorded(event)

        steps = CheckpointedSteps(
            run.perform,
            running.journal,
            self._limits,
            on_step=lambda kind, seconds: STEP_SECONDS.labels(kind).observe(seconds),
            on_event=on_event,
        )
        problem = decode(Problem, json.loads(job.problem))
        running.task = asyncio.create_task(self._answer(job, problem, run, steps))
        if running.stop is not None or job.cancel_requested:
            running.halt(running.stop or Stop.CANCELLED)
        try:
            answer = await running.task
        except asyncio.CancelledError:
            if running.stop is Stop.CANCELLED:
                await self._finish(running, JobState.CANCELLED, NewEvent("cancelled"))
                return
            raise
        except (dbos_errors.DBOSException, dbos_errors.DBOSBaseException):
            log.info("the job has gone to another process")
            raise
        except ServiceError as error:
            await self._fail(running, error)
        except Exception:
            log.exception("a bug ended a job")
            await self._fail(running, Fault("The service met a bug. Its log holds the cause under the job's id."))
        else:
            if isinstance(answer, NewEvent):
                await self._finish(running, JobState.FINISHED, answer)
                return
            body = answer_json(answer).model_dump_json()
            event = NewEvent("finished", json.dumps({"status": answer.status.value, "confident": answer.confident}))
            await self._finish(running, JobState.FINISHED, event, status=answer.status.value, answer=body)

    async def _answer(self, job: Job, problem: Problem, run: Run, steps: CheckpointedSteps) -> Answer | NewEvent:
        left = job.time_limit_s - (time.time() - (job.started_at or time.time()))
        try:
            async with asyncio.timeout(max(left, 0.0)) as scope:
                with span("job", {"milpwright.job": job.id, "milpwright.round": job.round}) as spanned:
                    answer = await run.answer(problem, steps)
                    if isinstance(answer, Answer):
                        spanned.set({"milpwright.status": answer.status.value})
                    return answer
        except TimeoutError:
            if not scope.expired():
                raise
            detail = f"the job's time limit of {job.time_limit_s:g} s; give it more with time_limit_s"
            return Answer(Status.NO_SOLUTION, AnsweredTermination("limit", "time", detail), text=problem.text)

    async def _fail(self, running: RunningJob, error: ServiceError) -> None:
        document = json.dumps(
            error.document(instance=f"/v1/jobs/{running.job.id}", request_id=running.job.request_id or "")
        )
        await self._finish(running, JobState.FAILED, NewEvent("failed", document), error=document)

    async def _finish(
        self,
        running: RunningJob,
        state: JobState,
        event: NewEvent,
        *,
        status: str | None = None,
        answer: str | None = None,
        error: str | None = None,
    ) -> None:
        job = running.job
        ended = await self._insist(
            self.store.finish,
            job.id,
            job.round,
            self.executor.id,
            state,
            [*await running.journal.rest(), event],
            status=status,
            answer=answer,
            error=error,
            cost=running.cost,
        )
        if not ended:
            raise asyncio.CancelledError
        JOBS_ENDED.labels(state.value, status or "").inc()
        log.info("job ended", state=state.value, status=status, seconds=round(time.time() - job.created_at, 3))

    async def _write_events(self, job: Job, new: Sequence[NewEvent]) -> bool:
        last = await self.io(self.store.append, job.id, job.round, self.executor.id, new)
        self.watch.tell(job.id)
        return last is not None

    async def _insist(self, function: Callable[..., T], *arguments: object, **named: object) -> T:
        """Return what a database call returns, tried again while the database cannot be reached or written."""
        pause_s = 0.1
        while True:
            try:
                return await self.io(function, *arguments, **named)
            except SQLAlchemyError as error:
                log.warning("the database does not answer; trying again", error=type(error).__name__)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, 2.0)

    # Duties

    async def _forever(self, duty: Callable[[], Awaitable[float]]) -> None:
        while True:
            try:
                pause_s = await duty()
            except SQLAlchemyError as error:
                log.warning("the database does not answer", duty=duty.__name__, error=type(error).__name__)
                pause_s = 0.5
            except Exception:
                log.exception("a duty met a bug", duty=duty.__name__)
                pause_s = 5.0
            await asyncio.sleep(pause_s)

    async def _beat(self) -> float:
        """Show that this process lives; where it could not for too long, stop what others will take over."""
        lease_s = self.settings.lease_s
        try:
            async with asyncio.timeout(lease_s / 2):
                await self.io(self.store.beat, self.executor)
            self._beaten_at = time.monotonic()
        except (SQLAlchemyError, TimeoutError):
            if time.monotonic() - self._beaten_at > 0.8 * lease_s and self.running:
                log.error("the lease is lost; other processes take the jobs over", jobs=len(self.running))
                for running in list(self.running.values()):
                    running.halt(Stop.HANDED_OVER)
            return 0.2
        return lease_s / 5

    async def _heed_cancellations(self) -> float:
        if self.running:
            for job in await self.io(self.store.cancellations, self.executor.id):
                if (running := self.running.get(job)) is not None:
                    running.halt(Stop.CANCELLED)
        return 0.2

    async def _take_over(self) -> float:
        """Resume the jobs of dead processes, and what this one lost hold of."""
        now, known = await self.io(self.store.executors)
        machine, alive = machine_id(), []
        for other in known:
            if other.id == self.executor.id:
                continue
            if is_dead(other, machine=machine, now=now, lease_s=self.settings.lease_s):
                await self._take_over_from(other)
            else:
                alive.append(other)
        for job in await self.io(self.store.running_of, self.executor.id):
            if job.workflow not in self._in_hand and time.time() - (job.started_at or 0) > ORPHAN_S:
                await self._resume(job, job.workflow)
        await self._settle_other_versions(alive)
        return min(2.0, self.settings.lease_s / 5)

    async def _take_over_from(self, dead: Executor) -> None:
        if not await self.io(self.store.claim_dead, dead):
            return
        await self._shut_out(dead)
        left = {job.workflow: job for job in await self.io(self.store.running_of, dead.id)}
        workflows = {*left, *await self._claimed(dead.id)}
        for workflow in workflows:
            await self._resume(left.get(workflow), workflow)
        await self.io(self.store.forget_executor, dead.id)
        log.warning("the jobs of a dead process were taken over", executor=dead.id, jobs=len(workflows))

    async def _shut_out(self, dead: Executor) -> None:
        """End what a dead process has left under way at the database, so that nothing of it is written from now on.

        A transaction of a killed process may still be committed, and one of a process that is cut off holds its
        locks; a step whose end was written only then would be performed twice.
        """
        deadline = time.monotonic() + SHUT_OUT_S
        while await self.io(self.store.disconnect, dead.id) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)

    async def _resume(self, job: Job | None, workflow: str) -> None:
        assert self._client is not None  # noqa: S101 - start made it
        try:
            await self.io(self._client.resume_workflow, workflow, queue_name=QUEUE)
        except dbos_errors.DBOSNonExistentWorkflowError:
            # The process died between taking the job and starting its workflow.
            if job is not None:
                await self.io(self._enqueue_alone, job)

    def _enqueue_alone(self, job: Job) -> None:
        with self.engine.begin() as connection:
            self._enqueue(connection, job)

    async def _settle_other_versions(self, alive: Sequence[Executor]) -> None:
        """Move waiting jobs of versions that no living process runs to this one; fail those that were begun."""
        versions = {executor.version for executor in alive} | {JOBS_VERSION}
        for job in await self.io(self.store.open_of_other_versions, JOBS_VERSION):
            if job.version in versions:
                continue
            if job.state is JobState.QUEUED:
                await self.io(self.store.requeue, job, version=JOBS_VERSION, enqueue=self._enqueue)
            else:
                error = Unavailable(
                    f"The job was begun by a version of milpwright (jobs version {job.version}) that no process runs "
                    "any more, and its checkpoints cannot be read by this one. Submit the problem again."
                )
                document = json.dumps(error.document(instance=f"/v1/jobs/{job.id}", request_id=job.request_id or ""))
                await self.io(self.store.fail_version, job.version, document)

    async def _clean(self) -> float:
        """Delete what is older than the retention."""
        if self.settings.retention_days > 0:
            moment = time.time() - 86_400 * self.settings.retention_days
            old = await self.io(self.store.ended_before, moment)
            if old:
                await self.delete(old)
                return 1.0
        return 600.0

    async def delete(self, old: Sequence[Job]) -> None:
        """Delete jobs with their events, checkpoints and workflows."""
        assert self._client is not None  # noqa: S101 - start made it
        await self.io(delete_jobs, self._client, self.store, old)


async def _work_on(job: str, round_: int) -> None:
    """One round of a job as a durable workflow; the runtime of this process works on it."""
    await Runtime.current().run(job, round_)


def queue_client(engine: sa.Engine) -> DBOSClient:
    """Return a client that puts workflows into the queue of a database and takes them out; it performs none."""
    return DBOSClient(
        system_database_engine=engine,
        serializer=DBOSPortableJSONSerializer(),
        application_name="milpwright",
        lazy=True,
    )


def enqueue(client: DBOSClient, connection: sa.Connection, job: Job) -> None:
    """Put a job's round into the queue, in the transaction that writes the job."""
    client.enqueue_in_transaction(
        connection,
        {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": job.workflow,
            "app_version": JOBS_VERSION,
            "priority": min(max(job.tag, 1), 2**31 - 1),
        },
        job.id,
        job.round,
    )


def delete_jobs(client: DBOSClient, store: Store, old: Sequence[Job]) -> None:
    """Delete jobs with their events, checkpoints and workflows."""
    client.delete_workflows([workflow_id(job.id, round_) for job in old for round_ in range(job.round + 1)])
    store.delete([job.id for job in old])


job_workflow = DBOS.workflow(name=WORKFLOW)(_work_on)


def _dbos_url(url: str) -> str:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    return parsed.render_as_string(hide_password=False)
