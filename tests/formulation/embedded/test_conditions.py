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
        ("There are 100 hours of work. A desk takes some varnish.", "amounts"),
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
