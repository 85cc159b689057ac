"""A solver's answer held against the model: what could be proved by arithmetic alone, and what could not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from solvers.certificate import dual_bound, is_unbounded_ray, proves_infeasible
from solvers.check import Tolerances, violations
from solvers.milp import Domain, FloatVector, Milp, Sense
from solvers.result import Point, Reason, Solution


class Outcome(StrEnum):
    """How one audit ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Audit:
    """Something that was held against the model, how it ended, and on what ground.

    ``name`` is one of ``point_feasible``, ``objective``, ``bound``, ``optimality_proof``, ``infeasibility_proof``
    and ``unboundedness_proof``.
    """

    name: str
    outcome: Outcome
    detail: str = ""


def snapped(model: Milp, values: FloatVector, tolerances: Tolerances) -> FloatVector:
    """Return the point with its integer columns at whole numbers where that keeps it feasible, else as it came."""
    whole = (model.domains == Domain.INTEGER) | (model.domains == Domain.SEMI_INTEGER)
    tidy = np.where(whole, np.round(values), values)
    tidy = np.where(model.domains < Domain.SEMI_CONTINUOUS, np.clip(tidy, model.column_lower, model.column_upper), tidy)
    tidy = tidy + 0.0  # no negative zero
    if np.array_equal(tidy, values) or violations(model, tidy, tolerances):
        return values + 0.0
    return tidy


def tidied(model: Milp, solution: Solution, tolerances: Tolerances) -> Solution:
    """Return the solution with a snapped point, its objective recomputed from the model."""
    if solution.point is None or not np.isfinite(solution.point.values).all():
        return solution
    values = snapped(model, solution.point.values, tolerances)
    return replace(solution, point=Point(values, model.objective_at(values)))


def audit(model: Milp, solution: Solution, tolerances: Tolerances | None = None) -> tuple[Audit, ...]:
    """Return every audit that applies to what the solution claims.

    A MILP's optimality and infeasibility rest on the solver's own search: they are unknown here, never passed.
    """
    tol = tolerances or Tolerances()
    found: list[Audit] = []
    if solution.point is not None:
        missed = violations(model, solution.point.values, tol)
        detail = str(missed[0]) if missed else f"{model.n_rows} rows, {model.n_columns} columns"
        found.append(Audit("point_feasible", Outcome.FAILED if missed else Outcome.PASSED, detail))
        if not missed:
            found += _objective(model, solution, solution.point, tol)
    match solution.termination.reason:
        case Reason.OPTIMAL if solution.point is not None:
            found.append(_optimality(model, solution, solution.point, tol))
        case Reason.INFEASIBLE:
            if model.n_columns == 0:
                found.append(Audit("infeasibility_proof", Outcome.PASSED, solution.termination.detail))
            elif solution.farkas is None:
                found.append(Audit("infeasibility_proof", Outcome.UNKNOWN, "the solver gives no multipliers"))
            elif proves_infeasible(model, solution.farkas):
                found.append(Audit("infeasibility_proof", Outcome.PASSED, "Farkas multipliers of the rows"))
            else:
                detail = "the multipliers prove nothing at this accuracy; the model may be badly scaled"
                found.append(Audit("infeasibility_proof", Outcome.UNKNOWN, detail))
        case Reason.UNBOUNDED:
            proved = solution.ray is not None and is_unbounded_ray(model, solution.ray) and solution.point is not None
            detail = (
                "a feasible point and a ray that improves" if proved else "no feasible point and ray were both given"
            )
            found.append(Audit("unboundedness_proof", Outcome.PASSED if proved else Outcome.UNKNOWN, detail))
        case _:
            pass
    return tuple(found)


def _objective(model: Milp, solution: Solution, point: Point, tol: Tolerances) -> list[Audit]:
    terms = float(np.abs(model.objective * point.values).sum()) + abs(model.constant)
    if model.quadratic is not None:
        terms += 0.5 * float(np.abs(point.values) @ (abs(model.quadratic) @ np.abs(point.values)))
    allowed = tol.absolute * max(1.0, abs(point.objective)) + tol.relative * terms
    off = abs(model.objective_at(point.values) - point.objective)
    found = [
        Audit(
            "objective",
            Outcome.PASSED if off <= allowed else Outcome.FAILED,
            f"off by {off:.3g} (allowed {allowed:.3g})",
        )
    ]
    if solution.bound is not None and np.isfinite(solution.bound):
        worse = solution.bound - point.objective
        if model.sense is Sense.MAXIMIZE:
            worse = -worse
        crossed = worse > 10 * allowed
        detail = f"the bound {solution.bound:g} is beyond the objective {point.objective:g}" if crossed else ""
        found.append(Audit("bound", Outcome.FAILED if crossed else Outcome.PASSED, detail))
    return found


def _optimality(model: Milp, solution: Solution, point: Point, tol: Tolerances) -> Audit:
    gap: float | None
    name = "optimality_proof"
    if model.n_columns == 0:
        return Audit(name, Outcome.PASSED, "there is nothing to decide")
    if not model.is_lp or solution.duals is None:
        gap = solution.gap
        said = "the solver's search" + (f", gap {gap:.3g}" if gap is not None else "")
        return Audit(name, Outcome.UNKNOWN, f"rests on {said}")
    proof = dual_bound(model, solution.duals, point.values)
    cost = max(1.0, float(np.abs(model.objective).max(initial=0.0)))
    terms = float(np.abs(model.objective * point.values).sum()) + abs(model.constant)
    allowed = tol.absolute * max(1.0, abs(point.objective)) + tol.relative * terms + proof.error
    gap = abs(proof.bound - point.objective)
    if proof.infeasibility > tol.absolute * cost or gap > allowed:
        sign = f"one misses its sign by {proof.infeasibility:.3g}"
        detail = f"the duals prove {proof.bound:.9g} for {point.objective:.9g}; {sign}"
        return Audit(name, Outcome.FAILED, detail)
    return Audit(name, Outcome.PASSED, f"weak duality, gap {gap:.3g}")
