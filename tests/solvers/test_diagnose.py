"""Infeasible and unbounded models: the core is irreducible, the repairs restore, the ray never ends."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from benchmarks.speed.iis import planted
from solvers import solve
from solvers.diagnose import diagnose, numerical_doubts
from solvers.formats import read
from solvers.iis import Member, infeasible_core
from solvers.milp import Milp, Sense
from solvers.port import SolveOptions
from solvers.repair import cheapest_repairs, relaxed_by
from solvers.result import Reason

INF = math.inf


def only(model: Milp, members) -> Milp:
    """The model with the members' sides alone."""
    sides = {
        ("row", "lower"): np.full(model.n_rows, -INF),
        ("row", "upper"): np.full(model.n_rows, INF),
        ("column", "lower"): np.full(model.n_columns, -INF),
        ("column", "upper"): np.full(model.n_columns, INF),
    }
    for member in members:
        sides[member.kind, member.side][member.index] = member.value(model)
    changed = {f"{kind}_{side}": values for (kind, side), values in sides.items()}
    return replace(model, objective=np.zeros(model.n_columns), constant=0.0, **changed)


WHOLE = 12
"""How far from 0 whole points are looked for one by one: branching need not end where a column has no bounds."""


def holds_whole_point(model: Milp) -> bool:
    """Whether a whole point within `WHOLE` of 0 meets every row and bound, by trying them all."""
    line = np.arange(-WHOLE, WHOLE + 1)
    points = np.stack(np.meshgrid(*[line] * model.n_columns, indexing="ij"), axis=-1).reshape(-1, model.n_columns)
    met = ((points >= model.column_lower) & (points <= model.column_upper)).all(axis=1)
    activity = points[met] @ model.matrix.toarray().T
    return bool(((activity >= model.row_lower) & (activity <= model.row_upper)).all(axis=1).any())


def is_infeasible(model: Milp) -> bool:
    if np.any(model.domains):
        return not holds_whole_point(model)
    return solve(model).termination.reason is Reason.INFEASIBLE


def is_feasible(model: Milp) -> bool:
    if np.any(model.domains) and holds_whole_point(model):
        return True
    return solve(model).termination.reason in (Reason.OPTIMAL, Reason.UNBOUNDED)


def is_irreducible(model: Milp, members) -> bool:
    return all(is_feasible(only(model, [other for other in members if other != left])) for left in members)


def lacks_bounds(model: Milp, members) -> bool:
    """Whether a whole column of a row among the members is not held between two bounds among them."""
    rows = [member.index for member in members if member.kind == "row"]
    held = [(m.index, m.side) for m in members if m.kind == "column"]
    columns = set(model.matrix[rows].indices.tolist())
    return any((j, side) not in held for j in columns for side in ("lower", "upper"))


@st.composite
def crowded(draw: st.DrawFn) -> Milp:
    n, m = draw(st.integers(1, 4)), draw(st.integers(2, 7))
    number = st.integers(-4, 4)
    rows = [draw(st.lists(number, min_size=n, max_size=n)) for _ in range(m)]
    side = [draw(st.integers(-6, 6)) for _ in range(m)]
    kinds = [draw(st.sampled_from("LGE")) for _ in range(m)]
    whole = draw(st.booleans())
    return Milp(
        Sense.MINIMIZE,
        np.ones(n),
        sparse.csr_array(np.array(rows, dtype=float)),
        np.array([s if k in "GE" else -INF for k, s in zip(kinds, side, strict=True)], dtype=float),
        np.array([s if k in "LE" else INF for k, s in zip(kinds, side, strict=True)], dtype=float),
        np.zeros(n),
        np.full(n, 5.0),
        np.full(n, int(whole), dtype=np.int8),
        [f"x{j}" for j in range(n)],
        [f"r{i}" for i in range(m)],
    )


@settings(max_examples=60, deadline=None)
@given(crowded())
def test_a_core_is_infeasible_and_loses_that_with_any_member(model):
    if solve(model).termination.reason is not Reason.INFEASIBLE:
        return
    core = infeasible_core(model)
    assert core is not None
    members = list(core.members)
    checked = model if core.needs_integrality else model.relaxed()
    assert is_infeasible(only(checked, members))
    if core.irreducible:
        assert is_irreducible(checked, members)
    else:
        assert core.needs_integrality
        assert any(lacks_bounds(model, [other for other in members if other != left]) for left in members)


def test_a_core_that_only_divisibility_makes_infeasible_is_found_at_once():
    # The difference of the rows is 3 w = 2. Branching on columns without bounds would never end.
    model = read(
        "min x\nst\n a: 3 x - 2 z - w = -1\n b: 3 x - 2 z - 4 w = -3\n c: x + z <= 9\nbounds\n x <= 5\n z <= 5\n w <= 5\n"
        "gen\n x z w\nend",
        "lp",
    )
    core = infeasible_core(model)
    assert core is not None
    assert core.irreducible
    assert {(m.kind, m.index) for m in core.members} == {("row", 0), ("row", 1)}


