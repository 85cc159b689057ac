"""Intervals and tests, against values worked out by other means."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.intervals import (
    Share,
    area_under,
    calibration_error,
    mcnemar,
    pass_at_k,
    reliability,
    selective_accuracy,
    wilson,
)


def test_the_wilson_interval_is_the_one_of_the_textbook() -> None:
    # 8 of 10: centre (0.8 + 3.8415/20) / 1.38415 = 0.7167, half-width 1.96 sqrt(0.016 + 0.0096037) / 1.38415 = 0.2266
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_wilson_interval_holds_the_share_and_solves_its_equation(case: tuple[int, int]) -> None:
    count, total = case
    low, high = wilson(count, total)
    assert 0.0 <= low <= count / total + 1e-12
    assert count / total - 1e-12 <= high <= 1.0
    for bound in (low, high):  # |p - bound| = z sqrt(bound (1 - bound) / n), unless clipped
        if 0.0 < bound < 1.0:
            miss = abs(count / total - bound) - 1.959963984540054 * math.sqrt(bound * (1 - bound) / total)
            assert miss == pytest.approx(0.0, abs=1e-9)


def test_no_share_has_no_interval() -> None:
    assert Share(0, 0).interval is None
    with pytest.raises(ValueError, match="no share"):
        wilson(3, 2)


@given(st.integers(0, 12), st.integers(0, 12))
def test_mcnemar_is_the_exact_sign_test(better: int, worse: int) -> None:
    n = better + worse
    outcomes = [sum(coins) for coins in itertools.product((0, 1), repeat=n)] if n <= 10 else None
    if outcomes is None:
        return
    extreme = sum(abs(2 * heads - n) >= abs(better - worse) for heads in outcomes)
    assert mcnemar(better, worse) == pytest.approx(min(1.0, extreme / len(outcomes)))


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n), st.integers(1, n))))
def test_pass_at_k_is_the_share_of_draws_that_hold_a_right_one(case: tuple[int, int, int]) -> None:
    right, samples, k = case
    marks = [True] * right + [False] * (samples - right)
    draws = list(itertools.combinations(marks, k))
    assert pass_at_k(right, samples, k) == pytest.approx(sum(any(draw) for draw in draws) / len(draws))


def test_a_reliability_curve_counts_every_answer_once_and_its_error_is_the_weighted_gap() -> None:
    confidences, right = [0.05, 0.95, 1.0, 0.55], [False, True, False, True]
    bins = reliability(confidences, right)
    assert [(b.low, b.right.count, b.right.total) for b in bins] == [(0.0, 0, 1), (0.5, 1, 1), (0.9, 1, 2)]
    # |0.05 - 0| / 4 + |0.55 - 1| / 4 + 2 |0.975 - 0.5| / 4
    assert calibration_error(bins) == pytest.approx((0.05 + 0.45 + 2 * 0.475) / 4)
    assert calibration_error([]) is None


def test_selective_accuracy_takes_the_surest_first_and_ties_together() -> None:
    curve = selective_accuracy([0.9, 0.5, 0.9, 0.1], [True, False, True, False])
    assert curve == [(0.5, 1.0), (0.75, pytest.approx(2 / 3)), (1.0, 0.5)]
    # 0.5 * 1 + 0.25 * 2/3 + 0.25 * 0.5
    assert area_under(curve) == pytest.approx(0.5 + 1 / 6 + 0.125)
    assert area_under([]) is None
