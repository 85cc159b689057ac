"""The MCP server, called by the SDK's own client over standard input and output."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

SAMPLE = (Path(__file__).parents[2] / "docs" / "samples" / "bakery.txt").read_text()
PROGRAM = str(Path(sys.executable).parent / "milpwright")


def with_session(use):
    async def main():
        parameters = StdioServerParameters(command=PROGRAM, args=["mcp"])
        async with stdio_client(parameters) as (reading, writing), ClientSession(reading, writing) as session:
            await session.initialize()
            return await use(session)

    return asyncio.run(asyncio.wait_for(main(), 60))


def content(result):
    assert not result.is_error, result.content
    return result.structured_content or json.loads(result.content[0].text)


def test_the_tools_are_listed_with_their_fields():
    async def use(session):
        return await session.list_tools()

    tools = {tool.name: tool for tool in with_session(use).tools}
    assert {"solve_problem", "formulate", "solve_model"} <= tools.keys()
    assert "text" in tools["solve_problem"].input_schema["required"]


def test_a_problem_is_solved_and_each_event_is_progress():
    told = []

    async def use(session):
        async def progress(done, total, message):
            told.append(message)

        return await session.call_tool("solve_problem", {"text": SAMPLE}, progress_callback=progress)

    answer = content(with_session(use))
    assert answer["status"] == "optimal"
    # 10 loaves and 20 cakes: 5*10 + 7*20
    assert answer["objective"]["value"] == pytest.approx(190)
    assert told[0] == "TextRead"
    assert told[-1] == "ModelSolved"


def test_a_model_is_solved_as_it_is_given():
    async def use(session):
        return await session.call_tool("solve_model", {"model": "max\n x\nst\n c: 2 x <= 5\ngeneral\n x\nend\n"})

    # 2x <= 5 with x whole: x = 2
    assert content(with_session(use))["objective"]["value"] == pytest.approx(2)


def test_a_model_that_is_none_is_a_tool_error_with_the_reason():
    async def use(session):
        return await session.call_tool("solve_model", {"model": "this is no model"})

    result = with_session(use)
    assert result.is_error
    assert "line" in result.content[0].text


def test_what_is_not_understood_comes_back_as_it_stands():
    async def use(session):
        return await session.call_tool("formulate", {"text": "Some sheep slept."})

    reading = content(with_session(use))
    assert reading["status"] == "not_understood"
    assert reading["formulation"] is None or reading["formulation"]["objective"] is None


def test_two_models_are_compared_with_a_proof():
    a = "max\n 2 x + y\nst\n c: x + y <= 4\nbounds\n x <= 3\nend\n"

    async def use(session):
        return [
            await session.call_tool("compare_models", {"a": a, "b": a.replace(" x", " z")}),
            await session.call_tool("compare_models", {"a": a, "b": a.replace("<= 4", "<= 5"), "map": "names"}),
        ]

    same, other = (content(result) for result in with_session(use))
    assert same["verdict"] == "equivalent"
    assert same["certificate"]
    assert other["verdict"] == "different"
    assert other["in_words"]
