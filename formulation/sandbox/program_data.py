"""The data of a program: what `build(data)` receives, from its JSON form (docs/program.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

Key = str | int | float
Scalar = str | int | float | bool
ProgramData = Mapping[str, Any]


class DataError(ValueError):
    """Data that a program cannot be given; the message names the entry."""


def from_document(document: object) -> dict[str, Any]:
    """Return the data of a JSON form: sets as lists, indexed parameters as dicts with element or tuple keys.

    Raises `DataError` where the document has another shape, or gives a name or an entry twice.
    """
    if not isinstance(document, Mapping):
        raise DataError('data is an object {"sets": {...}, "parameters": {...}}')
    unknown = sorted(str(key) for key in document if key not in ("sets", "parameters"))
    if unknown:
        raise DataError(f'data has the unknown keys {", ".join(unknown)}; it holds "sets" and "parameters"')
    sets, parameters = document.get("sets", {}), document.get("parameters", {})
    if not isinstance(sets, Mapping) or not isinstance(parameters, Mapping):
        raise DataError('"sets" and "parameters" are objects')
    data: dict[str, Any] = {}
    for name, elements in sets.items():
        if not isinstance(elements, Sequence) or isinstance(elements, str):
            raise DataError(f"the set {name!r} is a list of its elements")
        data[name] = [_read_element(name, element) for element in elements]
    for name, value in parameters.items():
        if name in data:
            raise DataError(f"{name!r} is both a set and a parameter")
        if isinstance(value, Mapping):
            data[name] = {key: scalar(name, entry) for key, entry in value.items()}
        elif isinstance(value, Sequence) and not isinstance(value, str):
            data[name] = _read_entries(name, value)
        else:
            data[name] = scalar(name, value)
    return data


def _read_element(name: str, element: object) -> object:
    if isinstance(element, list):
        return tuple(scalar(name, part) for part in element)
    return scalar(name, element)


def _read_entries(name: str, rows: Sequence[object]) -> dict[object, Scalar]:
    entries: dict[object, Scalar] = {}
    width = 0
    for row in rows:
        if not isinstance(row, list) or len(row) < 2:
            raise DataError(f"an entry of {name!r} is [key, ..., value]; {row!r} is not")
        if len(row) == 2 and isinstance(row[0], list):
            row = [*row[0], row[1]]  # [[key, ...], value] is read as well
        if width and len(row) != width:
            raise DataError(f"the entries of {name!r} have keys of different lengths: {row!r}")
        width = len(row)
        parts = tuple(scalar(name, part) for part in row)
        key = parts[0] if width == 2 else parts[:-1]
        if key in entries:
            raise DataError(f"{name!r} gives a value for {key!r} twice")
        entries[key] = parts[-1]
    return entries


def scalar(name: str, value: object) -> Scalar:
    """Return a number or text as the plain Python value. Raises `DataError` for anything else."""
    item = getattr(value, "item", None)  # a NumPy number
    if item is not None and not isinstance(value, (str, int, float)):
        value = item()
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise DataError(f"{name!r} holds {value}, which is no number that a model can use")
        return float(value)
    raise DataError(f"{name!r} holds {value!r}; numbers and texts can be given to a program")
