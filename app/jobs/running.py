"""A job that is being worked on: what works on it, what it tells, and how it is told to stop."""

from __future__ import annotations

import asyncio
import json
import math
import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Protocol

from app.jobs.job import Job, NewEvent
from app.jobs.journal import Journal
from formulation.answer import Answer
from formulation.events import Event, Step
from formulation.loop import Perform
from formulation.problem import Problem


class Work(Protocol):
    """How a job is worked on; the worker sees to everything around it."""

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
