"""Prices and ranges hold when the numbers are really moved; ties and other optima are found."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse

from solvers import solve
from solvers.errors import OptionsError
from solvers.formats import read
from solvers.iis import Member
from solvers.milp import Milp, Sense
from solvers.result import Point, Reason
from solvers.sensitivity import count_optima, farthest_optimum, resolved, sensitivity

INF = math.inf
# Two products, 3 and 5 a unit; x <= 4, 2y <= 12, 3x + 2y <= 18: (2, 6) is worth 36.
# Prices: 0, 1.5, 1. The second holds from 6 to 18, the third from 12 to 24; costs of x from 0 to 7.5, of y from 2.
TWO = "max 3 x + 5 y\nst\n a: x <= 4\n b: 2 y <= 12\n c: 3 x + 2 y <= 18\nend"


def test_a_textbook_model_has_its_prices_and_ranges():
    model = read(TWO, "lp")
    found = sensitivity(model, solve(model))
    assert found is not None
    rows = {row.name: row for row in found.rows}
    assert rows["a"].binding is None
    assert rows["a"].slack == pytest.approx(2)
    assert [rows[k].shadow_price for k in "abc"] == pytest.approx([0, 1.5, 1])
    assert (rows["b"].lower, rows["b"].upper) == pytest.approx((6, 18))
    assert (rows["c"].lower, rows["c"].upper) == pytest.approx((12, 24))
    columns = {column.name: column for column in found.columns}
    assert (columns["x"].lower, columns["x"].upper) == pytest.approx((0, 7.5))
    assert columns["y"].lower == pytest.approx(2)
    assert columns["y"].upper == INF
    assert not found.fixed_integers
    assert found.ties == ()


def test_whole_columns_are_held_and_that_is_said():
    model = read(TWO.replace("end", "gen\n x y\nend"), "lp")
    found = sensitivity(model, solve(model))
    assert found is not None
    assert found.fixed_integers


def test_a_question_about_whole_columns_is_answered_by_solving_again():
    # max x, 2x <= 7, whole: 3; with 8 instead it is 4.
    model = read("max x\nst\n c: 2 x <= 7\nbounds\n x <= 99\ngen\n x\nend", "lp")
    assert solve(model).objective == pytest.approx(3)
    assert resolved(model, Member("row", 0, "upper"), 8.0).objective == pytest.approx(4)


def test_a_tie_is_named_and_the_other_optimum_found():
    # x and y are worth the same: (4, 0) and (0, 4).
    model = read("max x + y\nst\n c: x + y <= 4\nend", "lp")
    solution = solve(model)
    found = sensitivity(model, solution)
    assert found is not None
    assert len(found.ties) == 1
    other = farthest_optimum(model, solution)
    assert other is not None
    assert other.distance == pytest.approx(8, abs=1e-3)


def test_ranges_belong_to_the_point_held_where_another_is_as_good():
    # y is worth nothing and may lie anywhere up to 4: at 3 it stays best only while it is worth nothing
    model = read("max 2 x\nst\n c: x <= 3\nbounds\n y <= 4\ngen\n x\nend", "lp")
    solution = solve(model)
    for held in (0.0, 3.0, 4.0):
        values = np.array([3.0 if name == "x" else held for name in model.column_names])
        found = sensitivity(model, replace(solution, point=Point(values, model.objective_at(values))))
        assert found is not None
        assert [column.value for column in found.columns] == values.tolist()
        y = next(column for column in found.columns if column.name == "y")
        for cost in (y.lower, y.upper):
            if cost is None or math.isinf(cost):
                cost = -1.0 if cost is not None and cost < 0 else 1.0
            moved = replace(model, objective=np.where(np.array(model.column_names) == "y", cost, model.objective))
            assert solve(moved).objective == pytest.approx(moved.objective_at(values))


def test_optima_of_binary_models_are_counted():
    # two of four alike: 6 ways
    model = read("max a + b + c + d\nst\n r: a + b + c + d <= 2\nbin\n a b c d\nend", "lp")
    assert count_optima(model, solve(model)) == 6
    assert count_optima(model, solve(model), limit=4) == 4


def test_a_single_optimum_has_no_other():
    model = read(TWO, "lp")
    assert farthest_optimum(model, solve(model)) is None


def test_a_quadratic_objective_has_no_ranges():
    model = read("min [ 2 x^2 ] / 2\nst\n x >= 1\nend", "lp")
    with pytest.raises(OptionsError):
        sensitivity(model, solve(model))


@st.composite
def plans(draw: st.DrawFn) -> Milp:
    n, m = draw(st.integers(2, 4)), draw(st.integers(1, 4))
    rows = [draw(st.lists(st.integers(0, 6), min_size=n, max_size=n)) for _ in range(m)]
    costs = draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    return Milp(
        Sense.MAXIMIZE,
        np.array(costs, dtype=float),
        sparse.csr_array(np.array(rows, dtype=float)),
        np.full(m, -INF),
        np.array([draw(st.integers(4, 40)) for _ in range(m)], dtype=float),
        np.zeros(n),
        np.full(n, 10.0),
        np.zeros(n, dtype=np.int8),
        [f"x{j}" for j in range(n)],
        [f"r{i}" for i in range(m)],
    )


@settings(max_examples=50, deadline=None)
@given(plans(), st.floats(0.05, 0.95))
def test_prices_and_costs_hold_all_over_their_ranges(model, share):
    solution = solve(model)
    assume(solution.termination.reason is Reason.OPTIMAL)
    found = sensitivity(model, solution)
    assert found is not None
    for i, row in enumerate(found.rows):
        if row.binding is None or row.lower is None or row.upper is None or not row.shadow_price:
            continue
        side = float(model.row_upper[i])
        for end in (row.lower, row.upper):
            if not math.isfinite(end):
                continue
            moved = side + share * (end - side)
            expected = solution.objective + row.shadow_price * (moved - side)
            assert resolved(model, Member("row", i, "upper"), moved).objective == pytest.approx(expected, abs=1e-5)
    values = np.array([column.value for column in found.columns])
    for j, column in enumerate(found.columns):
        if column.lower is None or column.upper is None:
            continue
        for end in (column.lower, column.upper):
            if not math.isfinite(end):
                continue
            costs = model.objective.copy()
            costs[j] += share * (end - costs[j])
            moved = replace(model, objective=costs)
            assert solve(moved).objective == pytest.approx(moved.objective_at(values), abs=1e-5)
