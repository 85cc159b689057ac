"""Production over several periods, against a dynamic programme over what the text was made from."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.embedded.periods import find_plan
from formulation.reading import ReadingStatus
from solvers import solve

MONTHS = ("January", "February", "March", "April", "May")


def listed(parts):
    return ", ".join(parts[:-1]) + f" and {parts[-1]}"


def text_of(form, demand, cost, most, hold, start, end):
    n = len(demand)
    rest = (
        f"Holding a desk from one month to the next costs ${hold}. There are {start} desks in stock at the start and "
        f"{end} must be left at the end. Minimize the total cost."
    )
    match form:
        case "list":
            return (
                f"A joiner makes desks over {n} months. The demand is {listed(list(map(str, demand)))} desks. At most {most} desks "
                f"can be made each month. Making a desk costs {listed([f'${c}' for c in cost])}. {rest}"
            )
        case "sentences":
            months = ". ".join(f"In {m} {d} desks are ordered" for m, d in zip(MONTHS, demand, strict=False))
            prices = listed([f"${c} in {m}" for m, c in zip(MONTHS, cost, strict=False)])
            return f"{months}. Producing a desk costs {prices}. The capacity is {most} desks per month. {rest}"
        case "bullets":
            months = "\n".join(f"- {m}: {d}" for m, d in zip(MONTHS, demand, strict=False))
            prices = listed([f"${c}" for c in cost])
            return (
                f"Demand for desks:\n{months}\n\nThe joiner can make {most} desks a month. The production cost from "
                f"January to {MONTHS[n - 1]} is {prices} per desk. {rest}"
            )
        case _:
            rows = [["month", *(str(k + 1) for k in range(n))], ["demand", *map(str, demand)]]
            rows += [["unit production cost ($)", *map(str, cost)], ["capacity", *[str(most)] * n]]
            if form == "rows":
                rows = [list(column) for column in zip(*rows, strict=True)]
            bars = ["| " + " | ".join(row) + " |" for row in rows]
            bars.insert(1, "|" + "---|" * len(rows[0]))
            return "Plan the making of desks.\n\n" + "\n".join(bars) + f"\n\n{rest}"


def cheapest(demand, cost, most, hold, start, end):
    """Return the least cost of meeting each demand, by trying every production; None where it cannot be met."""

    @cache
    def best(t, stock):
        if t == len(demand):
            return 0 if stock >= end else None
        costs = []
        for made in range(most + 1):
            left = stock + made - demand[t]
            if left >= 0 and (rest := best(t + 1, left)) is not None:
                costs.append(cost[t] * made + hold * left + rest)
        return min(costs, default=None)

    return best(0, start)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(2, 5), st.integers(0, 10**6), st.sampled_from(["list", "sentences", "bullets", "rows", "columns"]))
def test_a_plan_costs_what_trying_every_plan_gives(n, seed, form):
    draw = np.random.default_rng(seed)
    demand, cost = draw.integers(11, 20, n).tolist(), draw.integers(3, 30, n).tolist()
    most, hold, start, end = int(draw.integers(21, 26)), int(draw.integers(1, 9)), int(draw.integers(1, 9)), 7
    text = text_of(form, demand, cost, most, hold, start, end)
    reading = read(text)
    assert reading.status is ReadingStatus.UNDERSTOOD, text
    found = solve(compile_formulation(reading.formulation))
    least = cheapest(demand, cost, most, hold, start, end)
    if least is None:
        assert found.point is None, text
    else:
        assert found.objective == pytest.approx(least)


def test_overtime_room_and_safety_stock_bound_each_period():
    text = (
        "A kiln must deliver 30 tonnes in the first week and 50 tonnes in the second week. It can produce up to 35 tonnes "
        "a week at $20 a tonne, and up to 10 tonnes more in overtime at $28 a tonne. Storing a tonne costs $1 a week. The "
        "store can hold at most 12 tonnes, and at least 2 tonnes must be in stock at the end of each week. Minimise cost."
    )
    formulation = read(text).formulation
    model = compile_formulation(formulation)
    # Week 2 needs 50 + 2, of which 35 + 10 can be made: 7 are brought over, so week 1 makes 37, 2 of them in overtime.
    assert solve(model).objective == pytest.approx(70 * 20 + 12 * 28 + 7 + 2)
    shown = {p.name: [text[s.start : s.end] for s in p.evidence] for p in formulation.parameters}
    assert shown == {
        "demand": ["30", "50"],
        "cost": ["$20"],
        "capacity": ["35"],
        "overtime_cost": ["$28"],
        "overtime": ["10"],
        "holding_cost": ["$1"],
        "room": ["12"],
        "safety_stock": ["2"],
    }


WHOLE = text_of("sentences", [12, 15, 18], [4, 6, 5], 20, 2, 3, 5)


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.replace("Holding", "Shortages cost $9 a desk. Holding"),
        WHOLE.replace("Holding", "Each month with production has a setup cost of $90. Holding"),
        WHOLE.replace("Holding", "In February only 11 desks can be made. Holding"),
        WHOLE.replace("Holding", "No desks are made in March. Holding"),
        WHOLE.replace("Holding", "Chairs are needed too: 9 in January, 8 in February and 7 in March. Holding"),
        WHOLE.replace("Holding", "Output may change by 4 desks from month to month. Holding"),
        WHOLE.replace("In February 15 desks are ordered. ", ""),
        WHOLE.replace("In February 15 desks", "In February 15% more desks"),
        WHOLE.replace("Minimize the total cost", "Maximize the profit"),
        WHOLE.replace("Minimize the total cost", "See what happens"),
        WHOLE.replace("Holding a desk", "Moving a desk"),
        WHOLE.replace("Holding", "Every desk weighs 14 kg. Holding"),
    ],
)
def test_what_the_plain_model_has_not_is_not_read(text):
    assert find_plan(WHOLE) is not None
    assert text != WHOLE
    assert read(text).status is not ReadingStatus.UNDERSTOOD


@given(
    st.lists(
        st.sampled_from(["month", "1", "January", "demand", "5", "$7", ",", ".", "stock", "cost", "and", "minimize"])
    )
)
def test_no_text_breaks_the_search(words):
    find_plan(" ".join(words))


def test_seasons_and_what_is_said_shortly_are_read():
    text = (
        "A yard makes sledges during two seasons. Demand is 30 sledges in autumn and 70 in winter. Regular production can "
        "reach 45 sledges a season at $20 each; overtime can add up to 10 sledges a season at $26 each. A sledge kept until "
        "the next season costs $3. Find the cheapest plan."
    )
    # Winter needs 70 of which 55 can be made: 15 come from autumn, which makes 45 without overtime.
    model = compile_formulation(read(text).formulation)
    assert solve(model).objective == pytest.approx(90 * 20 + 10 * 26 + 15 * 3)


def test_an_ordinal_alone_stands_for_its_period():
    text = text_of("list", [12, 15], [4, 6], 20, 2, 3, 5).replace(
        "The demand is 12 and 15 desks", "Demand is 12 desks in the first month and 15 in the second"
    )
    found = solve(compile_formulation(read(text).formulation))
    assert found.objective == pytest.approx(cheapest([12, 15], [4, 6], 20, 2, 3, 5))
