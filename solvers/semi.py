"""Semi-continuous and semi-integer columns stated with binaries, for a solver that has none or none to rely on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from solvers.errors import Unsupported
from solvers.milp import Domain, DomainVector, Milp


def without_idle_semis(model: Milp) -> Milp:
    """Return the model with every semi-continuous column whose own bounds hold 0 as a plain one: it is the same."""
    idle = (model.domains >= Domain.SEMI_CONTINUOUS) & (model.column_lower <= 0) & (model.column_upper >= 0)
    return replace(model, domains=np.where(idle, _plain(model), model.domains).astype(np.int8)) if idle.any() else model


def without_semis(model: Milp) -> Milp:
    """Return an equal model whose columns are continuous or integer alone.

    The first n columns and m rows are the model's own. A column x that is 0 or within [l, u] lies within the least
    range that holds both, and a binary ``on`` behind the model's columns, with two rows behind its rows, says that
    ``l on <= x <= u on``. Raises `Unsupported` for such a column without one of its bounds.
    """
    model = without_idle_semis(model)
    semi = model.domains >= Domain.SEMI_CONTINUOUS
    if not semi.any():
        return model
    n, m = model.n_columns, model.n_rows
    lower, upper = model.column_lower, model.column_upper
    switched = np.flatnonzero(semi)
    for j in switched.tolist():
        if not (np.isfinite(lower[j]) and np.isfinite(upper[j])):
            raise Unsupported(f"the semi-continuous column {model.column_names[j]!r} needs a finite bound at both ends")
    k = len(switched)
    picks = sparse.coo_array((np.ones(k), (np.arange(k), switched)), shape=(k, n))
    matrix = sparse.block_array(
        [
            [sparse.coo_array(model.matrix), sparse.coo_array((m, k))],
            [picks, sparse.diags_array(-lower[switched])],
            [picks, sparse.diags_array(-upper[switched])],
        ],
        format="csr",
    )
    names = [model.column_names[j] for j in switched.tolist()]
    quadratic = model.quadratic
    if quadratic is not None:
        quadratic = sparse.csr_array(sparse.block_diag([quadratic, sparse.coo_array((k, k))]))
    return replace(
        model,
        objective=np.append(model.objective, np.zeros(k)),
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate([model.row_lower, np.zeros(k), np.full(k, -np.inf)]),
        row_upper=np.concatenate([model.row_upper, np.full(k, np.inf), np.zeros(k)]),
        column_lower=np.append(np.where(semi, np.minimum(lower, 0.0), lower), np.zeros(k)),
        column_upper=np.append(np.where(semi, np.maximum(upper, 0.0), upper), np.ones(k)),
        domains=np.append(_plain(model), np.ones(k)).astype(np.int8),
        column_names=[*model.column_names, *(f"on({name})" for name in names)],
        row_names=[*model.row_names, *(f"least({name})" for name in names), *(f"most({name})" for name in names)],
        quadratic=quadratic,
    )


def _plain(model: Milp) -> DomainVector:
    """Return the domains with every semi-continuous column continuous, every semi-integer one integer."""
    return np.where(model.domains >= Domain.SEMI_CONTINUOUS, model.domains - Domain.SEMI_CONTINUOUS, model.domains)
