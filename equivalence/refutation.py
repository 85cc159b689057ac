"""That no renaming makes two models equal, shown by plain means in exact arithmetic: for the checker alone.

Colour refinement with tuples for colours (no hashing), on rows and objective divided by their largest coefficient;
then each choice of partner for one column after the other. It shares nothing with `equivalence.match`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from fractions import Fraction
from itertools import pairwise

from scipy import sparse

from equivalence.exact import rational
from equivalence.linear import objective_of
from solvers.milp import Milp, Sense

Bound = Fraction | float
Entries = list[tuple[int, Fraction]]
Colours = list[list[int]]


class _Portrait:
    """A model whose rows (lower, upper, entries) and objective are divided by the size of their largest number."""

    def __init__(self, model: Milp) -> None:
        self.n = model.n_columns
        columns, values = model.matrix.indices.tolist(), model.matrix.data.tolist()
        self.rows: list[tuple[Bound, Bound, Entries]] = []
        for i, (s, e) in enumerate(pairwise(model.matrix.indptr.tolist())):
            entries = [(j, rational(v)) for j, v in zip(columns[s:e], values[s:e], strict=True)]
            lower, upper = float(model.row_lower[i]), float(model.row_upper[i])
            if not entries:  # says nothing, or cannot hold
                lower, upper = (-1.0, 1.0) if lower <= 0 <= upper else (1.0, 1.0)
            size = max((abs(v) for _, v in entries), default=Fraction(1))
            self.rows.append((_over(lower, size), _over(upper, size), [(j, v / size) for j, v in entries]))
        sign = 1 if model.sense is Sense.MINIMIZE else -1
        hessian = sparse.coo_array((self.n, self.n) if model.quadratic is None else model.quadratic)
        pairs = zip(hessian.row.tolist(), hessian.col.tolist(), hessian.data.tolist(), strict=True)
        squares = [(i, j, sign * rational(v)) for i, j, v in pairs]
        cost = dict(objective_of(model).terms)
        size = max((abs(v) for v in (*cost.values(), *(v for _, _, v in squares))), default=Fraction(1))
        self.hessian: list[Entries] = [[] for _ in range(self.n)]
        for i, j, v in squares:
            self.hessian[i].append((j, v / size))
        ends = zip(model.column_lower.tolist(), model.column_upper.tolist(), model.domains.tolist(), strict=True)
        self.columns: list[Hashable] = [(cost.get(j, Fraction(0)) / size, *end) for j, end in enumerate(ends)]


def _over(bound: float, size: Fraction) -> Bound:
    return rational(bound) / size if abs(bound) != float("inf") else bound


def is_isomorphic(a: Milp, b: Milp) -> bool:
    """Return whether some renaming carries rows (up to a factor), columns and objective of A onto B's.

    Exponential time on models that refinement leaves symmetric; meant for replaying what was found otherwise.
    """
    portraits = _Portrait(a), _Portrait(b)
    if portraits[0].n != portraits[1].n or len(portraits[0].rows) != len(portraits[1].rows):
        return False
    return _search(portraits, _numbered([p.columns for p in portraits]))


def _search(portraits: tuple[_Portrait, _Portrait], colours: Colours) -> bool:
    stable = _refined(portraits, colours)
    if stable is None:
        return False
    cells = [(count, colour) for colour, count in Counter(stable[0]).items() if count > 1]
    if not cells:
        return True
    _, colour = min(cells)
    fresh, first = max(stable[0]) + 1, stable[0].index(colour)
    for other in (j for j, c in enumerate(stable[1]) if c == colour):
        chosen = [list(side) for side in stable]
        chosen[0][first] = chosen[1][other] = fresh
        if _search(portraits, chosen):
            return True
    return False


def _refined(portraits: tuple[_Portrait, _Portrait], colours: Colours) -> Colours | None:
    """Return the stable colours of the columns, or None where they (or the rows') differ in number."""
    while True:
        seen: list[list[list[Hashable]]] = [[[] for _ in range(p.n)] for p in portraits]
        rows: list[list[Hashable]] = [[], []]
        for side, portrait in enumerate(portraits):
            for lower, upper, entries in portrait.rows:
                # A row and its negative say the same: the lesser stands for both, where they differ.
                plus = (lower, upper, *sorted((v, colours[side][j]) for j, v in entries))
                minus = (-upper, -lower, *sorted((-v, colours[side][j]) for j, v in entries))
                rows[side].append(min(plus, minus))
                for j, v in entries:
                    turned = abs(v) if plus == minus else -v if minus < plus else v
                    seen[side][j].append((rows[side][-1], turned))
        if Counter(rows[0]) != Counter(rows[1]):
            return None
        words: list[list[Hashable]] = []
        for side, portrait in enumerate(portraits):
            own = colours[side]
            squares = [frozenset(Counter((v, own[k]) for k, v in part).items()) for part in portrait.hessian]
            words.append([(own[j], frozenset(Counter(seen[side][j]).items()), squares[j]) for j in range(portrait.n)])
        finer = _numbered(words)
        if Counter(finer[0]) != Counter(finer[1]):
            return None
        if len(set(finer[0])) == len(set(colours[0])):
            return finer
        colours = finer


def _numbered(words: list[list[Hashable]]) -> Colours:
    numbers: dict[Hashable, int] = {}
    return [[numbers.setdefault(word, len(numbers)) for word in side] for side in words]
