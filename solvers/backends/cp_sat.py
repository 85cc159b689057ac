"""CP-SAT of OR-Tools: models whose columns are all whole and bounded. (Apache-2.0.)

CP-SAT computes with integers. A coefficient is taken as the decimal number that its shortest text says (0.1 is
1/10), or where that text has more than 15 digits as the simplest fraction next to it (0.1 + 0.2 is 3/10), and each
row is multiplied by the least common denominator; where that leaves 64 bits the model is refused. A row in which
numbers are not exact keeps a little room.
"""

from __future__ import annotations

import importlib.metadata
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from solvers.backends.child import solved_in_a_child
from solvers.backends.watch import watching
from solvers.errors import BackendUnavailable, Unsupported
from solvers.milp import Domain, Milp, Sense
from solvers.port import (
    Availability,
    Cancellation,
    ModelClass,
    Progress,
    SolveOptions,
    availability_of,
    time_left,
    within_gap,
)
from solvers.propagation import implied_bounds
from solvers.result import Limit, Point, Reason, Solution, Termination
from solvers.trivial import solve_without_columns

_GAP = 1e-9
_LARGEST = 2**60
_WIDEST = 2**53
_SIMPLE = 10_000
"""The largest denominator of a fraction that a number with rounding noise is read as."""

_ROUNDING = 1e-9
"""How much of its largest number a row with rounding noise may be missed by."""

_LARGE = 20_000
"""From how many nonzeros on it may go on for more than a second, loading or in presolve, before it can stop."""


@cache
def _library() -> Any:
    try:
        from ortools.sat.python import cp_model
    except ImportError as error:
        raise BackendUnavailable(f"ortools cannot be imported ({error}); install it: pip install ortools") from error
    return cp_model


@dataclass(frozen=True, slots=True)
class _Scaled:
    """Whole coefficients, and what they were multiplied by."""

    coefficients: list[int]
    factor: int


