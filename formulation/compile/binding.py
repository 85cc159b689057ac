"""Sets and parameters with their data as arrays, from the formulation itself or from its tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from formulation.compile.errors import CompileError
from formulation.compile.names import indexed_name
from formulation.data import Cell, Table
from formulation.formulation import ColumnReference, Formulation, IndexSet, Key, Keys, Parameter

MAX_DENSE = 400_000_000
Stored: TypeAlias = tuple[NDArray[np.float64], NDArray[np.int64] | None]
"""Numbers, and their positions where they are held sparsely."""

SPARSE_FROM = 2_000_000
"""From this many places on, a parameter that fills less than a quarter of them is held as its entries alone."""

MAX_PLACES = 1 << 62


class BoundSet:
    """An index set with its elements; ``numbers`` holds them where all are whole numbers."""

    def __init__(self, name: str, keys: tuple[Key, ...]) -> None:
        self.name, self.keys = name, keys
        self._translations: dict[str, NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def position(self) -> dict[Key, int]:
        """The position of each element."""
        return {key: k for k, key in enumerate(self.keys)}

    @cached_property
    def numbers(self) -> NDArray[np.int64] | None:
        """The elements as whole numbers, or None where one is text."""
        if all(isinstance(key, int) for key in self.keys):
            return np.array(self.keys, dtype=np.int64)
        return None

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        numbers = np.zeros(0, dtype=np.int64) if self.numbers is None else self.numbers
        order = np.argsort(numbers, kind="stable").astype(np.int64)
        return numbers[order], order

    def codes_of_numbers(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the positions of elements given as numbers, -1 where there is no such element."""
        if self.numbers is None:
            return np.full(values.shape, -1, dtype=np.int64)
        ascending, order = self._sorted
        at = np.minimum(np.searchsorted(ascending, values), len(self) - 1)
        return np.where(ascending[at] == values, order[at], -1)

    def codes_from(self, other: BoundSet) -> NDArray[np.int64]:
        """Return, for each element of another set, its position here, -1 where it is not here."""
        if other.name not in self._translations:
            found = [self.position.get(key, -1) for key in other.keys]
            self._translations[other.name] = np.array(found, dtype=np.int64)
        return self._translations[other.name]


