"""Symmetric models beyond refinement: own search, and igraph's BLISS in a process of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.equivalence.rewriting import permute
from equivalence import Different, Equivalent, bliss, compare
from equivalence.checker import replay
from equivalence.graph import graph_of
from equivalence.match import verify
from equivalence.refine import Refinable, refine
from equivalence.witness import NotIsomorphic
from equivalence.witness_checker import replay_witness
from solvers.milp import Milp

pytestmark = pytest.mark.skipif(not bliss.is_available(), reason="igraph is not installed")
Graph = Sequence[tuple[int, int]]


def cycles(*lengths: int) -> Graph:
    starts = np.cumsum([0, *lengths])
    return [(s + i, s + (i + 1) % k) for s, k in zip(starts.tolist(), lengths, strict=False) for i in range(k)]


def torus_squares() -> tuple[Graph, Graph]:
    """The rook's graph of a 4 x 4 board and the Shrikhande graph: both strongly regular (16, 6, 2, 2)."""
    rook, shrikhande = [], []
    for p in range(16):
        for q in range(p):
            step = (p // 4 - q // 4) % 4, (p - q) % 4
            if 0 in step:
                rook.append((p, q))
            if step in {(0, 1), (0, 3), (1, 0), (3, 0), (1, 1), (3, 3)}:
                shrikhande.append((p, q))
    return rook, shrikhande


def asked(a: Milp, b: Milp) -> bool:
    """Whether BLISS finds an isomorphism, verified."""
    graphs = graph_of(a), graph_of(b)
    sides = [Refinable(graph) for graph in graphs]
    stable = refine(*sides, sides[0].start, sides[1].start)
    found = bliss.isomorphism(*graphs, stable.a, stable.b, deadline=math.inf)
    assert found is not None
    if found is False:
        return False
    assert isinstance(found, tuple)
    assert verify(*graphs, *found)
    return True


def test_bliss_tells_strongly_regular_graphs_apart_and_finds_copies(cover) -> None:
    rook, shrikhande = (cover(edges, True) for edges in torus_squares())
    rng = np.random.default_rng(4)
    assert not asked(rook, shrikhande)
    weighted = replace(shrikhande, matrix=shrikhande.matrix * 1.0)
    weighted.matrix.data[::7] = 2.0
    assert asked(weighted, permute(weighted, rng))
    assert not asked(weighted, permute(shrikhande, rng))


def test_strongly_regular_graphs_are_told_apart_by_search_and_the_proof_replays(cover) -> None:
    rook, shrikhande = (cover(edges, True) for edges in torus_squares())
    verdict = compare(rook, shrikhande, level="L0", budget_s=math.inf)
    assert isinstance(verdict, Different)
    replay_witness(rook, shrikhande, verdict.witness)


def test_many_equal_parts_end_the_search_and_bliss_decides(cover) -> None:
    # nine of ten six-cycles have partners, in more ways than a search can try
    a, b = cover(cycles(*[6] * 10), True), cover(cycles(*[6] * 9, 3, 3), True)
    verdict = compare(a, b, level="L0", budget_s=math.inf)
    assert isinstance(verdict, Different)
    assert isinstance(verdict.witness, NotIsomorphic)
    assert verdict.witness.how == "bliss"


def test_cycles_of_many_lengths_in_another_order_are_matched_without_bliss(cover, monkeypatch) -> None:
    monkeypatch.setattr(bliss, "is_available", lambda: False)
    a = cover(cycles(*[3] * 8, *[4] * 6, *[5] * 5), True)
    b = permute(a, np.random.default_rng(0))
    b = replace(b, column_names=[f"y{k}" for k in range(b.n_columns)])
    verdict = compare(a, b, level="L0", budget_s=math.inf)
    assert isinstance(verdict, Equivalent)
    replay(a, b, verdict.certificate)


def test_a_backend_that_fails_leaves_the_question_open(cover, monkeypatch, tmp_path) -> None:
    (tmp_path / "child.py").write_text("raise SystemExit(3)")
    monkeypatch.setattr(bliss, "_CHILD", tmp_path / "child.py")
    graph = graph_of(cover(cycles(6), True))
    start = Refinable(graph).start
    assert bliss.isomorphism(graph, graph, start, start, deadline=math.inf) is None
