"""What a solve ended with: why it stopped, apart from what is held."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from solvers.milp import FloatVector, Sense


class Reason(StrEnum):
    """Why a solve stopped."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    INFEASIBLE_OR_UNBOUNDED = "infeasible_or_unbounded"
    LIMIT = "limit"
    CANCELLED = "cancelled"
    NUMERICAL = "numerical"
    FAILED = "failed"


class Limit(StrEnum):
    """Which limit stopped a solve."""

    TIME = "time"
    NODES = "nodes"
    ITERATIONS = "iterations"
    MEMORY = "memory"
    GAP = "gap"
    SOLUTIONS = "solutions"


@dataclass(frozen=True, slots=True)
class Termination:
    """Why the solve stopped; ``limit`` is named only where a limit stopped it."""

    reason: Reason
    limit: Limit | None = None
    detail: str = ""

    def __post_init__(self) -> None:
        if (self.limit is not None) != (self.reason is Reason.LIMIT):
            raise ValueError(f"reason {self.reason} with limit {self.limit}: a limit goes with reason 'limit' alone")


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A feasible point: ``values`` of shape (n,) and the objective there, constant included."""

    values: FloatVector
    objective: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.objective):
            raise ValueError(f"a point with the objective {self.objective}")


@dataclass(frozen=True, slots=True, eq=False)
class Duals:
    """The multipliers of an optimal basis or interior solution of an LP.

    ``rows`` (m,): the change of the optimal objective per unit of the binding side of the row, in the model's
    own sense (a shadow price). ``columns`` (n,): the reduced cost ``c - A'y``, likewise. ``fixed_integers``
    says that the LP was a MILP with its integer columns fixed at the incumbent.
    """

    rows: FloatVector
    columns: FloatVector
    fixed_integers: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """What is held when a solve ends, whatever stopped it.

    ``point`` is the best feasible point, or None. ``bound`` is the proven bound on the objective (a lower one
    when minimising, an upper one when maximising). ``ray`` (n,) is a direction of unbounded improvement;
    ``farkas`` (m,) are row multipliers that prove an LP infeasible. ``choice`` says why this solver was taken,
    where the choice was left open.
    """

    termination: Termination
    sense: Sense
    solver: str
    version: str
    point: Point | None = None
    bound: float | None = None
    duals: Duals | None = None
    ray: FloatVector | None = None
    farkas: FloatVector | None = None
    time_s: float = 0.0
    nodes: int | None = None
    iterations: int | None = None
    choice: str = ""

    def __post_init__(self) -> None:
        if self.termination.reason is Reason.OPTIMAL and self.point is None:
            raise ValueError("reason 'optimal' without a point")
        if self.termination.reason is Reason.INFEASIBLE and self.point is not None:
            raise ValueError("reason 'infeasible' with a point")
        if self.bound is not None and math.isnan(self.bound):
            raise ValueError("a bound that is NaN")

    @property
    def objective(self) -> float:
        """The objective at the point held. Raises `LookupError` where none is."""
        if self.point is None:
            raise LookupError(f"no point is held: {self.termination.reason}")
        return self.point.objective

    @property
    def gap(self) -> float | None:
        """The relative gap ``|bound - objective| / max(|objective|, 1e-10)``; None without both."""
        if self.point is None or self.bound is None or not math.isfinite(self.bound):
            return None
        return abs(self.bound - self.point.objective) / max(abs(self.point.objective), 1e-10)