@dataclass(frozen=True, slots=True)
class BoundParameter:
    """A parameter's numbers over its sets.

    ``values`` are row-major, NaN where none is given; or, where ``positions`` holds the ascending row-major
    positions of the numbers, those numbers alone. ``complete`` says that nothing is missing, so that look-ups
    need no check.
    """

    name: str
    sets: tuple[BoundSet, ...]
    values: NDArray[np.float64]
    default: float | None
    complete: bool
    positions: NDArray[np.int64] | None = None

    def at(self, flat: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the numbers at row-major positions, NaN where none is given."""
        if self.positions is None:
            return self.values[flat]
        if not self.positions.size:
            return np.full(flat.shape, np.nan)
        k = np.minimum(np.searchsorted(self.positions, flat), self.positions.size - 1)
        return np.where(self.positions[k] == flat, self.values[k], np.nan)

    def entries(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the ascending positions at which a number is given, and the numbers."""
        if self.positions is not None:
            return self.positions, self.values
        given = np.flatnonzero(~np.isnan(self.values))
        return given, self.values[given]


@dataclass(frozen=True, slots=True)
class Binding:
    """The data of a formulation."""

    sets: dict[str, BoundSet]
    parameters: dict[str, BoundParameter]


def bind(formulation: Formulation, tables: Iterable[Table] = ()) -> Binding:
    """Return the sets and parameters of a formulation with their data.

    Raises `CompileError` where data is missing, given twice, of the wrong shape, or no number.
    """
    by_name: dict[str, Table] = {}
    for table in tables:
        if table.name in by_name:
            raise CompileError(table.name, "two tables have this name")
        by_name[table.name] = table
    sets = {index_set.name: _set(index_set, by_name) for index_set in formulation.sets}
    parameters = {parameter.name: _parameter(parameter, sets, by_name) for parameter in formulation.parameters}
    return Binding(sets, parameters)


def _column(element: str, reference: ColumnReference, column: str, tables: Mapping[str, Table]) -> tuple[Cell, ...]:
    table = tables.get(reference.table)
    if table is None:
        known = ", ".join(tables) or "none was given"
        raise CompileError(element, f"its table {reference.table!r} is not among the tables ({known})")
    if column not in table.columns:
        raise CompileError(element, f"table {table.name!r} has no column {column!r}; it has {', '.join(table.columns)}")
    return table.columns[column]


def _key(cell: Cell) -> Key | None:
    """Return a cell as an element: whole numbers are numbers, None is nothing."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return None
        return int(cell) if cell.is_integer() else repr(cell)
    return int(cell)


def _set(index_set: IndexSet, tables: Mapping[str, Table]) -> BoundSet:
    name = index_set.name
    if index_set.elements is not None:
        keys: tuple[Key, ...] = index_set.elements
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise CompileError(name, f"the set holds {twice!r} twice")
        for key in keys:
            if isinstance(key, bool) or not isinstance(key, str | int):
                raise CompileError(name, f"{key!r} is neither a text nor a whole number")
    elif index_set.source is not None:
        cells = _column(name, index_set.source, index_set.source.column, tables)
        if all(isinstance(cell, str) for cell in cells):
            keys = tuple(dict.fromkeys(cells))  # type: ignore[arg-type]
        else:
            keys = tuple(dict.fromkeys(key for key in map(_key, cells) if key is not None))
    else:
        raise CompileError(name, "the set has no elements yet; give them, or bind it to a column of a table")
    if not keys:
        raise CompileError(name, "the set is empty, so nothing can be indexed over it")
    return BoundSet(name, keys)


def _parameter(parameter: Parameter, sets: Mapping[str, BoundSet], tables: Mapping[str, Table]) -> BoundParameter:
    name = parameter.name
    for index in parameter.indices:
        if index not in sets:
            raise CompileError(name, f"it is indexed by {index!r}, which is no set")
    if parameter.default is not None and not math.isfinite(parameter.default):
        raise CompileError(name, f"its default {parameter.default} is no finite number")
    over = tuple(sets[index] for index in parameter.indices)
    size = math.prod(map(len, over))
    if size > MAX_PLACES:
        raise CompileError(name, f"it has room for {size:,} numbers, which is too many")
    if parameter.value is not None:
        values, positions = _from_value(parameter, over, size)
    elif parameter.source is not None:
        values, positions = _from_table(parameter, parameter.source, over, size, tables)
    elif parameter.default is not None:
        values, positions = _stored(name, np.zeros(0, dtype=np.int64), np.zeros(0), size)
    else:
        raise CompileError(name, "the parameter has no value yet; give it, or bind it to a column of a table")
    complete = values.size == size and not bool(np.isnan(values).any())
    if not over and not complete and parameter.default is None:
        raise CompileError(name, "the parameter has no value")
    return BoundParameter(name, over, values, parameter.default, complete, positions)


def _stored(name: str, flat: NDArray[np.int64], numbers: NDArray[np.float64], size: int) -> Stored:
    """Return the numbers row-major, or with their ascending positions where they are few. Later entries win."""
    if size >= SPARSE_FROM and flat.size * 4 < size:
        order = np.argsort(flat, kind="stable")
        flat, numbers = flat[order], numbers[order]
        last = np.ones(flat.size, dtype=bool)
        last[:-1] = flat[1:] != flat[:-1]
        return numbers[last], flat[last]
    if size > MAX_DENSE:
        raise CompileError(name, f"it has {flat.size:,} of {size:,} numbers, which is too many")
    if flat.size == size and bool((flat == np.arange(size)).all()):
        return numbers, None
    values = np.full(size, np.nan)
    values[flat] = numbers
    return values, None


def _from_value(parameter: Parameter, over: Sequence[BoundSet], size: int) -> Stored:
    name, value = parameter.name, parameter.value
    if not isinstance(value, Mapping):
        if over:
            raise CompileError(name, f"one number is given for a parameter over {', '.join(s.name for s in over)}")
        return np.array([_number(name, (), value)]), None
    if not over:
        if list(value) == [()]:
            return np.array([_number(name, (), value[()])]), None
        raise CompileError(name, "a parameter without indices takes one number, not a number per element")
    flat = np.empty(len(value), dtype=np.int64)
    numbers = np.empty(len(value))
    for k, (keys, number) in enumerate(value.items()):
        parts = keys if isinstance(keys, tuple) else (keys,)
        if len(parts) != len(over):
            raise CompileError(name, f"{parts!r} has {len(parts)} elements; the parameter has {len(over)} indices")
        position = 0
        for key, index_set in zip(parts, over, strict=True):
            code = index_set.position.get(key)
            if code is None:
                raise CompileError(name, f"it has a number for {key!r}, which is no element of {index_set.name}")
            position = position * len(index_set) + code
        flat[k], numbers[k] = position, _number(name, parts, number)
    return _stored(name, flat, numbers, size)


def _number(name: str, keys: Keys, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CompileError(name, f"{indexed_name(name, keys)} is {value!r}, which is no number")
    if not math.isfinite(value):
        raise CompileError(name, f"{indexed_name(name, keys)} is {value}; only finite numbers are taken")
    return float(value)


def _from_table(
    parameter: Parameter,
    source: ColumnReference,
    over: Sequence[BoundSet],
    size: int,
    tables: Mapping[str, Table],
) -> Stored:
    name = parameter.name
    if len(source.keys) != len(over):
        raise CompileError(name, f"{len(source.keys)} key columns are given for {len(over)} indices")
    flat: NDArray[np.int64] | None = None
    for key_column, index_set in zip(source.keys, over, strict=True):
        codes = _codes(name, source.table, key_column, _column(name, source, key_column, tables), index_set)
        flat = codes if flat is None else flat * len(index_set) + codes
    if source.column:
        numbers = _numbers(name, source, _column(name, source, source.column, tables))
    elif flat is not None:
        numbers = np.ones(flat.shape)
    else:
        raise CompileError(name, "a parameter without indices needs a column")
    if flat is None:
        if numbers.size != 1:
            raise CompileError(name, f"column {source.column!r} has {numbers.size} rows; one number is wanted")
        return numbers, None
    if source.column:
        given = ~np.isnan(numbers)
        if not given.all():
            flat, numbers = flat[given], numbers[given]
    values, positions = _stored(name, flat, numbers, size)
    if positions is None:
        if values is not numbers and int(np.count_nonzero(~np.isnan(values))) < flat.size:
            _check_agreement(name, source, over, flat, values[flat] != numbers)
    elif positions.size < flat.size:
        _check_agreement(name, source, over, flat, values[np.searchsorted(positions, flat)] != numbers)
    return values, positions


def _check_agreement(
    name: str,
    source: ColumnReference,
    over: Sequence[BoundSet],
    flat: NDArray[np.int64],
    differs: NDArray[np.bool_],
) -> None:
    """Raise where one key has two different numbers; the same number said twice is no contradiction."""
    clash = np.flatnonzero(differs)
    if clash.size:
        position = int(flat[clash[0]])
        keys: list[Key] = []
        for index_set in reversed(over):
            position, code = divmod(position, len(index_set))
            keys.append(index_set.keys[code])
        where = indexed_name(name, tuple(reversed(keys)))
        raise CompileError(name, f"table {source.table!r} gives {where} twice, with different numbers")


def _codes(name: str, table: str, column: str, cells: tuple[Cell, ...], index_set: BoundSet) -> NDArray[np.int64]:
    """Return the position in the set of each cell; text and number that read the same are the same element."""
    try:
        return np.fromiter(map(index_set.position.__getitem__, cells), np.int64, len(cells))  # type: ignore[arg-type]
    except (KeyError, TypeError):
        pass
    by_text = {str(key): k for k, key in enumerate(index_set.keys)}
    found = np.empty(len(cells), dtype=np.int64)
    for row, cell in enumerate(cells):
        key = _key(cell)
        code = None if key is None else index_set.position.get(key, by_text.get(str(key).strip()))
        if code is None:
            what = "is empty" if key is None else f"holds {key!r}, which is no element of {index_set.name}"
            raise CompileError(name, f"row {row + 1} of column {column!r} in table {table!r} {what}")
        found[row] = code
    return found


def _numbers(name: str, source: ColumnReference, cells: tuple[Cell, ...]) -> NDArray[np.float64]:
    found = np.array(cells) if cells else np.zeros(0)
    if found.dtype.kind not in "fiub":
        for row, cell in enumerate(cells):
            if isinstance(cell, str):
                where = f"row {row + 1} of column {source.column!r} in table {source.table!r}"
                raise CompileError(name, f"{where} holds {cell!r}, which is no number")
    numbers: NDArray[np.float64] = found.astype(np.float64)
    if np.isinf(numbers).any():
        row = int(np.argmax(np.isinf(numbers)))
        raise CompileError(name, f"row {row + 1} of column {source.column!r} in table {source.table!r} is infinite")
    return numbers
