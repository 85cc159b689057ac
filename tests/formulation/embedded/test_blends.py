"""Blends by percentages: what the mixture holds is an average of its parts, and its amount their sum."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.reading import ReadingStatus
from solvers import solve

PARTS = ("clay", "sand", "ash", "bark")


def listed(parts):
    return ", ".join(parts[:-1]) + f" and {parts[-1]}"


def text_of(form, lime, cost, least, most, amount):
    names = PARTS[: len(lime)]
    want = {"least": f"at least {least}% lime", "most": f"at most {most}% lime"}[form[1]]
    match form[0]:
        case "sentences":
            told = ". ".join(
                f"{name.capitalize()} holds {share}% lime and costs ${price} per kg"
                for name, share, price in zip(names, lime, cost, strict=True)
            )
        case "lists":
            shares, prices = listed([f"{v}%" for v in lime]), listed([f"${v}" for v in cost])
            told = f"The lime contents are {shares}. The costs per kg are {prices} respectively"
        case _:
            rows = [["material", "lime", "cost per kg ($)"]]
            rows += [[n, f"{v}%", str(c)] for n, v, c in zip(names, lime, cost, strict=True)]
            told = "\n\n" + "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n\n"
    return (
        f"A garden soil is made from {listed(list(names))}. {told}. The garden needs {amount} kg of soil. The soil must "
        f"contain {want}. Minimize the cost."
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.integers(2, 4),
    st.integers(0, 10**6),
    st.tuples(st.sampled_from(["sentences", "lists", "table"]), st.sampled_from(["least", "most"])),
)
def test_a_blend_costs_what_its_best_two_parts_cost(n, seed, form):
    draw = np.random.default_rng(seed)
    lime = draw.choice(np.arange(2, 60), n, replace=False).tolist()
    cost = draw.integers(2, 30, n).tolist()
    bound = sorted(lime)[0] + 1
    text = text_of(form, lime, cost, bound, bound, 200)
    reading = read(text)
    assert reading.status is ReadingStatus.UNDERSTOOD, text
    best = np.inf  # one equation and one row: an optimum uses at most two parts
    for i, j in itertools.product(range(n), repeat=2):
        for share in (0.0, (bound - lime[j]) / (lime[i] - lime[j]) if i != j else 0.0):
            held = share * lime[i] + (1 - share) * lime[j]
            kept = held >= bound - 1e-9 if form[1] == "least" else held <= bound + 1e-9
            if 0 <= share <= 1 and kept:
                best = min(best, 200 * (share * cost[i] + (1 - share) * cost[j]))
    assert solve(compile_formulation(reading.formulation).relaxed()).objective == pytest.approx(best)


WHOLE = text_of(("sentences", "least"), [5, 20, 40], [2, 5, 9], 15, 0, 300)


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.replace("15% lime", "15% salt"),  # nothing says what holds salt
        WHOLE.replace("Sand holds 20% lime and costs", "Sand costs"),
        WHOLE.replace("300 kg of soil", "300 kg of soil and 80 kg of peat"),
    ],
)
def test_a_share_or_an_amount_without_an_owner_is_asked_about(text):
    assert read(WHOLE).status is ReadingStatus.UNDERSTOOD
    assert text != WHOLE
    assert read(text).status is not ReadingStatus.UNDERSTOOD


def test_the_amount_is_as_its_words_say():
    signs = {
        "needs 300 kg": (300, 300),
        "needs at least 300 kg": (300, np.inf),
        "can sell at most 300 kg": (-np.inf, 300),
    }
    for words, (low, high) in signs.items():
        model = compile_formulation(read(WHOLE.replace("needs 300 kg", words)).formulation)
        rows = [tuple(row) for row in model.matrix.toarray()]
        total = rows.index((1.0, 1.0, 1.0))
        assert (model.row_lower[total], model.row_upper[total]) == (low, high)


def test_the_amount_of_a_mixture_is_not_the_amount_of_what_it_holds():
    text = WHOLE.replace(
        "The soil must contain at least 15% lime", "The soil must contain at least 40 kg of lime"
    ).replace("needs 300 kg of soil", "needs exactly 300 kg of a lime soil made of clay and sand and ash")
    model = compile_formulation(read(text).formulation)
    rows = {
        tuple(row): (low, high)
        for row, low, high in zip(model.matrix.toarray(), model.row_lower, model.row_upper, strict=True)
    }
    assert rows == {(0.05, 0.2, 0.4): (40, np.inf), (1.0, 1.0, 1.0): (300, 300)}
