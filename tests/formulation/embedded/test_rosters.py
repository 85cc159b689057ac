"""Rosters of consecutive days and shifts, against the circulant matrix that they stand for and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.embedded.rosters import find_roster
from formulation.reading import ReadingStatus
from solvers import solve

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
RUN = {3: "three consecutive days", 4: "4 days in a row", 5: "five consecutive days and then has two days off"}


def listed(parts):
    return ", ".join(parts[:-1]) + f" and {parts[-1]}"


def told(need, form):
    match form:
        case "each":
            return f"The pool needs {listed([f'{n} lifeguards on {day}' for n, day in zip(need, DAYS, strict=True)])}."
        case "first":
            return f"Needed are: {', '.join(f'on {day} {n} lifeguards' for n, day in zip(need, DAYS, strict=True))}."
        case "order":
            return f"From Monday to Sunday the pool needs {listed([str(n) for n in need])} lifeguards."
        case "list":
            return "Lifeguards on duty:\n" + "\n".join(f"- {d}: {n}" for n, d in zip(need, DAYS, strict=True)) + "\n\n"
        case "table":
            return "\n\n| day | lifeguards |\n|---|---|\n" + "".join(
                f"| {d} | {n} |\n" for n, d in zip(need, DAYS, strict=True)
            )
        case _:
            head = " | ".join(DAYS)
            return f"\n\n| | {head} |\n|{'---|' * 8}\n| needed | {' | '.join(map(str, need))} |\n\n"


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(2, 40), min_size=7, max_size=7),
    st.sampled_from(sorted(RUN)),
    st.sampled_from(["each", "first", "order", "list", "table", "turned"]),
)
def test_a_roster_is_read_as_the_circle_that_made_it(need, run, form):
    text = f"{told(need, form)} Each lifeguard works {RUN[run]}. What is the smallest number of lifeguards?"
    reading = read(text)
    assert reading.status is ReadingStatus.UNDERSTOOD, text
    model = compile_formulation(reading.formulation)
    on_duty = [[float((d - s) % 7 < run) for s in range(7)] for d in range(7)]
    assert model.matrix.toarray().tolist() == on_duty
    assert model.row_lower.tolist() == need
    assert model.objective.tolist() == [1.0] * 7


def test_an_even_need_is_covered_as_worked_out_by_hand():
    # 10 on each of 7 days are 70 days' work; each of 14 people works 5 of them, and 2 starting each day do it.
    reading = read(f"{told([10] * 7, 'each')} Each works {RUN[5]} and is paid $90. Minimize the total pay.")
    assert solve(compile_formulation(reading.formulation)).objective == pytest.approx(14 * 90)


def test_shifts_of_hours_follow_each_other_round_the_clock():
    text = (
        "A ward needs 3 nurses from 6 am to 2 pm, 4 nurses from 2 pm to 10 pm and 2 nurses from 10 pm to 6 am. Each "
        "nurse works 16 hours in a row. Find the fewest nurses."
    )
    model = compile_formulation(read(text).formulation)
    assert model.matrix.toarray().tolist() == [[1, 0, 1], [1, 1, 0], [0, 1, 1]]
    # 16 hours are two of the three shifts; 9 shifts to fill, so at least 4.5 nurses, and 5 can do it.
    assert solve(model).objective == pytest.approx(5)


def test_groups_of_days_have_one_need_each():
    text = "It takes 8 guards from Monday to Friday and 5 on Saturday and Sunday. Each works five consecutive days. "
    model = compile_formulation(read(text + "Minimise the number of guards.").formulation)
    assert model.row_lower.tolist() == [8, 8, 8, 8, 8, 5, 5]


WHOLE = f"{told([4, 5, 6, 5, 7, 8, 3], 'each')} Each lifeguard works {RUN[5]}. Find the smallest number of lifeguards."


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.replace("two days off", "three days off"),
        WHOLE.replace("3 lifeguards on Sunday", "3 lifeguards on Saturday"),
        WHOLE.replace(", 5 lifeguards on Tuesday", ""),
        WHOLE.replace("Find", "At most 2 lifeguards can start on Friday. Find"),
        WHOLE.replace("Find", "Nobody starts on Sunday. Find"),
        WHOLE.replace("Find", "Part-time workers cost $60. Overtime costs $40. Find"),
        WHOLE.replace("Find", "On Sunday a lifeguard earns $90, otherwise $60. Find"),
        WHOLE.replace("Find the smallest number of lifeguards", "The town pays 30% more at weekends"),
        WHOLE.replace("5 lifeguards on Tuesday", "5.5 lifeguards on Tuesday"),
    ],
)
def test_what_is_no_plain_roster_is_not_read(text):
    assert find_roster(WHOLE) is not None
    assert text != WHOLE
    assert read(text).status is not ReadingStatus.UNDERSTOOD


@given(
    st.lists(st.sampled_from(["Monday", "6 am", "to", "works", "5", "consecutive", "days", "nurses", "2", "minimize"]))
)
def test_no_text_breaks_the_search(words):
    find_roster(" ".join(words))


def test_a_need_of_nothing_is_a_need():
    need = np.array([3, 0, 2, 1, 4, 2, 0])
    model = compile_formulation(
        read(f"{told(need, 'table')}\nEach works {RUN[4]}. Minimize the number of lifeguards.").formulation
    )
    assert model.matrix.shape == (7, 7)
