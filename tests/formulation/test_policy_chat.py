"""The order of the agents, decided from the state alone."""

from __future__ import annotations

import pytest

from formulation.answer import AgentUsage, Status
from formulation.checks import CONFIDENT_FROM, checks_of, confidence_of
from formulation.events import (
    AgentFailed,
    Agreement,
    AnalyseText,
    ClusterSamples,
    CompareProgram,
    CompareRendering,
    CompileFailed,
    CompileModel,
    FailureKind,
    Finish,
    FormulateText,
    MendModels,
    ModelCompiled,
    PerturbData,
    ProgramCompared,
    ProgramWritten,
    ReadText,
    Sample,
    SamplesClustered,
    TextAnalysed,
    TextFormulated,
    TextRead,
    WriteProgram,
)
from formulation.formulation import Formulation, Objective, Question, Variable
from formulation.policy import next_step
from formulation.problem import Effort, Options, Problem
from formulation.reading import Reading, ReadingFailure, ReadingStatus
from formulation.state import ChatPlan, State
from solvers.milp import Sense

MODEL = Formulation(variables=(Variable("x"),), objective=Objective(Sense.MINIMIZE, "x"))
OTHER = Formulation(variables=(Variable("y"),), objective=Objective(Sense.MINIMIZE, "y"))
UNREAD = TextRead(
    Reading(ReadingStatus.NOT_UNDERSTOOD, "embedded", failures=(ReadingFailure("objective", "none"),)), 0.0
)
READ = TextRead(Reading(ReadingStatus.UNDERSTOOD, "embedded", OTHER, 0.9), 0.0)
SPENT = AgentUsage("any")
FORMULATED = TextFormulated((Sample(MODEL, (), (), "m"),), (), SPENT)
COMPILED = ModelCompiled(MODEL, 0, 1, 0, True, (), 0.0)
OTHER_COMPILED = ModelCompiled(OTHER, 0, 1, 0, True, (), 0.0)
WRITTEN = ProgramWritten("program", SPENT)


def compared(agreement, *, same=None):
    return ProgramCompared(agreement, "detail", same, None, 0.0)


def state(*events, effort=Effort.MEDIUM, text="text"):
    here = State.beginning(Problem(text, options=Options(effort)), ChatPlan(3))
    for event in events:
        here = here.after(event)
    return here


def step(*events, **more):
    return next_step(state(*events, **more))


def test_the_steps_come_in_their_order_at_medium_effort():
    assert isinstance(step(), ReadText)
    asked = step(UNREAD)
    assert isinstance(asked, FormulateText)
    assert asked.seeds == (0,)
    assert isinstance(step(UNREAD, FORMULATED), CompileModel)
    assert isinstance(step(UNREAD, FORMULATED, COMPILED), WriteProgram)
    assert isinstance(step(UNREAD, FORMULATED, COMPILED, WRITTEN), CompareProgram)
    agrees = (UNREAD, FORMULATED, COMPILED, WRITTEN, compared(Agreement.AGREES))
    assert not isinstance(step(*agrees), MendModels | PerturbData)
    assert isinstance(step(*agrees[:-1], compared(Agreement.DIFFERS)), MendModels)
    assert isinstance(step(*agrees[:-1], compared(Agreement.UNDECIDED, same=True)), PerturbData)
    assert isinstance(step(*agrees[:-1], compared(Agreement.UNDECIDED, same=False)), MendModels)


def test_low_effort_writes_no_program_and_high_effort_analyses_first():
    assert not isinstance(step(UNREAD, FORMULATED, COMPILED, effort=Effort.LOW), WriteProgram)
    assert isinstance(step(UNREAD, effort=Effort.HIGH), AnalyseText)


def test_the_embedded_reader_is_one_more_opinion_where_it_is_confident():
    clustering = step(READ, FORMULATED)
    assert isinstance(clustering, ClusterSamples)
    assert clustering.formulations == (MODEL, OTHER)
    doubtful = TextRead(Reading(ReadingStatus.UNDERSTOOD, "embedded", OTHER, 0.5), 0.0)
    assert isinstance(step(doubtful, FORMULATED), CompileModel)


def test_no_word_is_no_call():
    assert isinstance(step(UNREAD, text="  \n"), Finish)


