"""What an optimum depends on: shadow prices, reduced costs, ranges, what binds, ties and other optima.

Duals and ranges belong to a linear program. For a model with whole columns they are those of the LP that is left
when every whole column is fixed at its value in the optimum, and are labelled so; `resolved` answers the question
that they do not, by solving again with the number changed.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from solvers.backends.highs_session import Session
from solvers.errors import OptionsError
from solvers.iis import Member
from solvers.milp import Domain, FloatVector, Milp, Sense
from solvers.port import SolveOptions
from solvers.result import Reason, Solution
from solvers.solving import solve

BINDING = 1e-6
"""How near, relative to its size, an activity must be to a side to bind."""

TIE = 1e-9
"""How small, relative to the largest cost, a reduced cost counts as none."""


@dataclass(frozen=True, slots=True)
class RowSensitivity:
    """A row at the optimum. ``shadow_price`` holds while its binding side lies between ``lower`` and ``upper``.

    ``binding`` is the side that binds, lower or upper, or None; ``slack`` the distance to the nearest side.
    """

    name: str
    activity: float
    binding: str | None
    slack: float
    shadow_price: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class ColumnSensitivity:
    """A column at the optimum, which stays optimal while its cost lies between ``lower`` and ``upper``.

    Where another optimum with another value is at hand, the two are the cost itself.
    """

    name: str
    value: float
    reduced_cost: float | None
    cost: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Every row and column; ``fixed_integers`` says that the whole columns were held at their values.

    ``ties`` names columns outside the optimum that could enter it at no cost: other optima are near at hand.
    """

    rows: tuple[RowSensitivity, ...]
    columns: tuple[ColumnSensitivity, ...]
    fixed_integers: bool
    ties: tuple[str, ...] = ()


def sensitivity(model: Milp, solution: Solution, *, time_limit_s: float = 30.0) -> Sensitivity | None:
    """Return what the optimum held depends on; None where no optimal point is held or no basis was found.

    Raises `OptionsError` for a quadratic objective, whose optimum has no basis.
    """
    if model.quadratic is not None and model.quadratic.nnz:
        raise OptionsError("ranges need a linear objective")
    if solution.termination.reason is not Reason.OPTIMAL or solution.point is None:
        return None
    fixed = bool(np.any(model.domains))
    linear = _fixed(model, solution.point.values) if fixed else model
    session = Session(linear)
    if session.run(time_limit_s=time_limit_s).reason is not Reason.OPTIMAL:
        return None
    duals, ranging = session.duals(), session.ranging()
    values, vertex = solution.point.values, session.point()
    activity = model.matrix @ values
    rows: list[RowSensitivity] = []
    for i, name in enumerate(model.row_names):
        side, slack = _binding(float(activity[i]), float(model.row_lower[i]), float(model.row_upper[i]))
        price = None if duals is None else float(duals.rows[i]) + 0.0
        low = high = None
        if side is None:
            price = 0.0 if price is not None else None
        elif ranging is not None and price is not None and abs(price) > TIE:
            low, high = _ends(float(ranging.row_down[i]), float(ranging.row_up[i]))
        rows.append(RowSensitivity(name, float(activity[i]), side, slack, price, low, high))
    columns: list[ColumnSensitivity] = []
    largest = max(1.0, float(np.abs(model.objective).max(initial=0.0)))
    ties: list[str] = []
    for j, name in enumerate(model.column_names):
        low = high = None
        if ranging is not None and linear.column_lower[j] < linear.column_upper[j]:
            low, high = _ends(float(ranging.cost_down[j]), float(ranging.cost_up[j]))
            if abs(values[j] - vertex[j]) > BINDING * max(1.0, abs(float(values[j]))):
                low = high = float(model.objective[j])  # any other cost prefers one of the two
        cost, reduced = float(model.objective[j]), None if duals is None else float(duals.columns[j]) + 0.0
        columns.append(ColumnSensitivity(name, float(values[j]), reduced, cost, low, high))
        at_bound = vertex[j] in (linear.column_lower[j], linear.column_upper[j])
        room = linear.column_lower[j] < linear.column_upper[j]
        if at_bound and room and reduced is not None and abs(reduced) <= TIE * largest:
            ties.append(name)
    return Sensitivity(tuple(rows), tuple(columns), fixed, tuple(ties))


def resolved(model: Milp, member: Member, value: float, options: SolveOptions | None = None) -> Solution:
    """Return the solution with one side of a row or column set to another number: exact, for any model."""
    sides = getattr(model, f"{member.kind}_{member.side}").copy()
    sides[member.index] = value
    return solve(replace(model, **{f"{member.kind}_{member.side}": sides}), options)


@dataclass(frozen=True, slots=True, eq=False)
class OtherOptimum:
    """Another point with the same objective: the farthest found from the one held, and its distance (sum of moves)."""

    values: FloatVector
    distance: float


