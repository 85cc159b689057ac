"""Small models for the tests of equivalence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy import sparse

from solvers.milp import Milp, Sense

Build = Callable[..., Milp]


@pytest.fixture(scope="session")
def build() -> Build:
    """A model from dense rows: ``build([1, 2], [([1, 1], 0, 4)], upper=[3, 3], whole=[0])``."""

    def make(
        objective: Sequence[float],
        rows: Sequence[tuple[Sequence[float], float, float]],
        *,
        lower: Sequence[float] | None = None,
        upper: Sequence[float] | None = None,
        whole: Sequence[int] = (),
        names: Sequence[str] | None = None,
        sense: Sense = Sense.MINIMIZE,
        constant: float = 0.0,
    ) -> Milp:
        n = len(objective)
        domains = np.zeros(n, dtype=np.int8)
        domains[list(whole)] = 1
        return Milp(
            sense=sense,
            objective=np.array(objective, dtype=float),
            matrix=sparse.csr_array(np.array([r[0] for r in rows], dtype=float).reshape(len(rows), n)),
            row_lower=np.array([r[1] for r in rows], dtype=float),
            row_upper=np.array([r[2] for r in rows], dtype=float),
            column_lower=np.zeros(n) if lower is None else np.array(lower, dtype=float),
            column_upper=np.full(n, np.inf) if upper is None else np.array(upper, dtype=float),
            domains=domains,
            column_names=list(names) if names else [f"x{j}" for j in range(n)],
            row_names=[f"r{i}" for i in range(len(rows))],
            constant=constant,
        )

    return make


@pytest.fixture(scope="session")
def cover(build: Build) -> Callable[[Sequence[tuple[int, int]], bool], Milp]:
    """A vertex cover of a graph: one row ``x_i + x_j >= 1`` an edge; binary or relaxed."""

    def make(edges: Sequence[tuple[int, int]], binary: bool) -> Milp:
        n = 1 + max(max(edge) for edge in edges)
        rows = []
        for i, j in edges:
            row = [0.0] * n
            row[i] = row[j] = 1.0
            rows.append((row, 1.0, np.inf))
        return build([1.0] * n, rows, upper=[1.0] * n, whole=range(n) if binary else ())

    return make
