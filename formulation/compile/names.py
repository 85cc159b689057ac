"""Names of rows and columns, made when asked for: a million of them cost no memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import overload

import numpy as np
from numpy.typing import NDArray

from formulation.formulation import Key, Keys


def element_text(key: Key) -> str:
    """Return an element as it stands in a message."""
    return str(key)


def indexed_name(base: str, keys: Keys) -> str:
    """Return ``base[a,b]``, or ``base`` where there are no keys."""
    return f"{base}[{','.join(map(str, keys))}]" if keys else base


def _must_quote(sets: Sequence[Sequence[Key]]) -> bool:
    """Return whether plain elements may give two combinations one name: ``1`` beside ``"1"``, or commas.

    Commas do no harm while a name's commas tell the elements apart: at most one set has elements with more of them
    and with fewer.
    """
    uneven = 0
    for keys in sets:
        uneven += len({key.count(",") if isinstance(key, str) else 0 for key in keys}) > 1
        is_mixed = any(isinstance(key, str) for key in keys) and any(isinstance(key, int) for key in keys)
        if is_mixed and len({str(key) for key in keys}) < len(keys):
            return True
    return uneven > 1


@dataclass(frozen=True, slots=True)
class NameFamily:
    """The names of one variable or constraint, in row-major order of its index sets.

    Elements stand plainly, ``x[a,1]``; where two names would be the same so, texts stand in quotes.
    ``positions`` are the row-major positions that occur; None is all of them.
    """

    base: str
    sets: tuple[tuple[Key, ...], ...] = ()
    positions: NDArray[np.int64] | None = None
    text: Callable[[Key], str] = field(init=False, repr=False, default=str)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", repr if _must_quote(self.sets) else str)

    def name(self, k: int) -> str:
        """Return the k-th name."""
        return self._named(self.keys(k)) if self.sets else self.base

    def _named(self, keys: Keys) -> str:
        return f"{self.base}[{','.join(map(self.text, keys))}]"

    def __len__(self) -> int:
        if self.positions is not None:
            return int(self.positions.size)
        return int(np.prod([len(keys) for keys in self.sets], dtype=np.int64))

    def keys(self, k: int) -> Keys:
        """Return the elements that the k-th name is indexed by."""
        position = k if self.positions is None else int(self.positions[k])
        found: list[Key] = []
        for keys in reversed(self.sets):
            position, code = divmod(position, len(keys))
            found.append(keys[code])
        return tuple(reversed(found))

    def __iter__(self) -> Iterator[str]:
        if not self.sets:
            yield from [self.base] * len(self)
            return
        texts = [[self.text(key) for key in keys] for keys in self.sets]
        if self.positions is None:
            for parts in product(*texts):
                yield f"{self.base}[{','.join(parts)}]"
        else:
            for k in range(len(self)):
                yield self.name(k)


@dataclass(frozen=True, slots=True, eq=False)
class Names(Sequence[str]):
    """The names of all columns or rows: the families one after another."""

    families: tuple[NameFamily, ...]
    starts: NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        counts = [len(family) for family in self.families]
        object.__setattr__(self, "starts", np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64))

    def __len__(self) -> int:
        return int(self.starts[-1])

    def __iter__(self) -> Iterator[str]:
        for family in self.families:
            yield from family

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self)))]
        family, at = self._found(index)
        return family.name(at)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def locate(self, index: int) -> tuple[str, Keys]:
        """Return the variable or constraint that a column or row belongs to, and its elements."""
        family, at = self._found(index)
        return family.base, family.keys(at)

    def _found(self, index: int) -> tuple[NameFamily, int]:
        at = int(index)
        if at < 0:
            at += len(self)
        if not 0 <= at < len(self):
            raise IndexError(f"there are {len(self)} names; {index} is none of them")
        k = int(np.searchsorted(self.starts, at, side="right")) - 1
        return self.families[k], at - int(self.starts[k])

    def family(self, base: str) -> slice:
        """Return where the columns or rows of a variable or constraint stand. Raises `KeyError`."""
        for k, family in enumerate(self.families):
            if family.base == base:
                return slice(int(self.starts[k]), int(self.starts[k + 1]))
        raise KeyError(base)
