"""Performs the steps that a chat model takes part in; every other step goes to the workshop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from formulation.agents import analyst, coder, debugger, formulator, reviewer
from formulation.agents.elements import ElementError
from formulation.agents.mend import mended
from formulation.agreement import compare_program
from formulation.answer import AgentUsage
from formulation.chat.errors import BudgetSpent, ChatError, ChatUnavailable, MalformedReply
from formulation.chat.session import ChatSession
from formulation.events import (
    AgentFailed,
    AnalyseText,
    ClusterSamples,
    CompareProgram,
    CompareRendering,
    Event,
    FailureKind,
    FaultKind,
    FormulateText,
    MendModels,
    ModelReviewed,
    ModelsMended,
    PerturbData,
    ProgramWritten,
    ReviewModel,
    Sample,
    Step,
    TextAnalysed,
    TextFormulated,
    WriteProgram,
)
from formulation.perturb import perturb
from formulation.vote import cluster

if TYPE_CHECKING:
    from formulation.lessons import Library
    from formulation.perform import Workshop

Result = TypeVar("Result", bound=Event)


class Consultation:
    """A workshop with a chat model beside it: one for each run, since a session's budget is a run's.

    ``library`` holds the lessons that the formulator is shown; None shows none. The coder sees none: what both are
    told, both can get wrong.
    """

    def __init__(self, workshop: Workshop, session: ChatSession, library: Library | None = None) -> None:
        self.workshop = workshop
        self.session = session
        self.library = library

    async def __call__(self, step: Step) -> Event:
        """Return the event that a step ends with. What an agent fails at is an event, never raised."""
        match step:
            case AnalyseText():
                return await self._spending(analyst.AGENT, lambda: self._analyse(step))
            case FormulateText():
                return await self._spending(formulator.AGENT, lambda: self._formulate(step))
            case WriteProgram():
                return await self._spending(coder.AGENT, lambda: self._write(step))
            case MendModels():
                return await self._spending(debugger.AGENT, lambda: self._mend(step))
            case ReviewModel():
                return await self._spending(reviewer.AGENT, lambda: self._review(step))
            case ClusterSamples():
                return await asyncio.to_thread(cluster, step, self.workshop.model)
            case CompareProgram():
                return await asyncio.to_thread(compare_program, step, self.workshop.model, self.workshop.sandbox)
            case PerturbData():
                return await asyncio.to_thread(perturb, step, self.workshop.model, self.workshop.sandbox)
            case _:
                return await self.workshop(step)

    async def _spending(
        self, agent: str, act: Callable[[], Awaitable[Callable[[AgentUsage], Result]]]
    ) -> Result | AgentFailed:
        """Return what an agent did with what it spent, or how it failed."""
        account = self.session.ledger.accounts[agent]
        started = time.perf_counter()

        def spent() -> AgentUsage:
            now = self.session.ledger.accounts[agent]
            return AgentUsage(
                agent,
                now.calls - account.calls,
                now.usage.prompt_tokens - account.usage.prompt_tokens,
                now.usage.reply_tokens - account.usage.reply_tokens,
                now.cost - account.cost,
                time.perf_counter() - started,
            )

        try:
            event = await act()
            return event(spent())
        except ChatError as error:
            return failed(agent, error, spent())

    async def _analyse(self, step: AnalyseText) -> Callable[[AgentUsage], TextAnalysed]:
        messages = analyst.messages(step.text, step.tables, answers=step.answers)
        reply = (await self.session.ask(analyst.AGENT, messages, analyst.AnalystReply)).reply
        questions = tuple(question.question() for question in reply.missing)
        return lambda spent: TextAnalysed(reply.notes(), reply.problem_class, questions, spent)

    async def _formulate(self, step: FormulateText) -> Callable[[AgentUsage], TextFormulated]:
        messages = formulator.messages(
            step.text,
            step.tables,
            answers=step.answers,
            previous=step.previous,
            analysis=step.analysis,
            lessons=self._lessons(step.text, step.problem_class),
        )

        async def sample(seed: int, *, second: bool) -> Sample:
            taken: list[formulator.Formulated] = []

            def accept(reply: formulator.FormulatorReply) -> None:
                try:
                    taken.append(formulator.formulated(reply, step.text))
                except ElementError as error:
                    raise MalformedReply(f"an element cannot be taken: {error}") from None

            asked = await self.session.ask(
                formulator.AGENT, messages, formulator.FormulatorReply, seed=seed, second=second, accept=accept
            )
            made = taken[-1]
            return Sample(made.formulation, made.questions, made.lost_quotes, asked.model)

        jobs = [sample(seed, second=False) for seed in step.seeds]
        if step.second:
            jobs.append(sample(step.seeds[0], second=True))
        outcomes = await asyncio.gather(*jobs, return_exceptions=True)
        samples = tuple(outcome for outcome in outcomes if isinstance(outcome, Sample))
        errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        for error in errors:
            if not samples or not isinstance(error, ChatError):
                raise error
        return lambda spent: TextFormulated(samples, tuple(str(error) for error in errors), spent)

    async def _write(self, step: WriteProgram) -> Callable[[AgentUsage], ProgramWritten]:
        if self.workshop.sandbox is not None:
            self.workshop.begin(CompareRendering(step.formulation, step.tables, step.text))
        messages = coder.messages(
            step.text,
            step.formulation,
            step.tables,
            answers=step.answers,
        )
        asked = await self.session.ask(coder.AGENT, messages, coder.CoderReply, seed=step.seed)
        return lambda spent: ProgramWritten(coder.program(asked.reply), spent)

    async def _mend(self, step: MendModels) -> Callable[[AgentUsage], ModelsMended]:
        fault = debugger.Fault(step.kind.value, step.fault)
        shown = step.source if step.kind is not FaultKind.FORMULATION_FAILS else ""
        messages = debugger.messages(step.text, step.formulation, shown, fault, step.tables)
        asked = await self.session.ask(debugger.AGENT, messages, debugger.DebuggerReply, seed=step.seed)
        return await asyncio.to_thread(mended, step, asked.reply, self.workshop)

    async def _review(self, step: ReviewModel) -> Callable[[AgentUsage], ModelReviewed]:
        blind = reviewer.blind_messages(step.formulation)
        reading = (await self.session.ask(reviewer.AGENT, blind, reviewer.ReadingBack)).reply
        asked = await self.session.ask(
            reviewer.AGENT, reviewer.ruling_messages(step.text, reading), reviewer.ReviewerReply
        )
        lines = reviewer.sentences(step.text)
        rulings = tuple((ruling.name, ruling.ruling, ruling.reason) for ruling in asked.reply.rulings)
        uncovered = tuple(lines[n - 1] for n in asked.reply.uncovered if 0 < n <= len(lines))
        return lambda spent: ModelReviewed(rulings, uncovered, spent)

    def _lessons(self, text: str, problem_class: str) -> str:
        return "" if self.library is None else self.library.advice(text, problem_class)


def failed(agent: str, error: ChatError, spent: AgentUsage) -> AgentFailed:
    """Return the event for what an agent ran into; who acts next differs by kind."""
    match error:
        case BudgetSpent():
            setting = f"MILPWRIGHT_CHAT_BUDGET_{error.limit.upper()}"
            return AgentFailed(agent, FailureKind.BUDGET, str(error), spent, setting)
        case ChatUnavailable():
            return AgentFailed(agent, FailureKind.UNAVAILABLE, str(error), spent, error.setting)
        case _:
            return AgentFailed(agent, FailureKind.REPLY, f"the chat model gave no usable reply: {error}", spent)
