"""The order of the steps, decided from the state alone."""

from __future__ import annotations

import numpy as np
import pytest

from formulation.answer import CheckResult, Status
from formulation.events import (
    CompareRendering,
    CompileFailed,
    CompileModel,
    Finish,
    ModelCompiled,
    ModelSolved,
    ReadText,
    RenderingCompared,
    SolveFailed,
    SolveModel,
    TextRead,
)
from formulation.formulation import Formulation, Objective, Question, Variable
from formulation.policy import finish_of, next_step
from formulation.problem import Problem
from formulation.reading import Reading, ReadingFailure, ReadingStatus
from formulation.state import State
from solvers.milp import Sense
from solvers.result import Limit, Point, Reason, Solution, Termination

FORMULATION = Formulation(variables=(Variable("x"),), objective=Objective(Sense.MINIMIZE, "x"))
READ = TextRead(Reading(ReadingStatus.UNDERSTOOD, "embedded", FORMULATION, 0.9), 0.001)
COMPILED = ModelCompiled(FORMULATION, 0, 1, 0, True, (), 0.001)
RENDERED = RenderingCompared("program", CheckResult.PASSED, "", 0.001)


def state(*events) -> State:
    here = State(Problem("text"))
    for event in events:
        here = here.after(event)
    return here


def solution(reason: Reason, *, limit: Limit | None = None, point: bool = False) -> Solution:
    held = Point(np.zeros(1), 0.0) if point else None
    return Solution(Termination(reason, limit), Sense.MINIMIZE, "test", "0", held)


def test_the_steps_come_in_their_order():
    assert isinstance(next_step(state()), ReadText)
    assert isinstance(next_step(state(READ)), CompileModel)
    assert isinstance(next_step(state(READ, COMPILED)), CompareRendering)
    assert isinstance(next_step(state(READ, COMPILED, RENDERED)), SolveModel)
    solved = ModelSolved(solution(Reason.OPTIMAL, point=True), 0.001)
    assert next_step(state(READ, COMPILED, RENDERED, solved)) == Finish(Status.OPTIMAL, "optimal")


def test_a_question_ends_the_run_before_anything_is_built():
    asked = Reading(
        ReadingStatus.NEEDS_ANSWERS, "embedded", FORMULATION, 0.5, questions=(Question("q", "Each or all?"),)
    )
    assert next_step(state(TextRead(asked, 0.0))) == Finish(
        Status.NEEDS_ANSWERS, "needs_answers", detail="Each or all?"
    )


def test_what_was_not_understood_is_named():
    reading = Reading(
        ReadingStatus.NOT_UNDERSTOOD, "embedded", failures=(ReadingFailure("objective", "none was found"),)
    )
    assert next_step(state(TextRead(reading, 0.0))) == Finish(
        Status.NOT_UNDERSTOOD, "not_understood", detail="none was found"
    )


def test_a_formulation_that_makes_no_model_ends_in_an_error_that_names_its_element():
    failed = CompileFailed(FORMULATION, "budget", "the name 'cost' is not defined", (), 0.0)
    assert next_step(state(READ, failed)) == Finish(
        Status.ERROR, "no_model", detail="budget: the name 'cost' is not defined"
    )


def test_a_solver_that_could_not_run_ends_in_an_error():
    step = next_step(state(READ, COMPILED, RENDERED, SolveFailed("no backend takes it", 0.0)))
    assert step == Finish(Status.ERROR, "failed", detail="no backend takes it")


def test_a_new_model_makes_what_was_known_of_the_old_one_void():
    solved = ModelSolved(solution(Reason.OPTIMAL, point=True), 0.001)
    again = state(READ, COMPILED, RENDERED, solved, COMPILED)
    assert again.rendering is None
    assert again.solved is None
    assert len(again.events) == 5


@pytest.mark.parametrize(
    ("held", "status"),
    [
        (solution(Reason.INFEASIBLE), Status.INFEASIBLE),
        (solution(Reason.UNBOUNDED), Status.UNBOUNDED),
        (solution(Reason.INFEASIBLE_OR_UNBOUNDED), Status.NO_SOLUTION),
        (solution(Reason.LIMIT, limit=Limit.TIME), Status.NO_SOLUTION),
        (solution(Reason.LIMIT, limit=Limit.TIME, point=True), Status.FEASIBLE),
        (solution(Reason.CANCELLED, point=True), Status.FEASIBLE),
        (solution(Reason.NUMERICAL), Status.ERROR),
        (solution(Reason.NUMERICAL, point=True), Status.FEASIBLE),
        (solution(Reason.FAILED), Status.ERROR),
    ],
)
def test_what_is_held_decides_the_status(held, status):
    finish = finish_of(held)
    assert finish.status is status
    assert finish.reason == held.termination.reason
    assert (finish.limit is not None) == (held.termination.reason is Reason.LIMIT)
