"""Problems in everyday wording, each against the program that its author meant: right, never another one."""

from __future__ import annotations

import pytest

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.reading import ReadingStatus

# Text, objective, rows as (coefficients, sign, bound); all variables are at least zero.
PROBLEMS = {
    "stock after a semicolon": (
        "A food truck sells wraps and salads. Each wrap needs 150 g of chicken and each salad 90 g; there are 12 kg of "
        "chicken. A wrap earns $3.20, a salad $2.75. What should it sell to earn the most?",
        [3.2, 2.75],
        [([150, 90], "<=", 12000)],
    ),
    "a unit that is said once": (
        "A tailor has 80 yards of cotton and 120 yards of wool. A suit takes 2 yards of cotton and 4 of wool; a dress "
        "takes 5 of cotton and 3 of wool. A suit sells for $300 and a dress for $200. Maximise revenue.",
        [300, 200],
        [([2, 5], "<=", 80), ([4, 3], "<=", 120)],
    ),
    "a list and what there is in one sentence": (
        "A company makes desk lamps, floor lamps and ceiling lamps. Profit is $12, $20 and $15 respectively. Assembly "
        "takes 1, 2 and 1.5 hours respectively, and 200 hours of assembly are available. How many of each should be "
        "made to maximise profit?",
        [12, 20, 15],
        [([1, 2, 1.5], "<=", 200)],
    ),
    "as many as I can": (
        "My budget for ads is $6,000. A radio ad costs $300 and reaches 5,000 people, a newspaper ad costs $200 and "
        "reaches 3,000. I want no more than 12 radio ads. How do I reach as many people as I can?",
        [5000, 3000],
        [([300, 200], "<=", 6000), ([1, 0], "<=", 12)],
    ),
    "a total that is needed": (
        "Mix two kinds of coffee, arabica and robusta. Arabica costs $9 a kilo and robusta costs $5 a kilo. The blend "
        "must be at least 60% arabica, and 200 kilos are needed in total. Minimise the cost.",
        [9, 5],
        [([1, 1], ">=", 200), ([0.4, -0.6], ">=", 0)],
    ),
    "what is blended weighs": (
        "We blend arabica and robusta coffee. Arabica costs $9 per kilo and robusta costs $5 per kilo. At least 60% of "
        "the blend must be arabica, and the blend must weigh exactly 200 kilos. Minimise the cost.",
        [9, 5],
        [([1, 1], "==", 200), ([0.4, -0.6], ">=", 0)],
    ),
    "a range of one of them": (
        "A dairy bottles milk and cream. A bottle of milk earns 40 cents and takes 1 minute on the filler; a bottle of "
        "cream earns 90 cents and takes 2 minutes. The filler runs for 8 hours. Between 50 and 200 bottles of cream can "
        "be sold, and at least 100 bottles of milk must be filled. Maximise earnings.",
        [0.4, 0.9],
        [([1, 2], "<=", 480), ([0, 1], ">=", 50), ([0, 1], "<=", 200), ([1, 0], ">=", 100)],
    ),
    "two ranges in one sentence": (
        "A dairy fills milk and cream. Each bottle of milk earns 40 cents and each bottle of cream earns 90 cents. It "
        "must fill between 50 and 200 bottles of cream and between 100 and 300 bottles of milk. No more than 400 "
        "bottles can be filled in total. Maximise earnings.",
        [0.4, 0.9],
        [([0, 1], ">=", 50), ([0, 1], "<=", 200), ([1, 0], ">=", 100), ([1, 0], "<=", 300), ([1, 1], "<=", 400)],
    ),
    "trips in total": (
        "A courier can send parcels by van or by cargo bike. A van carries 40 parcels per trip and costs $25; a bike "
        "carries 8 parcels and costs $4. At least 300 parcels must be delivered. At most 20 trips can be made in total, "
        "and there must be more bike trips than van trips. Minimize the cost.",
        [25, 4],
        [([40, 8], ">=", 300), ([1, 1], "<=", 20), ([1, -1], "<=", -1)],
    ),
    "minutes each and hours in all": (
        "An orchard sells apples and pears by the crate. A crate of apples brings $14 and a crate of pears $18. Picking "
        "a crate of apples takes 20 minutes, a crate of pears 30 minutes. Pickers work 70 hours in all. At least 40 "
        "crates of apples have been promised. What is the most the orchard can earn?",
        [14, 18],
        [([20, 30], "<=", 4200), ([1, 0], ">=", 40)],
    ),
}


@pytest.mark.parametrize("name", sorted(PROBLEMS))
def test_it_says_what_its_author_meant(name):
    text, objective, rows = PROBLEMS[name]
    reading = read(text)
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    model = compile_formulation(reading.formulation)
    assert model.objective.tolist() == pytest.approx(objective)
    told = []
    for row, low, high in zip(model.matrix.toarray(), model.row_lower, model.row_upper, strict=True):
        sign = "==" if low == high else ("<=" if high < float("inf") else ">=")
        told.append((row.tolist(), sign, high if sign == "<=" else low))
    told += [
        ([1.0 * (j == k) for j in range(len(objective))], sign, bound)
        for k in range(len(objective))
        for sign, bound in ((">=", model.column_lower[k]), ("<=", model.column_upper[k]))
        if 0 < bound < float("inf")
    ]
    assert sorted(_scaled(*row) for row in told) == sorted(_scaled(*row) for row in rows)


def _scaled(row, sign, bound):
    """Return a row with its first coefficient made one, so that its scale does not matter."""
    lead = next(value for value in row if value)
    turned = {"<=": ">=", ">=": "<=", "==": "=="}[sign] if lead < 0 else sign
    return tuple(round(value / lead, 9) for value in row), turned, round(bound / lead, 9)
