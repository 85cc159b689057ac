"""The reader as a whole, on problems in our own words."""

from __future__ import annotations

import sys
from subprocess import run

import pytest

from formulation.embedded import read
from formulation.reading import ReadingStatus
from solvers.milp import Sense

STOOLS = (
    "A workshop builds stools and benches. Each stool takes 2 hours of sanding and earns a profit of $15. Each bench "
    "takes 5 hours of sanding and earns a profit of $40. There are 60 hours of sanding available. At least 3 stools "
    "must be built, and the number of benches must be at most twice the number of stools. How many of each should be "
    "built to maximize profit?"
)


def test_a_two_product_problem_is_read_whole() -> None:
    reading = read(STOOLS)
    assert reading.status is ReadingStatus.UNDERSTOOD
    formulation = reading.formulation
    assert formulation is not None
    assert formulation.objective is not None
    assert formulation.objective.sense is Sense.MAXIMIZE
    assert [variable.label for variable in formulation.variables] == ["stools", "benches"]
    assert {parameter.value for parameter in formulation.parameters} == {2.0, 15.0, 5.0, 40.0, 60.0, 3.0}
    assert len(formulation.constraints) == 3


def test_every_parameter_quotes_its_number() -> None:
    formulation = read(STOOLS).formulation
    assert formulation is not None
    quoted = [STOOLS[p.evidence[0].start : p.evidence[0].end] for p in formulation.parameters]
    assert quoted == ["2", "5", "60", "3", "twice", "$15", "$40"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t ",
        "The sea is calm tonight, and no one counts the waves.",
        "x" * 1_000_000,
        "\x00\x01\x02",
        "1 2 3 4 5",
    ],
)
def test_what_is_no_problem_is_not_understood(text: str) -> None:
    assert read(text).status is ReadingStatus.NOT_UNDERSTOOD


def test_a_number_that_can_be_read_two_ways_is_questioned() -> None:
    reading = read(STOOLS.replace("$15", "1 200,50 €"))
    assert reading.status is not ReadingStatus.UNDERSTOOD
    assert any("1 200,50" in failure.detail for failure in reading.failures)


def test_reading_needs_neither_pyomo_nor_a_solver() -> None:
    code = (
        "import sys\nfrom formulation.embedded import read\nread('Make tea or toast to maximize profit.')\n"
        "print(sorted(m for m in ('pyomo', 'highspy', 'ortools', 'openai') if m in sys.modules))"
    )
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
