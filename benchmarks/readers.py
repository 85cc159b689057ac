"""The readers that a run can put to the test, by name."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from benchmarks.attempt import Attempt, Reader, ReaderSpec
from benchmarks.chat_readers import BaselineReader, ChatReader, configured_lessons, configured_models
from benchmarks.errors import BenchmarkError
from benchmarks.item import Item


def open_reader(spec: ReaderSpec) -> Reader:
    """Return the reader, not yet entered. Raises `BenchmarkError` for a name or an option that is none."""
    try:
        make = READERS[_MAJORITY.sub("baseline", spec.name)]
    except KeyError:
        raise BenchmarkError(f"no reader is called {spec.name!r}; there are {', '.join(sorted(READERS))}") from None
    try:
        return make(**spec.options)
    except TypeError as error:
        raise BenchmarkError(f"the reader {spec.name!r} does not take these options: {error}") from error


def reader_options(name: str, *, effort: str) -> dict[str, Any]:
    """Return the options under which a reader of that name is opened at that effort; they are part of what a run is.

    Raises `MachineryDown` where a chat model is asked and none is configured.
    """
    majority = _MAJORITY.fullmatch(name)
    if majority is not None:
        return {"samples": int(majority.group(1)), "models": configured_models()}
    match name:
        case "reference":
            return {}
        case "baseline":
            return {"models": configured_models()}
        case "chat":
            return {"effort": effort, "models": configured_models(), "lessons": configured_lessons()}
        case _:
            return {"effort": effort}


_MAJORITY = re.compile(r"baselinex([1-9]\d?)")
"""``baselinex5`` is the majority of five baseline samples."""


_WARM_UP = "A stall sells tea at a profit of $3. At most 5 teas can be sold. Maximize the profit."

_WARM_UP_PROGRAM = """
import pyomo.environ as pyo
model = pyo.ConcreteModel()
model.x = pyo.Var(bounds=(0, 1))
model.goal = pyo.Objective(expr=model.x)
"""


class ServiceReader:
    """The product as a user has it: reading, formulation, program, comparison and solve."""

    def __init__(self, *, effort: str = "medium", program: bool = True, time_limit_s: float = 30.0) -> None:
        self._effort, self._program, self._time_limit_s = effort, program, time_limit_s
        self._sandbox: Any = None
        self._workshop: Any = None

    def __enter__(self) -> Self:
        from formulation.perform import Workshop

        if self._program:
            from formulation.sandbox import Sandbox

            self._sandbox = Sandbox().__enter__()
        self._workshop = self._open_workshop(Workshop)
        # What is loaded with the first problem is nobody's latency.
        self.attempt(Item("warming up", "", _WARM_UP), seed=0)
        if self._sandbox is not None:
            self._sandbox.run(_WARM_UP_PROGRAM)
        return self

    def _open_workshop(self, workshop: Any) -> Any:
        return workshop(self._sandbox)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sandbox is not None:
            self._sandbox.__exit__(kind, error, trace)

    def attempt(self, item: Item, *, seed: int) -> Attempt:
        """Return the answer of the whole loop to the item."""
        from formulation.problem import Effort, Options, Problem
        from formulation.solve import solve_problem

        options = Options(effort=Effort(self._effort), seed=seed, time_limit_s=self._time_limit_s)
        problem = Problem(item.text, tables=item.tables, options=options)
        answer = asyncio.run(solve_problem(problem, self._workshop))
        return attempt_of(answer, item)


def attempt_of(answer: Any, item: Item) -> Attempt:
    """Return what is judged of an answer of the service."""
    model, nonlinear, failure, detail = None, False, "", answer.termination.detail
    names: dict[str, str] = {}
    status = answer.status.value
    if answer.formulation is not None and answer.formulation.objective is not None and status not in _UNANSWERED:
        from formulation.compile import CompileError, compile_formulation
        from solvers.milp import Milp

        try:
            compiled = compile_formulation(answer.formulation, item.tables)
            model = compiled if isinstance(compiled, Milp) else None
            nonlinear = model is None
        except CompileError as error:
            failure, detail = "does_not_compile", str(error)
        names = {variable.name: variable.label or variable.name for variable in answer.formulation.variables}
    if status in _UNANSWERED:
        reasons = [question.text for question in answer.questions] + [unread.reason for unread in answer.unread]
        detail = "; ".join(reasons) or detail
    return Attempt(
        status=status,
        value=answer.objective.value if answer.objective is not None else None,
        model=model,
        names=names,
        nonlinear=nonlinear,
        confident=answer.confident,
        confidence=answer.confidence,
        checks={check.name: check.result.value for check in answer.checks},
        timings=dict(answer.timings),
        failure=failure,
        detail=detail,
    )


_UNANSWERED = frozenset({"not_understood", "needs_answers", "error"})


class ReferenceReader:
    """Answers each item with its own label: what the harness makes of a perfect reader, and which labels it doubts.

    ``delay_s`` is how long it pretends to think. Nothing of the product but the solver takes part.
    """

    def __init__(self, *, delay_s: float = 0.0, abstain: bool = False) -> None:
        self._delay_s, self._abstain = delay_s, abstain

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def attempt(self, item: Item, *, seed: int) -> Attempt:
        """Return the label as if it had been read."""
        from benchmarks.scorers.reference import reference_models
        from solvers import solve
        from solvers.port import SolveOptions
        from solvers.result import Reason

        if self._delay_s:
            time.sleep(self._delay_s)
        if self._abstain:
            return Attempt(status="not_understood", detail="told to abstain")
        if item.statuses:
            return Attempt(status=sorted(item.statuses)[0])
        if item.gold is None:
            return Attempt(status="optimal", value=item.value, confident=True, confidence=1.0)
        model = reference_models(item.gold)[0]
        solution = solve(model, SolveOptions(time_limit_s=30.0, seed=seed))
        reason = solution.termination.reason
        status = reason.value if reason in (Reason.OPTIMAL, Reason.INFEASIBLE, Reason.UNBOUNDED) else "no_solution"
        value = solution.point.objective if solution.point is not None else None
        return Attempt(status=status, value=value, model=model, confident=True, confidence=1.0)


READERS: Mapping[str, Callable[..., Reader]] = {
    "embedded": ServiceReader,
    "chat": ChatReader,
    "baseline": BaselineReader,
    "reference": ReferenceReader,
}
