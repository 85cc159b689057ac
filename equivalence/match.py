"""An isomorphism between two models, found by refinement and individualisation, and verified exactly."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from equivalence import bliss
from equivalence.graph import ModelGraph, mix, row_blocks
from equivalence.refine import Colours, OutOfTime, Refinable, Refinement, individualised, refine
from equivalence.witness import NotIsomorphic

Indices = NDArray[np.int64]
Values = NDArray[np.int64] | NDArray[np.int32]
_VERIFIED_AT_ONCE = 1 << 20
_BEFORE_BLISS = 200
_PARTNERS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Column ``j`` of A is column ``columns[j]`` of B, row node ``i`` is row node ``rows[i]``; verified."""

    columns: Indices
    rows: Indices


@dataclass(frozen=True, slots=True)
class Undecided:
    """The deadline passed first."""

    detail: str


Matching = Match | NotIsomorphic | Undecided


def match(a: ModelGraph, b: ModelGraph, *, deadline: float) -> Matching:
    """Return an isomorphism, a proof that there is none, or that the time did not suffice.

    Guesses come first (they end in an exact verification); then every choice is tried in turn, and when none
    leads to an isomorphism there is none.
    """
    counts = (a.n_rows, a.n_columns, a.values.size), (b.n_rows, b.n_columns, b.values.size)
    if counts[0] != counts[1]:
        return NotIsomorphic("counts", 0, f"rows, columns and coefficients are {counts[0]} in A and {counts[1]} in B")
    side_a, side_b = Refinable(a), Refinable(b)
    try:
        stable = refine(side_a, side_b, side_a.start, side_b.start, deadline=deadline)
        if not stable.equal:
            return NotIsomorphic("colours", stable.rounds, _colour_detail(stable))
        # Nodes that share a colour are often twins, of which any pairing will do.
        found = _as_match(side_a, side_b, stable) or _guess(side_a, side_b, stable, deadline)
        if found is not None:
            return found
        search = _Search(side_a, side_b, deadline, most=_BEFORE_BLISS if bliss.is_available() else None)
        try:
            found = search.run(stable)
        except _Enough:
            answer = bliss.isomorphism(a, b, stable.a, stable.b, deadline=deadline)
            if answer is False:
                return NotIsomorphic("bliss", stable.rounds, "BLISS finds no isomorphism")
            if isinstance(answer, tuple) and verify(a, b, *answer):
                return Match(*answer)
            search.most = None
            found = search.run(stable)
    except OutOfTime:
        return Undecided("the search for an isomorphism did not end in time")
    except RecursionError:
        return Undecided("the search for an isomorphism went too deep")
    if found is not None:
        return found
    return NotIsomorphic("search", stable.rounds, f"{search.tried} individualisations tried, none leads to one")


def _colour_detail(stable: Refinement) -> str:
    kind = "rows" if not np.array_equal(np.sort(stable.a.rows), np.sort(stable.b.rows)) else "columns"
    return f"the {kind} have different colours in round {stable.rounds} of refinement"


def verify(a: ModelGraph, b: ModelGraph, columns: Indices, rows: Indices) -> bool:
    """Return whether the two permutations carry A's light normal form exactly onto B's."""
    if not (
        np.array_equal(a.objective, b.objective[columns])
        and np.array_equal(a.lower, b.lower[columns])
        and np.array_equal(a.upper, b.upper[columns])
        and np.array_equal(a.domains, b.domains[columns])
        and np.array_equal(a.bounds, b.bounds[rows])
    ):
        return False
    lengths = np.diff(a.indptr)
    if not np.array_equal(lengths, np.diff(b.indptr)[rows]):
        return False
    back = np.empty(columns.size, dtype=np.int32)
    back[columns] = np.arange(columns.size, dtype=np.int32)
    # In runs of rows, so that the memory needed does not grow with the model.
    for start, stop in row_blocks(a.indptr, _VERIFIED_AT_ONCE):
        span = slice(int(a.indptr[start]), int(a.indptr[stop]))
        taken = lengths[start:stop]
        ends = np.concatenate([[0], np.cumsum(taken)]).astype(np.int32)
        positions = np.repeat(b.indptr[rows[start:stop]] - ends[:-1], taken)
        positions += np.arange(positions.size, dtype=positions.dtype)
        one = _by_column(a.indices[span], a.values[span], ends, columns.size)
        other = _by_column(back[b.indices[positions]], b.values[positions], ends, columns.size)
        if not (np.array_equal(one[0], other[0]) and np.array_equal(one[1], other[1])):
            return False
    return True


def _by_column(
    columns: NDArray[np.int32], values: Values, ends: NDArray[np.int32], n: int
) -> tuple[NDArray[np.int32], Values]:
    """Return columns and values with each row in the order of its columns: transposed twice, in linear time."""
    falls = columns[1:] < columns[:-1]
    falls[ends[1:-1][(ends[1:-1] > 0) & (ends[1:-1] < columns.size)] - 1] = False
    if not falls.any():
        return columns, values
    block = sparse.csr_array((values, columns, ends), shape=(ends.size - 1, n)).tocsc().tocsr()
    return block.indices, block.data


