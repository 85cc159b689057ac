"""The optional exact backend for symmetric models that search does not end on: BLISS, through igraph (GPL).

It runs in a process of its own, so that a budget ends it and no GPL code is loaded here. What it maps is verified
by the caller; that it finds no map is its own word, and the witness says so. After Junttila and Kaski,
"Engineering an efficient canonical labeling tool for large and sparse graphs" (ALENEX 2007).
"""

from __future__ import annotations

import importlib.util
import io
import math
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from equivalence.graph import ModelGraph
from equivalence.refine import Colours

Indices = NDArray[np.int64]
_LARGEST = 2_000_000
_CHILD = Path(__file__).with_name("bliss_child.py")


def is_available() -> bool:
    """Return whether igraph is installed (`pip install milpwright[bliss]`)."""
    return importlib.util.find_spec("igraph") is not None


def isomorphism(
    a: ModelGraph, b: ModelGraph, at_a: Colours, at_b: Colours, *, deadline: float
) -> tuple[Indices, Indices] | bool | None:
    """Return the (columns, rows) of B for those of A in an isomorphism that respects the colours.

    False where BLISS finds that there is none; None where it did not end by the deadline (of `time.monotonic`),
    is not installed, or the models are too large for it.
    """
    left = deadline - time.monotonic()
    if left <= 0 or a.values.size + b.values.size > _LARGEST or not is_available():
        return None
    colours = [np.concatenate([at.columns, at.rows]) for at in (at_a, at_b)]
    codes = np.unique(np.concatenate([*colours, a.values.astype(np.uint64), b.values.astype(np.uint64)]))
    common = commonest(a)
    message = io.BytesIO()
    parts = {}
    for side, graph, words in (("a", a, colours[0]), ("b", b, colours[1])):
        parts[f"{side}_edges"], edge_words = edges_of(graph, common)
        kinds = [np.searchsorted(codes, words), np.searchsorted(codes, edge_words.astype(np.uint64)) + codes.size]
        parts[f"{side}_colours"] = np.concatenate(kinds)
    np.savez(message, **parts)  # type: ignore[arg-type]  # arrays, none of them its flag
    try:
        ended = subprocess.run(  # noqa: S603 - this package's own file, by this interpreter
            [sys.executable, "-I", str(_CHILD)],
            input=message.getvalue(),
            capture_output=True,
            timeout=None if math.isinf(left) else left,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if ended.returncode != 0:
        return None
    found = np.frombuffer(ended.stdout, dtype=np.int64)
    if not found.size:
        return False
    n = a.n_columns
    return found[:n], found[n : n + a.n_rows] - n


def commonest(graph: ModelGraph) -> int:
    """Return the coefficient that most edges have; 0 where there are none."""
    values, counts = np.unique(graph.values, return_counts=True)
    return int(values[np.argmax(counts)]) if values.size else 0


def edges_of(graph: ModelGraph, common: int) -> tuple[Indices, Indices]:
    """Return the edges (e, 2) of a graph without edge colours, and the coefficient of each node added.

    Columns come first, rows next, then a node in the middle of each edge whose coefficient is not ``common``.
    """
    row = np.repeat(np.arange(graph.n_rows), np.diff(graph.indptr)) + graph.n_columns
    plain = graph.values == common
    other = np.flatnonzero(~plain)
    middle = graph.n_columns + graph.n_rows + np.arange(other.size)
    ends = [(row[plain], graph.indices[plain]), (row[other], middle), (middle, graph.indices[other])]
    return np.concatenate([np.stack(pair, axis=1) for pair in ends]).astype(np.int64), graph.values[other].astype(
        np.int64
    )
