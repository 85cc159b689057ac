"""An executor on this machine: worker processes, each with a warm reader, replaced when they die or hang."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from benchmarks.errors import MachineryDown
from benchmarks.executor import Task
from benchmarks.perform import given_up
from benchmarks.record import Record

ROOT = Path(__file__).resolve().parents[1]
START_LIMIT_S = 120.0
"""How long a worker may take to start; its libraries are read from a cold disk at worst."""


@dataclass(slots=True, eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    task: Task | None = None
    started: float = 0.0
    buffer: bytearray = field(default_factory=bytearray)
    performed: int = 0

    @property
    def output(self) -> IO[bytes]:
        assert self.process.stdout is not None  # noqa: S101 - it was opened with a pipe
        return self.process.stdout

    def give(self, task: Task) -> None:
        """Hand the task over. Raises `OSError` where the worker is gone."""
        assert self.process.stdin is not None  # noqa: S101 - it was opened with a pipe
        self.task, self.started = task, time.monotonic()
        self.process.stdin.write(json.dumps(task.to_json()).encode() + b"\n")
        self.process.stdin.flush()

    def next_outcome(self) -> tuple[Record, bool]:
        """Return the record that the task ends with, however it ends, and whether the worker lives on."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.output, selectors.EVENT_READ)
            while True:
                is_ready = bool(selector.select(max(0.0, self.deadline() - time.monotonic())))
                record, alive = _outcome(self, time.monotonic(), is_ready=is_ready)
                if record is not None:
                    return record, alive

    def deadline(self) -> float:
        """The moment at which the task is given up; the first one waits for the start as well."""
        assert self.task is not None  # noqa: S101 - asked of busy workers only
        return self.started + self.task.limit_s + (0.0 if self.performed else START_LIMIT_S)

    def end(self) -> None:
        """Close the worker's input, which ends it when it is idle, and wait; kill it where that does not help."""
        self._close_input()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)
        self.kill()

    def kill(self) -> None:
        """End the worker's process group by force, and close what led to it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._close_input()
        self.output.close()

    def _close_input(self) -> None:
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()


class LocalPool:
    """Performs tasks in ``workers`` processes of their own.

    A worker that dies or passes a task's limit is replaced, and its task ends with a record that says so. When
    this process ends, however it ends, the workers end too: their input closes.
    """

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise ValueError(f"a pool of {workers} workers performs nothing")
        self._workers = workers

    def run(self, tasks: Iterator[Task]) -> Iterator[Record]:
        """Yield the records of the tasks as they are done."""
        selector = selectors.DefaultSelector()
        busy: list[_Worker] = []
        idle: list[_Worker] = []
        exhausted = False
        try:
            while True:
                while not exhausted and len(busy) < self._workers:
                    task = next(tasks, None)
                    if task is None:
                        exhausted = True
                        break
                    worker = _given(task, idle.pop() if idle else _start())
                    selector.register(worker.output, selectors.EVENT_READ, worker)
                    busy.append(worker)
                if not busy:
                    return
                wait = max(0.0, min(worker.deadline() for worker in busy) - time.monotonic())
                ready = [key.data for key, _ in selector.select(wait)]
                now = time.monotonic()
                for worker in list(busy):
                    record, alive = _outcome(worker, now, is_ready=worker in ready)
                    if record is None:
                        continue
                    selector.unregister(worker.output)
                    busy.remove(worker)
                    if alive:
                        idle.append(worker)
                    else:
                        worker.kill()
                    yield record
        finally:
            for worker in busy:
                worker.kill()
            for worker in idle:
                worker.end()
            selector.close()


class WarmWorkers:
    """Worker processes for whoever has one task at a time: started when needed, kept warm, safe in threads.

    For an executor that gets its tasks one by one, such as the jobs of the service.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()

    def perform(self, task: Task) -> Record:
        """Return the record of a task; one past its limit, or whose worker dies, has a record that says so.

        Raises `MachineryDown` where its reader cannot go on.
        """
        with self._lock:
            idle = self._idle.pop() if self._idle else None
        worker = _given(task, idle or _start())
        with self._lock:
            self._busy.add(worker)
        alive = False
        try:
            record, alive = worker.next_outcome()
            return record
        finally:
            with self._lock:
                self._busy.discard(worker)
                if alive:
                    self._idle.append(worker)
            if not alive:
                worker.kill()

    def abandon(self, task: Task) -> None:
        """End the worker that has this task, if any."""
        with self._lock:
            for worker in self._busy:
                if worker.task is task:
                    os.killpg(worker.process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            idle, self._idle = self._idle, []
            for worker in self._busy:
                os.killpg(worker.process.pid, signal.SIGKILL)
        for worker in idle:
            worker.kill()


def _given(task: Task, worker: _Worker) -> _Worker:
    """Return the worker that has the task now: this one, or a fresh one where this one is gone."""
    try:
        worker.give(task)
    except OSError:
        worker.kill()
        worker = _start()
        worker.give(task)
    return worker


def _start() -> _Worker:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env=environment,
    )
    return _Worker(process)


def _outcome(worker: _Worker, now: float, *, is_ready: bool) -> tuple[Record | None, bool]:
    """Return the record that a busy worker has come to, if any, and whether it lives on."""
    task = worker.task
    assert task is not None  # noqa: S101 - asked of busy workers only
    took = now - worker.started
    if is_ready:
        block = os.read(worker.output.fileno(), 1 << 16)
        worker.buffer += block
        if not block:
            code = worker.process.wait()
            return given_up(task, "worker_died", f"the worker ended with {code} after {took:.1f} s", took), False
        if worker.buffer.endswith(b"\n"):
            reply = json.loads(worker.buffer)
            if "down" in reply:
                raise MachineryDown(f"the reader {task.reader.name!r} cannot go on: {reply['down']}")
            record = Record.from_json(reply)
            worker.buffer.clear()
            worker.task = None
            worker.performed += 1
            return record, True
    if now >= worker.deadline():
        return given_up(task, "time_limit", f"given up after {took:.1f} s", took), False
    return None, True
