"""The stages of the reader, each apart, on text of our own."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulation.embedded import read
from formulation.embedded.lexicon import related, root, stem
from formulation.embedded.objective import goals
from formulation.embedded.phrases import coordinations
from formulation.embedded.quantities import QuantityKind, quantities
from formulation.embedded.slates import slates
from formulation.embedded.tokens import sentences
from formulation.reading import ReadingStatus


def parts(text):
    return [sentence.tokens for sentence in sentences(text)]


def numbers(text):
    return [(q.value, q.kind) for tokens in parts(text) for q in quantities(tokens)]


@pytest.mark.parametrize(
    ("one", "two"), [("berries", "berry"), ("boxes", "box"), ("knives", "knife"), ("women", "woman"), ("ads", "ad")]
)
def test_the_inflections_of_a_noun_share_a_stem(one, two):
    assert stem(one) == stem(two)


def test_a_verb_and_its_noun_share_a_root():
    assert related(root("polishing"), root("polish"))
    assert not related(root("cutting"), root("curing"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("$1,200.50 in all", [(1200.5, QuantityKind.MONEY)]),
        ("thirty-five percent", [(0.35, QuantityKind.PERCENT)]),
        ("at least a third of them", [(1 / 3, QuantityKind.FRACTION)]),
        ("the third lathe", []),
        ("three times as many", [(3.0, QuantityKind.MULTIPLE)]),
        ("two hundred and five dozen", [(2460.0, QuantityKind.PLAIN)]),
        (
            "2 1/2 metres, 3/4 of them red",
            [(2.5, QuantityKind.PLAIN), (0.75, QuantityKind.FRACTION)],
        ),
        ("one hundred thousand euros", [(100000.0, QuantityKind.MONEY)]),
        ("250g of rye", [(250.0, QuantityKind.PLAIN)]),
        ("$40$ of them", [(40.0, QuantityKind.PLAIN)]),
    ],
)
def test_numbers_are_read_in_all_their_spellings(text, wanted):
    assert [(pytest.approx(value), kind) for value, kind in wanted] == numbers(text) if wanted else numbers(text) == []


@pytest.mark.parametrize("text", ["1 200,50 left", "1e400 left", "12,34,5 left"])
def test_a_doubtful_number_is_marked(text):
    assert any(q.malformed for tokens in parts(text) for q in quantities(tokens))


def test_a_full_stop_without_a_space_ends_a_sentence():
    assert len(sentences("It has 3 vats.Each vat holds 40.5 litres, e.g. of whey.")) == 2


def test_a_list_is_found_with_its_members():
    found = coordinations(parts("A smith forges hinges, hooks and latches."))
    assert ["hinges", "hooks", "latches"] in [[w.words[-1].text for w in each.members] for each in found]


def test_decisions_are_what_figures_are_given_for():
    text = "A smith forges hinges and hooks. Each hinge takes 3 rods, each hook takes 1 rod. How many hinges and hooks?"
    assert [d.label for d in slates(parts(text))[0].decisions] == ["hinges", "hooks"]


def test_two_goals_are_found_in_two_wishes():
    assert {goal.sense for goal in goals(parts("Maximize the yield and minimize the waste."))} == {
        "maximize",
        "minimize",
    }


def expressions(text):
    reading = read(text)
    assert reading.formulation is not None, reading
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    return [constraint.expression for constraint in reading.formulation.constraints]


MILL = (
    "A mill grinds rye and spelt. The profit is $4 per sack of rye and $6 per sack of spelt. A sack of rye takes 2 hours "
    "and a sack of spelt takes 3 hours on the mill. The mill runs for at most 90 hours. {} "
    "How many sacks of each should be ground to maximize profit?"
)


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("At least 5 sacks of rye must be ground.", "rye >= minimum_rye"),
        ("At most 40% of all sacks can be spelt.", "spelt <= share_spelt * (rye + spelt)"),
        ("There must be at least twice as many sacks of rye as sacks of spelt.", "rye >= ratio_rye * spelt"),
        ("The number of sacks of rye cannot exceed the number of sacks of spelt.", "rye <= spelt"),
        ("No more than 35 sacks can be sold in total.", "rye + spelt <= maximum_total"),
        ("There must be at least 4 more sacks of rye than of spelt.", "rye - spelt >= balance_of_rye_and_spelt"),
    ],
)
def test_a_limit_is_read_in_its_words(sentence, wanted):
    assert wanted in expressions(MILL.format(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "At least 5 sacks of rye but at most 3 sacks of rye must be ground.",
        "Spelt can be ground only if rye is ground.",
        "The owner has 7 cats.",
        "Minimize the dust.",
    ],
)
def test_what_does_not_fit_is_not_read_as_if_it_did(sentence):
    assert read(MILL.format(sentence)).status is not ReadingStatus.UNDERSTOOD


@pytest.mark.parametrize(
    "text",
    [
        "and " * 25_000,
        "a and b, " * 11_000,
        "maximize " * 11_000,
        "(" * 50_000 + ")" * 50_000,
        "1,1" * 33_000,
        "9" * 99_999,
    ],
)
def test_hostile_text_takes_time_linear_in_its_length(text):
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 5.0


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(max_size=400))
def test_any_text_is_answered(text):
    assert read(text).status in ReadingStatus


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(MILL.split()), max_size=60).map(" ".join))
def test_shuffled_words_are_answered(text):
    assert read(text).status in ReadingStatus


def test_the_currency_and_the_names_do_not_change_the_model():
    one = expressions(MILL.format(""))
    two = expressions(MILL.format("").replace("$", "€").replace("rye", "blorn").replace("spelt", "quimp"))
    assert [e.replace("blorn", "rye").replace("quimp", "spelt") for e in two] == one
