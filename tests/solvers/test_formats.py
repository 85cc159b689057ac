"""Models through every format and back, and what must be refused."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from solvers.errors import FormatError
from solvers.formats import read, save, write
from solvers.milp import Milp, Sense

INF = math.inf
ODD_NAMES = [
    "st",
    "x y",
    "x[a,b]",
    "End",
    "é",
    "3x",
    "e5",
    "a+b",
    "",
    "free",
    "x{41}",
    "Bounds",
    "*",
    "$",
    "-1",
    "RHS",
    "x(1)",
    "inf",
]


def same(a: Milp, b: Milp) -> None:
    assert a.sense is b.sense
    assert list(a.column_names) == list(b.column_names)
    assert list(a.row_names) == list(b.row_names)
    for field in ("objective", "row_lower", "row_upper", "column_lower", "column_upper", "domains"):
        np.testing.assert_array_equal(getattr(a, field), getattr(b, field), err_msg=field)
    assert a.constant == b.constant
    assert (a.matrix != b.matrix).nnz == 0
    assert (a.quadratic is None) == (b.quadratic is None)
    if a.quadratic is not None and b.quadratic is not None:
        assert (a.quadratic != b.quadratic).nnz == 0


number = st.one_of(st.integers(-9, 9).map(float), st.floats(-1e6, 1e6).map(lambda v: round(v, 3)))


@st.composite
def models(draw: st.DrawFn) -> Milp:
    n, m = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    domains = np.array(draw(st.lists(st.sampled_from([0, 0, 1, 2, 3]), min_size=n, max_size=n)), dtype=np.int8)

    def sides(k: int) -> tuple[np.ndarray, np.ndarray]:
        ends = [sorted((draw(number), draw(number))) for _ in range(k)]
        low = np.array([e[0] if draw(st.booleans()) else -INF for e in ends], dtype=float)
        return low, np.array([e[1] if draw(st.booleans()) else INF for e in ends], dtype=float)

    row_lower, row_upper = sides(m)
    row_upper = np.where(np.isfinite(row_lower) & np.isfinite(row_upper), row_lower + 4.0, row_upper)
    row_lower = np.where(np.isfinite(row_lower) & np.isfinite(row_upper), np.round(row_lower), row_lower)
    row_upper = np.where(np.isfinite(row_lower) & np.isfinite(row_upper), row_lower + 4.0, row_upper)
    lower, upper = sides(n)
    semi = domains >= 2
    lower, upper = np.where(semi, 1.0, lower), np.where(semi, 5.0, upper)
    q = None
    if draw(st.booleans()):
        half = np.array(draw(st.lists(st.integers(-3, 3), min_size=n * n, max_size=n * n)), dtype=float).reshape(n, n)
        full = half + half.T
        q = sparse.csr_array(full) if np.any(full) else None
    matrix = np.array(draw(st.lists(number, min_size=m * n, max_size=m * n)), dtype=float).reshape(m, n)
    names = st.lists(
        st.one_of(st.sampled_from(ODD_NAMES), st.text(min_size=1, max_size=4).filter(lambda t: "\x00" not in t)),
        unique=True,
    )
    return Milp(
        draw(st.sampled_from(list(Sense))),
        np.array(draw(st.lists(number, min_size=n, max_size=n)), dtype=float),
        sparse.csr_array(matrix),
        row_lower,
        row_upper,
        lower,
        upper,
        domains,
        draw(names.filter(lambda v: len(v) >= n))[:n],
        draw(names.filter(lambda v: len(v) >= m))[:m],
        constant=draw(number) + 0.0,
        quadratic=q,
    )


@pytest.mark.parametrize("form", ["lp", "mps", "json"])
@settings(max_examples=150, deadline=None)
@given(model=models())
def test_a_model_is_read_back_as_it_was_written(form, model):
    same(read(write(model, form), form), model)


LP_CASES = {
    "a constant on the left moves to the right": ("min x st c: x + 2 >= 5 end", [3], [INF]),
    "a row between two numbers is a range": ("min x\nst\n -1 <= x <= 5\nend", [-1], [5]),
    "a number on the left turns the sign": ("min x\nst\n 5 >= x\n", [-INF], [5]),
    "a coefficient of infinity opens a side": ("min x\nst\n c: x >= -inf\n", [-INF], [INF]),
    "terms of one name are added": ("min x\nst\n c: x + 2 x - 6 x <= 1\n", [-INF], [1]),
    "a sense may be written the other way round": ("min x\nst\n c: x => 1\n d: x =< 2\n", [1, -INF], [INF, 2]),
}


@pytest.mark.parametrize(("text", "lower", "upper"), LP_CASES.values(), ids=LP_CASES.keys())
def test_rows_of_an_lp_text_are_read_as_the_format_says(text, lower, upper):
    model = read(text, "lp")
    assert model.row_lower.tolist() == lower
    assert model.row_upper.tolist() == upper


def test_a_constant_in_the_objective_is_kept():
    assert read("max obj: 3 x + 5 - 2\nst\n x <= 1\nend", "lp").constant == 3


def test_names_that_differ_in_case_are_two():
    assert list(read("min x + X\nst\n c: x - X >= 1\n C: x + X >= 2\nend", "lp").column_names) == ["x", "X"]


def test_a_keyword_with_a_colon_is_the_name_of_a_row():
    assert list(read("min x\nst\n end: x >= 1\n bounds: x <= 3\nend", "lp").row_names) == ["end", "bounds"]


def test_a_section_may_begin_on_the_line_of_another():
    model = read("Minimize a subject to a >= 1 bounds a <= 0", "lp")
    assert (model.row_lower.tolist(), model.column_upper.tolist()) == ([1], [0])


def test_binaries_keep_narrower_bounds():
    model = read("min x + y\nst\n x + y >= 0\nbounds\n x = 0\n y <= 7\nbin\n x y\nend", "lp")
    assert (model.column_lower.tolist(), model.column_upper.tolist()) == ([0, 0], [0, 1])


def test_half_the_brackets_are_the_hessian():
    # x^2/2 + 2xy/2: the Hessian of x'Qx/2 is [[1, 1], [1, 0]].
    model = read("min [ x^2 + 2 x * y ] / 2\nst\n x + y <= 1\nend", "lp")
    assert model.quadratic is not None
    assert model.quadratic.toarray().tolist() == [[1, 1], [1, 0]]


LP_REFUSED = {
    "nothing": ("", 1, "empty"),
    "noise": ("blah blah not a good file\n", 1, "Minimize"),
    "a binary": ("min x\nst\n x \x07 3\n", 3, "no place"),
    "a zero byte": ("min x\nst\n x\x00 >= 3\n", 3, "zero byte"),
    "a row without a sign": ("min x\nst\n c: x + 3\nend", 4, "must stand"),
    "a name on the right": ("min x\nst\n c: x <= y\nend", 3, "number must stand"),
    "more after the right-hand side": ("min x\nst\n c: x <= 3 y\nend", 3, "follows"),
    "two numbers": ("min x\nst\n c: 3 4 x <= 3\nend", 3, "two numbers"),
    "a product": ("min x\nst\n c: x * y <= 3\nend", 3, "product"),
    "a quadratic row": ("min x\nst\n c: [ x^2 ] <= 3\nend", 3, "quadratic row"),
    "an indicator": ("min x\nst\n c: b = 1 -> x <= 3\nend", 3, "indicator"),
    "a special ordered set": ("min x\nst\n x <= 1\nsos2\n s1: S2:: x:1\nend", 4, "special ordered"),
    "a row given twice": ("min x\nst\n c: x <= 3\n c: x >= 1\nend", 4, "twice"),
    "crossing bounds": ("min x\nst\n x <= 3\nbounds\n 4 <= x <= 2\nend", 5, "hold no number"),
    "an upper bound below the default": ("min x\nst\n x <= 3\nbounds\n x <= -2\nend", 5, "lower bound is 0"),
    "nan": ("min x\nst\n c: nan x <= 3\nend", 3, "name must stand"),
    "an infinite coefficient": ("min x\nst\n c: 1e400 x <= 3\nend", 3, "too large"),
    "a power of three": ("min [ x^3 ]\nst\n x <= 3\nend", 1, "power"),
    "text after the end": ("min x\nst\n x <= 3\nend\nmin y\n", 5, "after End"),
    "a comparison in the objective": ("min x <= 3\nend", 1, "subject to"),
    "a half-open bracket": ("min [ x^2\nst\n x <= 1\nend", 2, "sign or ]"),
    "a file cut off in a row": ("min x\nst\n c: x <=", 3, "end of the file"),
}


@pytest.mark.parametrize(("text", "line", "reason"), LP_REFUSED.values(), ids=LP_REFUSED.keys())
def test_a_bad_lp_text_is_refused_with_its_line(text, line, reason):
    with pytest.raises(FormatError, match=reason) as caught:
        read(text, "lp")
    assert caught.value.line == line


MPS = """NAME small
ROWS
 N cost
 L cap
 G need
 E same
 N spare
