"""Formulation to matrix, against Pyomo and linopy from the same data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.speed.instances import costs, supply_and_demand, transport_formulation
from benchmarks.speed.registry import OWN, Benchmark, add

_SIZES = ((10, False), (100, True))


@contextmanager
def _own(n: int) -> Iterator[Callable[[], object]]:
    from formulation.compile import compile_formulation

    formulation = transport_formulation(n)
    yield lambda: compile_formulation(formulation)


@contextmanager
def _pyomo(n: int) -> Iterator[Callable[[], object]]:
    import pyomo.environ as pyo
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    cost, (supply, demand) = costs(n), supply_and_demand(n)

    def build() -> object:
        m = pyo.ConcreteModel()
        m.plants, m.shops = pyo.RangeSet(0, n - 1), pyo.RangeSet(0, n - 1)
        m.x = pyo.Var(m.plants, m.shops, domain=pyo.NonNegativeReals)
        m.goal = pyo.Objective(expr=sum(float(cost[i, j]) * m.x[i, j] for i in m.plants for j in m.shops))
        m.supply = pyo.Constraint(m.plants, rule=lambda m, i: sum(m.x[i, j] for j in m.shops) <= supply[i])
        m.demand = pyo.Constraint(m.shops, rule=lambda m, j: sum(m.x[i, j] for i in m.plants) >= demand[j])
        return LinearStandardFormCompiler().write(m, mixed_form=True)

    yield build


@contextmanager
def _linopy(n: int) -> Iterator[Callable[[], object]]:
    import importlib

    import linopy
    import xarray as xr

    pd = importlib.import_module("pandas")  # it ships without types

    plants, shops = pd.RangeIndex(n, name="plant"), pd.RangeIndex(n, name="shop")
    cost, (supply, demand) = costs(n), supply_and_demand(n)

    def build() -> object:
        m = linopy.Model()
        x = m.add_variables(lower=0, coords=[plants, shops], name="x")
        m.add_constraints(x.sum("shop") <= xr.DataArray(supply, coords=[plants]), name="supply")
        m.add_constraints(x.sum("plant") >= xr.DataArray(demand, coords=[shops]), name="demand")
        m.add_objective((x * xr.DataArray(cost, coords=[plants, shops])).sum())
        return m.matrices.A

    yield build


for _n, _large in _SIZES:
    _case = f"transport {_n}x{_n}"
    add(Benchmark("compile", _case, "to matrix", OWN, partial(_own, _n), large=_large))
    add(Benchmark("compile", _case, "to matrix", "pyomo", partial(_pyomo, _n), ("pyomo",), _large))
    add(Benchmark("compile", _case, "to matrix", "linopy", partial(_linopy, _n), ("linopy",), _large))
