"""What a child sends is parsed as hostile input: a message comes back as it was, and anything else is refused."""

from __future__ import annotations

import random
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from benchmarks.sandbox.fuzz import fuzz, mutated, samples
from formulation.sandbox import Built, BuiltNonlinear, ProgramError, message
from formulation.sandbox.message import MalformedMessage, MatrixArrays, ModelArrays
from solvers.milp import Sense

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@st.composite
def models(draw: st.DrawFn) -> ModelArrays:
    n, m = draw(st.integers(0, 5)), draw(st.integers(0, 4))
    dense = draw(arrays(np.float64, (m, n), elements=NUMBERS))
    csr = sparse.csr_array(dense)
    low = draw(arrays(np.float64, n, elements=NUMBERS))
    square = draw(arrays(np.float64, (n, n), elements=NUMBERS))
    hessian = sparse.csr_array(square + square.T)
    return ModelArrays(
        maximize=draw(st.booleans()),
        constant=draw(NUMBERS),
        name=draw(st.text(max_size=5)),
        objective=draw(arrays(np.float64, n, elements=NUMBERS)),
        column_lower=low,
        column_upper=low + draw(st.floats(0, 10)),
        domains=draw(arrays(np.int8, n, elements=st.integers(0, 3))),
        row_lower=np.full(m, -np.inf),
        row_upper=draw(arrays(np.float64, m, elements=NUMBERS)),
        matrix=_arrays(csr),
        quadratic=_arrays(hessian) if draw(st.booleans()) else None,
        column_names=[f"x[{draw(st.text(max_size=3))}]" for _ in range(n)],
        row_names=[f"c{k}" for k in range(m)],
    )


def _arrays(csr: sparse.csr_array) -> MatrixArrays:
    return MatrixArrays(csr.indptr.astype(np.int64), csr.indices.astype(np.int32), csr.data)


def parsed(parts: list[bytes]) -> message.Parsed:
    raw = b"".join(parts)
    assert message.body_length(raw[: message.HEADER_BYTES]) == len(raw) - message.HEADER_BYTES
    return message.parse(raw[message.HEADER_BYTES :])


@given(models(), st.text(max_size=20))
@settings(max_examples=200, deadline=None)
def test_a_model_comes_back_as_it_was(model: ModelArrays, printed: str) -> None:
    result = parsed(message.frame_milp(model, printed))
    assert isinstance(result, Built)
    milp = result.milp
    assert milp.sense is (Sense.MAXIMIZE if model.maximize else Sense.MINIMIZE)
    assert milp.constant == model.constant
    for name in ("objective", "column_lower", "column_upper", "domains", "row_lower", "row_upper"):
        np.testing.assert_array_equal(getattr(milp, name), getattr(model, name))
    shape = milp.matrix.shape
    expected = sparse.csr_array((model.matrix.values, model.matrix.columns, model.matrix.starts), shape=shape)
    np.testing.assert_array_equal(milp.matrix.toarray(), expected.toarray())
    assert (milp.quadratic is None) == (model.quadratic is None)
    assert len(milp.column_names) == len(model.column_names)


@given(st.text(max_size=30), st.text(max_size=30), st.integers(0, 10**6), st.lists(st.text(max_size=5), max_size=5))
def test_an_error_comes_back_as_it_was_but_for_what_steers_a_terminal(
    type_: str, text: str, line: int, names: list[str]
) -> None:
    result = parsed(message.frame_error(type_, text, line or None, names, ""))
    assert isinstance(result, ProgramError)
    assert result.line == (line or None)
    assert result.message == message.clean(text.encode("utf-8", "replace").decode())
    assert len(result.names) == len(names)


def test_a_nonlinear_model_comes_back_as_it_was() -> None:
    result = parsed(message.frame_nonlinear("g3 1 1 0\n", "x\n", "c\n", "said"))
    assert isinstance(result, BuiltNonlinear)
    assert (result.nl.nl, result.nl.col, result.nl.row, result.printed) == ("g3 1 1 0\n", "x\n", "c\n", "said")


