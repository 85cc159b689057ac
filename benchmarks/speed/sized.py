"""Formulations over generated tables of the sizes that real instances have: network design, assignment, grouping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np

from benchmarks.speed.registry import OWN, Benchmark, add
from formulation.data import Table
from formulation.formulation import (
    ColumnReference,
    Constraint,
    Formulation,
    IndexSet,
    Objective,
    Parameter,
    Variable,
    VariableDomain,
)
from solvers.milp import Sense

Problem = tuple[Formulation, tuple[Table, ...]]


def network(n_nodes: int, n_arcs: int) -> Problem:
    """Return the design of a network: open arcs at a price, and send what is wanted from node to node."""
    rng = np.random.default_rng(n_nodes)
    tails = rng.integers(0, n_nodes, n_arcs)
    heads = (tails + rng.integers(1, n_nodes, n_arcs)) % n_nodes
    wanted = rng.integers(-20, 20, n_nodes).astype(np.float64)
    wanted[0] -= wanted.sum()
    nodes = tuple(f"node {k}" for k in range(n_nodes))
    arcs = Table(
        "arcs",
        {
            "arc": tuple(range(n_arcs)),
            "from": tuple(nodes[k] for k in tails),
            "to": tuple(nodes[k] for k in heads),
            "price": tuple(rng.integers(1, 9, n_arcs).astype(np.float64).tolist()),
            "fee": tuple(rng.integers(10, 90, n_arcs).astype(np.float64).tolist()),
        },
    )
    places = Table("places", {"node": nodes, "wanted": tuple(wanted.tolist())})
    stated = Formulation(
        sets=(
            IndexSet("arcs", source=ColumnReference("arcs", "arc")),
            IndexSet("nodes", source=ColumnReference("places", "node")),
        ),
        parameters=(
            Parameter("leaves", None, ("arcs", "nodes"), source=ColumnReference("arcs", "", ("arc", "from"))),
            Parameter("enters", None, ("arcs", "nodes"), source=ColumnReference("arcs", "", ("arc", "to"))),
            Parameter("price", None, ("arcs",), source=ColumnReference("arcs", "price", ("arc",))),
            Parameter("fee", None, ("arcs",), source=ColumnReference("arcs", "fee", ("arc",))),
            Parameter("wanted", None, ("nodes",), source=ColumnReference("places", "wanted", ("node",))),
            Parameter("most", 500.0),
        ),
        variables=(Variable("flow", ("arcs",)), Variable("opened", ("arcs",), VariableDomain.BINARY)),
        objective=Objective(Sense.MINIMIZE, "sum(price[a] * flow[a] + fee[a] * opened[a] for a in arcs)"),
        constraints=(
            Constraint(
                "balance",
                "sum(flow[a] for a in arcs if given(enters[a, n])) - sum(flow[a] for a in arcs if given(leaves[a, n]))"
                " == wanted[n]",
                "n in nodes",
            ),
            Constraint("only_open", "flow[a] <= most * opened[a]", "a in arcs"),
        ),
    )
    return stated, (arcs, places)


def assignment(n_jobs: int, n_machines: int) -> Problem:
    """Return jobs to machines of limited time, from one table with a row for each pair."""
    rng = np.random.default_rng(n_jobs)
    pairs = n_jobs * n_machines
    table = Table(
        "pairs",
        {
            "job": tuple(k // n_machines for k in range(pairs)),
            "machine": tuple(f"m{k % n_machines}" for k in range(pairs)),
            "cost": tuple(rng.integers(5, 50, pairs).astype(np.float64).tolist()),
            "hours": tuple(rng.integers(2, 9, pairs).astype(np.float64).tolist()),
        },
    )
    keys = ("job", "machine")
    stated = Formulation(
        sets=(
            IndexSet("jobs", source=ColumnReference("pairs", "job")),
            IndexSet("machines", source=ColumnReference("pairs", "machine")),
        ),
        parameters=(
            Parameter("cost", None, ("jobs", "machines"), source=ColumnReference("pairs", "cost", keys)),
            Parameter("hours", None, ("jobs", "machines"), source=ColumnReference("pairs", "hours", keys)),
            Parameter("day", 8.0 * n_jobs / n_machines),
        ),
        variables=(Variable("does", ("jobs", "machines"), VariableDomain.BINARY),),
        objective=Objective(Sense.MINIMIZE, "sum(cost[j, m] * does[j, m] for j in jobs, m in machines)"),
        constraints=(
            Constraint("once", "sum(does[j, m] for m in machines) == 1", "j in jobs"),
            Constraint("time", "sum(hours[j, m] * does[j, m] for j in jobs) <= day", "m in machines"),
        ),
    )
    return stated, (table,)


def grouping(n_people: int, n_teams: int, n_rooms: int) -> Problem:
    """Return people to rooms so that those of a team who get a room share one; who is in which team is a table."""
    rng = np.random.default_rng(n_people)
    rows = sorted({(int(t), int(p)) for t in range(n_teams) for p in rng.integers(0, n_people, 6)})
    table = Table("members", {"team": tuple(t for t, _ in rows), "person": tuple(p for _, p in rows)})
    stated = Formulation(
        sets=(
            IndexSet("teams", source=ColumnReference("members", "team")),
            IndexSet("people", tuple(range(n_people))),
            IndexSet("rooms", tuple(range(1, n_rooms + 1))),
        ),
        parameters=(
            Parameter("member", None, ("teams", "people"), source=ColumnReference("members", "", ("team", "person"))),
            Parameter("beds", 5.0),
        ),
        variables=(
            Variable("sleeps", ("people", "rooms"), VariableDomain.BINARY),
            Variable("has", ("teams", "rooms"), VariableDomain.BINARY),
        ),
        objective=Objective(Sense.MAXIMIZE, "sum(sleeps[p, r] for p in people, r in rooms)"),
        constraints=(
            Constraint("one_room", "sum(sleeps[p, r] for r in rooms) <= 1", "p in people"),
            Constraint("size", "sum(sleeps[p, r] for p in people) <= beds", "r in rooms"),
            Constraint("one_each", "sum(has[t, r] for r in rooms) <= 1", "t in teams"),
            Constraint(
                "together", "sleeps[p, r] <= has[t, r]", "t in teams, p in people if given(member[t, p]), r in rooms"
            ),
        ),
    )
    return stated, (table,)


@contextmanager
def _compiled(problem: Callable[[], Problem]) -> Iterator[Callable[[], object]]:
    from formulation.compile import compile_formulation

    stated, tables = problem()
    yield lambda: compile_formulation(stated, tables)


CASES: dict[str, tuple[Callable[[], Problem], bool]] = {
    "network 200 nodes, 740 arcs": (partial(network, 200, 740), False),
    "network 10,000 nodes, 50,000 arcs": (partial(network, 10_000, 50_000), True),
    "assignment 600 x 16": (partial(assignment, 600, 16), False),
    "assignment 10,000 x 40": (partial(assignment, 10_000, 40), True),
    "grouping 128 people, 89 teams, 16 rooms": (partial(grouping, 128, 89, 16), False),
}

for _name, (_problem, _large) in CASES.items():
    add(Benchmark("compile", _name, "to matrix", OWN, partial(_compiled, _problem), large=_large))
