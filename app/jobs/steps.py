"""The steps of a run, checkpointed: a step that has ended is not performed again after a crash."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

import structlog
from dbos import DBOS
from sqlalchemy.exc import SQLAlchemyError

from app.jobs.codec import decode_union, encode
from app.jobs.job import NewEvent
from app.jobs.journal import Journal
from app.tracing import agent_attributes, span
from formulation import events as run_events
from formulation.answer import AgentUsage
from formulation.events import (
    ClusterSamples,
    CompareProgram,
    CompareRendering,
    CompileModel,
    Event,
    PerturbData,
    ReadText,
    SolveModel,
    Step,
)
from formulation.loop import Perform

log = structlog.get_logger("milpwright.jobs")

REPEATED = (ReadText, CompileModel)
"""Steps that cost milliseconds and end alike each time: done again after a crash rather than written down."""


@dataclass(frozen=True, slots=True)
class KindLimits:
    """How many steps of each kind may run at once in this process."""

    model: asyncio.Semaphore
    sandbox: asyncio.Semaphore
    solve: asyncio.Semaphore

    @classmethod
    def of(cls, *, model: int, sandbox: int, solve: int) -> KindLimits:
        """Return limits with these numbers."""
        return cls(asyncio.Semaphore(model), asyncio.Semaphore(sandbox), asyncio.Semaphore(solve))

    def room(self, step: Step) -> AbstractAsyncContextManager[object]:
        """Return what to hold while a step is performed."""
        match step:
            case SolveModel():
                return self.solve
            case ReadText() | CompileModel():
                return nullcontext()
            case CompareRendering() | ClusterSamples() | CompareProgram() | PerturbData():
                return self.sandbox
            case _:
                return self.model


def kind_of(value: object) -> str:
    """Return the name under which an event of the run is told: its class's, in snake case."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(value).__name__).lower()


class CheckpointedSteps:
    """Performs the steps of one job in order, each once, whatever happens to the process in between.

    What a step ends with is written before the next begins. Where the database cannot be written just then, the
    run goes on with what is held in memory. ``on_step`` is told the kind of a step and its seconds, ``on_event``
    each event and whether it was recorded before.
    """

    def __init__(
        self,
        perform: Perform,
        journal: Journal,
        limits: KindLimits,
        on_step: Callable[[str, float], None],
        on_event: Callable[[Event, bool], None],
    ) -> None:
        self._perform, self._journal, self._limits = perform, journal, limits
        self._on_step, self._on_event = on_step, on_event
        self._count = 0

    async def __call__(self, step: Step) -> Event:
        """Return the event that the step ends with: the recorded one, or a new one."""
        name, index = type(step).__name__, self._count
        self._count += 1
        event, recorded = (
            (await self._new(step), False) if isinstance(step, REPEATED) else await self._checkpointed(step, name)
        )
        self._on_event(event, recorded)
        self._journal.add(NewEvent(kind_of(event), json.dumps(encode(event), separators=(",", ":")), index))
        return event

    async def _new(self, step: Step) -> Event:
        started = asyncio.get_running_loop().time()
        async with self._limits.room(step):
            with span(f"step {type(step).__name__}") as spanned:
                event = await self._perform(step)
                if isinstance(spent := getattr(event, "spent", None), AgentUsage):
                    spanned.set(agent_attributes(spent))
        self._on_step(type(step).__name__, asyncio.get_running_loop().time() - started)
        return event

    async def _checkpointed(self, step: Step, name: str) -> tuple[Event, bool]:
        held: list[Event] = []

        async def performed() -> object:
            held.append(await self._new(step))
            return encode(held[0])

        try:
            document = await DBOS.run_step_async({"name": name}, performed)
        except SQLAlchemyError as error:
            if not held:
                raise
            log.warning("a step's end could not be written; the run goes on", step=name, error=type(error).__name__)
            return held[0], False
        if held:
            return held[0], False
        event: Event = decode_union(run_events.Event, document)
        return event, True
