"""A brute-force oracle: do two tiny models whose variables share names say the same?

It knows nothing of `equivalence`: it walks a grid of points and holds each against both models in rationals.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

from solvers.milp import Domain, Milp, Sense

Point = tuple[Fraction, ...]


def exact_rows(model: Milp, order: list[str]) -> list[tuple[list[Fraction], float, float]]:
    """Return the rows as dense coefficients in the given order of variables, with their bounds."""
    place = {name: k for k, name in enumerate(order)}
    dense = model.matrix.toarray()
    rows = []
    for i in range(model.n_rows):
        row = [Fraction(0)] * len(order)
        for j, name in enumerate(model.column_names):
            row[place[name]] = Fraction(str(float(dense[i, j])))
        rows.append((row, float(model.row_lower[i]), float(model.row_upper[i])))
    return rows


class _Walked:
    """The points of a grid that a model allows, and its objective (as minimisation) at each."""

    def __init__(self, model: Milp, order: list[str], grid: list[list[Fraction]]) -> None:
        place = {name: j for j, name in enumerate(model.column_names)}
        self.columns = [place[name] for name in order]
        self.values: dict[Point, Fraction] = {}
        rows = exact_rows(model, order)
        sign = 1 if model.sense is Sense.MINIMIZE else -1
        cost = [sign * Fraction(str(float(model.objective[j]))) for j in self.columns]
        constant = sign * Fraction(str(float(model.constant)))
        allowed = []
        for j, axis in zip(self.columns, grid, strict=True):
            low, high = float(model.column_lower[j]), float(model.column_upper[j])
            whole = model.domains[j] == Domain.INTEGER
            allowed.append([v for v in axis if low <= v <= high and (v.denominator == 1 or not whole)])
        for point in itertools.product(*allowed):
            if all(low <= sum(map(_times, row, point)) <= high for row, low, high in rows):
                self.values[point] = constant + sum(map(_times, cost, point))


def _times(a: Fraction, b: Fraction) -> Fraction:
    return a * b


def differs_by_name(a: Milp, b: Milp, *, step: Fraction = Fraction(1)) -> bool:
    """Return whether some point of the grid shows that A and B differ under the map by name.

    The grid goes in steps over the union of the two boxes, which must be bounded. On models whose columns are
    all whole a step of 1 misses nothing, so that False means equivalent; otherwise False means not shown.
    """
    order = sorted(a.column_names)
    grid = []
    for name in order:
        ends = []
        for model in (a, b):
            j = list(model.column_names).index(name)
            ends.append((float(model.column_lower[j]), float(model.column_upper[j])))
        low, high = Fraction(min(e[0] for e in ends)), Fraction(max(e[1] for e in ends))
        count = int((high - low) / step)
        grid.append([low + k * step for k in range(count + 1)])
    walked = [_Walked(model, order, grid).values for model in (a, b)]
    if walked[0].keys() != walked[1].keys():
        return True
    pairs = [(walked[0][p], walked[1][p]) for p in walked[0]]
    if len(pairs) < 2:
        return False
    f, g = pairs[0]
    slopes = set()
    for p, q in pairs[1:]:
        if p == f and q != g:
            return True
        if p != f:
            slopes.add((q - g) / (p - f))
    return len(slopes) > 1 or any(s <= 0 for s in slopes)
