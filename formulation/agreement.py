"""How an independent program stands to the formulation: by equivalence, then by what both find optimal."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from formulation.data import Table
from formulation.events import Agreement, CompareProgram, ProgramCompared
from formulation.formulation import Formulation
from formulation.language import gettext, ngettext
from formulation.sandbox.outcome import Built, BuiltNonlinear, LimitHit, Outcome, ProgramError, SandboxUnavailable
from solvers.milp import Milp
from solvers.nonlinear import Nonlinear

if TYPE_CHECKING:
    from formulation.sandbox import Sandbox

OPTIMUM_TOLERANCE = 1e-6
"""Two optimal values are the same within this, relative to the larger of them and 1."""

SOLVE_LIMIT_S = 20.0
COMPARE_BUDGET_S = 10.0
MAX_DETAIL = 4000

Compile = Callable[[Formulation, tuple[Table, ...]], Milp | Nonlinear]


@dataclass(frozen=True, slots=True)
class Optimum:
    """What solving a model says: its termination, and the optimal value where one was proved."""

    termination: str
    value: float | None

    def same_as(self, other: Optimum) -> bool | None:
        """Return whether two models end alike; None where one of them was not solved to its end."""
        settled = ("optimal", "infeasible", "unbounded", "infeasible_or_unbounded")
        if self.termination not in settled or other.termination not in settled:
            return None
        if self.value is None or other.value is None:
            return self.value is None and other.value is None
        return math.isclose(self.value, other.value, rel_tol=OPTIMUM_TOLERANCE, abs_tol=OPTIMUM_TOLERANCE)

    def __str__(self) -> str:
        said = {
            "optimal": gettext("optimal"),
            "infeasible": gettext("infeasible"),
            "unbounded": gettext("unbounded"),
            "infeasible_or_unbounded": gettext("infeasible or unbounded"),
        }.get(self.termination, self.termination)
        if self.value is None:
            return said
        return gettext("{ending} at {value}").format(ending=said, value=f"{self.value:.10g}")


def text_data(formulation: Formulation, tables: tuple[Table, ...]) -> dict[str, object]:
    """Return the data that a program cannot take from the text: what data tables bind."""
    from formulation.program_data import program_data

    bound = {element.name for element in formulation.sets if element.source is not None}
    bound |= {element.name for element in formulation.parameters if element.source is not None}
    if not bound:
        return {}
    return {name: value for name, value in program_data(formulation, tables).items() if name in bound}


def compare_program(step: CompareProgram, compile_: Compile, sandbox: Sandbox | None) -> ProgramCompared:
    """Return how the program's model stands to the formulation's. The program's own numbers come from itself.

    Variables are matched by name; agreement demands objective factor 1 and constant 0. What equivalence leaves
    open is looked at through the two optimal values, and stays undecided.
    """
    started = time.perf_counter()

    def ended(
        agreement: Agreement,
        detail: str,
        *,
        same: bool | None = None,
        optima: tuple[float, float] | None = None,
        proof: str = "",
    ) -> ProgramCompared:
        return ProgramCompared(agreement, detail[:MAX_DETAIL], same, optima, time.perf_counter() - started, proof)

    if sandbox is None:
        return ended(Agreement.NOT_RUN, gettext("no sandbox is configured, so no program was run"))
    model = compile_(step.formulation, step.tables)
    outcome = sandbox.run(step.source, text_data(step.formulation, step.tables))
    failed = failure_of(outcome)
    if failed is not None:
        line = outcome.line if isinstance(outcome, ProgramError) else None
        lines = step.source.splitlines()
        where = f"\nline {line} is: {lines[line - 1].strip()}" if line is not None and 0 < line <= len(lines) else ""
        return ended(failed[0], failed[1] + where)
    built = outcome.milp if isinstance(outcome, Built) else outcome.nl if isinstance(outcome, BuiltNonlinear) else None
    if built is None:
        return ended(Agreement.NOT_RUN, str(outcome))
    proof = ""
    if isinstance(model, Milp) and isinstance(built, Milp):
        agreement, detail, *proofs = _linear(model, built)
        proof = "".join(proofs)
    else:
        from formulation.sampling import sampled_agreement

        agreement, detail = sampled_agreement(model, built)
    if agreement is Agreement.AGREES:
        return ended(agreement, detail, proof=proof)
    first, second = optimum(model), optimum(built)
    same = first.same_as(second)
    both = None if first.value is None or second.value is None else (first.value, second.value)
    solved = gettext("Solved, the formulation is {first}; the program is {second}.").format(first=first, second=second)
    detail = f"{detail}\n{solved}"
    return ended(agreement, detail, same=same, optima=both)


def failure_of(outcome: Outcome) -> tuple[Agreement, str] | None:
    """Return what a run without a model means; None where it built one."""
    match outcome:
        case Built() | BuiltNonlinear():
            return None
        case ProgramError() | LimitHit():
            return Agreement.PROGRAM_FAILS, str(outcome)
        case SandboxUnavailable():
            return Agreement.NOT_RUN, str(outcome)
        case _:
            assert_never(outcome)


def _linear(model: Milp, built: Milp) -> tuple[Agreement, str] | tuple[Agreement, str, str]:
    from equivalence.compare import compare
    from equivalence.explain import difference_in_words
    from equivalence.proof_json import certificate_text
    from equivalence.verdict import Different, Equivalent, Unknown

    names, others = set(model.column_names), set(built.column_names)
    missing, extra = sorted(names - others), sorted(others - names)
    if missing and extra:
        return (
            Agreement.UNDECIDED,
            gettext("the variables differ: only the formulation has {missing}; only the program {extra}").format(
                missing=_some(missing), extra=_some(extra)
            ),
        )
    verdict = compare(model, built, level="L1", mapping="names", exact_objective=True, budget_s=COMPARE_BUDGET_S)
    match verdict:
        case Equivalent():
            if verdict.same_objective:
                said = gettext("an independently written program builds the same model ({relation})")
                detail = said.format(relation=verdict.relation)
                return Agreement.AGREES, detail, certificate_text(verdict.certificate)
            said = gettext("the models are the same only up to a change of units or of the objective")
            return Agreement.UNDECIDED, said
        case Different():
            return Agreement.DIFFERS, difference_in_words(
                model, built, verdict, name_a="the formulation", name_b="the program"
            )
        case Unknown():
            return (
                Agreement.UNDECIDED,
                gettext("whether the models are the same is undecided: {reason}").format(
                    reason=f"{verdict.reason}: {verdict.detail}"
                ),
            )
        case _:
            assert_never(verdict)


def optimum(model: Milp | Nonlinear, time_limit_s: float = SOLVE_LIMIT_S) -> Optimum:
    """Return what solving the model within the time limit says."""
    from solvers import solve
    from solvers.errors import SolversError
    from solvers.port import SolveOptions

    try:
        options = SolveOptions(time_limit_s=time_limit_s)
        if isinstance(model, Milp):
            solution = solve(model, options)
        else:
            from solvers.nonlinear import solve_nonlinear

            solution = solve_nonlinear(model, options)
    except SolversError as error:
        return Optimum(f"not solved ({error})", None)
    reason = solution.termination.reason.value
    return Optimum(reason, solution.point.objective if solution.point is not None and reason == "optimal" else None)


def _some(names: list[str]) -> str:
    listed, more = ", ".join(names[:5]), len(names) - 5
    said = ngettext("{listed} and {count} more", "{listed} and {count} more", max(more, 1))
    return said.format(listed=listed, count=more) if more > 0 else listed


def with_values(formulation: Formulation, values: dict[str, object]) -> Formulation:
    """Return the formulation with other values for some of its parameters."""
    parameters = tuple(
        replace(p, value=values[p.name]) if p.name in values else p  # type: ignore[arg-type]
        for p in formulation.parameters
    )
    return replace(formulation, parameters=parameters)
