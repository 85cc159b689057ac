"""The proof that a model is unbounded, for a backend that gives none, or that does not see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse

from solvers.certificate import is_unbounded_ray
from solvers.milp import Domain, Milp, Sense
from solvers.propagation import implied_bounds
from solvers.result import Point, Reason, Solution, Termination


def gains_are_open(model: Milp) -> bool:
    """Whether some column improves the objective towards a side on which it has no bound."""
    costs = model.objective * (1.0 if model.sense is Sense.MINIMIZE else -1.0)
    up, down = (costs < 0) & np.isposinf(model.column_upper), (costs > 0) & np.isneginf(model.column_lower)
    return bool(np.any(up | down))


def recession(model: Milp) -> Milp:
    """Return the bounded LP whose optimum is the direction in the unit box that improves the objective most.

    A direction keeps every row and bound for ever where its activity has the sign that the finite sides allow
    (the recession cone); with a quadratic objective it must also lie where the curvature vanishes.
    """
    lower, upper = (np.where(np.isfinite(side), 0.0, side) for side in (model.row_lower, model.row_upper))
    matrix, names = model.matrix, list(model.row_names)
    if model.quadratic is not None:
        n = model.n_columns
        matrix = sparse.csr_array(sparse.vstack([matrix, model.quadratic], format="csr"))
        lower, upper = (np.concatenate([side, np.zeros(n)]) for side in (lower, upper))
        names += [f"curvature of {name}" for name in model.column_names]
    semi = model.domains >= Domain.SEMI_CONTINUOUS
    return replace(
        model,
        matrix=matrix,
        row_lower=lower,
        row_upper=upper,
        column_lower=np.where(np.isfinite(model.column_lower) | semi, 0.0, -1.0),
        column_upper=np.where(np.isfinite(model.column_upper), 0.0, 1.0),
        domains=np.zeros(model.n_columns, dtype=np.int8),
        row_names=names,
        constant=0.0,
        quadratic=None,
    )


def _may_go_on(model: Milp, solution: Solution) -> bool:
    """Whether an optimum's model has whole columns, and columns that improve the objective without a bound in sight."""
    if solution.termination.reason is not Reason.OPTIMAL or not np.any(model.domains) or not gains_are_open(model):
        return False
    bounds = implied_bounds(model)
    return bounds is not None and gains_are_open(replace(model, column_lower=bounds[0], column_upper=bounds[1]))


def with_proof(model: Milp, solution: Solution, solve: Callable[[Milp], Solution]) -> Solution:
    """Return an unbounded model's solution with a ray and a feasible point, each found by one solve where missing.

    A MILP that is called optimal is unbounded where its relaxation has a ray (Meyer 1974): HiGHS (1.13) and SCIP (10.0)
    now and then stop at a point of such a model. Nothing is solved where the rows bound what improves the objective.
    """
    if _may_go_on(model, solution):
        found = solve(recession(model))
        if found.point is None or not is_unbounded_ray(model, found.point.values):
            return solution
        return replace(solution, termination=Termination(Reason.UNBOUNDED), bound=None, ray=found.point.values)
    if solution.termination.reason is not Reason.UNBOUNDED:
        return solution
    if solution.ray is None:
        found = solve(recession(model))
        if found.point is not None and is_unbounded_ray(model, found.point.values):
            solution = replace(solution, ray=found.point.values)
    if solution.point is None:
        found = solve(replace(model, objective=np.zeros(model.n_columns), quadratic=None, constant=0.0))
        if found.point is not None:
            values = found.point.values
            solution = replace(solution, point=Point(values, model.objective_at(values)))
    return solution
