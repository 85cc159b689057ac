"""The conformance suite that every backend passes: run by the tests and by ``milpwright doctor``.

Each case states a model, what is asked, and what must come back; a case that a backend's declared classes do not
cover is skipped and counted. A deviation that is known is listed with its reason in `KNOWN_DEVIATIONS`; one that
no longer occurs is reported, so that the list stays true.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from scipy import sparse

from solvers.audit import Outcome, audit
from solvers.errors import BackendUnavailable, Unsupported
from solvers.example_models import INF, market_split, model, transport
from solvers.milp import Domain, Milp, Sense
from solvers.port import Cancellation, ModelClass, Progress, SolveOptions, Solver
from solvers.result import Limit, Reason, Solution
from solvers.select import model_classes
from solvers.solving import held_to


class Verdict(StrEnum):
    """How a case went for a backend."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    DEVIATES = "known deviation"


@dataclass(frozen=True, slots=True)
class Finding:
    """A case, how it went, and why."""

    case: str
    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come back. ``reasons`` are the allowed ones; None means that it is not looked at."""

    reasons: tuple[Reason, ...] = (Reason.OPTIMAL,)
    objective: float | None = None
    limit: tuple[Limit, ...] | None = None
    row_duals: tuple[float, ...] | None = None
    reduced_costs: tuple[float, ...] | None = None
    point: bool | None = None
    tolerance: float = 1e-6


@dataclass(frozen=True, slots=True)
class Case:
    """A model, the options, and what must come back."""

    name: str
    model: Callable[[], Milp]
    expected: Expected
    options: SolveOptions = field(default_factory=SolveOptions)


KNOWN_DEVIATIONS: dict[tuple[str, str], str] = {
    ("pdlp", "an unbounded LP"): "PDLP ends without a verdict on unbounded models; the status is numerical",
    ("pdlp", "an unbounded LP with parallel rows"): (
        "PDLP ends without a verdict on unbounded models; the status is numerical"
    ),
    ("pdlp", "no rows, unbounded"): "PDLP ends without a verdict on unbounded models; the status is numerical",
    ("scip", "duals of a minimisation"): "SCIP's duals belong to its presolved LP and are not passed on",
    ("scip", "duals of a maximisation"): "SCIP's duals belong to its presolved LP and are not passed on",
}


def _repeated() -> Milp:
    """X + x + 0y >= 4 as duplicate and zero entries: 2x >= 4."""
    matrix = sparse.csr_array(sparse.coo_array(([1.0, 1.0, 0.0], ([0, 0, 0], [0, 0, 1])), shape=(1, 2)))
    base = model([1, 1], [([0, 0], 4, INF)], upper=10)
    return Milp(
        base.sense,
        base.objective,
        matrix,
        base.row_lower,
        base.row_upper,
        base.column_lower,
        base.column_upper,
        base.domains,
        base.column_names,
        base.row_names,
    )


_W, _I, _S = Domain.CONTINUOUS, Domain.INTEGER, Domain.SEMI_CONTINUOUS
_INFEASIBLE = Expected((Reason.INFEASIBLE,), point=False)
_UNBOUNDED = Expected((Reason.UNBOUNDED,))

CASES: tuple[Case, ...] = (
    # max 3x + 2y, x + y <= 4, x <= 3: x = 3, y = 1
    Case(
        "an LP",
        lambda: model([3, 2], [([1, 1], -INF, 4)], sense=Sense.MAXIMIZE, upper=[3, INF]),
        Expected(objective=11),
    ),
    # max 5x + 4y, 6x + 4y <= 24, x + 2y <= 6, whole: (4, 0) gives 20, (3, 1) gives 19, (2, 2) gives 18
    Case(
        "an integer model",
        lambda: model([5, 4], [([6, 4], -INF, 24), ([1, 2], -INF, 6)], sense=Sense.MAXIMIZE, upper=10, domains=_I),
        Expected(objective=20),
    ),
    Case("infeasible rows", lambda: model([1, 1], [([1, 1], 5, INF), ([1, 1], -INF, 4)]), _INFEASIBLE),
    # 2x + 4y is even, 7 is odd
    Case("an infeasible integer model", lambda: model([1, 1], [([2, 4], 7, 7)], upper=10, domains=_I), _INFEASIBLE),
    Case("an unbounded LP", lambda: model([-1, -1], [([1, -1], 0, 0)]), _UNBOUNDED),
    Case("an unbounded integer model", lambda: model([-1, -1], [([1, -1], 0, 0)], domains=_I), _UNBOUNDED),
    # y can grow with x for ever, between two rows of one kind
    Case(
        "an unbounded LP with parallel rows",
        lambda: model([0, -1, 0], [([1, -1, 1], -INF, 4), ([1, -1, 1], -2, INF)]),
        _UNBOUNDED,
    ),
    Case(
        "an unbounded integer model with parallel rows",
        lambda: model([0, -1, 0], [([1, -1, 1], -INF, 4), ([1, -1, 1], -2, INF)], domains=[_I, _W, _W]),
        _UNBOUNDED,
    ),
    # x can grow for ever, but no y meets its row: infeasible, not unbounded
    Case(
        "infeasible, and unbounded but for that",
        lambda: model([-1, 0], [([0, 1], 2, INF)], upper=[INF, 1]),
        _INFEASIBLE,
    ),
    Case("no columns", lambda: model([], [([], -1, 1)], constant=3), Expected(objective=3)),
    Case("no columns and a row that excludes 0", lambda: model([], [([], 1, 2)]), _INFEASIBLE),
    Case("neither rows nor columns", lambda: model([]), Expected(objective=0)),
    Case("no rows", lambda: model([2, -1], lower=-1, upper=4), Expected(objective=-6)),
    Case("no rows, unbounded", lambda: model([2, -1], lower=-1), _UNBOUNDED),
    Case("no rows, whole", lambda: model([2, -1], lower=-1, upper=4, domains=_I), Expected(objective=-6)),
    # min x, x + y = -3, y in [1, 2]: x = -5
    Case(
        "a free column",
        lambda: model([1, 0], [([1, 1], -3, -3)], lower=[-INF, 1], upper=[INF, 2]),
        Expected(objective=-5),
    ),
    Case(
        "a fixed column",
        lambda: model([1, 1], [([1, 1], 5, INF)], lower=[3, 0], upper=[3, INF]),
        Expected(objective=5),
    ),
    Case("every column fixed", lambda: model([1, 2], lower=[3, 4], upper=[3, 4]), Expected(objective=11)),
    # -2 <= x - y <= 1, max x + y with y <= 3: y = 3, x = 4
    Case(
        "a range",
        lambda: model([1, 1], [([1, -1], -2, 1)], sense=Sense.MAXIMIZE, upper=[INF, 3]),
        Expected(objective=7),
    ),
    Case("an equality", lambda: model([1, 3], [([1, 1], 4, 4)], upper=[3, INF]), Expected(objective=6)),
    Case("a free row", lambda: model([1], [([1], -INF, INF)], lower=2), Expected(objective=2)),
    Case("an empty row", lambda: model([1], [([0], -1, 1)], lower=2, upper=3), Expected(objective=2)),
    Case("an empty row that excludes 0", lambda: model([1], [([0], 1, 2)], upper=3), _INFEASIBLE),
    # whole x in [0.4, 2.6]: 1 or 2
    Case(
        "whole columns with fractional bounds",
        lambda: model([1, -1], lower=0.4, upper=2.6, domains=_I),
        Expected(objective=-1),
    ),
    Case(
        "whole columns with no whole number between the bounds",
        lambda: model([1, 1], lower=0.4, upper=0.6, domains=_I),
        _INFEASIBLE,
    ),
    Case("duplicate and zero coefficients", _repeated, Expected(objective=2)),
    # min x + y, 1e9 x >= 1e9, 1e-3 y >= 1e-3, and 1e-9 stands beside 1e9 in the objective
    Case(
        "coefficients from 1e-9 to 1e9",
        lambda: model([1e9, 1e-9], [([1e9, 0], 1e9, INF), ([0, 1e-3], 1e-3, INF), ([1e9, 1e-3], 0, INF)]),
        Expected(objective=1e9),
    ),
    # 1e-7 x >= 1 needs x = 1e7: a small coefficient that counts
    Case(
        "a small coefficient that counts",
        lambda: model([1, 0], [([1e-7, 1e-9], 1, INF)], upper=[INF, 1]),
        Expected(objective=1e7, tolerance=1e-5),
    ),
    Case(
        "an objective constant",
        lambda: model([2], [([1], 3, INF)], constant=-100),
        Expected(objective=-94),
    ),
    Case("no objective", lambda: model([0, 0], [([1, 1], 1, 3)], constant=5), Expected(objective=5)),
    Case(
        "maximise with a constant",
        lambda: model([2, 1], [([1, 1], -INF, 3)], sense=Sense.MAXIMIZE, constant=10, upper=10, domains=_I),
        Expected(objective=16),
    ),
    # one more unit of the demand costs 3; a unit of y would cost 5 - 3 too much
    Case(
        "duals of a minimisation",
        lambda: model([3, 5], [([1, 1], 4, INF)]),
        Expected(objective=12, row_duals=(3,), reduced_costs=(0, 2)),
    ),
    # one more unit of the row is worth 2; one more of the bound on x is worth 3 - 2
    Case(
        "duals of a maximisation",
        lambda: model([3, 2], [([1, 1], -INF, 4)], sense=Sense.MAXIMIZE, upper=[3, INF]),
        Expected(objective=11, row_duals=(2,), reduced_costs=(1, 0)),
    ),
    # max 10x + 6y + 4z, x + y + z <= 10, whole, started at (1, 1, 1): x = 10 gives 100
    Case(
        "a start",
        lambda: model([10, 6, 4], [([1, 1, 1], -INF, 10)], sense=Sense.MAXIMIZE, upper=20, domains=_I),
        Expected(objective=100),
        SolveOptions(start=np.ones(3)),
    ),
    Case(
        "a start that is not feasible",
        lambda: model([10, 6, 4], [([1, 1, 1], -INF, 10)], sense=Sense.MAXIMIZE, upper=20, domains=_I),
        Expected(objective=100),
        SolveOptions(start=np.full(3, 20.0)),
    ),
    Case(
        "a time limit on an integer model",
        lambda: market_split(5, 40, 1),
        Expected((Reason.LIMIT,), limit=(Limit.TIME,)),
        SolveOptions(time_limit_s=0.5),
    ),
    Case(
        "no time at all",
        lambda: market_split(5, 40, 1),
        Expected((Reason.LIMIT,), limit=(Limit.TIME,)),
        SolveOptions(time_limit_s=0.0),
    ),
    Case(
        "a node limit",
        lambda: market_split(5, 40, 1),
        Expected((Reason.LIMIT,), limit=(Limit.NODES, Limit.SOLUTIONS)),
        SolveOptions(node_limit=1, time_limit_s=60),
    ),
    # the relaxation is worth 0; any point within 90 per cent will do, and the point is not called optimal
    Case(
        "a gap limit",
        lambda: model(
            [12, 13, 17, 11, 19],
            [([12, 14, 17, 10, 21], 31.5, INF)],
            upper=1,
            domains=_I,
        ),
        Expected((Reason.LIMIT, Reason.OPTIMAL), point=True),
        SolveOptions(mip_gap=0.9),
    ),
    # x in {0} or [2, 4]: meeting 1 by x = 2 costs 2, by y costs 3
    Case(
        "a semi-continuous column",
        lambda: model([1, 3], [([1, 1], 1, INF)], lower=[2, 0], upper=[4, INF], domains=[_S, _W]),
        Expected(objective=2),
    ),
    # x in {0} or {3, 4}: x = 3 costs 3 and y = 1 costs 2
    Case(
        "a semi-integer column",
        lambda: model([1, 2], [([1, 1], 1, INF)], lower=[2.5, 0], upper=[4, 9], domains=[Domain.SEMI_INTEGER, _I]),
        Expected(objective=2),
    ),
    # x in {0} or [-4, -2], y in {0} or [3, 9]: x - 2y <= -5 takes y = 3, and then x + 3 <= 0 takes x = -4
    Case(
        "semi-continuous columns below 0 and above",
        lambda: model(
            [1, 1], [([1, -2], -INF, -5), ([1, 0], -INF, -3)], lower=[-4, 3], upper=[-2, 9], domains=_S, constant=4
        ),
        Expected(objective=3),
    ),
    # no whole number lies in [1.2, 1.8], so x is 0
    Case(
        "a semi-integer column without a whole number in its range",
        lambda: model([-1, 1], [([1, 1], 1, INF)], lower=[1.2, 0], upper=[1.8, 9], domains=[Domain.SEMI_INTEGER, _I]),
        Expected(objective=1),
    ),
    # max x + y, 2x + 2y <= 9, x whole: x = 4, y = 1/2
    Case(
        "a whole and a continuous column of one kind",
        lambda: model([1, 1], [([2, 2], -INF, 9)], sense=Sense.MAXIMIZE, upper=[10, 1], domains=[_I, _W]),
        Expected(objective=4.5),
    ),
    # 0.1 * 3 and 0.1 + 0.2 are no 0.3 to the last bit, and three thirds no 1: x = 2 and y + z + w = 3
    Case(
        "numbers with rounding noise",
        lambda: model(
            [1, 1, 2, 3],
            [([0.1 * 3, 0, 0, 0], 0.6, 0.2 + 0.4), ([0, 1 / 3, 1 / 3, 1 / 3], 1, 1)],
            upper=[5, 2, 2, 2],
            domains=_I,
        ),
        Expected(objective=6),
    ),
    # min (x-1)^2 + (y-2)^2 on x + y <= 2: the projection (0.5, 1.5), distance 0.5
    Case(
        "a convex quadratic objective",
        lambda: model([-2, -4], [([1, 1], -INF, 2)], quadratic=[[2, 0], [0, 2]], constant=5),
        Expected(objective=0.5, tolerance=1e-5),
    ),
    # max 4x - x^2: x = 2
    Case(
        "a concave quadratic objective, maximised",
        lambda: model([4], quadratic=[[-2]], sense=Sense.MAXIMIZE, upper=10),
        Expected(objective=4, tolerance=1e-5),
    ),
    # min x^2 - 3x over whole numbers: -2 at 1 and 2
    Case(
        "a convex quadratic objective over whole numbers",
        lambda: model([-3], quadratic=[[2]], upper=10, domains=_I),
        Expected(objective=-2, tolerance=1e-5),
    ),
    # min xy on [-1, 2]^2: -2
    Case(
        "a quadratic objective that is not convex",
        lambda: model([0, 0], quadratic=[[0, 1], [1, 0]], lower=-1, upper=2),
        Expected(objective=-2, tolerance=1e-5),
    ),
)


def check(backend: Solver, *, cases: Sequence[Case] = CASES, patience_s: float = 1.0) -> Iterator[Finding]:
    """Yield a finding for each case. Raises `BackendUnavailable` where the backend is not installed.

    ``patience_s`` is how long a backend may take to stop; more than the second that is promised only where the
    machine is busy with other things.
    """
    availability = backend.availability()
    if not availability.available:
        raise BackendUnavailable(availability.reason)
    for case in cases:
        yield _found(backend, case.name, lambda case=case: _run(backend, case))  # type: ignore[misc]
    for name, probe in (
        ("the same seed gives the same point", _determinism),
        ("a cancellation stops it within a second", lambda b: _cancellation(b, _hard(b), patience_s)),
        ("a cancellation stops a large model within a second", lambda b: _cancellation(b, _large(b), patience_s)),
        ("a cancellation before the start", _cancelled_before),
        ("progress is reported", _progress),
    ):
        yield _found(backend, name, lambda probe=probe: probe(backend))  # type: ignore[misc]


def _found(backend: Solver, name: str, probe: Callable[[], str | None]) -> Finding:
    """Return the finding: a probe returns None where all is well, or what is wrong."""
    deviation = KNOWN_DEVIATIONS.get((backend.name, name))
    try:
        wrong = probe()
    except Unsupported as error:
        return Finding(name, Verdict.SKIPPED, str(error))
    except Exception as error:  # a backend that raises has failed its case; the suite goes on
        wrong = f"{type(error).__name__}: {error}"
    if wrong is None:
        if deviation is not None:
            return Finding(name, Verdict.FAILED, f"the known deviation no longer occurs: {deviation}")
        return Finding(name, Verdict.PASSED)
    if deviation is not None:
        return Finding(name, Verdict.DEVIATES, deviation)
    return Finding(name, Verdict.FAILED, wrong)


def _run(backend: Solver, case: Case) -> str | None:
    made = case.model()
    if made.n_columns and not _covers(backend, made):
        raise Unsupported("not among its classes")
    raw = backend.solve(made, case.options)
    failed = [a for a in audit(made, held_to(made, raw)) if a.outcome is Outcome.FAILED]
    if failed:
        return f"{failed[0].name}: {failed[0].detail}"
    return _differs(held_to(made, raw), case.expected)


def _covers(backend: Solver, made: Milp) -> bool:
    return model_classes(made) <= backend.classes


def _differs(solution: Solution, expected: Expected) -> str | None:
    termination = solution.termination
    if termination.reason not in expected.reasons:
        return f"ended {termination.reason} ({termination.detail}), not {' or '.join(expected.reasons)}"
    if expected.limit is not None and termination.limit not in expected.limit:
        return f"the limit is {termination.limit}, not {expected.limit[0]}"
    if expected.point is not None and (solution.point is not None) != expected.point:
        return "holds a point" if solution.point is not None else "holds no point"
    if expected.objective is not None:
        if solution.point is None:
            return "holds no point"
        off = abs(solution.point.objective - expected.objective)
        if off > expected.tolerance * max(1.0, abs(expected.objective)):
            return f"the objective is {solution.point.objective!r}, not {expected.objective!r}"
    for name, wanted in (("rows", expected.row_duals), ("columns", expected.reduced_costs)):
        if wanted is None:
            continue
        if solution.duals is None:
            return "gives no duals"
        got = getattr(solution.duals, name)
        if not np.allclose(got, wanted, atol=1e-6):
            return f"the duals of the {name} are {got.tolist()}, not {list(wanted)}"
    return None


def _hard(backend: Solver) -> Milp:
    """Return a model that keeps the backend busy for long."""
    return market_split(5, 40, 1) if ModelClass.MILP in backend.classes else transport(160, 1)


def _large(backend: Solver) -> Milp:
    """Return a model that takes long to load, of whole columns where the backend takes nothing else."""
    made = transport(300, 1)
    if ModelClass.LP in backend.classes:
        return made
    whole = np.full(made.n_columns, _I, dtype=np.int8)
    return replace(made, domains=whole, column_upper=np.full(made.n_columns, 100.0))


def _determinism(backend: Solver) -> str | None:
    made = model(
        [12, 13, 17, 11, 19, 14],
        [([12, 14, 17, 10, 21, 13], 40.5, INF), ([3, 1, 4, 1, 5, 9], -INF, 15)],
        upper=[1] * 6,
        domains=_I if ModelClass.MILP in backend.classes else _W,
    )
    options = SolveOptions(seed=7, threads=1)
    points = [backend.solve(made, options).point for _ in range(3)]
    held = [p.values for p in points if p is not None]
    if len(held) < 3:
        return "holds no point"
    return None if all(np.array_equal(held[0], other) for other in held) else "three runs gave different points"


def _cancellation(backend: Solver, made: Milp, patience_s: float) -> str | None:
    cancellation = Cancellation()
    asked = 0.3

    def ask() -> None:
        time.sleep(asked)
        cancellation.request()

    thread = threading.Thread(target=ask)
    started = time.monotonic()
    thread.start()
    solution = backend.solve(made, SolveOptions(time_limit_s=20 + patience_s), cancellation=cancellation)
    took = time.monotonic() - started
    thread.join()
    if solution.termination.reason is Reason.OPTIMAL:
        return None  # done before it was asked
    if solution.termination.reason is not Reason.CANCELLED:
        return f"ended {solution.termination.reason} ({solution.termination.detail})"
    return None if took < asked + patience_s else f"took {took - asked:.2f} s to stop"


def _cancelled_before(backend: Solver) -> str | None:
    cancellation = Cancellation()
    cancellation.request()
    reason = backend.solve(_hard(backend), SolveOptions(time_limit_s=20), cancellation=cancellation).termination.reason
    return None if reason is Reason.CANCELLED else f"ended {reason}"


def _progress(backend: Solver) -> str | None:
    seen: list[Progress] = []
    solution = backend.solve(_hard(backend), SolveOptions(time_limit_s=1.0), on_progress=seen.append)
    if not seen:
        return "nothing was reported"
    seconds = [p.seconds for p in seen]
    if seconds != sorted(seconds) or seconds[0] < 0:
        return f"the seconds go {seconds[:5]}"
    last = seen[-1]
    if solution.point is not None and (last.incumbent is None or not math.isclose(last.incumbent, solution.objective)):
        return f"the last incumbent is {last.incumbent}, and {solution.objective} is held"
    return None
