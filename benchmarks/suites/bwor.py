"""BWOR: problems of operations research textbooks; rows with ``en_question`` and ``en_answer``."""

from __future__ import annotations

from pathlib import Path

from benchmarks.item import Item
from benchmarks.suites.rows import value_items
from benchmarks.suites.suite import Label, Release, Suite


def parse(path: Path) -> list[Item]:
    """Return the items of a file of this suite."""
    return value_items(path, "bwor")


SUITE = Suite(
    name="bwor",
    title="BWOR (with OR-LLM-Agent)",
    licence="stated by its release",
    size="82",
    label=Label.VALUE,
    parse=parse,
    releases=(Release("BWOR.json"),),
    note="",
)
