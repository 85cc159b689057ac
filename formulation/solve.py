"""A problem in words to an answer: the loop, from the first reading to the explanation."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from formulation.answer import Answer
from formulation.assemble import answer_of
from formulation.compile import CompileError
from formulation.events import CompileFailed, Finish
from formulation.loop import Observe, Perform, run
from formulation.perform import Workshop
from formulation.problem import Problem
from formulation.state import ChatPlan, State
from solvers.milp import Milp
from solvers.nonlinear import Nonlinear

if TYPE_CHECKING:
    from formulation.chat.session import ChatSession
    from formulation.lessons import Library


async def solve_problem(
    problem: Problem,
    workshop: Workshop,
    observe: Observe | None = None,
    *,
    chat: ChatSession | None = None,
    library: Library | None = None,
) -> Answer:
    """Return the answer to a problem. What the machinery raises passes through; a hard problem is an answer.

    With ``chat`` the agents take part as the problem's effort says; ``library`` lends them its lessons.
    """
    if chat is None:
        return await solve_by(problem, workshop, workshop, observe=observe)
    from formulation.agents.perform import Consultation

    plan = ChatPlan(chat.samples, second=chat.second is not None)
    return await solve_by(problem, Consultation(workshop, chat, library), workshop, plan, observe)


async def solve_by(
    problem: Problem,
    perform: Perform,
    workshop: Workshop,
    plan: ChatPlan | None = None,
    observe: Observe | None = None,
) -> Answer:
    """Return the answer to a problem whose steps ``perform`` performs; ``plan`` says what a chat model may do."""
    state, finish = await run(State.beginning(problem, plan), perform, observe)
    return finished(state, finish, workshop)


def finished(state: State, finish: Finish, workshop: Workshop) -> Answer:
    """Return the answer of a finished run, its model compiled again where it is not at hand."""
    model: Milp | Nonlinear | None = None
    if state.compiled is not None and not isinstance(state.compiled, CompileFailed):
        with contextlib.suppress(CompileError):
            model = workshop.model(state.compiled.formulation, state.problem.tables)
    return answer_of(state, finish, model)


def solve_text(text: str, workshop: Workshop) -> Answer:
    """Return the answer to a text, from a thread without an event loop."""
    return asyncio.run(solve_problem(Problem(text), workshop))