class CpSat:
    """CP-SAT behind the port. A node limit counts conflicts."""

    name = "cp-sat"
    classes = frozenset({ModelClass.MILP, ModelClass.SEMI})

    def availability(self) -> Availability:
        """Whether OR-Tools can be imported."""
        return availability_of(_library)

    def version(self) -> str:
        """The version of OR-Tools. Raises `BackendUnavailable`."""
        _library()
        return importlib.metadata.version("ortools")

    def solve(
        self,
        model: Milp,
        options: SolveOptions,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancellation: Cancellation | None = None,
    ) -> Solution:
        """Solve. Raises `Unsupported` for a continuous or unbounded column and for numbers beyond 64 bits."""
        started = time.monotonic()
        if model.n_columns == 0:
            return solve_without_columns(model, solver=self.name, version=self.version())
        if model.quadratic is not None and model.quadratic.nnz:
            raise Unsupported("cp-sat takes linear objectives alone; try highs or scip")
        if cancellation is not None and cancellation.requested:
            return Solution(Termination(Reason.CANCELLED), model.sense, self.name, self.version())
        deaf = model.nonzeros > _LARGE
        if answer := solved_in_a_child(model, options, self.name, on_progress, cancellation, deaf=deaf):
            return answer
        built = _build(model)
        if built is None:
            detail = "a row and the bounds of its whole columns exclude each other"
            return Solution(Termination(Reason.INFEASIBLE, detail=detail), model.sense, self.name, self.version())
        program, columns, factor = built
        if options.start is not None:
            for column, value in zip(columns, options.start.tolist(), strict=True):
                if abs(value) <= _WIDEST:
                    program.add_hint(column, round(value))
        solver = self._solver(options, started)
        callback = self._listener(model, factor, started, on_progress)
        with watching(cancellation, solver.stop_search):
            status = solver.solve(program, callback) if callback else solver.solve(program)
        solution = self._held(model, options, solver, status, columns, factor, cancellation)
        if on_progress is not None:
            value = None if solution.point is None else solution.point.objective
            on_progress(Progress(time.monotonic() - started, value, solution.bound, solution.gap, solution.nodes))
        return Solution(
            solution.termination,
            model.sense,
            self.name,
            self.version(),
            point=solution.point,
            bound=solution.bound,
            time_s=time.monotonic() - started,
            nodes=solution.nodes,
        )

    def _solver(self, options: SolveOptions, started: float) -> Any:
        solver = _library().CpSolver()
        parameters = solver.parameters
        parameters.random_seed = options.seed_32
        parameters.relative_gap_limit = _GAP if options.mip_gap is None else options.mip_gap
        parameters.absolute_gap_limit = 0.0
        if (left := time_left(options, started)) is not None:
            parameters.max_time_in_seconds = left
        if options.node_limit is not None:
            parameters.max_number_of_conflicts = options.node_limit
            parameters.num_workers = 1  # several workers each count their own
        if options.threads is not None:
            parameters.num_workers = options.threads
        return solver

    def _listener(
        self, model: Milp, factor: int, started: float, on_progress: Callable[[Progress], None] | None
    ) -> Any:
        if on_progress is None:
            return None
        constant, report = model.constant, on_progress

        class Listener(_library().CpSolverSolutionCallback):  # type: ignore[misc]
            def on_solution_callback(self) -> None:
                incumbent = self.objective_value / factor + constant
                bound = self.best_objective_bound / factor + constant
                gap = abs(bound - incumbent) / max(abs(incumbent), 1e-10)
                report(Progress(time.monotonic() - started, incumbent, bound, gap))

        return Listener()

    def _held(
        self,
        model: Milp,
        options: SolveOptions,
        solver: Any,
        status: Any,
        columns: list[Any],
        factor: int,
        cancellation: Cancellation | None,
    ) -> Solution:
        library = _library()
        point, bound = None, None
        if status in (library.OPTIMAL, library.FEASIBLE):
            values = np.array([solver.value(column) for column in columns], dtype=np.float64)
            point = Point(values, model.objective_at(values))
        if status in (library.OPTIMAL, library.FEASIBLE, library.UNKNOWN):
            proven = solver.best_objective_bound
            bound = proven / factor + model.constant if math.isfinite(proven) and status != library.UNKNOWN else None
        cancelled = cancellation is not None and cancellation.requested
        if status == library.OPTIMAL:
            termination = Termination(Reason.OPTIMAL)
        elif status == library.INFEASIBLE:
            termination = Termination(Reason.INFEASIBLE)
        elif cancelled:
            termination = Termination(Reason.CANCELLED)
        elif status in (library.FEASIBLE, library.UNKNOWN):
            termination = Termination(Reason.LIMIT, self._limit(options, solver))
        else:
            termination = Termination(Reason.FAILED, detail=f"cp-sat ended with {solver.status_name(status)}")
        nodes = int(solver.num_conflicts)
        solution = Solution(termination, model.sense, self.name, "", point=point, bound=bound, nodes=nodes)
        return within_gap(solution, options)

    def _limit(self, options: SolveOptions, solver: Any) -> Limit:
        limit = options.time_limit_s
        timed_out = limit is not None and solver.wall_time >= 0.95 * limit
        return Limit.TIME if options.node_limit is None or timed_out else Limit.NODES


