"""Random tiny models, rewritings that keep their meaning, and mutations that usually break it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.milp import Domain, Milp, Sense

Rewrite = Callable[[Milp, np.random.Generator], Milp | None]
INF = math.inf


def random_model(rng: np.random.Generator, *, whole: bool) -> Milp:
    """Return a model of 1 to 4 variables in small boxes and 1 to 4 rows; ``whole`` makes every column integer."""
    n, m = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    dense = rng.choice([0, 0, 1, 1, 2, 3, -1, -2, 0.5], size=(m, n))
    for i in range(m):
        if not dense[i].any():
            dense[i, int(rng.integers(n))] = 1.0
    upper = rng.integers(1, 4, size=n).astype(float)
    middle = dense @ (upper / 2)
    kinds = rng.integers(0, 4, size=m)
    side = np.round(middle * 2) / 2 + rng.choice([-1, 0, 0.5, 1], size=m)
    domains = np.ones(n, dtype=np.int8) if whole else rng.integers(0, 2, size=n).astype(np.int8)
    return Milp(
        sense=Sense.MAXIMIZE if rng.random() < 0.5 else Sense.MINIMIZE,
        objective=rng.choice([0.0, 1.0, 2.0, -1.0, 3.5], size=n),
        matrix=sparse.csr_array(dense),
        row_lower=np.where(kinds == 0, -INF, side),
        row_upper=np.where(kinds == 0, side, np.where(kinds == 1, INF, np.where(kinds == 2, side, side + 1))),
        column_lower=np.zeros(n),
        column_upper=upper,
        domains=domains,
        column_names=[f"x{j}" for j in range(n)],
        row_names=[f"r{i}" for i in range(m)],
        constant=float(rng.choice([0.0, 2.5])),
    )


def with_rows(model: Milp, rows: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]) -> Milp:
    """Return the model with other rows, dense."""
    return replace(
        model,
        matrix=sparse.csr_array(rows),
        row_lower=lower,
        row_upper=upper,
        row_names=[f"r{i}" for i in range(len(lower))],
    )


def permute(model: Milp, rng: np.random.Generator) -> Milp:
    """Rows and columns in another order."""
    c, r = rng.permutation(model.n_columns), rng.permutation(model.n_rows)
    return replace(
        model,
        objective=model.objective[c],
        matrix=sparse.csr_array(model.matrix[r][:, c]),
        row_lower=model.row_lower[r],
        row_upper=model.row_upper[r],
        column_lower=model.column_lower[c],
        column_upper=model.column_upper[c],
        domains=model.domains[c],
        quadratic=None if model.quadratic is None else sparse.csr_array(model.quadratic[c][:, c]),
        column_names=[model.column_names[j] for j in c],
        row_names=[model.row_names[i] for i in r],
    )


def rename(model: Milp, rng: np.random.Generator) -> Milp:
    """Every variable under another name, in another order."""
    names = [f"v{k}" for k in rng.permutation(model.n_columns)]
    return permute(replace(model, column_names=names), rng)


def scale_rows(model: Milp, rng: np.random.Generator) -> Milp:
    """Each row times a factor, some negative."""
    factors = rng.choice([1.0, 2.0, 0.5, 3.0, -1.0, -4.0], size=model.n_rows)
    ends = np.stack([model.row_lower * factors, model.row_upper * factors])
    matrix = sparse.csr_array(sparse.diags_array(factors) @ model.matrix)
    return replace(model, matrix=matrix, row_lower=ends.min(axis=0), row_upper=ends.max(axis=0))


def flip_objective(model: Milp, rng: np.random.Generator) -> Milp:
    """The other direction with the negated objective, times a positive factor."""
    factor = float(rng.choice([1.0, 2.0, 10.0]))
    sense = Sense.MINIMIZE if model.sense is Sense.MAXIMIZE else Sense.MAXIMIZE
    quadratic = None if model.quadratic is None else sparse.csr_array(-factor * model.quadratic)
    return replace(
        model,
        sense=sense,
        objective=-model.objective * factor,
        constant=-model.constant * factor,
        quadratic=quadratic,
    )


def split_ranges(model: Milp, rng: np.random.Generator) -> Milp:  # noqa: ARG001 - one signature for all
    """Each two-sided row as two one-sided ones."""
    both = np.isfinite(model.row_lower) & np.isfinite(model.row_upper)
    dense = model.matrix.toarray()
    return with_rows(
        model,
        np.vstack([dense, dense[both]]),
        np.concatenate([model.row_lower, np.full(both.sum(), -INF)]),
        np.concatenate([np.where(both, INF, model.row_upper), model.row_upper[both]]),
    )


def with_column(model: Milp, dense: NDArray[np.float64], **column: object) -> Milp:
    """Return the model with one column more, whose coefficients are the last column of ``dense``."""
    new = {"objective": 0.0, "lower": 0.0, "upper": INF, "domain": 0, "name": "s", **column}
    return replace(
        model,
        objective=np.append(model.objective, float(str(new["objective"]))),
        matrix=sparse.csr_array(dense),
        column_lower=np.append(model.column_lower, float(str(new["lower"]))),
        column_upper=np.append(model.column_upper, float(str(new["upper"]))),
        domains=np.append(model.domains, np.int8(str(new["domain"]))),
        column_names=[*model.column_names, str(new["name"])],
    )


def add_slack(model: Milp, rng: np.random.Generator) -> Milp | None:
    """A one-sided row as an equality with a slack."""
    one_sided = np.flatnonzero(np.isfinite(model.row_lower) != np.isfinite(model.row_upper))
    if one_sided.size == 0:
        return None
    i = int(rng.choice(one_sided))
    less = bool(np.isfinite(model.row_upper[i]))
    side = model.row_upper[i] if less else model.row_lower[i]
    column = np.zeros((model.n_rows, 1))
    column[i] = float(rng.choice([1.0, 2.0])) * (1 if less else -1)
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    lower[i] = upper[i] = side
    wide = with_column(model, np.hstack([model.matrix.toarray(), column]), name="slack")
    return replace(wide, row_lower=lower, row_upper=upper)


def add_implied_row(model: Milp, rng: np.random.Generator) -> Milp | None:
    """The sum of two rows with a right-hand side that they imply."""
    less = np.flatnonzero(np.isfinite(model.row_upper))
    if less.size < 1:
        return None
    i, k = rng.choice(less, size=2)
    dense = model.matrix.toarray()
    side = model.row_upper[i] + model.row_upper[k] + float(rng.choice([0.0, 0.0, 1.0]))
    return with_rows(
        model,
        np.vstack([dense, dense[i] + dense[k]]),
        np.append(model.row_lower, -INF),
        np.append(model.row_upper, side),
    )


def substitute_sum(model: Milp, rng: np.random.Generator) -> Milp:
    """A variable x >= 0 as the sum p + q of two, its bound a row."""
    j = int(rng.integers(model.n_columns))
    dense = model.matrix.toarray()
    bound = np.zeros((1, model.n_columns + 1))
    bound[0, j] = bound[0, -1] = 1.0
    top = float(model.column_upper[j])
    names = list(model.column_names)
    names[j] = "p"
    upper = model.column_upper.copy()
    upper[j] = INF
    wide = with_column(
        replace(model, column_names=names, column_upper=upper),
        np.hstack([dense, dense[:, [j]]]),
        objective=model.objective[j],
        domain=int(model.domains[j]),
        name="q",
    )
    return with_rows(
        replace(wide, matrix=sparse.csr_array(np.zeros((0, wide.n_columns))), row_lower=[], row_upper=[], row_names=[]),  # type: ignore[arg-type]
        np.vstack([wide.matrix.toarray(), bound]),
        np.append(model.row_lower, -INF),
        np.append(model.row_upper, top),
    )


def _moved(model: Milp, j: int, sign: float, shift: float, name: str) -> Milp:
    """Column j replaced by z where x = sign z + shift."""
    dense = model.matrix.toarray()
    offset = dense[:, j] * shift
    constant = model.constant + model.objective[j] * shift
    dense[:, j] *= sign
    objective = model.objective.copy()
    objective[j] *= sign
    lower, upper = model.column_lower.copy(), model.column_upper.copy()
    ends = sorted(((lower[j] - shift) * sign, (upper[j] - shift) * sign))
    lower[j], upper[j] = ends
    names = list(model.column_names)
    names[j] = name
    return replace(
        model,
        matrix=sparse.csr_array(dense),
        objective=objective,
        constant=float(constant),
        row_lower=model.row_lower - offset,
        row_upper=model.row_upper - offset,
        column_lower=lower,
        column_upper=upper,
        column_names=names,
    )


def shift(model: Milp, rng: np.random.Generator) -> Milp:
    """A variable counted from another origin, under a new name."""
    return _moved(model, int(rng.integers(model.n_columns)), 1.0, float(rng.integers(1, 4)), "moved")


def complement(model: Milp, rng: np.random.Generator) -> Milp | None:
    """A variable counted down from its bound, under a new name."""
    j = int(rng.integers(model.n_columns))
    if not np.isfinite(model.column_upper[j]):
        return None
    return _moved(model, j, -1.0, float(model.column_upper[j]), "rest")


KEEPING: dict[str, Rewrite] = {
    "permute": permute,
    "rename": rename,
    "scale rows": scale_rows,
    "flip": flip_objective,
    "split": split_ranges,
    "slack": add_slack,
    "implied row": add_implied_row,
    "substitute": substitute_sum,
    "shift": shift,
    "complement": complement,
}


def change_coefficient(model: Milp, rng: np.random.Generator) -> Milp:
    """One coefficient another number."""
    dense = model.matrix.toarray()
    i, j = int(rng.integers(model.n_rows)), int(rng.integers(model.n_columns))
    dense[i, j] += float(rng.choice([1.0, -1.0, 0.5]))
    return replace(model, matrix=sparse.csr_array(dense))


def change_bound(model: Milp, rng: np.random.Generator) -> Milp:
    """One right-hand side or bound another number."""
    if rng.random() < 0.5:
        upper = model.column_upper.copy()
        j = int(rng.integers(model.n_columns))
        if np.isinf(upper[j]):
            upper[j] = max(model.column_lower[j], 0.0) + 7
        else:
            upper[j] = upper[j] + 1 if upper[j] <= 1 else upper[j] - 1
        return replace(model, column_upper=upper)
    i = int(rng.integers(model.n_rows))
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    by = float(rng.choice([0.5, 1.0, -1.0]))
    lower[i], upper[i] = lower[i] + by, upper[i] + by
    return replace(model, row_lower=lower, row_upper=upper)


def turn_row(model: Milp, rng: np.random.Generator) -> Milp | None:
    """One inequality the other way round."""
    one_sided = np.flatnonzero(np.isfinite(model.row_lower) != np.isfinite(model.row_upper))
    if one_sided.size == 0:
        return None
    i = int(rng.choice(one_sided))
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    if np.isfinite(upper[i]):
        lower[i], upper[i] = upper[i], INF
    else:
        lower[i], upper[i] = -INF, lower[i]
    return replace(model, row_lower=lower, row_upper=upper)


def change_domain(model: Milp, rng: np.random.Generator) -> Milp:
    """One variable whole where it was not, or the reverse."""
    domains = model.domains.copy()
    j = int(rng.integers(model.n_columns))
    domains[j] = Domain.CONTINUOUS if domains[j] == Domain.INTEGER else Domain.INTEGER
    return replace(model, domains=domains)


def drop_row(model: Milp, rng: np.random.Generator) -> Milp:
    """One row forgotten."""
    kept = np.arange(model.n_rows) != rng.integers(model.n_rows)
    return with_rows(model, model.matrix.toarray()[kept], model.row_lower[kept], model.row_upper[kept])


def change_objective(model: Milp, rng: np.random.Generator) -> Milp:
    """The direction turned, or one cost another number."""
    if rng.random() < 0.4:
        return replace(model, sense=Sense.MINIMIZE if model.sense is Sense.MAXIMIZE else Sense.MAXIMIZE)
    objective = model.objective.copy()
    objective[int(rng.integers(model.n_columns))] += float(rng.choice([1.0, -1.0, 0.25]))
    return replace(model, objective=objective)


BREAKING: dict[str, Rewrite] = {
    "coefficient": change_coefficient,
    "bound": change_bound,
    "sense": turn_row,
    "integrality": change_domain,
    "dropped row": drop_row,
    "objective": change_objective,
}
