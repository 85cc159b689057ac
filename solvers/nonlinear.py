"""A nonlinear model as the three texts of an .nl export, and its solve, replayed.

A nonlinear Pyomo program is exported as .nl with its .col and .row texts (names in order). SCIP solves it to
global optimality, and the point is replayed here against rows and bounds that are read from the same text by a
reader of our own (`solvers.formats.nl`), not by the solver's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from solvers.check import Tolerances, Violation
from solvers.errors import BackendUnavailable, FormatError, SolverFault
from solvers.formats.nl import NlModel, parse_nl
from solvers.milp import FloatVector
from solvers.port import Cancellation, Progress, SolveOptions, time_left
from solvers.result import Point, Reason, Solution, Termination

TOLERANCES = Tolerances(absolute=1e-5, relative=1e-7, integrality=1e-5)
"""SCIP holds nonlinear rows to 1e-6 relative to their size."""


@dataclass(frozen=True, slots=True)
class Nonlinear:
    """A model that is not linear: the .nl text, and the names of its columns and rows, one a line."""

    nl: str
    col: str
    row: str

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in the order of the .nl text."""
        return tuple(self.col.split("\n")[:-1] if self.col.endswith("\n") else self.col.split("\n"))

    @property
    def row_names(self) -> tuple[str, ...]:
        """The names of the rows and then of the objective, in the order of the .nl text."""
        return tuple(self.row.split("\n")[:-1] if self.row.endswith("\n") else self.row.split("\n"))

    def read(self) -> NlModel:
        """Return what the .nl text says. Raises `FormatError`."""
        model = parse_nl(self.nl)
        if len(self.column_names) != model.n_columns:
            raise FormatError(
                f"{len(self.column_names)} column names for the {model.n_columns} columns of the .nl text"
            )
        return model


def solve_nonlinear(
    model: Nonlinear,
    options: SolveOptions | None = None,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    cancellation: Cancellation | None = None,
    tolerances: Tolerances = TOLERANCES,
) -> Solution:
    """Return a solution, its point replayed against the .nl text; a point that misses it is never passed on.

    A ratio of linear functions over linear rows takes a few linear models (`solvers.fractional`); everything else is
    SCIP's. The point has the order of ``column_names``. Raises `FormatError` for a text that cannot be read, and
    `BackendUnavailable` where SCIP is needed and pyscipopt is not installed.
    """
    from solvers.fractional import fractional, solve_fractional

    read = model.read()
    started, options = time.monotonic(), options or SolveOptions()
    ratio = fractional(read)
    solution = None if ratio is None else solve_fractional(ratio, options, cancellation)
    if solution is None:
        left = replace(options, time_limit_s=time_left(options, started))
        solution = _by_scip(model, left, on_progress, cancellation)
    if solution.point is None:
        return solution
    try:
        check_nonlinear(model, read, solution.point.values, tolerances)
        objective = read.objective_at(solution.point.values)
    except SolverFault as error:
        failed = Termination(Reason.FAILED, detail=f"{solution.solver} said {solution.termination.reason}, and {error}")
        return replace(solution, termination=failed, point=None, bound=None)
    except (ArithmeticError, ValueError) as error:
        failed = Termination(
            Reason.FAILED, detail=f"{solution.solver}'s point lies outside the functions' domains: {error}"
        )
        return replace(solution, termination=failed, point=None, bound=None)
    return replace(solution, point=Point(solution.point.values, objective))


def _by_scip(
    model: Nonlinear,
    options: SolveOptions,
    on_progress: Callable[[Progress], None] | None,
    cancellation: Cancellation | None,
) -> Solution:
    from solvers.backends.scip import Scip

    scip = Scip()
    availability = scip.availability()
    if not availability.available:
        raise BackendUnavailable(f"a nonlinear model needs scip: {availability.reason}")
    return scip.solve_nonlinear(model, options, on_progress=on_progress, cancellation=cancellation)


def check_nonlinear(model: Nonlinear, read: NlModel, values: FloatVector, tolerances: Tolerances) -> None:
    """Raise `SolverFault` naming the worst miss of a point of shape (n,), if any."""
    found: list[Violation] = []
    columns, rows = model.column_names, model.row_names
    activity = read.rows_at(values)
    for what, at, lower, upper, names in (
        ("row", activity, read.row_lower, read.row_upper, rows),
        ("bound of column", values, read.column_lower, read.column_upper, columns),
    ):
        miss = np.maximum(lower - at, at - upper)
        allowed = tolerances.absolute + tolerances.relative * np.abs(at)
        for k in np.flatnonzero(~(miss <= allowed)).tolist():
            found.append(Violation(what, names[k], float(miss[k]), float(allowed[k])))
    fraction = np.where(read.whole, np.abs(values - np.round(values)), 0.0)
    for k in np.flatnonzero(fraction > tolerances.integrality).tolist():
        found.append(Violation("integrality of column", columns[k], float(fraction[k]), tolerances.integrality))
    if found:
        worst = max(found, key=lambda v: v.amount - v.allowed)
        raise SolverFault(f"its point does not stand up to a replay: {worst}")
