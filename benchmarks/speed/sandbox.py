"""A Pyomo program to its model through the sandbox, against the same program run outside of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks.speed.instances import costs, supply_and_demand
from benchmarks.speed.registry import OWN, Benchmark, add

TRANSPORT = """
import pyomo.environ as pyo


def build(data):
    m = pyo.ConcreteModel()
    m.plants = pyo.Set(initialize=data["plants"])
    m.shops = pyo.Set(initialize=data["shops"])
    m.x = pyo.Var(m.plants, m.shops, domain=pyo.NonNegativeReals)
    m.goal = pyo.Objective(expr=sum(data["cost"][i, j] * m.x[i, j] for i in m.plants for j in m.shops))
    m.supply = pyo.Constraint(m.plants, rule=lambda m, i: sum(m.x[i, j] for j in m.shops) <= data["supply"][i])
    m.demand = pyo.Constraint(m.shops, rule=lambda m, j: sum(m.x[i, j] for i in m.plants) >= data["demand"][j])
    return m
"""
"""The transport problem as somebody would write it."""

_SIZES = ((6, False), (100, False), (317, True))


def transport_data(n: int) -> dict[str, Any]:
    """Return the data of the transport problem of n plants and n shops."""
    supply, demand = supply_and_demand(n)
    cost = costs(n)
    return {
        "plants": list(range(n)),
        "shops": list(range(n)),
        "cost": {(i, j): float(cost[i, j]) for i in range(n) for j in range(n)},
        "supply": dict(enumerate(supply)),
        "demand": dict(enumerate(demand)),
    }


@contextmanager
def transport_confined(n: int) -> Iterator[Callable[[], object]]:
    """Yield a run of the transport program, warm, in a sandbox of its own."""
    from formulation.sandbox import Built, Sandbox

    data = transport_data(n)
    with Sandbox() as sandbox:

        def call() -> object:
            outcome = sandbox.run(TRANSPORT, data)
            if not isinstance(outcome, Built):
                raise TypeError(f"no model: {outcome}")
            return outcome

        call()
        yield call


@contextmanager
def transport_outside(n: int) -> Iterator[Callable[[], object]]:
    """Yield the same program and the same export in this process, where Pyomo is imported and nothing is confined."""
    from formulation.sandbox.child.export import export_linear

    data = transport_data(n)

    def call() -> object:
        namespace: dict[str, Any] = {}
        exec(compile(TRANSPORT, "transport", "exec"), namespace)  # noqa: S102 - a program of our own
        return export_linear(namespace["build"](data))

    yield call


for _n, _large in _SIZES:
    for _driver, _prepare in ((OWN, transport_confined), ("outside", transport_outside)):
        _name = f"transport {_n * _n}"
        add(Benchmark("sandbox", _name, "program to matrix", _driver, partial(_prepare, _n), ("pyomo",), large=_large))
