"""What stands between brackets: elements of sets, row by row, how they compare and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from formulation.algebra.nodes import Comparator
from formulation.compile.binding import BoundParameter, BoundSet
from formulation.compile.names import element_text
from formulation.compile.values import Numbers, Positions
from formulation.formulation import Key

Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """An element for each row: positions in a set; one position may stand for all rows."""

    set: BoundSet
    codes: Positions | int


Index: TypeAlias = Elements | Key | Numbers
"""What can stand between brackets: elements of a set, one element, or whole numbers for each row."""


class Incomparable(Exception):
    """The two sides of a comparison have no order, or one is no element of the other's set."""


def position(index: Index, over: BoundSet) -> Positions | int:
    """Return the position in a set of what stands as an index, for each row; negative where it is no element."""
    match index:
        case Elements(own, codes):
            if own is over:
                return codes
            found = over.codes_from(own)[codes]
            return found if isinstance(codes, np.ndarray) else int(found)
        case np.ndarray():
            return over.codes_of_numbers(index)
        case str() | int():
            return over.position.get(index, -1)
        case float():
            return over.position.get(int(index), -1) if index.is_integer() else -1


def shown(index: Index, row: int) -> str:
    """Return what stands as an index on one row, as a message shows it."""
    match index:
        case Elements(own, codes):
            code = int(codes[row]) if isinstance(codes, np.ndarray) else codes
            return element_text(own.keys[code]) if code >= 0 else "no element"
        case np.ndarray():
            return f"{index[row]:g}"
        case _:
            return repr(index) if isinstance(index, str) else f"{index:g}"


def related(sign: Comparator, left: Index, right: Index) -> Mask:
    """Return on which rows two sides compare so; one number or element stands for all. Raises `Incomparable`."""
    is_equality = sign in (Comparator.EQ, Comparator.NE)
    first, second = _as_numbers(left), _as_numbers(right)
    if first is not None and second is not None:
        return np.asarray(_COMPARISONS[sign](first, second))
    if not is_equality:
        raise Incomparable(f"texts have no order; compare ord(...) with {sign!r}")
    if isinstance(right, Elements) and not isinstance(left, Elements):
        left, right = right, left
    if not isinstance(left, Elements):
        same = np.asarray(isinstance(left, str) and left == right)
    else:
        if isinstance(right, str) and right not in left.set.position:
            raise Incomparable(f"{right!r} is no element of {left.set.name}")
        same = np.asarray(left.codes == position(right, left.set))
    return same if sign is Comparator.EQ else ~same


def _as_numbers(index: Index) -> Numbers | None:
    match index:
        case Elements(own, codes):
            return None if own.numbers is None else plain(own.numbers[codes].astype(np.float64))
        case str():
            return None
        case int() | float():
            return float(index)
        case _:
            return index


_COMPARISONS = {
    Comparator.LE: np.less_equal,
    Comparator.GE: np.greater_equal,
    Comparator.EQ: np.equal,
    Comparator.LT: np.less,
    Comparator.GT: np.greater,
    Comparator.NE: np.not_equal,
}


def plain(found: object) -> Numbers:
    """Return an array with one dimension, or a float for one without."""
    array = np.asarray(found, dtype=np.float64)
    return float(array) if array.ndim == 0 else array


def item_name(parameter: BoundParameter, position: int) -> str:
    """Return the name of a parameter's item at a row-major position."""
    keys: list[Key] = []
    for index_set in reversed(parameter.sets):
        position, code = divmod(position, len(index_set))
        keys.append(index_set.keys[code])
    texts = ",".join(element_text(key) for key in reversed(keys))
    return f"{parameter.name}[{texts}]" if keys else parameter.name
