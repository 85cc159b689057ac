"""The cheapest relaxations that make an infeasible model feasible, each verified by solving the relaxed model."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from solvers.backends.highs_session import Session
from solvers.check import violations
from solvers.iis import Core, Member
from solvers.milp import Milp, Sense
from solvers.port import SolveOptions
from solvers.result import Reason
from solvers.words import number

_SMALLEST = 1e-7


@dataclass(frozen=True, slots=True)
class Change:
    """One side moved from a number to another; ``infinity`` lifts it altogether."""

    member: Member
    name: str
    before: float
    after: float

    def __str__(self) -> str:
        verb = "raise" if self.member.side == "upper" else "lower"
        what = {"row": self.name, "column": f"the bound on {self.name}"}[self.member.kind]
        return f"{verb} {what} from {number(self.before)} to {number(self.after)}"


@dataclass(frozen=True, slots=True)
class Repair:
    """Changes that together restore feasibility; ``cost`` is their weighted size, cheapest first in a list.

    ``verified`` says that the relaxed model was solved and its point replayed.
    """

    changes: tuple[Change, ...]
    cost: float
    verified: bool

    def __str__(self) -> str:
        return " and ".join(str(change) for change in self.changes)


def default_weight(model: Milp, member: Member) -> float:
    """Return what one unit of relaxation costs: 1 over the side's size, so that costs compare relative changes."""
    return 1.0 / max(abs(member.value(model)), 1.0)


def movable(model: Milp) -> list[Member]:
    """Return the sides that a repair may move: every row side, and bounds on columns other than 0 and a binary's."""
    found: list[Member] = []
    for side in ("lower", "upper"):
        found += [Member("row", k, side) for k in np.flatnonzero(np.isfinite(getattr(model, f"row_{side}"))).tolist()]
        values = getattr(model, f"column_{side}")
        binary = (model.domains == 1) & (model.column_lower >= 0) & (model.column_upper <= 1)
        free = np.isfinite(values) & (values != 0) & ~binary & (model.domains < 2)
        found += [Member("column", k, side) for k in np.flatnonzero(free).tolist()]
    return found


def cheapest_repairs(
    model: Milp,
    core: Core | None = None,
    *,
    limit: int = 5,
    weights: Mapping[Member, float] | None = None,
    fixed: Collection[Member] = (),
    time_limit_s: float = 20.0,
) -> list[Repair]:
    """Return up to ``limit`` verified repairs, the cheapest first.

    The first is the least weighted sum of relaxations over everything that may move (an elastic program, Brown and
    Graves 1975). The others move one member of the core alone. ``weights`` is the cost of one unit of relaxation,
    by default relative to the side's size; ``fixed`` are sides that must stay.
    """
    deadline = time.monotonic() + time_limit_s
    allowed = [member for member in movable(model) if member not in set(fixed)]
    weigh = {member: default_weight(model, member) for member in allowed} | dict(weights or {})
    found: list[Repair] = []
    chosen: list[Sequence[Member]] = [allowed]
    if core is not None:
        chosen += [[member] for member in core.members if member in set(allowed)]
    for members in chosen:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        repair = _least(model, members, weigh, left)
        if repair is None or any(_same(repair, other) for other in found):
            continue
        found.append(repair)
    return sorted(found, key=lambda repair: (repair.cost, len(repair.changes)))[:limit]


def relaxed_by(model: Milp, changes: Sequence[Change]) -> Milp:
    """Return the model with the changes made."""
    sides = {
        (kind, side): getattr(model, f"{kind}_{side}").copy()
        for kind in ("row", "column")
        for side in ("lower", "upper")
    }
    for change in changes:
        sides[change.member.kind, change.member.side][change.member.index] = change.after
    return replace(model, **{f"{kind}_{side}": values for (kind, side), values in sides.items()})


def _same(a: Repair, b: Repair) -> bool:
    if {c.member for c in a.changes} != {c.member for c in b.changes}:
        return False
    after = {c.member: c.after for c in b.changes}
    return all(math.isclose(c.after, after[c.member], rel_tol=1e-6, abs_tol=1e-9) for c in a.changes)


