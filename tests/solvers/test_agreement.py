"""Every backend says of small models what trying all whole points says, and the same as the others."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from solvers import SolveOptions, solve
from solvers.certificate import is_unbounded_ray
from solvers.errors import Unsupported
from solvers.milp import Domain, Milp, Sense
from solvers.registry import backend
from solvers.result import Reason
from solvers.semi import without_semis

INF = math.inf
SOLVERS = ("highs", "cp-sat", "scip")


def _random(seed: int, *, mixed: bool) -> Milp:
    """A model of one to four columns, whole and semi-integer, or of every domain, and often without a point."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 5)), int(rng.integers(0, 5))
    scale = float(rng.choice([1, 1, 0.1, 0.25, 1000]))
    rows = rng.integers(-4, 5, (m, n)) * (rng.random((m, n)) < 0.7) * scale
    domains = rng.choice([0, 1, 2, 3] if mixed else [1, 1, 3], n).astype(np.int8)
    lower = rng.integers(-4, 3, n).astype(float)
    upper = lower + rng.integers(0, 5, n)
    sides = rows @ rng.integers(lower, upper + 1) + rng.choice([-2, -1, -0.5, 0, 0, 1, 2], m) * scale
    kind = rng.integers(0, 4, m)
    return Milp(
        Sense.MAXIMIZE if rng.random() < 0.5 else Sense.MINIMIZE,
        rng.integers(-5, 6, n).astype(float),
        sparse.csr_array(rows.reshape(m, n)),
        np.where(kind == 1, -INF, sides),
        np.where(kind == 0, INF, np.where(kind == 3, sides + 2 * scale, sides)),
        lower,
        upper,
        domains,
        [f"x{j}" for j in range(n)],
        [f"r{i}" for i in range(m)],
        constant=float(rng.integers(-5, 6)),
    )


def _best(model: Milp) -> float | None:
    """The optimum among all whole points, None where there is none."""
    values = [
        sorted({*range(int(low), int(high) + 1), *([0] if domain == Domain.SEMI_INTEGER else [])})
        for low, high, domain in zip(model.column_lower, model.column_upper, model.domains, strict=True)
    ]
    points = np.array(list(itertools.product(*values)), dtype=float)
    activity = points @ model.matrix.toarray().T
    feasible = points[((activity >= model.row_lower - 1e-7) & (activity <= model.row_upper + 1e-7)).all(axis=1)]
    objectives = feasible @ model.objective + model.constant
    if not len(feasible):
        return None
    return float(objectives.min() if model.sense is Sense.MINIMIZE else objectives.max())


def _said(model: Milp, solver: str) -> float | None:
    solution = solve(model, SolveOptions(threads=1), solver=solver)
    if solution.termination.reason is Reason.INFEASIBLE:
        return None
    assert solution.termination.reason is Reason.OPTIMAL, solution.termination
    return solution.objective


def _installed(solver: str) -> None:
    availability = backend(solver).availability()
    if not availability.available:
        pytest.skip(availability.reason)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_backend_says_of_whole_models_what_trying_all_points_says(solver):
    _installed(solver)
    for seed in range(120):
        model = _random(seed, mixed=False)
        expected = _best(model)
        assert _said(model, solver) == (None if expected is None else pytest.approx(expected, abs=1e-5)), seed


def test_highs_and_scip_agree_on_models_of_every_domain():
    _installed("scip")
    for seed in range(120):
        model = _random(seed, mixed=True)
        expected = _said(model, "scip")
        assert _said(model, "highs") == (None if expected is None else pytest.approx(expected, abs=1e-5)), seed


