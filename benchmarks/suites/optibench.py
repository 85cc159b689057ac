"""OptiBench: linear and nonlinear problems, with and without tables; the label is a named result for each question.

The release is a JSON list with ``question``, ``results`` (words to numbers, the objective last) and ``type``.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.errors import SuiteError
from benchmarks.item import Item
from benchmarks.suites.rows import Keys, Row, rows_of, value_item
from benchmarks.suites.suite import Label, Release, Suite


def parse(path: Path) -> list[Item]:
    """Return the items of an OptiBench file."""
    return [_item(place, row, number) for number, (place, row) in enumerate(rows_of(path))]


def _item(place: str, row: Row, number: int) -> Item:
    if "results" in row and "answer" not in row:
        results = row["results"]
        if not isinstance(results, dict) or not results:
            raise SuiteError(f"{place}: results is no map of words to numbers")
        row = {**row, "answer": list(results.values())[-1]}
    return value_item(place, row, "optibench", number, Keys())


SUITE = Suite(
    name="optibench",
    title="OptiBench (Yang et al., with ReSocratic)",
    licence="Apache-2.0",
    size="605",
    label=Label.VALUE,
    parse=parse,
    releases=(
        Release(
            "data/OptiBench.json",
            "https://raw.githubusercontent.com/yangzhch6/ReSocratic/56a638f689ab/data/OptiBench.json",
        ),
    ),
    note="a third is nonlinear or has a table; the last result is taken as the objective",
)
