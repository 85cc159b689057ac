"""Where a run stands: the problem and the events so far, folded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from formulation.clarification import settled
from formulation.events import (
    AgentFailed,
    CompileFailed,
    DataPerturbed,
    Event,
    ModelCompiled,
    ModelReviewed,
    ModelsMended,
    ModelSolved,
    ProgramCompared,
    ProgramWritten,
    RenderingCompared,
    SamplesClustered,
    SolveFailed,
    TextAnalysed,
    TextFormulated,
    TextRead,
)
from formulation.formulation import Formulation
from formulation.problem import Problem


@dataclass(frozen=True, slots=True)
class ChatPlan:
    """What a chat model may be used for: how many samples at high effort, and whether a second family is there."""

    samples: int = 3
    second: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """The latest event of each kind beside the whole list; built by `after` alone.

    ``chat`` is None where no chat model is configured. ``draft`` is the formulation that came from the chat
    model, as mended so far, None again once the embedded reader's formulation has taken its place; ``source`` is
    the independent program, as mended so far.
    """

    problem: Problem
    events: tuple[Event, ...] = ()
    read: TextRead | None = None
    compiled: ModelCompiled | CompileFailed | None = None
    rendering: RenderingCompared | None = None
    solved: ModelSolved | SolveFailed | None = None
    chat: ChatPlan | None = None
    analysed: TextAnalysed | None = None
    formulated: TextFormulated | None = None
    clustered: SamplesClustered | None = None
    draft: Formulation | None = None
    source: str | None = None
    compared: ProgramCompared | None = None
    mended: tuple[ModelsMended, ...] = ()
    perturbed: DataPerturbed | None = None
    reviewed: ModelReviewed | None = None
    failures: tuple[AgentFailed, ...] = ()

    @classmethod
    def beginning(cls, problem: Problem, chat: ChatPlan | None) -> State:
        """Return the state before anything has happened; answers that settle an earlier round give the draft."""
        return cls(problem, chat=chat, draft=settled(problem) if chat is not None else None)

    @property
    def formulation(self) -> Formulation | None:
        """The formulation that the run stands on, partial or whole."""
        if self.compiled is not None:
            return self.compiled.formulation
        if self.draft is not None:
            return self.draft
        return self.read.reading.formulation if self.read else None

    def failure(self, agent: str) -> AgentFailed | None:
        """Return how an agent failed; None where it did not."""
        return next((failure for failure in self.failures if failure.agent == agent), None)

    def after(self, event: Event) -> State:
        """Return the state once ``event`` has happened."""
        state = replace(self, events=(*self.events, event))
        match event:
            case TextRead():
                return replace(state, read=event)
            case ModelCompiled() | CompileFailed():
                return _compiled(state, event)
            case RenderingCompared():
                return replace(state, rendering=event)
            case ModelSolved() | SolveFailed():
                return replace(state, solved=event)
            case AgentFailed():
                return replace(state, failures=(*state.failures, event))
            case TextAnalysed():
                return replace(state, analysed=event)
            case TextFormulated():
                first = event.samples[0].formulation if len(event.samples) == 1 else None
                return replace(state, formulated=event, draft=first)
            case SamplesClustered():
                return replace(state, clustered=event, draft=_chosen(state, event))
            case ProgramWritten():
                return replace(state, source=event.source, compared=None)
            case ProgramCompared():
                return replace(state, compared=event)
            case ModelsMended():
                return _mended(state, event)
            case DataPerturbed():
                return replace(state, perturbed=event)
            case ModelReviewed():
                return replace(state, reviewed=event)
            case _:
                assert_never(event)


def _compiled(state: State, event: ModelCompiled | CompileFailed) -> State:
    """Return the state with another model; one of another formulation than the draft sets the draft aside."""
    state = replace(state, compiled=event, rendering=None, solved=None)
    if state.draft is not None and event.formulation != state.draft:
        return replace(state, draft=None, compared=None, perturbed=None)
    return state


def _chosen(state: State, event: SamplesClustered) -> Formulation | None:
    """Return the first sample of the largest class that holds a sample of the chat model."""
    samples = state.formulated.samples if state.formulated else ()
    for cluster in event.clusters:
        for position in cluster:
            if position < len(samples):
                return samples[position].formulation
    return None


def _mended(state: State, event: ModelsMended) -> State:
    """Return the state with what the patch changed, and without what was known of what it changed."""
    state = replace(state, mended=(*state.mended, event))
    if event.formulation != state.draft:
        state = replace(state, draft=event.formulation, compiled=None, rendering=None, solved=None, compared=None)
        state = replace(state, perturbed=None)
    if event.source != (state.source or ""):
        state = replace(state, source=event.source, compared=None, perturbed=None)
    return state
