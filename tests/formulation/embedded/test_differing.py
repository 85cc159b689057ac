"""Two models that explain a text alike: asked about with the question that separates them, and settled by its answer."""

from __future__ import annotations

import pytest

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.reading import ReadingStatus

TEXT = (
    "A shop makes lamps and rugs. A lamp takes 2 hours of sewing and 3 hours of gluing, a rug takes 4 hours of sewing and "
    "1 hour of gluing. A lamp earns $9, a rug earns $7. {said}. Maximize the profit."
)
ROOMS = TEXT.format(said="There are 60 hours in one room and 80 hours in the other")


@pytest.mark.parametrize(("answer", "limits"), [(0, {(2, 4): 60, (3, 1): 80}), (1, {(2, 4): 80, (3, 1): 60})])
def test_one_question_separates_two_models_and_its_answer_settles_them(answer, limits):
    reading = read(ROOMS)
    assert reading.status is ReadingStatus.NEEDS_ANSWERS
    assert reading.formulation is not None
    (question,) = reading.questions
    (span,) = question.evidence
    assert ROOMS[span.start : span.end] == "60"
    settled = read(ROOMS, [(question.id, question.suggestions[answer])])
    assert settled.status is ReadingStatus.UNDERSTOOD, settled.failures
    model = compile_formulation(settled.formulation)
    rows = {tuple(row): upper for row, upper in zip(model.matrix.toarray(), model.row_upper, strict=True)}
    assert rows == limits


def test_an_answer_in_other_words_settles_it_too():
    (question,) = read(ROOMS).questions
    settled = read(ROOMS, [(question.id, "There are 60 hours of gluing available.")])
    assert settled.status is ReadingStatus.UNDERSTOOD, settled.failures


@pytest.mark.parametrize("said", ["There are 60 hours", "At most 60 hours are available"])
def test_one_amount_for_two_resources_is_no_limit_of_a_neighbours_number(said):
    reading = read(TEXT.format(said=said))
    assert reading.status is not ReadingStatus.UNDERSTOOD  # of the sewing, of the gluing, or of both?
    assert reading.questions
