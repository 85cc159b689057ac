"""An irreducible infeasible subsystem: rows and bounds that exclude every point, none of which can be spared.

The support of a Farkas ray starts the search for an LP (Gleeson and Ryan 1990): it is infeasible by itself, and
mostly irreducible. Where the columns' wholeness is what makes the model infeasible, QuickXplain (Junker 2004)
narrows the rows and bounds down with MILP solves. Without some bound, branching may go on for ever: then
divisibility is looked at first (`solvers.lattice`), and the nodes are limited. In both cases a deletion filter
(Chinneck 2008) then tries every member: a core is called irreducible only where each member's removal was seen to
leave a feasible subsystem.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from solvers.backends.highs_session import Session
from solvers.certificate import proves_infeasible
from solvers.lattice import excludes_whole_points, is_open_ended
from solvers.milp import Domain, FloatVector, Milp
from solvers.port import Cancellation, SolveOptions
from solvers.result import Limit, Reason

_OPEN_NODES = 5000
"""How many nodes a subsystem has whose whole columns are not all bounded."""


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """One side of a row, or of a column's bounds: ``kind`` is row or column, ``side`` is lower or upper."""

    kind: str
    index: int
    side: str

    def value(self, model: Milp) -> float:
        """Return the number on this side."""
        return float(getattr(model, f"{self.kind}_{self.side}")[self.index])

    def name(self, model: Milp) -> str:
        """Return the row's or column's name."""
        return (model.row_names if self.kind == "row" else model.column_names)[self.index]


@dataclass(frozen=True, slots=True)
class Core:
    """Members that together exclude every point.

    ``infeasible`` and ``irreducible`` say what was verified by solving; ``needs_integrality`` that the members
    have a common point if the columns need not be whole.
    """

    members: tuple[Member, ...]
    infeasible: bool
    irreducible: bool
    needs_integrality: bool = False
    solves: int = 0


class _OutOfTime(Exception):
    """The budget is used up."""


class _Subsystems:
    """Feasibility of parts of one model, asked again and again."""

    def __init__(self, model: Milp, deadline: float, cancellation: Cancellation | None) -> None:
        self.model = replace(model, objective=np.zeros(model.n_columns), quadratic=None, constant=0.0)
        self.deadline, self.cancellation = deadline, cancellation
        self.session = Session(self.model, SolveOptions(), presolve=not model.is_lp)
        self.solves = 0

    def sides(self, members: Sequence[Member]) -> tuple[FloatVector, FloatVector, FloatVector, FloatVector]:
        """Return row and column bounds with the members alone; a semi-continuous column keeps its own."""
        n, m, model = self.model.n_columns, self.model.n_rows, self.model
        made = {
            ("row", "lower"): np.full(m, -math.inf),
            ("row", "upper"): np.full(m, math.inf),
            ("column", "lower"): np.full(n, -math.inf),
            ("column", "upper"): np.full(n, math.inf),
        }
        semi = model.domains >= Domain.SEMI_CONTINUOUS
        made["column", "lower"][semi] = model.column_lower[semi]
        made["column", "upper"][semi] = model.column_upper[semi]
        for member in members:
            made[member.kind, member.side][member.index] = member.value(model)
        return made["row", "lower"], made["row", "upper"], made["column", "lower"], made["column", "upper"]

    def infeasible(self, members: Sequence[Member]) -> bool | None:
        """Whether the members exclude every point; None where the solver does not say. Raises `_OutOfTime`."""
        left = self.deadline - time.monotonic()
        if left <= 0 or (self.cancellation is not None and self.cancellation.requested):
            raise _OutOfTime
        row_lower, row_upper, column_lower, column_upper = self.sides(members)
        open_ended = is_open_ended(self.model, column_lower, column_upper)
        if open_ended and excludes_whole_points(self.model, row_lower, row_upper):
            return True
        self.session.limit_nodes(_OPEN_NODES if open_ended else None)
        n, m = self.model.n_columns, self.model.n_rows
        self.session.set_row_bounds(np.arange(m, dtype=np.int32), row_lower, row_upper)
        self.session.set_column_bounds(np.arange(n, dtype=np.int32), column_lower, column_upper)
        # simplex from a warm basis may end without a verdict; interior point then decides
        for method in ("simplex", "ipm"):
            if method != "simplex":
                self.session.start_over(method=method, presolve=True)
            self.solves += 1
            ended = self.session.run(time_limit_s=left, cancellation=self.cancellation)
            if method != "simplex":
                self.session.start_over(method="choose", presolve=not self.model.is_lp)
            match ended.reason:
                case Reason.INFEASIBLE:
                    return True
                case Reason.OPTIMAL | Reason.UNBOUNDED:
                    return False
                case Reason.LIMIT if ended.limit is Limit.NODES:
                    return None
                case Reason.LIMIT | Reason.CANCELLED:
                    raise _OutOfTime
                case _:
                    pass
        return None


def all_members(model: Milp) -> list[Member]:
    """Return every finite side of every row and of every column, rows first."""
    found = [
        Member(kind, int(k), side)
        for kind in ("row", "column")
        for side in ("lower", "upper")
        for k in np.flatnonzero(np.isfinite(getattr(model, f"{kind}_{side}"))).tolist()
        if kind == "row" or model.domains[k] < Domain.SEMI_CONTINUOUS
    ]
    return sorted(found, key=lambda member: (member.kind == "column", member.index))


