"""Rows, columns and their bounds put together to a matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from formulation.compile.binding import BoundSet
from formulation.compile.names import NameFamily
from formulation.compile.values import Block, Floats, Numbers, Positions


@dataclass(frozen=True, slots=True, eq=False)
class RowFamily:
    """The rows of one constraint: a matrix in CSR parts, bounds, and names."""

    names: NameFamily
    counts: NDArray[np.int64]
    columns: Positions
    values: Floats
    lower: Floats
    upper: Floats


def spread(numbers: Numbers, size: int) -> Floats:
    """Return a number for each row."""
    return np.broadcast_to(np.asarray(numbers, dtype=np.float64), (size,))


def row_family(
    base: str,
    sets: dict[str, BoundSet],
    positions: Positions | None,
    blocks: tuple[Block, ...],
    lower: Floats,
    upper: Floats,
) -> RowFamily:
    """Return the rows of a constraint, duplicates summed, columns ascending, rows that say nothing left out.

    A row in which no variable is left is left out where 0 lies between its bounds, and kept where it does
    not, so that the model is infeasible as the formulation is.
    """
    size = lower.size
    counts, columns, values = _compressed(blocks, size)
    empty = np.flatnonzero(counts == 0)
    if empty.size:
        vain = empty[(lower[empty] <= 0.0) & (upper[empty] >= 0.0)]
        if vain.size:
            kept = np.ones(size, dtype=bool)
            kept[vain] = False
            counts, lower, upper = counts[kept], lower[kept], upper[kept]
            rows = np.flatnonzero(kept)
            positions = rows if positions is None else positions[rows]
    names = NameFamily(base, tuple(index_set.keys for index_set in sets.values()), positions)
    return RowFamily(names, counts, columns, values, lower, upper)


def _compressed(blocks: tuple[Block, ...], size: int) -> tuple[NDArray[np.int64], Positions, Floats]:
    """Return the number of entries of each row, and their columns and values, row after row."""
    if len(blocks) == 1:
        block = blocks[0]
        values = spread(block.values, block.columns.size)
        if _is_canonical(block, values):
            if block.rows is None:
                return np.ones(size, dtype=np.int64), block.columns, values
            return np.bincount(block.rows, minlength=size), block.columns, values
    if not blocks:
        return np.zeros(size, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    rows = np.concatenate([np.arange(size) if b.rows is None else b.rows for b in blocks])
    columns = np.concatenate([b.columns for b in blocks])
    values = np.concatenate([spread(b.values, b.columns.size) for b in blocks])
    width = int(columns.max(initial=0)) + 1
    csr = sparse.coo_array((values, (rows, columns)), shape=(size, width)).tocsr()
    csr.sum_duplicates()
    csr.eliminate_zeros()
    return np.diff(csr.indptr).astype(np.int64), csr.indices.astype(np.int64), csr.data


def _is_canonical(block: Block, values: Floats) -> bool:
    if isinstance(block.values, float):
        if block.values == 0.0:
            return False
    elif not values.all():
        return False
    if block.rows is None:
        return True
    step = np.diff(block.rows)
    return bool(((step > 0) | ((step == 0) & (np.diff(block.columns) > 0))).all())


def matrix(families: list[RowFamily], n_columns: int) -> sparse.csr_array:
    """Return the rows of all families, one family after another, in CSR form."""
    counts = np.concatenate([np.zeros(1, dtype=np.int64), *(family.counts for family in families)])
    starts = np.cumsum(counts)
    small = max(int(starts[-1]), n_columns) < np.iinfo(np.int32).max
    kind = np.int32 if small else np.int64
    total = int(starts[-1])
    columns, values = np.empty(total, dtype=kind), np.empty(total)
    at = 0
    for family in families:
        end = at + family.columns.size
        columns[at:end], values[at:end] = family.columns, family.values
        at = end
    shape = (counts.size - 1, n_columns)
    return sparse.csr_array((values, columns, starts.astype(kind)), shape=shape)
