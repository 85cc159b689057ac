"""A program of somebody's own becomes an answer of the usual shape."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from formulation.answer import CheckResult, Status
from formulation.programs import ProgramsRefused, answer_program, answer_program_async
from formulation.sandbox import Limits, Sandbox
from formulation.sandbox.data_files import read_data

SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
HEAD = "import pyomo.environ as pyo\nmodel = pyo.ConcreteModel()\n"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def test_the_bakery_program_is_answered(sandbox: Sandbox) -> None:
    # 24 b + 15 r with 6 b + 4 r <= 120 and 2 b + r <= 34: both bind at b = 8, r = 18, and 192 + 270 = 462
    data = read_data([SAMPLES / "bakery.json"])
    answer = answer_program((SAMPLES / "bakery_program.py").read_text(), data, sandbox)
    assert answer.status is Status.OPTIMAL
    assert answer.objective is not None
    assert answer.objective.value == pytest.approx(462)
    assert {(v.name, v.index): v.value for v in answer.variables} == {
        ("batches", ("bread",)): 8,
        ("batches", ("rolls",)): 18,
    }
    assert answer.formulation is None
    assert answer.reader is None
    assert answer.checks[0].name == "program_ran"
    assert answer.lp


@pytest.mark.parametrize(
    ("body", "status", "reason", "limit", "result"),
    [
        ("model.x = pyo.Var()\nmodel.o = pyo.Objective(expr=model.x)\n", Status.UNBOUNDED, "unbounded", None, "passed"),
        (
            "model.x = pyo.Var(bounds=(0, 1))\nmodel.c = pyo.Constraint(expr=model.x >= 2)\n"
            "model.o = pyo.Objective(expr=model.x)\n",
            Status.INFEASIBLE,
            "infeasible",
            None,
            "passed",
        ),
        ("model.x = pyo.Vra()\n", Status.ERROR, "program_error", None, "failed"),
        ("while True: pass\n", Status.NO_SOLUTION, "limit", "wall", "unknown"),
    ],
)
def test_each_end_has_its_status(
    sandbox: Sandbox, body: str, status: Status, reason: str, limit: str | None, result: str
) -> None:
    answer = answer_program(HEAD + body, None, sandbox, limits=Limits(wall_s=1))
    assert (answer.status, answer.termination.reason, answer.termination.limit) == (status, reason, limit)
    assert answer.checks[0].result is CheckResult(result)


def test_a_wrong_program_is_told_its_line(sandbox: Sandbox) -> None:
    answer = answer_program(HEAD + "model.x = pyo.Vra()\n", None, sandbox)
    assert answer.termination.detail.startswith("line 3: AttributeError")
    assert answer.explanation.startswith("Line 3")


def test_a_sandbox_that_refuses_is_nobodys_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with Sandbox() as sandbox, pytest.raises(ProgramsRefused) as refused:
        answer_program(HEAD, None, sandbox)
    assert refused.value.layer == "platform"


def test_cancelling_the_task_ends_the_program(sandbox: Sandbox) -> None:
    async def cancelled() -> None:
        task = asyncio.create_task(answer_program_async("while True: pass\n", None, sandbox))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    started = time.monotonic()
    asyncio.run(cancelled())
    assert time.monotonic() - started < 5
