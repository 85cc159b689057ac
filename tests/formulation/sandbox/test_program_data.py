"""What `build(data)` receives: as Python, as JSON, as CSV."""

from __future__ import annotations

from pathlib import Path

import pytest

from formulation.sandbox.data_files import read_data, table_data
from formulation.sandbox.program_data import DataError, from_document


def test_keys_may_stand_in_a_list_of_their_own_or_in_an_object() -> None:
    document = {"parameters": {"a": [[["x", 1], 5]], "b": [[["x"], 6]], "c": {"x": 7}}}
    assert from_document(document) == {"a": {("x", 1): 5}, "b": {"x": 6}, "c": {"x": 7}}


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ([], "object"),
        ({"set": {}}, "unknown keys set"),
        ({"sets": {"a": "xyz"}}, "list of its elements"),
        ({"sets": {"a": [1]}, "parameters": {"a": 2}}, "both a set and a parameter"),
        ({"parameters": {"a": [["x", 1], ["x", 2]]}}, "twice"),
        ({"parameters": {"a": [["x", 1], ["x", "y", 2]]}}, "different lengths"),
        ({"parameters": {"a": [3]}}, "is not"),
        ({"parameters": {"a": None}}, "None"),
    ],
)
def test_a_document_of_another_shape_is_refused_by_name(document: object, word: str) -> None:
    with pytest.raises(DataError, match=word):
        from_document(document)


def test_a_table_gives_its_numbers_and_the_sets_of_its_keys() -> None:
    data, keys = table_data("plant,capacity,cost\nNorth,40,2.5\nSouth,1e2,-4\n", "plants")
    assert data == {"capacity": {"North": 40, "South": 100}, "cost": {"North": 2.5, "South": -4}}
    assert keys == {"plant": ["North", "South"]}


def test_a_table_named_like_its_last_column_has_keys_before_it() -> None:
    data, keys = table_data("plant,week,capacity\nNorth,1,40\nNorth,2,50.5\n", "capacity")
    assert data == {"capacity": {("North", 1): 40, ("North", 2): 50.5}}
    assert keys == {"plant": ["North"], "week": [1, 2]}


def test_a_column_alone_is_a_set() -> None:
    assert table_data("plants\nNorth\nSouth\n", "x") == ({"plants": ["North", "South"]}, {})


def test_an_empty_cell_is_a_number_that_is_missing() -> None:
    data, _ = table_data("plant,capacity\nNorth,\nSouth,7\n", "plants")
    assert data == {"capacity": {"South": 7}}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("a,a\n1,2\n", "one name each"),
        ("a,b\n1\n", "row 2 has 1 cells"),
        ("a,b\nx,y\n", "holds text"),
        ("a,b\n,1\nx,2\n", "empty cell"),
        ("a,b\nx,1\nx,2\n", "twice"),
    ],
)
def test_a_table_that_is_none_is_refused(text: str, word: str) -> None:
    with pytest.raises(DataError, match=word):
        table_data(text, "file")


def test_files_add_up_and_name_themselves_in_errors(tmp_path: Path) -> None:
    (tmp_path / "need.csv").write_text("product,resource,need\nbread,flour,6\nrolls,flour,4\n")
    (tmp_path / "rest.json").write_text('{"sets": {"product": ["rolls", "bread"]}, "parameters": {"price": 3}}')
    data = read_data([tmp_path / "need.csv", tmp_path / "rest.json"])
    assert data == {
        "product": ["rolls", "bread"],  # given on its own, it comes before the keys of a table
        "resource": ["flour"],
        "need": {("bread", "flour"): 6, ("rolls", "flour"): 4},
        "price": 3,
    }
    for name, text in (("bad.json", "{"), ("nan.json", '{"parameters": {"a": NaN}}'), ("x.dat", "")):
        (tmp_path / name).write_text(text)
        with pytest.raises(DataError, match=name):
            read_data([tmp_path / name])
    with pytest.raises(DataError, match="another file"):
        read_data([tmp_path / "rest.json", tmp_path / "rest.json"])
