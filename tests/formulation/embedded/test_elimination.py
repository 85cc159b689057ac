"""Numbers that the grammar leaves without a place: the one place that is left, or none."""

from __future__ import annotations

import pytest

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.reading import ReadingStatus
from solvers.milp import Milp

# Text, sense, objective, rows as (coefficients, sign, bound); all variables are at least zero.
PROBLEMS: dict[str, tuple[str, str, list[float], list[tuple[list[float], str, float]]]] = {
    "a limit without a word of limits": (
        "How many crates of cider and how many crates of perry should Nell press on Monday to earn the most? A crate of "
        "cider brings in a profit of $13 and a crate of perry $10. Each crate of cider takes 4 buckets of fruit and each "
        "crate of perry 3, and there are only 70 buckets in the barn. The press is hers for 450 minutes; cider occupies "
        "it for 19 minutes a crate, while perry takes 22.",
        "maximize",
        [13, 10],
        [([4, 3], "<=", 70), ([19, 22], "<=", 450)],
    ),
    "the former and the latter": (
        "A workshop makes masks and drums. They use 3 skins for a mask and 8 for a drum, having 400 skins in store. "
        "Paint: 0.7 litres for the former, 1.2 for the latter, 60 litres altogether. A mask earns $16 and a drum $35. "
        "Maximize the profit.",
        "maximize",
        [16, 35],
        [([3, 8], "<=", 400), ([0.7, 1.2], "<=", 60)],
    ),
    "a numberless best": (
        "A pottery fires bowls and vases. A bowl needs 12 minutes at the wheel and a vase needs 20, with 30 hours at the "
        "wheel a week. Bowls give a profit of $7 each and vases $11. At least 20 vases have been promised. What is the "
        "best weekly plan?",
        "maximize",
        [7, 11],
        [([12, 20], "<=", 1800), ([0, 1], ">=", 20)],
    ),
    "no objective but a profit": (
        "A pottery fires bowls and vases. A bowl needs 12 minutes at the wheel and a vase needs 20, with 30 hours at the "
        "wheel a week. Bowls give a profit of $7 each and vases $11. At least 20 vases have been promised. How many of "
        "each should it fire?",
        "maximize",
        [7, 11],
        [([12, 20], "<=", 1800), ([0, 1], ">=", 20)],
    ),
    "what there is to do": (
        "A laundry has old drums and new drums. An old drum washes 7 kg of linen and uses 50 litres of water, a new drum "
        "washes 16 kg and uses 120 litres. There are 500 kg of linen to wash. No more than 20 new drums may be filled. "
        "How many drums of each kind should be filled to use the least water?",
        "minimize",
        [50, 120],
        [([7, 16], ">=", 500), ([0, 1], "<=", 20)],
    ),
}


def _rows(model: Milp) -> list[tuple[list[float], str, float]]:
    rows = []
    for k, a in enumerate(model.matrix.toarray()):
        low, high = float(model.row_lower[k]), float(model.row_upper[k])
        rows.append((list(map(float, a)), ">=" if low > -1e300 else "<=", low if low > -1e300 else high))
    for k in range(model.n_columns):
        unit = [float(j == k) for j in range(model.n_columns)]
        if model.column_lower[k] > 0:
            rows.append((unit, ">=", float(model.column_lower[k])))
        if model.column_upper[k] < 1e300:
            rows.append((unit, "<=", float(model.column_upper[k])))
    return rows


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_one_place_that_is_left(name: str) -> None:
    text, sense, objective, rows = PROBLEMS[name]
    reading = read(text)
    assert reading.status is ReadingStatus.UNDERSTOOD, [failure.detail for failure in reading.failures]
    assert reading.formulation is not None
    model = compile_formulation(reading.formulation)
    assert isinstance(model, Milp)
    assert model.sense.value == sense
    assert list(model.objective) == pytest.approx(objective)
    found = _rows(model)
    assert len(found) == len(rows)
    for coefficients, sign, bound in rows:
        assert any(s == sign and c == pytest.approx(coefficients) and b == pytest.approx(bound) for c, s, b in found)


def test_an_objective_that_is_not_said_is_an_assumption() -> None:
    reading = read(PROBLEMS["no objective but a profit"][0])
    assert reading.formulation is not None
    assert any("what is earned is made as large as possible" in each.text for each in reading.formulation.assumptions)


REFUSED = {
    "two profits for one of them": "A print shop makes cards and flyers. A card needs 4 minutes and a flyer needs 7 "
    "minutes of printing, and the press is available for 900 minutes. The profit on a card is $3 and the profit on a "
    "flyer is $6. At least 50 cards have to be printed. As every flyer earns $9, which quantities give the largest profit?",
    "a number of one of them alone": "A smith forges gates and rails, and his profit is $210 on a gate. A gate takes 14 "
    "hours, rails take 5 hours apiece. He is there for 140 hours. How many gates and rails should he forge?",
    "a count of one of them": "A garden is fenced with shrubs at $25 per foot along three sides and with boards at $10 "
    "per foot along one side. The area is 3000 square feet. What is the least cost?",
    "less of it than one takes": "A shop makes mugs and jugs. A mug takes 30 g of glaze and a jug takes 50 g; the shelf "
    "is hers for 9 g. A mug earns $2 and a jug earns $3. Maximize the profit with 4 kilos on the other shelf for 7 days.",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_elimination_does_not_settle_is_not_understood(name: str) -> None:
    assert read(REFUSED[name]).status is not ReadingStatus.UNDERSTOOD
