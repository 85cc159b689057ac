"""Performs the steps of a run in this process."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from formulation.answer import CheckResult
from formulation.events import (
    CompareRendering,
    CompileFailed,
    CompileModel,
    Event,
    ModelCompiled,
    ModelSolved,
    ReadText,
    RenderingCompared,
    SolveFailed,
    SolveModel,
    Step,
    TextRead,
    TrustedStep,
)
from formulation.language import gettext

if TYPE_CHECKING:
    from formulation.data import Table
    from formulation.formulation import Formulation
    from formulation.sandbox import Sandbox
    from solvers.milp import Milp
    from solvers.nonlinear import Nonlinear
    from solvers.port import Progress


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """A step started ahead of its turn, and what cancels it."""

    step: CompareRendering
    future: asyncio.Future[Event]
    cancellation: threading.Event

    def is_for(self, step: Step) -> bool:
        """Whether ``step`` asks for the same thing, in the event loop that began it."""
        return (
            isinstance(step, CompareRendering)
            and step.formulation is self.step.formulation
            and step.tables is self.step.tables
            and step.text == self.step.text
            and self.future.get_loop() is asyncio.get_running_loop()
        )


def _seen(future: asyncio.Future[Event]) -> None:
    """Look at how a step ended that nobody may ask for, so that asyncio does not complain of it."""
    if not future.cancelled():
        future.exception()


class Workshop:
    """What the steps need: a sandbox, and the models compiled a moment ago.

    A workshop serves any number of runs at once; each step is performed in a thread of its own. Without a
    sandbox no program is run, and the checks that need one say so.
    """

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self.sandbox = sandbox
        self._recent: list[tuple[Formulation, tuple[Table, ...], Milp | Nonlinear]] = []
        self._begun: list[Begun] = []

    def begin(self, step: CompareRendering) -> None:
        """Start a step that the run will most likely ask for, so that it is done while a chat model writes."""
        cancellation = threading.Event()
        speaking = contextvars.copy_context()
        future = asyncio.get_running_loop().run_in_executor(None, speaking.run, self.perform, step, cancellation)
        future.add_done_callback(_seen)
        self._begun = [Begun(step, future, cancellation), *self._begun[:7]]

    async def __call__(self, step: Step, on_progress: Callable[[Progress], None] | None = None) -> Event:
        """Return the event that a step ends with. Faults of the machinery are raised.

        Cancelling the task stops the solver or the program; ``on_progress`` is called in another thread. A step
        for a chat model needs a `formulation.agents.perform.Consultation`; here it is a `TypeError`.
        """
        if not isinstance(step, TrustedStep):
            raise TypeError(f"{type(step).__name__} needs a chat model, and none is configured")
        begun = next((one for one in self._begun if one.is_for(step)), None)
        cancellation = begun.cancellation if begun is not None else threading.Event()
        try:
            if begun is None:
                return await asyncio.to_thread(self.perform, step, cancellation, on_progress)
            self._begun.remove(begun)
            return await begun.future
        except asyncio.CancelledError:
            cancellation.set()
            raise

    def perform(
        self,
        step: TrustedStep,
        cancellation: threading.Event | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Event:
        """Return the event that a step ends with, in the calling thread."""
        started = time.perf_counter()
        cancellation = cancellation or threading.Event()
        match step:
            case ReadText():
                return self._read(step, started)
            case CompileModel():
                return self._compile(step, started)
            case CompareRendering():
                return self._compare(step, started, cancellation)
            case SolveModel():
                return self._solve(step, started, cancellation, on_progress)
            case _:
                assert_never(step)

    def model(self, formulation: Formulation, tables: tuple[Table, ...]) -> Milp | Nonlinear:
        """Return the model of a formulation, the one of a moment ago where it is the same.

        Raises `formulation.compile.CompileError`.
        """
        from formulation.compile import compile_formulation

        for known, known_tables, kept in self._recent:
            if known is formulation and known_tables is tables:
                return kept
        model: Milp | Nonlinear = compile_formulation(formulation, tables)
        self._recent = [(formulation, tables, model), *self._recent[:7]]
        return model

    def _read(self, step: ReadText, started: float) -> TextRead:
        from formulation.embedded import read

        reading = read(step.text, step.answers)
        return TextRead(reading, time.perf_counter() - started)

    def _compile(self, step: CompileModel, started: float) -> ModelCompiled | CompileFailed:
        from formulation.compile import CompileError
        from formulation.lint import lint
        from solvers.milp import Milp

        try:
            model = self.model(step.formulation, step.tables)
        except CompileError as error:
            findings = tuple(lint(step.formulation, step.text, step.tables))
            took = time.perf_counter() - started
            return CompileFailed(step.formulation, error.element, error.reason, findings, took)
        findings = tuple(lint(step.formulation, step.text, step.tables, model=model))
        rows, columns, nonzeros = (
            (model.n_rows, model.n_columns, model.nonzeros) if isinstance(model, Milp) else (0, 0, 0)
        )
        took = time.perf_counter() - started
        return ModelCompiled(step.formulation, rows, columns, nonzeros, isinstance(model, Milp), findings, took)

    def _compare(self, step: CompareRendering, started: float, cancellation: threading.Event) -> RenderingCompared:
        from formulation.render.pyomo import render

        source = render(step.formulation, text=step.text, tables=step.tables)
        result, detail, *proof = self._verdict(step, source, cancellation)
        return RenderingCompared(source, result, detail, time.perf_counter() - started, *proof)

    def _verdict(
        self, step: CompareRendering, source: str, cancellation: threading.Event
    ) -> tuple[CheckResult, str] | tuple[CheckResult, str, str]:
        from equivalence.compare import compare
        from equivalence.explain import difference_in_words
        from equivalence.proof_json import certificate_text
        from equivalence.verdict import Different, Equivalent, Unknown
        from formulation.program_data import program_data
        from formulation.sampling import sampled_agreement
        from formulation.sandbox import Built, BuiltNonlinear, LimitHit, ProgramError, SandboxUnavailable
        from solvers.milp import Milp

        if self.sandbox is None:
            return CheckResult.NOT_RUN, gettext("no sandbox is configured, so no program was run")
        outcome = self.sandbox.run(source, program_data(step.formulation, step.tables), cancellation=cancellation)
        match outcome:
            case Built(milp=built):
                compiled = self.model(step.formulation, step.tables)
                if not isinstance(compiled, Milp):
                    return CheckResult.UNKNOWN, sampled_agreement(compiled, built)[1]
                verdict = compare(compiled, built, mapping="names", exact_objective=True)
                match verdict:
                    case Equivalent():
                        said = gettext("the program ran and builds the compiled model ({relation})")
                        detail = said.format(relation=verdict.relation)
                        return CheckResult.PASSED, detail, certificate_text(verdict.certificate)
                    case Different():
                        return CheckResult.FAILED, difference_in_words(compiled, built, verdict)
                    case Unknown():
                        return CheckResult.UNKNOWN, gettext("undecided: {reason}").format(reason=verdict.reason)
                    case _:
                        assert_never(verdict)
            case BuiltNonlinear(nl=built):
                compiled = self.model(step.formulation, step.tables)
                return CheckResult.UNKNOWN, sampled_agreement(compiled, built)[1]
            case ProgramError():
                return CheckResult.FAILED, str(outcome)
            case LimitHit():
                return CheckResult.UNKNOWN, str(outcome)
            case SandboxUnavailable():
                return CheckResult.NOT_RUN, str(outcome)
            case _:
                assert_never(outcome)

    def _solve(
        self,
        step: SolveModel,
        started: float,
        cancellation: threading.Event,
        on_progress: Callable[[Progress], None] | None,
    ) -> ModelSolved | SolveFailed:
        from solvers import solve
        from solvers.errors import BackendUnavailable, FormatError, SolverFault, Unsupported
        from solvers.milp import Milp
        from solvers.nonlinear import solve_nonlinear
        from solvers.port import Cancellation, SolveOptions

        model = self.model(step.formulation, step.tables)
        options = SolveOptions(time_limit_s=step.time_limit_s, seed=step.seed)
        stop = Cancellation(cancellation)
        try:
            if isinstance(model, Milp):
                solution = solve(model, options, solver=step.solver, on_progress=on_progress, cancellation=stop)
            else:
                solution = solve_nonlinear(model, options, on_progress=on_progress, cancellation=stop)
        except (BackendUnavailable, FormatError, SolverFault, Unsupported) as error:
            return SolveFailed(str(error), time.perf_counter() - started)
        return ModelSolved(solution, time.perf_counter() - started)
