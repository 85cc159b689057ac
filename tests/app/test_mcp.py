"""The MCP server, called by the SDK's own client over standard input and output."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

import httpx
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from app.artifacts import Artifact
from app.jobs.database import make_engine, migrate
from app.keys import KeyRing, Scope
from benchmarks.service.processes import Process, wait_ready

SAMPLE = (Path(__file__).parents[2] / "docs" / "samples" / "bakery.txt").read_text()
PROGRAM = str(Path(sys.executable).parent / "milpwright")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of a service that asks for keys, and a key."""
    folder, port = tmp_path_factory.mktemp("mcp"), free_port()
    database = f"sqlite:///{folder}/jobs.sqlite3"
    engine = make_engine(database)
    migrate(engine)
    token, _ = KeyRing(engine).create("agent", [Scope.SOLVE])
    engine.dispose()
    environment = {"MILPWRIGHT_DATABASE_URL": database, "MILPWRIGHT_API_KEYS": "required"}
    process = Process(["serve", "--port", str(port)], environment, folder / "log")
    wait_ready(f"http://127.0.0.1:{port}")
    yield f"http://127.0.0.1:{port}/mcp", token
    process.terminate()


@pytest.fixture
def with_session(served):
    """Calls a function with a session over HTTP."""

    def call(use):
        async def main():
            url, token = served
            async with (
                httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=240) as http,
                streamable_http_client(url, http_client=http) as streams,
                ClientSession(*streams[:2]) as session,
            ):
                await session.initialize()
                return await use(session)

        return asyncio.run(asyncio.wait_for(main(), 240))

    return call


def content(result):
    assert not result.is_error, result.content
    return result.structured_content or json.loads(result.content[0].text)


def test_the_tools_are_listed_with_their_fields(with_session):
    async def use(session):
        return await session.list_tools()

    tools = {tool.name: tool for tool in with_session(use).tools}
    assert {"solve_problem", "formulate", "solve_model", "compare_models", "explain_infeasibility"} <= tools.keys()
    assert "text" in tools["solve_problem"].input_schema["required"]
    page = (Path(__file__).parents[2] / "docs" / "mcp.md").read_text()
    assert tools.keys() == {line.split("`")[1] for line in page.splitlines() if re.match(r"\| `[a-z_]+` \|", line)}
    for artifact in Artifact:
        assert f"`{artifact.value}`" in page


def test_a_problem_is_solved_and_each_event_is_progress(with_session):
    told = []

    async def use(session):
        async def progress(done, total, message):
            told.append(message)

        return await session.call_tool("solve_problem", {"text": SAMPLE}, progress_callback=progress)

    answer = content(with_session(use))
    assert answer["status"] == "optimal"
    # 10 loaves and 20 cakes: 5*10 + 7*20
    assert answer["objective"]["value"] == pytest.approx(190)
    assert told[0] == "queued"
    assert "text read" in told
    assert told[-1] == "finished"


def test_a_model_is_solved_as_it_is_given(with_session):
    async def use(session):
        return await session.call_tool("solve_model", {"model": "max\n x\nst\n c: 2 x <= 5\ngeneral\n x\nend\n"})

    # 2x <= 5 with x whole: x = 2
    assert content(with_session(use))["objective"]["value"] == pytest.approx(2)


def test_a_model_that_is_none_is_a_tool_error_with_the_reason(with_session):
    async def use(session):
        return await session.call_tool("solve_model", {"model": "this is no model"})

    result = with_session(use)
    assert result.is_error
    assert "line" in result.content[0].text


def test_what_is_not_understood_comes_back_as_it_stands(with_session):
    async def use(session):
        return await session.call_tool("formulate", {"text": "Some sheep slept."})

    reading = content(with_session(use))
    assert reading["status"] == "not_understood"
    assert reading["formulation"] is None or reading["formulation"]["objective"] is None


def test_two_models_are_compared_with_a_proof(with_session):
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
    assert other["difference"]


def test_why_a_model_has_no_optimum_is_explained(with_session):
    async def use(session):
        return await session.call_tool(
            "explain_infeasibility", {"model": "max\n x\nst\n most: x <= 1\n least: x >= 2\nend\n"}
        )

    assert content(with_session(use))["core"]["relations"] == ["most: x <= 1", "least: x >= 2"]


def test_a_job_and_its_files_are_resources(with_session):
    async def use(session):
        job = content(await session.call_tool("solve_problem", {"text": SAMPLE}))["job"]
        document = await session.read_resource(f"milpwright://jobs/{job}")
        model = await session.read_resource(f"milpwright://jobs/{job}/model.lp")
        with pytest.raises(MCPError, match="a job has no"):
            await session.read_resource(f"milpwright://jobs/{job}/secrets")
        return json.loads(document.contents[0].text), model.contents[0].text

    job, model = with_session(use)
    assert job["answer"]["objective"]["value"] == pytest.approx(190)
    assert model.startswith("Maximize")


def test_a_question_is_answered_under_the_same_job(with_session):
    text = SAMPLE.replace("40 kg of flour", "some flour")

    async def use(session):
        first = content(await session.call_tool("solve_problem", {"text": text}))
        if not first["questions"]:
            return first, first
        answers = {question["id"]: "40" for question in first["questions"]}
        arguments = {"job": first["job"], "answers": answers}
        return first, content(await session.call_tool("answer_questions", arguments))

    first, second = with_session(use)
    assert first["status"] in ("needs_answers", "not_understood")
    assert second["job"] == first["job"]


def test_a_table_that_is_none_is_a_tool_error(with_session):
    async def use(session):
        return await session.call_tool("solve_problem", {"text": SAMPLE, "tables": {"ovens": ""}})

    result = with_session(use)
    assert result.is_error
    assert "ovens" in result.content[0].text


def test_nobody_gets_in_without_a_key(served):
    url, _ = served
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"accept": "application/json, text/event-stream"}
    refused = httpx.post(url, json=asked, headers=headers)
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    wrong = httpx.post(url, json=asked, headers={**headers, "Authorization": "Bearer mw_nothing"})
    assert wrong.status_code == 401


def test_standard_input_and_output_serve_the_same_tools(tmp_path):
    async def main():
        environment = {"MILPWRIGHT_DATABASE_URL": f"sqlite:///{tmp_path}/jobs.sqlite3"}
        parameters = StdioServerParameters(command=PROGRAM, args=["mcp"], env=environment)
        async with stdio_client(parameters) as streams, ClientSession(*streams) as session:
            await session.initialize()
            return await session.call_tool("solve_problem", {"text": SAMPLE})

    answer = content(asyncio.run(asyncio.wait_for(main(), 240)))
    assert answer["objective"]["value"] == pytest.approx(190)
