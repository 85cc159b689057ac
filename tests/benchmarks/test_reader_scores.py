"""The comparison behind the reader's scores, on a model of our own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from benchmarks.reader_scores import disputed_items, fold_of, same_model
from benchmarks.scorers.canonical import Canonical, Row
from solvers.milp import Milp, Sense

# max 3a + 5b, 2a + 4b <= 40, a >= 3, as rows a.x <= b
GOLD = Canonical(
    ("a", "b"), {"a": 0, "b": 1}, True, (-3.0, -5.0), (Row((2.0, 4.0), 40.0, strict=True), Row((-1.0, 0.0), -3.0))
)


def model(matrix, lower, upper, objective=(5.0, 3.0)):
    return Milp(
        sense=Sense.MAXIMIZE,
        objective=np.array(objective),
        matrix=sparse.csr_array(np.array(matrix, dtype=float)),
        row_lower=np.array(lower),
        row_upper=np.array(upper),
        column_lower=np.zeros(2),
        column_upper=np.full(2, np.inf),
        domains=np.zeros(2, dtype=np.int8),
        column_names=("b", "a"),
        row_names=("time", "least"),
    )


@pytest.mark.parametrize("limit", [20.0, 19.5])
def test_order_scale_and_the_reading_of_a_strict_sign_do_not_matter(limit):
    assert same_model(model([[2, 1], [0, 1]], [-np.inf, 3], [limit, np.inf]), GOLD)


@pytest.mark.parametrize(
    "other",
    [
        model([[2, 1], [0, 1]], [-np.inf, 4], [20, np.inf]),
        model([[1, 2], [0, 1]], [-np.inf, 3], [20, np.inf]),
        model([[2, 1], [0, 1]], [-np.inf, 3], [20, np.inf], (3.0, 5.0)),
        model([[2, 1], [0, 1]], [-np.inf, 3], [20, 9]),
    ],
)
def test_another_number_is_another_model(other):
    assert not same_model(other, GOLD)


def test_folds_are_fixed_and_every_disputed_item_has_a_reason():
    assert {fold_of(f"item_{k}") for k in range(200)} == {"0", "1", "2", "3", "4", "held"}
    assert all(disputed_items().values())
