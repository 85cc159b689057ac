"""Divisibility against points tried one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.lattice import excludes_whole_points

INF = float("inf")
small = st.integers(-4, 4)


@settings(max_examples=300, deadline=None)
@given(st.data(), st.integers(1, 3), st.integers(1, 3))
def test_a_system_that_excludes_whole_points_has_none_and_one_with_a_point_does_not(make, data, n, m):
    rows = [data.draw(st.lists(small, min_size=n, max_size=n)) for _ in range(m)]
    sides = [sorted((data.draw(small), data.draw(small))) for _ in range(m)]
    if data.draw(st.booleans()):
        sides = [[low, low] for low, _ in sides]
    model = make([0.0] * n, [(row, *side) for row, side in zip(rows, sides, strict=True)], domains=[1] * n)
    excluded = excludes_whole_points(model, model.row_lower, model.row_upper)
    matrix, (low, high) = np.array(rows), np.array(sides).T
    activity = grid(range(-9, 10), n) @ matrix.T
    if ((activity >= low) & (activity <= high)).all(axis=1).any():
        assert not excluded
    if (low == high).all() and matrix.any(axis=1).all() and not excluded:
        # a whole solution is one modulo every number
        for modulus in (2, 3, 4, 5):
            assert ((grid(range(modulus), n) @ matrix.T - low) % modulus == 0).all(axis=1).any()


def grid(line, n):
    """Every point with its coordinates on the line, one a row."""
    return np.array(list(itertools.product(line, repeat=n)))


@pytest.mark.parametrize(
    ("rows", "excluded"),
    [
        ([([2, -4], 1, 1)], True),
        ([([2, -4], 1, INF), ([-2, 4], -1, INF)], True),  # two rows of one direction: exactly 1
        ([([2, -4], 1, 2)], False),
        ([([3, -2, -1], -1, -1), ([3, -2, -4], -3, -3)], True),  # 3 w = 2
        ([([0.5, 1], 0.25, 0.25)], False),  # not whole: nothing is said
        ([([6, 10, 15], 1, 1)], False),
    ],
)
def test_known_systems(make, rows, excluded):
    model = make([0.0] * len(rows[0][0]), rows, domains=[1] * len(rows[0][0]))
    assert excludes_whole_points(model, model.row_lower, model.row_upper) is excluded
