"""Models without columns, answered by arithmetic: no two solvers treat them alike."""

from __future__ import annotations

import numpy as np

from solvers.check import Tolerances
from solvers.milp import Milp
from solvers.result import Point, Reason, Solution, Termination


def solve_without_columns(model: Milp, *, solver: str, version: str) -> Solution:
    """Return the solution of a model with no columns: every row's activity is 0, so its bounds decide.

    Raises `ValueError` where there are columns.
    """
    if model.n_columns:
        raise ValueError(f"the model has {model.n_columns} columns")
    tolerance = Tolerances().absolute
    missed = np.flatnonzero((model.row_lower > tolerance) | (model.row_upper < -tolerance))
    if missed.size:
        name = model.row_names[int(missed[0])]
        detail = f"row {name!r} has no term, and its bounds exclude 0"
        return Solution(Termination(Reason.INFEASIBLE, detail=detail), model.sense, solver, version)
    point = Point(np.zeros(0), model.constant)
    return Solution(Termination(Reason.OPTIMAL), model.sense, solver, version, point=point, bound=model.constant)