def farthest_optimum(
    model: Milp, solution: Solution, *, tolerance: float = 1e-7, tries: int = 12, time_limit_s: float = 20.0
) -> OtherOptimum | None:
    """Return the optimum farthest from the one held that a few directions find; None where none was found.

    The objective is held at its optimum and the point pushed away from the one held, column by column and along
    random signs. It shows that optima are several; that none was found does not prove that there is one alone.
    """
    if solution.termination.reason is not Reason.OPTIMAL or solution.point is None or model.quadratic is not None:
        return None
    deadline = time.monotonic() + time_limit_s
    held = solution.point.values
    face = _face(model, solution.point.objective, tolerance)
    random = np.random.default_rng(0)
    best: OtherOptimum | None = None
    up = np.where(np.isclose(held, model.column_upper), -1.0, 1.0)
    for k in range(tries):
        direction = up if k == 0 else (-up if k == 1 else random.choice([-1.0, 0.0, 1.0], model.n_columns))
        box = np.where(np.isfinite(face.column_upper), face.column_upper, np.maximum(np.abs(held) * 10 + 1000, 0.0))
        floor = np.where(np.isfinite(face.column_lower), face.column_lower, -(np.abs(held) * 10 + 1000))
        pushed = replace(face, objective=direction, sense=Sense.MAXIMIZE, column_upper=box, column_lower=floor)
        left = deadline - time.monotonic()
        if left <= 0:
            break
        found = solve(pushed, SolveOptions(time_limit_s=left))
        if found.point is None:
            continue
        distance = float(np.abs(found.point.values - held).sum())
        if distance > 1e-5 * max(1.0, float(np.abs(held).sum())) and (best is None or distance > best.distance):
            best = OtherOptimum(found.point.values, distance)
    return best


def count_optima(model: Milp, solution: Solution, *, limit: int = 10, time_limit_s: float = 20.0) -> int | None:
    """Return how many optima a model of binary columns has, counted up to ``limit``; None for any other model.

    Each point found is cut off (Balas and Jeroslow 1972) until none with the same objective is left.
    """
    binary = (model.domains == Domain.INTEGER) & (model.column_lower >= 0) & (model.column_upper <= 1)
    if not binary.all() or solution.point is None or solution.termination.reason is not Reason.OPTIMAL:
        return None
    deadline = time.monotonic() + time_limit_s
    face = _face(model, solution.point.objective, 1e-9)
    values = np.round(solution.point.values)
    count = 1
    while count < limit:
        cut = np.where(values > 0.5, -1.0, 1.0)
        face = _with_row(face, cut, 1.0 - float(values.sum()), math.inf)
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        found = solve(replace(face, objective=np.zeros(model.n_columns)), SolveOptions(time_limit_s=left))
        if found.termination.reason is Reason.INFEASIBLE:
            return count
        if found.point is None:
            return None
        values = np.round(found.point.values)
        count += 1
    return count


def _fixed(model: Milp, values: FloatVector) -> Milp:
    """Return the LP with every whole or semi-continuous column at its value where that makes it one."""
    whole = (model.domains == Domain.INTEGER) | (model.domains == Domain.SEMI_INTEGER)
    off = (model.domains >= Domain.SEMI_CONTINUOUS) & (np.abs(values) < BINDING)
    held = whole | off
    at = np.where(whole, np.round(values), 0.0)
    return replace(
        model,
        domains=np.zeros(model.n_columns, dtype=np.int8),
        column_lower=np.where(held, at, model.column_lower),
        column_upper=np.where(held, at, model.column_upper),
    )


def _binding(activity: float, lower: float, upper: float) -> tuple[str | None, float]:
    below, above = activity - lower, upper - activity
    side = "lower" if below <= above else "upper"
    slack = min(below, above)
    size = max(1.0, abs(lower if side == "lower" else upper)) if math.isfinite(slack) else 1.0
    return (side if slack <= BINDING * size else None), max(slack, 0.0)


def _ends(down: float, up: float) -> tuple[float, float]:
    """Return the ends in order, infinite where HiGHS says 1e20 or more."""
    low, high = min(down, up), max(down, up)
    return (-math.inf if low <= -1e20 else low), (math.inf if high >= 1e20 else high)


def _face(model: Milp, objective: float, tolerance: float) -> Milp:
    """Return the model with its objective held at a value."""
    room = tolerance * max(1.0, abs(objective))
    level = objective - model.constant
    return _with_row(model, model.objective, level - room, level + room)


def _with_row(model: Milp, row: FloatVector, lower: float, upper: float) -> Milp:
    matrix = sparse.vstack([model.matrix, sparse.csr_array(row.reshape(1, -1))], format="csr")
    return replace(
        model,
        matrix=sparse.csr_array(matrix),
        row_lower=np.append(model.row_lower, lower),
        row_upper=np.append(model.row_upper, upper),
        row_names=[*model.row_names, f"added {len(model.row_names)}"],
    )
