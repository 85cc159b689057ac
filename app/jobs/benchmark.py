"""A benchmark run over the service's jobs: each task is a job, which any worker of the database performs.

The run's side (`JobsExecutor`) needs only the database; so does a worker, since a task holds its item and its label.
A task's job ends with an event, its record, and no answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app.errors import Unavailable
from app.jobs.codec import encode
from app.jobs.database import make_engine, migrate
from app.jobs.executor import is_dead, machine_id
from app.jobs.job import Job, JobState, NewEvent, NewJob
from app.jobs.runtime import Role
from app.jobs.store import QueueLimits, Store
from app.jobs.workflows import JOBS_VERSION, Workflows
from benchmarks.errors import MachineryDown
from benchmarks.executor import Task
from benchmarks.perform import given_up
from benchmarks.pool import START_LIMIT_S, WarmWorkers
from benchmarks.record import Record
from formulation.events import Event, Step
from formulation.loop import Perform
from formulation.problem import Problem

TITLE_LENGTH = 120
OWNER = "benchmark"
RECORDED = "recorded"
_TASK = "task"
_POLL_S = 0.05
_LOOK_S = 2.0
"""How often a run looks whether any worker lives."""


def task_of(job: Job) -> Task | None:
    """Return the benchmark's task that a job stands for, None for a problem to be solved."""
    if job.owner != OWNER:
        return None
    document = json.loads(job.problem)
    return Task.from_json(document[_TASK]) if _TASK in document else None


class TaskRun:
    """A worker's side: the task is performed by a process that holds a warm reader, and its record told."""

    def __init__(self, task: Task, readers: WarmWorkers, turns: asyncio.Semaphore) -> None:
        self._task, self._readers, self._turns = task, readers, turns

    async def perform(self, step: Step) -> Event:
        """A task has no steps of its own."""
        raise NotImplementedError

    def recorded(self, event: Event) -> None:
        """A task has no events before its end."""

    async def answer(self, problem: Problem, perform: Perform) -> NewEvent:
        """Return the record as an event. Raises `Unavailable` where the reader cannot go on here."""
        async with self._turns:
            try:
                record = await asyncio.to_thread(self._readers.perform, self._task)
            except asyncio.CancelledError:
                self._readers.abandon(self._task)
                raise
            except MachineryDown as error:
                raise Unavailable(str(error)) from error
        return NewEvent(RECORDED, json.dumps(record.to_json(), allow_nan=False))


class JobsExecutor:
    """Performs tasks as jobs of a database, ``ahead`` of them at once, on the workers that share it.

    A run that was killed finds the jobs that it had under way by ``folder``, its own, and what they have come to.
    A job is deleted once its record is taken; where the run is given up, its jobs are cancelled. Raises
    `MachineryDown` where no worker lives for ``patience_s``, and where a worker's reader cannot go on.
    """

    def __init__(
        self, database_url: str, folder: Path, *, ahead: int, lease_s: float, patience_s: float = 30.0
    ) -> None:
        self._url, self._ahead, self._lease_s, self._patience_s = database_url, ahead, lease_s, patience_s
        self._run_id = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
        self._machine = machine_id()

    def run(self, tasks: Iterator[Task]) -> Iterator[Record]:
        """Yield the records of the tasks as they are done."""
        try:
            engine = make_engine(self._url)
        except ValueError as error:
            raise MachineryDown(str(error)) from error
        store, workflows = Store(engine), Workflows(engine)
        under_way: dict[str, Task] = {}
        try:
            migrate(engine)
            self._require_worker(store)
            yield from self._performed(store, workflows, tasks, under_way)
        except SQLAlchemyError as error:
            raise MachineryDown(f"the database of the jobs does not answer ({type(error).__name__})") from error
        finally:
            try:
                for job in under_way:
                    store.request_cancel(job, OWNER)
            finally:
                workflows.close()
                engine.dispose()

    def _performed(
        self, store: Store, workflows: Workflows, tasks: Iterator[Task], under_way: dict[str, Task]
    ) -> Iterator[Record]:
        exhausted = False
        looked_at = time.monotonic()
        while True:
            while not exhausted and len(under_way) < self._ahead:
                task = next(tasks, None)
                if task is None:
                    exhausted = True
                else:
                    under_way[self._submit(store, workflows, task)] = task
            if not under_way:
                return
            heads = store.heads(list(under_way))
            over = [job for job in under_way if job not in heads or heads[job][1].over]
            for job in over:
                task = under_way.pop(job)
                record = _record_of(store, job, task) if job in heads else None
                if record is None:  # cancelled or deleted by somebody else
                    under_way[self._submit(store, workflows, task)] = task
                    continue
                yield record
                workflows.delete(store, [store.get(job, OWNER)])
            if not over:
                if time.monotonic() - looked_at > _LOOK_S:
                    looked_at = time.monotonic()
                    self._require_worker(store)
                time.sleep(_POLL_S)

    def _submit(self, store: Store, workflows: Workflows, task: Task) -> str:
        """Return the id of the task's job: the one that an earlier part of the run has left, or a new one."""
        key = json.dumps([self._run_id, task.run, *task.key])
        new = NewJob(
            owner=OWNER,
            title=f"{task.item.suite} {task.item.id}"[:TITLE_LENGTH],
            problem=json.dumps({**encode(Problem(task.item.text)), _TASK: task.to_json()}),
            # The worker's own clock ends the task; this one is for a worker that does not.
            time_limit_s=10 * (task.limit_s + START_LIMIT_S),
            idempotency_key=hashlib.sha256(key.encode()).hexdigest(),
        )
        while True:
            job, is_new = store.submit(
                new,
                version=JOBS_VERSION,
                limits=QueueLimits(1_000_000, 1_000_000),
                enqueue=workflows.enqueue,
            )
            if is_new or job.state not in (JobState.CANCELLED, JobState.FAILED):
                return job.id
            workflows.delete(store, [job])

    def _require_worker(self, store: Store) -> None:
        """Return once a worker lives. Raises `MachineryDown` after ``patience_s`` without."""
        deadline = time.monotonic() + self._patience_s
        while True:
            now, known = store.executors()
            working = [executor for executor in known if executor.role != Role.API.value]
            if any(not is_dead(e, machine=self._machine, now=now, lease_s=self._lease_s) for e in working):
                return
            if time.monotonic() > deadline:
                raise MachineryDown(
                    "no worker performs the jobs of this database: start `milpwright worker` with the same "
                    "MILPWRIGHT_DATABASE_URL; the same command then goes on"
                )
            time.sleep(0.5)


def _record_of(store: Store, job: str, task: Task) -> Record | None:
    """Return the record of a job that is over, None where it has to be performed again.

    Raises `MachineryDown` where its worker's reader cannot go on.
    """
    found = store.get(job, OWNER)
    match found.state:
        case JobState.FINISHED:
            for event in store.events(job):
                if event.kind == RECORDED:
                    return Record.from_json(json.loads(event.body))
            raise MachineryDown("a worker is of an earlier version, which performs no tasks: start them anew")
        case JobState.CANCELLED:
            return None
        case _:
            error = json.loads(found.error or "{}")
            detail = str(error.get("detail", "the job failed"))
            if error.get("status") == Unavailable.status:
                raise MachineryDown(f"a worker cannot go on: {detail}")
            took = (found.finished_at or 0.0) - (found.started_at or 0.0)
            return given_up(task, "worker_fault", detail, took)
