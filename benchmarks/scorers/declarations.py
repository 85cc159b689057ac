"""NL4Opt's declaration-level accuracy: which declarations of the annotation the answer's model holds.

An answer's rows ``a·x <= b`` are matched with the annotation's, each at most once, and the objective with the
objective. With FP rows too many and FN rows missing, a problem of D declarations loses min(FP + FN, D) of them, and
the accuracy over a suite is ``1 - sum min(FP + FN, D) / sum D``, as the competition defined it. Two things are kinder
here and said wherever the figure is: rows are compared up to a positive factor, and a limit that the words exclude
may be closed or shifted by one.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.scorers.canonical import Canonical, Row

if TYPE_CHECKING:
    from solvers.milp import FloatVector, Milp

_PLACES = 7
"""Significant digits to which scaled coefficients are compared."""
_EXHAUSTIVE_UP_TO = 6
"""Columns up to which every assignment of columns to variables is tried."""

Counts = tuple[int, int, int, int]


def abstained_counts(gold: Canonical) -> Counts:
    """Return the counts of an answer that declares nothing: all are missing."""
    return 0, 0, gold.declarations, gold.declarations


def declaration_counts(gold: Canonical, model: Milp, names: Mapping[str, str]) -> Counts:
    """Return ``(matched, false positive, false negative, gold)`` under the best matching of columns to variables.

    Up to six columns every matching is tried; beyond that columns are matched by the words in ``names``, and what
    is left in order. A model with another number of columns matches by words alone: its other columns are false.
    """
    rows, objective = _rows(model), _objective(model)
    best: Counts = (0, len(rows) + 1, gold.declarations, gold.declarations)
    for order in _assignments(gold, model, names):
        matched = _matched(gold, rows, objective, order)
        counts = (matched, len(rows) + 1 - matched, gold.declarations - matched, gold.declarations)
        best = max(best, counts, key=lambda c: c[0])
    return best


def accuracy(counts: Sequence[Counts]) -> float | None:
    """Return the declaration-level accuracy over problems, None over none."""
    total = sum(gold for _, _, _, gold in counts)
    lost = sum(min(false + missing, gold) for _, false, missing, gold in counts)
    return 1.0 - lost / total if total else None


def _matched(
    gold: Canonical, rows: list[tuple[FloatVector, float]], objective: FloatVector, order: Sequence[int | None]
) -> int:
    """Return how many declarations match when column j is variable ``order[j]``."""
    n = len(gold.variables)

    def moved(vector: FloatVector) -> FloatVector | None:
        out = np.zeros(n)
        for j in np.flatnonzero(vector).tolist():
            variable = order[j]
            if variable is None:
                return None
            out[variable] += vector[j]
        return out

    placed = moved(objective)
    matched = int(placed is not None and _key(placed, 0.0) == _key(np.array(gold.objective), 0.0))
    wanted: list[set[tuple[float, ...]]] = [_keys(row) for row in gold.rows]
    for vector, limit in rows:
        there = moved(vector)
        if there is None:
            continue
        key = _key(there, limit)
        for i, keys in enumerate(wanted):
            if key in keys:
                matched += 1
                del wanted[i]
                break
    return matched


def _keys(row: Row) -> set[tuple[float, ...]]:
    vector = np.array(row.coefficients)
    return {_key(vector, row.limit)} | ({_key(vector, row.limit - 1.0)} if row.strict else set())


def _key(vector: FloatVector, limit: float) -> tuple[float, ...]:
    """Return numbers that rows share when they differ by a positive factor alone."""
    scale = float(np.abs(vector).max(initial=0.0)) or abs(limit) or 1.0
    return tuple(float(f"{value / scale:.{_PLACES}g}") + 0.0 for value in (*vector.tolist(), limit))


def _objective(model: Milp) -> FloatVector:
    from solvers.milp import Sense

    return model.objective if model.sense is Sense.MINIMIZE else -model.objective


def _rows(model: Milp) -> list[tuple[FloatVector, float]]:
    """Return the rows and the bounds other than ``x >= 0`` as ``a·x <= b``."""
    found: list[tuple[FloatVector, float]] = []
    dense = model.matrix.toarray()
    for i in range(model.n_rows):
        if np.isfinite(model.row_upper[i]):
            found.append((dense[i], float(model.row_upper[i])))
        if np.isfinite(model.row_lower[i]):
            found.append((-dense[i], -float(model.row_lower[i])))
    unit = np.eye(model.n_columns)
    for j in range(model.n_columns):
        if np.isfinite(model.column_upper[j]):
            found.append((unit[j], float(model.column_upper[j])))
        if np.isfinite(model.column_lower[j]) and abs(model.column_lower[j]) > 0.0:
            found.append((-unit[j], -float(model.column_lower[j])))
    return found


def _assignments(gold: Canonical, model: Milp, names: Mapping[str, str]) -> list[tuple[int | None, ...]]:
    n, m = len(gold.variables), model.n_columns
    if m == n and n <= _EXHAUSTIVE_UP_TO:
        return list(itertools.permutations(range(n)))
    order: list[int | None] = []
    free = set(range(n))
    for column in model.column_names:
        words = _words(names.get(column, column))
        scored = [(len(words & _words(name)), -len(_words(name)), i) for name, i in gold.spellings.items() if i in free]
        overlap, _, index = max(scored, default=(0, 0, -1))
        order.append(index if overlap else None)
        free.discard(order[-1] if order[-1] is not None else -1)
    if m == n:
        rest = sorted(free)
        order = [index if index is not None else rest.pop(0) for index in order]
    return [tuple(order)]


def _words(text: str) -> frozenset[str]:
    return frozenset(word.removesuffix("s") for word in text.lower().replace("_", " ").replace("-", " ").split())
