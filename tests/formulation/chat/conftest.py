"""A chat endpoint on loopback that behaves, or misbehaves, as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class FakeEndpoint:
    """Serves ``/v1/chat/completions``; each call takes the next behaviour, the last one for ever.

    A behaviour is the text of a reply, a (status, headers, body) triple, or a function of the handler and body.
    """

    def __init__(self) -> None:
        self.behaviours: deque[Any] = deque()
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.under_way = 0
        self.most_under_way = 0
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with outer.lock:
                    outer.bodies.append(body)
                    outer.paths.append(self.path)
                    outer.headers.append({k.lower(): v for k, v in self.headers.items()})
                    outer.under_way += 1
                    outer.most_under_way = max(outer.most_under_way, outer.under_way)
                    many = len(outer.behaviours) > 1
                    behaviour = outer.behaviours.popleft() if many else outer.behaviours[0]
                try:
                    if callable(behaviour):
                        behaviour = behaviour(self, body)
                    if isinstance(behaviour, str):
                        behaviour = completion(behaviour)
                    if behaviour is not None:
                        self.answer(*behaviour)
                except (BrokenPipeError, ConnectionResetError):
                    pass
                finally:
                    with outer.lock:
                        outer.under_way -= 1

            def answer(self, status: int, headers: dict[str, str], body: Any) -> None:
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def completion(content: str | None, *, finish: str = "stop", refusal: str | None = None) -> tuple[int, dict, dict]:
    """Return a chat completion as the wire has it."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "fake",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }
    return 200, {}, body


def error(status: int, message: str, **headers: str) -> tuple[int, dict, dict]:
    """Return an error as the wire has it."""
    return status, {k.replace("_", "-"): v for k, v in headers.items()}, {"error": {"message": message, "code": status}}


def stream(pieces: list[str], *, finish: str | None = "stop", usage: bool = True) -> Any:
    """Return a behaviour that streams the pieces; without ``finish`` the connection is cut after them."""

    def behave(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        base = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "fake"}

        def say(**more: Any) -> None:
            handler.wfile.write(f"data: {json.dumps({**base, **more})}\n\n".encode())
            handler.wfile.flush()

        for piece in pieces:
            say(choices=[{"index": 0, "delta": {"content": piece}, "finish_reason": None}])
        if finish is not None:
            say(choices=[{"index": 0, "delta": {}, "finish_reason": finish}])
            if usage:
                say(choices=[], usage={"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10})
            handler.wfile.write(b"data: [DONE]\n\n")
        handler.close_connection = True

    return behave


def hang(seconds: float) -> Any:
    """Return a behaviour that answers nothing for a while."""

    def behave(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        time.sleep(seconds)

    return behave


def drop(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    """Close the connection without a word."""
    handler.close_connection = True
    handler.connection.close()


class Wire:
    """The vocabulary of the fake endpoint, for tests that cannot import this file."""

    completion = staticmethod(completion)
    error = staticmethod(error)
    stream = staticmethod(stream)
    hang = staticmethod(hang)
    drop = staticmethod(drop)


@pytest.fixture
def wire() -> type[Wire]:
    return Wire


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    fake = FakeEndpoint()
    yield fake
    fake.close()
