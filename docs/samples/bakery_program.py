"""How many of each product a bakery bakes with the flour and oven time it has."""

import pyomo.environ as pyo


def build(data):
    """Return the model for the sets and numbers in data."""
    model = pyo.ConcreteModel("bakery")
    model.products = pyo.Set(initialize=data["products"])
    model.resources = pyo.Set(initialize=data["resources"])
    model.batches = pyo.Var(model.products, within=pyo.NonNegativeIntegers)

    @model.Constraint(model.resources)
    def available(m, r):
        return sum(data["need"][p, r] * m.batches[p] for p in m.products) <= data["stock"][r]

    model.profit = pyo.Objective(expr=pyo.sum_product(data["profit"], model.batches), sense=pyo.maximize)
    return model
