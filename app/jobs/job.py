"""A job: its states, what it was given, and what happened to it."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum

from app.errors import ServiceError


class JobState(StrEnum):
    """Where a job stands. What it holds when finished is the status of its answer."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be: ``problem`` and ``title`` are as stored, times in seconds."""

    owner: str
    title: str
    problem: str
    time_limit_s: float
    cost_limit: float | None = None
    idempotency_key: str | None = None
    request_hash: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the table of jobs. Times are seconds since the epoch."""

    id: str
    owner: str
    state: JobState
    title: str
    problem: str
    round: int
    version: str
    time_limit_s: float
    created_at: float
    last_event: int
    cost: float = 0.0
    cost_limit: float | None = None
    status: str | None = None
    answer: str | None = None
    error: str | None = None
    executor: str | None = None
    cancel_requested: int = 0
    tag: int = 0
    idempotency_key: str | None = None
    request_hash: str | None = None
    request_id: str | None = None
    started_at: float | None = None
    finished_at: float | None = None

    @property
    def workflow(self) -> str:
        """The id of the durable workflow of this round."""
        return workflow_id(self.id, self.round)


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Something that happened to a job; ``step`` is the place in the run's transcript, None for all else."""

    seq: int
    kind: str
    body: str
    at: float
    step: int | None = None
    round: int = 0


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be written; the store numbers it, and dates it where it has no time of its own."""

    kind: str
    body: str = "{}"
    step: int | None = None
    at: float | None = None


def workflow_id(job: str, round_: int) -> str:
    """Return the id of the durable workflow of one round of a job."""
    return f"{job}.{round_}"


def failure(job: Job, error: ServiceError) -> str:
    """Return what a job failed with as it is stored: a problem document."""
    return json.dumps(error.document(instance=f"/v1/jobs/{job.id}", request_id=job.request_id or ""))


def new_job_id() -> str:
    """Return an id that sorts by the time it was made and cannot be guessed."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"
