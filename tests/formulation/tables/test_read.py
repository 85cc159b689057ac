"""Files become tables, or are refused or questioned; a number is never misread in silence."""

import contextlib
import io
import json
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulation.tables import ColumnKind, DataError, DecimalSign, read_tables, schema
from formulation.tables.numbers import read_column


def one(content: str, **options):
    read = read_tables("prices.csv", content.encode(), **options)
    (table,) = read.tables
    return table, read.questions


def test_a_csv_file_is_a_table_with_numbers_and_texts():
    table, questions = one("site,cost,note\nnorth,3,a\nsouth,4.5,\n")
    assert table.columns == {"site": ("north", "south"), "cost": (3, 4.5), "note": ("a", None)}
    assert not questions
    assert [column.kind for column in schema(table).columns] == [ColumnKind.TEXT, ColumnKind.NUMBER, ColumnKind.TEXT]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    table, _ = one(f"a{delimiter}b\n1{delimiter}2\n")
    assert table.columns == {"a": (1,), "b": (2,)}


CASES = {
    "plain": (["1", "-2.5", "1e3"], (1, -2.5, 1000.0), False),
    "thousands beside a decimal point": (["1,200.50", "3,400.00"], (1200.5, 3400), False),
    "thousands beside a decimal comma": (["1.200,50", "3,5"], (1200.5, 3.5), False),
    "spaces and a currency": (["$1 200.50", "$3"], (1200.5, 3), False),
    "a comma that only a decimal sign can be": (["1,5", "2,25"], (1.5, 2.25), False),
    "a comma that can be either": (["1,200", "3,400"], ("1,200", "3,400"), True),
    "percentages": (["12%", "5%"], ("12%", "5%"), True),
    "codes": (["007", "012"], ("007", "012"), False),
    "missing": (["3", "NA", ""], (3, None, None), False),
    "text": (["3", "three"], ("3", "three"), False),
    "groups of the wrong size": (["1,20,000", "3"], ("1,20,000", "3"), False),
}


@pytest.mark.parametrize("name", CASES)
def test_a_column_is_read_where_it_has_one_reading(name):
    cells, wanted, questioned = CASES[name]
    reading = read_column(cells)
    assert reading.cells == wanted
    assert bool(reading.question) == questioned


def test_the_answer_to_the_question_settles_the_reading():
    content = 'site;cost\nnorth;"1,200"\nsouth;"3,400"\n'
    table, questions = one(content)
    assert table.columns["cost"] == ("1,200", "3,400")
    assert "can be 1200 or 1.2" in questions[0].text
    assert one(content, decimal=DecimalSign.COMMA)[0].columns["cost"] == (1.2, 3.4)
    assert one(content, decimal=DecimalSign.POINT)[0].columns["cost"] == (1200, 3400)


def test_points_in_threes_are_questioned_in_a_file_of_semicolons():
    _, questions = one("site;cost\nnorth;1.200\nsouth;3.400\n")
    assert len(questions) == 1


@given(st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 4)), min_size=1))
def test_numbers_survive_their_plain_text(numbers):
    assert [float(cell) for cell in read_column([repr(n) for n in numbers]).cells] == numbers


@given(st.text(max_size=300))
def test_any_text_is_a_table_or_a_data_error(text):
    try:
        read = read_tables("t.csv", text.encode("utf-8", "surrogatepass"))
    except DataError:
        return
    assert read.tables


@given(st.binary(max_size=300), st.sampled_from(["t.json", "t.xlsx", "t.csv", "t.pdf"]))
def test_any_bytes_are_tables_or_a_data_error(content, name):
    with contextlib.suppress(DataError):
        read_tables(name, content)


REFUSED = {
    "empty": ("t.csv", b"", "empty"),
    "ragged": ("t.csv", b"a,b\n1,2\n3\n", "row 2: 1 cells where the first line has 2"),
    "heading twice": ("t.csv", b"a,a\n1,2\n", "two columns have the heading 'a'"),
    "not UTF-8": ("t.csv", b"a\n\xe9\n", "no UTF-8"),
    "NUL": ("t.csv", b"a\n\0\n", "NUL"),
    "too large a number": ("t.csv", b"a\n1e400\n", "too large"),
    "NaN": ("t.json", b'[{"a": NaN}]', "no number"),
    "a list in a cell": ("t.json", b'[{"a": [1]}]', "a list or an object"),
    "deep": ("t.json", b"[" * 100_000, "nested too deeply"),
    "no workbook": ("t.xlsx", b"PK\x03\x04", "no workbook"),
    "no table": ("t.pdf", b"x", "no table"),
    "columns of different lengths": ("t.json", b'{"a": [1], "b": [1, 2]}', "different lengths"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_refused_with_the_reason(name):
    file_name, content, message = REFUSED[name]
    with pytest.raises(DataError, match=message):
        read_tables(file_name, content)


def workbook(**sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_each_sheet_of_a_workbook_is_a_table():
    content = workbook(sites=[["site", "tons"], ["a", 3], ["b", 4.5]], rates=[["from", "cost"], ["a", "1,200"]])
    read = read_tables("book.xlsx", content)
    assert [table.name for table in read.tables] == ["sites", "rates"]
    assert read.tables[0].columns == {"site": ("a", "b"), "tons": (3, 4.5)}
    assert len(read.questions) == 1


def test_a_zip_bomb_is_refused_unpacked():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    with pytest.raises(DataError, match="unpack to 50,000,000"):
        read_tables("bomb.xlsx", buffer.getvalue())


@pytest.mark.parametrize(
    "document",
    [
        [{"site": "a", "tons": 3}, {"site": "b", "tons": None}],
        {"site": ["a", "b"], "tons": [3, None]},
        {"t": [{"site": "a", "tons": 3}, {"site": "b"}]},
    ],
)
def test_the_shapes_of_json_give_the_same_table(document):
    (table,) = read_tables("t.json", json.dumps(document).encode()).tables
    assert (table.name, table.columns) == ("t", {"site": ("a", "b"), "tons": (3, None)})


def test_a_schema_counts_what_is_missing_and_what_is_repeated():
    table, _ = one("a,b\n1,x\n1,x\n,y\n")
    found = schema(table)
    assert (found.rows, found.duplicates) == (3, 1)
    assert (found.columns[0].kind, found.columns[0].missing, found.columns[0].maximum) == (ColumnKind.WHOLE, 1, 1.0)
