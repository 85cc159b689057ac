"""What a Pyomo model becomes: the same model, with nothing left out, split or turned round."""

from __future__ import annotations

import numpy as np
import pytest

from formulation.sandbox import Built, BuiltNonlinear, ProgramError, Sandbox
from solvers.milp import Domain, Milp, Sense
from solvers.nonlinear import solve_nonlinear

HEAD = "import pyomo.environ as pyo\nm = model = pyo.ConcreteModel()\n"


def built(sandbox: Sandbox, body: str) -> Milp:
    outcome = sandbox.run(HEAD + body)
    assert isinstance(outcome, Built), outcome
    return outcome.milp


def test_columns_and_rows_come_in_the_order_of_declaration_with_plain_names(sandbox: Sandbox) -> None:
    milp = built(
        sandbox,
        "m.x = pyo.Var(['a', 'b c'], [1, 2])\nm.y = pyo.Var()\n"
        "m.cap = pyo.Constraint(['a', 'b c'], rule=lambda m, i: m.x[i, 1] + m.x[i, 2] <= 3)\n"
        "m.link = pyo.Constraint(expr=m.y == m.x['a', 1])\nm.o = pyo.Objective(expr=m.y)\n",
    )
    assert list(milp.column_names) == ["x[a,1]", "x[a,2]", "x[b c,1]", "x[b c,2]", "y"]
    assert list(milp.row_names) == ["cap[a]", "cap[b c]", "link"]


def test_a_variable_that_nothing_uses_is_a_column(sandbox: Sandbox) -> None:
    milp = built(sandbox, "m.x = pyo.Var()\nm.idle = pyo.Var(bounds=(1, 2))\nm.o = pyo.Objective(expr=m.x)\n")
    assert list(milp.column_names) == ["x", "idle"]
    assert (milp.column_lower[1], milp.column_upper[1]) == (1, 2)


def test_a_range_is_one_row(sandbox: Sandbox) -> None:
    milp = built(
        sandbox,
        "m.x = pyo.Var()\nm.r = pyo.Constraint(expr=(1, 2 * m.x + 1, 9))\nm.e = pyo.Constraint(expr=m.x == 4)\n"
        "m.g = pyo.Constraint(expr=m.x >= -5)\nm.o = pyo.Objective(expr=m.x)\n",
    )
    assert milp.row_lower.tolist() == [0, 4, -5]
    assert milp.row_upper.tolist() == [8, 4, np.inf]


def test_a_maximum_stays_a_maximum_with_its_constant(sandbox: Sandbox) -> None:
    milp = built(sandbox, "m.x = pyo.Var()\nm.o = pyo.Objective(expr=3 * m.x + 7, sense=pyo.maximize)\n")
    assert (milp.sense, milp.objective.tolist(), milp.constant) == (Sense.MAXIMIZE, [3], 7)


@pytest.mark.parametrize(
    ("within", "domain", "lower", "upper"),
    [
        ("pyo.Reals", Domain.CONTINUOUS, -np.inf, np.inf),
        ("pyo.NonNegativeReals", Domain.CONTINUOUS, 0, np.inf),
        ("pyo.Integers", Domain.INTEGER, -np.inf, np.inf),
        ("pyo.NonPositiveIntegers", Domain.INTEGER, -np.inf, 0),
        ("pyo.Binary", Domain.INTEGER, 0, 1),
        ("pyo.RangeSet(2, 6)", Domain.INTEGER, 2, 6),
        ("[3, 4, 5]", Domain.INTEGER, 3, 5),
        ("pyo.RangeSet(ranges=(NR(0, 0, 0), NR(2, 6, 0)))", Domain.SEMI_CONTINUOUS, 2, 6),
        ("pyo.RangeSet(ranges=(NR(0, 0, 0), NR(2, 6, 1)))", Domain.SEMI_INTEGER, 2, 6),
    ],
)
def test_each_domain_arrives(sandbox: Sandbox, within: str, domain: Domain, lower: float, upper: float) -> None:
    milp = built(
        sandbox,
        "from pyomo.core.base.range import NumericRange as NR\n"
        f"m.d = pyo.Set(initialize={within})\n"
        * (within[0] == "[")
        + ("from pyomo.core.base.range import NumericRange as NR\n" if within[0] != "[" else "")
        + f"m.x = pyo.Var(within={'m.d' if within[0] == '[' else within})\nm.o = pyo.Objective(expr=m.x)\n",
    )
    assert (milp.domains[0], milp.column_lower[0], milp.column_upper[0]) == (domain, lower, upper)


