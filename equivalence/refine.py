"""Colour refinement (one-dimensional Weisfeiler-Lehman) of two models side by side.

A round is two sparse products in 64-bit words: a node's new colour is a mix of its old one and of the sum,
over its edges, of the edge's word times the mixed colour at the other end. That sum encodes the multiset of
(coefficient, colour) pairs. Colours are a fixed function of the model up to the order of rows and columns:
unequal colours prove that two models are not isomorphic; equal ones prove nothing, so that a hash collision
can cost time and never a wrong verdict.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from equivalence.graph import ModelGraph, Word, edge_words, mix, node_words

_ROW = np.uint64(0xA0761D6478BD642F)
_COLUMN = np.uint64(0xE7037ED1A0B428DB)
_PATIENCE = 32
_SLOW_GROWTH = 0.01
_WORKLIST_FROM = 2000


class OutOfTime(Exception):
    """The deadline passed."""


@dataclass(frozen=True, slots=True, eq=False)
class Colours:
    """The colour of each row (m',) and column (n,)."""

    rows: Word
    columns: Word


@dataclass(frozen=True, slots=True, eq=False)
class Refinement:
    """Two models refined together. ``equal`` False proves them not isomorphic, after ``rounds`` rounds."""

    a: Colours
    b: Colours
    equal: bool
    rounds: int
    cells: int


class Refinable:
    """A graph with its edge words, kept for repeated refinement."""

    __slots__ = ("edges", "graph", "start", "turned")

    def __init__(self, graph: ModelGraph) -> None:
        self.graph = graph
        self.edges: sparse.csr_array = edge_words(graph)
        self.turned = self.edges.T
        rows, columns = node_words(graph)
        self.start = Colours(rows, columns)

    def round(self, colours: Colours) -> Colours:
        """Return the colours after one more round."""
        rows: Word = mix(colours.rows * _ROW + self.edges @ mix(colours.columns))
        columns: Word = mix(colours.columns * _COLUMN + self.turned @ mix(rows))
        return Colours(rows, columns)


def _count(ordered: Word) -> int:
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1 if ordered.size else 0


def same_colours(a: Colours, b: Colours) -> bool:
    """Return whether each colour seems to occur as often in one as in the other: False is a proof.

    Sums of mixed colours are compared, which need no sorting; a collision can cost time, as everywhere here.
    """
    return all(
        one.size == other.size and mix(one).sum() == mix(other).sum()
        for one, other in ((a.rows, b.rows), (a.columns, b.columns))
    )


def refine(a: Refinable, b: Refinable, at_a: Colours, at_b: Colours, *, deadline: float = float("inf")) -> Refinement:
    """Return the coarsest stable colours finer than those given, or the first round where they differ.

    One round is made even where all colours are different from the start: only then have they seen the edges.
    Raises `OutOfTime` when `time.monotonic` passes the deadline.
    """
    rounds, cells, stalled = 0, 0, 0
    while True:
        if time.monotonic() > deadline:
            raise OutOfTime
        if not same_colours(at_a, at_b):
            return Refinement(at_a, at_b, False, rounds, cells)
        rows_a, columns_a = np.sort(at_a.rows), np.sort(at_a.columns)
        count = _count(rows_a) + _count(columns_a)
        if count == cells or (rounds > 0 and count == rows_a.size + columns_a.size):
            return Refinement(at_a, at_b, True, rounds, count)
        stalled = stalled + 1 if count < cells * (1 + _SLOW_GROWTH) else 0
        cells = count
        if rounds >= _PATIENCE and stalled and rows_a.size + columns_a.size > _WORKLIST_FROM:
            return _worklist(a, b, at_a, at_b, rounds, deadline)
        at_a, at_b, rounds = a.round(at_a), b.round(at_b), rounds + 1


def _worklist(a: Refinable, b: Refinable, at_a: Colours, at_b: Colours, rounds: int, deadline: float) -> Refinement:
    """Return the stable colours by splitting cells one at a time, on both models at once.

    Hopcroft's rule (all parts of a split but the largest go back on the list) makes it O(edges log nodes)
    where plain rounds need one pass over the model for each new cell, as on long chains. After Berkholz,
    Bonsma and Grohe (2013).
    """
    offsets, neighbours, words = _union_adjacency(a, b)
    colours = np.concatenate([at_a.rows, at_a.columns, at_b.rows, at_b.columns])
    # The order of the colours, not their place, numbers the cells: the numbering knows no names.
    _, first = np.unique(colours, return_inverse=True)
    cell: list[int] = first.tolist()
    members: dict[int, set[int]] = defaultdict(set)
    for node, at in enumerate(cell):
        members[at].add(node)
    pending = list(members)
    waiting = set(pending)
    fresh = len(members)
    steps = 0
    mask = 2**64 - 1
    while pending:
        steps += 1
        if steps & 0xFFF == 0 and time.monotonic() > deadline:
            raise OutOfTime
        splitter = pending.pop()
        waiting.discard(splitter)
        sums: dict[int, int] = {}
        for node in members[splitter]:
            for position in range(offsets[node], offsets[node + 1]):
                other = neighbours[position]
                sums[other] = sums.get(other, 0) + words[position]
        touched: dict[int, dict[int, list[int]]] = {}
        for node, total in sums.items():
            touched.setdefault(cell[node], {}).setdefault(total & mask, []).append(node)
        for old, parts in touched.items():
            size = len(members[old])
            hit = sum(len(part) for part in parts.values())
            if len(parts) == 1 and hit == size:
                continue
            groups = [set(part) for part in parts.values()]
            # The largest part keeps the old number, so that no step costs more than the parts that move. If the
            # old cell was waiting it waits on, and every other part waits too.
            rest = size - hit
            largest = max(range(len(groups)), key=lambda g: len(groups[g]))
            if rest >= len(groups[largest]):
                for group in groups:
                    members[old] -= group
            else:
                kept = groups.pop(largest)
                if rest:
                    for group in (kept, *groups):
                        members[old] -= group
                    groups.append(members[old])
                members[old] = kept
            for group in groups:
                members[fresh] = group
                for node in group:
                    cell[node] = fresh
                waiting.add(fresh)
                pending.append(fresh)
                fresh += 1
    final = np.array(cell, dtype=np.uint64)
    na, ma = a.graph.n_columns, a.graph.n_rows
    half = na + ma
    after_a, after_b = Colours(final[:ma], final[ma:half]), Colours(final[half : half + ma], final[half + ma :])
    equal = np.array_equal(np.sort(final[:half]), np.sort(final[half:]))
    return Refinement(after_a, after_b, bool(equal), rounds + steps, fresh)


def _union_adjacency(a: Refinable, b: Refinable) -> tuple[list[int], list[int], list[int]]:
    blocks = []
    for side in (a, b):
        blocks.append(sparse.block_array([[None, side.edges], [side.edges.T, None]], format="csr", dtype=np.uint64))
    union = sparse.csr_array(sparse.block_diag(blocks, format="csr", dtype=np.uint64))
    return union.indptr.tolist(), union.indices.tolist(), union.data.tolist()


def individualised(colours: Colours, kind: str, nodes: NDArray[np.int64]) -> Colours:
    """Return the colours with the k-th of the nodes (of kind "row" or "column") given a k-th new colour."""
    marks = mix(np.arange(1, nodes.size + 1, dtype=np.uint64) * np.uint64(0x8EBC6AF09C88C6E3))
    if kind == "row":
        rows = colours.rows.copy()
        rows[nodes] = mix(rows[nodes] ^ marks)
        return Colours(rows, colours.columns)
    columns = colours.columns.copy()
    columns[nodes] = mix(columns[nodes] ^ marks)
    return Colours(colours.rows, columns)
