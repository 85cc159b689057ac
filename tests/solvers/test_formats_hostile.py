"""Whatever the text, a reader returns a model or refuses it with a reason; it never breaks."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.errors import FormatError
from solvers.formats import read, write
from solvers.milp import Milp

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "instances"
CONSTANT_ON_THE_LEFT = re.compile(r"[-+]\s*\d+(\.\d*)?\s*[<>]")
LP = (
    "\\ a comment\nmax obj: 3 x + 2 y - z + [ x^2 + 2 x * y ] / 2 + 7\nst\n c: -1 <= x + y <= 4\n d: x - 2 z = 1\n"
    "bounds\n x <= 9\n -3 <= z <= 8\n w free\ngen\n x\nbin\n y\nsemi\n v\nend\n"
)
MPS = (
    "NAME small\nOBJSENSE\n MAX\nROWS\n N cost\n L cap\n G need\n E same\nCOLUMNS\n x cost 1 cap 2\n x need 1\n"
    " M1 'MARKER' 'INTORG'\n y cost -1 same 1\n M2 'MARKER' 'INTEND'\n z same 1\nRHS\n R cap 10 need 2\nRANGES\n"
    " S cap 4\nBOUNDS\n UP B x 4\n FR B z\nQUADOBJ\n x x 2\nENDATA\n"
)
PIECES = ["\n", " ", "-", "+", ":", "<=", ">=", "=", "inf", "nan", "1e400", "st", "end", "bounds", "[", "]", "/", "*", "^", "x",
          "3", "'MARKER'", "RHS", "ROWS", "ENDATA", "\\", "free", "\t", "é", "0", "1e-400", "$", "RANGES", "-1e30", "::", "->"]  # fmt: skip


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from([0, 0, 1, 2, 5, 20]))
        text = text[:at] + draw(st.sampled_from(["", *PIECES])) + text[at + length :]
    return text


def survives(text: str, form: str) -> None:
    try:
        model = read(text, form)
    except FormatError:
        return
    assert isinstance(model, Milp)
    assert np.isfinite(model.matrix.data).all()


@settings(max_examples=500, deadline=None)
@given(edited(LP))
def test_an_edited_lp_text_is_read_or_refused(text):
    survives(text, "lp")


@settings(max_examples=500, deadline=None)
@given(edited(MPS))
def test_an_edited_mps_text_is_read_or_refused(text):
    survives(text, "mps")


@settings(max_examples=300, deadline=None)
@given(edited(write(read(MPS, "mps"), "json")))
def test_an_edited_json_text_is_read_or_refused(text):
    survives(text, "json")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["lp", "mps", "json"]))
def test_any_text_at_all_is_read_or_refused(text, form):
    survives(text, form)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the instances are not beside the checkout")
@pytest.mark.parametrize(
    "name",
    ["garbage.mps", "garbage.lp", "2821-duplicate.mps", "1448.lp", "nan0.mps", "nan1.mps", "nan2.mps", "warnings.mps"],
)
def test_a_malformed_file_is_refused_with_its_line(name):
    with pytest.raises(FormatError) as caught:
        read(SHARED / "highs" / name)
    assert caught.value.line is not None


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the instances are not beside the checkout")
def test_small_instances_are_read_as_highs_reads_them():
    import highspy

    compared = 0
    for path in sorted((SHARED / "highs").iterdir()):
        if path.stat().st_size > 60_000 or path.suffix not in (".mps", ".lp"):
            continue
        try:
            model = read(path)
        except FormatError:
            continue
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        if highs.readModel(str(path)) != highspy.HighsStatus.kOk:
            continue
        lp = highs.getLp()
        if (
            lp.num_row_ != model.n_rows
            or lp.num_col_ != model.n_columns
            or CONSTANT_ON_THE_LEFT.search(path.read_text())
        ):
            continue  # HiGHS drops free rows, takes indented names for sections, and moves a constant to no side
        compared += 1
        place = {name: k for k, name in enumerate(model.column_names)}
        order = [place[name] for name in lp.col_names_]
        np.testing.assert_array_equal(model.objective[order], lp.col_cost_)
        np.testing.assert_array_equal(model.column_lower[order], lp.col_lower_)
        np.testing.assert_array_equal(np.minimum(model.column_upper[order], 1e20), np.minimum(lp.col_upper_, 1e20))
        np.testing.assert_array_equal(model.row_lower, lp.row_lower_)
        np.testing.assert_array_equal(model.row_upper, lp.row_upper_)
        assert model.constant == pytest.approx(lp.offset_)
    assert compared >= 25
