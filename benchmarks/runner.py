"""A run: every sample of every item once, through an executor, with a record each; resumable at any moment."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.attempt import ReaderSpec
from benchmarks.errors import RecordError
from benchmarks.executor import Executor, Task, sample_seed
from benchmarks.item import Item
from benchmarks.manifest import Manifest, provenance, read_manifest, write_manifest
from benchmarks.record import Record, RecordFile, read_records
from benchmarks.suites.suite import Loaded

_ROOM_PER_RECORD = 16_384
_ROOM_AT_LEAST = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may spend, earlier parts of it included; None is no limit. It is checked before each task.

    Tasks that are under way when a budget is reached are finished, so a run may pass it by what those cost.
    """

    calls: int | None = None
    tokens: int | None = None
    cost_usd: float | None = None
    wall_s: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of a run.

    With ``draw`` the items are in an order drawn by the seed, of which ``limit`` takes the first: a larger draw holds
    a smaller one.
    """

    loaded: Loaded
    reader: ReaderSpec
    seed: int = 0
    samples: int = 1
    limit: int | None = None
    draw: bool = False
    item_limit_s: float = 300.0
    budget: Budget = Budget()
    unlabelled: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: what it has of what was asked, and which budget stopped it, "" where none did."""

    folder: Path
    manifest: Manifest
    recorded: int
    total: int
    resumed: int
    stopped_by: str = ""


@dataclass(slots=True)
class _Spent:
    calls: int = 0
    tokens: int = 0
    cost_usd: float = 0.0

    def add(self, record: Record) -> None:
        self.calls += record.calls
        self.tokens += record.tokens
        self.cost_usd += record.cost_usd


def run(
    plan: Plan, folder: Path, executor: Executor, on_record: Callable[[Record, int, int], None] | None = None
) -> Ended:
    """Perform what the folder does not hold yet, and return how it ended.

    ``folder`` gets ``run.json`` and ``records.jsonl``. A folder that holds a part of the same run is continued: what
    is recorded is not performed again, what was under way when the run was killed is. ``on_record(record, done,
    total)`` is told of each new record, after it is on the disk. Raises `RecordError` before anything is performed
    where the folder holds another run, is in use, or has no room.
    """
    chosen = _chosen(plan)
    manifest = Manifest(
        suite=plan.loaded.suite.name,
        data=plan.loaded.path.name,
        data_sha256=plan.loaded.sha256,
        items=len(chosen),
        reader=plan.reader.name,
        options=dict(plan.reader.options),
        seed=plan.seed,
        samples=plan.samples,
        limit=plan.limit,
        draw=plan.draw,
        item_limit_s=plan.item_limit_s,
        licence=plan.loaded.suite.licence,
        unlabelled=plan.unlabelled,
        **provenance(),
    )
    total = len(chosen) * plan.samples
    with _held(folder):
        manifest = _continued(folder, manifest)
        _require_room(folder, total)
        path = folder / "records.jsonl"
        with RecordFile(path) as file:
            spent = _Spent()
            done = _done(path, manifest, spent)
            resumed = len(done)
            stop: list[str] = []
            tasks = _tasks(plan, chosen, manifest, done, spent, stop)
            with closing(_records(executor, tasks)) as records:
                for record in records:
                    if record.key in done:
                        raise RecordError(f"the executor gave {record.key} twice")
                    file.append(record)
                    done.add(record.key)
                    spent.add(record)
                    if on_record is not None:
                        on_record(record, len(done), total)
    return Ended(folder, manifest, len(done), total, resumed, stop[0] if stop else "")


def _chosen(plan: Plan) -> Sequence[Item]:
    items = list(plan.loaded.items)
    if plan.draw:
        random.Random(plan.seed).shuffle(items)  # noqa: S311 - a sample, not a secret
    return items[: plan.limit]


def _records(executor: Executor, tasks: Iterator[Task]) -> Generator[Record, None, None]:
    yield from executor.run(tasks)


def _tasks(
    plan: Plan,
    chosen: Sequence[Item],
    manifest: Manifest,
    done: set[tuple[str, str, int]],
    spent: _Spent,
    stop: list[str],
) -> Iterator[Task]:
    """Yield what is not done yet, all items once before any item twice, until a budget is reached."""
    started = time.monotonic()
    for sample in range(plan.samples):
        for item in chosen:
            task = Task(
                item,
                plan.reader,
                sample,
                sample_seed(plan.seed, item.suite, item.id, sample),
                plan.item_limit_s,
                run=manifest.run,
            )
            if task.key in done:
                continue
            if reached := _reached(plan.budget, spent, time.monotonic() - started):
                stop.append(reached)
                return
            yield task


def _reached(budget: Budget, spent: _Spent, wall_s: float) -> str:
    for name, most, used in (
        ("calls", budget.calls, spent.calls),
        ("tokens", budget.tokens, spent.tokens),
        ("cost", budget.cost_usd, spent.cost_usd),
        ("time", budget.wall_s, wall_s),
    ):
        if most is not None and used >= most:
            return name
    return ""


def _continued(folder: Path, manifest: Manifest) -> Manifest:
    """Return the manifest of the run that the folder holds, after checking that it is the same, or the new one."""
    if not (folder / "run.json").exists():
        if (folder / "records.jsonl").exists():
            raise RecordError(f"{folder} holds records of an unknown run (no run.json); choose another folder")
        write_manifest(folder, manifest)
        return manifest
    earlier = read_manifest(folder)
    before, now = earlier.asked(), manifest.asked()
    changed = [name for name in now if before.get(name) != now[name]]
    if changed:
        what = "; ".join(f"{name} was {_short(before.get(name))}, is {_short(now[name])}" for name in changed)
        raise RecordError(f"{folder} holds another run ({what}); choose another folder, or ask for the same again")
    return earlier


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _done(path: Path, manifest: Manifest, spent: _Spent) -> set[tuple[str, str, int]]:
    done: set[tuple[str, str, int]] = set()
    for record in read_records(path):
        if record.run != manifest.run:
            raise RecordError(f"{path} holds a record of the run {record.run!r} beside {manifest.run!r}")
        if record.key in done:
            raise RecordError(f"{path} holds {record.key} twice")
        done.add(record.key)
        spent.add(record)
    return done


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Make the folder and hold it, so that no second run writes into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise RecordError(f"{folder} cannot be written: {error.strerror}") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RecordError(f"another run is writing to {folder}") from None
        yield
    finally:
        os.close(lock)


def _require_room(folder: Path, records: int) -> None:
    free, need = shutil.disk_usage(folder).free, max(_ROOM_AT_LEAST, records * _ROOM_PER_RECORD)
    if free < need:
        raise RecordError(
            f"{folder} has {free / 1e6:.0f} MB of room and {records} records may take {need / 1e6:.0f} MB; make room "
            "or choose another folder"
        )
