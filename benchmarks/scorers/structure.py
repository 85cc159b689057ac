"""The answer's model against the reference model, by colour refinement and by the whole ladder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from benchmarks.record import Structure
from benchmarks.scorers.value import CLOSE, value_within

if TYPE_CHECKING:
    from equivalence.verdict import Verdict
    from solvers.milp import Milp

BUDGET_S = 10.0
"""The time that one comparison may take before it is unknown."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The two verdicts, and what differs in words."""

    ladder: Structure
    refinement: Structure
    detail: str


def compare_structure(model: Milp, references: Sequence[Milp], *, integrality: bool) -> Compared:
    """Return whether the model is any of the references: by colour refinement alone (WL), and by the ladder at L1.

    Names play no part. The objective must be the same function, not a multiple of it, and the unit of a variable
    must not change: a scaled variable is another model. Without ``integrality`` all columns are taken as continuous.
    What the ladder leaves open is different where the optima are proved to differ. The verdict is different only
    where it is so against every reference; WL alone says unknown where it cannot tell.
    """
    from equivalence import compare
    from equivalence.verdict import Equivalent

    answer = model if integrality else model.relaxed()
    wl, ladder = Structure.DIFFERENT, Structure.DIFFERENT
    detail = ""
    for reference in references:
        target = reference if integrality else reference.relaxed()
        wl = _better(wl, _structure(compare(target, answer, level="L0", mapping="auto", method="wl")))
        verdict = compare(target, answer, level="L1", mapping="auto", budget_s=BUDGET_S, exact_objective=True)
        found = _structure(verdict)
        if isinstance(verdict, Equivalent) and verdict.objective_factor == 1 and verdict.objective_constant == 0:
            return Compared(found, wl, "")
        if isinstance(verdict, Equivalent):
            found = Structure.DIFFERENT
            factor, constant = float(verdict.objective_factor), float(verdict.objective_constant)
            detail = detail or f"the objective is {factor:.6g} times the reference's plus {constant:.6g}"
        if found is Structure.UNKNOWN and (difference := _optima_differ(target, answer)):
            found, detail = Structure.DIFFERENT, detail or difference
        if not detail:
            detail = _in_words(target, answer, verdict)
        ladder = _better(ladder, found)
    return Compared(ladder, wl, detail)


def no_optimum(reference: Milp) -> str:
    """Return in words why the linear relaxation of a reference model has no optimum, "" where it has one."""
    from solvers import solve
    from solvers.port import SolveOptions
    from solvers.result import Reason

    reason = solve(reference.relaxed(), SolveOptions(time_limit_s=BUDGET_S)).termination.reason
    known = reason in (Reason.INFEASIBLE, Reason.UNBOUNDED, Reason.INFEASIBLE_OR_UNBOUNDED)
    return f"the reference model is {reason.value}" if known else ""


def _in_words(target: Milp, answer: Milp, verdict: Verdict) -> str:
    from equivalence.explain import difference_in_words
    from equivalence.verdict import Different, Unknown

    match verdict:
        case Different():
            return difference_in_words(target, answer, verdict)
        case Unknown():
            return f"undecided: {verdict.reason.value} {verdict.detail}".rstrip()
        case _:
            return ""


def _optima_differ(target: Milp, answer: Milp) -> str:
    """Return in words how the two proved ends of a solve differ, "" where they agree or one has none."""
    from solvers import solve
    from solvers.port import SolveOptions
    from solvers.result import Reason

    ends = []
    for name, model in (("reference", target), ("answer", answer)):
        solution = solve(model, SolveOptions(time_limit_s=BUDGET_S, mip_gap=0.0))
        if solution.termination.reason not in (Reason.OPTIMAL, Reason.INFEASIBLE, Reason.UNBOUNDED):
            return ""
        optimal = solution.termination.reason is Reason.OPTIMAL
        ends.append((name, solution.termination.reason.value, solution.objective if optimal else None))
    (_, reason_a, value_a), (_, reason_b, value_b) = ends
    if reason_a != reason_b:
        return f"the reference is {reason_a}, the answer {reason_b}"
    if value_a is not None and value_b is not None and not value_within(value_b, value_a, CLOSE):
        return f"the optimum of the reference is {value_a:.10g}, of the answer {value_b:.10g}"
    return ""


_RANK = {Structure.NONE: 0, Structure.DIFFERENT: 1, Structure.UNKNOWN: 2, Structure.EQUIVALENT: 3}


def _better(a: Structure, b: Structure) -> Structure:
    return max(a, b, key=_RANK.__getitem__)


def _structure(verdict: Verdict) -> Structure:
    from equivalence.verdict import Different, Equivalent, Unknown

    match verdict:
        case Equivalent():
            return Structure.EQUIVALENT
        case Different():
            return Structure.DIFFERENT
        case Unknown():
            return Structure.UNKNOWN
        case _:
            assert_never(verdict)
