"""A benchmark run spread over worker processes that share nothing with it but the database."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from app.jobs.benchmark import RECORDED, JobsExecutor, task_of
from app.jobs.database import make_engine, migrate
from app.jobs.job import Job, JobState
from app.jobs.store import Store
from app.jobs.workflows import Workflows
from benchmarks.attempt import ReaderSpec
from benchmarks.errors import MachineryDown
from benchmarks.item import Item
from benchmarks.pool import LocalPool
from benchmarks.record import read_records
from benchmarks.runner import Plan, run
from benchmarks.service.processes import Process
from benchmarks.suites.suite import Label, Loaded, Suite

pytestmark = pytest.mark.timeout(900)
REPOSITORY = Path(__file__).resolve().parents[2]


def plan(count: int, delay_s: float = 0.0, **options: object) -> Plan:
    """A run over problems that have a value and nothing else, answered by their labels."""
    items = tuple(Item(f"item {k}", "numbers", f"problem {k}", value=float(k)) for k in range(count))
    suite = Suite("numbers", "numbers", "Apache-2.0", str(count), Label.VALUE, lambda path: list(items))
    loaded = Loaded(suite, Path("numbers.jsonl"), items, "0" * 64)
    return Plan(loaded, ReaderSpec("reference", {"delay_s": delay_s, **options}))


@pytest.fixture
def workers(database_url, tmp_path):
    """Starts workers of the test's database, and ends them with it."""
    with store_of(database_url) as store:
        migrate(store.engine)
    started = []

    def start(count):
        environment = {"MILPWRIGHT_DATABASE_URL": database_url, "MILPWRIGHT_LOG_LEVEL": "warning"}
        environment |= {"MILPWRIGHT_SOLVES": "1", "MILPWRIGHT_SLOTS": "2"}
        for _ in range(count):
            started.append(Process(["worker"], environment, tmp_path / f"worker{len(started)}.log"))
        deadline = time.monotonic() + 180
        while not all(process.ready for process in started):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return started

    yield start
    for process in started:
        if process.popen.poll() is None:
            process.kill()


@contextmanager
def store_of(database_url):
    engine = make_engine(database_url)
    yield Store(engine)
    engine.dispose()


def executor(database_url, folder, **named):
    return JobsExecutor(database_url, folder, **{"ahead": 6, "lease_s": 10.0, **named})


def answers(folder):
    return sorted((r.id, r.outcome.value, r.value, r.seed) for r in read_records(folder / "records.jsonl"))


def test_two_workers_share_a_run_and_leave_nothing_behind(database_url, workers, tmp_path, monkeypatch):
    workers(2)
    performed_by = set()
    delete = Workflows.delete

    def noted(workflows, store, old):
        for job in old:
            events = {event.kind: json.loads(event.body) for event in store.events(job.id)}
            performed_by.add(events["started"]["executor"])
        delete(workflows, store, old)

    monkeypatch.setattr(Workflows, "delete", noted)
    ended = run(plan(16, 0.5), tmp_path / "run", executor(database_url, tmp_path / "run"))
    assert ended.recorded == 16
    run(plan(16, 0.5), tmp_path / "here", LocalPool(2))
    assert answers(tmp_path / "run") == answers(tmp_path / "here")
    assert len(performed_by) == 2
    with store_of(database_url) as store:
        assert store.page(owner=None) == []


RUN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_benchmark_jobs import executor, plan
from benchmarks.runner import run
folder = Path(sys.argv[2])
run(plan(20, 0.1), folder, executor(sys.argv[1], folder))
"""


@pytest.mark.slow
def test_a_run_and_a_worker_that_are_killed_lose_no_record_and_repeat_none(database_url, workers, tmp_path):
    started = workers(2)
    folder = tmp_path / "run"
    command = [sys.executable, "-c", RUN, database_url, str(folder), str(Path(__file__).parent)]
    process = subprocess.Popen(command, cwd=REPOSITORY)
    path = folder / "records.jsonl"
    deadline = time.monotonic() + 180
    while not (path.exists() and path.read_bytes().count(b"\n") >= 5):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = path.read_bytes()
    started[0].kill()
    assert subprocess.run(command, cwd=REPOSITORY, timeout=280).returncode == 0
    whole = before[: before.rfind(b"\n") + 1]
    assert path.read_bytes().startswith(whole)
    assert sorted(record.id for record in read_records(path)) == sorted(f"item {k}" for k in range(20))


def test_a_reader_that_cannot_be_opened_stops_the_run_and_a_mended_one_goes_on(database_url, workers, tmp_path):
    workers(1)
    with pytest.raises(MachineryDown, match="does not take these options"):
        run(plan(3, colour="red"), tmp_path / "run", executor(database_url, tmp_path / "run"))
    assert answers(tmp_path / "run") == []
    with store_of(database_url) as store:
        left = store.page(owner=None)
        assert all(job.state is not JobState.FINISHED for job in left)
        assert not any(event.kind == RECORDED for job in left for event in store.events(job.id))
    ended = run(plan(3), tmp_path / "another", executor(database_url, tmp_path / "another"))
    assert ended.recorded == 3


def test_without_a_worker_the_run_says_so(database_url, tmp_path):
    with pytest.raises(MachineryDown, match="milpwright worker"):
        run(plan(3), tmp_path / "run", executor(database_url, tmp_path / "run", patience_s=0.1))


def test_a_problem_of_a_client_is_never_taken_for_a_task(new_job):
    given = new_job()
    job = Job(id="0", state=JobState.QUEUED, round=0, version="1", created_at=0.0, last_event=0, **asdict(given))
    assert task_of(job) is None