def _build(model: Milp) -> tuple[Any, list[Any], int] | None:
    """Return the program, its columns and the objective's factor; None where the bounds exclude every point."""
    library = _library()
    whole = (model.domains == Domain.INTEGER) | (model.domains == Domain.SEMI_INTEGER)
    if not whole.all():
        name = model.column_names[int(np.argmin(whole))]
        raise Unsupported(f"cp-sat takes whole columns alone, and {name!r} is continuous; try highs")
    bounds = implied_bounds(model)
    if bounds is None:
        return None
    lower, upper = bounds
    low, high = np.ceil(lower - 1e-9), np.floor(upper + 1e-9)
    open_ = ~(np.isfinite(low) & np.isfinite(high)) | (np.maximum(np.abs(low), np.abs(high)) > _WIDEST)
    if open_.any():
        name = model.column_names[int(np.argmax(open_))]
        raise Unsupported(f"cp-sat needs bounds on every column, and {name!r} has none; give bounds or try highs")
    semi = model.domains == Domain.SEMI_INTEGER
    if ((low > high) & ~semi).any():
        return None
    program = library.CpModel()
    columns: list[Any] = []
    for j in range(model.n_columns):
        if semi[j]:
            ends = [[0, 0], [int(low[j]), int(high[j])]] if low[j] <= high[j] else [[0, 0]]
            columns.append(program.new_int_var_from_domain(library.Domain.from_intervals(ends), ""))
        else:
            columns.append(program.new_int_var(int(low[j]), int(high[j]), ""))
    reach = [max(abs(int(a)), abs(int(b))) for a, b in zip(low, high, strict=True)]
    indptr, indices, data = (a.tolist() for a in (model.matrix.indptr, model.matrix.indices, model.matrix.data))
    row_lower, row_upper = model.row_lower.tolist(), model.row_upper.tolist()
    for i in range(model.n_rows):
        at = indices[indptr[i] : indptr[i + 1]]
        ends_ = [v for v in (row_lower[i], row_upper[i]) if math.isfinite(v)]
        if not ends_:
            continue
        scaled = _whole(
            [float(a) for a in data[indptr[i] : indptr[i + 1]]], f"row {model.row_names[i]!r}", [reach[j] for j in at]
        )
        room = _room([*data[indptr[i] : indptr[i + 1]], *ends_])
        least = -_LARGEST if row_lower[i] == -math.inf else math.ceil((_fraction(row_lower[i]) - room) * scaled.factor)
        most = _LARGEST if row_upper[i] == math.inf else math.floor((_fraction(row_upper[i]) + room) * scaled.factor)
        if least > most:
            return None
        least, most = max(least, -_LARGEST), min(most, _LARGEST)
        expression = library.LinearExpr.weighted_sum([columns[j] for j in at], scaled.coefficients)
        program.add_linear_constraint(expression, least, most)
    costs: list[int] = np.flatnonzero(model.objective).tolist()
    scaled = _whole([float(model.objective[j]) for j in costs], "the objective", [reach[j] for j in costs])
    expression = library.LinearExpr.weighted_sum([columns[j] for j in costs], scaled.coefficients)
    if model.sense is Sense.MINIMIZE:
        program.minimize(expression)
    else:
        program.maximize(expression)
    return program, columns, scaled.factor


def _whole(values: list[float], where: str, reach: list[int]) -> _Scaled:
    """Return the numbers times their least common denominator. Raises `Unsupported` beyond 64 bits."""
    fractions = [_fraction(v) for v in values]
    factor = math.lcm(*(f.denominator for f in fractions)) if fractions else 1
    coefficients = [int(f * factor) for f in fractions]
    size = sum(abs(c) * r for c, r in zip(coefficients, reach, strict=True))
    if factor > _LARGEST or size > _LARGEST:
        raise Unsupported(f"the numbers of {where} do not fit 64 bits as whole numbers; try highs")
    return _Scaled(coefficients, factor)


def _is_exact(value: float) -> bool:
    return float(f"{value:.15g}") == value


def _room(values: list[float]) -> Fraction:
    """Return what a row with these coefficients and sides may miss: nothing where all of them are exact."""
    return Fraction(0) if all(map(_is_exact, values)) else Fraction(_ROUNDING * max(map(abs, values)))


def _fraction(value: float) -> Fraction:
    if value == int(value):
        return Fraction(int(value))
    if not _is_exact(value):
        near = Fraction(value).limit_denominator(_SIMPLE)
        if abs(float(near) - value) <= 4 * math.ulp(value):
            return near
    return Fraction(repr(value))
