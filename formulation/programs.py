"""A Pyomo program of somebody's own to an answer: run in the sandbox, solved and replayed out here."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from formulation.answer import Answer, AnsweredTermination, Check, CheckResult, Status
from formulation.sandbox import (
    Built,
    BuiltNonlinear,
    LimitHit,
    LimitKind,
    Limits,
    Outcome,
    ProgramError,
    Sandbox,
    SandboxUnavailable,
)
from formulation.sandbox.program_data import ProgramData

if TYPE_CHECKING:
    from solvers.milp import Milp
    from solvers.nonlinear import Nonlinear
    from solvers.port import Cancellation

RAN = "program_ran"
"""The check that the program ran and built a model."""


class ProgramsRefused(Exception):
    """Programs are not run here; ``layer`` is what is missing, the message says why. Nobody's program is at fault."""

    def __init__(self, outcome: SandboxUnavailable) -> None:
        super().__init__(str(outcome))
        self.layer = outcome.layer


def answer_program(
    source: str,
    data: ProgramData | None,
    sandbox: Sandbox,
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    solver: str = "auto",
    time_limit_s: float = 60.0,
    cancellation: Cancellation | None = None,
) -> Answer:
    """Return the answer to the model that a program builds; ``formulation`` and ``reader`` are None in it.

    A program that is wrong, or that a limit ended, is an answer too: its status and termination say which, and
    a wrong program's detail begins with its line. Raises `ProgramsRefused` where no program is run here,
    `DataError` for data that no program can be given, and what `solvers.solve` raises for its options.
    """
    started = time.perf_counter()
    outcome = sandbox.run(source, data, limits, cancellation=cancellation.event if cancellation else None)
    ran_s = time.perf_counter() - started
    answer = _answer(outcome, source, solver, time_limit_s, cancellation)
    return replace(answer, timings={"program_s": ran_s, **answer.timings})


async def answer_program_async(
    source: str,
    data: ProgramData | None,
    sandbox: Sandbox,
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    solver: str = "auto",
    time_limit_s: float = 60.0,
) -> Answer:
    """Do what `answer_program` does, in a thread; cancelling the task ends the run and the solve."""
    from solvers.port import Cancellation

    cancellation = Cancellation()
    call = asyncio.to_thread(
        answer_program,
        source,
        data,
        sandbox,
        limits=limits,
        solver=solver,
        time_limit_s=time_limit_s,
        cancellation=cancellation,
    )
    try:
        return await call
    except asyncio.CancelledError:
        cancellation.request()
        raise


def _answer(
    outcome: Outcome, source: str, solver: str, time_limit_s: float, cancellation: Cancellation | None
) -> Answer:
    match outcome:
        case Built(milp=model):
            return _solved(model, source, solver, time_limit_s, cancellation)
        case BuiltNonlinear(nl=model):
            return _solved(model, source, solver, time_limit_s, cancellation)
        case ProgramError():
            return _unsolved(Status.ERROR, "program_error", None, str(outcome), source, CheckResult.FAILED)
        case LimitHit(which=LimitKind.CANCELLED):
            return _unsolved(Status.NO_SOLUTION, "cancelled", None, str(outcome), source, CheckResult.NOT_RUN)
        case LimitHit():
            limit = outcome.which.value
            return _unsolved(Status.NO_SOLUTION, "limit", limit, str(outcome), source, CheckResult.UNKNOWN)
        case SandboxUnavailable():
            raise ProgramsRefused(outcome)
        case _:
            assert_never(outcome)


def _solved(
    model: Milp | Nonlinear, source: str, solver: str, time_limit_s: float, cancellation: Cancellation | None
) -> Answer:
    from formulation.assemble import model_answer
    from solvers import solve
    from solvers.milp import Milp
    from solvers.nonlinear import solve_nonlinear
    from solvers.port import SolveOptions

    options = SolveOptions(time_limit_s=time_limit_s)
    if isinstance(model, Milp):
        solution = solve(model, options, solver=solver, cancellation=cancellation)
        size = f"{model.n_columns} variables, {model.n_rows} constraints"
    else:
        solution = solve_nonlinear(model, options, cancellation=cancellation)
        size = f"{len(model.column_names)} variables, not linear"
    ran = Check(RAN, CheckResult.PASSED, f"the program ran confined and built a model of {size}")
    return model_answer(model, solution, checks=(ran,), pyomo=source)


def _unsolved(status: Status, reason: str, limit: str | None, detail: str, source: str, result: CheckResult) -> Answer:
    return Answer(
        status=status,
        termination=AnsweredTermination(reason, limit, detail),
        pyomo=source,
        checks=(Check(RAN, result, detail),),
        explanation=detail[:1].upper() + detail[1:] + ("" if detail.endswith(".") else "."),
    )
