"""Repair, budget, cache, transcript, fakes: everything around a call."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from formulation.chat.budget import Budget, Ledger
from formulation.chat.cache import ReplyCache
from formulation.chat.errors import (
    BudgetSpent,
    ChatUnavailable,
    EmptyReply,
    MalformedReply,
    RefusedReply,
    TruncatedReply,
)
from formulation.chat.port import ChatRequest, Message, Role, Usage
from formulation.chat.recorded import RecordedChat
from formulation.chat.schema import read_reply, strict_schema
from formulation.chat.scripted import ScriptedChat
from formulation.chat.session import ChatSession, session_of
from formulation.chat.settings import ChatSettings
from formulation.chat.transcript import Transcript, scrub

KEY = "sk-test-0123456789abcdefghij"
ASK = (Message(Role.USER, "how many?"),)


class Count(BaseModel):
    count: int
    note: str = ""


def session(*turns, **more):
    chat = ScriptedChat(turns)
    return chat, ChatSession({"": chat}, **more)


def ask(session, **more):
    return asyncio.run(session.ask("coder", ASK, Count, **more))


@pytest.mark.parametrize(
    "text",
    [
        '{"count": 3}',
        '  {"count": 3}\n',
        '```json\n{"count": 3}\n```',
        'Here it is:\n```\n{"count": 3}\n```\nAnything else?',
        'The answer is {"count": 3}, I think.',
        '{"count": 3, "note": "a\nb"}',
        '{"count": 3, "unasked": true}',
    ],
)
def test_json_is_found_where_it_stands(text):
    assert read_reply(text, Count).count == 3


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no idea", "no JSON object"),
        ('{"count": 3', "no JSON object|not valid JSON"),
        ('{"count": }', "not valid JSON"),
        ('{"count": "many"}', "count"),
        ('{"note": "x"}', "count: Field required"),
        ('{"count": NaN}', "NaN"),
        ("[1, 2]", "no JSON object"),
        ("[" * 5000 + '{"a":' * 5000, "no JSON object|not valid JSON"),
    ],
)
def test_what_is_not_the_json_asked_for_says_why(text, why):
    with pytest.raises(MalformedReply, match=why):
        read_reply(text, Count)


@given(st.text())
def test_no_text_breaks_the_reading(text):
    with contextlib.suppress(MalformedReply):
        read_reply(text, Count)


def test_a_strict_schema_requires_and_closes_every_object():
    schema = json.loads(strict_schema(Count))
    assert schema["required"] == ["count", "note"]
    assert schema["additionalProperties"] is False
    assert "default" not in schema["properties"]["note"]


def test_a_malformed_reply_is_asked_for_again_with_the_reason():
    chat, s = session("three", '{"count": 3}')
    asked = ask(s)
    assert (asked.reply.count, asked.calls) == (3, 2)
    again = chat.requests[1].messages
    assert again[1] == Message(Role.ASSISTANT, "three")
    assert "no JSON object" in again[2].content


@pytest.mark.parametrize("fault", [EmptyReply("empty"), TruncatedReply("cut", '{"co'), RefusedReply("no"), "{}", "{"])
def test_every_unusable_reply_is_repaired_by_one_good_one(fault):
    _, s = session(fault, '{"count": 3}')
    assert ask(s).reply.count == 3


def test_a_model_that_never_gets_it_right_ends_the_asking():
    chat, s = session("a", "b", "c", "d")
    with pytest.raises(MalformedReply):
        ask(s)
    assert chat.left == 1


def test_the_ledger_knows_what_each_agent_used():
    _, s = session('{"count": 3}', ledger=Ledger(Budget(), (10.0, 20.0)))
    ask(s)
    account = s.ledger.accounts["coder"]
    assert account.calls == 1
    assert account.usage.tokens > 0
    assert account.cost == pytest.approx((10 * account.usage.prompt_tokens + 20 * account.usage.reply_tokens) / 1e6)


@pytest.mark.parametrize(
    ("budget", "limit"), [(Budget(tokens=0), "tokens"), (Budget(calls=0), "calls"), (Budget(cost=0.0), "cost")]
)
def test_no_budget_means_no_call(budget, limit):
    chat, s = session('{"count": 3}', ledger=Ledger(budget, (1.0, 1.0)))
    with pytest.raises(BudgetSpent) as caught:
        ask(s)
    assert caught.value.limit == limit
    assert not chat.requests


def test_the_reply_may_be_no_longer_than_the_budget():
    chat, s = session('{"count": 3}', ledger=Ledger(Budget(tokens=300)))
    ask(s)
    assert chat.requests[0].max_reply_tokens < 300


def test_calls_side_by_side_cannot_overrun_the_budget():
    ledger = Ledger(Budget(tokens=1000))
    request = ChatRequest("coder", ASK)
    held = ledger.reserve(request, 980)
    with pytest.raises(BudgetSpent):
        ledger.reserve(request, 900)
    ledger.settle("coder", held, None)
    ledger.reserve(request, 900)


def test_a_failed_call_counts_what_it_used():
    _, s = session(TruncatedReply("cut", "x", Usage(50, 60)), '{"count": 3}')
    ask(s)
    assert s.ledger.accounts["coder"].usage.tokens > 110
    assert s.ledger.accounts["coder"].calls == 2


def test_the_same_question_is_paid_for_once_and_another_seed_is_another_question(tmp_path):
    cache = ReplyCache(tmp_path)
    _, s = session('{"count": 3}', '{"count": 4}', cache=cache)
    assert ask(s, seed=1).reply.count == 3
    spent = s.ledger.total.usage.tokens
    assert ask(s, seed=1).reply.count == 3
    assert s.ledger.total.usage.tokens == spent
    assert s.ledger.accounts["coder"].cached == 1
    assert ask(s, seed=2).reply.count == 4
    _, other = session(cache=ReplyCache(tmp_path))
    assert ask(other, seed=2).reply.count == 4, "the directory outlives the session"


def test_a_broken_cache_file_is_a_miss(tmp_path):
    _, s = session('{"count": 3}', cache=ReplyCache(tmp_path))
    ask(s)
    for file in tmp_path.iterdir():
        file.write_text("{")
    _, again = session('{"count": 5}', cache=ReplyCache(tmp_path))
    assert ask(again).reply.count == 5


def test_a_transcript_holds_hashes_and_no_secret(tmp_path):
    path = tmp_path / "deep" / "t.jsonl"
    chat = ScriptedChat(
        [json.dumps({"count": 3, "note": f"key {KEY} and my-own-secret"}), RefusedReply("no"), "{", "{"]
    )
    s = ChatSession({"": chat}, transcript=Transcript(path, ("my-own-secret",)))
    ask(s)
    with pytest.raises(MalformedReply):
        ask(s)
    text = path.read_text()
    assert KEY not in text
    assert "my-own-secret" not in text
    first, second = (json.loads(line) for line in text.splitlines()[:2])
    assert first["key"] == chat.requests[0].key
    assert len(first["key"]) == 64
    assert first["usage"]["prompt_tokens"] > 0
    assert second["error"] == "RefusedReply"


@pytest.mark.parametrize("text", [f"Bearer {KEY}", f"x {KEY} y", "Authorization: Bearer abcdefghijklmnopqrstuvw=="])
def test_what_is_shaped_like_a_key_is_blotted_out(text):
    assert "[secret]" in scrub(text)


def test_a_transcript_replays(tmp_path):
    path = tmp_path / "t.jsonl"
    _, s = session('{"count": 3}', transcript=Transcript(path))
    ask(s, seed=4)
    recorded = RecordedChat([path])
    assert len(recorded) == 1
    assert ask(ChatSession({"": recorded}), seed=4).reply.count == 3
    with pytest.raises(ChatUnavailable, match="no recorded reply"):
        ask(ChatSession({"": recorded}), seed=5)


def test_a_broken_transcript_names_its_line(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"key": "a", "reply": "b"}\n\nnonsense\n')
    with pytest.raises(ValueError, match=r"t\.jsonl:3"):
        RecordedChat([path])


def test_the_request_key_is_the_hash_of_what_the_wire_carries(endpoint):
    # Another program that records the wire computes the same key from the body alone.
    import hashlib

    endpoint.behaviours.append('{"count": 3}')
    settings = ChatSettings.from_environment(
        {"MILPWRIGHT_CHAT_BASE_URL": endpoint.url, "MILPWRIGHT_CHAT_MODEL": "m", "MILPWRIGHT_CHAT_API_KEY": KEY}
    )
    s = session_of(settings)
    asked = ask(s, seed=9)
    body = endpoint.bodies[0]
    content = {k: body.get(k) for k in ("messages", "response_format", "tools", "n", "seed")}
    assert hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest() == asked.key
    assert KEY not in json.dumps(s.transcript.lines) + repr(settings)


def test_progress_names_the_agent():
    seen = []
    _, s = session('{"count": 3}', on_progress=lambda agent, n: seen.append((agent, n)))
    ask(s)
    assert seen == [("coder", 12)]


def test_settings_come_from_the_environment():
    prefix = "MILPWRIGHT_CHAT_"
    given_ = {
        "BASE_URL": "http://127.0.0.1:1/v1",
        "MODEL": "strong",
        "API_KEY": KEY,
        "CODER_MODEL": "cheap",
        "SECOND_MODEL": "other",
        "SECOND_BASE_URL": "http://127.0.0.1:2/v1",
        "TIMEOUT_S": "1800",
        "RETRIES": "0",
        "BUDGET_TOKENS": "none",
        "BUDGET_COST": "0.5",
        "STRUCTURED": "json_object",
    }
    settings = ChatSettings.from_environment({prefix + k: v for k, v in given_.items()})
    assert settings.agents["coder"].model == "cheap"
    assert settings.agents["coder"].api_key == KEY
    assert settings.second.base_url.endswith(":2/v1")
    assert (settings.timeout_s, settings.retries) == (1800, 0)
    assert (settings.budget.tokens, settings.budget.cost) == (None, 0.5)
    assert KEY not in repr(settings)


def test_no_base_url_is_no_chat_model():
    assert ChatSettings.from_environment({"MILPWRIGHT_CHAT_MODEL": "m"}) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("TIMEOUT_S", "soon"), ("RETRIES", "-1"), ("BUDGET_TOKENS", "lots"), ("STRUCTURED", "xml"), ("MODEL", "")],
)
def test_a_setting_that_cannot_be_read_is_named(name, value):
    environment = {"MILPWRIGHT_CHAT_BASE_URL": "http://127.0.0.1:1/v1", "MILPWRIGHT_CHAT_MODEL": "m"}
    with pytest.raises(ChatUnavailable, match=f"MILPWRIGHT_CHAT_{name}"):
        ChatSettings.from_environment(environment | {f"MILPWRIGHT_CHAT_{name}": value})


def test_loading_the_session_loads_no_sdk():
    import subprocess
    import sys

    code = "import sys, formulation.chat.session; print('openai' in sys.modules, 'httpx' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert out.stdout.split() == ["False", "False"]
