"""The baseline that everything else is measured against: one published prompt, one call, a whole program."""

from __future__ import annotations

import asyncio
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from formulation.agents.attachment import attachments
from formulation.agents.prompt import conversation, marked, prompt
from formulation.chat.errors import BudgetSpent, ReplyUnusable
from formulation.chat.port import ChatRequest
from formulation.data import Table

if TYPE_CHECKING:
    from formulation.chat.session import ChatSession
    from formulation.sandbox import Sandbox
    from solvers.milp import Milp

AGENT = "baseline"
_FENCE = re.compile(r"```(?:python|py)?\s*\n(.*?)```", re.DOTALL)


def request(text: str, tables: tuple[Table, ...] = (), *, seed: int | None = None) -> ChatRequest:
    """Return the one request of a baseline sample; samples differ in their seed."""
    return ChatRequest(AGENT, conversation(prompt(AGENT), marked("problem", text), attachments(tables)), seed=seed)


def program(reply: str) -> str | None:
    """Return the last fenced program of a reply; the whole reply where it is one without a fence; else None."""
    fenced = [block for block in _FENCE.findall(reply) if "pyomo" in block]
    if fenced:
        return str(fenced[-1]).strip() + "\n"
    return reply.strip() + "\n" if reply.lstrip().startswith(("import ", "from ")) and "pyomo" in reply else None


class ProgramsNotRun(RuntimeError):
    """The sandbox is not there, which says nothing about a program or the model that wrote it."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the baseline says: the majority's value, and every sample's (None where it has none).

    ``status`` is that of an answer. ``confident`` means that more than half of the samples gave this value; one
    sample alone is confident of itself, as a single prompt is.
    """

    status: str
    value: float | None
    confident: bool
    values: tuple[float | None, ...]
    detail: str
    milp: Milp | None = None


async def answer(
    text: str,
    tables: tuple[Table, ...],
    session: ChatSession,
    sandbox: Sandbox,
    *,
    seed: int = 0,
    samples: int = 1,
    tokens: int | None = None,
) -> Baseline:
    """Return the value that most of the samples find: each is one call, its program run, its model solved.

    Sampling ends once more than half of ``samples`` have found the same value, which no further one can change.
    With ``tokens``, sampling stops once that many are spent, whatever ``samples`` says; one sample is always
    drawn. Raises what the session raises where not even one call could be made, and `ProgramsNotRun`.
    """
    drawn: list[Drawn] = []
    for k in range(samples):
        if drawn and tokens is not None and session.ledger.total.usage.tokens >= tokens:
            break
        try:
            reply = await session.complete(request(text, tables, seed=seed + k))
        except BudgetSpent:
            if not drawn:
                raise
            break
        except ReplyUnusable as error:
            drawn.append(Drawn("not_understood", None, str(error)))
            continue
        drawn.append(await asyncio.to_thread(_run, program(reply.content), tables, sandbox))
        largest = _by_value(drawn)[0]
        if drawn[largest[0]].value is not None and 2 * len(largest) > samples:
            break
    groups = _by_value(drawn)
    best = drawn[groups[0][0]]
    confident = best.value is not None and 2 * len(groups[0]) > len(drawn)
    failures = {one.detail: None for one in drawn if one.value is None and one is not best}
    detail = "; ".join([best.detail, *failures])
    return Baseline(best.status, best.value, confident, tuple(one.value for one in drawn), detail, best.milp)


def _by_value(drawn: list[Drawn]) -> list[list[int]]:
    """Return the positions of the samples in groups of the same value, largest first, those without one last."""
    groups: list[list[int]] = []
    for k, one in enumerate(drawn):
        for members in groups:
            first = drawn[members[0]]
            if one.value is not None and first.value is not None and _same(first.value, one.value):
                members.append(k)
                break
        else:
            groups.append([k])
    groups.sort(key=lambda members: (drawn[members[0]].value is None, -len(members), members[0]))
    return groups


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What came of one sample."""

    status: str
    value: float | None
    detail: str = ""
    milp: Milp | None = None


def _same(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6)


def _run(source: str | None, tables: tuple[Table, ...], sandbox: Sandbox) -> Drawn:
    from formulation.agreement import failure_of, optimum
    from formulation.sandbox.outcome import Built, BuiltNonlinear, SandboxUnavailable

    if source is None:
        return Drawn("not_understood", None, "the reply holds no program")
    data = {
        f"{table.name}.{name}": ["" if cell is None else cell for cell in column]
        for table in tables
        for name, column in table.columns.items()
    }
    outcome = sandbox.run(source, data)
    if isinstance(outcome, SandboxUnavailable):
        raise ProgramsNotRun(str(outcome))
    failure = failure_of(outcome)
    if failure is not None:
        return Drawn("error", None, failure[1])
    if not isinstance(outcome, Built | BuiltNonlinear):
        return Drawn("error", None, str(outcome))
    end = optimum(outcome.milp if isinstance(outcome, Built) else outcome.nl)
    known = end.termination in ("optimal", "infeasible", "unbounded")
    milp = outcome.milp if isinstance(outcome, Built) else None
    return Drawn(end.termination if known else "no_solution", end.value, str(end), milp)
