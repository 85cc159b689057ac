"""Why a model has no optimum, and what would change that. Only open solvers are used."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from solvers.certificate import is_unbounded_ray
from solvers.iis import Core, infeasible_core
from solvers.milp import Domain, FloatVector, Milp, Sense
from solvers.port import Cancellation, SolveOptions
from solvers.recession import recession
from solvers.repair import Repair, cheapest_repairs
from solvers.result import Reason, Solution, Termination
from solvers.solving import solve
from solvers.words import number, relation

_WIDE_COEFFICIENTS = 1e9
_LARGE = 1e7
_CANDIDATES = 8
"""How many columns of a ray are tried for a limit that would bound the objective."""


@dataclass(frozen=True, slots=True)
class RayEntry:
    """How a column moves along a ray, relative to the one that moves most, and whether a bound could stop it."""

    column: str
    change: float
    open: bool


@dataclass(frozen=True, slots=True)
class UnboundedRay:
    """A direction in which every row and bound holds and the objective improves for ever."""

    entries: tuple[RayEntry, ...]
    gain: float

    def __str__(self) -> str:
        moves = ", ".join(
            f"{e.column} {'grows' if e.change > 0 else 'falls'} by {number(abs(e.change))}" for e in self.entries[:8]
        )
        more = f" and {len(self.entries) - 8} more columns" if len(self.entries) > 8 else ""
        return f"{moves}{more}: the objective gains {number(abs(self.gain))} each time, without end"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found.

    ``core`` and ``repairs`` belong to an infeasible model, ``ray`` and ``bounds_missing`` (each of which was seen to
    bound the objective) to an unbounded one; ``doubts`` are numbers that a solver with tolerances may misjudge.
    """

    termination: Termination
    solution: Solution | None = None
    core: Core | None = None
    core_relations: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    ray: UnboundedRay | None = None
    bounds_missing: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)

    def words(self) -> str:
        """Return the diagnosis in plain words, a paragraph a finding."""
        lines: list[str] = []
        match self.termination.reason:
            case Reason.INFEASIBLE:
                lines += self._infeasible()
            case Reason.UNBOUNDED:
                lines += self._unbounded()
            case Reason.OPTIMAL:
                lines.append("The model has an optimum; there is nothing to repair.")
            case _:
                detail = f": {self.termination.detail}" if self.termination.detail else ""
                lines.append(f"The solver stopped ({self.termination.limit or self.termination.reason}){detail}.")
        lines += [f"Numerically doubtful: {doubt}." for doubt in self.doubts]
        return "\n".join(lines)

    def _infeasible(self) -> list[str]:
        if self.core is None:
            return ["No point meets every row and bound; which of them conflict was not found in time."]
        sure = "and each of them is needed for that" if self.core.irreducible else "though perhaps not all are needed"
        whole = " as long as the whole columns must be whole" if self.core.needs_integrality else ""
        lines = [f"No point meets these {len(self.core_relations)} conditions together{whole}, {sure}:"]
        lines += [f"  {text}" for text in self.core_relations]
        if self.repairs:
            lines.append("Any one of these would make it feasible, the smallest change first:")
            lines += [f"  {repair}" for repair in self.repairs]
        return lines

    def _unbounded(self) -> list[str]:
        lines = [f"The objective has no end. {self.ray}." if self.ray else "The objective has no end."]
        if self.bounds_missing:
            lines.append(
                "Any of these would bound it, if the problem sets one: " + "; ".join(self.bounds_missing) + "."
            )
        return lines


def diagnose(
    model: Milp,
    options: SolveOptions | None = None,
    *,
    solution: Solution | None = None,
    cancellation: Cancellation | None = None,
) -> Diagnosis:
    """Return why the model has no optimum, where it has none.

    ``solution`` spares the solve where one is at hand. ``options.time_limit_s`` (60 s where absent) bounds the whole.
    """
    asked = options or SolveOptions()
    deadline = time.monotonic() + (60.0 if asked.time_limit_s is None else asked.time_limit_s)
    timings: dict[str, float] = {}

    def left() -> float:
        return max(deadline - time.monotonic(), 0.0)

    started = time.monotonic()
    held = solution or solve(model, SolveOptions(time_limit_s=left(), seed=asked.seed), cancellation=cancellation)
    timings["solve"] = time.monotonic() - started
    doubts = numerical_doubts(model)
    core: Core | None = None
    repairs: tuple[Repair, ...] = ()
    ray: UnboundedRay | None = None
    missing: tuple[str, ...] = ()
    if held.termination.reason is Reason.INFEASIBLE:
        started = time.monotonic()
        core = infeasible_core(model, time_limit_s=left() * 0.6, cancellation=cancellation)
        timings["core"] = time.monotonic() - started
        started = time.monotonic()
        repairs = tuple(cheapest_repairs(model, core, time_limit_s=left()))
        timings["repairs"] = time.monotonic() - started
    elif held.termination.reason is Reason.UNBOUNDED and held.ray is not None:
        ray = _ray(model, held.ray)
        missing = _missing(model, held.ray, left())
    relations = tuple(relation(model, member) for member in core.members) if core is not None else ()
    return Diagnosis(held.termination, held, core, relations, repairs, ray, missing, doubts, timings)


