"""What a limit bounds: everything together, each thing, a resource; each model against the one worked out by hand."""

from __future__ import annotations

import pytest

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.reading import ReadingStatus

COURIER = (
    "A courier can deliver by bike or by van. A bike trip carries 10 parcels and costs $3, a van trip carries 50 "
    "parcels and costs $20. At least 600 parcels must be delivered. {} How many trips of each should be made to "
    "minimize the cost?"
)
PLANT = (
    "A plant makes sedans, trucks and coaches. The profit is $20 per sedan, $31 per truck and $50 per coach. A sedan "
    "takes 2 hours, a truck takes 3 hours and a coach takes 7 hours of labour. 4000 hours of labour are available. {} "
    "Maximize profit."
)
CREWS = (
    "A park hires two crews: crew A and crew B. Each hour of work costs $20 for crew A and $30 for crew B. {} "
    "Minimize the total cost."
)


def rows(text):
    """Return the rows a·x <= b of a text that is understood, bounds among them."""
    reading = read(text)
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    model = compile_formulation(reading.formulation)
    found = set()
    for a, low, high in zip(model.matrix.toarray().tolist(), model.row_lower, model.row_upper, strict=True):
        if high < float("inf"):
            found.add((tuple(a), float(high)))
        if low > -float("inf"):
            found.add((tuple(-v for v in a), -float(low)))
    for k, (low, high) in enumerate(zip(model.column_lower, model.column_upper, strict=True)):
        unit = [float(j == k) for j in range(model.n_columns)]
        if high < float("inf"):
            found.add((tuple(unit), float(high)))
        if low > 0:
            found.add((tuple(-v for v in unit), -float(low)))
    return found


@pytest.mark.parametrize(
    ("sentence", "row"),
    [
        ("There may be at most 30 trips in total.", ((1, 1), 30)),
        ("Bikes are slow, so there may be at most 30 trips in total.", ((1, 1), 30)),
        ("At most 30 trips can be made altogether, and at least 5 trips must be by bike.", ((-1, 0), -5)),
        ("At most 30 trips can be made by bike.", ((1, 0), 30)),
    ],
)
def test_trips_in_total_and_trips_of_one(sentence, row):
    assert row in rows(COURIER.format(sentence))


def test_a_minimum_of_that_type_holds_for_each():
    found = rows(PLANT.format("Of whatever the plant makes, at least 9 vehicles of that type must be made."))
    assert {((-1, 0, 0), -9), ((0, -1, 0), -9), ((0, 0, -1), -9)} <= found


def test_maxima_in_a_list_are_no_coefficients():
    found = rows(
        PLANT.format(
            "The maximum numbers of each vehicle that can be sold are as follows: 20 for sedans, 30 for trucks, and 25 for coaches."
        )
    )
    assert {((1, 0, 0), 20), ((0, 1, 0), 30), ((0, 0, 1), 25), ((2, 3, 7), 4000)} == found


def test_customers_are_the_people_that_are_carried():
    found = rows(
        "A park runs cabins and chairs. A cabin lifts 30 people and a chair lifts 8 people. A cabin uses 12 kWh of power "
        "and a chair uses 3 kWh of power. At most 300 kWh of power can be used. At least 700 visitors must be lifted. "
        "What is the minimum number of cabins and chairs?"
    )
    assert found == {((12, 3), 300), ((-30, -8), -700)}


def test_maxima_told_respectively():
    found = rows(
        PLANT.format("The maximum numbers of sedans, trucks and coaches are respectively 20, 30 and 25 vehicles.")
    )
    assert {((1, 0, 0), 20), ((0, 1, 0), 30), ((0, 0, 1), 25), ((2, 3, 7), 4000)} == found


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("The hours of crew A (crew A) must be at least 10 more than the hours of crew B.", ((-1, 1), -10)),
        (
            "The difference of the hours of crew A minus two times the hours of crew B should be at least 8.",
            ((-1, 2), -8),
        ),
    ],
)
def test_a_name_in_brackets_counts_once(sentence, wanted):
    assert wanted in rows(CREWS.format(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "At least 900 vehicles must be made, sedans (counted as double) and trucks.",
        "For the production of a type to be profitable, at least 9 vehicles of that type must be made.",
        "Vehicles are shipped in batches of the same colour.",
        "Sedans and trucks must bring at least $90.",
        "Coaches can only be made if at least 5 trucks are made.",
    ],
)
def test_what_no_row_holds_is_not_stood_behind(sentence):
    assert read(PLANT.format(sentence)).status is not ReadingStatus.UNDERSTOOD


def test_what_comes_before_which_is_to_be_minimized():
    reading = read(
        "A lab uses acid, soda and salt. Each litre of acid, soda and salt incurs costs of 2, 5 and 9 respectively, "
        "which the lab wants to minimize. At least 90 litres must be used in total and at least 20 litres of salt."
    )
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    assert compile_formulation(reading.formulation).objective.tolist() == [2.0, 5.0, 9.0]


