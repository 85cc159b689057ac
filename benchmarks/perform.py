"""A task to its record: the reader's attempt, judged. This is what an executor runs, wherever it is."""

from __future__ import annotations

import hashlib
import time

from benchmarks.attempt import Attempt, Reader
from benchmarks.errors import MachineryDown
from benchmarks.executor import Task
from benchmarks.record import Outcome, Record
from benchmarks.scorers.judge import Judgement, judge


def perform(task: Task, reader: Reader) -> Record:
    """Return the record of a task. A reader that fails is a record with the status error.

    Raises `MachineryDown` where no item can be performed now.
    """
    started = time.perf_counter()
    try:
        attempt = reader.attempt(task.item, seed=task.seed)
    except MachineryDown:
        raise
    except Exception as error:
        attempt = Attempt(status="error", failure="reader_fault", detail=f"{type(error).__name__}: {error}"[:2000])
    latency = time.perf_counter() - started
    return recorded(task, attempt, latency)


def recorded(task: Task, attempt: Attempt, latency_s: float) -> Record:
    """Return the record of an attempt that took so long."""
    item = task.item
    started = time.perf_counter()
    try:
        verdict = judge(item, attempt)
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
        verdict = Judgement(Outcome.UNSCORED, failure="scorer_fault", detail=fault)
    return Record(
        id=item.id,
        suite=item.suite,
        outcome=verdict.outcome,
        status=attempt.status,
        value=attempt.value,
        expected=item.value,
        structure=verdict.structure,
        confident=attempt.confident,
        latency_s=round(latency_s, 6),
        calls=attempt.calls,
        tokens=attempt.tokens,
        sample=task.sample,
        run=task.run,
        reader=task.reader.name,
        kind=item.kind,
        doubt="; ".join(filter(None, (item.doubt, verdict.doubt))),
        confidence=attempt.confidence,
        cost_usd=attempt.cost_usd,
        executes=verdict.executes,
        value_close=verdict.value_close,
        value_near=verdict.value_near,
        structure_wl=verdict.structure_wl,
        declarations=verdict.declarations,
        failure=verdict.failure,
        detail=verdict.detail[:2000],
        fingerprint=verdict.fingerprint,
        text_digest=text_digest(item.text),
        scoring_s=round(time.perf_counter() - started, 6),
        seed=task.seed,
        checks=dict(attempt.checks),
        timings=dict(attempt.timings),
        prompts=dict(attempt.prompts),
    )


def given_up(task: Task, failure: str, detail: str, latency_s: float) -> Record:
    """Return the record of a task that nobody could finish: abstained, with the reason."""
    return Record(
        id=task.item.id,
        suite=task.item.suite,
        outcome=Outcome.ABSTAINED,
        status="error",
        expected=task.item.value,
        sample=task.sample,
        run=task.run,
        reader=task.reader.name,
        kind=task.item.kind,
        doubt=task.item.doubt,
        failure=failure,
        detail=detail,
        latency_s=round(latency_s, 6),
        text_digest=text_digest(task.item.text),
        seed=task.seed,
    )


def text_digest(text: str) -> str:
    """Return 16 hexadecimal digits that two texts share when they differ in case, spacing and signs alone."""
    words = "".join(character.lower() for character in text if character.isalnum())
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]
