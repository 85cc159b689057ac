"""Jobs as durable workflows of dbos: the one queue, who puts rounds of jobs into it, and who performs them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, SetWorkflowID
from dbos import error as dbos_errors

from app.jobs.job import Job, workflow_id
from app.jobs.store import Executor, Store

JOBS_VERSION = "1"
"""Raised whenever the steps of a run change their order or what they end with; see docs/operations.md."""

QUEUE = "milpwright-jobs"
WORKFLOW = "milpwright-job"


class Workflows:
    """The workflows of a database: put into the queue and taken out; none is performed. Blocks."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._client = DBOSClient(
            system_database_engine=engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name="milpwright",
            lazy=True,
        )

    def close(self) -> None:
        """Let go of the database."""
        self._client.destroy()

    def enqueue(self, connection: sa.Connection, job: Job) -> None:
        """Put a job's round into the queue, in the transaction that writes the job."""
        self._client.enqueue_in_transaction(
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

    def claimed(self, executor: str) -> list[str]:
        """Return the workflows that an executor has fetched and not ended."""
        found = self._client.list_workflows(status="PENDING", executor_id=executor, load_input=False, load_output=False)
        return [workflow.workflow_id for workflow in found]

    def resume(self, workflow: str, job: Job | None) -> None:
        """Put a round that somebody has begun back into the queue; it goes on from its last checkpoint."""
        try:
            self._client.resume_workflow(workflow, queue_name=QUEUE)
        except dbos_errors.DBOSNonExistentWorkflowError:
            # The process died between taking the job and starting its workflow.
            if job is not None:
                with self._engine.begin() as connection:
                    self.enqueue(connection, job)

    def delete(self, store: Store, old: Sequence[Job]) -> None:
        """Delete jobs with their events, checkpoints and workflows."""
        self._client.delete_workflows([workflow_id(job.id, round_) for job in old for round_ in range(job.round + 1)])
        store.delete([job.id for job in old])


class Performer:
    """Performs workflows in this process, those that it starts and those of the queue.

    ``perform`` is given the id of a job and its round. dbos allows one performer in a process at a time.
    """

    _current: ClassVar[Performer | None] = None

    def __init__(
        self, engine: sa.Engine, url: str, executor: Executor, perform: Callable[[str, int], Awaitable[None]]
    ) -> None:
        self._engine, self._url, self._executor, self.perform = engine, url, executor, perform
        self._dbos: DBOS | None = None

    @classmethod
    def current(cls) -> Performer:
        """Return the performer that has been launched in this process."""
        if cls._current is None:
            raise RuntimeError("no runtime has been started in this process")
        return cls._current

    def launch(self, *, from_queue: bool) -> None:
        """Begin to perform, on the loop of this thread. Raises `RuntimeError` where another performer does."""
        if Performer._current is not None:
            raise RuntimeError("a runtime has been started in this process already")
        Performer._current = self
        try:
            self._dbos = DBOS(
                config={
                    "name": "milpwright",
                    "system_database_url": _dbos_url(self._url),
                    "system_database_engine": self._engine,
                    "executor_id": self._executor.id,
                    "application_version": JOBS_VERSION,
                    "serializer": DBOSPortableJSONSerializer(),
                    "log_level": "WARNING",
                    "max_executor_threads": 64,
                    "use_listen_notify": False,
                    "enable_otlp": False,
                }
            )
            DBOS.listen_queues([QUEUE] if from_queue else [])
            # The loop of this thread becomes the one on which dbos runs workflows from the queue.
            DBOS.launch()
        except BaseException:
            self.close()
            self.leave()
            raise

    def register_queue(self, *, slots: int, poll_s: float) -> None:
        """Write down how the queue is fetched from. Blocks."""
        DBOS.register_queue(QUEUE, worker_concurrency=slots, polling_interval_sec=poll_s, on_conflict="always_update")

    async def start(self, job: Job) -> None:
        """Begin a job's round at once, past the queue."""
        with SetWorkflowID(job.workflow):
            await DBOS.start_workflow_async(_workflow, job.id, job.round)

    def stop_fetching(self) -> None:
        """Take nothing more from the queue."""
        for event in self._dbos.background_thread_stop_events if self._dbos else ():
            event.set()

    def close(self) -> None:
        """Begin nothing more. Blocks."""
        DBOS.destroy()

    def leave(self) -> None:
        """Make room for another performer, once nothing that was begun is left."""
        Performer._current = None


async def _perform(job: str, round_: int) -> None:
    """One round of a job as a durable workflow."""
    await Performer.current().perform(job, round_)


_workflow = DBOS.workflow(name=WORKFLOW)(_perform)


def _dbos_url(url: str) -> str:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    return parsed.render_as_string(hide_password=False)