def test_the_time_is_that_of_the_work():
    reading = read(
        COURIER.replace("costs $3", "takes 20 minutes")
        .replace("costs $20", "takes 45 minutes")
        .replace("the cost?", "the time?")
        .format("At most 30 trips can be made altogether.")
    )
    assert compile_formulation(reading.formulation).objective.tolist() == [20.0, 45.0]


def test_one_in_a_list_of_amounts_is_an_amount():
    found = rows(
        "A chemist mixes powder A and powder B. One gram of powder A contains 4 units of zinc, one unit of iron, and two "
        "units of tin. One gram of powder B contains 3 units of zinc, 2 units of iron and one unit of tin. The mix needs "
        "at least 20 units of zinc, 25 units of iron and 30 units of tin. A gram of powder A costs $1 and a gram of "
        "powder B costs $2. The lab has one mixer, one scale, and one oven. Minimize the cost."
    )
    assert found == {((-4, -3), -20), ((-1, -2), -25), ((-2, -1), -30)}


PRINTER = (
    "A shop buys machine A and machine B. Machine A prints {} sheets per minute, requires {} workers, and costs $1000. "
    "Machine B prints {} sheets per minute, requires {} workers, and costs $9000. The shop must print at least {} sheets "
    "per minute and has at most {} workers. How many machines of each should be bought to minimize the cost?"
)


@pytest.mark.parametrize(
    "words", [("5", "2", "25", "6", "100", "20"), ("five", "two", "twenty-five", "six", "one hundred", "twenty")]
)
def test_numbers_in_words_are_those_in_digits(words):
    assert rows(PRINTER.format(*words)) == {((-5, -25), -100), ((2, 6), 20)}


def test_three_and_one_count_the_things_that_are_decided():
    found = rows(
        "You can solve easy riddles worth five points or hard riddles worth eight points. You have to solve at least "
        "three easy riddles and one hard riddle. You can solve at most 10 easy riddles. In total, you can solve a maximum "
        "of 12 riddles. How many riddles of each kind should you solve to maximize your points?"
    )
    assert found == {((-1, 0), -3), ((0, -1), -1), ((1, 0), 10), ((1, 1), 12)}


GROUPS = (
    "A shop sells green tea, black tea, oat biscuits and rye biscuits. A box of green tea earns $4 and takes 2 minutes, a "
    "box of black tea earns $3 and takes 1 minute, a box of oat biscuits earns $5 and takes 4 minutes, a box of rye "
    "biscuits earns $6 and takes 5 minutes. There are 400 minutes. {limit}. Maximize the profit."
)


def test_a_word_for_some_of_the_decisions_is_no_name_of_one():
    said = read(GROUPS.format(limit="At least 20 boxes of tea must be sold"))
    assert said.status is not ReadingStatus.UNDERSTOOD
    assert read(GROUPS.format(limit="At least 20 boxes of green tea must be sold")).status is ReadingStatus.UNDERSTOOD


MIX = (
    "A stall sells pots and bowls. A pot takes 4 hours and earns $9, a bowl takes 3 hours and earns $7. {said}. "
    "How many of each give the most profit?"
)


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ("There are 120 hours. No fewer than 5 pots, and no fewer than 6 bowls, are made", {(4, 3), (-1, 0), (0, -1)}),
        ("There are 120 hours. It wants no fewer than 5 pots, no fewer than 6 bowls", {(4, 3), (-1, 0), (0, -1)}),
        ("Over the quarter 120 hours can be spent", {(4, 3)}),
        ("There are 120 hours, but no item may exceed 9 units", {(4, 3), (1, 0), (0, 1)}),
        ("There are 120 hours. Neither pots nor bowls may exceed 9 units", {(4, 3), (1, 0), (0, 1)}),
    ],
)
def test_limits_in_everyday_words_bound_what_they_say(said, rows):
    reading = read(MIX.format(said=said))
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    model = compile_formulation(reading.formulation)
    found = set()
    for row, low in zip(model.matrix.toarray(), model.row_lower, strict=True):
        found.add(tuple(int(-v if low > -1e20 else v) for v in row))
    assert found == rows


@pytest.mark.parametrize(
    "said",
    [
        "There are 120 hours. Each is either made or left out",
        "There are 120 hours. Pots and bowls cannot be made together",
        "There are 120 hours. Each can be chosen once",
    ],
)
def test_conditions_in_words_are_named_and_not_passed_over(said):
    assert "conditions" in {failure.check for failure in read(MIX.format(said=said)).failures}


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ("There cannot be more bowls than pots", {(4, 3), (-1, 1)}),
        ("At least 5 of each device have to be made", {(4, 3), (-1, 0), (0, -1)}),
    ],
)
def test_what_may_not_be_more_and_what_holds_of_each(said, rows):
    reading = read(MIX.format(said=f"There are 120 hours. {said}"))
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    model = compile_formulation(reading.formulation)
    found = set()
    for row, low in zip(model.matrix.toarray(), model.row_lower, strict=True):
        found.add(tuple(int(-v if low > -1e20 else v) for v in row))
    assert found == rows


def test_a_limit_may_end_the_text_without_a_full_stop():
    reading = read(PLANT.format("") + " The total must be at most 40")
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    assert "sedans + trucks + coaches <= maximum_total" in {c.expression for c in reading.formulation.constraints}