def join_rows(a: ModelGraph, b: ModelGraph, columns: Indices) -> Match | None:
    """Return the isomorphism with the given columns, or None where there is none."""
    if a.n_rows != b.n_rows or a.values.size != b.values.size:
        return None
    name = mix(np.arange(columns.size, dtype=np.uint64))
    seen = np.empty_like(name)
    seen[columns] = name
    side_a, side_b = Refinable(a), Refinable(b)
    rows_a = side_a.round(Colours(side_a.start.rows, name)).rows
    rows_b = side_b.round(Colours(side_b.start.rows, seen)).rows
    rows = _join(rows_a, rows_b)
    return Match(columns, rows) if verify(a, b, columns, rows) else None


def _join(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> Indices:
    """Return for each entry of ``a`` the place in ``b`` with the same rank."""
    joined = np.empty(a.size, dtype=np.int64)
    joined[np.argsort(a, kind="stable")] = np.argsort(b, kind="stable")
    return joined


def _as_match(a: Refinable, b: Refinable, stable: Refinement) -> Match | None:
    """Return the isomorphism that pairs equal colours, where it is one. Equal twins are paired in order."""
    columns = _join(stable.a.columns, stable.b.columns)
    rows = _join(stable.a.rows, stable.b.rows)
    return Match(columns, rows) if verify(a.graph, b.graph, columns, rows) else None


def cells_of(colours: Colours) -> list[tuple[int, str, np.uint64]]:
    """Return (size, kind, colour) of each cell of more than one node, the smallest first."""
    found = []
    for kind, words in (("row", colours.rows), ("column", colours.columns)):
        values, counts = np.unique(words, return_counts=True)
        found += [(int(c), kind, v) for v, c in zip(values[counts > 1], counts[counts > 1], strict=True)]
    return sorted(found, key=lambda cell: (cell[0], cell[1], int(cell[2])))


def _nodes(colours: Colours, kind: str, colour: np.uint64) -> Indices:
    return np.flatnonzero((colours.rows if kind == "row" else colours.columns) == colour)


def _smallest_cell(colours: Colours) -> tuple[str, np.uint64]:
    """Return the smallest cell of more than one node (rows before columns)."""
    best = (int(np.iinfo(np.int64).max), "", np.uint64(0))
    for kind, words in (("row", colours.rows), ("column", colours.columns)):
        values, counts = np.unique(words, return_counts=True)
        many = counts > 1
        if many.any():
            k = int(np.argmin(np.where(many, counts, np.iinfo(np.int64).max)))
            if counts[k] < best[0]:
                best = (int(counts[k]), kind, values[k])
    return best[1], best[2]


def _guess(a: Refinable, b: Refinable, stable: Refinement, deadline: float) -> Match | None:
    """Return an isomorphism found without backtracking, or None.

    Each turn numbers a whole cell in both models (right where its nodes are copies of each other, as in
    symmetric decomposable models); where the colours then differ it tells one node apart instead, which is
    right on every model where refinement is complete (the amenable ones of Arvind et al., 2015).
    """
    whole_cell_misses = 0
    while True:
        if not _spread(stable):
            return _as_match(a, b, stable)
        kind, colour = _smallest_cell(stable.a)
        nodes_a, nodes_b = _nodes(stable.a, kind, colour), _nodes(stable.b, kind, colour)
        if whole_cell_misses < 24:
            trial = _told_apart(a, b, stable, kind, nodes_a, nodes_b, deadline)
            if trial.equal:
                stable = trial
                continue
            whole_cell_misses += 1
        if nodes_a.size == 2 and whole_cell_misses < 24:
            trial = _told_apart(a, b, stable, kind, nodes_a, nodes_b[::-1], deadline)
            if trial.equal:
                stable = trial
                continue
        for node in nodes_b[:_PARTNERS]:
            trial = _told_apart(a, b, stable, kind, nodes_a[:1], np.array([node]), deadline)
            if trial.equal:
                stable = trial
                break
        else:
            return None


def _spread(stable: Refinement) -> bool:
    """Return whether some cell has more than one node."""
    return stable.cells < stable.a.rows.size + stable.a.columns.size


def _told_apart(
    a: Refinable, b: Refinable, stable: Refinement, kind: str, nodes_a: Indices, nodes_b: Indices, deadline: float
) -> Refinement:
    return refine(
        a,
        b,
        individualised(stable.a, kind, nodes_a),
        individualised(stable.b, kind, nodes_b),
        deadline=deadline,
    )


class _Enough(Exception):
    """The search was to try no more than it did."""


class _Search:
    """The systematic search: one node of A against every node of the same cell in B, and so on down."""

    def __init__(self, a: Refinable, b: Refinable, deadline: float, *, most: int | None = None) -> None:
        self.a, self.b, self.deadline, self.tried, self.most = a, b, deadline, 0, most

    def run(self, stable: Refinement) -> Match | None:
        """Return an isomorphism that respects the colours, or None where none exists. Raises `_Enough`."""
        if self.most is not None and self.tried > self.most:
            raise _Enough
        if time.monotonic() > self.deadline:
            raise OutOfTime
        if not _spread(stable):
            return _as_match(self.a, self.b, stable)
        kind, colour = _smallest_cell(stable.a)
        nodes_a, nodes_b = _nodes(stable.a, kind, colour), _nodes(stable.b, kind, colour)
        for node in nodes_b:
            self.tried += 1
            trial = _told_apart(self.a, self.b, stable, kind, nodes_a[:1], np.array([node]), self.deadline)
            if trial.equal and (found := self.run(trial)) is not None:
                return found
        return None
