"""Facility location in words and lists, against every set of open sites; near misses that are another model."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.formulation import VariableDomain
from formulation.reading import ReadingStatus
from solvers import solve

SITES = ("Alton", "Borden", "Corby", "Denby")
CUSTOMERS = ("Larch", "Maple", "Rowan")


def least_cost(opening, cost, capacity, demand):
    """The least cost over all sets of open sites; None where no set can serve the demands."""
    m, n = cost.shape
    best = None
    for which in itertools.product((0, 1), repeat=m):
        rows = [np.repeat(np.eye(m)[i], n) for i in range(m)] + [-np.tile(np.eye(n)[j], m) for j in range(n)]
        room = [which[i] * (capacity[i] if capacity is not None else sum(demand)) for i in range(m)]
        found = linprog(cost.ravel(), rows, [*room, *(-d for d in demand)])
        if found.status == 0:
            total = found.fun + sum(a * b for a, b in zip(which, opening, strict=True))
            best = total if best is None else min(best, total)
    return best


def in_a_row(parts):
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def in_words(opening, cost, capacity, demand, form):
    m, n = cost.shape
    sites, customers = SITES[:m], CUSTOMERS[:n]
    paid = {
        "each": lambda: in_a_row([f"opening {s} costs ${c}" for s, c in zip(sites, opening, strict=True)]) + ". ",
        "fixed": lambda: (
            "The fixed cost of opening a depot is "
            + in_a_row([f"${c} for {s}" for s, c in zip(sites, opening, strict=True)])
            + ". "
        ),
        "row": lambda: (
            f"Depots could be opened in {in_a_row(sites)}; the cost of opening one is "
            + in_a_row([f"${c}" for c in opening])
            + " respectively. "
        ),
    }[form]()
    routes = ". ".join(
        f"Shipping a crate from {s} costs " + in_a_row([f"${cost[i, j]} to {c}" for j, c in enumerate(customers)])
        for i, s in enumerate(sites)
    )
    text = f"A brewer plans depots. {paid[0].upper()}{paid[1:]}{routes}. "
    text += in_a_row([f"{c} needs {demand[j]} crates" for j, c in enumerate(customers)]) + ". "
    if capacity is not None:
        text += in_a_row([f"{s} can ship {capacity[i]} crates" for i, s in enumerate(sites)]) + ". "
    return text + "Which depots should be opened to minimize the total cost?"


def in_lists(opening, cost, capacity, demand):
    m, n = cost.shape
    lines = [
        "A grocer picks warehouses to open.",
        f"- Number of potential warehouses: {m}",
        "",
        "Opening costs of each warehouse:",
    ]
    lines += [f"- Warehouse {i + 1}: ${opening[i]}" for i in range(m)]
    lines += ["", "Transportation cost per crate from each warehouse to the shops:"]
    lines += [
        f"- From Warehouse {i + 1}: " + ", ".join(f"${cost[i, j]} to Shop {j + 1}" for j in range(n)) for i in range(m)
    ]
    lines += ["", "Demand of each shop (in crates):", *(f"- Shop {j + 1}: {demand[j]}" for j in range(n))]
    if capacity is not None:
        lines += ["", "Capacity of each warehouse:", *(f"- Warehouse {i + 1}: {capacity[i]} crates" for i in range(m))]
    lines += ["", "What is the optimal total cost to open warehouses and transport the crates to meet all demands?"]
    return "\n".join(lines)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data())
def test_random_sites_in_random_wording_have_the_cost_of_the_best_set(data):
    m, n = data.draw(st.integers(2, 4)), data.draw(st.integers(2, 3))
    amounts = st.integers(21, 99)
    opening = data.draw(st.lists(st.integers(100, 999), min_size=m, max_size=m))
    cost = np.array(data.draw(st.lists(st.integers(2, 19), min_size=m * n, max_size=m * n))).reshape(m, n)
    demand = data.draw(st.lists(amounts, min_size=n, max_size=n))
    capacity = data.draw(st.none() | st.lists(amounts.map(lambda a: a + sum(demand) // 2), min_size=m, max_size=m))
    form = data.draw(st.sampled_from(["each", "fixed", "row", "lists"]))
    text = (
        in_lists(opening, cost, capacity, demand)
        if form == "lists"
        else in_words(opening, cost, capacity, demand, form)
    )
    reading = read(text)
    assert reading.status is ReadingStatus.UNDERSTOOD, (text, reading.failures)
    solution = solve(compile_formulation(reading.formulation))
    best = least_cost(opening, cost, capacity, demand)
    assert (solution.point is None) == (best is None)
    if best is not None:
        assert solution.objective == pytest.approx(best), text


TEXT = (
    "A brewer can open depots. Opening Alton costs $900 and opening Borden costs $700. Shipping a crate from Alton "
    "costs $3 to Larch and $5 to Maple. Shipping a crate from Borden costs $6 to Larch and $2 to Maple. Larch needs 30 "
    "crates and Maple needs 42. Alton can ship 60 crates and Borden 50. {rule} Minimize the total cost."
)


def test_the_opening_costs_keep_their_places_in_the_text():
    text = TEXT.format(rule="")
    reading = read(text)
    formulation = reading.formulation
    assert [text[s.start : s.end] for s in formulation.symbol("opening").evidence] == ["$900", "$700"]
    assert [text[s.start : s.end] for s in formulation.symbol("supply").evidence] == ["60", "50"]
    assert formulation.symbol("opened").domain is VariableDomain.BINARY


@pytest.mark.parametrize(
    "rule",
    [
        "At most one depot may be opened.",
        "Only one depot can be opened.",
        "If Alton is opened, Borden must be opened.",
        "Either Alton or Borden is opened.",
        "Each customer must be served by a single depot.",
        "Borden must be opened.",
        "Opening costs must not exceed $1,000.",
        "Closing a depot costs $80.",
        "The depots are paid by the year, and 30 crates a week go to Larch.",
    ],
)
def test_another_rule_about_the_sites_is_not_read_past(rule):
    reading = read(TEXT.format(rule=rule))
    assert reading.status is not ReadingStatus.UNDERSTOOD, reading.formulation


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" and opening Borden costs $700", ""),
        ("Opening Alton costs $900 and opening Borden costs $700", "Opening the two depots costs $900"),
        ("opening Borden costs $700", "opening Alton costs $700"),
        ("Larch needs 30 crates a", "A"),
        ("Minimize", "Maximize"),
    ],
)
def test_a_site_or_customer_without_its_number_is_not_read(old, new):
    assert old in TEXT
    reading = read(TEXT.format(rule="").replace(old, new))
    assert reading.status is not ReadingStatus.UNDERSTOOD, reading.formulation
