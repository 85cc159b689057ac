"""A model against its own shuffled copy, against networkx and igraph on the same graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.speed.instances import permuted, transport
from benchmarks.speed.registry import OWN, Benchmark, add

if TYPE_CHECKING:
    from solvers.milp import Milp


@contextmanager
def _own(n: int) -> Iterator[Callable[[], object]]:
    from equivalence import Equivalent, compare

    a = transport(n)
    b = permuted(a)

    def decide() -> object:
        verdict = compare(a, b, mapping="auto")
        if not isinstance(verdict, Equivalent):
            raise AssertionError(f"a shuffled copy is {verdict.verdict}")
        return verdict

    yield decide


def _coloured(model: Milp) -> tuple[list[str], list[tuple[int, int]], list[float]]:
    """Return the colours of the nodes, columns before rows, and the edges with their weights."""
    columns = list(zip(model.objective, model.column_lower, model.column_upper, strict=True))
    rows = list(zip(model.row_lower, model.row_upper, strict=True))
    coo = model.matrix.tocoo()
    edges = [(int(j), model.n_columns + int(i)) for i, j in zip(*coo.coords, strict=True)]
    colours = [f"c{c}" for c in columns] + [f"r{r}" for r in rows]
    return colours, edges, np.asarray(coo.data).tolist()


@contextmanager
def _networkx(n: int) -> Iterator[Callable[[], object]]:
    import networkx as nx

    a = transport(n)
    b = permuted(a)

    def digest(model: Milp) -> str:
        colours, edges, weights = _coloured(model)
        graph: nx.Graph[int] = nx.Graph()
        graph.add_nodes_from((k, {"colour": colour}) for k, colour in enumerate(colours))
        graph.add_edges_from((u, v, {"weight": str(w)}) for (u, v), w in zip(edges, weights, strict=True))
        return str(nx.weisfeiler_lehman_graph_hash(graph, edge_attr="weight", node_attr="colour"))

    yield lambda: digest(a) == digest(b)


@contextmanager
def _igraph(n: int) -> Iterator[Callable[[], object]]:
    import igraph

    a = transport(n)
    b = permuted(a)

    def graph(model: Milp, codes: dict[str, int]) -> tuple[object, list[int]]:
        colours, edges, _ = _coloured(model)  # every coefficient of a transport problem is 1
        return igraph.Graph(n=len(colours), edges=edges), [codes.setdefault(c, len(codes)) for c in colours]

    def decide() -> object:
        codes: dict[str, int] = {}
        (g, colours_g), (h, colours_h) = graph(a, codes), graph(b, codes)
        return g.isomorphic_bliss(h, color1=colours_g, color2=colours_h)  # type: ignore[attr-defined]

    yield decide


for _n, _large in ((10, False), (60, True)):
    _case = f"transport {_n}x{_n}, shuffled"
    add(Benchmark("equivalence", _case, "decide", OWN, partial(_own, _n), large=_large))
    add(Benchmark("equivalence", _case, "decide", "networkx WL hash", partial(_networkx, _n), ("networkx",), _large))
    add(Benchmark("equivalence", _case, "decide", "igraph BLISS", partial(_igraph, _n), ("igraph",), _large))
