"""Ratios of linear functions, against every point of small boxes."""

from __future__ import annotations

import io
import itertools
import math
import random
from dataclasses import replace

import numpy as np
import pytest

from solvers.fractional import Affine, Ratio, fractional, ratio_of, solve_fractional
from solvers.milp import Sense
from solvers.nonlinear import Nonlinear, solve_nonlinear
from solvers.port import SolveOptions
from solvers.result import Limit, Reason, Termination


def exported(build) -> Nonlinear:
    import pyomo.environ as pyo
    from pyomo.repn.plugins.nl_writer import NLWriter

    nl, row, col = io.StringIO(), io.StringIO(), io.StringIO()
    NLWriter().write(build(pyo), nl, row, col, linear_presolve=False, symbolic_solver_labels=True)
    return Nonlinear(nl.getvalue(), col.getvalue(), row.getvalue())


def ratio_model(above, below, rows, most, *, maximize, whole=True):
    """``above`` and ``below`` are [constant, coefficients...]; ``rows`` hold (coefficients, limit) of <=."""

    def build(pyo):
        m = pyo.ConcreteModel()
        m.x = pyo.Var(range(len(most)), domain=pyo.Integers if whole else pyo.Reals, bounds=lambda _, j: (0, most[j]))

        def form(c):
            return c[0] + sum(a * m.x[j] for j, a in enumerate(c[1:]))

        m.rows = pyo.ConstraintList()
        for coefficients, limit in rows:
            m.rows.add(sum(a * m.x[j] for j, a in enumerate(coefficients)) <= limit)
        m.goal = pyo.Objective(expr=form(above) / form(below), sense=pyo.maximize if maximize else pyo.minimize)
        return m

    return exported(build)


def enumerated(above, below, rows, most, *, maximize):
    best = None
    for x in itertools.product(*(range(u + 1) for u in most)):
        if any(sum(a * v for a, v in zip(c, x, strict=True)) > limit for c, limit in rows):
            continue
        n, d = (c[0] + sum(a * v for a, v in zip(c[1:], x, strict=True)) for c in (above, below))
        best = n / d if best is None else (max if maximize else min)(best, n / d)
    return best


@pytest.mark.parametrize("seed", range(40))
def test_the_optimum_is_the_best_of_all_points(seed):
    draw = random.Random(seed)
    n = draw.randint(1, 3)
    above = [draw.randint(-9, 9) for _ in range(n + 1)]
    below = [draw.randint(1, 9), *(draw.randint(0, 9) for _ in range(n))]
    below[1] += 1  # a ratio at all
    if draw.random() < 0.5:
        below = [-a for a in below]
    rows = [([draw.randint(1, 5) for _ in range(n)], draw.randint(1, 12)) for _ in range(2)]
    rows.append(([-draw.randint(1, 2) for _ in range(n)], draw.randint(-3, 0)))
    most = [draw.randint(1, 5) for _ in range(n)]
    maximize = draw.random() < 0.5
    expected = enumerated(above, below, rows, most, maximize=maximize)
    model = ratio_model(above, below, rows, most, maximize=maximize)
    program = fractional(model.read())
    assert program is not None
    solution = solve_nonlinear(model, SolveOptions(time_limit_s=60))
    if expected is None:
        assert solution.termination.reason is Reason.INFEASIBLE
        assert solution.point is None
        return
    assert solution.termination.reason is Reason.OPTIMAL
    assert "Dinkelbach" in solution.choice
    assert solution.sense is (Sense.MAXIMIZE if maximize else Sense.MINIMIZE)
    assert solution.objective == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert solution.bound == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_a_ratio_over_divisible_amounts_is_found_at_a_vertex():
    # (x + 3y) / (1 + x + y) with x + y <= 4: all of y, 12 / 5.
    model = ratio_model([0, 1, 3], [1, 1, 1], [([1, 1], 4)], [9, 9], maximize=True, whole=False)
    solution = solve_nonlinear(model)
    assert solution.termination.reason is Reason.OPTIMAL
    assert solution.objective == pytest.approx(12 / 5)
    assert solution.point.values == pytest.approx([0, 4])


