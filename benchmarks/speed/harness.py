"""The harness itself: what a run adds to the reader's own time, and how long a report takes."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.attempt import ReaderSpec
from benchmarks.executor import Executor, Task
from benchmarks.item import Item
from benchmarks.manifest import Manifest, write_manifest
from benchmarks.perform import perform
from benchmarks.pool import LocalPool
from benchmarks.readers import ReferenceReader
from benchmarks.record import Outcome, Record, RecordFile, Structure
from benchmarks.runner import Plan, run
from benchmarks.speed.registry import OWN, Benchmark, add
from benchmarks.suites.suite import Label, Loaded, Suite


class InThisProcess:
    """An executor without processes."""

    def run(self, tasks: Iterator[Task]) -> Iterator[Record]:
        """Yield the records of the tasks in their order."""
        reader = ReferenceReader()
        for task in tasks:
            yield perform(task, reader)


def numbered(count: int) -> Loaded:
    """Return a suite of so many items with a value and nothing else, which a reference reader answers in no time."""
    items = tuple(Item(f"item {k}", "numbers", f"problem {k} " * 40, value=float(k)) for k in range(count))
    suite = Suite("numbers", "numbers", "Apache-2.0", str(count), Label.VALUE, lambda _: list(items))
    return Loaded(suite, Path("numbers.jsonl"), items, "0" * 64)


@contextmanager
def _run(count: int, executor: Executor) -> Iterator[Callable[[], object]]:
    loaded = numbered(count)
    with tempfile.TemporaryDirectory() as folder:
        calls = iter(range(1_000_000))
        yield lambda: run(Plan(loaded, ReaderSpec("reference")), Path(folder) / str(next(calls)), executor)


@contextmanager
def _report(count: int) -> Iterator[Callable[[], object]]:
    from benchmarks.report.write import write_report

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_manifest(folder, Manifest("own", "numbers", "0" * 64, count, "reference", {}, 0, 1, None, 300.0))
        with RecordFile(folder / "records.jsonl") as file:
            for record in drawn_records(count):
                file.append(record)
        yield lambda: write_report(folder, folder)


@contextmanager
def _score() -> Iterator[Callable[[], object]]:
    from benchmarks.attempt import Attempt
    from benchmarks.scorers.judge import judge
    from benchmarks.scorers.reference import reference_models
    from benchmarks.speed.instances import permuted
    from benchmarks.suites.own import load_cases

    item = next(case for case in load_cases() if case.id == "lamps")
    if item.gold is None:
        raise LookupError("the case has lost its model")
    attempt = Attempt("optimal", item.value, permuted(reference_models(item.gold)[0]))
    yield lambda: judge(item, attempt)


def drawn_records(count: int) -> Iterator[Record]:
    """Yield so many records of every outcome, the same at every call."""
    draw = random.Random(7)  # noqa: S311 - data, not a secret
    for k in range(count):
        outcome = draw.choice(list(Outcome))
        yield Record(
            id=f"item {k}",
            suite="own",
            outcome=outcome,
            status="optimal" if outcome is not Outcome.ABSTAINED else "needs_answers",
            value=float(k),
            expected=float(k),
            structure=draw.choice(list(Structure)),
            confident=draw.random() < 0.5,
            confidence=draw.random(),
            latency_s=draw.lognormvariate(-3.0, 1.0),
            kind=draw.choice(["lp", "milp", "blending"]),
            failure="" if outcome is Outcome.RIGHT else draw.choice(["other_value", "constraint_missing"]),
            detail="a constraint of the reference has no partner in the answer; " * 3,
            text_digest=f"{k:016x}",
        )


add(Benchmark("harness", "100 items", "run", OWN, partial(_run, 100, InThisProcess())))
add(Benchmark("harness", "100 items", "run", "in two workers", partial(_run, 100, LocalPool(2)), large=True))
add(Benchmark("harness", "three columns", "score", OWN, _score))
add(Benchmark("harness", "1,000 records", "report", OWN, partial(_report, 1_000)))
add(Benchmark("harness", "10,000 records", "report", OWN, partial(_report, 10_000), large=True))
