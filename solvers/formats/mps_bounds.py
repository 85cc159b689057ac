"""The sides of rows and the bounds of columns that an MPS file gives: RHS, RANGES and BOUNDS."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping

import numpy as np

from solvers.errors import FormatError
from solvers.formats.mps_lines import Body, Line
from solvers.formats.mps_words import NUMBER
from solvers.formats.numbers import beyond
from solvers.milp import Domain, DomainVector, FloatVector

_WITH_NUMBER = frozenset({"UP", "LO", "FX", "UI", "LI", "SC", "SI"})
_WITHOUT_NUMBER = frozenset({"FR", "MI", "PL", "BV"})


def pairs(body: Body, kinds: Container[str]) -> tuple[list[str], list[float], list[int]]:
    """Return the rows, numbers and places of an RHS or RANGES section; the set's name may be absent."""
    body.cut(2, 3, 4, 5)
    lines = body.lines
    if not lines:
        return [], [], []
    named = len(lines[0]) % 2
    for k, fields in enumerate(lines):
        if not 2 <= len(fields) <= 5:
            raise body.error("a line here is a set's name, and one or two rows each with a number", k)
        if len(fields) % 2 != named or (named and fields[0] != lines[0][0]):
            raise body.error(f"a second set of numbers, {fields[0]!r}; a model has one", k)
    second = [k for k, fields in enumerate(lines) if len(fields) > 3]
    rows = [fields[named] for fields in lines] + [lines[k][named + 2] for k in second]
    texts = [fields[named + 1] for fields in lines] + [lines[k][named + 3] for k in second]
    places = [*range(len(lines)), *second]
    seen: dict[str, int] = {}
    for row, k in zip(rows, places, strict=True):
        if row not in kinds:
            raise body.error(f"no row is called {row!r}", k)
        if row in seen:
            raise body.error(f"the row {row!r} has a second number", max(k, seen[row]))
        seen[row] = k
    return rows, body.numbers(texts, places, infinite=True), places


def row_bounds(
    rows: Mapping[str, int],
    kinds: Mapping[str, str],
    objective: str | None,
    rhs: Body | None,
    ranges: Body | None,
) -> tuple[FloatVector, FloatVector, float]:
    """Return the lower and upper sides (m,) of the rows, and the objective's constant."""
    sides = np.zeros(len(rows))
    constant = 0.0
    if rhs is not None:
        for row, number, k in zip(*pairs(rhs, kinds), strict=True):
            if row != objective:
                sides[rows[row]] = beyond(number)
            elif math.isfinite(number):
                constant = 0.0 - number
            else:
                raise rhs.error("the objective's constant is infinite", k)
    letters = np.frombuffer("".join(map(kinds.__getitem__, rows)).encode(), dtype="S1")
    lower = np.where((letters == b"G") | (letters == b"E"), sides, -math.inf)
    upper = np.where((letters == b"L") | (letters == b"E"), sides, math.inf)
    if ranges is not None:
        for row, number, place in zip(*pairs(ranges, kinds), strict=True):
            kind = kinds[row]
            if kind == "N":
                raise ranges.error(f"a range on {row!r}, which has no side", place)
            k, size = rows[row], abs(number)
            if kind == "G" or (kind == "E" and number >= 0):
                upper[k] = beyond(lower[k] + size)
            else:
                lower[k] = beyond(upper[k] - size)
    bad = ~(lower <= upper) | (lower == math.inf) | (upper == -math.inf)
    if bad.any():
        k = int(np.argmax(bad))
        raise FormatError(f"row {list(rows)[k]!r} has the sides [{lower[k]:g}, {upper[k]:g}], which hold no number")
    return lower, upper, constant


