"""Speed of the isomorphism rungs against networkx, igraph and the plain product ``A @ x``, same pairs, one run.

    python -m benchmarks.equivalence.speed --nonzeros 10000 --nonzeros 100000 --chain 10000

The parts are reported apart: the light normal form of both models; refinement, mapping and verification. The
peak of memory is read from /proc, so this runs on Linux.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from scipy import sparse

from equivalence.bliss import commonest, edges_of
from equivalence.graph import ModelGraph, graph_of, to_networkx
from equivalence.match import Match, match
from solvers.milp import Milp, Sense


def random_sparse(nonzeros: int, rng: np.random.Generator) -> Milp:
    """Return a model with about 20 nonzeros a row and twice as many columns as rows, two-decimal numbers."""
    m = max(1, nonzeros // 20)
    n = 2 * m
    rows = np.repeat(np.arange(m, dtype=np.int32), 20)
    columns = rng.integers(0, n, size=rows.size, dtype=np.int32)
    values = rng.integers(1, 1000, size=rows.size) / 100
    matrix = sparse.csr_array((values, (rows, columns)), shape=(m, n))
    matrix.data = np.round(matrix.data, 2)  # where a place was drawn twice, its sum
    return _model(matrix, rng.integers(1, 500, size=n) / 10, rng)


def _model(matrix: Any, objective: Any, rng: np.random.Generator | None) -> Milp:
    m, n = matrix.shape
    upper = np.full(m, 7.0) if rng is None else rng.integers(1, 900, size=m).astype(float)
    return Milp(
        sense=Sense.MINIMIZE,
        objective=np.asarray(objective, dtype=float),
        matrix=matrix,
        row_lower=np.full(m, -np.inf),
        row_upper=upper,
        column_lower=np.zeros(n),
        column_upper=np.full(n, np.inf),
        domains=np.zeros(n, dtype=np.int8),
        column_names=[""] * n,
        row_names=[""] * m,
    )


def permuted(model: Milp, rng: np.random.Generator) -> Milp:
    """Return the model with its rows and columns in another order."""
    rows, columns = rng.permutation(model.n_rows), rng.permutation(model.n_columns)
    back = np.empty_like(columns)
    back[columns] = np.arange(columns.size)
    matrix = model.matrix[rows]
    turned = sparse.csr_array((matrix.data, back[matrix.indices].astype(np.int32), matrix.indptr), shape=matrix.shape)
    turned.sort_indices()
    return replace(
        model,
        objective=model.objective[columns],
        matrix=turned,
        row_lower=model.row_lower[rows],
        row_upper=model.row_upper[rows],
        column_lower=model.column_lower[columns],
        column_upper=model.column_upper[columns],
        domains=model.domains[columns],
        quadratic=None if model.quadratic is None else sparse.csr_array(model.quadratic[columns][:, columns]),
    )


def assignment(k: int) -> Milp:
    """Return a uniform k x k assignment problem: every cost 1."""
    i, j = np.divmod(np.arange(k * k), k)
    columns = np.concatenate([np.arange(k * k)] * 2)
    matrix = sparse.csr_array((np.ones(2 * k * k), (np.concatenate([i, k + j]), columns)), shape=(2 * k, k * k))
    return replace(_model(matrix, np.ones(k * k), None), row_lower=np.ones(2 * k), row_upper=np.ones(2 * k))


def bin_packing(k: int, rng: np.random.Generator) -> Milp:
    """Return k distinct items in k equal bins."""
    size = rng.permutation(np.arange(1, k + 1)).astype(float)
    item, bin_ = np.divmod(np.arange(k * k), k)
    rows = np.concatenate([item, k + bin_, k + np.arange(k)])
    columns = np.concatenate([np.arange(k * k), np.arange(k * k), k * k + np.arange(k)])
    values = np.concatenate([np.ones(k * k), size[item], np.full(k, -float(2 * k))])
    matrix = sparse.csr_array((values, (rows, columns)), shape=(2 * k, k * k + k))
    cost = np.concatenate([np.zeros(k * k), np.ones(k)])
    model = _model(matrix, cost, None)
    side = np.concatenate([np.ones(k), np.zeros(k)])
    lower = np.concatenate([np.ones(k), np.full(k, -np.inf)])
    return replace(
        model,
        row_lower=lower,
        row_upper=side,
        column_upper=np.ones(k * k + k),
        domains=np.ones(k * k + k, dtype=np.int8),
    )


def lot_sizing(periods: int) -> Milp:
    """Return a uniform lot-sizing chain: stock in, production, stock out, set-up."""
    t = periods
    p, s, y = np.arange(t), t + np.arange(t), 2 * t + np.arange(t)
    rows = np.concatenate([np.arange(t), np.arange(t), np.arange(1, t), t + np.arange(t), t + np.arange(t)])
    columns = np.concatenate([p, s, s[:-1], p, y])
    values = np.concatenate([np.ones(t), -np.ones(t), np.ones(t - 1), np.ones(t), np.full(t, -100.0)])
    matrix = sparse.csr_array((values, (rows, columns)), shape=(2 * t, 3 * t))
    cost = np.concatenate([np.full(t, 2.0), np.ones(t), np.full(t, 50.0)])
    side = np.concatenate([np.full(t, 10.0), np.zeros(t)])
    lower = np.concatenate([np.full(t, 10.0), np.full(t, -np.inf)])
    return replace(_model(matrix, cost, None), row_lower=lower, row_upper=side)


def own(a: Milp, b: Milp, budget_s: float = 600.0) -> tuple[float, float]:
    """Return the seconds of the normal form of both, and of refinement, mapping and verification."""
    gc.collect()
    started = time.perf_counter()
    graphs = graph_of(a), graph_of(b)
    between = time.perf_counter()
    found = match(*graphs, deadline=time.monotonic() + budget_s)
    ended = time.perf_counter()
    if not isinstance(found, Match):
        raise AssertionError(f"a permuted copy is not matched: {found}")
    return between - started, ended - between


def _memory_mib(what: str) -> float:
    """Return a line of the process's status (VmRSS: memory now, VmHWM: its peak) in MiB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1024
    raise ValueError(what)


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def bliss(a: Milp, b: Milp) -> float:
    """Return the seconds of igraph's BLISS: a coefficient that is not the commonest becomes a coloured node."""
    import igraph

    def prepared(graph: ModelGraph, colours: dict[object, int]) -> tuple[Any, list[int]]:
        edges, middle = edges_of(graph, commonest(graph))
        kinds: list[object] = list(
            zip(graph.objective.tolist(), graph.lower.tolist(), graph.upper.tolist(), strict=True)
        )
        kinds += [("row", *bounds) for bounds in graph.bounds.tolist()]
        kinds += [("edge", v) for v in middle.tolist()]
        return igraph.Graph(n=len(kinds), edges=edges), [colours.setdefault(k, len(colours)) for k in kinds]

    graphs = graph_of(a), graph_of(b)

    def decide() -> None:
        colours: dict[object, int] = {}
        (g, first), (h, second) = prepared(graphs[0], colours), prepared(graphs[1], colours)
        if not g.isomorphic_bliss(h, color1=first, color2=second):
            raise AssertionError("BLISS finds no isomorphism")

    return _timed(decide)


