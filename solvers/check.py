"""A point held against its model, by arithmetic alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvers.milp import Domain, FloatVector, Milp


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far a point may miss: ``absolute + relative * scale``, where the scale of a row is its largest term."""

    absolute: float = 1e-6
    relative: float = 1e-9
    integrality: float = 1e-5


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that the point misses: what, by how much, and how much was allowed."""

    what: str
    name: str
    amount: float
    allowed: float

    def __str__(self) -> str:
        return f"{self.what} {self.name!r} missed by {self.amount:.3g} (allowed {self.allowed:.3g})"


def violations(model: Milp, values: FloatVector, tolerances: Tolerances | None = None) -> list[Violation]:
    """Return what the point of shape (n,) misses, the worst first; empty means that it is feasible.

    Promises nothing about optimality. Raises `ValueError` where the shape is not (n,).
    """
    tol = tolerances or Tolerances()
    x = np.asarray(values, dtype=np.float64)
    if x.shape != (model.n_columns,):
        raise ValueError(f"a point of shape {x.shape} for {model.n_columns} columns")
    found: list[Violation] = []
    if not np.isfinite(x).all():
        k = int(np.argmax(~np.isfinite(x)))
        return [Violation("finiteness of column", model.column_names[k], np.inf, 0.0)]
    activity = model.matrix @ x
    semi_off = (model.domains >= Domain.SEMI_CONTINUOUS) & (np.abs(x) <= tol.absolute)
    whole = (model.domains == Domain.INTEGER) | (model.domains == Domain.SEMI_INTEGER)
    row_miss = np.maximum(model.row_lower - activity, activity - model.row_upper)
    if (doubtful := np.flatnonzero(row_miss > tol.absolute)).size:
        allowed = tol.absolute + tol.relative * (abs(model.matrix[doubtful]) @ np.abs(x))
        for k, most in zip(doubtful.tolist(), allowed.tolist(), strict=True):
            if row_miss[k] > most:
                found.append(Violation("row", model.row_names[k], float(row_miss[k]), most))
    column_miss = np.where(semi_off, 0.0, np.maximum(model.column_lower - x, x - model.column_upper))
    allowed = tol.absolute + tol.relative * np.abs(x)
    for k in np.flatnonzero(column_miss > allowed).tolist():
        found.append(Violation("bound of column", model.column_names[k], float(column_miss[k]), float(allowed[k])))
    fraction = np.abs(x - np.round(x))
    for k in np.flatnonzero(whole & (fraction > tol.integrality)).tolist():
        name = model.column_names[k]
        found.append(Violation("integrality of column", name, float(fraction[k]), tol.integrality))
    return sorted(found, key=lambda v: v.allowed - v.amount)
