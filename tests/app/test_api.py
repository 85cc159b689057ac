from __future__ import annotations

import asyncio
import json
import time

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from uvicorn.server import ServerState

from app.api import create_app
from app.api.middleware import BodyLimit
from app.api.protocol import PatientProtocol
from app.errors import MEDIA_TYPE
from app.keys import Scope
from app.service import Service
from app.settings import Settings
from benchmarks.service.load import text_of

LP = "Maximize\n obj: 3 x + 2 y\nSubject To\n c: x + y <= 4\nBounds\n x <= 3\nEnd\n"


@pytest.fixture
def serve(tmp_path, script):
    """Runs a coroutine that is given a client and the service behind it."""

    def run(main, **given):
        settings = Settings(**({"database_url": f"sqlite:///{tmp_path}/jobs.sqlite3", "drain_s": 0.2} | given))

        async def served():
            service = Service(settings, work=script)
            await service.start()
            transport = httpx.ASGITransport(create_app(settings, service))
            try:
                async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                    return await main(client, service)
            finally:
                await service.stop()

        return asyncio.run(served())

    return run


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_a_solved_problem_is_answered_with_the_answer_of_its_job(serve):
    async def main(client, _service):
        answered = await client.post("/v1/solve", json={"text": "a problem"})
        job = await client.get(answered.headers["location"])
        return answered, job.json()

    answered, job = serve(main)
    assert answered.status_code == 200
    assert answered.json()["status"] == "infeasible"
    assert job["answer"] == answered.json()
    assert (job["state"], job["status"], job["title"], job["error"]) == ("finished", "infeasible", "a problem", None)


def test_what_takes_longer_than_the_wait_becomes_a_job(serve, script):
    script.held_from = 0

    async def main(client, _service):
        first = await client.post("/v1/solve", json={"text": "a problem", "wait_s": 0.05})
        script.held_from = None
        then = await client.get(first.headers["location"], params={"wait_s": 120})
        return first, then

    first, then = serve(main)
    assert first.status_code == 202
    assert first.json()["answer"] is None
    assert first.headers["retry-after"] == "1"
    assert then.json()["state"] == "finished"


def test_a_bug_in_the_work_answers_500_and_is_kept_with_the_job(serve):
    async def main(client, _service):
        failed = await client.post("/v1/solve", json={"text": "bug"})
        jobs = await client.get("/v1/jobs")
        return failed, (await client.get(f"/v1/jobs/{jobs.json()['items'][0]['id']}")).json()

    failed, job = serve(main)
    assert failed.status_code == 500
    assert "secret" not in failed.text
    assert job["state"] == "failed"
    assert job["error"]["status"] == 500


def test_jobs_are_listed_in_pages_and_filtered(serve):
    async def main(client, _service):
        for k in range(5):
            await client.post("/v1/solve", json={"text": f"problem {k}"})
        await client.post("/v1/solve", json={"text": "question"})
        first = (await client.get("/v1/jobs", params={"limit": 4})).json()
        second = (await client.get("/v1/jobs", params={"limit": 4, "before": first["next"]})).json()
        asking = (await client.get("/v1/jobs", params={"status": "needs_answers"})).json()
        # PostgreSQL takes no NUL in a text.
        broken = [await client.get("/v1/jobs", params={"before": before}) for before in ("\0", "../", "a" * 65)]
        return first, second, asking, broken

    first, second, asking, broken = serve(main)
    assert [response.status_code for response in broken] == [422, 422, 422]
    titles = [job["title"] for job in first["items"] + second["items"]]
    assert titles == ["question", *(f"problem {k}" for k in (4, 3, 2, 1, 0))]
    assert second["next"] is None
    assert [job["title"] for job in asking["items"]] == ["question"]


def test_a_job_is_cancelled_by_the_first_delete_and_gone_after_the_second(serve, script):
    script.held_from = 0

    async def main(client, _service):
        job = (await client.post("/v1/jobs", json={"text": "a problem"})).json()["id"]
        while not script.performed:
            await asyncio.sleep(0.01)
        cancelled = await client.delete(f"/v1/jobs/{job}")
        over = await client.get(f"/v1/jobs/{job}", params={"wait_s": 120})
        deleted = await client.delete(f"/v1/jobs/{job}")
        return cancelled, over, deleted, await client.get(f"/v1/jobs/{job}")

    cancelled, over, deleted, gone = serve(main)
    assert [cancelled.status_code, deleted.status_code, gone.status_code] == [202, 204, 404]
    assert over.json()["state"] == "cancelled"