def _ray(model: Milp, ray: FloatVector) -> UnboundedRay:
    scaled = _scaled(ray)
    order = sorted(np.flatnonzero(scaled).tolist(), key=lambda j: -abs(float(scaled[j])))
    entries = tuple(RayEntry(model.column_names[j], float(scaled[j]), open=True) for j in order)
    return UnboundedRay(entries, float(model.objective @ scaled))


def _missing(model: Milp, ray: FloatVector, time_limit_s: float) -> tuple[str, ...]:
    """Return limits on columns, each of which bounds the objective; or else one set that does so together.

    A limit ends every ray along which its column moves that way; that none is left is found by solving.
    """
    deadline = time.monotonic() + time_limit_s
    cone = recession(model)
    scaled = _scaled(ray)
    order = _by_gain(model, scaled)

    def held(limits: Sequence[tuple[int, bool]]) -> FloatVector | None:
        """Return a ray that is left under the limits, as (column, whether upper); None where there is none."""
        lower, upper = cone.column_lower.copy(), cone.column_upper.copy()
        for j, above in limits:
            (upper if above else lower)[j] = 0.0
        found = solve(
            replace(cone, column_lower=lower, column_upper=upper),
            SolveOptions(time_limit_s=max(deadline - time.monotonic(), 0.0)),
        )
        if found.termination.reason is not Reason.OPTIMAL or found.point is None:
            raise _Undecided
        return found.point.values if is_unbounded_ray(model, found.point.values) else None

    def words(limits: Sequence[tuple[int, bool]]) -> str:
        return " together with ".join(
            f"{'an upper' if above else 'a lower'} limit on {model.column_names[j]}" for j, above in limits
        )

    try:
        alone = [[(j, bool(scaled[j] > 0))] for j in order[:_CANDIDATES]]
        if enough := [words(limits) for limits in alone if held(limits) is None]:
            return tuple(enough)
        together = alone[0]
        while (left := held(together)) is not None and len(together) < _CANDIDATES:
            rest = _scaled(left)
            j = _by_gain(model, rest)[0]
            together.append((j, bool(rest[j] > 0)))
    except _Undecided:
        return ()
    return () if left is not None else (words(together),)


class _Undecided(Exception):
    """The time is up, or the solver does not say."""


def _scaled(ray: FloatVector) -> FloatVector:
    """Return the ray with its largest entry at 1 and what is nearly 0 at 0."""
    scaled = ray / float(np.abs(ray).max())
    return np.where(np.abs(scaled) < 1e-9, 0.0, scaled)


def _by_gain(model: Milp, ray: FloatVector) -> list[int]:
    """Return the columns that move along a ray, the one that improves the objective most first."""
    improving = model.objective * ray * (-1.0 if model.sense is Sense.MINIMIZE else 1.0)
    return sorted(np.flatnonzero(ray).tolist(), key=lambda j: -float(improving[j]))


def numerical_doubts(model: Milp) -> tuple[str, ...]:
    """Return what in the numbers a solver with tolerances may misjudge; empty where nothing stands out."""
    found: list[str] = []
    sizes = np.abs(model.matrix.data)
    if sizes.size and float(sizes.max()) / float(sizes.min()) > _WIDE_COEFFICIENTS:
        found.append(f"coefficients range from {sizes.min():.3g} to {sizes.max():.3g}; state them in other units")
    costs = np.abs(model.objective[model.objective != 0])
    if costs.size and float(costs.max()) / float(costs.min()) > _WIDE_COEFFICIENTS:
        found.append(f"objective coefficients range from {costs.min():.3g} to {costs.max():.3g}")
    binary = (model.domains == Domain.INTEGER) & (model.column_lower == 0) & (model.column_upper == 1)
    if binary.any() and model.nonzeros:
        on_binary = binary[model.matrix.indices]
        largest = float(sizes[on_binary].max(initial=0.0))
        if largest >= _LARGE:
            found.append(
                f"a binary has the coefficient {largest:.3g}: at a tolerance of 1e-6 it may leak; use a smaller one"
            )
    for kind in ("row", "column"):
        for side in ("lower", "upper"):
            values = getattr(model, f"{kind}_{side}")
            finite = np.abs(values[np.isfinite(values)])
            if finite.size and float(finite.max()) >= 1e12:
                found.append(f"a {kind} has the {side} side {finite.max():.3g}; leave it out if it means no limit")
    return tuple(found)
