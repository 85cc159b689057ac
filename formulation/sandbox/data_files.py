"""A program's data from files: the JSON form, or tables as CSV (docs/program.md)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from formulation.sandbox.program_data import DataError, Scalar, from_document


def read_data(paths: Iterable[Path]) -> dict[str, Any]:
    """Return the data of several files together. Raises `DataError` naming the file, `OSError` where one is missing.

    What one file gives as a set of keys (the distinct entries of a key column) gives way to a set that another
    file gives on its own; any other name given twice is an error.
    """
    data: dict[str, Any] = {}
    keys: dict[str, list[object]] = {}
    for path in paths:
        try:
            given, key_sets = _read(path)
        except DataError as error:
            raise DataError(f"{path.name}: {error}") from error
        for name, value in given.items():
            if name in data:
                raise DataError(f"{path.name}: {name!r} is given by another file already")
            data[name] = value
        for name, elements in key_sets.items():
            known = keys.setdefault(name, [])
            known.extend(element for element in dict.fromkeys(elements) if element not in set(known))
    return {**keys, **data}


def _read(path: Path) -> tuple[dict[str, Any], dict[str, list[object]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8 text (byte {error.start})") from error
    match path.suffix.lower():
        case ".json":
            try:
                return from_document(json.loads(text, parse_constant=_no_constant)), {}
            except (json.JSONDecodeError, RecursionError) as error:
                raise DataError(f"not JSON: {error}") from error
        case ".csv":
            return table_data(text, path.stem)
        case _:
            raise DataError(f"a file that ends in {path.suffix or 'nothing'}; data files are .json or .csv")


def table_data(text: str, name: str) -> tuple[dict[str, Any], dict[str, list[object]]]:
    """Return the data of a CSV table and the sets that its key columns make.

    One column is a set. Otherwise the leading columns that hold any text are keys, and each column after them
    is a parameter, named by its heading; where every column holds numbers, or the last heading is the name of
    the file, all columns but the last are keys. Raises `DataError`.
    """
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row and any(cell.strip() for cell in row)]
    if not rows:
        raise DataError("the table is empty")
    head = [cell.strip() for cell in rows[0]]
    if "" in head or len(set(head)) != len(head):
        raise DataError(f"the headings {head} are not one name each")
    cells: list[list[Scalar | None]] = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(head):
            raise DataError(f"row {number} has {len(row)} cells for {len(head)} columns")
        cells.append([_cell(cell) for cell in row])
    columns = list(map(list, zip(*cells, strict=True))) if cells else [[] for _ in head]
    if len(head) == 1:
        return {head[0]: _complete(head[0], columns[0])}, {}
    n_keys = _key_columns(head, columns, name)
    keys = [_complete(head[k], columns[k]) for k in range(n_keys)]
    data: dict[str, Any] = {}
    for k in range(n_keys, len(head)):
        entries: dict[object, Scalar] = {}
        for parts, value in zip(zip(*keys, strict=True), columns[k], strict=True):
            key = parts[0] if n_keys == 1 else parts
            if key in entries:
                raise DataError(f"{head[k]!r} gives a value for {key!r} twice")
            if value is not None:
                entries[key] = value
        data[head[k]] = entries
    return data, {head[k]: list(dict.fromkeys(keys[k])) for k in range(n_keys)}


def _key_columns(head: list[str], columns: list[list[Scalar | None]], name: str) -> int:
    if head[-1] == name:
        return len(head) - 1
    textual = [k for k, column in enumerate(columns) if any(isinstance(cell, str) for cell in column)]
    if not textual:
        return len(head) - 1
    if textual[-1] == len(head) - 1:
        raise DataError(f"the last column, {head[-1]!r}, holds text; it must hold the numbers of a parameter")
    return textual[-1] + 1


def _complete(name: str, column: list[Scalar | None]) -> list[Scalar]:
    if any(cell is None for cell in column):
        raise DataError(f"the column {name!r} has an empty cell")
    return [cell for cell in column if cell is not None]


def _cell(text: str) -> Scalar | None:
    text = text.strip()
    if not text:
        return None
    if not text[-1].isdigit() and not text.endswith("."):
        return text  # nan, inf and the like are words here
    try:
        return int(text) if "_" not in text else text
    except ValueError:
        pass
    try:
        return float(text) if "_" not in text else text
    except ValueError:
        return text


def _no_constant(word: str) -> float:
    raise DataError(f"{word} is no number that a model can use")
