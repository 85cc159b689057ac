"""Lists of items with their numbers, which are tables in a row, against trying every choice."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.embedded.listings import tabulated
from formulation.reading import ReadingStatus
from solvers import solve

ITEMS = ("lantern", "rope", "kettle", "fiddle", "stove")


def text_of(form, weight, worth, most, extra=""):
    n = len(weight)
    match form:
        case "brackets":
            things = [f"a {ITEMS[k]} ({weight[k]} kg, worth {worth[k]})" for k in range(n)]
            told = f"The things at hand are {', '.join(things[:-1])} and {things[-1]}."
        case "bullets":
            told = "Weights and values are:\n\n" + "\n".join(f"- {ITEMS[k]}: {weight[k]}, {worth[k]}" for k in range(n))
            told += "\n\n"
        case _:
            told = "Weight / value: " + "; ".join(f"{ITEMS[k]}: {weight[k]} / {worth[k]}" for k in range(n)) + "."
    unit = "kg" if form == "brackets" else "units of weight"
    return (
        f"A sledge can carry no more than {most} {unit}. {told} Each is either taken once or left behind. {extra}"
        f"Which selection has the greatest total {'worth' if form == 'brackets' else 'value'}?"
    )


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(3, 5), st.integers(0, 10**6), st.sampled_from(["brackets", "bullets", "slashes"]), st.booleans())
def test_a_choice_from_a_list_is_worth_what_trying_all_gives(n, seed, form, apart):
    draw = np.random.default_rng(seed)
    weight, worth = draw.integers(2, 20, n), draw.integers(21, 60, n)
    most = int(draw.integers(20, 40))
    extra = f"The {ITEMS[0]} and the {ITEMS[1]} cannot be carried together. " if apart else ""
    reading = read(text_of(form, weight, worth, most, extra))
    assert reading.status is ReadingStatus.UNDERSTOOD, text_of(form, weight, worth, most, extra)
    points = [np.array(p) for p in product((0, 1), repeat=n)]
    best = max(int(worth @ p) for p in points if weight @ p <= most and not (apart and p[0] and p[1]))
    assert solve(compile_formulation(reading.formulation)).objective == pytest.approx(best)


def test_numbers_in_thousands_are_thousands():
    text = (
        "A fund can sponsor some of three plays. Costs (in thousands) and expected visitors are:\n\n* Storm: 40, 900 visitors\n"
        "* Harbour: 70, 1300 visitors\n* Lights: 50, 1000 visitors\n\nThe fund has 95 thousand at its disposal. Choose the "
        "plays that expect the most visitors."
    )
    reading = read(text)
    assert reading.status is ReadingStatus.UNDERSTOOD
    # 40 + 50 fit into 95, 70 with neither does: 900 + 1000 visitors.
    assert solve(compile_formulation(reading.formulation)).objective == pytest.approx(1900)
    spans = {text[s.start : s.end] for p in reading.formulation.parameters for s in p.evidence}
    assert {"40", "70", "50", "900", "1300", "1000"} <= spans


def test_things_that_begin_sentences_are_chosen_whole():
    text = (
        "A miller with $70 considers buying three sheds, each of which can be bought whole or not at all. The barn costs $30 "
        "and returns $9 a year. The cellar costs $45 and returns $14 a year. The loft costs $25 and returns $8 a year. If the "
        "cellar is bought, the loft must be bought too. Which sheds give the largest yearly return?"
    )
    # Cellar and loft cost 70 and return 22; barn and loft return 17.
    assert solve(compile_formulation(read(text).formulation)).objective == pytest.approx(22)


def test_a_list_in_brackets_is_a_table_for_sentences_too():
    text = (
        "A smith needs 90 grams of bronze that is at least 70% copper. He can melt down bells (80% copper, $4 per gram), "
        "old pots (60% copper, $2 per gram) and scrap wire (95% copper, $9 per gram). Find the least expensive way."
    )
    # Half bells and half pots are 70%: 45 * 4 + 45 * 2 = 270.
    reading = read(text)
    assert reading.status is ReadingStatus.UNDERSTOOD
    assert solve(compile_formulation(reading.formulation).relaxed()).objective == pytest.approx(270)


WHOLE = text_of("brackets", [5, 7, 9], [30, 40, 55], 15)


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.replace("7 kg, ", ""),
        WHOLE.replace("worth 40", "length 40"),
        WHOLE.replace("Which", "If the rope is taken, either the kettle or the lantern stays. Which"),
        WHOLE.replace("Which", "The rope costs $3. Which"),
        WHOLE.replace("no more than 15 kg", "some of it"),
        WHOLE.replace("a rope", "a lantern"),
    ],
)
def test_a_list_that_does_not_say_the_same_of_each_is_not_read(text):
    assert read(WHOLE).status is ReadingStatus.UNDERSTOOD
    assert text != WHOLE
    assert read(text).status is not ReadingStatus.UNDERSTOOD


@given(st.text(alphabet="ab (),:;/5$%\n-. ", max_size=200))
def test_no_text_breaks_the_search(text):
    tabulated(text)


def test_long_lists_are_searched_in_time_that_grows_with_them():
    tabulated("a (5 " * 20_000)
    tabulated("a: 5, " * 16_000)
    tabulated("(" * 50_000 + ":" * 50_000)
    tabulated("a" * 50_000 + ": " + "5" * 40_000)  # a minute where names may be of any length
    tabulated("ab " * 33_000 + "(")
