"""Models for self-checks and tests: small ones from plain numbers, and two that keep a solver busy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from solvers.milp import Domain, Milp, Sense

INF = math.inf


def model(
    costs: Sequence[float],
    rows: Sequence[tuple[Sequence[float], float, float]] = (),
    *,
    sense: Sense = Sense.MINIMIZE,
    lower: Sequence[float] | float = 0.0,
    upper: Sequence[float] | float = INF,
    domains: Sequence[int] | int = Domain.CONTINUOUS,
    constant: float = 0.0,
    quadratic: Sequence[Sequence[float]] | None = None,
) -> Milp:
    """Return a small model from plain numbers; a row is (coefficients, lower, upper)."""
    n, m = len(costs), len(rows)
    return Milp(
        sense,
        np.array(costs, dtype=float),
        sparse.csr_array(np.array([r[0] for r in rows], dtype=float).reshape(m, n)),
        np.array([r[1] for r in rows], dtype=float),
        np.array([r[2] for r in rows], dtype=float),
        np.broadcast_to(np.array(lower, dtype=float), n).copy(),
        np.broadcast_to(np.array(upper, dtype=float), n).copy(),
        np.broadcast_to(np.array(domains, dtype=np.int8), n).copy(),
        [f"x{j}" for j in range(n)],
        [f"r{i}" for i in range(m)],
        constant=constant,
        quadratic=None if quadratic is None else sparse.csr_array(np.array(quadratic, dtype=float)),
    )


def market_split(m: int, n: int, seed: int) -> Milp:
    """Return a market split model (Cornuéjols and Dawande 1999): small, and out of reach of branch and bound."""
    random = np.random.default_rng(seed)
    a = random.integers(0, 100, (m, n)).astype(float)
    half = np.floor(a.sum(axis=1) / 2)
    reach = a.sum(axis=1).max()
    return Milp(
        Sense.MINIMIZE,
        np.concatenate([np.zeros(n), np.ones(2 * m)]),
        sparse.csr_array(np.hstack([a, np.eye(m), -np.eye(m)])),
        half,
        half,
        np.zeros(n + 2 * m),
        np.concatenate([np.ones(n), np.full(2 * m, reach)]),
        np.ones(n + 2 * m, dtype=np.int8),
        [f"x{j}" for j in range(n + 2 * m)],
        [f"r{i}" for i in range(m)],
    )


def transport(n: int, seed: int) -> Milp:
    """A transport LP of n by n, as large as a limit or a cancellation needs to bite."""
    random = np.random.default_rng(seed)
    supply = random.integers(50, 100, n).astype(float)
    demand = supply[::-1].copy()
    rows, columns = [], []
    for i in range(n):
        rows += [i] * n
        columns += list(range(i * n, (i + 1) * n))
    for j in range(n):
        rows += [n + j] * n
        columns += list(range(j, n * n, n))
    matrix = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(2 * n, n * n))
    side = np.concatenate([supply, demand])
    return Milp(
        Sense.MINIMIZE,
        random.integers(1, 1000, n * n).astype(float),
        sparse.csr_array(matrix),
        side,
        side,
        np.zeros(n * n),
        np.full(n * n, INF),
        np.zeros(n * n, dtype=np.int8),
        [f"x{j}" for j in range(n * n)],
        [f"r{i}" for i in range(2 * n)],
    )
