"""Whole runs on our own sample problems, with replies that a careful writer once gave through a real endpoint.

`recorded/own.jsonl` holds {case, agent, reply} in the order of the calls; the prompts may change without it.
"""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from formulation.chat.scripted import ScriptedChat
from formulation.chat.session import ChatSession
from formulation.problem import Effort, Options, Problem
from formulation.solve import solve_problem

HERE = Path(__file__).parent
CASES = HERE.parents[2] / "benchmarks" / "suites" / "cases" / "solved"
RECORDED = [json.loads(line) for line in (HERE / "recorded" / "own.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("case", "effort"), [("depots", "medium"), ("candles", "high"), ("reception", "medium")])
def test_a_recorded_run_comes_to_the_optimum(workshop, case, effort):
    replies = defaultdict(list)
    for line in RECORDED:
        if line["case"] == case:
            replies[line["agent"]].append(line["reply"])
    known = tomllib.loads((CASES / f"{case}.toml").read_text(encoding="utf-8"))
    problem = Problem(known["text"].strip(), options=Options(effort=Effort(effort)))
    chat = ScriptedChat(replies)
    answer = asyncio.run(solve_problem(problem, workshop, chat=ChatSession({"": chat})))
    assert answer.objective.value == pytest.approx(known["expected"]["value"])
    assert answer.confident
    assert {usage.agent for usage in answer.usage} <= set(replies)
