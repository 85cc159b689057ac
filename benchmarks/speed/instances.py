"""The problems that are timed: one transport problem, as a formulation and as a model, and a small text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from formulation.formulation import Formulation
    from solvers.milp import Milp

TEXT = (
    "A bakery makes loaves and cakes. Each loaf needs 2 kg of flour and 1 hour of oven time and earns $5. Each cake "
    "needs 1 kg of flour and 2 hours of oven time and earns $7. The bakery has 40 kg of flour and 50 hours of oven "
    "time a week. How many loaves and cakes should it bake to earn the most?"
)


def costs(n: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the (n, n) costs of a transport problem, the same at every call."""
    return np.random.default_rng(n).integers(1, 100, (n, n)).astype(np.float64)


def supply_and_demand(n: int) -> tuple[list[float], list[float]]:
    """Return what each plant has and each shop needs; there is a tenth too much."""
    demand = np.random.default_rng(n + 1).integers(10, 100, n).astype(np.float64)
    supply = np.full(n, float(np.ceil(1.1 * demand.sum() / n)))
    return supply.tolist(), demand.tolist()


def transport(n: int) -> Milp:
    """Return the transport problem of n plants and n shops as arrays."""
    from solvers.milp import Milp, Sense

    supply, demand = supply_and_demand(n)
    eye, ones = sparse.eye_array(n), np.ones((1, n))
    matrix = sparse.vstack([sparse.kron(eye, ones), sparse.kron(ones, eye)], format="csr")
    return Milp(
        sense=Sense.MINIMIZE,
        objective=costs(n).ravel(),
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate([np.full(n, -np.inf), demand]),
        row_upper=np.concatenate([supply, np.full(n, np.inf)]),
        column_lower=np.zeros(n * n),
        column_upper=np.full(n * n, np.inf),
        domains=np.zeros(n * n, dtype=np.int8),
        column_names=tuple(f"x[{i},{j}]" for i in range(n) for j in range(n)),
        row_names=tuple(f"supply[{i}]" for i in range(n)) + tuple(f"demand[{j}]" for j in range(n)),
    )


def transport_formulation(n: int) -> Formulation:
    """Return the same problem as a formulation over two sets."""
    from formulation.formulation import Constraint, Formulation, IndexSet, Objective, Parameter, Variable
    from solvers.milp import Sense

    supply, demand = supply_and_demand(n)
    matrix = costs(n)
    return Formulation(
        sets=(IndexSet("plants", tuple(range(n))), IndexSet("shops", tuple(range(n)))),
        parameters=(
            Parameter("supply", {(i,): supply[i] for i in range(n)}, ("plants",)),
            Parameter("demand", {(j,): demand[j] for j in range(n)}, ("shops",)),
            Parameter("cost", {(i, j): float(matrix[i, j]) for i in range(n) for j in range(n)}, ("plants", "shops")),
        ),
        variables=(Variable("x", ("plants", "shops")),),
        objective=Objective(Sense.MINIMIZE, "sum(cost[i, j] * x[i, j] for i in plants for j in shops)"),
        constraints=(
            Constraint("supply_limit", "sum(x[i, j] for j in shops) <= supply[i]", "i in plants"),
            Constraint("demand_met", "sum(x[i, j] for i in plants) >= demand[j]", "j in shops"),
        ),
    )


def permuted(model: Milp, seed: int = 0) -> Milp:
    """Return the model with its rows and columns in another order and its columns under other names."""
    from benchmarks.equivalence.rewriting import rename

    return rename(model, np.random.default_rng(seed))
