"""More rewritings and mutations of tiny models: those that change what rows and columns there are."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.equivalence.rewriting import BREAKING, KEEPING, Rewrite, with_column, with_rows
from solvers.milp import Domain, Milp, Sense

INF = math.inf


def _add_row(model: Milp, row: NDArray[np.float64], lower: float, upper: float) -> Milp:
    return with_rows(
        model,
        np.vstack([model.matrix.toarray(), row]),
        np.append(model.row_lower, lower),
        np.append(model.row_upper, upper),
    )


def bound_as_row(model: Milp, rng: np.random.Generator) -> Milp | None:
    """A finite bound above as a row of its own, perhaps turned and scaled."""
    bounded = np.flatnonzero(np.isfinite(model.column_upper))
    if bounded.size == 0:
        return None
    j = int(rng.choice(bounded))
    row, factor = np.zeros(model.n_columns), float(rng.choice([1.0, 2.0, -1.0, -3.0]))
    row[j] = factor
    upper = model.column_upper.copy()
    end, upper[j] = float(upper[j]) * factor, INF
    open_ = replace(model, column_upper=upper)
    return _add_row(open_, row, -INF, end) if factor > 0 else _add_row(open_, row, end, INF)


def weaker_copy(model: Milp, rng: np.random.Generator) -> Milp | None:
    """A row once more, scaled, with as much or more room."""
    if model.n_rows == 0:
        return None
    i = int(rng.integers(model.n_rows))
    room, factor = float(rng.choice([0.0, 1.0])), float(rng.choice([1.0, 2.0]))
    row = model.matrix.toarray()[i] * factor
    return _add_row(model, row, model.row_lower[i] * factor - room, model.row_upper[i] * factor + room)


def empty_row(model: Milp, rng: np.random.Generator) -> Milp:  # noqa: ARG001 - one signature for all
    """A row without variables that says 0 <= 3."""
    return _add_row(model, np.zeros(model.n_columns), -INF, 3.0)


def fixed_column(model: Milp, rng: np.random.Generator) -> Milp:
    """A new variable fixed at a value, in the rows and the objective, the sides moved by it."""
    value, kind = float(rng.integers(1, 4)), int(rng.integers(0, 2))
    column = rng.choice([0.0, 1.0, -2.0], size=(model.n_rows, 1))
    cost = float(rng.choice([0.0, 5.0]))
    wide = with_column(
        model,
        np.hstack([model.matrix.toarray(), column]),
        name="fixed",
        objective=cost,
        lower=value,
        upper=value,
        domain=kind,
    )
    moved = column[:, 0] * value
    return replace(wide, row_lower=model.row_lower + moved, row_upper=model.row_upper + moved)


def idle_column(model: Milp, rng: np.random.Generator) -> Milp:
    """A new variable in no row and without cost."""
    dense = np.hstack([model.matrix.toarray(), np.zeros((model.n_rows, 1))])
    return with_column(model, dense, name="idle", upper=3.0, domain=int(rng.integers(0, 2)))


def round_side(model: Milp, rng: np.random.Generator) -> Milp | None:
    """A row of whole coefficients on whole variables, with room to spare below the next whole number."""
    dense = model.matrix.toarray()
    whole = (model.domains == Domain.INTEGER) | ~dense.any(axis=0)
    fit = [
        i
        for i in range(model.n_rows)
        if (dense[i] % 1 == 0).all() and whole[dense[i] != 0].all() and np.isfinite(model.row_upper[i])
    ]
    fit = [i for i in fit if model.row_lower[i] != model.row_upper[i]]
    if not fit:
        return None
    i, upper = int(rng.choice(fit)), model.row_upper.copy()
    upper[i] = max(math.floor(upper[i]) + float(rng.choice([0.0, 0.5, 0.75])), model.row_lower[i])
    return replace(model, row_upper=upper)


def add_equality(model: Milp, rng: np.random.Generator) -> Milp | None:
    """An equality added to another row or to the objective."""
    equal = np.flatnonzero(model.row_lower == model.row_upper)
    if equal.size == 0:
        return None
    k, factor = int(rng.choice(equal)), float(rng.choice([1.0, -2.0]))
    dense, side = model.matrix.toarray(), float(model.row_upper[k]) * factor
    others = [i for i in range(model.n_rows) if i != k]
    if not others or rng.random() < 0.4:
        objective = model.objective + factor * dense[k]
        return replace(model, objective=objective, constant=model.constant - side)
    i = int(rng.choice(others))
    dense[i] += factor * dense[k]
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    lower[i] += side
    upper[i] += side
    return with_rows(model, dense, lower, upper)


def split_sign(model: Milp, rng: np.random.Generator) -> Milp:
    """A variable x as the difference p - n of two, its box a row."""
    j = int(rng.integers(model.n_columns))
    dense = model.matrix.toarray()
    names, lower, upper = list(model.column_names), model.column_lower.copy(), model.column_upper.copy()
    row = np.zeros(model.n_columns + 1)
    row[j], row[-1] = 1.0, -1.0
    low, high = float(lower[j]), float(upper[j])
    names[j], lower[j], upper[j] = "plus", 0.0, INF
    wide = with_column(
        replace(model, column_names=names, column_lower=lower, column_upper=upper),
        np.hstack([dense, -dense[:, [j]]]),
        name="minus",
        objective=-model.objective[j],
        domain=int(model.domains[j]),
    )
    return _add_row(wide, row, low, high)


def digits(model: Milp, rng: np.random.Generator) -> Milp | None:
    """A whole variable from 0 as ``d0 + 2 d1``, two binary digits, its bound above a row."""
    fit = np.flatnonzero((model.domains == Domain.INTEGER) & (model.column_lower == 0) & (model.column_upper <= 3))
    if fit.size == 0:
        return None
    j = int(rng.choice(fit))
    dense = model.matrix.toarray()
    names, upper = list(model.column_names), model.column_upper.copy()
    row = np.zeros(model.n_columns + 1)
    row[j], row[-1] = 1.0, 2.0
    high = float(upper[j])
    names[j], upper[j] = "d0", 1.0
    wide = with_column(
        replace(model, column_names=names, column_upper=upper),
        np.hstack([dense, 2 * dense[:, [j]]]),
        name="d1",
        objective=2 * model.objective[j],
        upper=1.0,
        domain=int(Domain.INTEGER),
    )
    return _add_row(wide, row, -INF, high)


def scale_objective(model: Milp, rng: np.random.Generator) -> Milp:
    """The objective times a positive factor, plus a constant."""
    factor = float(rng.choice([0.5, 3.0, 10.0]))
    return replace(model, objective=model.objective * factor, constant=model.constant * factor + 4.0)


MORE_KEEPING: dict[str, Rewrite] = {
    "bound as row": bound_as_row,
    "weaker copy": weaker_copy,
    "empty row": empty_row,
    "fixed": fixed_column,
    "idle": idle_column,
    "round": round_side,
    "add equality": add_equality,
    "split sign": split_sign,
    "digits": digits,
    "scale objective": scale_objective,
}
BY_NAME = (
    "permute",
    "scale rows",
    "flip",
    "split",
    "slack",
    "implied row",
    "bound as row",
    "weaker copy",
    "empty row",
    "fixed",
    "round",
    "add equality",
    "scale objective",
)
"""The rewritings that leave every variable of the model its name and its values."""


def swap_coefficients(model: Milp, rng: np.random.Generator) -> Milp | None:
    """Two coefficients of a row exchanged."""
    if model.n_columns < 2:
        return None
    dense, i = model.matrix.toarray(), int(rng.integers(model.n_rows))
    j, k = rng.choice(model.n_columns, size=2, replace=False)
    dense[i, [j, k]] = dense[i, [k, j]]
    return replace(model, matrix=sparse.csr_array(dense))


def flip_coefficient(model: Milp, rng: np.random.Generator) -> Milp:
    """One coefficient with the other sign."""
    matrix = model.matrix.copy()
    if matrix.data.size:
        matrix.data[int(rng.integers(matrix.data.size))] *= -1
    return replace(model, matrix=matrix)


def raise_lower(model: Milp, rng: np.random.Generator) -> Milp:
    """A bound below moved by one."""
    lower, j = model.column_lower.copy(), int(rng.integers(model.n_columns))
    lower[j] += float(rng.choice([1.0, -1.0])) if np.isfinite(lower[j]) else 0.0
    return replace(model, column_lower=lower)


def cut(model: Milp, rng: np.random.Generator) -> Milp:
    """A further row that may cut points off."""
    row = rng.choice([0.0, 1.0, -1.0, 2.0], size=model.n_columns)
    row[int(rng.integers(model.n_columns))] = 1.0
    return _add_row(model, row, -INF, float(rng.integers(0, 6)))


def nudge(model: Milp, rng: np.random.Generator) -> Milp:
    """A right-hand side moved by a millionth, or a coefficient by a ten-millionth."""
    if rng.random() < 0.5:
        i, by = int(rng.integers(model.n_rows)), 1e-6 * float(rng.choice([1.0, -1.0]))
        return replace(model, row_lower=_nudged(model.row_lower, i, by), row_upper=_nudged(model.row_upper, i, by))
    matrix = model.matrix.copy()
    if matrix.data.size:
        matrix.data[int(rng.integers(matrix.data.size))] += 1e-7
    return replace(model, matrix=matrix)


def _nudged(values: NDArray[np.float64], i: int, by: float) -> NDArray[np.float64]:
    moved = values.copy()
    moved[i] += by
    return moved


MORE_BREAKING: dict[str, Rewrite] = {
    "swapped": swap_coefficients,
    "sign": flip_coefficient,
    "lower bound": raise_lower,
    "cut": cut,
    "nudge": nudge,
}
ALL_KEEPING: dict[str, Rewrite] = {**KEEPING, **MORE_KEEPING}
ALL_BREAKING: dict[str, Rewrite] = {**BREAKING, **MORE_BREAKING}


def odd_model(model: Milp, rng: np.random.Generator) -> Milp:
    """Return the model with something unusual: bounds below zero or none above, no feasible point, cost shared."""
    kind = int(rng.integers(0, 5))
    if kind == 0:
        return replace(model, column_lower=model.column_lower - rng.integers(0, 3, size=model.n_columns))
    if kind == 1:
        return replace(model, column_upper=np.where(rng.random(model.n_columns) < 0.5, INF, model.column_upper))
    if kind == 2:
        return _add_row(model, np.ones(model.n_columns), float(model.column_upper.sum()) + 1, INF)
    if kind == 3:
        return replace(model, objective=np.full(model.n_columns, float(rng.integers(0, 2))))
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    one = np.isfinite(lower) | np.isfinite(upper)
    i = int(rng.choice(np.flatnonzero(one)))
    lower[i] = upper[i] = lower[i] if np.isfinite(lower[i]) else upper[i]
    return replace(model, row_lower=lower, row_upper=upper)


def unusual_class(model: Milp, rng: np.random.Generator) -> Milp:
    """Return the model with a quadratic objective or semi-continuous columns."""
    n = model.n_columns
    if rng.random() < 0.5:
        half = rng.choice([0.0, 0.0, 1.0, -2.0], size=(n, n))
        half[0, 0] = 1.0
        sense = Sense.MAXIMIZE if rng.random() < 0.5 else Sense.MINIMIZE
        return replace(model, quadratic=sparse.csr_array(half + half.T), sense=sense)
    domains, lower = model.domains.copy(), model.column_lower.copy()
    j = int(rng.integers(n))
    domains[j] = rng.choice([Domain.SEMI_CONTINUOUS, Domain.SEMI_INTEGER])
    lower[j] = 1.0
    return replace(model, domains=domains, column_lower=lower)
