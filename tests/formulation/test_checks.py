"""Confidence follows from the checks and from nothing else."""

from __future__ import annotations

import pytest

from formulation.answer import Check, CheckResult
from formulation.checks import CONFIDENT_FROM, FAILED_FACTOR, MUST_PASS, UNKNOWN_FACTOR, checks_of, confidence_of
from formulation.events import ModelCompiled, TextRead
from formulation.finding import Finding, LintCheck, Severity
from formulation.formulation import Formulation, Objective, Variable
from formulation.problem import Problem
from formulation.reading import Reading, ReadingStatus
from formulation.state import State
from solvers.milp import Sense

FORMULATION = Formulation(variables=(Variable("x"),), objective=Objective(Sense.MINIMIZE, "x"))


def read(confidence: float = 0.95) -> State:
    return State(Problem("t")).after(TextRead(Reading(ReadingStatus.UNDERSTOOD, "e", FORMULATION, confidence), 0.0))


def test_all_passed_leaves_the_readers_own_confidence():
    assert confidence_of(read(), (Check("reading", CheckResult.PASSED),)) == (0.95, True)


@pytest.mark.parametrize("name", sorted(MUST_PASS))
def test_a_check_that_must_pass_takes_all_confidence_when_it_fails(name):
    assert confidence_of(read(), (Check(name, CheckResult.FAILED),)) == (0.0, False)


def test_another_failed_check_lowers_the_confidence_and_the_service_does_not_stand_behind_it():
    confidence, stands = confidence_of(read(1.0), (Check("units_agree", CheckResult.FAILED),))
    assert confidence == pytest.approx(FAILED_FACTOR)
    assert not stands


def test_an_unknown_check_lowers_the_confidence_a_little():
    confidence, stands = confidence_of(read(1.0), (Check("program_agrees", CheckResult.UNKNOWN),))
    assert confidence == pytest.approx(UNKNOWN_FACTOR)
    assert stands == (UNKNOWN_FACTOR >= CONFIDENT_FROM)


def test_what_was_not_run_says_so_and_changes_nothing():
    checks = checks_of(State(Problem("t")))
    assert {check.result for check in checks} == {CheckResult.NOT_RUN}
    assert confidence_of(State(Problem("t")), checks) == (0.0, False)


def test_an_error_found_fails_its_check_and_a_warning_leaves_it_unknown():
    findings = (
        Finding(LintCheck.NUMBERS_COVERED, Severity.ERROR, "", "nothing uses 40"),
        Finding(LintCheck.UNITS_AGREE, Severity.WARNING, "budget", "hours beside dollars"),
    )
    state = read().after(ModelCompiled(FORMULATION, 1, 1, 1, True, findings, 0.0))
    results = {check.name: check for check in checks_of(state)}
    assert results["numbers_covered"] == Check("numbers_covered", CheckResult.FAILED, "nothing uses 40")
    assert results["units_agree"].result is CheckResult.UNKNOWN
    assert results["directions_agree"].result is CheckResult.PASSED
    assert results["model_built"].detail == "1 column, 1 row"
