"""Batches: whole multiples, against trying every number of batches."""

from __future__ import annotations

import itertools

import pytest

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.embedded.batches import set_aside
from formulation.reading import ReadingStatus
from solvers import solve

SHOP = (
    "A shop makes mugs and bowls. {said} A mug takes 3 minutes and earns $2, a bowl takes 5 minutes and earns $4. There "
    "are 157 minutes. At least 6 mugs must be made. Maximize the profit."
)


@pytest.mark.parametrize(
    ("said", "mugs", "bowls"),
    [
        ("Mugs are sold in packs of 4.", 4, 1),
        ("Both are fired in batches of 5.", 5, 5),
        ("Mugs are made in sets of six and bowls in sets of four.", 6, 4),
        ("The mugs come in boxes of 8, the bowls in lots of three.", 8, 3),
    ],
)
def test_the_best_number_of_batches_is_what_trying_all_gives(said, mugs, bowls):
    best = max(
        2 * m + 4 * b
        for m, b in itertools.product(range(0, 60, mugs), range(0, 60, bowls))
        if 3 * m + 5 * b <= 157 and m >= 6
    )
    reading = read(SHOP.format(said=said))
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    assert solve(compile_formulation(reading.formulation)).objective == pytest.approx(best)


def test_the_size_of_a_batch_has_its_place_in_the_text():
    text = SHOP.format(said="Mugs are sold in packs of 4.")
    formulation = read(text).formulation
    (size,) = [p for p in formulation.parameters if p.label == "batch size of mugs"]
    assert text[size.evidence[0].start : size.evidence[0].end].strip() == "in packs of 4"
    assert {text[p.evidence[0].start : p.evidence[0].end] for p in formulation.parameters if p is not size} == {
        "3",
        "$2",
        "5",
        "$4",
        "157",
        "6",
    }


@pytest.mark.parametrize(
    "said",
    [
        "Mugs are sold in packs of 4. Each pack costs $1.",
        "Mugs are sold in packs of 4. There is room for 9 packs.",
        "The clay comes in bags of 20.",
        "Mugs are sold in packs of several sizes.",
        "Mugs are fired in batches of 4 or 6.",
        "Mugs are fired in batches of 4 and in batches of 6.",
    ],
)
def test_what_is_told_per_batch_or_of_nothing_is_refused(said):
    reading = read(SHOP.format(said=said))
    assert reading.status is not ReadingStatus.UNDERSTOOD
    assert reading.failures


def test_a_long_text_is_searched_in_time_that_grows_with_it():
    assert set_aside("in batches of nothing " * 4000) is None
