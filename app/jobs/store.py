"""Jobs, their events and the processes that work on them, as rows. Every method is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from app.errors import Conflict, NotFound, TooManyRequests
from app.jobs.database import events, executors, jobs, now, spent
from app.jobs.job import Job, JobEvent, JobState, NewEvent, NewJob, new_job_id

Enqueue = Callable[[sa.Connection, Job], None]

_OPEN = (JobState.QUEUED.value, JobState.RUNNING.value)
_SPENT = sa.text(
    "INSERT INTO milpwright_spent (owner, cost) VALUES (:owner, :cost)"
    " ON CONFLICT (owner) DO UPDATE SET cost = milpwright_spent.cost + excluded.cost"
)


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How much may wait: in all, and for one client."""

    queued: int
    queued_per_client: int


@dataclass(frozen=True, slots=True)
class Executor:
    """A process that works on jobs, or did."""

    id: str
    machine: str
    pid: int
    role: str
    version: str
    started_at: float
    seen_at: float


class Store:
    """The rows of one database. Blocks; the event loop calls it through threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    # Jobs

    def submit(
        self, new: NewJob, *, version: str, limits: QueueLimits, enqueue: Enqueue, take: str | None = None
    ) -> tuple[Job, bool]:
        """Return the job and whether it is new: an idempotency key met before gives the job of that time.

        The job is queued with its workflow in one transaction; where ``take`` names an executor and nothing waits,
        it is that executor's at once and nothing is enqueued. Raises `Conflict` for a key met with another
        request, `TooManyRequests` where too much waits.
        """
        try:
            with self.engine.begin() as connection:
                known = self._idempotent(connection, new)
                if known is not None:
                    return known, False
                mine, waiting = self._waiting(connection, new.owner)
                if waiting >= limits.queued:
                    raise TooManyRequests(f"{waiting} jobs are waiting, which is the limit.", retry_after_s=10)
                if mine >= limits.queued_per_client:
                    raise TooManyRequests(f"{mine} of your jobs are waiting, which is the limit.", retry_after_s=10)
                taken, moment = take is not None and waiting == 0, now(connection)
                job = Job(
                    id=new_job_id(),
                    state=JobState.RUNNING if taken else JobState.QUEUED,
                    round=0,
                    version=version,
                    tag=self._tag(connection, new.owner),
                    executor=take if taken else None,
                    created_at=moment,
                    started_at=moment if taken else None,
                    last_event=1,
                    **asdict(new),
                )
                connection.execute(jobs.insert().values(asdict(job)))
                queued = events.insert().values(job=job.id, seq=1, round=0, kind="queued", body="{}", at=moment)
                connection.execute(queued)
                if not taken:
                    enqueue(connection, job)
                return job, True
        except sa.exc.IntegrityError:
            # Another request with the same idempotency key was faster.
            with self.engine.connect() as connection:
                known = self._idempotent(connection, new)
                if known is None:
                    raise
                return known, False

    def _idempotent(self, connection: sa.Connection, new: NewJob) -> Job | None:
        if new.idempotency_key is None:
            return None
        query = sa.select(jobs).where(jobs.c.owner == new.owner, jobs.c.idempotency_key == new.idempotency_key)
        row = connection.execute(query).first()
        if row is None:
            return None
        if row.request_hash != new.request_hash:
            raise Conflict(
                "This Idempotency-Key came with another request before. Use a new key for a new request, "
                "and send a repeated request unchanged."
            )
        return _job(row)

    def _waiting(self, connection: sa.Connection, owner: str) -> tuple[int, int]:
        query = sa.select(
            sa.func.coalesce(sa.func.sum(sa.case((jobs.c.owner == owner, 1), else_=0)), 0), sa.func.count()
        ).where(jobs.c.state == JobState.QUEUED.value)
        mine, waiting = connection.execute(query).one()
        return int(mine), int(waiting)

    def _tag(self, connection: sa.Connection, owner: str) -> int:
        """Return the start tag of start-time fair queueing (Goyal, Vin, Cheng 1997), with unit costs.

        Virtual time is the greatest tag of a job that has left the queue.
        """
        virtual = max(
            connection.execute(sa.select(sa.func.max(jobs.c.tag)).where(jobs.c.state == state.value)).scalar() or 0
            for state in JobState
            if state is not JobState.QUEUED
        )
        last = connection.execute(
            sa.select(sa.func.max(jobs.c.tag)).where(jobs.c.state == JobState.QUEUED.value, jobs.c.owner == owner)
        ).scalar()
        return max(virtual, last or 0) + 1

    def get(self, job: str, owner: str | None = None) -> Job:
        """Return a job; with an owner, only that client's. Raises `NotFound`."""
        query = sa.select(jobs).where(jobs.c.id == job)
        if owner is not None:
            query = query.where(jobs.c.owner == owner)
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound(f"There is no job {job!r}. Jobs are deleted some time after they end.")
        return _job(row)

    def page(
        self,
        *,
        owner: str | None,
        state: JobState | None = None,
        status: str | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[Job]:
        """Return the newest jobs that fit, those before the job ``before``; at most ``limit`` of them."""
        query = sa.select(jobs).order_by(jobs.c.id.desc()).limit(limit)
        for column, value in ((jobs.c.owner, owner), (jobs.c.state, state), (jobs.c.status, status)):
            if value is not None:
                query = query.where(column == str(value))
        if before is not None:
            query = query.where(jobs.c.id < before)
        with self.engine.connect() as connection:
            return [_job(row) for row in connection.execute(query)]

    def begin(self, job: str, round_: int, executor: str) -> tuple[Job, float] | None:
        """Return the job as this executor's to work on, and the seconds for which it has been worked on.

        None where that round is over already. What passed between the last word of an earlier run and now does not
        count: nobody worked on the job then.
        """
        with self.engine.begin() as connection:
            moment = now(connection)
            told = sa.select(sa.func.max(events.c.at)).where(events.c.job == job, events.c.round == round_)
            last = connection.execute(told).scalar()
            idle = 0.0 if last is None else max(moment - last, 0.0)
            row = connection.execute(
                jobs.update()
                .where(jobs.c.id == job, jobs.c.round == round_, jobs.c.state.in_(_OPEN))
                .values(
                    state=JobState.RUNNING.value,
                    executor=executor,
                    started_at=sa.func.coalesce(jobs.c.started_at + idle, moment),
                )
                .returning(*jobs.c)
            ).first()
            return None if row is None else (_job(row), moment - row.started_at)

    def hand_over(self, executor: str, last_seen: float | None = None) -> list[Job]:
        """Return the jobs that an executor worked on until then, by default until now; each is told of it."""
        left = self.running_of(executor)
        with self.engine.begin() as connection:
            event = NewEvent("handed_over", at=last_seen)
            for job in left:
                mine = sa.and_(jobs.c.id == job.id, jobs.c.round == job.round, jobs.c.executor == executor)
                self._append(connection, mine, job.id, job.round, [event], {})
        return left

    def append(self, job: str, round_: int, executor: str, new: Sequence[NewEvent]) -> int | None:
        """Write events and return the last number given; None where the job is no longer this executor's.

        An event of the transcript (with a ``step``) that is there already is not written again.
        """
        with self.engine.begin() as connection:
            mine = sa.and_(jobs.c.id == job, jobs.c.round == round_, jobs.c.executor == executor)
            return self._append(connection, mine, job, round_, new, {})

    def finish(
        self,
        job: str,
        round_: int,
        executor: str,
        state: JobState,
        new: Sequence[NewEvent],
        *,
        status: str | None = None,
        answer: str | None = None,
        error: str | None = None,
        cost: float = 0.0,
    ) -> bool:
        """Write how the job ended, with its last events; False where it was no longer this executor's to end."""
        with self.engine.begin() as connection:
            values = {
                "state": state.value,
                "status": status,
                "answer": answer,
                "error": error,
                "cost": jobs.c.cost + cost,
                "finished_at": now(connection),
            }
            mine = sa.and_(
                jobs.c.id == job,
                jobs.c.round == round_,
                jobs.c.executor == executor,
                jobs.c.state == JobState.RUNNING.value,
            )
            return self._append(connection, mine, job, round_, new, values) is not None

    def _append(
        self,
        connection: sa.Connection,
        mine: sa.ColumnElement[bool],
        job: str,
        round_: int,
        new: Sequence[NewEvent],
        values: dict[str, Any],
    ) -> int | None:
        # The update locks the job's row, so that numbers are given out one writer at a time.
        row = connection.execute(
            jobs.update()
            .where(mine)
            .values(last_event=jobs.c.last_event + len(new), **values)
            .returning(jobs.c.last_event)
        ).first()
        if row is None:
            return None
        steps = [event.step for event in new if event.step is not None]
        there = (
            set(
                connection.execute(
                    sa.select(events.c.step).where(
                        events.c.job == job, events.c.round == round_, events.c.step.in_(steps)
                    )
                ).scalars()
            )
            if steps
            else set()
        )
        moment = now(connection)
        first = row.last_event - len(new) + 1
        rows = [
            {
                "job": job,
                "seq": first + place,
                "round": round_,
                "step": event.step,
                "kind": event.kind,
                "body": event.body,
                "at": moment if event.at is None else event.at,
            }
            for place, event in enumerate(new)
            if event.step is None or event.step not in there
        ]
        if rows:
            connection.execute(events.insert(), rows)
        return int(row.last_event)

    def request_cancel(self, job: str, owner: str | None) -> Job:
        """Ask for a job to stop and return it: one that waits is over at once. Raises `NotFound`."""
        self.get(job, owner)
        with self.engine.begin() as connection:
            waiting = sa.and_(jobs.c.id == job, jobs.c.state == JobState.QUEUED.value)
            values = {"state": JobState.CANCELLED.value, "cancel_requested": 1, "finished_at": now(connection)}
            round_ = connection.execute(sa.select(jobs.c.round).where(jobs.c.id == job)).scalar() or 0
            if self._append(connection, waiting, job, round_, [NewEvent("cancelled")], values) is None:
                connection.execute(
                    jobs.update()
                    .where(jobs.c.id == job, jobs.c.state == JobState.RUNNING.value)
                    .values(cancel_requested=1)
                )
        return self.get(job, owner)

    def cancellations(self, executor: str) -> list[str]:
        """Return the jobs that this executor works on and that shall stop."""
        query = sa.select(jobs.c.id).where(
            jobs.c.executor == executor, jobs.c.state == JobState.RUNNING.value, jobs.c.cancel_requested == 1
        )
        with self.engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def reopen(self, job: Job, problem: str, new: NewEvent, *, version: str, enqueue: Enqueue) -> Job:
        """Queue the next round of a job that asked something. Raises `Conflict` where another was faster."""
        with self.engine.begin() as connection:
            there = sa.and_(jobs.c.id == job.id, jobs.c.round == job.round, jobs.c.state == JobState.FINISHED.value)
            values: dict[str, Any] = {
                "state": JobState.QUEUED.value,
                "problem": problem,
                "round": job.round + 1,
                "version": version,
                "tag": self._tag(connection, job.owner),
                "executor": None,
                "cancel_requested": 0,
                "started_at": None,
                "finished_at": None,
            }
            if self._append(connection, there, job.id, job.round + 1, [new], values) is None:
                raise Conflict(f"The job {job.id!r} has been answered already.")
            row = connection.execute(sa.select(jobs).where(jobs.c.id == job.id)).one()
            reopened = _job(row)
            enqueue(connection, reopened)
            return reopened

    def requeue(self, job: Job, *, version: str, enqueue: Enqueue) -> Job | None:
        """Queue a job anew as a further round that starts from the beginning, under another version.

        None where it is not queued (any more).
        """
        with self.engine.begin() as connection:
            row = connection.execute(
                jobs.update()
                .where(jobs.c.id == job.id, jobs.c.round == job.round, jobs.c.state == JobState.QUEUED.value)
                .values(round=job.round + 1, version=version)
                .returning(*jobs.c)
            ).first()
            if row is None:
                return None
            moved = _job(row)
            enqueue(connection, moved)
            return moved

    def fail_version(self, version: str, error: str) -> list[str]:
        """End the running jobs of a version that no process runs any more; return their ids."""
        with self.engine.begin() as connection:
            query = sa.select(jobs).where(jobs.c.version == version, jobs.c.state == JobState.RUNNING.value)
            ended = [_job(row) for row in connection.execute(query)]
            for job in ended:
                mine = sa.and_(jobs.c.id == job.id, jobs.c.state == JobState.RUNNING.value)
                values = {"state": JobState.FAILED.value, "error": error, "finished_at": now(connection)}
                self._append(connection, mine, job.id, job.round, [NewEvent("failed", error)], values)
            return [job.id for job in ended]

    def delete(self, ids: Sequence[str]) -> None:
        """Delete those of these jobs that are over, with their events; what they have cost their owners is kept."""
        with self.engine.begin() as connection:
            over = jobs.delete().where(jobs.c.id.in_(ids), jobs.c.state.notin_(_OPEN))
            costs: dict[str, float] = {}
            for owner, cost in connection.execute(over.returning(jobs.c.owner, jobs.c.cost)):
                costs[owner] = costs.get(owner, 0.0) + cost
            for owner, cost in sorted(costs.items()):
                connection.execute(_SPENT, {"owner": owner, "cost": cost})

    def ended_before(self, age_s: float, limit: int = 500) -> list[Job]:
        """Return jobs that have been over for so long, the oldest first."""
        with self.engine.connect() as connection:
            query = (
                sa.select(jobs)
                .where(jobs.c.finished_at < now(connection) - age_s, jobs.c.state.notin_(_OPEN))
                .order_by(jobs.c.id)
                .limit(limit)
            )
            return [_job(row) for row in connection.execute(query)]

    def counts(self) -> dict[str, int]:
        """Return the number of jobs in each state."""
        query = sa.select(jobs.c.state, sa.func.count()).group_by(jobs.c.state)
        with self.engine.connect() as connection:
            found = {row[0]: int(row[1]) for row in connection.execute(query)}
        return {state.value: found.get(state.value, 0) for state in JobState}

    def spent(self, owner: str) -> float:
        """Return what a client's jobs have cost so far, also those that have been deleted."""
        kept = sa.select(sa.func.sum(jobs.c.cost)).where(jobs.c.owner == owner)
        deleted = sa.select(spent.c.cost).where(spent.c.owner == owner)
        with self.engine.connect() as connection:
            return sum(float(connection.execute(query).scalar() or 0.0) for query in (kept, deleted))

    # Events

    def events(self, job: str, after: int = 0, limit: int = 500) -> list[JobEvent]:
        """Return a job's events after a number, in order."""
        query = sa.select(events).where(events.c.job == job, events.c.seq > after).order_by(events.c.seq).limit(limit)
        with self.engine.connect() as connection:
            return [
                JobEvent(row.seq, row.kind, row.body, row.at, row.step, row.round) for row in connection.execute(query)
            ]

    def heads(self, ids: Sequence[str]) -> dict[str, tuple[int, JobState]]:
        """Return the last event's number and the state of each job that is there."""
        query = sa.select(jobs.c.id, jobs.c.last_event, jobs.c.state).where(jobs.c.id.in_(ids))
        with self.engine.connect() as connection:
            return {row.id: (row.last_event, JobState(row.state)) for row in connection.execute(query)}

    # Executors

    def beat(self, executor: Executor) -> None:
        """Write that an executor is alive, by the database's clock."""
        with self.engine.begin() as connection:
            seen = {"seen_at": now(connection)}
            updated = connection.execute(executors.update().where(executors.c.id == executor.id).values(seen))
            if updated.rowcount == 0:
                connection.execute(executors.insert().values({**asdict(executor), **seen}))

    def executors(self) -> tuple[float, list[Executor]]:
        """Return the database's time and every executor that is known."""
        with self.engine.connect() as connection:
            known = [Executor(**row._asdict()) for row in connection.execute(sa.select(executors))]
            return now(connection), known

    def claim_dead(self, dead: Executor) -> bool:
        """Return whether it is for this caller to take over the jobs of a dead executor; of several, one is told so."""
        with self.engine.begin() as connection:
            claimed = connection.execute(
                executors.update()
                .where(executors.c.id == dead.id, executors.c.seen_at == dead.seen_at)
                .values(seen_at=now(connection), machine="taken over", pid=0)
            )
            return claimed.rowcount == 1

    def disconnect(self, executor: str) -> int:
        """End the connections of an executor to the database, and return how many there still were.

        On SQLite there are none: what a process had under way ended with it.
        """
        if self.engine.dialect.name != "postgresql":
            return 0
        query = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                   WHERE application_name = :executor AND datname = current_database() AND usename = current_user"""
        with self.engine.begin() as connection:
            return int(connection.execute(sa.text(query), {"executor": executor}).scalar_one())

    def forget_executor(self, executor: str) -> None:
        """Delete an executor that has nothing left to take over."""
        with self.engine.begin() as connection:
            connection.execute(executors.delete().where(executors.c.id == executor))

    def running_of(self, executor: str) -> list[Job]:
        """Return the jobs that an executor works on, or did when it was last seen."""
        query = sa.select(jobs).where(jobs.c.executor == executor, jobs.c.state == JobState.RUNNING.value)
        with self.engine.connect() as connection:
            return [_job(row) for row in connection.execute(query)]

    def open_of_other_versions(self, version: str) -> list[Job]:
        """Return the jobs of other versions that are not over."""
        query = sa.select(jobs).where(jobs.c.version != version, jobs.c.state.in_(_OPEN))
        with self.engine.connect() as connection:
            return [_job(row) for row in connection.execute(query)]


def _job(row: sa.Row[Any]) -> Job:
    fields = row._asdict()
    return Job(**{**fields, "state": JobState(fields["state"])})
