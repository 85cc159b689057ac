"""Numbers in remarks - dates, labels, conversions, what is said again - need no place; numbers that look so do."""

from __future__ import annotations

import pytest

from formulation.embedded import read
from formulation.reading import ReadingStatus

SHOP = (
    "{} A workshop builds lutes and harps. Each lute takes 14 hours of work and each harp takes 38 hours of work. The "
    "workshop has 760 hours of work available. {} The profit is $180 per lute and $540 per harp. Maximize the profit."
)


@pytest.mark.parametrize(
    "remark",
    [
        "The firm was founded in 1987.",
        "It was rebuilt after the flood of 2002, by hand.",
        "On March 14, 2025, the order book is open.",
        "It was opened on 3 May 1961.",
        "Work is told in hours (1 hour = 60 minutes).",
    ],
)
def test_a_remark_needs_no_place(remark: str) -> None:
    for text in (SHOP.format(remark, ""), SHOP.format("", remark)):
        reading = read(text)
        assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
        assert reading.formulation is not None
        assert {p.value for p in reading.formulation.parameters} == {14.0, 38.0, 760.0, 180.0, 540.0}


@pytest.mark.parametrize(
    "sentence",
    [
        "It was opened with 1987 boards.",
        "Work is told in hours (1 hour = 50 minutes).",
        "The owner remembers 14.",
    ],
)
def test_a_number_that_may_mean_something_does(sentence: str) -> None:
    assert read(SHOP.format("", sentence)).status is not ReadingStatus.UNDERSTOOD


def test_lines_are_labelled_by_numbers() -> None:
    reading = read(
        "A factory makes soy candles and wax candles. Line 1, where soy candles are made, can make at most 340 per day. "
        "Line 2, where wax candles are made, can make at most 190 per day. At most 450 candles can be packed. The profit "
        "per soy candle is $2.10 and per wax candle is $4.75. Maximize the profit."
    )
    assert reading.status is ReadingStatus.UNDERSTOOD
    assert reading.formulation is not None
    assert {p.value for p in reading.formulation.parameters} == {340.0, 190.0, 450.0, 2.1, 4.75}


def test_what_is_ordered_and_must_be_made_is_one_limit() -> None:
    text = (
        "A tailor makes blazers and coats. A blazer takes 2 yards of cloth and a coat takes 3 yards of cloth. He has 330 "
        "yards of cloth. The school has already ordered 40 blazers, so at least {} must be made. The profit per blazer is "
        "$31 and the profit per coat is $17. Maximize the profit."
    )
    reading = read(text.format(40))
    assert reading.status is ReadingStatus.UNDERSTOOD
    assert reading.formulation is not None
    assert len(reading.formulation.constraints) == 2
    assert read(text.format(55)).status is not ReadingStatus.UNDERSTOOD


def test_one_stands_for_what_was_named() -> None:
    reading = read(
        "A nurse prepares a red syrup and a green syrup. A spoon of the red syrup holds 6 units of iron and costs $4, a "
        "spoon of the green syrup holds 9 units of iron and costs $7. At least 130 units of iron are needed. Since the red "
        "one stains the teeth, at most two thirds of the spoons can be red syrup. Minimize the cost."
    )
    assert reading.status is ReadingStatus.UNDERSTOOD
