"""Models and options that no solver likes end alike with every backend: an answer that holds, or an error that says why."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from solvers import Cancellation, SolveOptions, solve
from solvers.backends import highs
from solvers.errors import ModelError, OptionsError, Unsupported
from solvers.milp import Domain
from solvers.registry import backends
from solvers.result import Limit, Reason, Termination

INF = math.inf
NAMES = [backend.name for backend in backends() if backend.availability().available]
WHOLE = [name for name in NAMES if name in ("highs", "cp-sat", "scip")]


def _taken(model, options=None):
    """What each backend that takes the model says."""
    said = {}
    for name in [*NAMES, "auto"]:
        try:
            said[name] = solve(model, options, solver=name)
        except Unsupported:
            continue
    assert "auto" in said
    return said


@pytest.mark.parametrize("part", ["costs", "coefficients", "constant"])
@pytest.mark.parametrize("size", [1e20, 1e300])
def test_numbers_that_solvers_read_as_infinite_are_refused_by_name(make, part, size):
    model = make(
        [size if part == "costs" else 1],
        [([size if part == "coefficients" else 1], 1, INF)],
        constant=size if part == "constant" else 0,
        upper=9,
    )
    word = {"costs": "objective", "coefficients": "matrix", "constant": "constant"}[part]
    for name in [*NAMES, "auto", *(["portfolio"] if part == "constant" and size == 1e20 else [])]:
        with pytest.raises(Unsupported, match=f"the {word} holds 1e"):
            solve(model, solver=name)


@pytest.mark.parametrize("domain", [Domain.CONTINUOUS, Domain.INTEGER])
def test_a_bound_that_solvers_read_as_infinite_counts_as_none_and_that_is_said(make, domain):
    for name, solution in _taken(make([-1], [([1], -INF, 1e25)], upper=1e300, domains=domain)).items():
        if name == "pdlp":
            continue  # it ends without a verdict on unbounded models
        assert solution.termination.reason is Reason.UNBOUNDED
        assert solution.termination.detail == "bounds of 1e+20 and more count as none"


def test_a_side_beyond_every_number_is_refused_by_the_name_of_its_row(make):
    for name in [*NAMES, "auto"]:
        with pytest.raises(Unsupported, match="the row 'r0' holds 1e"):
            solve(make([1], [([1], 1e300, INF)]), solver=name)


def test_numbers_that_are_none_make_no_model(make):
    for value in (math.nan, INF, -INF):
        with pytest.raises(ModelError, match="NaN or infinite"):
            make([value], [([1], 0, 1)])
        with pytest.raises(ModelError, match="NaN or infinite"):
            make([1], [([value], 0, 1)])
    with pytest.raises(ModelError, match="hold no number"):
        make([1], [([1], math.nan, 1)])
    with pytest.raises(ModelError, match="hold no number"):
        make([1], [([1], 2, 1)])


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([([0, 0], -1, 1)], Reason.OPTIMAL),
        ([([0, 0], 1, 2)], Reason.INFEASIBLE),
        ([([1, 1], 1, 1), ([1, 1], 2, 2)], Reason.INFEASIBLE),
        ([([1, 0], 5, 5)], Reason.INFEASIBLE),
        ([([1, 1], -INF, INF)], Reason.OPTIMAL),
        ([], Reason.OPTIMAL),
    ],
)
@pytest.mark.parametrize("domain", [Domain.CONTINUOUS, Domain.INTEGER])
def test_empty_free_and_contradicting_rows_are_read_alike(make, rows, reason, domain):
    said = _taken(make([1, 2], rows, upper=3, domains=domain))
    assert {solution.termination.reason for solution in said.values()} == {reason}


def test_names_are_nothing_to_a_solver(make):
    model = make([1, 2], [([1, 1], 2, INF)], upper=9, domains=Domain.INTEGER)
    for names in (["a", "a"], ["", "\0\n"], ["x" * 100_000, "\u202e\U0001f41e"]):
        said = _taken(replace(model, column_names=names, row_names=[names[1]]))
        assert all(solution.objective == pytest.approx(2) for solution in said.values())


@pytest.mark.parametrize("solver", WHOLE)
def test_a_start_is_a_hint_however_wild(make, solver):
    model = make([1], [([1], 2, INF)], upper=9, domains=Domain.INTEGER)
    for value in (math.nan, INF, -1e300, 2.4, 100.0):
        solution = solve(model, SolveOptions(start=np.array([value])), solver=solver)
        assert solution.objective == pytest.approx(2)
    with pytest.raises(OptionsError, match=r"a start of shape \(3,\) for 1 columns"):
        solve(model, SolveOptions(start=np.zeros(3)), solver=solver)


@pytest.mark.parametrize("solver", WHOLE)
def test_limits_beyond_reason_are_no_limits(make, solver):
    model = make([1], [([1], 2, INF)], upper=9, domains=Domain.INTEGER)
    wild = (
        SolveOptions(time_limit_s=INF),
        SolveOptions(time_limit_s=1e300),
        SolveOptions(node_limit=2**40),
        SolveOptions(threads=10**6),
        SolveOptions(seed=-(2**70)),
        SolveOptions(mip_gap=0.0),
    )
    for options in wild:
        assert solve(model, options, solver=solver).termination.reason is Reason.OPTIMAL, options


@pytest.mark.parametrize("solver", [*NAMES, "auto", "portfolio"])
def test_asked_to_stop_before_the_start_nothing_is_solved(make, solver):
    asked = Cancellation()
    asked.request()
    domain = Domain.CONTINUOUS if solver in ("glop", "pdlp") else Domain.INTEGER
    solution = solve(make([1], [([1], 2, INF)], upper=9, domains=domain), solver=solver, cancellation=asked)
    assert solution.termination.reason is Reason.CANCELLED
    assert solution.point is None


def test_without_any_time_there_is_a_limit_or_an_answer_that_holds(make):
    for solution in _taken(make([1, 3], [([2, 3], 7, INF)], upper=9), SolveOptions(time_limit_s=0)).values():
        termination = solution.termination
        assert termination.reason in (Reason.OPTIMAL, Reason.LIMIT)
        assert termination.limit in (None, Limit.TIME)


def test_what_no_backend_takes_is_refused_with_the_reason_of_the_first(make):
    # x is 0, or 2 and more: the row ends it, which no backend counts as a bound of a semi-continuous column
    model = make([1, 3], [([1, 1], 1, 9)], lower=[2, 0], upper=[INF, 9], domains=[Domain.SEMI_INTEGER, Domain.INTEGER])
    for solver in ("highs", "auto"):
        with pytest.raises(Unsupported, match="finite bound at both ends"):
            solve(model, solver=solver)


def test_an_infeasible_model_stays_so_where_a_second_solve_settles_nothing(make, monkeypatch):
    # two rows that contradict, and a column that may gain for ever: HiGHS' claim is tried again without the objective
    model = make([-1, 0], [([0, 1], 1, INF), ([0, 1], -INF, 0)], lower=[0, -5], upper=[INF, 5])
    run = highs.Session.run
    tried = []

    def unsettled(session, **options):
        if np.any(session._model.objective):
            return run(session, **options)
        tried.append(session)
        return Termination(Reason.NUMERICAL)

    monkeypatch.setattr(highs.Session, "run", unsettled)
    monkeypatch.setattr(highs, "_may_be_unbounded", lambda *_: True)
    assert solve(model, solver="highs").termination.reason is Reason.INFEASIBLE
    assert tried
