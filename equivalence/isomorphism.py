"""Level L0: a verified renaming of rows and columns, by name or found, as a certificate."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from equivalence.certificate import Permutation
from equivalence.checker import Refuted, replay
from equivalence.exact import rational
from equivalence.graph import ModelGraph
from equivalence.match import Match, join_rows
from equivalence.verdict import Equivalent, Level, Relation, Scope
from solvers.milp import Milp, Sense


def name_map(a: Milp, b: Milp) -> NDArray[np.int64] | None:
    """Return for each column of A the column of B with its name; None unless the names are the same set."""
    if a.n_columns != b.n_columns:
        return None
    if list(a.column_names) == list(b.column_names):
        return np.arange(a.n_columns, dtype=np.int64) if len(set(a.column_names)) == a.n_columns else None
    place = {name: k for k, name in enumerate(b.column_names)}
    if len(place) != b.n_columns or len(set(a.column_names)) != a.n_columns:
        return None
    found = [place.get(name, -1) for name in a.column_names]
    return None if -1 in found else np.array(found, dtype=np.int64)


def by_columns(a: Milp, b: Milp, graph_a: ModelGraph, graph_b: ModelGraph, columns: NDArray[np.int64]) -> Match | None:
    """Return the isomorphism with these columns, or None."""
    if not _alike(a, b):
        return None
    return join_rows(graph_a, graph_b, columns)


def _alike(a: Milp, b: Milp) -> bool:
    return (a.quadratic is None) == (b.quadratic is None)


def equivalent_by(a: Milp, b: Milp, graph_a: ModelGraph, graph_b: ModelGraph, found: Match) -> Equivalent | None:
    """Return the verdict for an isomorphism of the graphs; None where the models themselves refute it.

    They can refute it where a number had to be hashed or an objective is quadratic; then the checker decides.
    """
    named = name_map(a, b)
    by_name = named is not None and np.array_equal(named, found.columns)
    factor = graph_b.objective_content / graph_a.objective_content
    if not graph_a.objective.any():
        factor = _quadratic_factor(a, b)
    constant = objective_constant(a, b, factor)
    rows = _row_map(graph_a, graph_b, found, a.n_rows)
    certificate = Permutation(tuple(found.columns.tolist()), tuple(rows.tolist()), factor, constant)
    if graph_a.hashed or graph_b.hashed or a.quadratic is not None or b.quadratic is not None:
        try:
            replay(a, b, certificate)
        except Refuted:
            return None
    scaled = not np.allclose(graph_a.scale, graph_b.scale[found.rows], rtol=1e-12, atol=0.0)
    scaled = scaled or factor != 1 or constant != 0 or a.sense is not b.sense
    unscaled = Relation.IDENTICAL if by_name else Relation.PERMUTED
    return Equivalent(
        level=Level.L0,
        relation=Relation.RESCALED if scaled else unscaled,
        scope=Scope.BY_NAME if by_name else Scope.FOUND_MAP,
        certificate=certificate,
        objective_factor=factor,
        objective_constant=constant,
    )


def _quadratic_factor(a: Milp, b: Milp) -> Fraction:
    """Return the factor that the sizes of two quadratic objectives suggest; 1 where there are none."""
    if a.quadratic is None or b.quadratic is None or not a.quadratic.nnz or not b.quadratic.nnz:
        return Fraction(1)
    return rational(abs(b.quadratic.data).max()) / rational(abs(a.quadratic.data).max())


def objective_constant(a: Milp, b: Milp, factor: Fraction) -> Fraction:
    """Return ``b`` of ``f_B = factor f_A + b`` where the linear parts agree."""
    return _constant(b) - factor * _constant(a)


def _constant(model: Milp) -> Fraction:
    return rational(model.constant) * (1 if model.sense is Sense.MINIMIZE else -1)


def _row_map(graph_a: ModelGraph, graph_b: ModelGraph, found: Match, m: int) -> NDArray[np.int64]:
    """Return for each row of A a row of B with the same content, one to one."""
    first = np.arange(m)
    if graph_a.n_rows == m:
        return np.asarray(graph_b.source[found.rows[first]])
    # Rows kept in both directions: the halves of equal rows may have been paired crosswise; any pairing holds.
    images = graph_b.source[found.rows[first]]
    _, counts = np.unique(images, return_counts=True)
    if counts.max(initial=1) == 1:
        return np.asarray(images)
    taken: set[int] = set()
    rows = np.full(m, -1, dtype=np.int64)
    for i, k in enumerate(images.tolist()):
        if k not in taken:
            rows[i] = k
            taken.add(k)
    spare = [k for k in range(m) if k not in taken]
    for i in np.flatnonzero(rows < 0).tolist():
        rows[i] = spare.pop()
    return rows
