"""What a client is told when the chat model cannot be used."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from app.api import create_app
from app.errors import MEDIA_TYPE
from app.service import Service
from app.settings import Settings

UNREADABLE = "Zorp the blarg beyond all flumphs, as the snark would have it."


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({}, "MILPWRIGHT_CHAT_BASE_URL"),
        ({"MILPWRIGHT_CHAT_BUDGET_TOKENS": "0"}, "MILPWRIGHT_CHAT_BUDGET_TOKENS"),
    ],
)
def test_a_text_that_only_the_chat_model_could_read_is_a_503_that_names_the_setting(
    tmp_path, monkeypatch, given, setting
):
    environment = {
        "MILPWRIGHT_CHAT_BASE_URL": "http://127.0.0.1:9/v1",
        "MILPWRIGHT_CHAT_MODEL": "none",
        "MILPWRIGHT_CHAT_API_KEY": "sk-test-0123456789abcdefghij",
        "MILPWRIGHT_CHAT_RETRIES": "0",
    }
    for name, value in (environment | given).items():
        monkeypatch.setenv(name, value)
    settings = Settings(database_url=f"sqlite:///{tmp_path}/jobs.sqlite3", drain_s=0.2)

    async def main():
        service = Service(settings)
        await service.start()
        transport = httpx.ASGITransport(create_app(settings, service))
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as client:
                return await client.post("/v1/solve", json={"text": UNREADABLE, "wait_s": 30})
        finally:
            await service.stop()

    response = asyncio.run(main())
    assert response.status_code == 503
    assert response.headers["content-type"].startswith(MEDIA_TYPE)
    assert setting in response.json()["detail"]
    assert "sk-test" not in response.text