def infeasible_core(
    model: Milp, *, time_limit_s: float = 30.0, cancellation: Cancellation | None = None
) -> Core | None:
    """Return an irreducible infeasible subsystem, or None where the model is feasible or nothing is known in time.

    Where the time runs out on the way, what was reached is returned with ``irreducible`` false.
    """
    deadline = time.monotonic() + time_limit_s
    if (empty := _empty_row(model)) is not None:
        return Core((empty,), infeasible=True, irreducible=True)
    relaxed = replace(model.relaxed(), objective=np.zeros(model.n_columns), quadratic=None, constant=0.0)
    session = Session(relaxed, SolveOptions(), presolve=False)
    left = max(deadline - time.monotonic(), 0.0)
    if session.run(time_limit_s=left, cancellation=cancellation).reason is Reason.INFEASIBLE:
        candidates = _support(relaxed, session.dual_ray()) or all_members(relaxed)
        return _filtered(relaxed, candidates, deadline, cancellation, needs_integrality=False, spent=1)
    if not np.any(model.domains):
        return None
    return _filtered(model, None, deadline, cancellation, needs_integrality=True, spent=1)


def _empty_row(model: Milp) -> Member | None:
    """Return the side of a row without terms that excludes 0."""
    empty = np.diff(model.matrix.indptr) == 0
    for side, missed in (("lower", model.row_lower > 1e-9), ("upper", model.row_upper < -1e-9)):
        found = np.flatnonzero(empty & missed)
        if found.size:
            return Member("row", int(found[0]), side)
    return None


def _support(model: Milp, farkas: FloatVector | None) -> list[Member]:
    """Return the sides on which a Farkas proof stands; empty where the multipliers prove nothing."""
    if farkas is None or not np.any(farkas):
        return []
    for y in (farkas / np.abs(farkas).max(), -farkas / np.abs(farkas).max()):
        y = np.where(np.abs(y) < 1e-11, 0.0, y)
        weights = model.matrix.T @ y
        terms = abs(model.matrix).T @ np.abs(y)
        weights = np.where(np.abs(weights) <= 1e-10 * np.maximum(terms, 1.0), 0.0, weights)
        members = [Member("row", k, "lower" if y[k] > 0 else "upper") for k in np.flatnonzero(y).tolist()]
        members += [
            Member("column", k, "upper" if weights[k] > 0 else "lower") for k in np.flatnonzero(weights).tolist()
        ]
        if all(math.isfinite(member.value(model)) for member in members) and proves_infeasible(model, y):
            return members
    return []


def _part(model: Milp, members: Sequence[Member]) -> tuple[Milp, list[Member], dict[Member, Member]]:
    """Return the model of the members' rows alone, the members in it, and the way back."""
    rows = sorted({member.index for member in members if member.kind == "row"})
    columns = sorted(
        set(np.unique(model.matrix[rows].indices).tolist() if rows else [])
        | {member.index for member in members if member.kind == "column"}
    )
    part = replace(
        model,
        objective=model.objective[columns],
        matrix=model.matrix[rows][:, columns],
        row_lower=model.row_lower[rows],
        row_upper=model.row_upper[rows],
        column_lower=model.column_lower[columns],
        column_upper=model.column_upper[columns],
        domains=model.domains[columns],
        column_names=[model.column_names[j] for j in columns],
        row_names=[model.row_names[i] for i in rows],
        quadratic=None,
    )
    place = {("row", i): k for k, i in enumerate(rows)} | {("column", j): k for k, j in enumerate(columns)}
    back = {Member(m.kind, place[m.kind, m.index], m.side): m for m in members}
    return part, list(back), back


def _filtered(
    model: Milp,
    candidates: list[Member] | None,
    deadline: float,
    cancellation: Cancellation | None,
    *,
    needs_integrality: bool,
    spent: int,
) -> Core | None:
    """Return the core that the deletion filter leaves of the candidates (of everything where None)."""
    if candidates is None:
        part, members = model, all_members(model)
        back = {member: member for member in members}
    else:
        part, members, back = _part(model, candidates)
    subsystems = _Subsystems(part, deadline, cancellation)

    def core(kept: Sequence[Member], *, infeasible: bool, irreducible: bool) -> Core:
        found = tuple(sorted(back[member] for member in kept))
        return Core(found, infeasible, irreducible, needs_integrality, spent + subsystems.solves)

    try:
        if subsystems.infeasible(members) is not True:
            if candidates is not None:  # the proof's support does not stand by itself: search everything
                return _filtered(
                    model, None, deadline, cancellation, needs_integrality=needs_integrality, spent=spent + 1
                )
            return None
    except _OutOfTime:
        return core(members, infeasible=candidates is not None, irreducible=False) if candidates is not None else None
    kept = members
    try:
        if len(kept) > 40:
            kept = _quick_explain(subsystems, [], kept, known=False)
        certain = True
        for member in list(kept):
            without = [other for other in kept if other != member]
            answer = subsystems.infeasible(without)
            if answer:
                kept = without
            elif answer is None:
                certain = False
        return core(kept, infeasible=True, irreducible=certain)
    except _OutOfTime:
        return core(kept, infeasible=True, irreducible=False)


def _quick_explain(
    subsystems: _Subsystems, background: list[Member], candidates: list[Member], *, known: bool
) -> list[Member]:
    """Return a part of the candidates that is infeasible with the background; ``known``: the background may be so."""
    if known and background and subsystems.infeasible(background):
        return []
    if len(candidates) == 1:
        return candidates
    half = len(candidates) // 2
    first, second = candidates[:half], candidates[half:]
    from_second = _quick_explain(subsystems, background + first, second, known=True)
    from_first = _quick_explain(subsystems, background + from_second, first, known=bool(from_second))
    return from_first + from_second
