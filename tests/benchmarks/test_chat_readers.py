"""The readers that ask a chat model, against an endpoint on loopback."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks.attempt import ReaderSpec
from benchmarks.errors import MachineryDown
from benchmarks.item import Item
from benchmarks.pool import LocalPool
from benchmarks.readers import open_reader, reader_options
from benchmarks.record import Outcome, read_records
from benchmarks.runner import Budget, Plan, run
from benchmarks.suites.registry import suite_named
from benchmarks.suites.suite import load

PROGRAM = """```python
import pyomo.environ as pyo

def build(data):
    m = pyo.ConcreteModel()
    m.loaves = pyo.Var(domain=pyo.NonNegativeIntegers)
    m.cakes = pyo.Var(domain=pyo.NonNegativeIntegers)
    m.earn = pyo.Objective(expr=5 * m.loaves + 7 * m.cakes, sense=pyo.maximize)
    m.flour = pyo.Constraint(expr=2 * m.loaves + m.cakes <= 40)
    m.oven = pyo.Constraint(expr=m.loaves + 2 * m.cakes <= 50)
    return m
```"""


class Endpoint(BaseHTTPRequestHandler):
    seen: list[bytes] = []

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        self.seen.append(self.rfile.read(int(self.headers["Content-Length"])))
        choice = {"index": 0, "message": {"role": "assistant", "content": PROGRAM}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        body = json.dumps(
            {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.setenv("MILPWRIGHT_CHAT_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
    monkeypatch.setenv("MILPWRIGHT_CHAT_MODEL", "m")
    monkeypatch.setenv("MILPWRIGHT_CHAT_PROMPT_PRICE", "10")
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_baseline_is_judged_and_charged(endpoint: None, tmp_path: Path) -> None:
    loaded = load(suite_named("own"))
    plan = Plan(
        loaded, ReaderSpec("baseline", reader_options("baseline", effort="low")), limit=3, budget=Budget(calls=2)
    )
    ended = run(plan, tmp_path, LocalPool(1))
    assert (ended.recorded, ended.stopped_by) == (2, "calls")
    bakery, other = sorted(read_records(tmp_path / "records.jsonl"), key=lambda record: record.id != "bakery")
    assert (bakery.outcome, bakery.calls, bakery.tokens) == (Outcome.RIGHT, 1, 120)
    assert bakery.cost_usd == pytest.approx(100 * 10 / 1e6)
    assert other.outcome is Outcome.WRONG
    assert bakery.prompts


def test_another_model_than_the_run_asks_for_is_refused(endpoint: None) -> None:
    with pytest.raises(MachineryDown, match="this environment has"):
        open_reader(ReaderSpec("baseline", {"models": {"": "another"}}))


ROUTES = (
    "Three depots send goods to four shops; each depot has a supply, each shop a demand, and each route a cost per "
    "unit shipped. Transport everything at the least total cost."
)


@pytest.mark.parametrize(("lessons", "shown"), [("", True), ("off", False)])
def test_lessons_are_a_part_of_what_a_run_is(
    endpoint: None, monkeypatch: pytest.MonkeyPatch, lessons: str, shown: bool
) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(Endpoint, "seen", sent, raising=False)
    options = reader_options("chat", effort="low")
    assert options["lessons"] == ""
    with open_reader(ReaderSpec("chat", {**options, "lessons": lessons})) as reader:
        reader.attempt(Item("routes", "own", ROUTES), seed=0)
    assert (b"<lessons>" in sent[0]) is shown


def test_a_folder_without_lessons_stops_the_run_before_a_call(endpoint: None, tmp_path: Path) -> None:
    options = {**reader_options("chat", effort="low"), "lessons": str(tmp_path / "nowhere")}
    with pytest.raises(MachineryDown, match="LESSONS"), open_reader(ReaderSpec("chat", options)):
        pass


def test_without_a_chat_model_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MILPWRIGHT_CHAT_BASE_URL", raising=False)
    with pytest.raises(MachineryDown, match="MILPWRIGHT_CHAT_BASE_URL"):
        reader_options("chat", effort="low")


@pytest.mark.parametrize("reader", ["baseline", "chat"])
def test_a_model_that_is_down_stops_the_run_and_spoils_no_record(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reader: str
) -> None:
    monkeypatch.setenv("MILPWRIGHT_CHAT_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("MILPWRIGHT_CHAT_MODEL", "m")
    monkeypatch.setenv("MILPWRIGHT_CHAT_RETRIES", "0")
    spec = ReaderSpec(reader, reader_options(reader, effort="low"))
    with pytest.raises(MachineryDown, match="cannot go on"):
        run(Plan(load(suite_named("own")), spec, limit=2), tmp_path, LocalPool(1))
    assert list(read_records(tmp_path / "records.jsonl")) == []
