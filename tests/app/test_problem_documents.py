from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from app.api import create_app
from app.errors import MEDIA_TYPE, kinds
from app.service import Service
from app.settings import Settings


@pytest.fixture
def client(tmp_path):
    settings = Settings(max_body_bytes=2048, database_url=f"sqlite:///{tmp_path}/jobs.sqlite3")
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(settings)), base_url="http://localhost")


async def ask(client, method, path, **kwargs):
    async with client:
        return await client.request(method, path, **kwargs)


def run(coroutine):
    import asyncio

    return asyncio.run(coroutine)


CASES = {
    "a path that is none": ("GET", "/v1/nothing", {}, 404, "not-found"),
    "a method that is none": ("GET", "/v1/solve", {}, 405, "method-not-allowed"),
    "a body that is no JSON": (
        "POST",
        "/v1/solve",
        {"content": b'{"text":', "headers": {"content-type": "application/json"}},
        400,
        "malformed-request",
    ),
    "no body": ("POST", "/v1/solve", {}, 422, "invalid-request"),
    "a body of another type": (
        "POST",
        "/v1/solve",
        {"content": b"a,b", "headers": {"content-type": "text/csv"}},
        415,
        "unsupported-media-type",
    ),
    "an unknown field": ("POST", "/v1/solve", {"json": {"text": "x", "txet": "y"}}, 422, "invalid-request"),
    "a field of another type": ("POST", "/v1/solve", {"json": {"text": 3}}, 422, "invalid-request"),
    "a lone surrogate": (
        "POST",
        "/v1/solve",
        {"content": b'{"text": "\\ud800"}', "headers": {"content-type": "application/json"}},
        422,
        "invalid-request",
    ),
    "columns of different lengths": (
        "POST",
        "/v1/solve",
        {"json": {"text": "x", "tables": [{"name": "t", "columns": {"a": [1], "b": []}}]}},
        422,
        "invalid-request",
    ),
    "a body over the limit": ("POST", "/v1/solve", {"json": {"text": "x" * 3000}}, 413, "too-large"),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_error_has_the_documented_shape(client, case):
    method, path, arguments, status, code = CASES[case]
    response = run(ask(client, method, path, **arguments))
    assert response.status_code == status
    assert response.headers["content-type"] == MEDIA_TYPE
    document = response.json()
    assert document.keys() - {"errors"} == {"type", "title", "status", "detail", "instance", "request_id"}
    assert document["type"] == f"/problems/{code}"
    assert document["status"] == status
    assert document["instance"] == path
    assert document["request_id"] == response.headers["x-request-id"]
    for error in document.get("errors", ()):
        assert error.keys() == {"pointer", "detail"}


def test_a_wrong_field_is_pointed_at(client):
    document = run(ask(client, "POST", "/v1/solve", json={"text": "x", "options": {"time_limit_s": -1}})).json()
    assert [error["pointer"] for error in document["errors"]] == ["/options/time_limit_s"]


def test_a_body_over_the_limit_is_refused_while_it_arrives(client):
    async def chunks():
        for _ in range(10):
            yield b" " * 1000

    headers = {"content-type": "application/json"}
    assert run(ask(client, "POST", "/v1/solve", content=chunks(), headers=headers)).status_code == 413


def test_every_kind_of_error_has_a_page_at_its_type(client):
    async def pages():
        async with client:
            return [(kind, await client.get(f"/problems/{kind.code}")) for kind in kinds()]

    for kind, response in run(pages()):
        assert response.status_code == 200
        assert response.text.startswith(f"{kind.title} ({kind.status})")


def test_a_bug_answers_500_with_an_id_and_no_trace(tmp_path):
    service = Service(Settings(database_url=f"sqlite:///{tmp_path}/jobs.sqlite3"))

    async def broken(*_):
        raise RuntimeError("a secret detail")

    service.submit = broken
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(service.settings, service), raise_app_exceptions=False),
        base_url="http://localhost",
    )
    response = run(ask(client, "POST", "/v1/solve", json={"text": "x"}, headers={"x-request-id": "my-own-id-1"}))
    assert response.status_code == 500
    assert response.headers["content-type"] == MEDIA_TYPE
    assert response.json()["request_id"] == "my-own-id-1"
    assert "secret" not in response.text


def test_health_answers_ok_with_security_headers(client):
    response = run(ask(client, "GET", "/healthz"))
    assert response.json() == {"status": "ok"}
    assert response.headers["x-content-type-options"] == "nosniff"


def test_the_tables_of_the_documents_are_those_of_the_code():
    script = Path(__file__).resolve().parents[2] / "scripts" / "service-docs"
    checked = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
