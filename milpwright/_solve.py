"""Solving in process, for scripts and notebooks."""

from __future__ import annotations

import atexit
import functools

from formulation.answer import Answer
from formulation.perform import Workshop
from formulation.sandbox import Sandbox
from formulation.solve import solve_text


@functools.cache
def _workshop() -> Workshop:
    sandbox = Sandbox()
    sandbox.__enter__()
    atexit.register(sandbox.__exit__, None, None, None)
    return Workshop(sandbox)


def solve(text: str) -> Answer:
    """Return the answer to a decision problem in plain words.

    A sandbox is started with the first call and kept for the next ones. Must be called from a thread without
    a running event loop; elsewhere, await `formulation.solve.solve_problem`.
    """
    return solve_text(text, _workshop())
