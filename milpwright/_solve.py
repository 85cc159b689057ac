"""Solving in process, for scripts and notebooks."""

from __future__ import annotations

import asyncio
import atexit
import functools
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from formulation.answer import Answer
from formulation.chat.configured import chat_from
from formulation.data import Table
from formulation.perform import Workshop
from formulation.problem import Effort, Options, Problem
from formulation.sandbox import Sandbox
from formulation.solve import solve_problem


@functools.cache
def _workshop() -> Workshop:
    sandbox = Sandbox()
    sandbox.__enter__()
    atexit.register(sandbox.__exit__, None, None, None)
    return Workshop(sandbox)


def solve(
    text: str,
    *,
    tables: Iterable[Table] = (),
    effort: Literal["low", "medium", "high"] = "medium",
    solver: str = "auto",
    time_limit_s: float = 60.0,
    language: str | None = None,
) -> Answer:
    """Return the answer to a decision problem in plain words, in ``language`` (``de``; None: that of the text).

    ``time_limit_s`` is the solver's. A sandbox is started with the first call and kept for the next ones. The chat
    model is that of the environment, if one is configured there. May be called from a notebook's cell. Raises
    `ChatUnavailable` for a setting that cannot be read, and `ValueError` for an option that is none.
    """
    options = Options(Effort(effort), solver=solver, time_limit_s=time_limit_s, language=language)
    problem = Problem(text, tuple(tables), options)
    chat, library = chat_from(os.environ)

    def work() -> Answer:
        return asyncio.run(solve_problem(problem, _workshop(), chat=chat, library=library))

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    # A notebook runs its cells in an event loop, in which no other one can be run.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()
