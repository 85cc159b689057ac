"""Solves through the public function, against optima derived by hand and by brute force."""

from __future__ import annotations

import itertools
import math
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from solvers import registry, solve
from solvers.audit import Outcome, audit
from solvers.errors import OptionsError, Unsupported
from solvers.example_models import market_split, transport
from solvers.milp import Milp, Sense
from solvers.port import Availability, Cancellation, ModelClass, Progress, SolveOptions
from solvers.result import Duals, Limit, Point, Reason, Solution, Termination
from solvers.solving import held_to

INF = math.inf


def test_the_dual_of_a_binding_row_is_its_shadow_price_in_the_models_own_sense(make):
    # max 3x + 2y, x + y <= 4, x <= 3: at (3, 1) one more unit of the first row is worth 2, of the bound on x 1.
    model = make([3, 2], [([1, 1], -INF, 4)], sense=Sense.MAXIMIZE, upper=[3, INF])
    solution = solve(model)
    assert solution.objective == pytest.approx(11)
    assert solution.duals is not None
    assert solution.duals.rows == pytest.approx([2])
    assert solution.duals.columns == pytest.approx([1, 0])


def test_a_minimisation_has_a_positive_dual_on_a_demand_row(make):
    # min 3x + 5y, x + y >= 4: x = 4; one more unit costs 3, and a unit of y would cost 2 too much.
    solution = solve(make([3, 5], [([1, 1], 4, INF)]))
    assert solution.duals is not None
    assert solution.duals.rows == pytest.approx([3])
    assert solution.duals.columns == pytest.approx([0, 2])
    assert solution.bound == pytest.approx(12)


def test_an_infeasible_lp_comes_with_multipliers_that_prove_it(make):
    solution = solve(make([1, 1], [([1, 1], 5, INF), ([1, 1], -INF, 4)]))
    assert solution.termination.reason is Reason.INFEASIBLE
    assert solution.farkas is not None


def test_an_unbounded_lp_comes_with_a_ray(make):
    solution = solve(make([-1, -1], [([1, -1], 0, 0)]))
    assert solution.termination.reason is Reason.UNBOUNDED
    assert solution.ray is not None
    assert solution.ray[0] > 0


def test_an_unbounded_milp_is_told_from_an_infeasible_one(make):
    unbounded = make([-1, -1], [([1, -1], 0, 0)], domains=1)
    infeasible = make([-1, -1], [([2, -2], 1, 1)], domains=1)  # the difference of two whole numbers is no half
    assert solve(unbounded).termination.reason is Reason.UNBOUNDED
    assert solve(infeasible, solver="highs").termination.reason is Reason.INFEASIBLE


def test_a_convex_quadratic_objective_is_minimised(make):
    # min (x-1)^2 + (y-2)^2 = x^2 + y^2 - 2x - 4y + 5 on x + y <= 2: the projection of (1, 2) is (0.5, 1.5).
    model = make([-2, -4], [([1, 1], -INF, 2)], quadratic=[[2, 0], [0, 2]], constant=5)
    solution = solve(model)
    assert solution.termination.reason is Reason.OPTIMAL
    assert solution.objective == pytest.approx(0.5, abs=1e-5)
    assert solution.point is not None
    assert solution.point.values == pytest.approx([0.5, 1.5], abs=1e-5)


def test_a_concave_quadratic_objective_is_maximised(make):
    # max 4x - x^2 on [0, 10]: x = 2, value 4.
    solution = solve(make([4], [], quadratic=[[-2]], sense=Sense.MAXIMIZE, upper=10))
    assert solution.objective == pytest.approx(4, abs=1e-6)


def test_highs_refuses_a_nonconvex_quadratic_objective(make):
    with pytest.raises(Unsupported, match="not convex"):
        solve(make([0, 0], [], quadratic=[[0, 1], [1, 0]], upper=1), solver="highs")


def test_a_semi_continuous_column_is_zero_or_in_its_range(make):
    # min x + 3y, x + y >= 1, x in {0} or [2, 4]: x = 2 costs 2, y = 1 costs 3.
    solution = solve(make([1, 3], [([1, 1], 1, INF)], lower=[2, 0], upper=[4, INF], domains=[2, 0]))
    assert solution.objective == pytest.approx(2)
    # with x in {0} or [4, 5] it is y = 1.
    solution = solve(make([1, 3], [([1, 1], 1, INF)], lower=[4, 0], upper=[5, INF], domains=[2, 0]))
    assert solution.objective == pytest.approx(3)


def test_a_semi_continuous_column_whose_bounds_hold_zero_is_a_plain_one(make):
    # min x, x >= 3, x in {0} or [0, infinity): 3
    assert solve(make([1], [([1], 3, INF)], domains=2)).objective == pytest.approx(3)