def test_a_domain_with_gaps_is_refused_by_name(sandbox: Sandbox) -> None:
    outcome = sandbox.run(
        HEAD + "m.d = pyo.Set(initialize=[1, 4, 5])\nm.x = pyo.Var(within=m.d)\nm.o = pyo.Objective(expr=m.x)\n"
    )
    assert isinstance(outcome, ProgramError)
    assert outcome.names == ("x",)
    assert "domain of x" in outcome.message


def test_a_fixed_variable_is_a_column_with_equal_bounds(sandbox: Sandbox) -> None:
    milp = built(
        sandbox,
        "m.x = pyo.Var(bounds=(0, 9))\nm.y = pyo.Var()\nm.x.fix(2)\n"
        "m.c = pyo.Constraint(expr=m.x + m.y <= 5)\nm.o = pyo.Objective(expr=m.y)\n",
    )
    assert (milp.column_lower[0], milp.column_upper[0], milp.row_upper[0]) == (2, 2, 3)


@pytest.mark.parametrize("fixed", ["i == j", "i < j", "i == 1 or j == 3", "(i, j) == (2, 1)", "False"])
def test_fixed_members_of_an_indexed_variable_leave_the_others_their_coefficients(sandbox: Sandbox, fixed: str) -> None:
    milp = built(
        sandbox,
        "P = [1, 2, 3]\nm.y = pyo.Var(bounds=(0, 1))\nm.x = pyo.Var(P, P, bounds=(0, 5))\n"
        f"for i in P:\n    for j in P:\n        if {fixed}: m.x[i, j].fix(4)\n"
        "m.out = pyo.Constraint(P, rule=lambda m, i: m.y + sum((10 * i + j) * m.x[i, j] for j in P) <= 500)\n"
        "m.o = pyo.Objective(expr=sum((i + 10 * j) * m.x[j, i] for i in P for j in P) + 7 * m.y + 1)\n",
    )
    pairs = [(i, j) for i in (1, 2, 3) for j in (1, 2, 3)]
    held = {(i, j): eval(fixed, {"i": i, "j": j}) for i, j in pairs}
    assert list(milp.column_names) == ["y", *(f"x[{i},{j}]" for i, j in pairs)]
    assert milp.objective.tolist() == [7, *(0 if held[pair] else 10 * pair[0] + pair[1] for pair in pairs)]
    assert milp.constant == 1 + sum(4 * (10 * i + j) for i, j in pairs if held[i, j])
    assert milp.column_lower.tolist() == [0, *(4 if held[pair] else 0 for pair in pairs)]
    rows = milp.matrix.toarray()
    for i in (1, 2, 3):
        own = [0 if a != i or held[a, b] else 10 * a + b for a, b in pairs]
        assert rows[i - 1].tolist() == [1, *own]
        assert milp.row_upper[i - 1] == 500 - sum(4 * (10 * a + b) for a, b in pairs if a == i and held[a, b])


def test_a_row_that_no_point_satisfies_is_kept(sandbox: Sandbox) -> None:
    milp = built(
        sandbox,
        "m.x = pyo.Var()\nm.p = pyo.Param(initialize=3, mutable=True)\n"
        "m.never = pyo.Constraint(expr=0 * m.x + m.p <= 1)\nm.c = pyo.Constraint(expr=m.x >= 1)\n"
        "m.o = pyo.Objective(expr=m.x)\n",
    )
    assert list(milp.row_names) == ["c", "never"]
    assert milp.row_upper.tolist() == [np.inf, -2]
    assert milp.matrix.toarray().tolist() == [[1], [0]]


def test_a_quadratic_objective_has_its_full_hessian(sandbox: Sandbox) -> None:
    milp = built(
        sandbox,
        "m.x = pyo.Var()\nm.y = pyo.Var()\nm.o = pyo.Objective(expr=3 * m.x**2 + m.x * m.y - 2 * m.y + 5)\n",
    )
    # 3 x^2 + x y - 2 y + 5 at (2, 3): 12 + 6 - 6 + 5 = 17
    assert milp.objective_at(np.array([2.0, 3.0])) == 17
    assert milp.quadratic is not None
    assert milp.quadratic.toarray().tolist() == [[6, 1], [1, 0]]


