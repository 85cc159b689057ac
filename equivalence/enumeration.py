"""Every feasible point of a small all-whole model, counted by objective value; plain arithmetic."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from equivalence.certificate import Terms
from equivalence.linear import Linear

Profile = Counter[Fraction]
_POINTS = 70_000
_SAFE = 2**40


def profile(linear: Linear) -> Profile | None:
    """Return how many feasible points have each objective value (as minimisation).

    None unless every column is whole and bounded, the box small, and the numbers of ordinary size.
    """
    boxes: list[tuple[int, int]] = []
    for j in range(linear.n):
        low, high = linear.sides.get(("column", j, "lower")), linear.sides.get(("column", j, "upper"))
        if not linear.whole[j] or low is None or high is None:
            return None
        boxes.append((math.ceil(-low[1]), math.floor(high[1])))
    sizes = [high - low + 1 for low, high in boxes]
    if min(sizes, default=1) <= 0:
        return Counter()
    if math.prod(sizes) > _POINTS or any(max(abs(low), abs(high)) > 10**4 for low, high in boxes):
        return None
    grid = np.indices(sizes).reshape(len(sizes), -1) if sizes else np.zeros((0, 1), dtype=np.int64)
    points = grid + np.array([low for low, _ in boxes], dtype=np.int64)[:, None]
    feasible = np.ones(points.shape[1], dtype=np.bool_)
    for terms, bound in linear.sides.values():
        scaled = _whole(terms, [bound])
        if scaled is None:
            return None
        weights, (limit,), _ = scaled
        feasible &= (
            sum((w * points[j] for j, w in weights), np.zeros_like(points[0] if sizes else feasible, dtype=np.int64))
            <= limit
        )
    objective = _whole(linear.objective.terms, [linear.objective.constant])
    if objective is None:
        return None
    weights, (constant,), factor = objective
    values = sum((w * points[j] for j, w in weights), np.zeros(points.shape[1], dtype=np.int64))[feasible] + constant
    found, counts = np.unique(values, return_counts=True)
    return Counter({Fraction(int(v), factor): int(c) for v, c in zip(found, counts, strict=True)})


def _whole(terms: Terms, numbers: Iterable[Fraction]) -> tuple[list[tuple[int, int]], list[int], int] | None:
    """Return the form and numbers times their common denominator, and that; None where they get large."""
    numbers = list(numbers)
    factor = math.lcm(1, *(v.denominator for _, v in terms), *(v.denominator for v in numbers))
    weights = [(j, int(v * factor)) for j, v in terms]
    scaled = [int(v * factor) for v in numbers]
    if any(abs(v) > _SAFE for v in (*scaled, *(w for _, w in weights))):
        return None
    return weights, scaled, factor


def normalised(found: Profile, *, counted: bool) -> tuple[tuple[Fraction, int], ...]:
    """Return the profile with its values mapped to [0, 1]: equal wherever an affine map joins two profiles.

    ``counted`` keeps how many points there are of each value (a bijection must), else only the values.
    """
    if not found:
        return ()
    low, high = min(found), max(found)
    width = high - low or Fraction(1)
    return tuple((((v - low) / width), found[v] if counted else 1) for v in sorted(found))


def difference(a: Profile, b: Profile, *, counted: bool) -> str | None:
    """Return in words how two profiles differ beyond an affine map of the objective; None where they do not."""
    if normalised(a, counted=counted) == normalised(b, counted=counted):
        return None
    total_a, total_b = sum(a.values()), sum(b.values())
    if counted and total_a != total_b:
        return f"A has {total_a} feasible points and B has {total_b}"
    if len(a) != len(b):
        return f"the objective takes {len(a)} values in A and {len(b)} in B"
    return "the objective values of the feasible points differ by more than a factor and a constant"
