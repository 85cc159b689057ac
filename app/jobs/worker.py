"""Works on jobs: one round of a job from its beginning to its end, as many at once as there are slots."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from functools import partial

import structlog
from dbos import error as dbos_errors

from app.errors import Fault, ServiceError, Unavailable
from app.jobs.calls import Calls
from app.jobs.codec import decode
from app.jobs.job import Job, JobState, NewEvent, failure, workflow_id
from app.jobs.journal import Journal
from app.jobs.running import Run, RunningJob, Stop, Work
from app.jobs.steps import CheckpointedSteps, KindLimits
from app.jobs.store import Executor, Store
from app.jobs.watch import Watch
from app.observability import JOBS_ENDED, STEP_SECONDS
from app.settings import Settings
from app.tracing import span
from app.wire import answer_json
from formulation.answer import AgentUsage, Answer, AnsweredTermination, Status
from formulation.chat.errors import ChatUnavailable
from formulation.events import Event
from formulation.problem import Problem

log = structlog.get_logger("milpwright.jobs")


class Worker:
    """The jobs under way in this process.

    ``running`` are those that are worked on; ``in_hand`` the workflows from before their job is written as this
    process's until it is over; ``taken`` those that were given a slot when they were submitted.
    """

    def __init__(
        self, settings: Settings, work: Work, executor: Executor, store: Store, calls: Calls, watch: Watch
    ) -> None:
        self._work, self._executor, self._store, self._calls, self._watch = work, executor, store, calls, watch
        self._limits = KindLimits.of(model=settings.model_calls, sandbox=settings.sandboxes, solve=settings.solves)
        self.slots = asyncio.Semaphore(settings.slots)
        self.running: dict[str, RunningJob] = {}
        self.in_hand: set[str] = set()
        self.taken: set[str] = set()
        self.draining = False

    def halt(self, job: str, why: Stop) -> None:
        """Tell a job to stop, where it is worked on here."""
        if (running := self.running.get(job)) is not None:
            running.halt(why)

    async def hand_over(self, seconds: float) -> None:
        """Tell every job to stop, and wait at most so long until they have."""
        for running in list(self.running.values()):
            running.halt(Stop.HANDED_OVER)
        if tasks := {running.task for running in self.running.values() if running.task is not None}:
            await asyncio.wait(tasks, timeout=seconds)

    async def perform(self, job_id: str, round_: int) -> None:
        """Work on one round of a job until it is over.

        Raises `asyncio.CancelledError` where the round is not this process's to end any more: dbos then writes
        nothing, and whoever takes the job over goes on from the last checkpoint.
        """
        workflow = workflow_id(job_id, round_)
        if workflow in self.taken:
            self.taken.discard(workflow)
        else:
            await self.slots.acquire()
        try:
            if self.draining:
                raise asyncio.CancelledError
            self.in_hand.add(workflow)
            begun = await self._calls.insist(self._store.begin, job_id, round_, self._executor.id)
            if begun is not None:
                job, ran_s = begun
                await self._tell_and_run(job, job.time_limit_s - ran_s)
        finally:
            self.in_hand.discard(workflow)
            self.slots.release()

    async def _tell_and_run(self, job: Job, left_s: float) -> None:
        running = RunningJob(job, Journal(partial(self._write_events, job), lambda: running.halt(Stop.HANDED_OVER)))
        self.running[job.id] = running
        try:
            with structlog.contextvars.bound_contextvars(job_id=job.id, request_id=job.request_id):
                running.journal.add(NewEvent("started", json.dumps({"executor": self._executor.id})))
                await self._run(running, left_s)
        finally:
            self.running.pop(job.id, None)
            self._watch.tell(job.id)

    async def _run(self, running: RunningJob, left_s: float) -> None:
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

        running.task = asyncio.create_task(self._answer(job, left_s, run, self._steps(running, run)))
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

    def _steps(self, running: RunningJob, run: Run) -> CheckpointedSteps:
        def on_event(event: Event, recorded: bool) -> None:  # noqa: FBT001 - a callback
            spent = getattr(event, "spent", None)
            if isinstance(spent, AgentUsage):
                running.cost += spent.cost
            if recorded:
                run.recorded(event)

        return CheckpointedSteps(
            run.perform,
            running.journal,
            self._limits,
            on_step=lambda kind, seconds: STEP_SECONDS.labels(kind).observe(seconds),
            on_event=on_event,
        )

    async def _answer(self, job: Job, left_s: float, run: Run, steps: CheckpointedSteps) -> Answer | NewEvent:
        # The data may be large, and no other job shall wait for it to be read.
        problem = await self._calls(lambda: decode(Problem, json.loads(job.problem)))
        try:
            async with asyncio.timeout(max(left_s, 0.0)) as scope:
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
        document = failure(running.job, error)
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
        ended = await self._calls.insist(
            self._store.finish,
            job.id,
            job.round,
            self._executor.id,
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
        last = await self._calls(self._store.append, job.id, job.round, self._executor.id, new)
        self._watch.tell(job.id)
        return last is not None
