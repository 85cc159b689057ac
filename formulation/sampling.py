"""Nonlinear models compared at points: evaluated side by side, variables matched by name.

Agreement at points is evidence and no proof, so nothing here ever says that two models are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from formulation.events import Agreement
from solvers.errors import FormatError
from solvers.milp import Domain, FloatVector, Milp, Sense
from solvers.nonlinear import Nonlinear

POINTS = 48
SPAN = 20.0
"""How far beyond a finite bound, or around 0, a variable without the other bound is drawn."""

TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class Functions:
    """A model as functions of a point, whatever it was written as; arrays are in the order of its columns."""

    columns: Sequence[str]
    column_lower: FloatVector
    column_upper: FloatVector
    whole: NDArray[np.bool_]
    rows: Sequence[str]
    row_lower: FloatVector
    row_upper: FloatVector
    sense: Sense
    objective_at: Callable[[FloatVector], float]
    rows_at: Callable[[FloatVector], FloatVector]


def functions(model: Milp | Nonlinear) -> Functions:
    """Return the functions of a model. Raises `FormatError` for an .nl text that cannot be read."""
    if isinstance(model, Milp):
        whole = (model.domains == Domain.INTEGER) | (model.domains == Domain.SEMI_INTEGER)
        matrix = model.matrix
        return Functions(
            model.column_names,
            model.column_lower,
            model.column_upper,
            whole,
            model.row_names,
            model.row_lower,
            model.row_upper,
            model.sense,
            model.objective_at,
            lambda point: np.asarray(matrix @ point),
        )
    read = model.read()
    return Functions(
        model.column_names,
        read.column_lower,
        read.column_upper,
        read.whole,
        model.row_names,
        read.row_lower,
        read.row_upper,
        read.sense,
        read.objective_at,
        read.rows_at,
    )


def sampled_agreement(a: Milp | Nonlinear, b: Milp | Nonlinear, *, seed: int = 0) -> tuple[Agreement, str]:
    """Return undecided, always, and in words what evaluating both models at points showed."""
    try:
        first, second = functions(a), functions(b)
    except FormatError as error:
        return Agreement.UNDECIDED, f"the nonlinear models are not compared: {error}"
    names, others = list(first.columns), list(second.columns)
    if set(names) != set(others):
        only = ", ".join(sorted(set(names) ^ set(others))[:6])
        return Agreement.UNDECIDED, f"the nonlinear models have not the same variables: {only}"
    order = np.array([names.index(name) for name in others], dtype=np.int64)
    points = _points(first, second, order, np.random.default_rng(seed))
    sign = 1.0 if first.sense is second.sense else -1.0
    mine, theirs = _objectives(first, points), sign * _objectives(second, points[:, order])
    differing = POINTS - int(_same(mine, theirs).sum())
    if differing:
        return Agreement.UNDECIDED, f"the objectives differ at {differing} of {POINTS} sampled points"
    whole = [name for name, is_whole, k in zip(others, second.whole, order, strict=True) if is_whole != first.whole[k]]
    if whole:
        return Agreement.UNDECIDED, f"not whole in both models: {', '.join(whole[:6])}"
    rows, counterparts = _signatures(first, points), _signatures(second, points[:, order])
    lone, other_lone = _unmatched(rows, counterparts), _unmatched(counterparts, rows)
    if not lone and not other_lone:
        return Agreement.UNDECIDED, (
            f"the objective and {len(rows)} rows agree at {POINTS} sampled points; for nonlinear models that is "
            "evidence, and no proof"
        )
    return Agreement.UNDECIDED, (
        f"the objectives agree at {POINTS} sampled points, but rows have no counterpart: of the formulation "
        f"{_named(first, lone)}; of the program {_named(second, other_lone)}"
    )


def _points(
    first: Functions, second: Functions, order: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return points (POINTS, n) within the bounds that both models give, in the order of the first."""
    lower, upper = first.column_lower.copy(), first.column_upper.copy()
    lower[order] = np.maximum(lower[order], second.column_lower)
    upper[order] = np.minimum(upper[order], second.column_upper)
    low = np.where(np.isfinite(lower), lower, np.where(np.isfinite(upper), upper - SPAN, -SPAN))
    high = np.where(np.isfinite(upper), np.maximum(upper, low), low + SPAN)
    return generator.uniform(low, high, size=(POINTS, len(low)))


def _objectives(model: Functions, points: NDArray[np.float64]) -> FloatVector:
    """Return the objective at each point; NaN outside a function's domain."""
    values = np.full(len(points), np.nan)
    for k, point in enumerate(points):
        try:
            values[k] = model.objective_at(point)
        except (ArithmeticError, ValueError, TypeError):
            continue
    return values


def _signatures(model: Functions, points: NDArray[np.float64]) -> list[FloatVector]:
    """Return each row's distance to its side at the points, the same for rows that differ in factor and sign."""
    activity = np.full((len(points), len(model.row_lower)), np.nan)
    for k, point in enumerate(points):
        try:
            activity[k] = model.rows_at(point)
        except (ArithmeticError, ValueError, TypeError):
            continue
    found = []
    for j, (lower, upper) in enumerate(zip(model.row_lower, model.row_upper, strict=True)):
        above = np.isfinite(lower)
        distance = activity[:, j] - lower if above else upper - activity[:, j]
        scale = float(np.nanmax(np.abs(distance), initial=0.0)) or 1.0
        width = (upper - lower) / scale if above and np.isfinite(upper) else -1.0
        if width == 0.0:  # an equality has no sign
            large = np.flatnonzero(np.abs(distance) > TOLERANCE * scale)
            scale = -scale if large.size and distance[large[0]] < 0 else scale
        found.append(np.concatenate([[width], distance / scale]))
    return found


def _same(a: FloatVector, b: FloatVector) -> NDArray[np.bool_]:
    return np.isclose(a, b, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)


def _unmatched(rows: list[FloatVector], others: list[FloatVector]) -> list[int]:
    left = list(others)
    missing = []
    for j, row in enumerate(rows):
        match = next((k for k, other in enumerate(left) if bool(_same(row, other).all())), None)
        if match is None:
            missing.append(j)
        else:
            left.pop(match)
    return missing


def _named(model: Functions, rows: list[int]) -> str:
    names = [model.rows[j] for j in rows[:5]]
    return ", ".join(names) + (f" and {len(rows) - 5} more" if len(rows) > 5 else "") if names else "none"
