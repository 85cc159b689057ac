"""The full normal form: what can be said more simply is, step by step, until nothing changes.

It is used to *find* a map between two models; the map is then proved on the models as they were given, so
that nothing here can make a verdict wrong.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from scipy import sparse

from equivalence.certificate import Affine, Terms
from equivalence.graph import content_of
from equivalence.linear import Linear, add, substitute
from equivalence.refine import OutOfTime
from solvers.milp import Milp, Sense

Bound = Fraction | None
ONE = Fraction(1)


@dataclass(slots=True)
class _Row:
    terms: dict[int, Fraction]
    lower: Bound
    upper: Bound


@dataclass(frozen=True, slots=True, eq=False)
class NormalForm:
    """``model`` over the kept columns; how to go there and back; and the log of the steps in words.

    ``kept[k]`` is the original column behind column k of ``model``; ``there[k]`` its value over the original
    columns; ``back[j]`` the original column j over the kept ones.
    """

    model: Milp
    kept: tuple[int, ...]
    there: tuple[Affine, ...]
    back: tuple[Affine, ...]
    units: dict[int, tuple[Fraction, Fraction]]
    log: tuple[str, ...]


@dataclass(slots=True)
class _State:
    """The model being rewritten. ``meaning[j]`` is original column j over the columns that are left."""

    linear: Linear
    rows: list[_Row]
    lower: list[Bound]
    upper: list[Bound]
    objective: Affine
    meaning: dict[int, Affine] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def name(self, j: int) -> str:
        return self.linear.model.column_names[j]


Implied = Callable[[Terms, Fraction, int], bool]


def normal_form(model: Milp, *, units: bool = False, deadline: float = math.inf) -> NormalForm:
    """Return the normal form of a linear model; ``units`` also brings continuous boxes to [0, 1].

    Raises `OutOfTime` when `time.monotonic` passes the deadline.
    """
    linear = Linear(model)
    finite = linear.sides
    rows = []
    for i, terms in enumerate(linear.rows):
        low, high = finite.get(("row", i, "lower")), finite.get(("row", i, "upper"))
        rows.append(_Row(dict(terms), None if low is None else -low[1], None if high is None else high[1]))
    low_columns = [finite.get(("column", j, "lower")) for j in range(linear.n)]
    high_columns = [finite.get(("column", j, "upper")) for j in range(linear.n)]
    state = _State(
        linear,
        rows,
        [None if side is None else -side[1] for side in low_columns],
        [None if side is None else side[1] for side in high_columns],
        linear.objective,
    )
    steps = (_singletons, _round_bounds, _fixed, _slacks, _merge, _round_rows, _redundant)
    again = True
    while again:
        again = False
        for step in steps:
            if time.monotonic() > deadline:
                raise OutOfTime
            if step(state):
                again = True
                break
    return _finish(state, units=units)


def _tighter(one: Bound, other: Bound, *, up: bool) -> Bound:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other) if up else max(one, other)


def _singletons(state: _State) -> bool:
    kept = []
    for row in state.rows:
        if len(row.terms) > 1 or not row.terms:
            kept.append(row)
            continue
        ((j, v),) = row.terms.items()
        low, high = (None if s is None else s / v for s in (row.lower, row.upper))
        if v < 0:
            low, high = high, low
        state.lower[j] = _tighter(state.lower[j], low, up=False)
        state.upper[j] = _tighter(state.upper[j], high, up=True)
        state.log.append(f"a row on {state.name(j)} alone became a bound")
    changed = len(kept) < len(state.rows)
    state.rows = kept
    return changed


def _round_bounds(state: _State) -> bool:
    changed = False
    for j in range(state.linear.n):
        if not state.linear.whole[j]:
            continue
        low, high = state.lower[j], state.upper[j]
        if low is not None and low.denominator != 1:
            state.lower[j], changed = Fraction(math.ceil(low)), True
        if high is not None and high.denominator != 1:
            state.upper[j], changed = Fraction(math.floor(high)), True
    return changed


def _eliminate(state: _State, j: int, form: Affine) -> None:
    """Replace column j everywhere by a form over other columns."""
    state.meaning[j] = form
    images = {j: form}
    state.meaning = {k: _replace(kept, images) for k, kept in state.meaning.items()}
    state.objective = _replace(state.objective, images)
    for row in state.rows:
        if j in row.terms:
            image = _replace(Affine(tuple(sorted(row.terms.items()))), images)
            row.terms = dict(image.terms)
            row.lower = None if row.lower is None else row.lower - image.constant
            row.upper = None if row.upper is None else row.upper - image.constant


def _replace(form: Affine, images: dict[int, Affine]) -> Affine:
    if not any(j in images for j, _ in form.terms):
        return form
    parts = [(v, images.get(j, Affine(((j, ONE),)))) for j, v in form.terms]
    return add((ONE, Affine((), form.constant)), *parts)


def _fixed(state: _State) -> bool:
    changed = False
    for j in range(state.linear.n):
        low = state.lower[j]
        if j not in state.meaning and low is not None and low == state.upper[j]:
            _eliminate(state, j, Affine((), low))
            state.log.append(f"{state.name(j)} is fixed and was put in")
            changed = True
    return changed


def _slacks(state: _State) -> bool:
    """A continuous column without cost in one equality alone is the slack of a range."""
    uses: dict[int, list[_Row]] = {}
    for row in state.rows:
        for j in row.terms:
            uses.setdefault(j, []).append(row)
    costed = {j for j, _ in state.objective.terms}
    changed = False
    taken: set[int] = set()
    # The least bounded columns first: of several that could be the slack, that is the likeliest.
    for j, where in sorted(uses.items(), key=lambda use: (_ends(state, use[0]), use[0])):
        if len(where) != 1 or j in costed or state.linear.whole[j] or id(where[0]) in taken:
            continue
        row = where[0]
        if row.lower is None or row.lower != row.upper or len(row.terms) < 2:
            continue
        v = row.terms.pop(j)
        rest = Affine(tuple(sorted(row.terms.items())))
        state.meaning[j] = add((-1 / v, rest), (1, Affine((), row.lower / v)))
        state.meaning = {k: _replace(kept, {j: state.meaning[j]}) for k, kept in state.meaning.items()}
        low, high = state.lower[j], state.upper[j]
        ends = [None if e is None else row.lower - v * e for e in ((high, low) if v > 0 else (low, high))]
        row.lower, row.upper = ends
        taken.add(id(row))
        state.log.append(f"{state.name(j)} is a slack and went into its row's range")
        changed = True
    return changed


def _ends(state: _State, j: int) -> int:
    return (state.lower[j] is not None) + (state.upper[j] is not None)


def _merge(state: _State) -> bool:
    """Rows divided by the size of their first coefficient and turned; parallel ones become one range."""
    kept: dict[Terms, _Row] = {}
    for row in state.rows:
        terms = tuple(sorted(row.terms.items()))
        lead = terms[0][1] if terms else ONE
        form = tuple((j, v / lead) for j, v in terms)
        low, high = (None if s is None else s / lead for s in (row.lower, row.upper))
        if lead < 0:
            low, high = high, low
        if form in kept:
            low = _tighter(kept[form].lower, low, up=False)
            high = _tighter(kept[form].upper, high, up=True)
            state.log.append("parallel rows became one")
        kept[form] = _Row(dict(form), low, high)
    changed = len(kept) < len(state.rows)
    state.rows = list(kept.values())
    return changed


def _round_rows(state: _State) -> bool:
    changed = False
    for row in state.rows:
        if row.terms and all(state.linear.whole[j] for j in row.terms):
            content = content_of(list(row.terms.values()))
            low, high = row.lower, row.upper
            if low is not None and (tight := math.ceil(low / content) * content) != low:
                row.lower, changed = tight, True
            if high is not None and (tight := math.floor(high / content) * content) != high:
                row.upper, changed = tight, True
    return changed


def _redundant(state: _State) -> bool:
    """Sides of rows that the bounds imply are taken away, and rows without sides."""
    changed = False
    kept = []
    for row in state.rows:
        least = _activity(state, row.terms, up=False)
        most = _activity(state, row.terms, up=True)
        if row.lower is not None and least is not None and least >= row.lower:
            row.lower, changed = None, True
        if row.upper is not None and most is not None and most <= row.upper:
            row.upper, changed = None, True
        if row.lower is None and row.upper is None:
            changed = True
            state.log.append("a row that says nothing was taken away")
        else:
            kept.append(row)
    state.rows = kept
    return changed


def _activity(state: _State, terms: dict[int, Fraction], *, up: bool) -> Bound:
    total = Fraction(0)
    for j, v in terms.items():
        end = state.upper[j] if (v > 0) == up else state.lower[j]
        if end is None:
            return None
        total += v * end
    return total


def _finish(state: _State, *, units: bool) -> NormalForm:
    linear = state.linear
    kept = [j for j in range(linear.n) if j not in state.meaning]
    place = {j: k for k, j in enumerate(kept)}
    changes: dict[int, tuple[Fraction, Fraction]] = {}
    # original kept column = factor * new column + shift
    images: list[Affine] = []
    costs = dict(state.objective.terms)
    for k, j in enumerate(kept):
        factor, shift = _unit(state, j, costs.get(j, Fraction(0)), scaled=units and not linear.whole[j])
        if factor != 1 or shift:
            changes[j] = (factor, shift)
        images.append(Affine(((k, factor),), shift))
    at = {j: images[place[j]] for j in kept}
    objective = _replace_all(state.objective, at)
    rows = [(_replace_all(Affine(tuple(sorted(r.terms.items()))), at), r.lower, r.upper) for r in state.rows]
    n, m = len(kept), len(rows)
    dense = sparse.dok_array((m, n), dtype=np.float64)
    for i, (form, _, _) in enumerate(rows):
        for k, v in form.terms:
            dense[i, k] = float(v)
    cost = np.zeros(n)
    for k, v in objective.terms:
        cost[k] = float(v)

    def ends(bounds: list[Bound], empty: float) -> list[float]:
        found = []
        for j in kept:
            factor, shift = changes.get(j, (ONE, Fraction(0)))
            bound = bounds[j]
            found.append(empty if bound is None else float((bound - shift) / factor))
        return found

    lows, highs = ends(state.lower, -math.inf), ends(state.upper, math.inf)
    for k, j in enumerate(kept):
        if changes.get(j, (ONE,))[0] < 0:
            lows[k], highs[k] = (
                (-math.inf if state.upper[j] is None else highs[k]),
                (math.inf if state.lower[j] is None else lows[k]),
            )

    model = Milp(
        sense=Sense.MINIMIZE,
        objective=cost,
        matrix=sparse.csr_array(dense),
        row_lower=np.array([-math.inf if lo is None else float(lo - f.constant) for f, lo, _ in rows]),
        row_upper=np.array([math.inf if hi is None else float(hi - f.constant) for f, _, hi in rows]),
        column_lower=np.array(lows),
        column_upper=np.array(highs),
        domains=np.asarray(linear.model.domains)[kept],
        column_names=[linear.model.column_names[j] for j in kept],
        row_names=[f"row{i}" for i in range(m)],
        constant=float(objective.constant),
    )
    there = []
    for j in kept:
        factor, shift = changes.get(j, (ONE, Fraction(0)))
        there.append(Affine(((j, 1 / factor),), -shift / factor))
    back = [at[j] if j in at else _replace_all(state.meaning[j], at) for j in range(linear.n)]
    return NormalForm(model, tuple(kept), tuple(there), tuple(back), changes, tuple(state.log))


def _replace_all(form: Affine, images: dict[int, Affine]) -> Affine:
    return add((ONE, Affine((), form.constant)), *((v, images[j]) for j, v in form.terms))


def _unit(state: _State, j: int, cost: Fraction, *, scaled: bool) -> tuple[Fraction, Fraction]:
    """Return (factor, shift) that put the column's finite bound at 0, and its box upwards in cost.

    ``scaled`` also brings a box to [0, 1]; without it the factor is 1 or -1.
    """
    low, high = state.lower[j], state.upper[j]
    if low is not None and high is not None:
        size = high - low if scaled and high > low else ONE
        return (-size, high) if cost < 0 else (size, low)
    if high is not None:
        return -ONE, high
    return ONE, low or Fraction(0)


def composed(a: NormalForm, b: NormalForm, columns: list[int]) -> tuple[list[Affine], list[Affine]]:
    """Return (A's columns over B's, B's over A's) for a pairing of the kept columns (A's k is B's columns[k])."""
    over_b = [b.there[k] for k in columns]
    paired = [0] * len(columns)
    for k, other in enumerate(columns):
        paired[other] = k
    over_a = [a.there[k] for k in paired]
    return [substitute(form, over_b) for form in a.back], [substitute(form, over_a) for form in b.back]
