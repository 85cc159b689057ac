"""Data tables as a prompt shows them: schema, counts, ranges and a few rows; never the whole."""

from __future__ import annotations

import json
import math
from itertools import combinations

from formulation.agents.prompt import marked
from formulation.data import Cell, Table

SAMPLE_ROWS = 3
MAX_CELL = 40
MAX_COLUMNS = 60
MAX_KEY_COLUMNS = 3


def attachments(tables: tuple[Table, ...]) -> str:
    """Return the part of a prompt that describes the tables; empty without tables.

    At most `SAMPLE_ROWS` rows, cells cut to `MAX_CELL` characters: instructions in cells have little room, and
    stand inside marks.
    """
    if not tables:
        return ""
    lines = [
        "Data tables lie beside the text. The model is bound to them by `source`; only their schema, ranges and "
        f"first {SAMPLE_ROWS} rows are shown here. A `source` with an empty column gives 1 for each row of its keys: "
        "which arcs leave a node, who is in which team."
    ]
    lines += [marked("data-table", "\n".join(_described(table))) for table in tables]
    return "\n\n".join(lines)


def _described(table: Table) -> list[str]:
    names = list(table.columns)
    lines = [f"table {_cut(table.name)}: {table.n_rows} rows, {len(names)} columns"]
    lines += [f"- {_cut(name)}: {_range(table.columns[name])}" for name in names[:MAX_COLUMNS]]
    if len(names) > MAX_COLUMNS:
        lines.append(f"- and {len(names) - MAX_COLUMNS} more columns")
    keys = _keys(table)
    if keys:
        lines.append(f"unique by: {', '.join(_cut(name) for name in keys)}")
    elif table.n_rows:
        lines.append(f"no {MAX_KEY_COLUMNS} or fewer of the text and whole-number columns identify a row")
    for row in range(min(SAMPLE_ROWS, table.n_rows)):
        cells = {_cut(name): _short(table.columns[name][row]) for name in names[:MAX_COLUMNS]}
        lines.append(json.dumps(cells, ensure_ascii=False))
    return lines


def _range(column: tuple[Cell, ...]) -> str:
    present = [cell for cell in column if cell is not None and cell != ""]
    missing = len(column) - len(present)
    tail = f", {missing} missing" if missing else ""
    numbers = [cell for cell in present if isinstance(cell, int | float) and not isinstance(cell, bool)]
    distinct = len(set(map(str, present)))
    if present and len(numbers) == len(present):
        finite = [number for number in numbers if math.isfinite(number)]
        kind = "whole numbers" if all(float(number).is_integer() for number in finite) else "numbers"
        span = f" from {min(finite):g} to {max(finite):g}" if finite else ""
        return f"{kind}{span}, {distinct} distinct{tail}"
    if present and all(isinstance(cell, bool) for cell in present):
        return f"yes or no{tail}"
    if numbers:
        return f"{len(numbers)} numbers among {len(present)} entries, {distinct} distinct{tail}"
    return f"text, {distinct} distinct{tail}" if present else f"empty{tail}"


def _keys(table: Table) -> tuple[str, ...]:
    """Return the first smallest group of key-like columns whose values identify each row."""
    like = [name for name, column in table.columns.items() if all(_key_like(cell) for cell in column)][:8]
    for size in range(1, MAX_KEY_COLUMNS + 1):
        for group in combinations(like, size):
            rows = list(zip(*(table.columns[name] for name in group), strict=True))
            if rows and len(set(rows)) == len(rows):
                return group
    return ()


def _key_like(cell: Cell) -> bool:
    if isinstance(cell, str):
        return bool(cell)
    return isinstance(cell, int | float) and not isinstance(cell, bool) and float(cell).is_integer()


def _short(cell: Cell) -> Cell:
    return _cut(cell) if isinstance(cell, str) else cell


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_CELL else line[: MAX_CELL - 1] + "…"
