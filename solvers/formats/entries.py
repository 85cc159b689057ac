"""Entries of a matrix, in any order, as compressed rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Indices = NDArray[np.int32]


def compressed(
    rows: Indices, columns: Indices, values: NDArray[np.float64], shape: tuple[int, int]
) -> tuple[sparse.csr_array, NDArray[np.intp]]:
    """Return the CSR matrix (m, n) with sorted indices, and which entries repeat the cell of one before them.

    A cell that is given twice stands twice in the matrix. Takes linear time up to 65,536 rows and columns.
    """
    m, n = shape
    order = _sorting(columns, n)
    order = order[_sorting(rows[order], m)]
    i, j = rows[order], columns[order]
    again = order[1:][(i[1:] == i[:-1]) & (j[1:] == j[:-1])]
    starts = np.zeros(m + 1, dtype=np.int32)
    np.cumsum(np.bincount(i, minlength=m), out=starts[1:])
    matrix = sparse.csr_array((values[order], j, starts), shape=shape)
    matrix.has_sorted_indices = True
    if not again.size:
        matrix.has_canonical_format = True
    return matrix, again


def _sorting(numbers: Indices, end: int) -> NDArray[np.intp]:
    """Return the stable order of numbers in [0, end); numpy sorts short ones by their digits."""
    return np.argsort(numbers.astype(np.uint16) if end <= 2**16 else numbers, kind="stable")