def test_stated_with_binaries_a_semi_integer_model_has_the_same_optimum():
    for seed in range(300):
        model = _random(seed, mixed=False)
        stated = without_semis(model)
        assert stated.domains.max() == Domain.INTEGER
        assert stated.column_names[: model.n_columns] == model.column_names
        expected = _best(model)
        assert _best(stated) == (None if expected is None else pytest.approx(expected)), seed


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_a_semi_continuous_column_without_an_end_is_refused_by_name(make, solver):
    _installed(solver)
    endless = make([1], [([1], 3, INF)], lower=2, domains=2)
    with pytest.raises(Unsupported, match="'x0' needs a finite bound at both ends"):
        solve(endless, solver=solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_start_far_off_the_model_changes_nothing(solver):
    _installed(solver)
    for seed in range(30):
        model = _random(seed, mixed=False)
        options = SolveOptions(start=np.full(model.n_columns, 1e9), mip_gap=0.0, threads=1)
        expected = _best(model)
        reason = Reason.INFEASIBLE if expected is None else Reason.OPTIMAL
        assert solve(model, options, solver=solver).termination.reason is reason, seed


def test_a_core_says_of_a_semi_continuous_column_that_it_may_be_zero(make):
    from solvers.diagnose import diagnose

    found = diagnose(make([1], [([1], -INF, -1)], lower=2, upper=4, domains=2))
    assert any("x0 is 0 or x0 >= 2" in text for text in found.core_relations)
    assert found.termination.reason is Reason.INFEASIBLE


def test_an_answer_does_not_depend_on_whether_an_idle_column_is_semi_continuous(make):
    model = make([3, 2], [([1, 1], 1, INF)], lower=[-1, 0], upper=[4, 4])
    idle = replace(model, domains=np.array([2, 2], dtype=np.int8))
    assert solve(idle).objective == pytest.approx(solve(model).objective)
    assert solve(idle).duals is not None


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_an_unbounded_mixed_model_is_not_called_optimal_at_some_point(make, solver):
    _installed(solver)
    # y and z can grow together for ever; HiGHS by itself stops at -1026
    model = make(
        [1, -1, -1],
        [([1, -1, 2], -2, INF), ([2, -2, 4], -3, INF), ([0, 2, -1], 1, INF)],
        lower=[-1, 0, 0],
        upper=[3, INF, INF],
        domains=[0, 1, 1],
    )
    solution = solve(model, solver=solver)
    assert solution.termination.reason is Reason.UNBOUNDED
    assert solution.ray is not None
    assert is_unbounded_ray(model, solution.ray)


def _endless(seed: int) -> Milp:
    """A model most of whose columns have no end, with rows of one kind among its rows."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 5)), int(rng.integers(0, 4))
    rows = rng.integers(-2, 3, (m, n)).astype(float)
    if m > 1:
        rows[1] = rows[0] * rng.choice([1, -1, 2])
    kind, sides = rng.integers(0, 4, m), rng.integers(-3, 5, m).astype(float)
    return Milp(
        Sense.MINIMIZE if rng.random() < 0.5 else Sense.MAXIMIZE,
        rng.integers(-2, 3, n).astype(float),
        sparse.csr_array(rows),
        np.where(kind == 1, -INF, sides),
        np.where(kind == 0, INF, np.where(kind == 3, sides + 2, sides)),
        rng.choice([0, 0, -INF, -1], n),
        rng.choice([INF, INF, INF, 3], n),
        (rng.integers(0, 2, n) * (rng.random() < 0.4)).astype(np.int8),
        [f"x{j}" for j in range(n)],
        [f"r{i}" for i in range(m)],
    )


def test_backends_agree_on_which_models_have_no_end():
    _installed("scip")
    seen = set()
    for seed in range(120):
        model = _endless(seed)
        said = [solve(model, SolveOptions(node_limit=500, threads=1), solver=name) for name in ("highs", "scip")]
        reasons = {solution.termination.reason for solution in said} - {Reason.LIMIT}
        assert len(reasons) <= 1, (seed, reasons)
        seen |= reasons
    assert seen == {Reason.OPTIMAL, Reason.INFEASIBLE, Reason.UNBOUNDED}
