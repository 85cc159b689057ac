"""The colour-refinement test of ORGEval (arXiv 2510.27610), as a mode of its own.

The test says True where both models have the same stable colours and are symmetric decomposable: with the
nodes of unique colour taken away, no connected component holds a colour twice. Then they are isomorphic. It
says False otherwise, which is a proof only where the colours differ; here a False without proof is `Unknown`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from equivalence.graph import ModelGraph
from equivalence.refine import Colours, Refinable, refine
from equivalence.witness import NotIsomorphic


@dataclass(frozen=True, slots=True)
class WlTest:
    """``same_colours`` after ``rounds``; whether each model is symmetric decomposable (None: not asked)."""

    same_colours: bool
    rounds: int
    decomposable_a: bool | None
    decomposable_b: bool | None

    @property
    def says(self) -> bool:
        """What the test says."""
        return self.same_colours and bool(self.decomposable_a and self.decomposable_b)

    @property
    def is_proof(self) -> bool:
        """Whether what it says is proved: True always, False only where the colours differ."""
        return self.says or not self.same_colours

    def refutation(self) -> NotIsomorphic:
        """Return the witness of different colours."""
        return NotIsomorphic("colours", self.rounds, f"the colours differ in round {self.rounds} of refinement")


def wl_test(a: ModelGraph, b: ModelGraph, *, deadline: float = float("inf")) -> WlTest:
    """Return the outcome of the test on two light normal forms. Raises `refine.OutOfTime`."""
    if (a.n_rows, a.n_columns) != (b.n_rows, b.n_columns):
        return WlTest(False, 0, None, None)
    side_a, side_b = Refinable(a), Refinable(b)
    stable = refine(side_a, side_b, side_a.start, side_b.start, deadline=deadline)
    if not stable.equal:
        return WlTest(False, stable.rounds, None, None)
    return WlTest(True, stable.rounds, is_decomposable(a, stable.a), is_decomposable(b, stable.b))


def is_decomposable(graph: ModelGraph, colours: Colours) -> bool:
    """Return whether the graph is symmetric decomposable under its stable colours; linear time."""
    _, row_cell, row_count = np.unique(colours.rows, return_inverse=True, return_counts=True)
    _, column_cell, column_count = np.unique(colours.columns, return_inverse=True, return_counts=True)
    row_left, column_left = row_count[row_cell] > 1, column_count[column_cell] > 1
    edge_row = np.repeat(np.arange(graph.n_rows), np.diff(graph.indptr))
    kept = row_left[edge_row] & column_left[graph.indices]
    size = graph.n_rows + graph.n_columns
    edges = sparse.coo_array(
        (np.ones(int(kept.sum()), dtype=np.int8), (edge_row[kept], graph.indices[kept] + graph.n_rows)),
        shape=(size, size),
    )
    _, component = connected_components(edges, directed=False)
    cell = np.concatenate([row_cell, column_cell + row_count.size])
    left = np.concatenate([row_left, column_left])
    pairs = component[left].astype(np.int64) * (size + 1) + cell[left]
    return bool(np.unique(pairs).size == pairs.size)
