"""Objectives in everyday words."""

from __future__ import annotations

import pytest

from formulation.embedded.objective import goals
from formulation.embedded.tokens import sentences
from formulation.embedded.wishes import wishes


def wish(text):
    parts = [sentence.tokens for sentence in sentences(text)]
    return [(sense, " ".join(word.lower for word in words)) for sense, words, *_ in wishes(parts)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("How many should we bake to earn the most?", ("maximize", "earn")),
        ("Which things should she pack to get the most points?", ("maximize", "points")),
        ("What is the cheapest mixture?", ("minimize", "cheapest mixture")),
        ("Do it with the fewest pipes.", ("minimize", "pipes")),
    ],
)
def test_a_wish_is_read_with_the_words_that_say_of_what(text, wanted):
    assert wanted in [(sense, words) for sense, words in wish(text)]


@pytest.mark.parametrize(
    ("text", "sense", "word"),
    [
        ("We want the revenue to be as large as possible.", "maximize", "revenue"),
        ("We want to seat as many pupils as possible.", "maximize", "pupils"),
        ("We want to seat as many of the pupils as we can.", "maximize", "pupils"),
        ("He would like to spend as little as possible.", "minimize", "spend"),
    ],
)
def test_the_utmost_is_a_goal(text, sense, word):
    (goal,) = goals([sentence.tokens for sentence in sentences(text)])
    assert goal.sense == sense
    assert word in {token.lower for token in goal.words}


@pytest.mark.parametrize("text", ["At most 40 can be sold.", "He needs at least 3.", "The most 12 can hold is 4."])
def test_a_limit_is_no_wish(text):
    assert wish(text) == []
