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


@pytest.mark.parametrize(
    ("text", "sense", "words"),
    [
        ("The grower wants to keep the emission of soot at a minimum.", "minimize", {"emission", "soot"}),
        ("How many docks should be built so that daily uses are highest?", "maximize", {"uses"}),
        ("The cook wants the daily weight to be minimal.", "minimize", {"weight"}),
        ("What purchase would keep the power as low as it can be?", "minimize", {"power"}),
        ("It takes 60 grams at the very least. How many should it use to keep the cost down?", "minimize", {"cost"}),
        ("How many of each will make her revenue greatest?", "maximize", {"revenue"}),
        ("How should the job be done most cheaply?", "minimize", {"cheaply"}),
    ],
)
def test_what_is_kept_low_or_made_greatest(text, sense, words):
    found = goals([sentence.tokens for sentence in sentences(text)])
    assert found[0].sense == sense
    assert {word.text for word in found[0].words} == words


@pytest.mark.parametrize(
    "text", ["The number of vans is limited to a maximum of 150.", "The stock must be kept at a minimum of 20 boxes."]
)
def test_a_limit_in_the_text_is_no_goal(text):
    assert goals([sentence.tokens for sentence in sentences(text)]) == []