def read_events(text):
    blocks = [block for block in text.split("\n\n") if block.startswith("id:")]
    return [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]


def test_events_are_numbered_and_resumable(serve):
    async def main(client, _service):
        job = (await client.post("/v1/solve", json={"text": "a problem"})).headers["location"]
        everything = await client.get(f"{job}/events")
        ids = [int(event["id"]) for event in read_events(everything.text)]
        rest = await client.get(f"{job}/events", headers={"Last-Event-ID": str(ids[2])})
        query = await client.get(f"{job}/events", params={"after": ids[2]})
        nothing = await client.get(f"{job}/events", headers={"Last-Event-ID": str(ids[-1])})
        foreign = [
            await client.get(f"{job}/events", headers={"Last-Event-ID": last})
            for last in (str(ids[-1] + 1), "9" * 40, "-1", "x", "")
        ]
        return everything, rest, query, nothing, foreign

    everything, rest, query, nothing, foreign = serve(main)
    assert everything.headers["content-type"].startswith("text/event-stream")
    told = read_events(everything.text)
    assert [event["event"] for event in told if event["event"] != "progress"] == [
        "queued",
        "started",
        *["solve_failed"] * 3,
        "finished",
    ]
    assert json.loads(told[-1]["data"])["event"] == {"status": "infeasible", "confident": False}
    assert read_events(rest.text) == told[3:] == read_events(query.text)
    assert nothing.status_code == 204
    # An id that the job has not come to is another job's, or of what a restored backup has lost.
    assert [read_events(stream.text) for stream in foreign] == [told] * 5


def test_a_stream_ends_with_the_key_that_opened_it(serve, script):
    script.held_from = 0

    async def main(client, service):
        token, key = service.keys.create("gone", [Scope.SOLVE])
        other, _ = service.keys.create("other", [Scope.ADMIN])
        job = (await client.post("/v1/jobs", json={"text": "a problem"}, headers=bearer(token))).headers["location"]
        while not script.performed:
            await asyncio.sleep(0.01)
        stream = asyncio.create_task(client.get(f"{job}/events", headers=bearer(token)))
        while not service.jobs.watch.waited_for:
            await asyncio.sleep(0.01)
        service.keys.revoke(key.id)
        script.held_from = None
        await client.get(job, params={"wait_s": 120}, headers=bearer(other))
        return (await stream).text, (await client.get(f"{job}/events", headers=bearer(other))).text

    cut, whole = serve(main, api_keys="required")
    assert "event: finished" not in cut
    assert "event: finished" in whole


def test_questions_are_answered_under_the_same_id(serve):
    async def main(client, _service):
        job = (await client.post("/v1/solve", json={"text": "question"})).headers["location"]
        taken = await client.post(f"{job}/answers", json={"answers": {"q1": "forty"}})
        over = await client.get(job, params={"wait_s": 120})
        again = await client.post(f"{job}/answers", json={"answers": {"q1": "forty"}})
        return taken, over.json(), again

    taken, over, again = serve(main)
    assert taken.status_code == 202
    assert (over["round"], over["answer"]["explanation"]) == (1, "forty")
    assert again.status_code == 409


def test_artifacts_that_were_made_can_be_fetched_and_others_are_not_found(serve):
    async def main(client, _service):
        job = (await client.post("/v1/solve", json={"text": "a problem"})).headers["location"]
        names = ("transcript.jsonl", "model.py", "model.lp", "model.mps", "model.tex", "coder.py", "solution.csv")
        return {name: await client.get(f"{job}/artifacts/{name}") for name in (*names, "passwords")}

    found = serve(main)
    lines = [json.loads(line) for line in found.pop("transcript.jsonl").text.splitlines()]
    assert [line["kind"] for line in lines if line["step"] is not None] == ["solve_failed"] * 3
    assert found.pop("passwords").status_code == 422
    assert {response.status_code for response in found.values()} == {404}


def test_a_repeated_request_is_done_once(serve, script):
    async def main(client, _service):
        ask = {"json": {"text": "a problem"}, "headers": {"Idempotency-Key": "abc"}}
        first, second = await client.post("/v1/jobs", **ask), await client.post("/v1/jobs", **ask)
        solved = await client.post("/v1/solve", **ask)
        other = await client.post("/v1/jobs", json={"text": "another"}, headers={"Idempotency-Key": "abc"})
        bad = await client.post("/v1/jobs", json={"text": "another"}, headers={"Idempotency-Key": "x" * 201})
        return first, second, solved, other, bad

    first, second, solved, other, bad = serve(main)
    assert first.json()["id"] == second.json()["id"]
    assert solved.status_code == 200
    assert other.status_code == 409
    assert bad.status_code == 422
    assert len(script.performed) == 3


