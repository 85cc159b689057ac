"""Amounts in different units of one kind: the reading says the same as when all stand in one unit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.reading import ReadingStatus

FAMILIES = {
    "clay": {"g": 1, "grams": 1, "kg": 1000, "kilograms": 1000},
    "thread": {"cm": 1, "meters": 100, "metres": 100},
    "varnish": {"ml": 1, "liters": 1000, "litres": 1000},
    "carving": {"minutes": 1, "hours": 60},
    "brass": {"ounces": 1, "pounds": 16},
}


def told(amount: int, unit: str, size: int) -> str:
    return f"{Decimal(amount) / size:f} {unit}"


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(FAMILIES)), st.data())
def test_units_of_one_kind_are_put_into_one(thing, data):
    sizes = FAMILIES[thing]
    units = [data.draw(st.sampled_from(sorted(sizes))) for _ in range(3)]
    largest = max(sizes.values())
    amounts = [data.draw(st.integers(1, 40)) * largest // 2 or 1 for _ in range(3)]
    amounts[2] *= 50
    first, second, at_hand = (told(a, u, sizes[u]) for a, u in zip(amounts, units, strict=True))
    reading = read(
        f"A workshop makes vases and lamps. Each vase takes {first} of {thing} and each lamp takes {second} of {thing}. "
        f"The workshop has {at_hand} of {thing}. A vase brings a profit of $7 and a lamp $9. Maximize the profit."
    )
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    model = compile_formulation(reading.formulation)
    row = model.matrix.toarray()[0]
    assert row[0] * amounts[1] == pytest.approx(row[1] * amounts[0])
    assert model.row_upper[0] * amounts[0] == pytest.approx(row[0] * amounts[2])
    noted = any("are counted in" in assumption.text for assumption in reading.formulation.assumptions)
    assert noted == (len({sizes[unit] for unit in units}) > 1)
    kinds = {p.unit for p in reading.formulation.parameters if thing in p.name}
    assert len({sizes[unit] for unit in kinds}) == 1


def test_a_unit_of_another_kind_is_a_question():
    reading = read(
        "A workshop makes vases and lamps. Each vase takes 2 kg of clay and each lamp takes 3 kg of clay. "
        "The workshop has 40 liters of clay. A vase brings a profit of $7 and a lamp $9. Maximize the profit."
    )
    assert reading.status is not ReadingStatus.UNDERSTOOD


@pytest.mark.parametrize(("large", "small"), [("kilogram", "gram"), ("liter", "milliliter")])
def test_decisions_counted_in_two_units_of_one_kind_are_refused_in_words(large, small):
    reading = read(
        f"A mill makes coarse and fine meal. Coarse meal earns $2 per {large} and fine meal earns $1 per {small}. At most "
        f"900 {small}s of fine meal and at most 5 {large}s of coarse meal can be made. Maximize the earnings."
    )
    assert reading.status is not ReadingStatus.UNDERSTOOD
    said = {failure.check: failure.detail for failure in reading.failures}
    assert "two units of one kind" in said["amounts_of_one_kind_in_two_units"]


def test_a_unit_in_which_decisions_are_counted_is_left_alone():
    reading = read(
        "A mill makes coarse and fine meal. Each kg of coarse meal earns $2 and each kg of fine meal earns $3. "
        "It may make at most 900 g of fine meal and at most 5 kg of coarse meal. Maximize the earnings."
    )
    for parameter in reading.formulation.parameters if reading.formulation else ():
        assert parameter.value != 900 or reading.status is not ReadingStatus.UNDERSTOOD


TOLD = {
    "half an hour": 0.5,
    "an hour": 1,
    "one hour": 1,
    "a quarter of an hour": 0.25,
    "three quarters of an hour": 0.75,
    "one and a half hours": 1.5,
    "two and a half hours": 2.5,
    "1 1/2 hours": 1.5,
    "1 hour 15 minutes": 1.25,
    "2 hours and 30 minutes": 2.5,
    "1.75 hours": 1.75,
    "45 minutes": 0.75,
}


@pytest.mark.parametrize("first", sorted(TOLD))
@pytest.mark.parametrize("second", ["an hour", "2 hours", "half an hour"])
@pytest.mark.parametrize("stock", ["; there are 40 hours of sawing.", ". 40 hours of sawing are available."])
def test_everyday_amounts_of_time(first, second, stock):
    reading = read(
        f"A joiner makes stools and benches. A stool takes {first} of sawing and a bench takes {second} of sawing{stock} "
        f"The profit is $12 per stool and $30 per bench. Maximise the profit."
    )
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    model = compile_formulation(reading.formulation)
    row, most = model.matrix.toarray()[0], model.row_upper[0]
    assert row / most == pytest.approx([TOLD[first] / 40, {"2 hours": 2, **TOLD}[second] / 40])


@pytest.mark.parametrize("article", ["a", "a single", "one"])
@pytest.mark.parametrize("of_oak", ["", " of oak"])
def test_an_article_counts_what_is_counted_elsewhere(article, of_oak):
    reading = read(
        f"A joiner makes stools and benches. A stool takes {article} plank{of_oak} and a bench takes 3 planks{of_oak}. "
        f"He has 40 planks{of_oak}. The profit is $12 per stool and $30 per bench. Maximise the profit."
    )
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    model = compile_formulation(reading.formulation)
    assert model.matrix.toarray().tolist() == [[1, 3]]
    evidence = next(p for p in reading.formulation.parameters if p.value == 1).evidence
    assert evidence