def column_bounds(
    columns: Mapping[str, int], integers: set[int], body: Body | None
) -> tuple[FloatVector, FloatVector, DomainVector]:
    """Return the lower and upper bounds and the domains (n,); ``integers`` stand between markers."""
    n = len(columns)
    low, high = [0.0] * n, [math.inf] * n
    whole, semi, semi_whole, lowered = set(integers), set[int](), set[int](), set[int]()
    touched: dict[int, int] = {}
    kinds, at, values = _bounds(columns, body) if body else ([], [], [])
    for k, (kind, j, value) in enumerate(zip(kinds, at, values, strict=True)):
        touched[j] = k
        if kind == "UP" or kind == "UI":
            high[j] = value
            if value < 0 and j not in lowered:
                low[j] = -math.inf
        elif kind == "PL":
            high[j] = math.inf
        elif kind == "SC" or kind == "SI":
            high[j] = value if value else math.inf
            semi.add(j)
        else:
            lowered.add(j)
            if kind == "FX":
                low[j] = high[j] = value
            elif kind == "FR":
                low[j], high[j] = -math.inf, math.inf
            elif kind == "MI":
                low[j] = -math.inf
            elif kind == "BV":
                low[j], high[j] = 0.0, 1.0
            else:  # LO, LI
                low[j] = value
        if kind == "SI":
            semi_whole.add(j)
        elif kind in ("UI", "LI", "BV"):
            whole.add(j)
    for j in integers.difference(touched):
        high[j] = 1.0  # between markers and without a bound: binary
    lower, upper = np.array(low), np.array(high)
    bad = ~(lower <= upper) | (lower == math.inf) | (upper == -math.inf)
    if bad.any() and body is not None:
        j = int(np.argmax(bad))
        reason = f"column {list(columns)[j]!r} has the bounds [{low[j]:g}, {high[j]:g}], which hold no number"
        raise body.error(reason, touched.get(j, 0))
    domains = np.zeros(n, dtype=np.int8)
    domains[list(whole)] = Domain.INTEGER
    domains[list(semi)] = Domain.SEMI_CONTINUOUS
    domains[list(semi_whole)] = Domain.SEMI_INTEGER
    return lower, upper, domains


def _bounds(columns: Mapping[str, int], body: Body) -> tuple[list[str], list[int], list[float]]:
    """Return the type, the column and the number of each line; the number is 0 where a type has none."""
    body.cut(2, 3, 4)
    kinds: list[str] = []
    names: list[str] = []
    texts: list[str] = []
    first = None
    for k, fields in enumerate(body.lines):
        if len(fields) == 4 and fields[0] in _WITH_NUMBER:
            kind, owner, name, text = fields
        else:
            kind, name, text, owner = _fields(fields, columns, body, k)
        if owner != first:
            if first is not None:
                raise body.error(f"a second set of bounds, {owner!r}; a model has one", k)
            first = owner
        kinds.append(kind)
        names.append(name)
        texts.append(text)
    try:
        at = list(map(columns.__getitem__, names))
    except KeyError:
        k = next(k for k, name in enumerate(names) if name not in columns)
        raise body.error(f"no column is called {names[k]!r}", k) from None
    numbers = body.numbers(texts, list(range(len(texts))), infinite=True)
    return kinds, at, list(map(beyond, numbers))


def _fields(fields: Line, columns: Container[str], body: Body, k: int) -> tuple[str, str, str, str]:
    """Return type, column, number and set of a line of BOUNDS; the set's name may be absent."""
    kind = fields[0].upper()
    if kind in _WITHOUT_NUMBER:
        if len(fields) == 2:
            return kind, fields[1], "0", ""
        if len(fields) in (3, 4):
            if len(fields) == 3 and fields[2] not in columns and fields[1] in columns:
                return kind, fields[1], "0", ""
            return kind, fields[2], "0", fields[1]
    elif kind in _WITH_NUMBER:
        if len(fields) == 3:
            if kind in ("SC", "SI") and fields[2] in columns and not NUMBER.match(fields[2]):
                return kind, fields[2], "0", fields[1]
            return kind, fields[1], fields[2], ""
        if len(fields) == 4:
            return kind, fields[2], fields[3], fields[1]
    else:
        raise body.error(f"{fields[0]!r} is no type of bound", k)
    raise body.error("a bound is a type, a set's name, a column, and a number where its type needs one", k)
