"""What the reader asks can be answered, and what it says of a failure is a whole sentence with its place."""

from __future__ import annotations

import pytest

from formulation.embedded import read
from formulation.reading import ReadingStatus

MILL = (
    "A mill grinds rye and spelt. The profit is $4 per sack of rye and $6 per sack of spelt. A sack of rye takes 2 hours "
    "and a sack of spelt takes 3 hours on the mill. The mill runs for at most 90 hours. {} "
    "How many sacks of each should be ground to maximize profit?"
)
SHARED = MILL.format("Rye and spelt must not exceed 40.")


def expressions(reading):
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    return [constraint.expression for constraint in reading.formulation.constraints]


def test_a_limit_of_both_or_of_each_is_asked_about():
    reading = read(SHARED)
    assert reading.status is ReadingStatus.NEEDS_ANSWERS
    (question,) = reading.questions
    assert question.text == "Is '40' the total of rye and spelt, or of each?"
    assert reading.formulation.objective is not None
    place = question.evidence[0]
    assert SHARED[place.start : place.end] == "40"


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("the total", ["rye + spelt <= maximum_total"]),
        ("of each", ["rye <= maximum_rye", "spelt <= maximum_rye"]),
    ],
)
def test_the_answer_settles_the_limit(said, wanted):
    (question,) = read(SHARED).questions
    found = expressions(read(SHARED, [(question.id, said)]))
    assert set(wanted) <= set(found)


def test_a_doubtful_number_is_answered_with_digits():
    text = MILL.format("").replace("at most 90", "at most 1 200,50")
    (question,) = read(text).questions
    reading = read(text, [(question.id, "1200.5")])
    assert 1200.5 in {p.value for p in reading.formulation.parameters}
    assert reading.status is ReadingStatus.UNDERSTOOD
    quoted = next(p for p in reading.formulation.parameters if p.value == 1200.5).evidence[0]
    assert text[quoted.start : quoted.end] == "1 200,50"


def test_a_number_without_an_owner_can_be_left_out_or_explained():
    text = MILL.format("The owner has 7 cats.")
    asked = [q for q in read(text).questions if q.id.startswith("use-")]
    assert len(asked) == 1
    assert len(expressions(read(text, [(asked[0].id, "Nothing: leave it out")]))) == 1
    told = expressions(read(text, [(asked[0].id, "At most 7 sacks of rye can be ground")]))
    assert "rye <= maximum_rye" in told


def test_the_objective_can_be_answered():
    text = MILL.format("").replace(" to maximize profit", "")
    text = text.replace(
        "The profit is $4 per sack of rye and $6 per sack of spelt",
        "A sack of rye feeds 4 hens and a sack of spelt feeds 6 hens",
    )
    asked = read(text)
    assert [q.id for q in asked.questions][:1] == ["objective"]
    assert read(text, [("objective", "Maximize the hens")]).status is ReadingStatus.UNDERSTOOD


def test_a_question_answered_in_vain_is_not_asked_again():
    (question,) = read(SHARED).questions
    again = read(SHARED, [(question.id, "purple")])
    assert again.status is ReadingStatus.NOT_UNDERSTOOD
    assert again.questions == ()


@pytest.mark.parametrize("identifier", ["use-9-3", "use-0-99999999", "number-²-³", "share--", "use-1", "", "objective"])
def test_answers_to_other_questions_change_nothing(identifier):
    text = MILL.format("")
    said = "" if identifier == "objective" else "Nothing"
    assert read(text, [(identifier, said)]) == read(text)


@pytest.mark.parametrize(
    "sentence",
    ["The owner has 7 cats.", "Minimize the dust.", "Rye and spelt must not exceed 40.", "At least 500 dogs bark."],
)
def test_failures_are_sentences(sentence):
    reading = read(MILL.format(sentence))
    assert reading.failures
    for failure in reading.failures:
        assert failure.detail[0].isupper() or not failure.detail[0].isalpha()
        assert failure.detail.endswith((".", "”"))
        assert len(failure.detail.split()) > 4


def test_numbers_that_the_objective_may_take_are_not_asked_about_one_by_one():
    text = (
        "A farmer raises goats and ducks. He has room for 16 animals and wants no more than 10 goats. He spends $25 "
        "to raise a goat and $7 to raise a duck, and has $300 available. Each goat draws 80 visitors and each duck draws "
        "20 visitors. How many of each should he raise?"
    )
    asked = read(text)
    assert [question.id for question in asked.questions] == ["objective"]
    told = read(text, (("objective", "Maximize the visitors"),))
    assert told.status is ReadingStatus.UNDERSTOOD
