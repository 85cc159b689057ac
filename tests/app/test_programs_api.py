"""``POST /v1/programs/solve``: the answer's usual JSON, and whose fault it is when there is none."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from app.api import create_app
from app.api.programs import PROGRAM_EXAMPLES
from app.service import Service
from app.settings import Settings


@pytest.fixture
def post(tmp_path):
    def run(*bodies):
        settings = Settings(database_url=f"sqlite:///{tmp_path}/jobs.sqlite3", drain_s=0.2)

        async def served():
            service = Service(settings)
            await service.start()
            transport = httpx.ASGITransport(create_app(settings, service))
            try:
                async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as client:
                    return [await client.post("/v1/programs/solve", json=body) for body in bodies]
            finally:
                await service.stop()

        return asyncio.run(served())

    return run


def test_programs_are_answered_or_refused_as_they_should(post):
    example = PROGRAM_EXAMPLES["a program"]["value"]
    good, wrong, slow, bad_data, bad_solver = post(
        example,
        example | {"source": "def build(data):\n    return data['silk']\n"},
        {"source": "while True: pass", "program_time_limit_s": 0.3},
        example | {"data": {"sets": 3}},
        example | {"solver": "abacus"},
    )
    # silk is worth more: 40 of it, and 20 of tea: 5 * 40 + 2 * 20 = 240
    answer = good.json()
    assert (good.status_code, answer["status"], answer["objective"]["value"]) == (200, "optimal", 240)
    assert (answer["formulation"], answer["reader"]) == (None, None)
    assert wrong.json()["status"] == "error"
    assert wrong.json()["termination"]["detail"].startswith("line 2: KeyError")
    assert (slow.json()["status"], slow.json()["termination"]["limit"]) == ("no_solution", "wall")
    assert (bad_data.status_code, bad_data.json()["errors"][0]["pointer"]) == (422, "/data")
    assert (bad_solver.status_code, bad_solver.json()["errors"][0]["pointer"]) == (422, "/solver")


def test_a_missing_sandbox_is_the_machinery_and_names_its_layer(post, monkeypatch):
    monkeypatch.setattr("formulation.sandbox.sandbox._platform_reason", lambda: "this is no Linux")
    (refused,) = post(PROGRAM_EXAMPLES["a program"]["value"])
    assert refused.status_code == 503
    assert "platform" in refused.json()["detail"]
