"""The request of a run: what `build(data)` is given is what the caller gave."""

from __future__ import annotations

from enum import Enum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulation.sandbox.program_data import DataError
from formulation.sandbox.request import read, write

KEYS = st.text(max_size=4) | st.integers(-99, 99)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.text(max_size=3)
ENTRIES = st.dictionaries(KEYS, NUMBERS, max_size=4) | st.dictionaries(st.tuples(KEYS, KEYS), NUMBERS, max_size=4)
SETS = st.lists(KEYS, max_size=4) | st.lists(st.tuples(KEYS, KEYS, KEYS), max_size=4)
DATA = st.dictionaries(st.text(min_size=1, max_size=4), NUMBERS | ENTRIES | SETS, max_size=5)


@given(st.text(), DATA)
def test_a_request_is_read_as_it_was_written(source, data):
    told = read(write(source.encode("utf-8", "replace").decode(), data))[1]
    assert told == data
    assert repr(told) == repr(data)  # True is not 1, and 1 is not 1.0


def test_a_program_may_come_without_data():
    assert read(write("model = None", None)) == ("model = None", None)


def test_numbers_of_numpy_and_large_ones_arrive_as_numbers():
    given_data = {"n": np.float64(2.5), "k": {np.int64(3): np.int32(4)}, "big": {1: 2**70, 2: 1}, "r": range(3)}
    assert read(write("", given_data))[1] == {"n": 2.5, "k": {3: 4}, "big": {1: 2**70, 2: 1}, "r": [0, 1, 2]}


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({1: 2}, "no text"),
        ({"a": {1: float("nan"), 2: 1.0}}, "'a' holds nan"),
        ({"a": [float("inf")]}, "'a' holds inf"),
        ({"a": {"x": 1, ("x", "y"): 2}}, "'a' have different lengths"),
        ({"a": [()]}, "'a' have different lengths"),
        ({"a": {"x": None}}, "'a' holds None"),
        ({"a": {"x": {"y": 1}}}, "'a' holds"),
        ({"a": Enum}, "'a' holds"),
    ],
)
def test_data_that_no_program_can_be_given_is_refused_by_name(data, word):
    with pytest.raises(DataError, match=word):
        write("", data)
