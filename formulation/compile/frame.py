"""The rows that an expression is worked out for: one for each combination of the indices in force."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from formulation.compile.binding import BoundParameter, BoundSet
from formulation.compile.names import element_text

Positions = NDArray[np.int64]


class Frame:
    """Combinations of elements, in row-major order of the indices, some left out by conditions.

    A frame with nothing left out is held as the shape of a product; ``codes`` are then made when asked for.
    ``origin`` says from which row of the frame that it grew out of each row came.
    """

    def __init__(
        self,
        sets: dict[str, BoundSet],
        *,
        size: int | None = None,
        codes: dict[str, Positions] | None = None,
        origin: Positions | None = None,
        repeat: int = 1,
    ) -> None:
        self.sets = sets
        self.is_product = codes is None
        self.size = math.prod(map(len, sets.values())) if size is None else size
        self._codes: dict[str, Positions] = {} if codes is None else codes
        self._origin = origin
        self._repeat = repeat

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the index sets."""
        return tuple(map(len, self.sets.values()))

    @property
    def repeat(self) -> int | None:
        """How many successive rows came from each row of the frame before, None where that varies."""
        return self._repeat if self._origin is None else None

    @property
    def origin(self) -> Positions:
        """For each row, the row of the frame that this one grew out of."""
        if self._origin is not None:
            return self._origin
        rows = np.arange(self.size, dtype=np.int64)
        return rows if self._repeat == 1 else rows // self._repeat

    def codes(self, index: str) -> Positions:
        """Return, for each row, the position in its set of the element that the index stands for."""
        if index not in self._codes:
            inner = 1
            for name in reversed(self.sets):
                if name == index:
                    break
                inner *= len(self.sets[name])
            n = len(self.sets[index])
            ascending = np.repeat(np.arange(n, dtype=np.int64), inner)
            self._codes[index] = np.tile(ascending, self.size // ascending.size)
        return self._codes[index]

    def nested(self) -> Frame:
        """Return the same rows, as the beginning of a frame that grows out of this one."""
        codes = None if self.is_product else dict(self._codes)
        return Frame(self.sets, size=self.size, codes=codes)

    def extended(self, index: str, over: BoundSet) -> Frame:
        """Return each row once for each element of a set, the new index running fastest."""
        n = len(over)
        sets = {**self.sets, index: over}
        if self.is_product and self._origin is None:
            return Frame(sets, size=self.size * n, repeat=self._repeat * n)
        codes = {name: np.repeat(self.codes(name), n) for name in self.sets}
        codes[index] = np.tile(np.arange(n, dtype=np.int64), self.size)
        origin = None if self._origin is None else np.repeat(self._origin, n)
        return Frame(sets, size=self.size * n, codes=codes, origin=origin, repeat=self._repeat * n)

    def joined_with(self, index: str, over: BoundSet, names: list[str], parameter: BoundParameter) -> Frame:
        """Return each row once for each element at which a parameter has a number, the new index running fastest.

        ``names`` are the indices of the parameter: the new one, and some of those in force.
        """
        flat, _ = parameter.entries()
        codes: dict[str, Positions] = {}
        for name, index_set in zip(reversed(names), reversed(parameter.sets), strict=True):
            flat, codes[name] = np.divmod(flat, len(index_set))
        given, wanted = np.zeros(codes[index].size, dtype=np.int64), np.zeros(self.size, dtype=np.int64)
        for name in names:
            if name != index:
                given = given * len(self.sets[name]) + codes[name]
                wanted = wanted * len(self.sets[name]) + self.codes(name)
        order = np.lexsort((codes[index], given))
        given, elements = given[order], codes[index][order]
        first = np.searchsorted(given, wanted, side="left")
        counts = np.searchsorted(given, wanted, side="right") - first
        starts = np.cumsum(counts) - counts
        rows = np.repeat(np.arange(self.size, dtype=np.int64), counts)
        within = np.arange(rows.size, dtype=np.int64) - np.repeat(starts, counts)
        grown = self.rows(rows)
        grown.sets = {**self.sets, index: over}
        grown._codes[index] = elements[np.repeat(first, counts) + within]
        return grown

    def rows(self, chosen: Positions) -> Frame:
        """Return some of the rows, given by their numbers."""
        codes = {name: self.codes(name)[chosen] for name in self.sets}
        origin = chosen // self._repeat if self._origin is None else self._origin[chosen]
        return Frame(self.sets, size=int(chosen.size), codes=codes, origin=origin)

    def where(self, mask: NDArray[np.bool_]) -> Frame:
        """Return the rows where a mask is true."""
        if mask.all():
            return self
        return self.rows(np.flatnonzero(mask))

    def row_major(self) -> Positions | None:
        """Return the positions of the rows in the product of the sets; None where they are all of them."""
        if self.is_product:
            return None
        flat: Positions = np.zeros(self.size, dtype=np.int64)
        for name, index_set in self.sets.items():
            flat = flat * len(index_set) + self.codes(name)
        return flat

    def describe(self, row: int) -> str:
        """Return where a row stands, as ``i=a, t=3``; empty for a frame without indices."""
        parts = []
        for name, index_set in self.sets.items():
            parts.append(f"{name}={element_text(index_set.keys[int(self.codes(name)[row])])}")
        return ", ".join(parts)


def joined(frames: list[Frame]) -> Frame:
    """Return the rows of several frames, which grew out of the same frame, one after another."""
    sets = frames[0].sets
    codes = {name: np.concatenate([frame.codes(name) for frame in frames]) for name in sets}
    origin = np.concatenate([frame.origin for frame in frames])
    return Frame(sets, size=int(origin.size), codes=codes, origin=origin)
