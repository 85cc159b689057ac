"""The port that each backend fills: what a solver is asked, what it says of itself, and limits that all read alike."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from solvers.errors import BackendUnavailable
from solvers.milp import FloatVector, Milp
from solvers.result import Limit, Reason, Solution, Termination

OPTIMAL_GAP = 1e-6
"""The relative gap within which a MILP counts as optimal where the caller names none."""


class ModelClass(StrEnum):
    """The classes of model that a backend may take."""

    LP = "LP"
    MILP = "MILP"
    QP = "convex QP"
    MIQP = "convex MIQP"
    SEMI = "semi-continuous"
    NONLINEAR = "nonlinear"


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a backend can run here; ``reason`` says why not and what to do."""

    available: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SolveOptions:
    """Limits and hints. ``time_limit_s`` is wall time; ``mip_gap`` is relative; ``start`` has shape (n,).

    Where ``start`` is not finite nothing is known. Of ``threads`` no more are used than the machine has processors.
    """

    time_limit_s: float | None = None
    node_limit: int | None = None
    mip_gap: float | None = None
    threads: int | None = None
    seed: int = 0
    start: FloatVector | None = None

    @property
    def seed_32(self) -> int:
        """The seed within 31 bits, as the solvers take it."""
        return self.seed % 2**31


def time_left(options: SolveOptions, started: float) -> float | None:
    """Return the seconds of the time limit that are left since ``started`` (of `time.monotonic`), at least 0."""
    if options.time_limit_s is None:
        return None
    return max(options.time_limit_s - (time.monotonic() - started), 0.0)


def within_gap(solution: Solution, options: SolveOptions) -> Solution:
    """Return a MILP's optimum as stopped by the gap, where the gap that was asked for is all that was reached."""
    gap = solution.gap
    if solution.termination.reason is not Reason.OPTIMAL or options.mip_gap is None:
        return solution
    if gap is None or gap <= OPTIMAL_GAP:
        return solution
    detail = f"the gap {gap:.3g} is within the {options.mip_gap:g} asked for"
    return replace(solution, termination=Termination(Reason.LIMIT, Limit.GAP, detail))


def availability_of(library: Callable[[], object]) -> Availability:
    """Return whether a function that imports a solver's library does so; it raises `BackendUnavailable`."""
    try:
        library()
    except BackendUnavailable as error:
        return Availability(available=False, reason=str(error))
    return Availability(available=True)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a running solve stands. None where the backend does not say."""

    seconds: float
    incumbent: float | None = None
    bound: float | None = None
    gap: float | None = None
    nodes: int | None = None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A request to stop, given from any thread."""

    event: threading.Event = field(default_factory=threading.Event)

    def request(self) -> None:
        """Ask the running solve to stop."""
        self.event.set()

    @property
    def requested(self) -> bool:
        """Whether a stop was asked for."""
        return self.event.is_set()


class Solver(Protocol):
    """A solver behind the port. Implementations hold no state between solves."""

    @property
    def name(self) -> str:
        """The name under which it is registered."""

    @property
    def classes(self) -> frozenset[ModelClass]:
        """The classes of model that it takes."""

    def availability(self) -> Availability:
        """Whether it can run here. Never raises."""

    def version(self) -> str:
        """The version of the solver itself. Raises `BackendUnavailable`."""

    def solve(
        self,
        model: Milp,
        options: SolveOptions,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancellation: Cancellation | None = None,
    ) -> Solution:
        """Solve. Raises `Unsupported` or `BackendUnavailable`; a limit or a failure is a value."""
