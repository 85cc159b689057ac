"""LogiOR: problems of logistics; rows with the text and the optimal value."""

from __future__ import annotations

from pathlib import Path

from benchmarks.item import Item
from benchmarks.suites.rows import value_items
from benchmarks.suites.suite import Label, Release, Suite


def parse(path: Path) -> list[Item]:
    """Return the items of a file of this suite."""
    return value_items(path, "logior")


SUITE = Suite(
    name="logior",
    title="LogiOR (with ORThought)",
    licence="MIT",
    size="92",
    label=Label.VALUE,
    parse=parse,
    releases=(
        Release(
            "logior.json",
            "https://raw.githubusercontent.com/Minw913/AlphaOPT/2f503b930766/data/optimization_tasks/clean/logior.json",
        ),
    ),
    note="",
)
