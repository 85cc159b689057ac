"""What an expression is worth on a frame: numbers, linear forms, or what is not linear; and their arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Numbers: TypeAlias = float | Floats


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Terms of a linear form: entry k adds ``values[k]`` times column ``columns[k]`` to row ``rows[k]``.

    ``rows`` None is one entry for each row in order; ``values`` may be one number for all entries.
    """

    rows: Positions | None
    columns: Positions
    values: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A linear form of the variables on each row, plus a constant."""

    blocks: tuple[Block, ...]
    constant: Numbers = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Curved:
    """An operation that is not linear on each row; ``operator`` is ``+ * / ** abs exp log sqrt`` or ``neg``."""

    operator: str
    operands: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CurvedSum:
    """The sum of a body's rows, by the row that each one came from."""

    body: Value
    origin: Positions


@dataclass(frozen=True, slots=True, eq=False)
class CurvedChoice:
    """Rows taken from one of two values: row r is row ``where[r]`` of ``branches[which[r]]``."""

    branches: tuple[Value, Value]
    which: NDArray[np.int8]
    where: Positions


NonLinear: TypeAlias = Curved | CurvedSum | CurvedChoice
Value: TypeAlias = float | Floats | Linear | NonLinear


def is_number(value: Value) -> bool:
    """Whether a value holds no variable."""
    return isinstance(value, float | np.ndarray)


def negated(value: Value) -> Value:
    """Return the value with the other sign."""
    match value:
        case float() | np.ndarray():
            return -value
        case Linear(blocks, constant):
            return Linear(tuple(Block(b.rows, b.columns, -b.values) for b in blocks), -constant)
        case _:
            return Curved("neg", (value,))


def added(values: list[Value]) -> Value:
    """Return the sum of values."""
    constant: Numbers = 0.0
    blocks: list[Block] = []
    curved: list[Value] = []
    for value in values:
        match value:
            case float() | np.ndarray():
                constant = constant + value
            case Linear():
                blocks.extend(value.blocks)
                constant = constant + value.constant
            case _:
                curved.append(value)
    if not curved:
        return Linear(tuple(blocks), constant) if blocks else constant
    if blocks:
        curved.append(Linear(tuple(blocks), constant))
    elif not (isinstance(constant, float) and constant == 0.0):
        curved.append(constant)
    return curved[0] if len(curved) == 1 else Curved("+", tuple(curved))


def scaled(value: Value, factor: Numbers) -> Value:
    """Return a value times a number, or times a number for each row."""
    match value:
        case float() | np.ndarray():
            return value * factor
        case Linear(blocks, constant):
            return Linear(tuple(_scaled_block(block, factor) for block in blocks), constant * factor)
        case _:
            return Curved("*", (factor, value))


def _scaled_block(block: Block, factor: Numbers) -> Block:
    if isinstance(factor, float):
        return block if factor == 1.0 else Block(block.rows, block.columns, block.values * factor)
    per_entry = factor if block.rows is None else factor[block.rows]
    if isinstance(block.values, float) and block.values == 1.0:
        return Block(block.rows, block.columns, per_entry)
    return Block(block.rows, block.columns, block.values * per_entry)


def multiplied(left: Value, right: Value) -> Value:
    """Return the product of two values."""
    if isinstance(right, float | np.ndarray):
        return scaled(left, right)
    if isinstance(left, float | np.ndarray):
        return scaled(right, left)
    return Curved("*", (left, right))


def summed(value: Value, origin: Positions | None, repeat: int, size: int) -> Value:
    """Return the sum of rows by the row they came from.

    ``size`` is the number of rows they came from; ``origin`` None means that each has ``repeat`` successive rows.
    """
    match value:
        case float() | np.ndarray():
            return _summed_numbers(value, origin, repeat, size)
        case Linear(blocks, constant):
            rows = tuple(_summed_block(block, origin, repeat) for block in blocks)
            return Linear(rows, _summed_numbers(constant, origin, repeat, size))
        case _:
            if origin is None:
                origin = np.repeat(np.arange(size, dtype=np.int64), repeat)
            return CurvedSum(value, origin)


def _summed_numbers(value: Numbers, origin: Positions | None, repeat: int, size: int) -> Numbers:
    if isinstance(value, float):
        if origin is None:
            return value * repeat
        counts: Floats = np.bincount(origin, minlength=size).astype(np.float64)
        return counts * value
    if origin is None:
        return np.asarray(value.reshape(size, repeat).sum(axis=1))
    sums: Floats = np.bincount(origin, weights=value, minlength=size).astype(np.float64)
    return sums


def _summed_block(block: Block, origin: Positions | None, repeat: int) -> Block:
    if block.rows is None:
        rows = np.arange(block.columns.size, dtype=np.int64) // repeat if origin is None else origin
    else:
        rows = block.rows // repeat if origin is None else origin[block.rows]
    return Block(rows, block.columns, block.values)


def chosen(then: Value, otherwise: Value, mask: NDArray[np.bool_]) -> Value:
    """Return ``then``, one row for each true row of a mask, put together with ``otherwise`` for the others."""
    yes, no = np.flatnonzero(mask), np.flatnonzero(~mask)
    if isinstance(then, float | np.ndarray | Linear) and isinstance(otherwise, float | np.ndarray | Linear):
        constant = np.empty(mask.size)
        constant[yes] = then.constant if isinstance(then, Linear) else then
        constant[no] = otherwise.constant if isinstance(otherwise, Linear) else otherwise
        blocks: list[Block] = []
        for part, rows in ((then, yes), (otherwise, no)):
            if isinstance(part, Linear):
                for block in part.blocks:
                    at = rows if block.rows is None else rows[block.rows]
                    blocks.append(Block(at, block.columns, block.values))
        return Linear(tuple(blocks), constant) if blocks else constant
    where = np.empty(mask.size, dtype=np.int64)
    where[yes], where[no] = np.arange(yes.size), np.arange(no.size)
    return CurvedChoice((then, otherwise), np.where(mask, 0, 1).astype(np.int8), where)
