"""A model as JSON (RFC 8259), version 1; docs/formats.md describes it.

An absent bound is null. Nothing else may be missing, and nothing unknown may stand beside what is known.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.errors import FormatError, ModelError
from solvers.milp import Domain, Milp, Sense

VERSION = 1
_DOMAINS = {domain.name.lower(): int(domain) for domain in Domain}
_FIELDS = {
    "kind",
    "version",
    "name",
    "sense",
    "constant",
    "objective",
    "columns",
    "rows",
    "matrix",
    "quadratic",
}


def parse(text: str) -> Milp:
    """Return the model that a JSON text holds. Raises `FormatError` with the place and the reason."""
    try:
        data = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
    except json.JSONDecodeError as error:
        raise FormatError(f"this is no JSON: {error.msg}", line=error.lineno) from None
    except RecursionError:
        raise FormatError("the JSON is nested too deeply") from None
    return from_dict(data)


def unparse(model: Milp) -> str:
    """Return the model as a JSON text that `parse` reads back the same."""
    return json.dumps(to_dict(model), ensure_ascii=False, allow_nan=False)


def to_dict(model: Milp) -> dict[str, Any]:
    """Return the model as values that JSON can hold."""
    data: dict[str, Any] = {
        "kind": "milp",
        "version": VERSION,
        "name": model.name,
        "sense": str(model.sense),
        "constant": model.constant,
        "objective": model.objective.tolist(),
        "columns": {
            "names": list(model.column_names),
            "lower": _sides(model.column_lower),
            "upper": _sides(model.column_upper),
            "domains": [Domain(d).name.lower() for d in model.domains.tolist()],
        },
        "rows": {
            "names": list(model.row_names),
            "lower": _sides(model.row_lower),
            "upper": _sides(model.row_upper),
        },
        "matrix": _triplets(model.matrix),
    }
    if model.quadratic is not None:
        data["quadratic"] = _triplets(model.quadratic)
    return data


def from_dict(data: Any) -> Milp:
    """Return the model that `to_dict` wrote. Raises `FormatError` naming the field."""
    if not isinstance(data, dict):
        raise FormatError("a model is a JSON object")
    kind = data.get("kind", "milp")
    if kind != "milp":
        raise FormatError(f"kind is {kind!r}; a model with rows and columns has the kind 'milp'")
    if data.get("version", VERSION) != VERSION:
        raise FormatError(f"version {data['version']!r} is not known; this program writes and reads {VERSION}")
    if unknown := sorted(set(data) - _FIELDS):
        raise FormatError(f"unknown field {unknown[0]!r}")
    columns, rows = _object(data, "columns"), _object(data, "rows")
    names, row_names = _names(columns, "columns"), _names(rows, "rows")
    n, m = len(names), len(row_names)
    sense = data.get("sense")
    if sense not in tuple(Sense):
        raise FormatError(f"sense is {sense!r}; it is 'minimize' or 'maximize'")
    domains = columns.get("domains", ["continuous"] * n)
    if not isinstance(domains, list) or any(d not in _DOMAINS for d in domains if isinstance(d, str) or d is None):
        raise FormatError(f"columns.domains holds something else than {', '.join(_DOMAINS)}")
    name = data.get("name", "")
    if not isinstance(name, str):
        raise FormatError("name is a string")
    try:
        return Milp(
            Sense(sense),
            _numbers(data.get("objective", [0.0] * n), "objective", n),
            _matrix(data.get("matrix"), "matrix", (m, n)),
            _bounds(rows, "rows", "lower", m, -math.inf),
            _bounds(rows, "rows", "upper", m, math.inf),
            _bounds(columns, "columns", "lower", n, -math.inf),
            _bounds(columns, "columns", "upper", n, math.inf),
            np.array([_DOMAINS[d] for d in domains], dtype=np.int8),
            names,
            row_names,
            constant=float(_numbers([data.get("constant", 0.0)], "constant", 1)[0]),
            quadratic=_matrix(data["quadratic"], "quadratic", (n, n)) if data.get("quadratic") else None,
            name=name,
        )
    except (ModelError, KeyError, TypeError) as error:
        raise FormatError(str(error)) from None


def _sides(values: NDArray[np.float64]) -> list[float | None]:
    return [v if math.isfinite(v) else None for v in values.tolist()]


def _triplets(matrix: sparse.csr_array) -> dict[str, Any]:
    coo = sparse.coo_array(matrix)
    return {"rows": coo.row.tolist(), "columns": coo.col.tolist(), "values": coo.data.tolist()}


def _object(data: dict[str, Any], field: str) -> dict[str, Any]:
    value = data.get(field)
    if not isinstance(value, dict):
        raise FormatError(f"{field} is an object")
    allowed = {"names", "lower", "upper"} | ({"domains"} if field == "columns" else set())
    if unknown := sorted(set(value) - allowed):
        raise FormatError(f"unknown field '{field}.{unknown[0]}'")
    return value


def _names(part: dict[str, Any], field: str) -> list[str]:
    names = part.get("names")
    if not isinstance(names, list) or any(not isinstance(name, str) for name in names):
        raise FormatError(f"{field}.names is a list of strings")
    return names


def _numbers(values: Any, field: str, length: int) -> NDArray[np.float64]:
    if not isinstance(values, list) or len(values) != length:
        raise FormatError(f"{field} is a list of {length} numbers")
    for k, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FormatError(f"{field}[{k}] is {value!r}, which is no number")
        if not math.isfinite(value):
            raise FormatError(f"{field}[{k}] is too large")
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:
        raise FormatError(f"{field} holds a number that is too large") from None


def _bounds(part: dict[str, Any], field: str, side: str, length: int, absent: float) -> NDArray[np.float64]:
    values = part.get(side)
    if not isinstance(values, list) or len(values) != length:
        raise FormatError(f"{field}.{side} is a list of {length} numbers, null where there is no bound")
    open_ = [k for k, value in enumerate(values) if value is None]
    numbers = _numbers([0.0 if value is None else value for value in values], f"{field}.{side}", length)
    numbers[open_] = absent
    return numbers


def _matrix(part: Any, field: str, shape: tuple[int, int]) -> sparse.csr_array:
    if not isinstance(part, dict) or set(part) != {"rows", "columns", "values"}:
        raise FormatError(f"{field} is an object with the lists rows, columns and values")
    places: list[NDArray[np.int64]] = []
    for axis, key in enumerate(("rows", "columns")):
        at = part[key]
        if not isinstance(at, list) or any(isinstance(k, bool) or not isinstance(k, int) for k in at):
            raise FormatError(f"{field}.{key} is a list of whole numbers from 0")
        bad = next((k for k in at if not 0 <= k < shape[axis]), None)
        if bad is not None:
            raise FormatError(f"{field}.{key} names {bad}; there are {shape[axis]}, from 0")
        places.append(np.array(at, dtype=np.int64))
    if len(places[0]) != len(places[1]):
        raise FormatError(f"{field}.rows and {field}.columns have different lengths")
    values = _numbers(part["values"], f"{field}.values", len(places[0]))
    key_of = places[0] * max(shape[1], 1) + places[1]
    if len(np.unique(key_of)) < len(key_of):
        raise FormatError(f"{field} gives one place two numbers")
    return sparse.csr_array(sparse.coo_array((values, (places[0], places[1])), shape=shape))


def _no_constant(text: str) -> float:
    raise FormatError(f"{text} is no JSON number; an absent bound is null")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise FormatError(f"the field {twice!r} is given twice")
    return made