def test_solves_in_several_threads_do_not_disturb_each_other():
    model = _knapsack(25, seed=1)
    expected = solve(model).objective
    found: list[float] = []

    def work() -> None:
        for k in range(8):
            found.append(solve(model, SolveOptions(seed=k, threads=1 + k % 2)).objective)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == pytest.approx([expected] * 32)


def test_a_model_without_columns_is_answered(make):
    model = make([], [([], -1, 1)], constant=7)
    assert solve(model).objective == 7
    assert solve(make([], [([], 1, 2)])).termination.reason is Reason.INFEASIBLE


def test_a_gap_that_was_asked_for_is_a_limit_and_not_an_optimum():
    model = _knapsack(60, seed=3)
    solution = solve(model, SolveOptions(mip_gap=0.5))
    assert solution.point is not None
    assert solution.termination.reason in (Reason.LIMIT, Reason.OPTIMAL)
    if solution.termination.reason is Reason.LIMIT:
        assert solution.termination.limit is Limit.GAP


def test_a_solve_is_cancelled_from_another_thread():
    cancellation = Cancellation()
    timer = threading.Timer(1.0, cancellation.request)
    timer.start()
    started = time.monotonic()
    solution = solve(market_split(5, 40, 1), SolveOptions(time_limit_s=60), cancellation=cancellation)
    assert solution.termination.reason is Reason.CANCELLED
    assert time.monotonic() - started < 30


