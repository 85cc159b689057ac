"""Transport and assignment problems, in tables and in words, against the model that made the text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.embedded.networks import find_network
from formulation.reading import ReadingStatus

ORIGINS = ("Harbour", "Quarry", "Mill")
DESTINATIONS = ("Larch", "Maple", "Rowan", "Poplar")


def model_of(text):
    reading = read(text)
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    return reading.formulation, compile_formulation(reading.formulation)


def transport_rows(m, n):
    rows = [[float(i == k) for i in range(m) for _ in range(n)] for k in range(m)]
    return rows + [[float(j == k) for _ in range(m) for j in range(n)] for k in range(n)]


def in_a_table(cost, supply, demand):
    m, n = cost.shape
    lines = [["", *DESTINATIONS[:n], "supply"]]
    lines += [[ORIGINS[i], *map(str, cost[i]), str(supply[i])] for i in range(m)]
    lines.append(["demand", *map(str, demand), ""])
    return lines


def piped(lines):
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def said(cost, supply, demand, form):
    m, n = cost.shape
    have = ", ".join(f"{ORIGINS[i]} has {supply[i]} crates" for i in range(m))
    need = ", ".join(f"{DESTINATIONS[j]} needs {demand[j]} crates" for j in range(n))
    pieces = {
        "each": lambda i: (
            f"From {ORIGINS[i]} it costs " + ", ".join(f"${cost[i, j]} to {DESTINATIONS[j]}" for j in range(n))
        ),
        "before": lambda i: (
            "A crate costs " + ", ".join(f"${cost[i, j]} from {ORIGINS[i]} to {DESTINATIONS[j]}" for j in range(n))
        ),
        "after": lambda i: (
            "Sending a crate "
            + ", ".join(f"from {ORIGINS[i]} to {DESTINATIONS[j]} costs ${cost[i, j]}" for j in range(n))
        ),
        "list": lambda i: (
            f"From {ORIGINS[i]} to "
            + ", ".join(DESTINATIONS[: n - 1])
            + f" and {DESTINATIONS[n - 1]} it costs "
            + ", ".join(f"${c}" for c in cost[i])
            + " respectively"
        ),
    }[form]
    return (
        f"{have}. {need}. {'. '.join(pieces(i) for i in range(m))}. Ship the crates so as to minimize the total cost."
    )


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    st.integers(2, 3),
    st.integers(2, 4),
    st.integers(0, 10**6),
    st.sampled_from(["table", "turned", "each", "before", "after", "list"]),
)
def test_a_transport_problem_is_read_as_the_model_that_made_it(m, n, seed, form):
    draw = np.random.default_rng(seed)
    cost, supply, demand = draw.integers(2, 60, (m, n)), draw.integers(50, 99, m), draw.integers(5, 30, n)
    lines = in_a_table(cost, supply, demand)
    match form:
        case "table":
            text = f"Ship at minimum cost.\n\n{piped(lines)}\n"
        case "turned":
            text = f"Ship at minimum cost.\n\n{piped([list(line) for line in zip(*lines, strict=True)])}\n"
        case _:
            text = said(cost, supply, demand, form)
    _, model = model_of(text)
    assert model.matrix.toarray().tolist() == transport_rows(m, n)
    assert model.objective.tolist() == cost.ravel().tolist()
    assert model.row_upper[:m].tolist() == supply.tolist()
    assert model.row_lower[m:].tolist() == demand.tolist()


def test_numbers_in_the_text_are_evidence_where_they_stand():
    text = said(np.array([[4, 9], [6, 3]]), [70, 80], [20, 25], "each")
    formulation, _ = model_of(text)
    shown = {p.name: [text[s.start : s.end] for s in p.evidence] for p in formulation.parameters}
    assert shown == {"cost": ["$4", "$9", "$6", "$3"], "supply": ["70", "80"], "demand": ["20", "25"]}


@pytest.mark.parametrize(("m", "n", "rows", "columns"), [(3, 3, "==", "=="), (2, 4, "==", "<="), (3, 2, "<=", "==")])
def test_an_assignment_takes_each_of_the_fewer_exactly_once(m, n, rows, columns):
    lines = [["hours", *DESTINATIONS[:n]]] + [[ORIGINS[i], *(str(3 * i + j + 1) for j in range(n))] for i in range(m)]
    formulation, model = model_of(f"Assign the crews to the sites, minimize the total hours.\n\n{piped(lines)}\n")
    assert [c.expression.split()[-2] for c in formulation.constraints] == [rows, columns]
    assert model.objective.tolist() == [float(3 * i + j + 1) for i in range(m) for j in range(n)]


COST = np.array([[4, 9], [6, 3]])
WHOLE = said(COST, [70, 80], [20, 25], "each")


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.replace("$9 to Maple", "$9 to Larch"),  # one pair twice, one never
        WHOLE.replace(", Quarry has 80 crates", ""),  # no supply
        WHOLE.replace("Ship", "At most 15 crates go from Harbour to Maple. Ship"),
        WHOLE.replace("Ship", "Opening Quarry has a fixed cost of $90. Ship"),
        WHOLE.replace("Ship", "If Quarry ships to Larch it must not ship to Maple. Ship"),
        WHOLE.replace("minimize the total cost", "see what happens"),
        WHOLE.replace("minimize the total cost", "minimize the cost and maximize the profit"),
        WHOLE.replace("Harbour has", "Harbour needs").replace("Quarry has", "Quarry needs"),
        WHOLE.replace("Harbour has", "Harbour must send at least"),
        WHOLE.replace("70 crates", "70% of the crates"),
    ],
)
def test_what_a_plain_network_does_not_say_is_not_read_as_one(text):
    assert find_network(text) is None


@given(
    st.lists(st.sampled_from(["ship", "from", "to", "A", "B", "North", "5", "$7", ",", ".", "and", "cost", "minimize"]))
)
def test_no_text_breaks_the_search(words):
    find_network(" ".join(words))