def networkx_hash(a: Milp, b: Milp) -> float:
    """Return the seconds of networkx's Weisfeiler-Lehman hash of both graphs, building them included."""
    import networkx as nx

    def decide() -> None:
        for model in (a, b):
            nx.weisfeiler_lehman_graph_hash(to_networkx(model), node_attr="label", edge_attr="weight")

    return _timed(decide)


def _line(name: str, a: Milp, b: Milp, *, with_networkx: bool, with_bliss: bool) -> None:
    gc.collect()
    before = _memory_mib("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    runs = [own(a, b) for _ in range(5 if a.nonzeros < 2_000_000 else 2)]
    peak = _memory_mib("VmHWM") - before
    normal, decide = (min(run[k] for run in runs) for k in (0, 1))
    parts = [
        f"{name}: nonzeros {a.nonzeros}, normal form {normal * 1e3:.1f} ms, decide {decide * 1e3:.1f} ms, "
        f"{peak:.0f} MiB over the two models"
    ]
    x = np.ones(a.n_columns)
    product = min(_timed(lambda: a.matrix @ x) for _ in range(5))
    parts.append(f"{decide / product:.0f} passes of A @ x, {decide / a.nonzeros * 1e9:.0f} ns a nonzero")
    for wanted, label, measure in ((with_networkx, "networkx hash", networkx_hash), (with_bliss, "BLISS", bliss)):
        if wanted:
            seconds = measure(a, b)
            parts.append(
                f"{label} {seconds:.2f} s = {seconds / decide:.1f} x ({seconds / (normal + decide):.1f} x all)"
            )
    click.echo("; ".join(parts))


@click.command()
@click.option("--nonzeros", multiple=True, type=int, default=[10_000, 100_000], show_default=True)
@click.option("--assign", multiple=True, type=int, default=[30], show_default=True)
@click.option("--bins", multiple=True, type=int, default=[50], show_default=True)
@click.option("--chain", multiple=True, type=int, default=[1_000], show_default=True)
@click.option("--peers/--no-peers", default=True, show_default=True, help="Also time networkx and igraph.")
def command(
    nonzeros: tuple[int, ...], assign: tuple[int, ...], bins: tuple[int, ...], chain: tuple[int, ...], *, peers: bool
) -> None:
    """Time permuted copies of random models, assignments, bin packing and lot-sizing chains."""
    rng = np.random.default_rng(0)
    for size in nonzeros:
        a = random_sparse(size, rng)
        _line(
            f"random {size}",
            a,
            permuted(a, rng),
            with_networkx=peers and size <= 10**5,
            with_bliss=peers and size <= 10**6,
        )
    for k in assign:
        a = assignment(k)
        _line(f"uniform assignment {k}", a, permuted(a, rng), with_networkx=peers, with_bliss=False)
    for k in bins:
        a = bin_packing(k, rng)
        _line(f"bin packing {k}", a, permuted(a, rng), with_networkx=False, with_bliss=peers)
    for periods in chain:
        a = lot_sizing(periods)
        _line(f"lot sizing {periods}", a, permuted(a, rng), with_networkx=False, with_bliss=peers)


if __name__ == "__main__":
    command()
