"""The loop: ask the policy, perform, take the event in; until there is nothing more to do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from formulation.events import Event, Finish, Step
from formulation.language import speaking
from formulation.language.detect import language_of_problem
from formulation.policy import next_step
from formulation.state import State

Perform = Callable[[Step], Awaitable[Event]]
Observe = Callable[[Event], None]


async def run(state: State, perform: Perform, observe: Observe | None = None) -> tuple[State, Finish]:
    """Return the state in which the policy finds nothing more to do, and what it holds then.

    ``perform`` turns a step into the event it ends with: directly in the library, checkpointed in the
    service. What it raises passes through. ``observe`` is shown each event as it happens. What the steps say is in
    the language of the problem.
    """
    with speaking(await asyncio.to_thread(language_of_problem, state.problem)):
        while True:
            step = next_step(state)
            if isinstance(step, Finish):
                return state, step
            event = await perform(step)
            state = state.after(event)
            if observe is not None:
                observe(event)
