"""Columns of text read as numbers where they can only be read in one way, and questioned where not."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from formulation.data import Cell

PLAIN = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\Z")
_CODE = re.compile(r"[-+]?0\d")
_WRITTEN = re.compile(
    r"(?P<before>[-+]?\s*[$€£¥]?\s*[-+]?)(?P<digits>\d[\d.,'\u00a0\u202f ]*\d|\d)(?P<after>\s*[$€£¥%]?)\Z"
)
_MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "-", "--"})


class DecimalSign(StrEnum):
    """What separates whole from fraction."""

    POINT = "."
    COMMA = ","


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """A column's cells as far as they could be read, and what must be asked before they can be used."""

    cells: tuple[Cell, ...]
    question: str = ""
    suggestions: tuple[str, ...] = ()
    note: str = ""


def read_column(
    cells: Sequence[str], decimal: DecimalSign | None = None, *, is_continental: bool = False
) -> ColumnReading:
    """Return a column with its numbers, where every cell that is not missing is one and has one reading only.

    Numbers with leading zeros are codes, and stay text. ``12,345`` can be twelve thousand or twelve and a bit:
    it stays text, and the question asks which, unless ``decimal`` says so or another cell of the column
    (``1,234.50``) leaves no doubt. ``is_continental`` says that the file separates cells by semicolons, in which
    ``1.234`` is in doubt as well. Raises `OverflowError` for a number that no float can hold.
    """
    stripped = [cell.strip() for cell in cells]
    present = [cell for cell in stripped if cell.lower() not in _MISSING]
    if not present:
        return ColumnReading(tuple(None if cell.lower() in _MISSING else cell for cell in stripped))
    if all(map(PLAIN.match, present)):
        if any(map(_CODE.match, present)):
            return ColumnReading(tuple(cell or None for cell in stripped))
        if decimal is not DecimalSign.COMMA and not (is_continental and decimal is None and _in_threes(present)):
            return ColumnReading(tuple(None if cell.lower() in _MISSING else _number(cell) for cell in stripped))
    if not all(map(_WRITTEN.match, present)):
        return ColumnReading(tuple(cell or None for cell in stripped))
    return _separated(stripped, present, decimal)


def _separated(stripped: list[str], present: list[str], decimal: DecimalSign | None) -> ColumnReading:
    as_text = tuple(cell or None for cell in stripped)
    if any(cell.endswith("%") for cell in present):
        shown = next(cell for cell in present if cell.endswith("%"))
        suggestions = ("as shares of one", "as numbers of per cent")
        return ColumnReading(as_text, f"holds percentages such as {shown!r}; how are they meant?", suggestions)
    readings = [sign for sign in DecimalSign if all(_value(cell, sign) is not None for cell in present)]
    if decimal is not None:
        readings = [sign for sign in readings if sign is decimal]
    values = {sign: [_value(cell, sign) for cell in present] for sign in readings}
    if len(readings) == 2 and values[DecimalSign.POINT] == values[DecimalSign.COMMA]:
        readings = readings[:1]
    if not readings:
        return ColumnReading(as_text)
    if len(readings) > 1:
        doubtful = next(cell for cell in present if _value(cell, readings[0]) != _value(cell, readings[1]))
        first, second = (_value(doubtful, sign) for sign in readings)
        question = f"holds {doubtful!r}, which can be {first:g} or {second:g}; which sign separates the decimals?"
        return ColumnReading(as_text, question, ("the point", "the comma"))
    found = tuple(None if cell.lower() in _MISSING else _whole(_value(cell, readings[0])) for cell in stripped)
    sign = "point" if readings[0] is DecimalSign.POINT else "comma"
    return ColumnReading(found, note=f"read with the decimal {sign}, as {present[0]!r}")


def _value(cell: str, decimal: DecimalSign) -> float | None:
    """Return what a written number is with a decimal sign, None where it is none with that sign."""
    match = _WRITTEN.match(cell)
    if match is None:
        return None
    group = "," if decimal is DecimalSign.POINT else "."
    whole, _, fraction = match["digits"].partition(decimal.value)
    parts = re.split(rf"[{re.escape(group)}'\u00a0\u202f ]", whole)
    grouped = len(parts) == 1 or (1 <= len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:]))
    if not grouped or not all(part.isdigit() for part in parts) or (fraction and not fraction.isdigit()):
        return None
    if decimal.value in match["digits"] and not fraction:
        return None
    number = float("".join(parts) + (f".{fraction}" if fraction else ""))
    return -number if "-" in match["before"] else number


def _in_threes(present: list[str]) -> bool:
    with_point = [cell for cell in present if "." in cell]
    return bool(with_point) and all(re.fullmatch(r"[-+]?[1-9]\d{0,2}\.\d{3}", cell) for cell in with_point)


def _number(cell: str) -> float | int:
    if re.fullmatch(r"[-+]?\d+", cell) and len(cell) <= 18:
        return int(cell)
    value = float(cell)
    if not math.isfinite(value):
        raise OverflowError(cell)
    return value


def _whole(value: float | None) -> Cell:
    return int(value) if value is not None and value.is_integer() and abs(value) < 2**53 else value
