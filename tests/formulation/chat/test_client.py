"""The client against an endpoint that misbehaves in every way seen in the field."""

from __future__ import annotations

import asyncio
import email.utils
import time

import pytest

from formulation.chat.client import Manner, OpenAIChat
from formulation.chat.errors import (
    ChatUnavailable,
    EmptyReply,
    RealCallRefused,
    RefusedReply,
    TruncatedReply,
)
from formulation.chat.port import ChatRequest, Message, ReplyFormat, Role
from formulation.chat.settings import Endpoint

KEY = "sk-test-0123456789abcdefghij"
SCHEMA = '{"type":"object","properties":{"a":{"type":"number"}},"required":["a"],"additionalProperties":false}'
ASKED = ChatRequest("coder", (Message(Role.SYSTEM, "be brief"), Message(Role.USER, "hello")), seed=3)
SHAPED = ChatRequest("coder", ASKED.messages, "Reply", SCHEMA, seed=3)


class Clock:
    """Remembers what would have been waited."""

    def __init__(self):
        self.waits = []

    async def __call__(self, seconds):
        self.waits.append(seconds)


def client(endpoint, clock=None, **manner):
    manner = {"timeout_s": 5.0, "retries": 2, **manner}
    return OpenAIChat(
        Endpoint(endpoint.url, "fake-model", KEY), Manner(**manner), sleep=clock or Clock(), jitter=lambda: 0.5
    )


def ask(chat, request=ASKED, on_progress=None):
    return asyncio.run(chat.complete(request, on_progress))


def test_a_reply_comes_with_its_usage(endpoint):
    endpoint.behaviours.append("hi there")
    reply = ask(client(endpoint))
    assert (reply.content, reply.usage.prompt_tokens, reply.usage.reply_tokens) == ("hi there", 100, 20)
    assert reply.attempts == 1
    assert endpoint.bodies[0]["seed"] == 3
    assert endpoint.bodies[0]["model"] == "fake-model"


def test_the_key_travels_in_the_header_alone(endpoint):
    endpoint.behaviours.append("hi")
    chat = client(endpoint)
    ask(chat)
    assert endpoint.headers[0]["authorization"] == f"Bearer {KEY}"
    assert KEY not in str(endpoint.bodies) + repr(chat.endpoint) + repr(chat.manner)


def test_azure_takes_its_version_in_the_query_and_its_key_in_its_own_header(endpoint):
    endpoint.behaviours.append("hi")
    ask(OpenAIChat(Endpoint(endpoint.url, "m", KEY, "2025-04-01"), Manner(timeout_s=5)))
    assert endpoint.paths[0].endswith("?api-version=2025-04-01")
    assert endpoint.headers[0]["api-key"] == KEY


def test_a_busy_endpoint_is_waited_for_as_long_as_it_asks(endpoint, wire):
    endpoint.behaviours.extend([wire.error(429, "slow down", retry_after="7"), "done"])
    clock = Clock()
    reply = ask(client(endpoint, clock))
    assert reply.content == "done"
    assert reply.attempts == 2
    assert 7 <= clock.waits[0] <= 8


def test_a_retry_date_is_understood(endpoint, wire):
    date = email.utils.formatdate(time.time() + 20, usegmt=True)
    endpoint.behaviours.extend([wire.error(503, "restarting", retry_after=date), "done"])
    clock = Clock()
    ask(client(endpoint, clock))
    assert 15 <= clock.waits[0] <= 21


def test_a_wait_longer_than_allowed_is_not_waited_for(endpoint, wire):
    endpoint.behaviours.append(wire.error(429, "tomorrow", retry_after="86400"))
    with pytest.raises(ChatUnavailable, match="86400 s") as caught:
        ask(client(endpoint))
    assert caught.value.setting == "MILPWRIGHT_CHAT_MAX_WAIT_S"
    assert len(endpoint.bodies) == 1


def test_failures_of_the_server_are_retried_with_growing_waits(endpoint, wire):
    endpoint.behaviours.extend([wire.error(500, "oops"), wire.error(502, "oops"), "done"])
    clock = Clock()
    assert ask(client(endpoint, clock)).attempts == 3
    assert clock.waits == [0.5, 1.0]


