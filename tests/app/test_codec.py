"""What a job is given comes back from the database as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.jobs.codec import CodecError, decode, encode
from formulation.data import Table
from formulation.problem import Problem

CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.text("0123456789.e")
)


@given(st.lists(CELLS))
def test_cells_keep_their_values_and_types(cells):
    problem = Problem("a problem", (Table("t", {"column": tuple(cells)}),))
    back = decode(Problem, json.loads(json.dumps(encode(problem))))
    assert back == problem
    assert [type(cell) for cell in back.tables[0].columns["column"]] == [type(cell) for cell in cells]


@pytest.mark.parametrize("label", ["007", "1.5", "nan", "inf", "1e5"])
def test_a_label_that_looks_like_a_number_stays_a_label(label):
    problem = Problem("a problem", (Table("t", {"code": (label,)}),))
    assert decode(Problem, json.loads(json.dumps(encode(problem)))).tables[0].columns["code"] == (label,)


def test_what_is_no_number_is_refused_where_one_is_due():
    with pytest.raises(CodecError):
        decode(float, "1.5")