def test_without_keys_the_service_answers_to_local_names_alone(serve):
    async def main(client, _service):
        return [
            (await client.get("/v1/jobs", headers={"Host": host})).status_code
            for host in ("localhost:8000", "127.0.0.1", "[::1]:8000", "evil.example", "10.0.0.7")
        ]

    assert serve(main) == [200, 200, 200, 403, 403]


def test_where_keys_are_needed_only_a_valid_one_with_the_scope_gets_in(serve):
    async def main(client, service):
        full, _ = service.keys.create("full", [Scope.SOLVE])
        reader, _ = service.keys.create("reader", [Scope.READ])
        old, _ = service.keys.create("old", [Scope.SOLVE], expires_at=time.time() - 1)
        gone, key = service.keys.create("gone", [Scope.SOLVE])
        service.keys.revoke(key.id)
        return [
            (await client.post("/v1/solve", json={"text": "a problem"}, headers=headers)).status_code
            for headers in (
                {},
                bearer("nonsense"),
                bearer(full[:-1] + ("A" if full[-1] != "A" else "B")),
                bearer(old),
                bearer(gone),
                {"Authorization": f"Basic {full}"},
                bearer(reader),
                bearer(full),
            )
        ], (await client.get("/healthz")).status_code

    statuses, health = serve(main, host="0.0.0.0")
    assert statuses == [401, 401, 401, 401, 401, 401, 403, 200]
    assert health == 200


def test_a_client_sees_its_own_jobs_and_an_admin_all(serve):
    async def main(client, service):
        keys = {name: service.keys.create(name, [Scope.SOLVE])[0] for name in ("a", "b")}
        keys["admin"] = service.keys.create("admin", [Scope.ADMIN])[0]
        places = {}
        for name in ("a", "b"):
            answered = await client.post("/v1/solve", json={"text": name}, headers=bearer(keys[name]))
            places[name] = answered.headers["location"]
        listed = {
            name: [job["title"] for job in (await client.get("/v1/jobs", headers=bearer(key))).json()["items"]]
            for name, key in keys.items()
        }
        paths = (places["b"], f"{places['b']}/events", f"{places['b']}/artifacts/transcript.jsonl")
        foreign = [(await client.get(path, headers=bearer(keys["a"]))).status_code for path in paths]
        foreign.append((await client.delete(places["b"], headers=bearer(keys["a"]))).status_code)
        return listed, foreign

    listed, foreign = serve(main, api_keys="required")
    assert listed == {"a": ["a"], "b": ["b"], "admin": ["b", "a"]}
    assert foreign == [404, 404, 404, 404]


def test_a_key_has_its_rate_and_its_cost_limit(serve):
    async def main(client, service):
        slow, _ = service.keys.create("slow", [Scope.READ], requests_per_minute=2)
        poor, _ = service.keys.create("poor", [Scope.SOLVE], cost_limit=0.0)
        asked = [await client.get("/v1/jobs", headers=bearer(slow)) for _ in range(3)]
        return asked, await client.post("/v1/jobs", json={"text": "x"}, headers=bearer(poor))

    asked, refused = serve(main, api_keys="required")
    assert [response.status_code for response in asked] == [200, 200, 429]
    assert 1 <= int(asked[-1].headers["retry-after"]) <= 30
    assert asked[-1].headers["content-type"] == MEDIA_TYPE
    assert refused.status_code == 429


def test_what_a_key_has_spent_stays_spent_when_its_jobs_are_deleted(serve):
    async def main(client, service):
        token, _ = service.keys.create("thrifty", [Scope.SOLVE], cost_limit=1.0)
        ask = {"json": {"text": "question"}, "headers": bearer(token)}
        jobs = [(await client.post("/v1/solve", **ask)).headers["location"] for _ in range(2)]
        with service.jobs.engine.begin() as connection:
            connection.execute(sa.text("UPDATE milpwright_jobs SET cost = 0.6"))
        answers = {"json": {"answers": {"q1": "forty"}}, "headers": bearer(token)}
        refused = [await client.post("/v1/jobs", **ask), await client.post(f"{jobs[0]}/answers", **answers)]
        gone = [await client.delete(job, headers=bearer(token)) for job in jobs]
        return gone, [*refused, await client.post("/v1/jobs", **ask)]

    gone, refused = serve(main, api_keys="required")
    assert [response.status_code for response in gone] == [204, 204]
    assert [response.status_code for response in refused] == [429, 429, 429]