def test_a_server_that_stays_down_is_an_honest_failure(endpoint, wire):
    endpoint.behaviours.append(wire.error(500, "oops"))
    with pytest.raises(ChatUnavailable, match="500: oops"):
        ask(client(endpoint))
    assert len(endpoint.bodies) == 3


def test_no_retries_means_one_attempt(endpoint, wire):
    endpoint.behaviours.append(wire.error(500, "oops"))
    with pytest.raises(ChatUnavailable):
        ask(client(endpoint, retries=0))
    assert len(endpoint.bodies) == 1


def test_silence_ends_at_the_time_out(endpoint, wire):
    endpoint.behaviours.append(wire.hang(1.0))
    started = time.monotonic()
    with pytest.raises(ChatUnavailable, match=r"within 0\.2 s") as caught:
        ask(client(endpoint, timeout_s=0.2, retries=0))
    assert time.monotonic() - started < 0.9
    assert caught.value.setting == "MILPWRIGHT_CHAT_TIMEOUT_S"


def test_a_dropped_connection_is_retried(endpoint, wire):
    endpoint.behaviours.extend([wire.drop, "done"])
    assert ask(client(endpoint)).attempts == 2


def test_an_endpoint_that_is_not_there_names_the_setting():
    chat = OpenAIChat(Endpoint("http://127.0.0.1:9/v1", "m"), Manner(retries=0, timeout_s=2))
    with pytest.raises(ChatUnavailable, match="no connection") as caught:
        ask(chat)
    assert caught.value.setting == "MILPWRIGHT_CHAT_BASE_URL"


@pytest.mark.parametrize(("status", "setting"), [(401, "API_KEY"), (403, "API_KEY"), (404, "MODEL"), (413, "MODEL")])
def test_what_no_retry_mends_is_said_at_once(endpoint, wire, status, setting):
    endpoint.behaviours.append(wire.error(status, f"no {KEY} here"))
    with pytest.raises(ChatUnavailable) as caught:
        ask(client(endpoint))
    assert caught.value.setting == f"MILPWRIGHT_CHAT_{setting}"
    assert KEY not in str(caught.value)
    assert len(endpoint.bodies) == 1


def test_a_quota_used_up_is_not_retried(endpoint, wire):
    endpoint.behaviours.append(wire.error(429, "insufficient_quota: pay first"))
    with pytest.raises(ChatUnavailable, match="quota"):
        ask(client(endpoint))
    assert len(endpoint.bodies) == 1


@pytest.mark.parametrize(
    ("told", "raised"),
    [
        ({"content": ""}, EmptyReply),
        ({"content": "  \n"}, EmptyReply),
        ({"content": None}, EmptyReply),
        ({"content": '{"a": 1', "finish": "length"}, TruncatedReply),
        ({"content": None, "refusal": "I would rather not"}, RefusedReply),
        ({"content": "x", "finish": "content_filter"}, RefusedReply),
    ],
)
def test_a_reply_that_is_none_is_never_returned_as_one(endpoint, wire, told, raised):
    endpoint.behaviours.append(wire.completion(**told))
    with pytest.raises(raised) as caught:
        ask(client(endpoint))
    assert caught.value.usage.tokens == 120


@pytest.mark.parametrize("body", [b"<html>gateway</html>", b"", b"[]", b'{"choices": []}', b"{"])
def test_an_answer_that_is_no_completion_is_an_honest_failure(endpoint, body):
    endpoint.behaviours.append((200, {}, body))
    with pytest.raises(ChatUnavailable):
        ask(client(endpoint, retries=0))