def test_escape_sequences_and_hidden_marks_do_not_reach_a_terminal() -> None:
    result = parsed(message.frame_error("E", "red \x1b[31m and \u202e turned", None, ["a\x07b"], "\x1b]0;title\x07"))
    assert isinstance(result, ProgramError)
    for text in (result.message, *result.names, result.printed):
        assert text.replace("\n", "").isprintable()


def test_a_line_feed_in_a_name_makes_no_second_name() -> None:
    frame = message.frame_milp(_with_names(["a\nb", "c"]), "")
    result = parsed(frame)
    assert isinstance(result, Built)
    assert list(result.milp.column_names) == ["a b", "c"]


def _with_names(names: list[str]) -> ModelArrays:
    n = len(names)
    empty = MatrixArrays(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0))
    return ModelArrays(
        maximize=False,
        constant=0.0,
        name="",
        objective=np.ones(n),
        column_lower=np.zeros(n),
        column_upper=np.ones(n),
        domains=np.zeros(n, dtype=np.int8),
        row_lower=np.zeros(0),
        row_upper=np.zeros(0),
        matrix=empty,
        quadratic=None,
        column_names=names,
        row_names=[],
    )


@pytest.mark.parametrize("count", [2**31 - 1, 2**32, 2**63, 2**64 - 1])
@pytest.mark.parametrize("at", range(3))
def test_a_size_that_is_not_there_is_refused_before_memory_is_taken(count: int, at: int) -> None:
    raw = b"".join(message.frame_milp(_with_names(["x"]), ""))[message.HEADER_BYTES :]
    sizes = 1 + 8 + 1 + 8 + 8 + 8 * at  # kind, printed, sense, constant, name
    forged = raw[:sizes] + struct.pack("<Q", count) + raw[sizes + 8 :]
    with pytest.raises(MalformedMessage):
        message.parse(forged)


@pytest.mark.parametrize("middle", [(-(2**63), -1), (2**63 - 1, -(2**63)), (2**62, -5476377146882523135), (3, 1)])
def test_row_starts_whose_differences_wrap_around_are_refused(middle: tuple[int, int]) -> None:
    from dataclasses import replace

    model = replace(
        _with_names(["x", "y"]),
        matrix=MatrixArrays(np.array([0, *middle, 2]), np.array([0, 1], dtype=np.int32), np.ones(2)),
        row_lower=np.zeros(3),
        row_upper=np.ones(3),
        row_names=["a", "b", "c"],
    )
    with pytest.raises(MalformedMessage):
        parsed(message.frame_milp(model, ""))


@pytest.mark.parametrize(
    "change",
    [
        {"objective": [np.nan]},
        {"column_lower": [2.0]},
        {"column_upper": [-np.inf]},
        {"domains": [4]},
        {"domains": [-1]},
        {"constant": np.inf},
    ],
)
def test_a_model_that_is_none_is_refused(change: dict[str, object]) -> None:
    from dataclasses import replace

    fields = {
        k: np.array(v, dtype=np.int8 if k == "domains" else float) if k != "constant" else v for k, v in change.items()
    }
    with pytest.raises(MalformedMessage):
        parsed(message.frame_milp(replace(_with_names(["x"]), **fields), ""))


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(MalformedMessage):
        message.parse(bytes([1]) + noise + b"\xff")


def test_a_message_cut_anywhere_is_refused() -> None:
    for raw in samples():
        body = raw[message.HEADER_BYTES :]
        for k in range(len(body)):
            with pytest.raises(MalformedMessage):
                message.parse(body[:k])


@pytest.mark.slow
def test_a_hundred_thousand_mutated_messages_are_read_or_refused() -> None:
    report = fuzz(100_000, seed=random.randrange(2**32))
    assert report.inputs == 100_000
    assert report.refused > 30_000
    assert report.slowest_s < 1.0
    assert report.peak_bytes < 64 << 20


def test_mutations_depend_on_the_seed_alone() -> None:
    first, second = ([mutated(random.Random(3), samples()) for _ in range(5)] for _ in range(2))
    assert first == second