def test_other_origins_are_shut_out_unless_they_are_named(serve):
    async def main(client, _service):
        return await client.options(
            "/v1/solve", headers={"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        )

    assert "access-control-allow-origin" not in serve(main).headers
    named = serve(main, cors_origins=["https://app.example"])
    assert named.headers["access-control-allow-origin"] == "https://app.example"


def test_metrics_and_readiness_tell_of_the_jobs(serve):
    async def main(client, service):
        await client.post("/v1/solve", json={"text": "a problem"})
        ready = await client.get("/readyz")
        metrics = (await client.get("/metrics")).text
        service.begin_drain()
        refused = await client.post("/v1/solve", json={"text": "a problem"})
        return ready, metrics, await client.get("/readyz"), refused

    ready, metrics, draining, refused = serve(main)
    assert (ready.status_code, draining.status_code, refused.status_code) == (200, 503, 503)
    assert 'milpwright_jobs{state="finished"} 1.0' in metrics
    assert "milpwright_step_seconds_count" in metrics


def test_a_model_without_a_feasible_point_is_diagnosed(serve):
    async def main(client, _service):
        text = "min x\nst\n budget: 18 x <= 500\n need: x >= 30\nend"
        side = {"format": "lp", "text": text}
        return [
            await client.post("/v1/models/diagnose", json={"model": side}),
            await client.post("/v1/models/diagnose", json={"model": {"format": "lp", "text": "nonsense"}}),
        ]

    found, nonsense = serve(main)
    assert found.status_code == 200
    assert found.json()["core"]["relations"] == ["budget: 18 x <= 500", "need: x >= 30"]
    # 30 at 18 cost 540
    assert "raise budget from 500 to 540" in [repair["text"] for repair in found.json()["repairs"]]
    assert nonsense.status_code == 422


def test_models_are_compared_and_solved(serve):
    async def main(client, _service):
        side = {"format": "lp", "text": LP}
        other = {"format": "lp", "text": LP.replace("x <= 3", "x <= 2")}
        return [
            await client.post("/v1/compare", json={"a": side, "b": side}),
            await client.post("/v1/compare", json={"a": side, "b": other}),
            await client.post("/v1/compare", json={"a": side, "b": {"format": "lp", "text": "nonsense"}}),
            await client.post("/v1/models/solve", json={"model": side}),
            await client.post("/v1/models/solve", json={"model": side, "solver": "no such"}),
            await client.get("/v1/solvers"),
        ]

    same, different, nonsense, solved, unknown, solvers = serve(main)
    assert same.json()["verdict"] == "equivalent"
    assert different.json()["verdict"] != "equivalent"
    assert nonsense.status_code == 422
    assert nonsense.json()["errors"][0]["pointer"] == "/b/text"
    # x earns more and is bounded by 3, so x = 3, y = 1 and the objective is 9 + 2.
    answer = solved.json()
    assert answer["status"] == "optimal"
    assert answer["objective"]["value"] == pytest.approx(11.0)
    assert {v["name"]: v["value"] for v in answer["variables"]} == pytest.approx({"x": 3.0, "y": 1.0})
    assert answer["formulation"] is None
    assert answer["reader"] is None
    assert unknown.status_code == 422
    assert "highs" in [solver["name"] for solver in solvers.json()["solvers"]]


@pytest.mark.parametrize("name", ["", "no such", "portfoli"])
def test_a_solver_that_there_is_none_of_is_refused_before_any_work(serve, name):
    async def main(client, _service):
        return [
            await client.post(path, json={"text": "Minimise x, x at least 3.", "options": {"solver": name}})
            for path in ("/v1/solve", "/v1/jobs")
        ]

    for refused in serve(main):
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/options/solver"


def test_every_example_of_the_document_is_taken(serve):
    async def main(client, _service):
        document = (await client.get("/openapi.json")).json()
        taken = {}
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                for name, example in content.get("examples", {}).items():
                    if "{" not in path:
                        response = await client.request(method, path, json=example["value"])
                        taken[f"{path} {name}"] = response.status_code
        return document, taken

    document, taken = serve(main)
    assert document["openapi"].startswith("3.1")
    assert len(taken) >= 6
    assert set(taken.values()) <= {200, 202}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "post":
                content = operation["requestBody"]["content"]["application/json"]
                assert content.get("examples"), f"{path} has no example"


def test_a_body_that_never_arrives_is_refused_in_the_end(serve, monkeypatch):
    monkeypatch.setattr(BodyLimit, "ARRIVAL_S", 0.05)

    async def main(client, _service):
        async def body(beginning):
            yield beginning
            await asyncio.Event().wait()

        form = {"content-type": "multipart/form-data; boundary=x"}
        return [
            await asyncio.wait_for(client.post("/v1/jobs", content=body(b'{"text": ')), 60),
            await asyncio.wait_for(client.post("/v1/jobs", content=body(b"--x\r\n"), headers=form), 60),
        ]

    for late in serve(main):
        assert late.status_code == 400
        assert "not arrived" in late.json()["detail"]
        assert late.headers["connection"] == "close"


def test_a_connection_whose_request_never_begins_is_closed_and_others_are_served(monkeypatch):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def main():
        config = uvicorn.Config(app, http=PatientProtocol, log_config=None)
        state, made = ServerState(), []

        def connection():
            made.append(PatientProtocol(config, state, {}))
            return made[-1]

        server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        served = await reader.readuntil(b"\r\n\r\n")
        waits = made[0].waiting
        writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")
        while made[0].waiting is None:
            await asyncio.sleep(0.01)
        monkeypatch.setattr(PatientProtocol, "HEAD_S", 0.05)
        late, slow = await asyncio.open_connection("127.0.0.1", port)
        slow.write(b"GET / HT")
        ended = await asyncio.wait_for(late.read(), 60)
        for opened in (writer, slow):
            opened.close()
            await opened.wait_closed()
        server.close()
        return served, waits, ended

    served, waits, ended = asyncio.run(main())
    assert served.startswith(b"HTTP/1.1 204")
    assert waits is None
    assert ended == b""


def test_tables_come_as_files_beside_the_request(serve, script):
    async def main(client, service):
        request = json.dumps({"text": "a problem"})
        csv = ("plants.csv", b"plant,capacity\nnorth,10\nsouth,20\n", "text/csv")
        answered = await client.post("/v1/jobs", data={"request": request}, files={"tables": csv})
        job = await service.jobs.io(service.jobs.store.get, answered.json()["id"])
        refused = [
            await client.post("/v1/jobs", data={"request": "{"}, files={"tables": csv}),
            await client.post("/v1/jobs", data={"other": request}, files={"tables": csv}),
            await client.post("/v1/jobs", data={"request": request}, files={"tables": ("a.xlsx", b"no zip", "x/y")}),
            await client.post("/v1/compare", data={"request": request}, files={"tables": csv}),
            await client.post("/v1/jobs", content=b"--x", headers={"content-type": "multipart/form-data; boundary=x"}),
            await client.post("/v1/jobs", content=b"--x", headers={"content-type": "multipart/form-data"}),
        ]
        return answered, job, refused

    answered, job, refused = serve(main)
    assert answered.status_code == 202
    assert json.loads(job.problem)["tables"][0]["columns"]["map"] == {"plant": ["north", "south"], "capacity": [10, 20]}
    assert [response.status_code for response in refused] == [400, 422, 422, 415, 422, 400]
    assert {response.headers["content-type"] for response in refused} == {MEDIA_TYPE}


def test_a_problem_in_words_is_solved_over_http_and_its_files_are_made(tmp_path):
    # With b + k <= 80 and 2 b + k <= 100, the corner b = 20, k = 60 earns 180, and adding the two limits shows
    # that nothing earns more.
    settings = Settings(database_url=f"sqlite:///{tmp_path}/jobs.sqlite3", drain_s=0.2)
    names = ("model.py", "model.lp", "model.mps", "model.tex", "solution.csv", "transcript.jsonl")

    async def main():
        service = Service(settings)
        await service.start()
        transport = httpx.ASGITransport(create_app(settings, service))
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as client:
                answered = await client.post("/v1/solve", json={"text": text_of(0)})
                place = answered.headers["location"]
                return answered, {name: await client.get(f"{place}/artifacts/{name}") for name in names}
        finally:
            await service.stop()

    answered, files = asyncio.run(main())
    assert answered.json()["status"] == "optimal"
    assert answered.json()["objective"]["value"] == pytest.approx(180.0)
    assert {response.status_code for response in files.values()} == {200}
    assert "pyomo" in files["model.py"].text
    assert "beets,,20.0" in files["solution.csv"].text
    assert '"kind": "model_solved"' in files["transcript.jsonl"].text
