"""Linear programs of small size solved in exact arithmetic, with a proof of every outcome."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from equivalence.certificate import Terms
from equivalence.refine import OutOfTime

_DANTZIG_PIVOTS = 60


@dataclass(frozen=True, slots=True)
class Optimal:
    """``point`` (n,) attains ``value``; the ``multipliers`` >= 0 on the inequalities prove it is the maximum."""

    point: tuple[Fraction, ...]
    value: Fraction
    multipliers: tuple[tuple[int, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Ray:
    """The inequalities allow ``direction`` (n,) from any point, and it improves; or there is no point at all."""

    direction: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Empty:
    """The ``multipliers`` >= 0 on the inequalities sum to ``0 <= negative``."""

    multipliers: tuple[tuple[int, Fraction], ...]


def maximise(
    objective: Terms, inequalities: Sequence[tuple[Terms, Fraction]], n: int, *, deadline: float
) -> Optimal | Ray | Empty:
    """Return the maximum of ``objective x`` over ``terms x <= bound`` with x of shape (n,) free.

    The simplex method on the dual, ``min bound y, y >= 0, sum y terms = objective``, on whole numbers with a
    common denominator (Edmonds), Bland's rule after a while. Raises `OutOfTime`.
    """
    m = len(inequalities)
    factors: list[Fraction] = []
    table = [[0] * (m + n + 1) for _ in range(n)]
    cost = [0] * (m + n + 1)
    for i, (terms, bound) in enumerate(inequalities):
        factor = math.lcm(bound.denominator, *(v.denominator for _, v in terms))
        factors.append(Fraction(factor))
        for j, v in terms:
            table[j][i] = v.numerator * (factor // v.denominator)
        cost[i] = bound.numerator * (factor // bound.denominator)
    scale = math.lcm(1, *(v.denominator for _, v in objective))
    for j, v in objective:
        table[j][-1] = v.numerator * (scale // v.denominator)
    signs = [1] * n
    for j, row in enumerate(table):
        if row[-1] < 0:
            table[j] = [-v for v in row]
            signs[j] = -1
        table[j][m + j] = 1
    first = [-sum(row[i] for row in table) for i in range(m)] + [0] * n + [-sum(row[-1] for row in table)]
    simplex = _Simplex(table, [first, cost], m, deadline)
    simplex.run(0)
    if simplex.costs[0][-1] != 0:
        d = simplex.denominator
        prices = [d - simplex.costs[0][m + j] for j in range(n)]
        return Ray(tuple(Fraction(signs[j] * prices[j], d) for j in range(n)))
    simplex.drive_out()
    entering = simplex.run(1)
    d = simplex.denominator
    if entering is not None:
        ray = [(entering, Fraction(d))]
        ray += [(i, Fraction(-simplex.table[k][entering])) for k, i in enumerate(simplex.basis) if i < m]
        return Empty(tuple((i, v * factors[i]) for i, v in ray if v))
    point = tuple(Fraction(-signs[j] * simplex.costs[1][m + j], d) for j in range(n))
    dual = [(i, Fraction(simplex.table[k][-1], d * scale)) for k, i in enumerate(simplex.basis) if i < m]
    value = Fraction(-simplex.costs[1][-1], d * scale)
    return Optimal(point, value, tuple((i, v * factors[i]) for i, v in dual if v))


class _Simplex:
    def __init__(self, table: list[list[int]], costs: list[list[int]], m: int, deadline: float) -> None:
        self.table, self.costs, self.m, self.deadline = table, costs, m, deadline
        self.basis = [m + j for j in range(len(table))]
        self.denominator = 1

    def run(self, phase: int) -> int | None:
        """Minimise the phase's cost; return None at the optimum, else a column along which it falls forever."""
        pivots = 0
        while True:
            if time.monotonic() > self.deadline:
                raise OutOfTime
            costs = self.costs[phase]
            if pivots < _DANTZIG_PIVOTS:
                entering = min(range(self.m), key=costs.__getitem__, default=-1)
                if entering < 0 or costs[entering] >= 0:
                    return None
            else:
                entering = next((i for i in range(self.m) if costs[i] < 0), -1)
                if entering < 0:
                    return None
            leaving = self._leaving(entering)
            if leaving is None:
                return entering
            self.pivot(leaving, entering)
            pivots += 1

    def _leaving(self, entering: int) -> int | None:
        best: tuple[int, int, int, int] | None = None
        for k, row in enumerate(self.table):
            if row[entering] > 0:
                # rhs / entry, compared crosswise; ties by basis index (Bland)
                if best is not None:
                    left, right = row[-1] * best[1], best[0] * row[entering]
                    if left > right or (left == right and self.basis[k] > best[2]):
                        continue
                best = (row[-1], row[entering], self.basis[k], k)
        return None if best is None else best[3]

    def pivot(self, leaving: int, entering: int) -> None:
        row = self.table[leaving]
        p, d = row[entering], self.denominator
        for rows in (self.table, self.costs):
            for k, other in enumerate(rows):
                if other is row:
                    continue
                c = other[entering]
                if c:
                    rows[k] = [(v * p - c * w) // d for v, w in zip(other, row, strict=True)]
                elif p != d:
                    rows[k] = [v * p // d for v in other]
        self.denominator = p
        self.basis[leaving] = entering

    def drive_out(self) -> None:
        """Exchange the artificial columns left in the basis (at zero) for real ones where a row has any."""
        for k, i in enumerate(self.basis):
            if i >= self.m:
                entering = next((c for c in range(self.m) if self.table[k][c]), None)
                if entering is not None:
                    if self.table[k][entering] < 0:
                        self.table[k] = [-v for v in self.table[k]]
                    self.pivot(k, entering)
