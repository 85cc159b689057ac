"""The baseline: one prompt, one call, one program; or the majority of several."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from formulation.agents import baseline
from formulation.chat.budget import Budget, Ledger
from formulation.chat.errors import BudgetSpent, EmptyReply
from formulation.chat.scripted import ScriptedChat
from formulation.chat.session import ChatSession
from formulation.data import Table
from formulation.sandbox.outcome import SandboxUnavailable


def reply(source: str) -> str:
    return f"First the decisions.\n```python\n{source}\n```\nThat is all."


def draw(workshop, turns, *, ledger=None, tables=(), **more):
    chat = ScriptedChat(turns)
    session = ChatSession({"": chat}, ledger=ledger or Ledger())
    drawn = baseline.answer("Make things.", tables, session, workshop.sandbox, **more)
    return asyncio.run(drawn), chat


def test_one_call_is_run_and_solved(workshop, kitchen):
    result, chat = draw(workshop, [reply(kitchen.program)])
    assert result.status == "optimal"
    assert result.value == pytest.approx(kitchen.optimum)
    assert len(chat.requests) == 1
    assert result.milp is not None


def test_the_majority_wins_and_every_sample_has_its_seed(workshop, kitchen):
    other = kitchen.program.replace('"flour": 40', '"flour": 60')
    turns = [reply(other), reply(kitchen.program), reply(kitchen.program)]
    result, chat = draw(workshop, turns, samples=3, seed=7)
    assert result.value == pytest.approx(kitchen.optimum)
    assert result.confident
    assert [request.seed for request in chat.requests] == [7, 8, 9]


def test_sampling_ends_once_the_majority_is_settled(workshop, kitchen):
    other = kitchen.program.replace('"flour": 40', '"flour": 60')
    result, chat = draw(workshop, [reply(other), *[reply(kitchen.program)] * 4], samples=5)
    assert result.confident
    assert result.value == pytest.approx(kitchen.optimum)
    assert (len(result.values), chat.left) == (4, 1)


def test_no_majority_is_not_confident(workshop, kitchen):
    other = kitchen.program.replace('"flour": 40', '"flour": 60')
    result, _ = draw(workshop, [reply(other), reply(kitchen.program)], samples=2)
    assert not result.confident


def test_samples_stop_at_the_tokens_given(workshop, kitchen):
    result, chat = draw(workshop, [reply(kitchen.program)] * 5, samples=5, tokens=1)
    assert len(chat.requests) == 1
    assert result.values == (pytest.approx(kitchen.optimum),)


@pytest.mark.parametrize(
    "turn", ["no program at all", reply("import pyomo\nraise ValueError('x')"), EmptyReply("empty")]
)
def test_a_sample_without_a_model_has_no_value(workshop, turn):
    result, _ = draw(workshop, [turn])
    assert result.value is None
    assert not result.confident


def test_a_sandbox_that_is_down_is_no_fault_of_the_program(kitchen):
    class Down:
        def run(self, source, data):
            return SandboxUnavailable("seccomp", "the kernel refuses it")

    with pytest.raises(baseline.ProgramsNotRun, match="seccomp"):
        draw(SimpleNamespace(sandbox=Down()), [reply(kitchen.program)])


def test_no_budget_is_not_taken_for_an_answer(workshop):
    with pytest.raises(BudgetSpent):
        draw(workshop, [], ledger=Ledger(Budget(calls=0)))


def test_columns_of_tables_reach_the_program(workshop):
    # The larger of the two weights is 4.
    source = (
        "import pyomo.environ as pyo\ndef build(data):\n    m = pyo.ConcreteModel()\n    w = data['items.weight']\n"
        "    m.x = pyo.Var(range(len(w)), bounds=(0, 1))\n    m.one = pyo.Constraint(expr=sum(m.x[i] for i in m.x) <= 1)\n"
        "    m.o = pyo.Objective(expr=sum(w[i] * m.x[i] for i in m.x), sense=pyo.maximize)\n    return m\n"
    )
    table = Table("items", {"weight": (3, 4)})
    result, chat = draw(workshop, [reply(source)], tables=(table,))
    assert result.value == pytest.approx(4)
    assert "table items: 2 rows" in chat.requests[0].messages[1].content
