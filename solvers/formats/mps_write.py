"""A model as a free MPS text, which `solvers.formats.mps` reads back the same."""

from __future__ import annotations

import math
import re

import numpy as np
from scipy import sparse

from solvers.errors import FormatError
from solvers.formats.mps_words import NUMBER, SECTIONS
from solvers.formats.names import mangle
from solvers.formats.numbers import shortest
from solvers.milp import Domain, Milp, Sense

_BAD_CHARACTER = re.compile(r"[\s\x00-\x20\x7f'\"]")


def unparse(model: Milp) -> str:
    """Return the model as a free MPS text that `parse` reads back the same, columns and rows in order."""

    def refused(name: str) -> bool:
        return name[0] in "$*" or name.upper() in SECTIONS or bool(NUMBER.match(name))

    names = mangle(model.column_names, model.row_names, bad=_BAD_CHARACTER, refused=refused)
    columns, rows = names.columns, names.rows
    objective = "obj"
    while objective in set(rows):
        objective += "_"
    title = re.sub(r"\s+", "_", model.name.strip())
    lines = [f"* {line}" for line in names.head]
    lines.append(f"NAME {title}".rstrip())
    if model.sense is Sense.MAXIMIZE:
        lines += ["OBJSENSE", " MAX"]
    lines += ["ROWS", f" N {objective}"]
    lower, upper = model.row_lower.tolist(), model.row_upper.tolist()
    kinds = [_kind(a, b) for a, b in zip(lower, upper, strict=True)]
    lines += [f" {kind} {name}" for kind, name in zip(kinds, rows, strict=True)]
    lines.append("COLUMNS")
    by_column = sparse.csc_array(model.matrix)
    indptr, indices, data = (a.tolist() for a in (by_column.indptr, by_column.indices, by_column.data))
    costs = model.objective.tolist()
    whole = (model.domains == Domain.INTEGER).tolist()
    inside = False
    for j, name in enumerate(columns):
        if whole[j] != inside:
            lines.append(f" MARKER{j} 'MARKER' '{'INTORG' if whole[j] else 'INTEND'}'")
            inside = whole[j]
        if costs[j] or indptr[j] == indptr[j + 1]:
            lines.append(f" {name} {objective} {shortest(costs[j])}")
        lines += [f" {name} {rows[indices[k]]} {shortest(data[k])}" for k in range(indptr[j], indptr[j + 1])]
    if inside:
        lines.append(" MARKEREND 'MARKER' 'INTEND'")
    lines.append("RHS")
    if model.constant:
        lines.append(f" RHS {objective} {shortest(-model.constant)}")
    ranges: list[str] = []
    for kind, name, a, b in zip(kinds, rows, lower, upper, strict=True):
        side = b if kind == "L" else a
        if kind != "N" and side:
            lines.append(f" RHS {name} {shortest(side)}")
        if kind == "G" and math.isfinite(b):
            ranges.append(f" RANGE {name} {shortest(_width(a, b, name))}")
    if ranges:
        lines += ["RANGES", *ranges]
    lines.append("BOUNDS")
    for j, name in enumerate(columns):
        lines += _bounds(model, j, name, whole=whole[j])
    if model.quadratic is not None and model.quadratic.nnz:
        lines.append("QUADOBJ")
        half = sparse.coo_array(sparse.tril(model.quadratic))
        for i, j, value in zip(half.row.tolist(), half.col.tolist(), half.data.tolist(), strict=True):
            lines.append(f" {columns[j]} {columns[i]} {shortest(value)}")
    lines.append("ENDATA")
    return "\n".join(lines) + "\n"


def _kind(lower: float, upper: float) -> str:
    if lower == upper:
        return "E"
    if lower == -math.inf:
        return "N" if upper == math.inf else "L"
    return "G"


def _width(lower: float, upper: float, row: str) -> float:
    """Return the width whose sum with the lower side is exactly the upper side. Raises `FormatError`."""
    width = upper - lower
    for candidate in (width, np.nextafter(width, math.inf), np.nextafter(width, 0.0)):
        if lower + float(candidate) == upper:
            return float(candidate)
    raise FormatError(f"MPS holds a range as a width, which cannot hold the sides {lower!r} and {upper!r} of {row!r}")


def _bounds(model: Milp, j: int, name: str, *, whole: bool) -> list[str]:
    low, high = float(model.column_lower[j]), float(model.column_upper[j])
    if model.domains[j] >= Domain.SEMI_CONTINUOUS:
        kind = "SI" if model.domains[j] == Domain.SEMI_INTEGER else "SC"
        lines = [f" {kind} BND {name} {shortest(high) if math.isfinite(high) else '1e30'}"]
        if low:
            lines.append(f" LO BND {name} {shortest(low)}" if math.isfinite(low) else f" MI BND {name}")
        return lines
    if low == high:
        return [f" FX BND {name} {shortest(low)}"]
    if low == -math.inf and high == math.inf:
        return [f" FR BND {name}"]
    lines = []
    if low == -math.inf:
        lines.append(f" MI BND {name}")
    elif low:
        lines.append(f" LO BND {name} {shortest(low)}")
    if math.isfinite(high):
        lines.append(f" UP BND {name} {shortest(high)}")
    elif whole:
        lines.append(f" PL BND {name}")
    return lines
