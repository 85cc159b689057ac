"""A brute-force oracle: it walks a grid of points and holds each against two tiny models in whole numbers.

It knows nothing of `equivalence`, save the plain data of a certificate, whose map it follows point by point.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from equivalence.certificate import Affine, Certificate, Mapped, Permutation
from solvers.milp import Domain, Milp, Sense

Point = tuple[Fraction, ...]
Values = dict[Point, Fraction]
_WINDOW = 6
_MOST_POINTS = 200_000
_SAMPLED = 5_000
_LARGE = 2**40


def _number(value: float) -> Fraction:
    return Fraction(str(float(value)))


def _axis(low: float, high: float, step: Fraction) -> list[Fraction]:
    """Return the grid between two ends, infinite ones cut at the window."""
    first = Fraction(max(low, min(high, 0.0) - _WINDOW) if math.isinf(low) else low)
    last = Fraction(min(high, max(low, 0.0) + _WINDOW) if math.isinf(high) else high)
    axis = [first + k * step for k in range(int((last - first) / step) + 1)]
    return axis if axis[-1] == last else [*axis, last]


def axes_of(models: Sequence[Milp], orders: Sequence[Sequence[int]], step: Fraction) -> list[list[Fraction]]:
    """Return for each variable the grid over the union of its boxes; ``orders`` says where it stands in each model.

    A grid of too many points is thinned, unless the models can be counted out.
    """
    axes = []
    for places in zip(*orders, strict=True):
        lows, highs, extra = [], [], set()
        for model, j in zip(models, places, strict=True):
            lows.append(float(model.column_lower[j]))
            highs.append(float(model.column_upper[j]))
            if model.domains[j] >= Domain.SEMI_CONTINUOUS:
                extra.add(Fraction(0))
        axes.append(sorted({*_axis(min(lows), max(highs), step), *extra}))
    while math.prod(map(len, axes)) > _SAMPLED and not all(is_enumerable(model) for model in models):
        longest = max(range(len(axes)), key=lambda k: len(axes[k]))
        axes[longest] = [*axes[longest][:-1:2], axes[longest][-1]]
    return axes


def walked(model: Milp, order: Sequence[int], axes: list[list[Fraction]]) -> Values:
    """Return the points of the grid that the model allows, with the objective (as minimisation) at each.

    Axis k is that of the model's column ``order[k]``. Raises `ValueError` where the grid is too large.
    """
    if math.prod(map(len, axes)) > _MOST_POINTS:
        raise ValueError("too many points to walk")
    unit = math.lcm(1, *(v.denominator for axis in axes for v in axis))
    grids = np.meshgrid(*(np.array([int(v * unit) for v in axis], dtype=np.int64) for axis in axes), indexing="ij")
    at = {j: grid.ravel() for j, grid in zip(order, grids, strict=True)}
    size = math.prod(map(len, axes))
    allowed = np.ones(size, dtype=np.bool_)
    for j, values in at.items():
        low, high, kind = model.column_lower[j], model.column_upper[j], model.domains[j]
        inside = _between(values, 1, unit, float(low), float(high))
        if kind >= Domain.SEMI_CONTINUOUS:
            inside |= values == 0
        if kind in (Domain.INTEGER, Domain.SEMI_INTEGER):
            inside &= values % unit == 0
        allowed &= inside
    dense = model.matrix.toarray()
    for i in range(model.n_rows):
        total, denominator = _form(dense[i], at, size)
        allowed &= _between(total, denominator, unit, float(model.row_lower[i]), float(model.row_upper[i]))
    sign = 1 if model.sense is Sense.MINIMIZE else -1
    cost, denominator = _form(model.objective, at, size)
    quadratic = None if model.quadratic is None else model.quadratic.toarray()
    found: Values = {}
    for p in np.flatnonzero(allowed).tolist():
        value = Fraction(int(cost[p]), denominator * unit) + _number(model.constant)
        if quadratic is not None:
            x = {j: Fraction(int(values[p]), unit) for j, values in at.items()}
            squares = (_number(quadratic[i, j]) * x[i] * x[j] for i in x for j in x if quadratic[i, j])
            value += sum(squares, Fraction(0)) / 2
        found[tuple(Fraction(int(at[j][p]), unit) for j in order)] = sign * value
    return found


def _form(
    coefficients: NDArray[np.float64], at: dict[int, NDArray[np.int64]], size: int
) -> tuple[NDArray[np.int64], int]:
    exact = {j: _number(coefficients[j]) for j in at if coefficients[j]}
    denominator = math.lcm(1, *(v.denominator for v in exact.values()))
    large = any(abs(v * denominator) > _LARGE for v in exact.values())
    total = np.zeros(size, dtype=object if large else np.int64)
    for j, v in exact.items():
        total += int(v * denominator) * at[j].astype(total.dtype)
    return total, denominator


def _between(values: NDArray[np.int64], denominator: int, unit: int, low: float, high: float) -> NDArray[np.bool_]:
    inside = np.ones(values.shape, dtype=np.bool_)
    scale = denominator * unit
    if math.isfinite(low):
        inside &= np.asarray(values >= math.ceil(_number(low) * scale), dtype=np.bool_)
    if math.isfinite(high):
        inside &= np.asarray(values <= math.floor(_number(high) * scale), dtype=np.bool_)
    return inside


def is_enumerable(model: Milp) -> bool:
    """Return whether a walk in steps of 1 misses no feasible point."""
    whole = (model.domains == Domain.INTEGER).all() and np.isfinite([*model.column_lower, *model.column_upper]).all()
    return bool(whole and (model.column_lower % 1 == 0).all())


def _rising_line(pairs: list[tuple[Fraction, Fraction]]) -> bool:
    """Return whether some a > 0 and b give ``g = a f + b`` for all pairs."""
    (f, g), *rest = pairs or [(Fraction(0), Fraction(0))]
    slopes = {(q - g) / (p - f) for p, q in rest if p != f}
    return all(q == g for p, q in rest if p == f) and len(slopes) <= 1 and all(s > 0 for s in slopes)


def differs_by_name(a: Milp, b: Milp, *, step: Fraction = Fraction(1)) -> bool:
    """Return whether some point of a grid shows that A and B differ under the map by name.

    Variables of only one of them are projected away (then only the whole points of enumerable models are
    compared, else False). True is a proof; so is False on enumerable models.
    """
    names = list(a.column_names)
    if set(names) != set(b.column_names):
        return _projections_differ(a, b)
    orders = [list(range(a.n_columns)), [list(b.column_names).index(name) for name in names]]
    axes = axes_of([a, b], orders, step)
    one, other = walked(a, orders[0], axes), walked(b, orders[1], axes)
    return one.keys() != other.keys() or not _rising_line([(one[p], other[p]) for p in one])


def _projections_differ(a: Milp, b: Milp) -> bool:
    if not (is_enumerable(a) and is_enumerable(b)):
        return False
    shared = sorted(set(a.column_names) & set(b.column_names))
    seen = []
    for model in (a, b):
        order = list(range(model.n_columns))
        keep = [list(model.column_names).index(name) for name in shared]
        images: dict[Point, set[Fraction]] = {}
        for point, value in walked(model, order, axes_of([model], [order], Fraction(1))).items():
            images.setdefault(tuple(point[k] for k in keep), set()).add(value)
        seen.append(images)
    return seen[0].keys() != seen[1].keys()


def fault_of(a: Milp, b: Milp, certificate: Certificate) -> str | None:
    """Return what is wrong with a certificate's map on the points of a grid; None where nothing was found.

    On enumerable models every feasible point is followed, so that None proves the equivalence.
    """
    whole = is_enumerable(a) and is_enumerable(b)
    step = Fraction(1) if whole else Fraction(1, 2)
    points = [walked(m, range(m.n_columns), axes_of([m], [range(m.n_columns)], step)) for m in (a, b)]
    if isinstance(certificate, Permutation):
        images = [Affine(((j, Fraction(1)),)) for j in np.argsort(certificate.columns).tolist()]
        return _followed(
            b, points[0], points[1], images, certificate.factor, certificate.constant, whole=whole, bijective=True
        )
    if isinstance(certificate, Mapped):
        turn = certificate.extended == "b"
        extended, base = points[::-1] if turn else points
        bijective = certificate.inverse is not None
        factor, constant = 1 / certificate.factor, -certificate.constant / certificate.factor
        return _followed(
            a if turn else b,
            extended,
            base,
            certificate.onto.images,
            factor,
            constant,
            whole=whole,
            bijective=bijective,
        )
    return "a feasible point" if points[0] or points[1] else None


def _followed(
    model: Milp,
    source: Values,
    target: Values,
    images: Sequence[Affine],
    factor: Fraction,
    constant: Fraction,
    *,
    whole: bool,
    bijective: bool,
) -> str | None:
    """Return what is wrong with a map into ``model`` under which ``f = factor f_source + constant``."""
    reached: Counter[Point] = Counter()
    for point, value in source.items():
        image = tuple(sum((v * point[j] for j, v in form.terms), form.constant) for form in images)
        there = target.get(image)
        if there is None:
            order = range(model.n_columns)
            there = walked(model, order, [[v] for v in image]).get(image)
        if there is None:
            return f"{point} goes to {image}, which is not feasible"
        if there != factor * value + constant:
            return f"at {point} the objective is {value}, at its image {there}"
        reached[image] += 1
    if whole and set(reached) != set(target):
        return "a point of the target is not reached"
    if bijective and any(count > 1 for count in reached.values()):
        return "two points have the same image"
    return None