@pytest.mark.parametrize("kind", list(FailureKind))
def test_a_formulator_that_fails_leaves_the_embedded_reader_or_says_why(kind):
    failed = AgentFailed("formulator", kind, "because", SPENT, "A_SETTING")
    assert step(READ, failed) == CompileModel(OTHER, (), "text")
    end = step(UNREAD, failed)
    assert (end.status, end.reason) == (Status.ERROR, kind.value)
    assert "A_SETTING" in end.detail


def test_questions_end_the_run_before_anything_is_built():
    asking = TextFormulated((Sample(MODEL, (Question("q", "Which?"),), (), "m"),), (), SPENT)
    assert step(UNREAD, asking) == Finish(Status.NEEDS_ANSWERS, "needs_answers", detail="Which?")


def test_a_formulation_that_makes_no_model_goes_to_the_debugger_and_then_to_an_honest_end():
    broken = CompileFailed(MODEL, "x", "no such name", (), 0.0)
    assert isinstance(step(UNREAD, FORMULATED, broken), MendModels)
    down = AgentFailed("debugger", FailureKind.REPLY, "nothing", SPENT)
    end = step(UNREAD, FORMULATED, broken, down)
    assert (end.status, end.reason) == (Status.ERROR, "no_model")


def test_a_formulation_that_stays_without_a_model_gives_way_to_a_confident_embedded_reading():
    broken = CompileFailed(MODEL, "x", "no such name", (), 0.0)
    down = AgentFailed("debugger", FailureKind.REPLY, "nothing", SPENT)
    apart = SamplesClustered(((0,), (1,)), "", 0.0)
    given_up = (READ, FORMULATED, apart, broken, down)
    assert step(*given_up) == CompileModel(OTHER, (), "text")
    here = state(*given_up, OTHER_COMPILED)
    assert here.draft is None
    assert isinstance(next_step(here), CompareRendering)
    said = {check.name: check.detail for check in checks_of(here)}
    assert "no such name" in said["formulator_replied"]
    again = step(*given_up, CompileFailed(OTHER, "y", "unbounded name", (), 0.0))
    assert (again.status, again.reason) == (Status.ERROR, "no_model")


def argued(*, clusters=((0,), (1,))):
    """Formulation and program have other optima, and the debugger cannot help."""
    down = AgentFailed("debugger", FailureKind.REPLY, "nothing", SPENT)
    apart = SamplesClustered(clusters, "", 0.0)
    return (READ, FORMULATED, apart, COMPILED, WRITTEN, compared(Agreement.DIFFERS, same=False), down)


def test_where_formulation_and_program_stay_apart_the_embedded_reading_is_put_beside_the_program():
    assert step(*argued()) == CompileModel(OTHER, (), "text")
    beside = step(*argued(), OTHER_COMPILED)
    assert beside == CompareProgram(OTHER, "program", ())
    settled = (*argued(), OTHER_COMPILED, compared(Agreement.UNDECIDED, same=True))
    assert isinstance(step(*settled), CompareRendering)
    assert "contradicts" in {check.name: check.detail for check in checks_of(state(*settled))}["formulator_replied"]


def test_a_formulation_that_the_embedded_reader_shares_is_not_given_up_nor_is_any_at_high_effort():
    assert isinstance(step(*argued(clusters=((0, 1),))), CompareRendering)
    high = (TextAnalysed("", "", (), SPENT), *argued())
    assert isinstance(step(READ, *high, effort=Effort.HIGH), CompareRendering)


def test_no_program_makes_an_answer_confident_that_a_confident_reader_contradicts():
    agreed = (READ, FORMULATED, SamplesClustered(((0,), (1,)), "", 0.0), COMPILED, WRITTEN, compared(Agreement.AGREES))
    here = state(*agreed)
    confidence, stands = confidence_of(here, checks_of(here))
    assert not stands
    assert confidence < CONFIDENT_FROM
    together = state(*(SamplesClustered(((0, 1),), "", 0.0) if isinstance(e, SamplesClustered) else e for e in agreed))
    assert confidence_of(together, checks_of(together))[0] > confidence


def test_the_same_state_gives_the_same_step():
    assert step(UNREAD, FORMULATED, COMPILED) == step(UNREAD, FORMULATED, COMPILED)
