"""What jobs are worked on with: the sandbox, the solvers, and the chat model where one is configured."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TypeVar

from app.errors import Unavailable
from app.jobs.benchmark import TaskRun, task_of
from app.jobs.running import Run, RunningJob
from app.settings import Settings
from benchmarks.pool import WarmWorkers
from formulation.agents.perform import Consultation
from formulation.answer import AgentUsage, Answer, Status
from formulation.assemble import usage_of
from formulation.chat.configured import library_of
from formulation.chat.session import ChatSession, session_of
from formulation.chat.settings import ChatSettings
from formulation.events import Event, FailureKind, Step, TrustedStep
from formulation.lessons import Library
from formulation.loop import Perform, run
from formulation.perform import Workshop
from formulation.problem import Problem
from formulation.sandbox import Sandbox
from formulation.solve import finished
from formulation.state import ChatPlan, State
from solvers.port import Progress

T = TypeVar("T")


class Workbench:
    """Shared by all jobs of a process. The sandbox is started by whoever owns the workbench."""

    def __init__(self, settings: Settings) -> None:
        self.sandbox = Sandbox(parallel=settings.sandboxes)
        self.workshop = Workshop(self.sandbox)
        self.readers = WarmWorkers()
        self._turns = asyncio.Semaphore(settings.solves)
        self.chat = ChatSettings.from_environment(os.environ)
        self.library: Library | None = None
        if self.chat is not None:
            self.library = library_of(self.chat.lessons)

    def close(self) -> None:
        """End the child processes of everything that was worked on."""
        self.readers.close()
        self.sandbox.close()

    async def in_turn(self, work: Callable[[], T]) -> T:
        """Return what a piece of work on a model returns, made in a thread; so many at once as there are solves."""
        async with self._turns:
            return await asyncio.to_thread(work)

    def begin(self, running: RunningJob) -> Run:
        """Return one run at a job, with a chat session of its own within what the job may cost."""
        if (task := task_of(running.job)) is not None:
            return TaskRun(task, self.readers, self._turns)
        if self.chat is None:
            return WorkbenchRun(self, running, None)
        budget, limit = self.chat.budget, running.job.cost_limit
        if limit is not None:
            budget = replace(budget, cost=limit if budget.cost is None else min(limit, budget.cost))
        return WorkbenchRun(self, running, session_of(replace(self.chat, budget=budget)))


class WorkbenchRun:
    """One run at a job; without a chat session the embedded reader reads."""

    def __init__(self, bench: Workbench, running: RunningJob, session: ChatSession | None) -> None:
        self._bench, self._running, self._session = bench, running, session
        self._loop = asyncio.get_running_loop()
        self._consultation = None if session is None else Consultation(bench.workshop, session, bench.library)
        if session is not None:
            session.on_progress = self._on_reply

    async def perform(self, step: Step) -> Event:
        """Return the event that a step ends with. Cancelling the task ends solvers and child processes."""
        if self._consultation is None or isinstance(step, TrustedStep):
            return await self._bench.workshop(step, self._on_progress)
        return await self._consultation(step)

    def recorded(self, event: Event) -> None:
        """Count what an earlier run of the job spent against its budget."""
        spent = getattr(event, "spent", None)
        if self._session is not None and isinstance(spent, AgentUsage):
            self._session.ledger.carry(spent)

    async def answer(self, problem: Problem, perform: Perform) -> Answer:
        """Return the answer, all steps performed by ``perform``.

        Raises `Unavailable`, naming the setting, where nobody could read the text because the chat model is down,
        or has no budget at all.
        """
        plan = None
        if self._session is not None:
            plan = ChatPlan(self._session.samples, second=self._session.second is not None)
        state, finish = await run(State.beginning(problem, plan), perform)
        down = finish.reason == FailureKind.UNAVAILABLE
        broke = finish.reason == FailureKind.BUDGET and not any(usage.calls for usage in usage_of(state))
        if finish.status is Status.ERROR and (down or broke):
            raise Unavailable(finish.detail)
        return await asyncio.to_thread(finished, state, finish, self._bench.workshop)

    def _on_reply(self, agent: str, received: int) -> None:
        detail = f"{agent}: {received} characters of the reply received"
        self._running.progress({"agent": agent, "received": received, "detail": detail})

    def _on_progress(self, progress: Progress) -> None:
        self._loop.call_soon_threadsafe(self._running.progress, asdict(progress))