def test_progress_is_reported_with_seconds_that_grow():
    seen: list[Progress] = []
    cancellation = Cancellation()

    def hear(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 3:
            cancellation.request()

    options = SolveOptions(time_limit_s=60)
    solve(market_split(5, 40, 1), options, on_progress=hear, cancellation=cancellation)
    assert len(seen) >= 3
    assert [p.seconds for p in seen] == sorted(p.seconds for p in seen)


def test_a_point_that_misses_a_row_is_never_passed_on(make):
    model = make([1], [([1], 2, INF)])
    claimed = Solution(Termination(Reason.OPTIMAL), Sense.MINIMIZE, "liar", "1", point=Point(np.array([1.0]), 1.0))
    solution = held_to(model, claimed)
    assert solution.termination.reason is Reason.FAILED
    assert solution.point is None
    assert "liar" in solution.termination.detail


def test_an_optimum_that_its_duals_do_not_prove_is_called_numerical(make):
    model = make([1], [([1], 2, INF)])
    claimed = Solution(
        Termination(Reason.OPTIMAL),
        Sense.MINIMIZE,
        "liar",
        "1",
        point=Point(np.array([3.0]), 3.0),
        duals=Duals(np.array([1.0]), np.array([0.0])),
    )
    solution = held_to(model, claimed)
    assert solution.termination.reason is Reason.NUMERICAL
    assert solution.point is not None


@pytest.mark.parametrize(
    "options", [SolveOptions(time_limit_s=-1), SolveOptions(mip_gap=-0.1), SolveOptions(threads=0)]
)
def test_options_without_sense_are_refused(make, options):
    with pytest.raises(OptionsError):
        solve(make([1]), options)


def test_an_unknown_solver_is_named_with_those_there_are(make):
    with pytest.raises(OptionsError, match="highs"):
        solve(make([1]), solver="abacus")


@st.composite
def small_milps(draw: st.DrawFn) -> Milp:
    n, m = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    number = st.integers(-5, 5)
    rows = [draw(st.lists(number, min_size=n, max_size=n)) for _ in range(m)]
    ends = [sorted((draw(number), draw(number))) for _ in range(m)]
    return Milp(
        draw(st.sampled_from(list(Sense))),
        np.array(draw(st.lists(number, min_size=n, max_size=n)), dtype=float),
        sparse.csr_array(np.array(rows, dtype=float).reshape(m, n)),
        np.array([e[0] if draw(st.booleans()) else -INF for e in ends], dtype=float),
        np.array([e[1] if draw(st.booleans()) else INF for e in ends], dtype=float),
        np.zeros(n),
        np.full(n, 3.0),
        np.ones(n, dtype=np.int8),
        [f"x{j}" for j in range(n)],
        [f"r{i}" for i in range(m)],
        constant=float(draw(number)),
    )


@settings(max_examples=60, deadline=None)
@given(small_milps())
def test_the_optimum_is_the_best_of_all_points(model):
    best = None
    for values in itertools.product(range(4), repeat=model.n_columns):
        x = np.array(values, dtype=float)
        activity = model.matrix @ x
        if np.all(activity >= model.row_lower) and np.all(activity <= model.row_upper):
            value = model.objective_at(x)
            better = best is None or (value < best if model.sense is Sense.MINIMIZE else value > best)
            best = value if better else best
    solution = solve(model)
    if best is None:
        assert solution.termination.reason is Reason.INFEASIBLE
    else:
        assert solution.objective == pytest.approx(best)


def _knapsack(n: int, *, seed: int) -> Milp:
    random = np.random.default_rng(seed)
    weights, values = random.integers(10, 60, n), random.integers(10, 60, n)
    return Milp(
        Sense.MAXIMIZE,
        values.astype(float),
        sparse.csr_array(weights.reshape(1, n).astype(float)),
        np.array([-INF]),
        np.array([weights.sum() / 3.0]),
        np.zeros(n),
        np.ones(n),
        np.ones(n, dtype=np.int8),
        [f"x{j}" for j in range(n)],
        ["weight"],
    )


class _Broken:
    """A backend in numerical trouble."""

    name = "highs"
    classes = frozenset({ModelClass.LP})

    def availability(self) -> Availability:
        return Availability(available=True)

    def solve(self, model, options, *, on_progress=None, cancellation=None):
        return Solution(Termination(Reason.NUMERICAL, detail="lost"), model.sense, self.name, "0")


def test_auto_turns_to_the_next_backend_where_its_first_choice_is_in_trouble(make, monkeypatch):
    from solvers import select, solving

    def known(name):
        return _Broken() if name == "highs" else registry.backend(name)

    monkeypatch.setattr(select, "backend", known)
    monkeypatch.setattr(solving, "backend", known)
    solution = solve(make([3, 5], [([1, 1], 4, INF)]))
    assert solution.solver == "glop"
    assert solution.objective == pytest.approx(12)
    assert solution.choice.startswith("highs ended numerical (lost); LP")


def test_auto_says_which_backend_it_took_and_why(make):
    assert solve(make([3, 5], [([1, 1], 4, INF)])).choice == "LP, 1 rows, 2 columns: HiGHS takes it"


@pytest.mark.parametrize("solver", ["highs", "glop", "scip"])
def test_every_solver_that_calls_an_lp_unbounded_comes_with_the_proof(make, solver):
    if not registry.backend(solver).availability().available:
        pytest.skip(f"{solver} is not installed")
    # max x + y with x - y in [0, 2]: along (1, 1) for ever.
    model = make([1, 1, 0], [([1, -1, 0], 0, 2), ([0, 0, 1], 1, 1)], sense=Sense.MAXIMIZE)
    solution = solve(model, solver=solver)
    assert solution.termination.reason is Reason.UNBOUNDED
    assert solution.ray is not None
    assert solution.ray / solution.ray.max() == pytest.approx([1, 1, 0])
    assert {a.name: a.outcome for a in audit(model, solution)}["unboundedness_proof"] is Outcome.PASSED


def test_a_quadratic_program_is_cancelled_while_it_runs():
    # A dense one of 800 columns takes HiGHS' QP solver far longer than the half second that it is given.
    n = 800
    draw = np.random.default_rng(0)
    factor = draw.normal(size=(n, n))
    hessian = factor @ factor.T
    model = Milp(
        Sense.MINIMIZE,
        draw.normal(size=n) * n,
        sparse.csr_array(draw.normal(size=(n, n))),
        np.full(n, -1.0),
        np.full(n, 1.0),
        np.full(n, -1.0),
        np.full(n, 1.0),
        np.zeros(n, dtype=np.int8),
        [f"x{j}" for j in range(n)],
        [f"r{i}" for i in range(n)],
        quadratic=sparse.csr_array((hessian + hessian.T) / 2),
    )
    cancellation = Cancellation()
    threading.Timer(0.5, cancellation.request).start()
    started = time.monotonic()
    solution = solve(model, SolveOptions(time_limit_s=60), solver="highs", cancellation=cancellation)
    assert solution.termination.reason is Reason.CANCELLED
    assert time.monotonic() - started < 30


def test_what_a_backend_refuses_in_a_process_of_its_own_is_said_in_the_models_names():
    model = transport(110, 1)
    model = replace(model, column_names=[f"ship{j}" for j in range(model.n_columns)])
    with pytest.raises(Unsupported, match="'ship0' is continuous"):
        solve(model, solver="cp-sat", cancellation=Cancellation())


@pytest.mark.parametrize("solver", ["highs", "glop", "scip"])
def test_a_solve_that_may_be_cancelled_ends_like_one_that_may_not(solver):
    if not registry.backend(solver).availability().available:
        pytest.skip(f"{solver} is not installed")
    model = transport(110, 1)  # scip solves it in a process of its own
    assert solve(model, solver=solver, cancellation=Cancellation()).objective == pytest.approx(solve(model).objective)
