"""What a table holds, column by column, without its rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from formulation.data import Cell, Table


class ColumnKind(StrEnum):
    """What the cells of a column are, missing ones aside."""

    NUMBER = "number"
    WHOLE = "whole number"
    TEXT = "text"
    YES_NO = "yes or no"
    MIXED = "mixed"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class ColumnSchema:
    """A column: its kind, its range where it holds numbers, and how many cells are missing or distinct."""

    name: str
    kind: ColumnKind
    missing: int
    distinct: int
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table: its columns, its number of rows, and how many rows repeat an earlier one."""

    name: str
    rows: int
    duplicates: int
    columns: tuple[ColumnSchema, ...]


def schema(table: Table) -> TableSchema:
    """Return the schema of a table."""
    rows = zip(*table.columns.values(), strict=True)
    duplicates = table.n_rows - len(set(rows))
    columns = tuple(_column(name, cells) for name, cells in table.columns.items())
    return TableSchema(table.name, table.n_rows, duplicates, columns)


def _column(name: str, cells: tuple[Cell, ...]) -> ColumnSchema:
    present = [cell for cell in cells if cell is not None]
    missing, distinct = len(cells) - len(present), len(set(present))
    kinds = {type(cell) for cell in present}
    if not kinds:
        return ColumnSchema(name, ColumnKind.EMPTY, missing, 0)
    if kinds <= {int, float}:
        numbers = [float(cell) for cell in present if isinstance(cell, int | float)]
        kind = ColumnKind.WHOLE if all(number.is_integer() for number in numbers) else ColumnKind.NUMBER
        return ColumnSchema(name, kind, missing, distinct, min(numbers), max(numbers))
    kind = {frozenset({str}): ColumnKind.TEXT, frozenset({bool}): ColumnKind.YES_NO}.get(
        frozenset(kinds), ColumnKind.MIXED
    )
    return ColumnSchema(name, kind, missing, distinct)
