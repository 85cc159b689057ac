"""Parameters that come beside a text, as data tables."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.errors import SuiteError
from formulation.data import Cell, Table


def tables_of(parameters: Mapping[str, Any]) -> tuple[Table, ...]:
    """Return a table a parameter: a number under ``value``; a list by ``i`` from 0, lists of lists by ``i``, ``j``...

    A map is indexed by its keys.
    """
    return tuple(_table(name, value) for name, value in parameters.items())


def _table(name: str, value: Any) -> Table:
    cells = list(_flat(value, ()))
    depth = max((len(index) for index, _ in cells), default=0)
    columns: dict[str, tuple[Cell, ...]] = {}
    for level in range(depth):
        columns["ijklmn"[level] if level < 6 else f"i{level}"] = tuple(
            index[level] if level < len(index) else None for index, _ in cells
        )
    columns["value"] = tuple(cell for _, cell in cells)
    return Table(name, columns)


def _flat(value: Any, index: tuple[Cell, ...]) -> Any:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(part, (*index, str(key)))
    elif isinstance(value, (list, tuple)):
        for i, part in enumerate(value):
            yield from _flat(part, (*index, i))
    else:
        yield index, value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


def csv_table(path: Path, name: str) -> Table:
    """Return the table of a CSV file with a heading; cells that are numbers become numbers. Raises `SuiteError`."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    if not rows:
        raise SuiteError(f"{path} is empty")
    heading, *body = rows
    if len(set(heading)) != len(heading):
        heading = [f"{title or 'column'}_{i}" for i, title in enumerate(heading)]
    width = max(len(row) for row in rows)
    heading = [*heading, *(f"column_{i}" for i in range(len(heading), width))]
    padded = [[*row, *[""] * (width - len(row))] for row in body]
    return Table(name, {title: tuple(_cell(row[i]) for row in padded) for i, title in enumerate(heading)})


def _cell(text: str) -> Cell:
    text = text.strip()
    if not text:
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
