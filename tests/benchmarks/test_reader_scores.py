"""The comparison behind the reader's scores, on a model of our own."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import LinearConstraint, milp

from benchmarks.reader_scores import disputed_items, fold_of, items, same_model, score, written
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


@pytest.mark.parametrize("suite", [f"written/{name}" for name in ("typical", "everyday", "varied", "forms", "faulty")])
def test_the_written_models_have_the_optimum_that_is_told(suite):
    for item in items(suite):
        if "gold" not in item:
            continue
        gold = written(item["gold"])
        found = []
        for whole, shift in (
            (0, 0.0),
            (1, 0.0),
            (1, 1.0),
        ):  # strict signs exclude their bound: one less of what is whole
            limits = [row.limit - shift * row.strict for row in gold.rows]
            bounds = LinearConstraint([row.coefficients for row in gold.rows], ub=limits)
            solved = milp(np.array(gold.objective), constraints=bounds, integrality=np.full(len(gold.variables), whole))
            found.append(solved.fun)
        signed = [-value if gold.maximize else value for value in found if value is not None]
        mixed = min(signed) <= item["answer"] + 1e-6 and item["answer"] <= max(signed) + 1e-6
        assert mixed or any(abs(v - item["answer"]) <= 2e-4 * max(1, abs(v)) for v in signed), item["id"]


@pytest.mark.parametrize(
    ("suite", "right", "wrong"),
    [("written/typical", 0.8, 0.03), ("written/everyday", 0.5, 0.03), ("written/forms", 0.3, 0.0)],
)
def test_the_reader_on_texts_of_others(suite, right, wrong):
    scores = [score(item, suite, frozenset()) for item in items(suite)]
    outcomes = Counter(each.outcome for each in scores)
    assert outcomes["right"] >= right * len(scores)
    assert outcomes["wrong"] <= wrong * len(scores)


def test_a_text_that_must_be_asked_about_is_right_where_it_is_not_read():
    item = {"id": "x", "question": "A shop sells mugs and jugs. Maximize the profit.", "refuse": True, "answer": None}
    assert score(item, "written/everyday", frozenset()).outcome == "right"
    told = (
        "A shop sells mugs and jugs. A mug earns $2, a jug $3. A mug takes 1 kg of clay, a jug 2 kg. There are 9 kg of "
        "clay. Maximize the profit."
    )
    assert score({**item, "question": told}, "written/everyday", frozenset()).outcome == "wrong"
