"""Whether divisibility alone keeps every whole point out: what branch and bound cannot see without bounds.

Branching on columns that have no ends never finds out that ``2 x - 4 y = 1`` has no whole solution. A system of
equations does where its right sides lie outside the lattice that its columns span, which a triangular form of the
matrix under whole column operations decides (Schrijver 1986, Theory of Linear and Integer Programming, chapter 4).
"""

from __future__ import annotations

import math

import numpy as np

from solvers.milp import Domain, FloatVector, Milp

_LARGEST = 60
"""How many equations, and how many columns in them, are put into triangular form."""

_MOST_ROWS = 2000
"""How many rows are looked at."""


def is_open_ended(model: Milp, column_lower: FloatVector, column_upper: FloatVector) -> bool:
    """Whether an integer column lacks one of these bounds, shape (n,)."""
    whole = model.domains == Domain.INTEGER
    return bool(np.any(whole & ~(np.isfinite(column_lower) & np.isfinite(column_upper))))


def excludes_whole_points(model: Milp, row_lower: FloatVector, row_upper: FloatVector) -> bool:
    """Whether the rows with these sides, shape (m,), hold no whole point, whatever the bounds of the columns.

    Exact: decided in whole numbers, over the rows whose columns are all integer and whose coefficients are whole.
    Promises nothing where it returns False.
    """
    rows = np.flatnonzero(np.isfinite(row_lower) | np.isfinite(row_upper))
    if rows.size > _MOST_ROWS:
        return False
    ranges = _ranges(model, rows.tolist(), row_lower, row_upper)
    if any(lower > upper for lower, upper in ranges.values()):
        return True
    equations = {terms: int(lower) for terms, (lower, upper) in ranges.items() if lower >= upper}
    columns = sorted({j for terms in equations for j, _ in terms})
    if not equations or max(len(equations), len(columns)) > _LARGEST:
        return False
    place = {j: k for k, j in enumerate(columns)}
    dense = [[0] * len(equations) for _ in columns]
    for i, terms in enumerate(equations):
        for j, coefficient in terms:
            dense[place[j]][i] = coefficient
    return not _spanned(dense, list(equations.values()))


Terms = tuple[tuple[int, int], ...]


def _ranges(
    model: Milp, rows: list[int], row_lower: FloatVector, row_upper: FloatVector
) -> dict[Terms, tuple[float, float]]:
    """Return the range of whole values for each direction, as (column, coefficient) without a common divisor.

    Rows of one direction are taken together.
    """
    found: dict[Terms, tuple[float, float]] = {}
    matrix = model.matrix
    for i in rows:
        span = slice(matrix.indptr[i], matrix.indptr[i + 1])
        indices, values = matrix.indices[span], matrix.data[span]
        exact = np.abs(values) < 2**31
        if not (values.size and exact.all() and (values == np.round(values)).all()):
            continue
        if not (model.domains[indices] == Domain.INTEGER).all():
            continue
        divisor = math.gcd(*map(int, values)) * (1 if values[0] > 0 else -1)
        terms = tuple((int(j), int(value) // divisor) for j, value in zip(indices, values, strict=True))
        ends = sorted((float(row_lower[i]) / divisor, float(row_upper[i]) / divisor))
        lower, upper = found.get(terms, (-math.inf, math.inf))
        found[terms] = max(lower, _next_whole(ends[0])), min(upper, -_next_whole(-ends[1]))
    return found


def _next_whole(value: float) -> float:
    """Return the least whole number from the value on; one that a solver's tolerance would take counts as whole."""
    return float(math.ceil(value - 1e-6)) if math.isfinite(value) else value


def _spanned(columns: list[list[int]], target: list[int]) -> bool:
    """Whether the target is a sum of whole multiples of the columns."""
    start = 0
    for i in range(len(target)):
        while len(met := [j for j in range(start, len(columns)) if columns[j][i]]) > 1:
            pivot = min(met, key=lambda j: abs(columns[j][i]))
            for j in met:
                if j != pivot:
                    times = columns[j][i] // columns[pivot][i]
                    columns[j] = [a - times * b for a, b in zip(columns[j], columns[pivot], strict=True)]
        if met:
            times, rest = divmod(target[i], columns[met[0]][i])
            if rest:
                return False
            target = [a - times * b for a, b in zip(target, columns[met[0]], strict=True)]
            columns[start], columns[met[0]] = columns[met[0]], columns[start]
            start += 1
        elif target[i]:
            return False
    return True
