"""A difference in words: names, numbers as they were written, and what the other model lacks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from equivalence import Different, compare
from equivalence.diff import aligned_rows, as_text
from equivalence.explain import difference_in_words, verdict_in_words
from solvers.milp import Milp, Sense

INF = float("inf")


@pytest.fixture
def wood(build) -> Milp:
    model = build(
        [5, 4, 0],
        [([4, 2, 6], -INF, 100), ([1, 2, 0], -INF, 40)],
        upper=[50, 50, 10],
        whole=[0],
        names=["x", "y", "wood"],
        sense=Sense.MAXIMIZE,
    )
    return replace(model, row_names=["budget", "labour"])


def words(a: Milp, b: Milp) -> str:
    verdict = compare(a, b, mapping="names", budget_s=INF)
    assert isinstance(verdict, Different), verdict
    return difference_in_words(a, b, verdict)


def with_coefficient(model: Milp, i: int, j: int, value: float) -> Milp:
    dense = model.matrix.toarray()
    dense[i, j] = value
    return replace(model, matrix=sparse.csr_array(dense))


def test_a_coefficient_is_named_with_the_numbers_that_were_written(wood) -> None:
    assert "the coefficient of wood in 'budget' is 8 in B, 6 in A" in words(wood, with_coefficient(wood, 0, 2, 8))


def test_a_scaled_row_is_compared_in_the_numbers_of_the_other(wood) -> None:
    other = with_coefficient(wood, 0, 2, 8)
    rows = sparse.csr_array(sparse.diags_array([3.0, -1.0]) @ other.matrix)
    other = replace(other, matrix=rows, row_upper=np.array([300, INF]), row_lower=np.array([-INF, -40]))
    changed = [row.words for row in aligned_rows(wood, other) if row.kind != "same"]
    assert changed == ["the coefficient of wood in 'budget' is 6 in A, 8 in B (its row times 1/3)"]


def test_a_limit_that_one_model_lacks_is_said_to_be_missing(wood) -> None:
    without = replace(
        wood, matrix=sparse.csr_array(wood.matrix[[0]]), row_lower=[-INF], row_upper=[100], row_names=["budget"]
    )
    text = words(wood, without)
    assert "'labour'" in text
    assert "B has no such constraint" in text


def test_a_turned_direction_comes_first(wood) -> None:
    assert "A maximises and B minimises" in words(wood, replace(wood, sense=Sense.MINIMIZE))


def test_a_cost_is_named(wood) -> None:
    other = replace(wood, objective=np.array([5.5, 4, 0]))
    assert "the coefficient of x in the objective is 5 in A, 5.5 in B" in words(wood, other)


def test_a_turned_row_is_said_as_what_it_asks(wood) -> None:
    other = replace(wood, row_upper=np.array([100, INF]), row_lower=np.array([-INF, 40]))
    changed = [row.words for row in aligned_rows(wood, other) if row.kind != "same"]
    assert changed == ["'labour' must be at most 40 in A, at least 40 in B"]


def test_long_differences_are_cut_and_counted(build) -> None:
    a = build([1] * 30, [([1] * 30, -INF, 10)])
    b = build([1] * 30, [(list(range(2, 32)), -INF, 7)])
    text = as_text(aligned_rows(a, b))
    assert "and 23 more changes" in text


def test_a_verdict_that_stays_open_says_why(wood) -> None:
    other = replace(wood, column_names=["p", "q", "r"], row_upper=np.array([99.5, 40]))
    verdict = compare(wood, other, budget_s=INF)
    assert verdict_in_words(wood, other, verdict).startswith("Unknown (L1, no_map)")