def test_a_denominator_that_may_be_zero_is_left_alone():
    model = ratio_model([0, 3], [0, 1], [], [4], maximize=True)
    assert solve_fractional(fractional(model.read()), SolveOptions()) is None


def test_a_limit_leaves_a_bound_that_holds(monkeypatch):
    # x in 0..4: (1 + 3x) / (2 + x) rises to 13 / 6; the first step is stopped with a bound that is not closed.
    from solvers import solving

    real = solving.solve

    def stopped(model, options=None, **more):
        found = real(model, options, **more)
        if model.sense is Sense.MINIMIZE:
            return found
        return replace(found, termination=Termination(Reason.LIMIT, Limit.TIME), bound=found.bound + 1.0)

    monkeypatch.setattr(solving, "solve", stopped)
    solution = solve_fractional(fractional(ratio_model([1, 3], [2, 1], [], [4], maximize=True).read()), SolveOptions())
    assert solution.termination == Termination(Reason.LIMIT, Limit.TIME)
    assert solution.objective == pytest.approx(13 / 6)
    assert solution.bound >= 13 / 6


N, V = ("n", "v")
EXPRESSIONS = {
    "2 (x + 1) / (y + 3)": ((("2", 2), (N, 2.0), ("2", 3), ("2", 0), (V, 0), (N, 1.0), ("2", 0), (V, 1), (N, 3.0))),
    "-x / y + 4": ((("2", 0), ("1", 16), ("2", 3), (V, 0), (V, 1), (N, 4.0))),
    "x / y - (x + 1) / y": ((("2", 1), ("2", 3), (V, 0), (V, 1), ("2", 3), ("2", 0), (V, 0), (N, 1.0), (V, 1))),
    "(x / 4) / (y / 5)": ((("2", 3), ("2", 3), (V, 0), (N, 4.0), ("2", 3), (V, 1), (N, 5.0))),
    "y to the -1": ((("2", 5), (V, 1), (N, -1.0))),
    "3 - x / y": ((("2", 1), (N, 3.0), ("2", 3), (V, 0), (V, 1))),
}


@pytest.mark.parametrize("body", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_a_ratio_has_the_value_of_its_expression(body):
    from solvers.formats.nl import _evaluate

    found = ratio_of(body, {}, {})
    assert isinstance(found, Ratio)
    for x, y in ((1.0, 2.0), (-3.5, 7.0), (0.0, -1.25)):
        at = np.array([x, y])
        assert found.above.at(at) / found.below.at(at) == pytest.approx(_evaluate(body, {0: x, 1: y}))


NO_RATIOS = {
    "x y": (("2", 2), (V, 0), (V, 1)),
    "x / y + x": (("2", 0), ("2", 3), (V, 0), (V, 1), (V, 0)),
    "x / y + y / x": (("2", 0), ("2", 3), (V, 0), (V, 1), ("2", 3), (V, 1), (V, 0)),
    "x squared": (("2", 5), (V, 0), (N, 2.0)),
    "log x": (("1", 43), (V, 0)),
    "x / 0": (("2", 3), (V, 0), (N, 0.0)),
}


@pytest.mark.parametrize("body", NO_RATIOS.values(), ids=NO_RATIOS.keys())
def test_what_is_no_ratio_of_linear_functions_is_left_alone(body):
    assert ratio_of(body, {}, {}) is None


def test_affine_forms_forget_terms_that_cancel():
    assert Affine(1.0, {0: 2.0, 1: 1.0}).plus(Affine(0.5, {0: 1.0}), -2.0) == Affine(0.0, {1: 1.0})
    assert math.isclose(Affine(1.0, {0: 2.0}).at(np.array([3.0])), 7.0)