def test_a_nonlinear_model_comes_as_nl_with_its_names_and_without_presolve(sandbox: Sandbox) -> None:
    outcome = sandbox.run(
        HEAD + "m.x = pyo.Var(bounds=(0, 4))\nm.z = pyo.Var(within=pyo.Integers)\n"
        "m.link = pyo.Constraint(expr=m.x == 2 * m.z)\nm.o = pyo.Objective(expr=pyo.sin(m.x) + m.x)\n"
    )
    assert isinstance(outcome, BuiltNonlinear)
    assert sorted(outcome.nl.col.split()) == ["x", "z"]
    assert outcome.nl.row.split() == ["link", "o"]


def test_blocks_name_their_parts(sandbox: Sandbox) -> None:
    milp = built(
        sandbox,
        "def one(b, i):\n    b.x = pyo.Var(['u'])\n    b.c = pyo.Constraint(expr=b.x['u'] <= i)\n"
        "m.b = pyo.Block([1, 2], rule=one)\nm.o = pyo.Objective(expr=m.b[1].x['u'])\n",
    )
    assert list(milp.column_names) == ["b[1].x[u]", "b[2].x[u]"]
    assert list(milp.row_names) == ["b[1].c", "b[2].c"]


def test_indices_that_read_the_same_keep_names_apart(sandbox: Sandbox) -> None:
    milp = built(sandbox, "m.x = pyo.Var([1, '1'])\nm.o = pyo.Objective(expr=m.x[1])\n")
    assert list(milp.column_names) == ["x[1]", "x[1]#2"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("m.x = pyo.Var()\nm.o = pyo.Objective(expr=float('inf') * m.x)\n", "coefficient of x in the objective o"),
        (
            "m.x = pyo.Var()\nm.o = pyo.Objective(expr=m.x)\nm.a = pyo.Constraint(expr=m.x >= 1)\n"
            "m.c = pyo.Constraint(expr=float('inf') * m.x <= 1)\n",
            "coefficient of x in c",
        ),
        ("m.x = pyo.Var()\n", "no active objective"),
        ("m.x = pyo.Var()\nm.o = pyo.Objective(expr=m.x)\nm.p = pyo.Objective(expr=-m.x)\n", "2 active objectives"),
        ("m.x = pyo.Var(bounds=(3, 1))\nm.o = pyo.Objective(expr=m.x)\n", "hold no number"),
        (
            "m.x = pyo.Var([1, 2])\nm.s = pyo.SOSConstraint(var=m.x, sos=2)\nm.o = pyo.Objective(expr=m.x[1])\n",
            "SOSConstraint",
        ),
    ],
)
def test_what_has_no_counterpart_is_refused_with_the_reason(sandbox: Sandbox, body: str, word: str) -> None:
    outcome = sandbox.run(HEAD + body)
    assert isinstance(outcome, ProgramError)
    assert word in outcome.message


def test_a_quadratic_objective_beside_a_nonlinear_row_is_not_lost(sandbox: Sandbox) -> None:
    source = """
import pyomo.environ as pyo
def build(data):
    m = pyo.ConcreteModel()
    m.x = pyo.Var(bounds=(0, 4))
    m.y = pyo.Var(domain=pyo.NonNegativeIntegers, bounds=(0, 5))
    m.o = pyo.Objective(expr=m.x * m.y - m.x**2, sense=pyo.maximize)
    m.c = pyo.Constraint(expr=m.x**2 + m.y <= 8)
    return m
"""
    outcome = sandbox.run(source, {})
    assert isinstance(outcome, BuiltNonlinear)
    solution = solve_nonlinear(outcome.nl)
    # y = 5 leaves x <= sqrt(3) and 5x - x^2 grows up to 2.5, so x = sqrt(3): 5 sqrt(3) - 3; y = 4 gives 4, less.
    assert solution.objective == pytest.approx(5 * 3**0.5 - 3, rel=1e-6)
