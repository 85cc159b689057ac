"""A text to its checked answer in this process, and a program through the sandbox against a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.speed.instances import TEXT
from benchmarks.speed.registry import register

_PROGRAM = """
import pyomo.environ as pyo

def build(data):
    m = pyo.ConcreteModel()
    m.x = pyo.Var(range(3), domain=pyo.NonNegativeReals)
    m.goal = pyo.Objective(expr=sum(m.x[i] for i in range(3)), sense=pyo.maximize)
    m.limit = pyo.Constraint(expr=sum((i + 1) * m.x[i] for i in range(3)) <= 10)
    return m
"""


@register("sandbox", "small program", "run")
@contextmanager
def warm_sandbox() -> Iterator[Callable[[], object]]:
    """Give a run in a forked, confined child."""
    from formulation.sandbox import Built, Sandbox

    with Sandbox() as sandbox:

        def run() -> object:
            outcome = sandbox.run(_PROGRAM, {})
            if not isinstance(outcome, Built):
                raise AssertionError(f"the program ended with {outcome}")
            return outcome

        yield run


@register("sandbox", "small program", "run", "fresh interpreter, not confined", needs=("pyomo",))
@contextmanager
def fresh_interpreter() -> Iterator[Callable[[], object]]:
    """Give a run in an interpreter started for it."""
    program = _PROGRAM + "\nbuild({})\n"
    yield lambda: subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 - this interpreter


@register("end_to_end", "two products", "answer, with program and comparison")
@contextmanager
def whole_line() -> Iterator[Callable[[], object]]:
    """Give the whole loop, embedded reader and sandbox included."""
    from formulation.perform import Workshop
    from formulation.sandbox import Sandbox
    from formulation.solve import solve_text

    with Sandbox() as sandbox:
        workshop = Workshop(sandbox)
        yield lambda: solve_text(TEXT, workshop)


@register("end_to_end", "two products", "reading")
@contextmanager
def reading() -> Iterator[Callable[[], object]]:
    """Give the embedded reader alone."""
    from formulation.embedded import read

    yield lambda: read(TEXT)
