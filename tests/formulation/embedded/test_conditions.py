"""What is stated without a usable number is named, never passed over."""

from __future__ import annotations

import pytest

from formulation.embedded import read
from formulation.reading import ReadingStatus

SHOP = (
    "A shop makes desks and chairs. The profit per desk is $20 and the profit per chair is $10. "
    "Each desk takes 2 hours of work and each chair takes 1 hour of work. {} Maximize profit."
)


def test_the_shop_alone_is_understood():
    assert read(SHOP.format("There are 100 hours of work.")).status is ReadingStatus.UNDERSTOOD


@pytest.mark.parametrize(
    ("sentence", "check"),
    [
        ("There are -100 hours of work.", "numbers"),
        ("There are 100 hours of work. Chairs can be made only if desks are made.", "conditions"),
        ("There are 100 hours of work. Desks and chairs cannot both be made.", "conditions"),
        ("There are 100 hours of work. A desk takes some varnish.", "an_amount_without_a_number"),
    ],
)
def test_it_is_named_with_its_place(sentence, check):
    text = SHOP.format(sentence)
    reading = read(text)
    assert reading.status is not ReadingStatus.UNDERSTOOD
    named = [failure for failure in reading.failures if failure.check == check]
    assert named
    assert named[0].evidence
    span = named[0].evidence[0]
    assert text[span.start : span.end]


def test_a_quotient_is_no_sum():
    asked = SHOP.replace("Maximize profit.", "Maximize the total profit per hour of work.")
    reading = read(asked.format("There are 100 hours of work."))
    assert "the_objective_is_no_sum" in {failure.check for failure in reading.failures}
    daily = SHOP.replace("Maximize profit.", "Maximize the total profit per day.")
    assert read(daily.format("There are 100 hours of work.")).status is ReadingStatus.UNDERSTOOD


POTTER = (
    "A potter makes vases and bowls. {} There are 60 kg of clay at hand. Each vase brings $30 and each bowl brings $14. "
    "How many vases and bowls should she make for the most money?"
)


def test_the_potter_with_every_number_is_understood():
    reading = read(POTTER.format("A vase takes 3 kg of clay and a bowl takes 2 kg of clay."))
    assert reading.status is ReadingStatus.UNDERSTOOD
    assert {3.0, 2.0, 60.0} <= {p.value for p in reading.formulation.parameters}


@pytest.mark.parametrize(
    "sentence",
    [
        "A vase takes some clay and a bowl takes 2 kg of clay.",
        "A vase takes a certain amount of clay and a bowl takes 2 kg of clay.",
        "A vase needs a bit of clay; a bowl needs 2 kg of clay.",
        "Each vase uses a little clay while each bowl uses 2 kg of clay.",
        "A bowl takes 2 kg of clay. A vase takes clay too.",
        "A bowl takes 2 kg of clay, and a vase takes an unknown amount of clay.",
        "Vases use clay. Bowls use 2 kg of clay each.",
        "Each vase requires lots of clay, but each bowl only 2 kg of clay.",
        "Some clay goes into each vase, and 2 kg of clay into each bowl.",
        "Some clay is needed for each vase. Each bowl takes 2 kg of clay.",
        "How much clay a vase takes is not known. A bowl takes 2 kg of clay.",
        "The clay that a vase takes varies. A bowl takes 2 kg of clay.",
        "A bowl takes 2 kg of clay, a vase several kg of clay.",
        "Both take some clay. A bowl takes 2 kg of clay.",
        "A vase takes clay and glaze. A bowl takes 2 kg of clay.",
        "A vase takes a fair amount of clay and a bowl a small amount of clay.",
    ],
)
def test_an_amount_without_a_number_is_never_nothing(sentence):
    reading = read(POTTER.format(sentence))
    assert reading.status is not ReadingStatus.UNDERSTOOD
    assert reading.failures


@pytest.mark.parametrize(
    "sentence",
    [
        "At most 9 vases can be sold. A vase takes no clay and a bowl takes 2 kg of clay.",
        "At most 9 vases can be sold. A vase does not take any clay. A bowl takes 2 kg of clay.",
        "A vase and a bowl take different amounts of clay: a vase takes 3 kg of clay and a bowl takes 2 kg of clay.",
        "Both take some clay: a vase takes 3 kg of clay and a bowl takes 2 kg of clay.",
    ],
)
def test_what_is_told_later_or_is_nothing_is_read(sentence):
    assert read(POTTER.format(sentence)).status is ReadingStatus.UNDERSTOOD
