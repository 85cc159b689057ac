"""A run is resumable at any moment: nothing repeated, nothing lost."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.attempt import ReaderSpec
from benchmarks.errors import BenchmarkError, RecordError
from benchmarks.executor import Task
from benchmarks.item import Item
from benchmarks.perform import given_up, perform
from benchmarks.pool import LocalPool
from benchmarks.readers import ReferenceReader, open_reader
from benchmarks.record import Outcome, Record, read_records
from benchmarks.runner import Budget, Plan, run
from benchmarks.suites.suite import Label, Loaded, Suite

REPOSITORY = Path(__file__).resolve().parents[2]


def numbered(count: int, suite: str = "numbers") -> Loaded:
    """A suite of problems that have a value and nothing else."""
    items = tuple(Item(id=f"item {k}", suite=suite, text=f"problem {k}", value=float(k)) for k in range(count))
    described = Suite(suite, suite, "Apache-2.0", str(count), Label.VALUE, lambda path: list(items))
    return Loaded(described, Path("numbers.jsonl"), items, "0" * 64)


class InThisProcess:
    """An executor without processes, in a shuffled order of its own; ``only`` tasks are performed, then it fails."""

    def __init__(self, only: int | None = None) -> None:
        self.only = only
        self.performed: list[tuple[str, str, int]] = []

    def run(self, tasks: Iterator[Task]) -> Iterator[Record]:
        reader = ReferenceReader()
        for task in tasks:
            if self.only is not None and len(self.performed) >= self.only:
                raise KeyboardInterrupt
            self.performed.append(task.key)
            yield perform(task, reader)


def settled(folder: Path) -> list[dict[str, object]]:
    """The records without what the clock has written, by key."""
    rows = [record.to_json() for record in read_records(folder / "records.jsonl")]
    for row in rows:
        del row["latency_s"], row["scoring_s"]
    return sorted(rows, key=lambda row: (str(row["id"]), str(row["sample"])))


def test_a_run_records_every_sample_of_every_item_once(tmp_path: Path) -> None:
    ended = run(Plan(numbered(5), ReaderSpec("reference"), samples=3), tmp_path, InThisProcess())
    assert (ended.recorded, ended.total, ended.stopped_by) == (15, 15, "")
    records = list(read_records(tmp_path / "records.jsonl"))
    assert len({record.key for record in records}) == 15
    assert {record.outcome for record in records} == {Outcome.RIGHT}
    assert len({record.seed for record in records}) == 15


def test_a_draw_is_the_same_for_a_seed_and_a_larger_one_holds_a_smaller_one(tmp_path: Path) -> None:
    def drawn(limit: int, seed: int) -> set[str]:
        folder = tmp_path / f"{limit} {seed}"
        run(Plan(numbered(40), ReaderSpec("reference"), seed=seed, limit=limit, draw=True), folder, InThisProcess())
        return {record.id for record in read_records(folder / "records.jsonl")}

    assert len(drawn(5, 8)) == 5
    assert drawn(5, 8) < drawn(12, 8)
    assert len({frozenset(drawn(5, seed)) for seed in range(8, 13)}) > 1
    with pytest.raises(RecordError, match="draw"):
        run(Plan(numbered(40), ReaderSpec("reference"), seed=8, limit=5), tmp_path / "5 8", InThisProcess())


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    plan = Plan(numbered(6), ReaderSpec("reference"))
    with pytest.raises(KeyboardInterrupt):
        run(plan, tmp_path, InThisProcess(only=2))
    executor = InThisProcess()
    ended = run(plan, tmp_path, executor)
    assert (ended.resumed, ended.recorded) == (2, 6)
    assert len(executor.performed) == 4


def test_a_finished_run_asked_for_again_performs_nothing(tmp_path: Path) -> None:
    plan = Plan(numbered(3), ReaderSpec("reference"))
    run(plan, tmp_path, InThisProcess())
    again = InThisProcess()
    assert run(plan, tmp_path, again).recorded == 3
    assert again.performed == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seed": 1}, "seed was 0, is 1"),
        ({"samples": 2}, "samples"),
        ({"reader": ReaderSpec("reference", {"abstain": True})}, "options"),
        ({"loaded": numbered(2)}, "items was 3, is 2"),
    ],
)
def test_a_folder_of_another_run_is_refused(tmp_path: Path, change: dict[str, object], named: str) -> None:
    plan = {"loaded": numbered(3), "reader": ReaderSpec("reference")}
    run(Plan(**plan), tmp_path, InThisProcess())  # type: ignore[arg-type]
    with pytest.raises(RecordError, match=named):
        run(Plan(**{**plan, **change}), tmp_path, InThisProcess())  # type: ignore[arg-type]


def test_changed_data_are_refused_before_anything_is_performed(tmp_path: Path) -> None:
    loaded = numbered(3)
    run(Plan(loaded, ReaderSpec("reference")), tmp_path, InThisProcess())
    changed = Loaded(loaded.suite, loaded.path, loaded.items, "1" * 64)
    executor = InThisProcess()
    with pytest.raises(RecordError, match="data_sha256"):
        run(Plan(changed, ReaderSpec("reference")), tmp_path, executor)
    assert executor.performed == []


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    plan = Plan(numbered(2), ReaderSpec("reference"))

    def meddle(record: Record, done: int, total: int) -> None:
        with pytest.raises(RecordError, match="another run is writing"):
            run(plan, tmp_path, InThisProcess())

    run(plan, tmp_path, InThisProcess(), meddle)


def test_a_half_written_last_line_is_no_record(tmp_path: Path) -> None:
    plan = Plan(numbered(4), ReaderSpec("reference"))
    run(plan, tmp_path, InThisProcess())
    path = tmp_path / "records.jsonl"
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][:40])
    assert len(list(read_records(path))) == 3
    executor = InThisProcess()
    run(plan, tmp_path, executor)
    assert len(executor.performed) == 1
    assert len(list(read_records(path))) == 4


def test_a_broken_line_in_the_middle_is_an_error_that_names_it(tmp_path: Path) -> None:
    plan = Plan(numbered(3), ReaderSpec("reference"))
    run(plan, tmp_path, InThisProcess())
    path = tmp_path / "records.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:30] + b"\n" + lines[2])
    with pytest.raises(RecordError, match="line 2"):
        run(plan, tmp_path, InThisProcess())


def test_a_budget_stops_the_run_and_a_larger_one_goes_on(tmp_path: Path) -> None:
    class Paid(InThisProcess):
        def run(self, tasks: Iterator[Task]) -> Iterator[Record]:
            for task in tasks:
                yield Record.from_json({**given_up(task, "", "", 0.0).to_json(), "calls": 2, "tokens": 10})

    loaded = numbered(10)
    first = run(Plan(loaded, ReaderSpec("reference"), budget=Budget(calls=6)), tmp_path, Paid())
    assert (first.recorded, first.stopped_by) == (3, "calls")
    second = run(Plan(loaded, ReaderSpec("reference"), budget=Budget(tokens=70)), tmp_path, Paid())
    assert (second.recorded, second.stopped_by) == (7, "tokens")
    assert run(Plan(loaded, ReaderSpec("reference")), tmp_path, Paid()).stopped_by == ""


def test_a_full_disk_keeps_every_whole_record(tmp_path: Path) -> None:
    """The limit on file size stands in for the full disk: the write ends in the middle of a record."""
    script = """
