"""Problems drawn at random in random wording are read as the program that they mean, or not at all."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.reader_scores import same_model
from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.reading import ReadingStatus
from tests.formulation.embedded.drawn import drawn

SEEDS = 200
LEAST_READ = 0.97


def outcome(seed: int) -> str:
    text, program = drawn(seed)
    reading = read(text)
    if reading.status is not ReadingStatus.UNDERSTOOD:
        return "abstained" if all(failure.detail for failure in reading.failures) and reading.failures else "silent"
    assert reading.formulation is not None
    return "right" if same_model(compile_formulation(reading.formulation), program) else "wrong"


def test_a_drawn_problem_is_read_as_it_is_meant_or_refused_by_name():
    outcomes = {seed: outcome(seed) for seed in range(SEEDS)}
    assert [seed for seed, said in outcomes.items() if said in ("wrong", "silent")] == []
    assert Counter(outcomes.values())["right"] >= LEAST_READ * SEEDS


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(230, id="small numbers in words in a list of amounts"),
        pytest.param(365, id="at hand beside a verb of need"),
        pytest.param(1156, id="a gerund as a resource behind a number"),
        pytest.param(3646, id="sheets in words"),
        pytest.param(5096, id="units in words"),
    ],
)
def test_what_was_once_read_wrong_is_read_right_or_refused(seed):
    assert outcome(seed) in ("right", "abstained")
