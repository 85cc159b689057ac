"""A transport problem whose data comes in tables: formulation and tables to matrix, in time and in memory.

Every driver starts from the same columns of cells, as they come from a file, and ends with the arrays of the
model. ``python -m benchmarks.speed.tables N`` runs each driver in a process of its own and prints seconds and the
peak of memory above that of the data, as ratios to ours.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks.speed.instances import costs, supply_and_demand
from benchmarks.speed.registry import OWN, Benchmark, add
from formulation.data import Cell, Table
from formulation.formulation import (
    ColumnReference,
    Constraint,
    Formulation,
    IndexSet,
    Objective,
    Parameter,
    Variable,
)
from solvers.milp import Sense

_SIZES = ((30, False), (300, True), (1000, True))
DRIVERS = (OWN, "linopy", "pyomo")


def tables(n: int) -> tuple[Table, ...]:
    """Return the three tables of a transport problem of n plants and n shops: n, n and n * n rows."""
    supply, demand = supply_and_demand(n)
    plants, shops = [f"plant {i}" for i in range(n)], [f"shop {j}" for j in range(n)]
    from_column: tuple[Cell, ...] = tuple(plant for plant in plants for _ in shops)
    to_column: tuple[Cell, ...] = tuple(shops) * n
    return (
        Table("plants", {"plant": tuple(plants), "tons": tuple(supply)}),
        Table("shops", {"shop": tuple(shops), "tons": tuple(demand)}),
        Table("rates", {"from": from_column, "to": to_column, "cost": tuple(costs(n).ravel().tolist())}),
    )


def formulation() -> Formulation:
    """Return the formulation that the tables complete, whatever their size."""
    return Formulation(
        sets=(
            IndexSet("plants", source=ColumnReference("plants", "plant")),
            IndexSet("shops", source=ColumnReference("shops", "shop")),
        ),
        parameters=(
            Parameter("supply", None, ("plants",), source=ColumnReference("plants", "tons", ("plant",))),
            Parameter("demand", None, ("shops",), source=ColumnReference("shops", "tons", ("shop",))),
            Parameter("cost", None, ("plants", "shops"), source=ColumnReference("rates", "cost", ("from", "to"))),
        ),
        variables=(Variable("x", ("plants", "shops")),),
        objective=Objective(Sense.MINIMIZE, "sum(cost[i, j] * x[i, j] for i in plants, j in shops)"),
        constraints=(
            Constraint("supply_limit", "sum(x[i, j] for j in shops) <= supply[i]", "i in plants"),
            Constraint("demand_met", "sum(x[i, j] for i in plants) >= demand[j]", "j in shops"),
        ),
    )


@contextmanager
def _own(n: int) -> Iterator[Callable[[], object]]:
    from formulation.compile import compile_formulation

    data, stated = tables(n), formulation()
    yield lambda: compile_formulation(stated, data)


@contextmanager
def _pyomo(n: int) -> Iterator[Callable[[], object]]:
    import pyomo.environ as pyo
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    plants, shops, rates = (table.columns for table in tables(n))

    def build() -> object:
        supply = dict(zip(plants["plant"], plants["tons"], strict=True))
        demand = dict(zip(shops["shop"], shops["tons"], strict=True))
        cost = dict(zip(zip(rates["from"], rates["to"], strict=True), rates["cost"], strict=True))
        m = pyo.ConcreteModel()
        m.plants, m.shops = pyo.Set(initialize=list(supply)), pyo.Set(initialize=list(demand))
        m.x = pyo.Var(m.plants, m.shops, domain=pyo.NonNegativeReals)
        m.goal = pyo.Objective(expr=sum(cost[i, j] * m.x[i, j] for i in m.plants for j in m.shops))
        m.supply = pyo.Constraint(m.plants, rule=lambda m, i: sum(m.x[i, j] for j in m.shops) <= supply[i])
        m.demand = pyo.Constraint(m.shops, rule=lambda m, j: sum(m.x[i, j] for i in m.plants) >= demand[j])
        return LinearStandardFormCompiler().write(m, mixed_form=True)

    yield build


@contextmanager
def _linopy(n: int) -> Iterator[Callable[[], object]]:
    import importlib

    import linopy

    pd = importlib.import_module("pandas")  # it ships without types
    plants, shops, rates = (table.columns for table in tables(n))

    def build() -> object:
        supply = pd.DataFrame(plants).set_index("plant")["tons"].to_xarray()
        demand = pd.DataFrame(shops).set_index("shop")["tons"].to_xarray()
        cost = pd.DataFrame(rates).rename(columns={"from": "plant", "to": "shop"})
        cost = cost.set_index(["plant", "shop"])["cost"].to_xarray()
        m = linopy.Model()
        x = m.add_variables(lower=0, coords=[supply.indexes["plant"], demand.indexes["shop"]], name="x")
        m.add_constraints(x.sum("shop") <= supply, name="supply")
        m.add_constraints(x.sum("plant") >= demand, name="demand")
        m.add_objective((x * cost.reindex_like(x.lower)).sum())
        matrices = m.matrices
        return matrices.A, matrices.b, matrices.c, matrices.lb, matrices.ub, matrices.sense, matrices.vtypes

    yield build


_PREPARE: dict[str, tuple[Callable[[int], Any], tuple[str, ...]]] = {
    OWN: (_own, ()),
    "linopy": (_linopy, ("linopy",)),
    "pyomo": (_pyomo, ("pyomo",)),
}

for _n, _large in _SIZES:
    for _driver, (_prepare, _needs) in _PREPARE.items():
        _case = f"transport {_n}x{_n} from tables"
        add(Benchmark("compile", _case, "to matrix", _driver, partial(_prepare, _n), _needs, _large))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _one(driver: str, n: int) -> None:
    """Print the seconds of a first call and the peak of memory above that before it, as JSON."""
    with _PREPARE[driver][0](n) as call:
        with _PREPARE[driver][0](2) as small:
            small()  # what is imported on the first call is no part of the model
        before = _peak_mb()
        started = time.perf_counter()
        held = call()
        seconds = time.perf_counter() - started
        sys.stdout.write(json.dumps([seconds, _peak_mb() - before, held is not None]))


def main(arguments: list[str]) -> None:
    """Compare the drivers at a size given as the first argument, in as many rounds as the second says."""
    if len(arguments) > 1 and arguments[0] in _PREPARE:
        _one(arguments[0], int(arguments[1]))
        return
    n = int(arguments[0]) if arguments else 1000
    rounds = int(arguments[1]) if len(arguments) > 1 else 3
    found: dict[str, tuple[float, float]] = {}
    for driver in DRIVERS:
        runs = []
        for _ in range(rounds if driver != "pyomo" else 1):
            command = [sys.executable, "-m", "benchmarks.speed.tables", driver, str(n)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
            runs.append(json.loads(done.stdout))
        found[driver] = min(run[0] for run in runs), min(run[1] for run in runs)
        seconds, peak = found[driver]
        own = found[OWN]
        memory = (
            f", memory {peak / own[1]:6.2f} x ours" if own[1] >= 1 else ""
        )  # below 1 MB there is nothing to compare
        sys.stdout.write(
            f"{driver:<11} {seconds:8.3f} s  {peak:8.0f} MB   "
            f"time {seconds / own[0]:6.2f} x ours{memory}  (n={len(runs)})\n"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
