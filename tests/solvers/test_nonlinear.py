"""Nonlinear models as Pyomo exports them, solved by SCIP and replayed by a reader of our own."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest

from solvers.errors import FormatError, SolverFault
from solvers.formats import read, write
from solvers.formats.nl import order, parse_nl
from solvers.nonlinear import TOLERANCES, Nonlinear, check_nonlinear, solve_nonlinear
from solvers.port import SolveOptions
from solvers.result import Reason

pytest.importorskip("pyscipopt")


def exported(build) -> Nonlinear:
    import pyomo.environ as pyo
    from pyomo.repn.plugins.nl_writer import NLWriter

    nl, row, col = io.StringIO(), io.StringIO(), io.StringIO()
    NLWriter().write(build(pyo), nl, row, col, linear_presolve=False, symbolic_solver_labels=True)
    return Nonlinear(nl.getvalue(), col.getvalue(), row.getvalue())


def bowl(pyo):
    m = pyo.ConcreteModel()
    m.x = pyo.Var(bounds=(0, 4))
    m.k = pyo.Var(domain=pyo.Integers, bounds=(0, 9))
    m.z = pyo.Var(bounds=(-5, 5))
    m.balance = pyo.Constraint(expr=m.x + m.k == 5)
    m.curve = pyo.Constraint(expr=m.z >= pyo.exp(m.x) - m.k)
    m.cost = pyo.Objective(expr=(m.x - 1.6) ** 2 + m.z)
    return m


def test_a_nonlinear_integer_model_is_solved_to_its_optimum_by_hand():
    # x = 5 - k is whole: x = 0 gives 1.6^2 + (1 - 5) = -1.44, x = 1 gives 0.36 + e - 4 = -0.9217, x = 2 more.
    model = exported(bowl)
    solution = solve_nonlinear(model, SolveOptions(time_limit_s=60))
    assert solution.termination.reason is Reason.OPTIMAL
    assert solution.objective == pytest.approx(-1.44, abs=1e-4)
    values = dict(zip(model.column_names, solution.point.values, strict=True))
    assert values["k"] == pytest.approx(5, abs=1e-5)


def test_the_reader_agrees_with_arithmetic_at_any_point():
    model = exported(bowl)
    at = {"x": 0.5, "k": 3.0, "z": 2.0}
    values = np.array([at[name] for name in model.column_names])
    read_ = model.read()
    assert read_.objective_at(values) == pytest.approx((0.5 - 1.6) ** 2 + 2.0)
    rows = dict(zip(model.row_names, read_.rows_at(values), strict=False))
    assert rows["balance"] == pytest.approx(3.5)
    assert abs(rows["curve"]) == pytest.approx(abs(2.0 + 3.0 - math.exp(0.5)))
    assert [name for name, whole in zip(model.column_names, read_.whole, strict=True) if whole] == ["k"]


def test_a_point_that_misses_a_nonlinear_row_is_a_fault():
    model = exported(bowl)
    values = np.array([{"x": 2.0, "k": 3.0, "z": 0.0}[name] for name in model.column_names])
    with pytest.raises(SolverFault, match="curve"):
        check_nonlinear(model, model.read(), values, TOLERANCES)


def test_a_maximisation_keeps_its_sense():
    def build(pyo):
        m = pyo.ConcreteModel()
        m.x = pyo.Var(bounds=(0.1, 10))
        m.gain = pyo.Objective(expr=pyo.log(m.x) - 0.5 * m.x, sense=pyo.maximize)  # 1/x = 0.5 at x = 2
        return m

    solution = solve_nonlinear(exported(build), SolveOptions(time_limit_s=60))
    assert solution.objective == pytest.approx(math.log(2) - 1, abs=1e-4)


def test_an_infeasible_nonlinear_model_is_called_so():
    def build(pyo):
        m = pyo.ConcreteModel()
        m.x = pyo.Var(bounds=(-3, 3))
        m.never = pyo.Constraint(expr=m.x**2 <= -1)
        m.gain = pyo.Objective(expr=m.x)
        return m

    assert solve_nonlinear(exported(build)).termination.reason is Reason.INFEASIBLE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "begins with g"),
        ("b3 1 1 0\n", "binary"),
        ("g3 1 1 0\n 1000000000 1 1 0 0\n", "between 0 and"),
        ("g3 1 1 0\n 5000000 1 1 0 0\n", "declared"),
        ("g3 1 1 0\n 1 0 1 0 0\n 0 0\n 0 0", "ends too early"),
    ],
)
def test_a_bad_nl_text_is_refused(text, reason):
    with pytest.raises(FormatError, match=reason):
        parse_nl(text)


def test_a_written_nl_text_says_the_same_model():
    text = "max 3 x + 2 y - z + 7\nst\n c: -1 <= x + y <= 4\n d: x - 2 z = 1\nbounds\n x <= 9\n -3 <= z <= 8\ngen\n x\nbin\n y\nend"
    model = read(text, "lp")
    written = parse_nl(write(model, "nl"))
    columns, binary, integer = order(model)
    assert (binary, integer) == (1, 1)
    x = np.array([2.0, 1.0, 0.5])
    at = x[columns]
    assert written.objective_at(at) == pytest.approx(model.objective_at(x))
    assert written.rows_at(at) == pytest.approx(model.matrix @ x)
    assert written.row_lower.tolist() == model.row_lower.tolist()
    assert written.column_upper.tolist() == model.column_upper[columns].tolist()
    assert written.whole.tolist() == (model.domains[columns] == 1).tolist()
