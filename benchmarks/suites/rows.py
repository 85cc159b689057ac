"""Files of rows, in the forms in which suites are published: JSON lines, JSON, CSV."""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import SuiteError
from benchmarks.item import Item

Row = Mapping[str, Any]


def rows_of(path: Path) -> list[tuple[str, Row]]:
    """Return the rows of a file with the place of each, for messages.

    JSON lines; JSON that is a list of objects, an object of objects (whose keys become ``_key``), or one object; CSV
    with a heading. Raises `SuiteError`, naming the place, for what is cut off or is something else.
    """
    if path.is_dir():
        raise SuiteError(f"{path} is a folder; a file of rows was expected")
    if path.suffix.lower() == ".csv":
        return _csv_rows(path)
    text = path.read_text(encoding="utf-8-sig")
    if not text.strip():
        raise SuiteError(f"{path} is empty")
    if path.suffix.lower() in {".jsonl", ".ndjson"} or _looks_like_lines(text):
        return _json_lines(path, text)
    try:
        data = json.loads(text)
    except ValueError as error:
        raise SuiteError(f"{path} is no whole JSON document ({error}); is it cut off?") from error
    if isinstance(data, dict) and all(isinstance(value, dict) for value in data.values()):
        return [(f"{path}: {key}", {"_key": key, **value}) for key, value in data.items()]
    if isinstance(data, dict):
        return [(str(path), data)]
    if isinstance(data, list) and all(isinstance(row, dict) for row in data):
        return [(f"{path}: item {i}", row) for i, row in enumerate(data)]
    raise SuiteError(f"{path} holds neither a list nor a map of objects")


def _looks_like_lines(text: str) -> bool:
    lines = text.lstrip().split("\n", 2)
    if len(lines) < 2 or not lines[0].startswith("{"):
        return False
    try:
        json.loads(lines[0])
    except ValueError:
        return False
    return True


def _json_lines(path: Path, text: str) -> list[tuple[str, Row]]:
    rows: list[tuple[str, Row]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{path}: line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise SuiteError(f"{place} is no whole JSON object ({error}); is the file cut off?") from error
        if not isinstance(row, dict):
            raise SuiteError(f"{place} is no JSON object")
        # The NL4Opt release writes one object a line, under a key of its own.
        if len(row) == 1 and isinstance(inner := next(iter(row.values())), dict):
            row = {"_key": next(iter(row)), **inner}
        rows.append((place, row))
    return rows


def _csv_rows(path: Path) -> list[tuple[str, Row]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        try:
            rows: list[tuple[str, Row]] = [(f"{path}: row {number}", row) for number, row in enumerate(reader, start=1)]
        except csv.Error as error:
            raise SuiteError(f"{path}: line {reader.line_num}: {error}; is the file cut off?") from error
    for place, row in rows:
        if None in row or any(value is None for value in row.values()):
            raise SuiteError(f"{place} has not as many cells as the heading")
    return rows


@dataclass(frozen=True, slots=True)
class Keys:
    """Under which keys a release keeps text, answer, id and class: the first that a row has counts."""

    text: Sequence[str] = ("question", "en_question", "Question", "description", "problem")
    answer: Sequence[str] = ("answer", "en_answer", "Answer", "ground_truth")
    id: Sequence[str] = ("id", "_key", "index", "prob_id", "name")
    kind: Sequence[str] = ("kind", "difficulty", "type", "Category", "problem_class")


def value_items(path: Path, suite: str, keys: Keys | None = None) -> list[Item]:
    """Return the items of a file of rows whose label is an optimal value, in a release's form or in the common one."""
    keys = keys or Keys()
    return [value_item(place, row, suite, number, keys) for number, (place, row) in enumerate(rows_of(path))]


def value_item(place: str, row: Row, suite: str, number: int, keys: Keys) -> Item:
    """Return the item of one row. Raises `SuiteError` where it is of another suite, or has no text or answer key."""
    same_suite(place, row, suite)
    text = first(row, keys.text)
    if not isinstance(text, str) or not text.strip():
        raise SuiteError(
            f"{place} has none of the keys {', '.join(keys.text)}: is this the suite {suite}? {_seen(row)}"
        )
    if not any(key in row for key in keys.answer):
        raise SuiteError(
            f"{place} has none of the keys {', '.join(keys.answer)}: is this the suite {suite}? {_seen(row)}"
        )
    value, statuses = answer(place, first(row, keys.answer))
    return Item(
        id=str(first(row, keys.id, number)),
        suite=suite,
        text=text,
        value=value,
        statuses=statuses,
        kind=str(first(row, keys.kind, "")),
        source=str(row.get("source", "")),
    )


def same_suite(place: str, row: Row, suite: str) -> None:
    """Raise `SuiteError` where a row names another suite."""
    named = row.get("suite", suite)
    if named != suite:
        raise SuiteError(f"{place} is an item of the suite {named!r}, not of {suite!r}")


def first(row: Row, keys: Iterable[str], default: object = None) -> Any:
    """Return the value under the first of the keys that the row has and that is not None."""
    for key in keys:
        if row.get(key) is not None:
            return row[key]
    return default


_NO_OPTIMUM = re.compile(r"^(no (best |optimal |feasible )?solution|infeasible|unbounded|none)\b", re.IGNORECASE)


def answer(place: str, given: object) -> tuple[float | None, frozenset[str]]:
    """Return the labelled optimum, or the statuses that stand for none; both empty where nothing is given."""
    if given is None or (isinstance(given, float) and math.isnan(given)):
        return None, frozenset()
    if isinstance(given, (list, tuple)):
        if len(given) != 1:
            raise SuiteError(f"{place}: {len(given)} answers; one was expected")
        given = given[0]
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        if not math.isfinite(given):
            raise SuiteError(f"{place}: the answer {given} is no number")
        return float(given), frozenset()
    text = str(given).strip().strip("$").replace(",", "").replace("\\", "").strip()
    if not text:
        return None, frozenset()
    if _NO_OPTIMUM.match(text):
        return None, frozenset({"infeasible", "unbounded"})
    try:
        number = float(text)
    except ValueError:
        raise SuiteError(f"{place}: the answer {str(given)[:60]!r} is no number") from None
    return number, frozenset()


def _seen(row: Row) -> str:
    return f"Its keys are {', '.join(sorted(map(str, row))[:12])}."
