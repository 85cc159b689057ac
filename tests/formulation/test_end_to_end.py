"""Every sample problem, from its words to its answer, with the real parts."""

from __future__ import annotations

import asyncio
import json

import pytest

from benchmarks.suites.own import load_cases
from formulation.answer import CheckResult, Status
from formulation.perform import Workshop
from formulation.problem import Problem
from formulation.sandbox import Sandbox
from formulation.solve import solve_problem

CASES = load_cases()
HELD = (Status.OPTIMAL, Status.FEASIBLE)


@pytest.fixture(scope="module")
def workshop():
    with Sandbox() as sandbox:
        yield Workshop(sandbox)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_sample_is_answered_right_or_not_at_all(case, workshop):
    answer = asyncio.run(solve_problem(Problem(case.text), workshop))
    checks = {check.name: check for check in answer.checks}
    if answer.status in (Status.NOT_UNDERSTOOD, Status.NEEDS_ANSWERS):
        assert not answer.confident
        assert answer.explanation
        return
    assert answer.status.value in (case.statuses or {"optimal"})
    assert checks["renderer_agrees"].result is CheckResult.PASSED, checks["renderer_agrees"].detail
    assert json.loads(checks["renderer_agrees"].certificate)["type"] == "Permutation"
    if answer.status in HELD:
        assert answer.objective is not None
        assert case.value is not None
        assert answer.objective.value == pytest.approx(case.value)
        assert checks["solution_replayed"].result is CheckResult.PASSED
