"""The Python clients against a real service, and the examples of docs/python.md."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import milpwright
from app.client import AsyncClient, Client, RequestRefused, StillRunning
from benchmarks.service.processes import Process, wait_ready
from formulation.problem import Effort, Options

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "docs" / "samples" / "bakery.txt").read_text()
PAGE = (ROOT / "docs" / "python.md").read_text()
EXAMPLES = dict(re.findall(r"<!-- example: (.+?) -->\n```python\n(.*?)```", PAGE, re.DOTALL))
ASKS = SAMPLE.replace("50 hours of oven", "50 hours of oven and 6 helpers for the")


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """The address of a service of its own."""
    folder = tmp_path_factory.mktemp("client")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = Process(
        ["serve", "--port", str(port)], {"MILPWRIGHT_DATABASE_URL": f"sqlite:///{folder}/jobs.sqlite3"}, folder / "log"
    )
    wait_ready(f"http://127.0.0.1:{port}")
    yield f"http://127.0.0.1:{port}"
    process.terminate()


PRINTED = {
    "in process": "optimal 190.0 True",
    "models": "equivalent",
    "client": "finished",
    # 10 loaves and 20 cakes: 5*10 + 7*20, and with cakes at $8 5*10 + 8*20
    "async client": "[190.0, 210.0]",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_of_the_page_runs(name, url):
    program = EXAMPLES[name].replace("http://127.0.0.1:8000", url)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert PRINTED[name] in done.stdout


def test_a_solve_gives_a_typed_answer(url):
    with Client(url) as client:
        answer = client.solve(SAMPLE, options=Options(Effort.LOW, time_limit_s=9.0))
    assert answer.objective.value == pytest.approx(190)
    assert {variable.name: variable.value for variable in answer.variables} == {"loaves": 10, "cakes": 20}


def test_tables_go_along_and_nonsense_is_refused_with_the_problem(url):
    with Client(url) as client:
        table = milpwright.Table("prices", {"product": ("loaves", "cakes"), "price": (5, 7)})
        assert client.solve(SAMPLE, tables=[table]).status == "optimal"
        with pytest.raises(RequestRefused) as refused:
            client.job("f" * 32)
    assert refused.value.status == 404
    assert refused.value.problem.type == "/problems/not-found"


def test_what_takes_longer_than_the_wait_comes_back_as_a_job(url):
    with Client(url) as client:
        with pytest.raises(StillRunning) as still:
            client.solve(SAMPLE, wait_s=0.0)
        job = client.job(still.value.job.id, wait_s=60.0)
        assert job.answer.objective.value == pytest.approx(190)
        kinds = [event.kind for event in client.events(job.id)]
        assert kinds[0] == "queued"
        assert kinds[-1] == "finished"
        assert [event.kind for event in client.events(job.id, after=len(kinds) - 1)] == ["finished"]
        assert client.jobs(limit=1).next is not None or len(client.jobs().items) >= 1
        client.cancel(job.id)
        with pytest.raises(RequestRefused):
            client.job(job.id)


def test_a_question_is_answered_and_the_job_works_on(url):
    with Client(url) as client:
        job = client.job(client.submit(ASKS).id, wait_s=60.0)
        assert job.answer.questions
        again = client.answer(job.id, {question.id: "it plays no part" for question in job.answer.questions})
        assert again.id == job.id
        assert client.job(job.id, wait_s=60.0).round == 1


def test_the_two_clients_have_the_same_methods_and_answers(url):
    def methods(kind):
        return {name for name in vars(kind) if not name.startswith("_")}

    assert methods(Client) == methods(AsyncClient)

    async def main():
        async with AsyncClient(url) as client:
            job = await client.submit(SAMPLE)
            told = [event.kind async for event in client.events(job.id)]
            lp = await client.artifact(job.id, "model.lp")
            page = await client.jobs(limit=1)
            await client.cancel(job.id)
            with pytest.raises(RequestRefused):
                await client.job(job.id)
            return told, lp, page

    told, lp, page = asyncio.run(main())
    assert told[-1] == "finished"
    assert lp.startswith("Maximize")
    assert len(page.items) == 1


def test_a_service_that_is_not_there_is_an_error_of_the_transport():
    import httpx

    with Client("http://127.0.0.1:9") as client, pytest.raises(httpx.ConnectError):
        client.jobs()


def test_solve_works_in_a_notebooks_event_loop():
    async def cell():
        return milpwright.solve(SAMPLE, effort="low", time_limit_s=9.0)

    assert asyncio.run(cell()).objective.value == pytest.approx(190)


def test_every_public_name_is_there_and_another_is_said():
    for name in milpwright.__all__:
        assert getattr(milpwright, name) is not None
    with pytest.raises(AttributeError, match="it has"):
        milpwright.sovle  # noqa: B018 - the access is what is tested
    assert json.dumps(sorted(milpwright.__all__)) == json.dumps(dir(milpwright))
