"""The rewritings keep a text's meaning, and models are compared up to the order of their variables."""

from __future__ import annotations

import pytest

from benchmarks.reader_stability import REWRITINGS, model_of, same
from formulation.embedded import read

TEXT = (
    "A farm grows apricots and barley. Apricots earn $50 per acre and barley earns $30 per acre. An acre of apricots "
    "takes 6 hours of work, and an acre of barley takes 2 hours of work. At most 1,200 hours of work are available. "
    "At least 12 acres of barley must be grown. At most 80 acres of apricots can be grown. How many acres of either "
    "crop make the income as large as possible?"
)


@pytest.mark.parametrize(
    ("name", "words"),
    [("names", "brabbin"), ("numbers", "twelve"), ("currency", "£50"), ("order", "grown. At least 12 acres")],
)
def test_a_rewritten_text_is_read_as_the_same_model(name, words):
    reading = read(TEXT)
    text = REWRITINGS[name](TEXT, reading)
    assert words in text
    model, again = model_of(reading), model_of(read(text))
    assert model is not None
    assert again is not None
    assert same(model, again)


def test_another_number_is_another_model():
    one, two = model_of(read(TEXT)), model_of(read(TEXT.replace("80", "81")))
    assert one is not None
    assert two is not None
    assert not same(one, two)