def _least(model: Milp, members: Sequence[Member], weigh: Mapping[Member, float], left: float) -> Repair | None:
    """Return the least weighted relaxation of the members alone, verified, or None where it does not suffice."""
    if not members:
        return None
    elastic = _elastic(model, members, weigh)
    session = Session(elastic, SolveOptions(mip_gap=1e-6))
    reason = session.run(time_limit_s=left).reason
    if reason is not Reason.OPTIMAL and not session.holds_point:
        return None
    slack = session.point()[model.n_columns :]
    changes: list[Change] = []
    for member, amount in zip(members, slack.tolist(), strict=True):
        before = member.value(model)
        if amount <= _SMALLEST * max(1.0, abs(before)):
            continue
        after = before + amount if member.side == "upper" else before - amount
        changes.append(Change(member, member.name(model), before, after))
    if not changes:
        return None
    rounded = [replace(change, after=_rounded(change)) for change in changes]
    for attempt in (rounded, changes):
        if _restores(model, attempt, left):
            cost = sum(weigh[c.member] * abs(c.after - c.before) for c in attempt)
            return Repair(tuple(attempt), cost, verified=True)
    return None


def _elastic(model: Milp, members: Sequence[Member], weigh: Mapping[Member, float]) -> Milp:
    """Return the model with a slack column for each member, minimising their weighted sum."""
    n, m, k = model.n_columns, model.n_rows, len(members)
    of_rows = [(i, member) for i, member in enumerate(members) if member.kind == "row"]
    of_columns = [(i, member) for i, member in enumerate(members) if member.kind == "column"]
    at = [member.index for _, member in of_rows]
    signs = [-1.0 if member.side == "upper" else 1.0 for _, member in of_rows]
    slack = sparse.coo_array((signs, (at, [i for i, _ in of_rows])), shape=(m, k))
    # a column's bound becomes a row of its own: x - s <= upper
    extra_rows = list(range(len(of_columns)))
    unit = sparse.coo_array(
        (np.ones(len(of_columns)), (extra_rows, [member.index for _, member in of_columns])),
        shape=(len(of_columns), n),
    )
    extra = sparse.coo_array(
        (
            [-1.0 if member.side == "upper" else 1.0 for _, member in of_columns],
            (extra_rows, [i for i, _ in of_columns]),
        ),
        shape=(len(of_columns), k),
    )
    lower, upper = model.column_lower.copy(), model.column_upper.copy()
    low, high = [], []
    for _, member in of_columns:
        value = member.value(model)
        low.append(-math.inf if member.side == "upper" else value)
        high.append(value if member.side == "upper" else math.inf)
        (upper if member.side == "upper" else lower)[member.index] = math.inf if member.side == "upper" else -math.inf
    matrix = sparse.block_array([[model.matrix, slack], [unit, extra]], format="csr")
    return Milp(
        Sense.MINIMIZE,
        np.concatenate([np.zeros(n), [weigh[member] for member in members]]),
        sparse.csr_array(matrix),
        np.concatenate([model.row_lower, low]),
        np.concatenate([model.row_upper, high]),
        np.concatenate([lower, np.zeros(k)]),
        np.concatenate([upper, np.full(k, math.inf)]),
        np.concatenate([model.domains, np.zeros(k, dtype=np.int8)]),
        [*model.column_names, *(f"slack {i}" for i in range(k))],
        [*model.row_names, *(f"bound {i}" for i in extra_rows)],
    )


def _rounded(change: Change) -> float:
    """Return the new side rounded to 9 significant digits, outwards."""
    if change.after == 0 or not math.isfinite(change.after):
        return change.after
    digits = 8 - math.floor(math.log10(abs(change.after)))
    scale = 10.0**digits
    near = round(change.after * scale) / scale
    return near if abs(near - change.after) <= 1e-9 * max(1.0, abs(near)) else change.after


def _restores(model: Milp, changes: Sequence[Change], left: float) -> bool:
    flat = replace(relaxed_by(model, changes), objective=np.zeros(model.n_columns), quadratic=None, constant=0.0)
    session = Session(flat, SolveOptions())
    reason = session.run(time_limit_s=left).reason
    return reason is Reason.OPTIMAL and not violations(flat, session.point())