COLUMNS
 x cost 1 cap 2
 x need 1
 M1 'MARKER' 'INTORG'
 y cost -1 same 1
 z spare 4 same 1
 M2 'MARKER' 'INTEND'
RHS
 R cap 10 need 2
 R same 3 cost -7
RANGES
 S cap 4 need 5
 S same -2
BOUNDS
 UP B x -1
 LO B y 2
ENDATA
"""


def test_an_mps_text_is_read_as_its_conventions_say():
    model = read(MPS, "mps")
    assert model.constant == 7
    assert list(model.row_names) == ["cap", "need", "same", "spare"]
    assert model.row_lower.tolist() == [6, 2, 1, -INF]
    assert model.row_upper.tolist() == [10, 7, 3, INF]
    assert model.column_lower.tolist() == [-INF, 2, 0]  # a negative upper bound opens the lower side
    assert model.column_upper.tolist() == [-1, INF, 1]  # between markers and without a bound: binary
    assert model.domains.tolist() == [0, 1, 1]


def test_names_with_blanks_are_read_in_fixed_format():
    text = (
        "NAME          BLANKS\nROWS\n N  COST\n L  MY ROW\nCOLUMNS\n"
        "    A COL     COST               1.0   MY ROW             2.0\n"
        "RHS\n    RHS       MY ROW             4.0\nBOUNDS\n UP BND       A COL              3.0\nENDATA\n"
    )
    model = read(text, "mps")
    assert list(model.column_names) == ["A COL"]
    assert model.row_upper.tolist() == [4]
    assert model.column_upper.tolist() == [3]


def test_a_ratio_in_an_mps_text_is_the_nearest_double():
    model = read(MPS.replace("cost 1 cap 2", "cost -1/3 cap 9/10"), "mps")
    assert model.objective[0] == -1 / 3
    assert model.matrix.toarray()[0].tolist() == [0.9, 0, 0]


def test_comments_and_columns_without_an_entry_are_read_in_an_mps_text():
    text = MPS.replace(" x need 1", "* a remark\n x need 1 $ another\n w").replace(" R same 3", "\n R same 3")
    model = read(text, "mps")
    assert list(model.column_names) == ["x", "w", "y", "z"]
    assert model.matrix.toarray().tolist() == [[2, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 4]]


def test_what_stands_between_the_columns_of_fixed_format_is_not_dropped():
    text = (
        "NAME          BLANKS\nOBJSENSE\n   MAX\nROWS\n N  COST\n L  MY ROW\nCOLUMNS\n"
        "    A COL     COST               1.0   MY ROW             2.0\n"
        "RHS\n    RHS       MY ROW             4.0\nENDATA\n"
    )
    assert read(text, "mps").sense is Sense.MAXIMIZE
    with pytest.raises(FormatError):
        read(text.replace("A COL     COST    ", "A COL     COST  <="), "mps")


def test_a_number_without_its_row_in_fixed_columns_is_refused():
    text = (
        "NAME          BLANKS\nROWS\n N  COST\n L  MY ROW\nCOLUMNS\n"
        "    A COL     COST               1.0                      2.0\n"
        "RHS\nENDATA\n"
    )
    with pytest.raises(FormatError):
        read(text, "mps")


MPS_REFUSED = {
    "a column in two places": (MPS.replace(" z spare 4", " x spare 4"), 13, "stand together"),
    "a ratio over zero": (MPS.replace("cost 1 cap", "cost 1/0 cap"), 9, "zero"),
    "a ratio of no whole numbers": (MPS.replace("cost 1 cap", "cost 1/2.5 cap"), 9, "no number"),
    "a ratio that is too large": (MPS.replace("cost 1 cap", f"cost 1{'0' * 400}/7 cap"), 9, "too large"),
    "markers that do not alternate": (MPS.replace("M1 'MARKER' 'INTORG'", "M1 'MARKER' 'INTEND'"), 11, "in turn"),
    "a row with a second right side": (MPS.replace(" R same 3", " R cap 3"), 17, "second number"),
    "two quadratic parts": (MPS.replace("ENDATA", "QUADOBJ\n x x 1\nQMATRIX\n x x 1\nENDATA"), 27, "each give"),
    "noise": ("*^%\nvhf,x,^%\n", 2, "no section"),
    "no end": (MPS.replace("ENDATA\n", ""), 23, "ENDATA"),
    "a row given twice": (MPS.replace(" G need", " G cap"), 5, "twice"),
    "an unknown row": (MPS.replace("x need 1", "x want 1"), 10, "no row"),
    "an entry given twice": (MPS.replace("x need 1", "x cap 1"), 10, "second number"),
    "an unknown column": (MPS.replace("UP B x -1", "UP B w -1"), 22, "no column"),
    "crossing bounds": (MPS.replace("UP B x -1", "UP B y 1"), 23, "hold no number"),
    "no number": (MPS.replace("cost 1 cap", "cost one cap"), 9, "no number"),
    "nan": (MPS.replace("cost 1 cap", "cost nan cap"), 9, "no number"),
    "an infinite coefficient": (MPS.replace("cost 1 cap", "cost inf cap"), 9, "no number"),
    "a number with an underscore": (MPS.replace("cost 1 cap", "cost 1_0 cap"), 9, "no number"),
    "a huge number": (MPS.replace("cost 1 cap", "cost 1e999 cap"), 9, "too large"),
    "an unknown section": (MPS.replace("RANGES", "CHANGES"), 18, "no section"),
    "special ordered sets": (MPS.replace("RANGES", "SOS"), 18, "special ordered"),
    "a second set": (MPS.replace(" R same 3", " Q same 3"), 17, "second set"),
    "an unknown type of bound": (MPS.replace("UP B x", "XX B x"), 22, "type of bound"),
}


@pytest.mark.parametrize(("text", "line", "reason"), MPS_REFUSED.values(), ids=MPS_REFUSED.keys())
def test_a_bad_mps_text_is_refused_with_its_line(text, line, reason):
    with pytest.raises(FormatError, match=reason) as caught:
        read(text, "mps")
    assert caught.value.line == line


JSON_REFUSED = {
    "no JSON": ("{", "no JSON"),
    "a list": ("[]", "object"),
    "nan": ('{"constant": NaN}', "NaN"),
    "another kind": ('{"kind": "formulation"}', "kind"),
    "a field given twice": ('{"sense": "minimize", "sense": "maximize"}', "twice"),
    "an unknown field": ('{"colums": {}}', "colums"),
    "deep nesting": ("[" * 100_000, "nested|JSON"),
}


@pytest.mark.parametrize(("text", "reason"), JSON_REFUSED.values(), ids=JSON_REFUSED.keys())
def test_a_bad_json_text_is_refused(text, reason):
    with pytest.raises(FormatError, match=reason):
        read(text, "json")


def test_a_file_is_read_by_its_suffix_packed_or_not(tmp_path):
    model = read(MPS, "mps")
    for name in ("a.mps", "a.lp", "a.json", "a.lp.gz", "a.mps.gz"):
        save(model, tmp_path / name)
        same(read(tmp_path / name), model)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.mps.gz"
    with gzip.open(path, "wb", compresslevel=9) as stream:
        for _ in range(64):
            stream.write(b" " * 2**20)
    with pytest.raises(FormatError, match="unpacks to more"):
        read(path, max_bytes=2**24)


def test_half_a_gzip_file_is_refused(tmp_path):
    path = tmp_path / "half.mps.gz"
    path.write_bytes(gzip.compress(MPS.encode() * 50)[:-20])
    with pytest.raises(FormatError, match="gzip"):
        read(path)


def test_a_suffix_that_names_no_format_is_refused():
    with pytest.raises(FormatError, match="suffix"):
        read(Path("model.xls"))