@settings(max_examples=40, deadline=None)
@given(crowded())
def test_every_repair_restores_feasibility_and_none_is_cheaper_than_the_first(model):
    if solve(model).termination.reason is not Reason.INFEASIBLE:
        return
    repairs = cheapest_repairs(model, infeasible_core(model))
    assert [r.cost for r in repairs] == sorted(r.cost for r in repairs)
    for repair in repairs:
        assert repair.verified
        assert solve(relaxed_by(model, repair.changes)).termination.reason is not Reason.INFEASIBLE


def test_a_repair_says_what_to_raise_and_how_far():
    # 30 units at 18 cost 540; the budget is 500.
    model = read("min x\nst\n budget: 18 x <= 500\n need: x >= 30\nend", "lp")
    found = diagnose(model)
    assert found.core is not None
    assert found.core_relations == ("budget: 18 x <= 500", "need: x >= 30")
    words = [str(repair) for repair in found.repairs]
    assert "raise budget from 500 to 540" in words
    assert "lower need from 30 to 27.77777778" in words or any(
        w.startswith("lower need from 30 to 27.7777777") for w in words
    )


def test_a_side_that_must_stay_is_not_moved():
    model = read("min x\nst\n budget: 18 x <= 500\n need: x >= 30\nend", "lp")
    need = Member("row", 1, "lower")
    repairs = cheapest_repairs(model, infeasible_core(model), fixed=[need])
    assert [str(r) for r in repairs] == ["raise budget from 500 to 540"]


def test_a_model_that_is_infeasible_for_wholeness_says_so():
    found = diagnose(
        read("min x\nst\n even: 2 x + 2 y = 7\n loose: x <= 6\nbounds\n x <= 9\n y <= 9\ngen\n x y\nend", "lp")
    )
    assert found.core is not None
    assert found.core.needs_integrality
    assert found.core.irreducible
    assert "must be whole" in found.words()


def test_an_empty_row_is_a_core_of_its_own():
    core = infeasible_core(read("min x\nst\n c: 0 x >= 1\n d: x >= 2\nend", "lp"))
    assert core is not None
    assert core.members == (Member("row", 0, "lower"),)


def test_a_feasible_model_has_no_core():
    assert infeasible_core(read("min x\nst\n c: x >= 1\nend", "lp")) is None


def test_an_unbounded_model_names_what_would_bound_it():
    found = diagnose(read("max 3 x + 2 y - z\nst\n c: x - y <= 5\n d: z >= 1\nend", "lp"))
    assert found.ray is not None
    assert {entry.column for entry in found.ray.entries} == {"x", "y"}
    # With y limited, x is at most y + 5; with x limited, y still grows.
    assert found.bounds_missing == ("an upper limit on y",)
    assert "without end" in found.words()


def test_limits_that_only_together_bound_an_objective_are_named_together():
    found = diagnose(read("max x + 2 y\nst\n c: x + y >= 1\nend", "lp"))
    assert found.bounds_missing in (
        ("an upper limit on y together with an upper limit on x",),
        ("an upper limit on x together with an upper limit on y",),
    )


@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(0, 3))
def test_each_limit_that_is_named_bounds_the_objective(make, data, n, m):
    number = st.integers(-3, 3)
    rows = [data.draw(st.lists(number, min_size=n, max_size=n)) for _ in range(m)]
    sides = [data.draw(st.sampled_from([(-INF, 4), (-2, INF), (-2, 4), (0, 0)])) for _ in range(m)]
    costs = data.draw(st.lists(number, min_size=n, max_size=n))
    endless = make(costs, [(row, *side) for row, side in zip(rows, sides, strict=True)])  # 0 is feasible
    found = diagnose(endless)
    if found.termination.reason is Reason.OPTIMAL:
        return
    assert found.termination.reason is Reason.UNBOUNDED
    assert found.bounds_missing
    for said in found.bounds_missing:
        upper = endless.column_upper.copy()
        for limit in said.split(" together with "):  # no column falls below 0, so that only upper limits help
            upper[endless.column_names.index(limit.removeprefix("an upper limit on "))] = 1e3
        assert solve(replace(endless, column_upper=upper)).termination.reason is Reason.OPTIMAL


def test_numbers_that_tolerances_may_misjudge_are_named():
    model = read("min x\nst\n c: x - 1e9 b <= 0\n d: 1e-4 x >= 1\nbin\n b\nend", "lp")
    assert any("binary" in doubt for doubt in numerical_doubts(model))
    assert any("range" in doubt for doubt in numerical_doubts(model))


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_core_is_found(seed):
    model, rows = planted(300, 6, seed=seed)
    core = infeasible_core(model)
    assert core is not None
    assert core.irreducible
    assert {member.index for member in core.members if member.kind == "row"} == rows


def test_a_core_is_returned_as_it_stands_when_time_runs_out():
    model, _ = planted(300, 6, seed=1)
    core = infeasible_core(model, time_limit_s=0.0)
    assert core is None or not core.irreducible


def test_a_diagnosis_keeps_its_time_limit():
    found = diagnose(planted(300, 6, seed=1)[0], SolveOptions(time_limit_s=0.0))
    assert found.termination.reason is Reason.LIMIT
