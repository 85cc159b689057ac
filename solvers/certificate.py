"""Proofs of an LP's status, checked by arithmetic alone: dual bounds, Farkas multipliers, unbounded rays."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from solvers.milp import Domain, FloatVector, Milp, Sense
from solvers.result import Duals


@dataclass(frozen=True, slots=True)
class DualBound:
    """The bound that multipliers prove, and how far they are from being exactly dual feasible.

    ``bound`` is what weak duality gives once multipliers on absent sides are set to zero; ``infeasibility`` is
    the largest of the multipliers so set, ``error`` what they are worth at the point (the bound may be off by it).
    """

    bound: float
    infeasibility: float
    error: float


def dual_bound(model: Milp, duals: Duals, values: FloatVector) -> DualBound:
    """Return the bound that the row multipliers prove on an LP's objective, near the point (n,).

    Weak duality: for minimise, ``c'x = y'(Ax) + d'x`` with ``d = c - A'y``, and each term is at least its value
    on the side that its sign points at. The reduced costs are recomputed from the rows, not taken on trust.
    """
    sign = 1.0 if model.sense is Sense.MINIMIZE else -1.0
    y = sign * duals.rows
    d = sign * model.objective - model.matrix.T @ y
    activity = model.matrix @ values
    bound, worst, error = sign * model.constant, 0.0, 0.0
    for multipliers, lower, upper, at in (
        (y, model.row_lower, model.row_upper, activity),
        (d, model.column_lower, model.column_upper, values),
    ):
        side = np.where(multipliers > 0, lower, upper)
        absent = ~np.isfinite(side) & (multipliers != 0)
        bound += float(
            np.sum(np.where(absent | (multipliers == 0), 0.0, multipliers) * np.where(np.isfinite(side), side, 0.0))
        )
        if absent.any():
            worst = max(worst, float(np.abs(multipliers[absent]).max()))
            error += float(np.abs(multipliers[absent] * at[absent]).sum())
    return DualBound(sign * bound, worst, error)


def proves_infeasible(model: Milp, farkas: FloatVector, *, tolerance: float = 1e-9) -> bool:
    """Whether the row multipliers (m,) prove that the rows and column bounds hold no point.

    Farkas: the largest value of ``(y'A)x`` over the columns' box lies below the least ``y'(Ax)`` that the rows
    allow, or the same with -y. Entries of ``y'A`` within ``tolerance`` of the terms they sum count as zero.
    """
    if farkas.shape != (model.n_rows,) or not np.isfinite(farkas).all() or not np.any(farkas):
        return False
    return any(_proves(model, y, tolerance) for y in (farkas, -farkas))


def _proves(model: Milp, y: FloatVector, tolerance: float) -> bool:
    y = y / float(np.abs(y).max())
    y = np.where(np.abs(y) < 1e-12, 0.0, y)
    side = np.where(y > 0, model.row_lower, model.row_upper)
    y = np.where(~np.isfinite(side) & (np.abs(y) <= tolerance), 0.0, y)
    if bool(np.any(~np.isfinite(side) & (y != 0))):
        return False
    terms = y * np.where(np.isfinite(side), side, 0.0)
    least = float(terms.sum())
    weights = model.matrix.T @ y
    weights = np.where(np.abs(weights) <= tolerance * (abs(model.matrix).T @ np.abs(y)), 0.0, weights)
    end = np.where(weights > 0, model.column_upper, model.column_lower)
    if bool(np.any(~np.isfinite(end) & (weights != 0))):
        return False
    column_terms = weights * np.where(np.isfinite(end), end, 0.0)
    most = float(column_terms.sum())
    scale = float(np.abs(terms).sum() + np.abs(column_terms).sum())
    return least - most > tolerance * max(scale, 1e-300)


def is_unbounded_ray(model: Milp, ray: FloatVector, *, tolerance: float = 1e-7) -> bool:
    """Whether moving along the direction (n,) keeps every row and bound and improves the objective for ever.

    For a quadratic objective the direction must also lie where the curvature vanishes.
    """
    if ray.shape != (model.n_columns,) or not np.isfinite(ray).all() or not np.any(ray):
        return False
    r = ray / float(np.abs(ray).max())
    gain = float(model.objective @ r) * (-1.0 if model.sense is Sense.MINIMIZE else 1.0)
    if gain <= tolerance * max(float(np.abs(model.objective * r).max()), 1e-300):
        return False
    if model.quadratic is not None:
        curvature = np.abs(model.quadratic @ r)
        if bool(np.any(curvature > tolerance * (abs(model.quadratic) @ np.abs(r)))):
            return False
    change = model.matrix @ r
    allowed = tolerance * np.maximum(abs(model.matrix) @ np.abs(r), 1.0)
    rows = (np.isfinite(model.row_lower) & (change < -allowed)) | (np.isfinite(model.row_upper) & (change > allowed))
    lower_end = np.isfinite(model.column_lower) & ~(model.domains >= Domain.SEMI_CONTINUOUS)
    columns = (lower_end & (r < -tolerance)) | (np.isfinite(model.column_upper) & (r > tolerance))
    return not bool(rows.any() or columns.any()) and math.isfinite(gain)
