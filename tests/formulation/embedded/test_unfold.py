"""Tables that stand in the text: found, unfolded to sentences, and read as the model that they show."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.embedded.grids import grids
from formulation.embedded.unfold import unfold
from formulation.reading import ReadingStatus

THINGS = ("lamps", "kites", "drums", "masks")
RESOURCES = (("wire", "m"), ("glue", "g"), ("labour", "hours"))


def piped(rows):
    bars = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([bars[0], "|" + "---|" * len(rows[0]), *bars[1:]])


def spaced(rows):
    width = 3 + max(len(cell) for row in rows for cell in row)
    return "\n".join("".join(cell.ljust(width) for cell in row).rstrip() for row in rows)


def tabbed(rows):
    return "\n".join("\t".join(row) for row in rows)


def comma(rows):
    return "\n".join(", ".join(row) for row in rows)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.data(),
    st.integers(2, 4),
    st.integers(1, 3),
    st.sampled_from([piped, spaced, tabbed, comma]),
    st.booleans(),
    st.booleans(),
)
def test_a_table_is_read_as_the_model_that_made_it(data, n, m, style, turned, listed):
    number = st.integers(2, 90)
    take = [[data.draw(number) for _ in range(m)] for _ in range(n)]
    earn = [data.draw(number) for _ in range(n)]
    held = [data.draw(st.integers(100, 900)) for _ in range(m)]
    things, resources = THINGS[:n], RESOURCES[:m]
    rows = [["", *(f"{name} ({unit})" for name, unit in resources), "profit ($)"]]
    rows += [[things[k], *map(str, take[k]), str(earn[k])] for k in range(n)]
    if listed:
        rows.append(["available", *map(str, held), "-"])
    if turned:
        rows = [list(column) for column in zip(*rows, strict=True)]
    rows[0][0] = "what"
    limits = (
        ""
        if listed
        else "There are "
        + ", ".join(f"{held[j]} {unit} of {name}" for j, (name, unit) in enumerate(resources))
        + " available.\n"
    )
    reading = read(
        f"A fair sells {', '.join(things[:-1])} and {things[-1]}.\n\n{style(rows)}\n\n{limits}Maximise the profit."
    )
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    model = compile_formulation(reading.formulation)
    assert list(model.objective) == earn
    got = sorted((float(model.row_upper[i]), *model.matrix.toarray()[i]) for i in range(model.matrix.shape[0]))
    assert got == sorted((float(held[j]), *(float(take[k][j]) for k in range(n))) for j in range(m))


def test_every_number_of_a_table_is_evidence_where_it_stands():
    text = (
        "Choose a ration.\n\nfeed, cost per kg, protein (g)\nbran, 0.40, 120\npeas, 0.90, 230\n\n"
        "The ration must hold at least 4,000 g of protein and at most 30 kg. Minimise the cost."
    )
    reading = read(text)
    assert reading.status is ReadingStatus.UNDERSTOOD
    shown = {p.value: text[p.evidence[0].start : p.evidence[0].end] for p in reading.formulation.parameters}
    assert shown == {0.4: "0.40", 0.9: "0.90", 120: "120", 230: "230", 4000: "4,000", 30: "30"}


def test_a_column_of_what_is_required_is_taken_by_each_thing_and_is_no_limit():
    reading = read(
        "| tent | Canvas Required (m) | Sales Price ($) |\n|---|---|---|\n| dome | 9 | 80 |\n| ridge | 7 | 65 |\n\n"
        "There are 300 m of canvas. Maximise the revenue."
    )
    assert reading.status is ReadingStatus.UNDERSTOOD
    model = compile_formulation(reading.formulation)
    assert model.matrix.toarray().tolist() == [[9.0, 7.0]]
    assert list(model.row_upper) == [300.0]


def test_columns_bound_single_things_and_a_gap_says_nothing():
    reading = read(
        "The stalls sell cups of tea and bowls of soup.\n| stall | profit | maximum |\n|---|---|---|\n| tea | 3 | 40 |\n| soup | 5 | |\n\n"
        "No more than 70 portions are sold in total. Maximise the profit."
    )
    assert reading.status is ReadingStatus.UNDERSTOOD
    model = compile_formulation(reading.formulation)
    rows = {tuple(row): upper for row, upper in zip(model.matrix.toarray().tolist(), model.row_upper, strict=True)}
    assert rows == {(1.0, 0.0): 40.0, (1.0, 1.0): 70.0}


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n|---|---|\n| x | red |\n",  # words as values
        "| a | cost |\n|---|---|\n| x | 1 |\n| x | 2 |\n",  # one name twice
        "| a | cost | cost |\n|---|---|---|\n| x | 1 | 2 |\n",
        "| a | b |\n|---|---|\n",  # no line below the heading
        "The costs are 3, 4 and 5,\nand 6, 7 and 8 later.",
        "x | y\n1 | 2 | 3\n",
        "||||\n|\n" * 50,
    ],
)
def test_what_is_no_table_of_numbers_is_left_as_text(text):
    assert unfold(text) is None


def test_a_table_that_does_not_say_which_way_it_lies_is_left_as_text():
    assert len(grids("| | north | south |\n|---|---|---|\n| east | 3 | 4 |\n| west | 5 | 6 |\n")) == 1
    assert unfold("| | north | south |\n|---|---|---|\n| east | 3 | 4 |\n| west | 5 | 6 |\n") is None


@given(st.text(alphabet="|-\t ,a1$%\n(", max_size=300))
def test_no_text_breaks_the_search_for_tables_and_cells_stand_where_they_say(text):
    for grid in grids(text):
        for cell in (*grid.headings, *(cell for row in grid.rows for cell in row)):
            assert text[cell.start : cell.end] == cell.text
    read(text)


def test_the_heading_over_the_names_tells_which_way_a_table_without_money_lies():
    rows = [["product", "sawing", "sanding"], ["stool", "2", "1"], ["shelf", "3", "2"]]
    around = "The sawing room has 90 hours, the sanding room has 70 hours. A stool earns $8, a shelf earns $11. Maximize profit."
    for table in (rows, [["process", *(row[0] for row in rows[1:])], ["sawing", "2", "3"], ["sanding", "1", "2"]]):
        reading = read(f"A joiner makes stools and shelves. Hours for each:\n\n{piped(table)}\n\n{around}")
        assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
        model = compile_formulation(reading.formulation)
        assert model.matrix.toarray().tolist() == [[2.0, 3.0], [1.0, 2.0]]
        assert list(model.row_upper) == [90.0, 70.0]


def test_what_is_available_of_a_thing_bounds_it():
    reading = read(
        "| wood | cost per tonne ($) | heat (MJ) | available |\n|---|---|---|---|\n| birch | 40 | 19 | 30 |\n| pine | 30 | 15 | 50 |\n\n"
        "A boiler uses birch and pine. It needs at least 900 MJ of heat. Minimise the cost."
    )
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    model = compile_formulation(reading.formulation)
    assert {tuple(row) for row in model.matrix.toarray()} == {(19.0, 15.0), (1.0, 0.0), (0.0, 1.0)}


@pytest.mark.parametrize("cell", ["kWh per $1,000", "output/$"])
def test_a_rate_per_money_is_no_amount_per_thing(cell):
    assert unfold(f"| plant | {cell} | cost |\n|---|---|---|\n| a | 3 | 4 |\n| b | 5 | 6 |\n") is None


def test_numbers_of_the_sheet_are_no_amounts():
    reading = read(
        "Exercise 7 (8 points). A shop makes rugs and mats. A rug takes 3 hours and earns $9, a mat takes 2 hours and earns "
        "$5. There are 60 hours. Maximize the profit."
    )
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures


def test_a_heading_with_a_sign_behind_its_word_is_read_as_the_word():
    reading = read(
        "| item | profit. | clay |\n|---|---|---|\n| mug | 6 | 1 |\n| bowl | 9 | 2 |\n\n"
        "There are 100 units of clay. Maximize profit."
    )
    assert [p.value for p in reading.formulation.parameters if p.name.startswith("profit")] == [6, 9]