def test_a_schema_is_sent_as_a_schema(endpoint):
    endpoint.behaviours.append('{"a": 1}')
    ask(client(endpoint), SHAPED)
    sent = endpoint.bodies[0]["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["strict"] is True
    assert len(endpoint.bodies[0]["messages"]) == 2


def test_an_endpoint_without_schemas_gets_json_mode_and_then_words(endpoint, wire):
    endpoint.behaviours.extend(
        [
            wire.error(400, "response_format.type: json_schema is not supported"),
            wire.error(400, "response_format is not supported"),
            '```json\n{"a": 1}\n```',
        ]
    )
    chat = client(endpoint)
    ask(chat, SHAPED)
    assert [b.get("response_format", {}).get("type") for b in endpoint.bodies] == ["json_schema", "json_object", None]
    assert SCHEMA in endpoint.bodies[2]["messages"][1]["content"]
    ask(chat, SHAPED)
    assert len(endpoint.bodies) == 4, "what was refused once is not tried again"


def test_a_validation_error_of_the_format_is_a_refusal_of_the_format(endpoint):
    detail = {"detail": [{"loc": ["body", "response_format", "type"], "msg": "unexpected value"}]}
    endpoint.behaviours.extend([(422, {}, detail), '{"a": 1}'])
    ask(client(endpoint), SHAPED)
    assert endpoint.bodies[1]["response_format"] == {"type": "json_object"}


def test_a_server_error_about_the_format_is_a_refusal_of_the_format(endpoint, wire):
    endpoint.behaviours.extend(
        [wire.error(500, "1 validation error: ('body', 'response_format', 'type'), input 'json_schema'"), '{"a": 1}']
    )
    ask(client(endpoint), SHAPED)
    assert endpoint.bodies[1]["response_format"] == {"type": "json_object"}


def test_a_server_error_of_another_kind_is_tried_again_as_it_was(endpoint, wire):
    endpoint.behaviours.extend([wire.error(500, "out of memory"), '{"a": 1}'])
    ask(client(endpoint), SHAPED)
    assert endpoint.bodies[0] == endpoint.bodies[1]


def test_the_format_can_be_set(endpoint):
    endpoint.behaviours.append('{"a": 1}')
    ask(client(endpoint, structured=ReplyFormat.JSON_OBJECT), SHAPED)
    assert endpoint.bodies[0]["response_format"] == {"type": "json_object"}


def test_fields_that_a_model_refuses_are_given_up(endpoint, wire):
    endpoint.behaviours.extend(
        [
            wire.error(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
            wire.error(400, "Unsupported parameter: 'temperature'"),
            wire.error(400, "seed is not supported"),
            "done",
        ]
    )
    request = ChatRequest("coder", ASKED.messages, seed=3, temperature=0.0)
    assert ask(client(endpoint), request).content == "done"
    assert not {"temperature", "seed", "max_tokens"} & set(endpoint.bodies[-1])
    assert endpoint.bodies[-1]["max_completion_tokens"] == 16000


def test_a_request_refused_for_no_field_is_an_honest_failure(endpoint, wire):
    endpoint.behaviours.append(wire.error(400, "context length exceeded"))
    with pytest.raises(ChatUnavailable, match="context length"):
        ask(client(endpoint))
    assert len(endpoint.bodies) == 1


def test_a_stream_reports_its_progress(endpoint, wire):
    endpoint.behaviours.append(wire.stream(["hel", "lo"]))
    seen = []
    reply = ask(client(endpoint, stream=True), on_progress=seen.append)
    assert (reply.content, reply.usage.tokens) == ("hello", 10)
    assert seen[:2] == [3, 5]


def test_a_stream_that_is_cut_is_retried_and_never_taken_for_whole(endpoint, wire):
    endpoint.behaviours.extend([wire.stream(["hel"], finish=None), wire.stream(["hello"], usage=False)])
    reply = ask(client(endpoint, stream=True))
    assert (reply.content, reply.attempts) == ("hello", 2)
    assert reply.usage.estimated
    endpoint.behaviours.extend([wire.stream(["hel"], finish=None)])
    endpoint.behaviours.popleft()
    with pytest.raises(ChatUnavailable, match="stream ended"):
        ask(client(endpoint, stream=True))


def test_no_more_calls_run_side_by_side_than_allowed(endpoint, wire):
    def slowly(handler, body):
        time.sleep(0.05)
        return wire.completion("ok")

    endpoint.behaviours.append(slowly)
    chat = client(endpoint, concurrency=2)

    async def many():
        return await asyncio.gather(*(chat.complete(ASKED) for _ in range(6)))

    assert len(asyncio.run(many())) == 6
    assert endpoint.most_under_way == 2


def test_a_test_run_refuses_real_calls(monkeypatch):
    monkeypatch.setenv("MILPWRIGHT_REFUSE_REAL_CALLS", "1")
    with pytest.raises(RealCallRefused, match=r"chat\.example"):
        OpenAIChat(Endpoint("https://chat.example/v1", "m"))
    OpenAIChat(Endpoint("http://127.0.0.1:1/v1", "m"))