import resource, signal, sys
from pathlib import Path
from benchmarks.errors import RecordError
from benchmarks.record import Record, RecordFile, Outcome, read_records
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
with RecordFile(path) as file:
    try:
        for k in range(1000):
            file.append(Record(id=str(k), suite="s", outcome=Outcome.RIGHT, status="optimal"))
    except RecordError as error:
        print(k, error)
"""
    path = tmp_path / "records.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    stopped_at = int(done.stdout.split()[0])
    assert "all records before" in done.stdout
    assert path.read_bytes().endswith(b"\n")
    assert [record.id for record in read_records(path)] == [str(k) for k in range(stopped_at)]


def test_too_little_room_is_said_before_anything_is_performed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: shutil._ntuple_diskusage(10_000, 9_000, 1_000))
    executor = InThisProcess()
    with pytest.raises(RecordError, match="make room"):
        run(Plan(numbered(3), ReaderSpec("reference")), tmp_path, executor)
    assert executor.performed == []


def test_the_local_pool_ends_with_the_same_records(tmp_path: Path) -> None:
    plan = Plan(numbered(12), ReaderSpec("reference"))
    run(plan, tmp_path / "here", InThisProcess())
    run(plan, tmp_path / "pool", LocalPool(2))
    assert settled(tmp_path / "here") == settled(tmp_path / "pool")


def test_a_task_past_its_limit_is_given_up_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.pool.START_LIMIT_S", 5.0)
    slow = Plan(numbered(2), ReaderSpec("reference", {"delay_s": 60.0}), item_limit_s=0.2)
    ended = run(slow, tmp_path, LocalPool(2))
    assert ended.recorded == 2
    assert {record.failure for record in read_records(tmp_path / "records.jsonl")} == {"time_limit"}


def test_a_worker_that_dies_ends_its_task_alone(tmp_path: Path) -> None:
    plan = Plan(numbered(3), ReaderSpec("reference", {"delay_s": 0.5}))
    killed: list[int] = []

    class Kills(LocalPool):
        pass

    import benchmarks.pool as pool

    start = pool._start

    def start_and_kill_the_first() -> object:
        worker = start()
        if not killed:
            killed.append(worker.process.pid)
            os.kill(worker.process.pid, signal.SIGKILL)
        return worker

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "_start", start_and_kill_the_first)
        run(plan, tmp_path, Kills(1))
    failures = [record.failure for record in read_records(tmp_path / "records.jsonl")]
    assert failures.count("worker_died") <= 1
    assert len(failures) == 3


def test_a_reader_that_cannot_be_opened_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"cannot go on.*does not take these options"):
        run(Plan(numbered(3), ReaderSpec("reference", {"colour": "red"})), tmp_path, LocalPool(1))
    with pytest.raises(BenchmarkError, match="no reader is called"):
        open_reader(ReaderSpec("crystal ball"))


RUN_OF_KILLS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_runner import numbered
from benchmarks.attempt import ReaderSpec
from benchmarks.pool import LocalPool
from benchmarks.runner import Plan, run
plan = Plan(numbered(int(sys.argv[2])), ReaderSpec("reference", {"delay_s": 0.02}), samples=2)
run(plan, Path(sys.argv[1]), LocalPool(2))
"""


