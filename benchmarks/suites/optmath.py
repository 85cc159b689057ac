"""OptMATH-Bench: rows with ``en_question`` and ``en_answer``."""

from __future__ import annotations

from pathlib import Path

from benchmarks.item import Item
from benchmarks.suites.rows import value_items
from benchmarks.suites.suite import Label, Release, Suite


def parse(path: Path) -> list[Item]:
    """Return the items of a file of this suite."""
    return value_items(path, "optmath")


SUITE = Suite(
    name="optmath",
    title="OptMATH-Bench (Lu et al.)",
    licence="MIT (cleaned labels)",
    size="166",
    label=Label.VALUE,
    parse=parse,
    releases=(
        Release("OptMATH_Bench.json"),
        Release("cleaned labels", note="microsoft/OptiGuide, OptiMind"),
    ),
    note="",
)
