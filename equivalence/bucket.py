"""A key that isomorphic models share, the same on every platform and in every version of this package."""

from __future__ import annotations

import hashlib

import numpy as np

from equivalence.graph import ModelGraph, graph_of
from equivalence.refine import Refinable
from solvers.errors import ModelError
from solvers.milp import Milp

_ROUNDS = 32
_LARGEST_REWRITTEN = 5_000
_VERSION = "1"


def bucket_key(model: Milp) -> str:
    """Return a key of 32 hexadecimal digits that does not depend on names, order, row factors or signs.

    Equal keys put two models in one bucket and prove nothing: `equivalence.compare` confirms. Different keys
    of small linear models say that their normal forms differ, which is no proof of a difference either.
    """
    try:
        graph = graph_of(_rewritten(model))
    except ModelError:
        # Bounds that cross in the normal form: the model is infeasible, and all such models say the same.
        return hashlib.blake2b(b"infeasible", digest_size=16).hexdigest()
    side = Refinable(graph)
    colours, cells = side.start, 0
    for _ in range(_ROUNDS):
        rows, columns = np.unique(colours.rows), np.unique(colours.columns)
        if rows.size + columns.size == cells:
            break
        cells = rows.size + columns.size
        colours = side.round(colours)
    digest = hashlib.blake2b(_VERSION.encode(), digest_size=16)
    digest.update(_sizes(graph))
    for words in (colours.rows, colours.columns):
        digest.update(np.sort(words).astype("<u8").tobytes())
    return digest.hexdigest()


def _rewritten(model: Milp) -> Milp:
    """Return the normal form of a small linear model, other models as they are. Raises `ModelError`."""
    if model.quadratic is not None or bool((model.domains >= 2).any()) or model.nonzeros > _LARGEST_REWRITTEN:
        return model
    from equivalence.normal_form import normal_form

    return normal_form(model).model


def _sizes(graph: ModelGraph) -> bytes:
    return f"{graph.n_rows} {graph.n_columns} {graph.values.size}".encode()