@pytest.mark.slow
def test_killed_at_ten_random_moments_a_run_ends_with_the_same_records(tmp_path: Path) -> None:
    count, draw = 150, random.Random(20)

    def start(folder: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", RUN_OF_KILLS, str(folder), str(count), str(Path(__file__).parent)]
        return subprocess.Popen(command, cwd=REPOSITORY)

    assert start(tmp_path / "undisturbed").wait() == 0
    kills, path = 0, tmp_path / "killed" / "records.jsonl"
    performed: list[str] = []
    while kills < 10:
        process = start(tmp_path / "killed")
        before = path.stat().st_size if path.exists() else 0
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if path.exists() and path.stat().st_size > before:
                break
            time.sleep(0.005)
        time.sleep(draw.uniform(0.0, 0.25))
        if process.poll() is not None:  # a busy machine let it end before it could be killed once more
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        performed.append(path.read_text())
    assert kills
    assert start(tmp_path / "killed").wait() == 0
    for earlier in performed:  # nothing that was recorded is ever changed
        whole = earlier[: earlier.rfind("\n") + 1]
        assert path.read_text().startswith(whole)
    assert len(path.read_text().splitlines()) == 2 * count
    assert settled(tmp_path / "killed") == settled(tmp_path / "undisturbed")


def test_the_harness_takes_less_than_ten_milliseconds_an_item(tmp_path: Path) -> None:
    count = 300
    plan = Plan(numbered(count), ReaderSpec("reference"))
    started = time.process_time()
    run(plan, tmp_path, InThisProcess())
    assert (time.process_time() - started) / count < 0.010
