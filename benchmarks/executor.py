"""The protocol between a run and whatever performs its tasks: a local pool, or the service's jobs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.attempt import ReaderSpec
from benchmarks.item import Item
from benchmarks.record import Record
from benchmarks.wire import item_from_json, item_to_json


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One item, once, by one reader: everything that a machine needs that shares nothing with the run.

    ``limit_s`` is the wall time after which the task is given up, whoever performs it.
    """

    item: Item
    reader: ReaderSpec
    sample: int = 0
    seed: int = 0
    limit_s: float = 300.0
    run: str = ""

    @property
    def key(self) -> tuple[str, str, int]:
        """The key of the record that the task ends with."""
        return self.item.suite, self.item.id, self.sample

    def to_json(self) -> dict[str, Any]:
        """Return the task as a JSON object."""
        return {
            "item": item_to_json(self.item),
            "reader": {"name": self.reader.name, "options": dict(self.reader.options)},
            "sample": self.sample,
            "seed": self.seed,
            "limit_s": self.limit_s,
            "run": self.run,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Task:
        """Return the task of a JSON object that `to_json` made."""
        reader = ReaderSpec(data["reader"]["name"], data["reader"]["options"])
        return cls(item_from_json(data["item"]), reader, data["sample"], data["seed"], data["limit_s"], run=data["run"])


class Executor(Protocol):
    """Performs tasks, in any order and any number at once.

    ``run`` pulls a task only when it is about to start it, and yields the record of every task it has pulled,
    each exactly once: a task that cannot be performed ends with a record that says so. Where the generator is
    closed, what has been started is abandoned. `benchmarks.perform.perform` turns a task into its record.
    """

    def run(self, tasks: Iterator[Task]) -> Iterator[Record]:
        """Yield the records of the tasks as they are done."""


def sample_seed(seed: int, suite: str, item_id: str, sample: int) -> int:
    """Return the seed of one sample of one item, the same on every machine: 31 bits of SHA-256."""
    digest = hashlib.sha256(f"{seed}\0{suite}\0{item_id}\0{sample}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
