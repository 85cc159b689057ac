"""Yes-or-no choices against a brute-force solution of what the text was made from."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulation.compile import compile_formulation
from formulation.embedded import read
from formulation.embedded.choices import find_choices
from formulation.reading import ReadingStatus

NAMES = ("Aster", "Beech", "Clover", "Daisy", "Elder")
TIES = {
    "{a} and {b} exclude each other": lambda a, b: not (a and b),
    "{a} and {b} cannot both be selected": lambda a, b: not (a and b),
    "At most one of {a} and {b} may be chosen": lambda a, b: not (a and b),
    "{a} can only be chosen if {b} is chosen": lambda a, b: a <= b,
    "{a} may be funded only if {b} is funded": lambda a, b: a <= b,
    "If {a} is chosen, {b} must also be chosen": lambda a, b: a <= b,
    "At least one of {a} and {b} must be chosen": lambda a, b: a or b,
    "Exactly one of {a} and {b} must be chosen": lambda a, b: a != b,
}


def listed(values):
    return ", ".join(map(str, values[:-1])) + f" and {values[-1]}"


def feasible(model):
    """Return the 0-1 points that the rows of a model allow."""
    matrix = model.matrix.toarray()
    points = [np.array(p) for p in product((0, 1), repeat=matrix.shape[1])]
    return {
        tuple(p)
        for p in points
        if np.all(matrix @ p <= model.row_upper + 1e-9) and np.all(matrix @ p >= model.row_lower - 1e-9)
    }


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    st.integers(3, 5),
    st.integers(0, 10**6),
    st.lists(st.sampled_from(sorted(TIES)), max_size=2, unique=True),
    st.sampled_from([None, 2, 3]),
    st.booleans(),
)
def test_a_choice_allows_what_its_text_allows(n, seed, ties, most, tabled):
    draw = np.random.default_rng(seed)
    names, cost, gain = NAMES[:n], draw.integers(5, 40, n), draw.integers(5, 60, n)
    budget = int(draw.integers(30, 90))
    pairs = [tuple(map(int, draw.choice(n, 2, replace=False))) for _ in ties]
    sentences = [f"The budget is {budget}"]
    sentences += [tie.format(a=names[a], b=names[b]) for tie, (a, b) in zip(ties, pairs, strict=True)]
    if most:
        sentences.append(f"At most {most} of them may be chosen")
    if tabled:
        rows = [f"| {name} | {c} | {g} |" for name, c, g in zip(names, cost, gain, strict=True)]
        head = "Some of these may be chosen.\n\n| project | cost | return |\n|---|---|---|\n" + "\n".join(rows) + "\n\n"
    else:
        head = (
            f"We may choose among the projects {listed(names)} with costs {listed(cost)} and returns {listed(gain)}. "
        )
    reading = read(head + ". ".join(sentences) + ". Maximize the total return.")
    assert reading.status is ReadingStatus.UNDERSTOOD, reading.failures
    model = compile_formulation(reading.formulation)
    assert model.objective.tolist() == gain.tolist()
    allowed = {
        p
        for p in product((0, 1), repeat=n)
        if np.dot(cost, p) <= budget
        and (not most or sum(p) <= most)
        and all(TIES[tie](p[a], p[b]) for tie, (a, b) in zip(ties, pairs, strict=True))
    }
    assert feasible(model) == allowed


WHOLE = (
    "A museum chooses among the shows Aster, Beech and Clover with costs 20, 30 and 25 and returns 40, 70 and 55. "
    "The budget is 60. Maximize the total return."
)


def test_things_weigh_what_their_unit_says():
    reading = read(
        "A climber picks from Rope, Tent, Stove and Lamp. The weights are 4 kg, 6 kg, 3 kg and 1 kg and the values 9, "
        "14, 5 and 3. The bag holds up to 9 kg. Maximize the total value."
    )
    model = compile_formulation(reading.formulation)
    assert model.matrix.toarray().tolist() == [[4.0, 6.0, 3.0, 1.0]]
    assert model.row_upper.tolist() == [9.0]


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.replace("20, 30 and 25", "20 and 30"),  # a cost is missing
        WHOLE.replace("The budget is 60.", ""),  # nothing limits the choice
        WHOLE.replace("The budget is 60.", "The budget is 60 or so, and 45 if Beech is chosen."),
        WHOLE.replace("Maximize", "If neither Aster nor Beech is chosen, Clover must be. Maximize"),
        WHOLE.replace("Maximize", "Aster needs Beech or Clover, unless it rains. Maximize"),
        WHOLE.replace("Maximize", "Either Aster or Beech is chosen. Maximize"),  # one, or both?
        WHOLE.replace("Maximize the total return", "Maximize the total delight"),
        WHOLE.replace("Maximize the total return", "Minimize the cost and maximize the return"),
        WHOLE.replace("The budget is 60", "The budget is 60 and Clover takes 12 weeks"),
        WHOLE.replace("A museum chooses", "How many tickets are sold if a museum chooses"),
        WHOLE.replace("60", "60%"),
    ],
)
def test_what_a_plain_choice_does_not_say_is_not_read_as_one(text):
    assert find_choices(WHOLE) is not None
    assert find_choices(text) is None


@given(
    st.lists(
        st.sampled_from(
            ["choose", "A", "B", "Clover", "and", ",", "costs", "5", "$7", "only", "if", "not", "both", ".", "maximize"]
        )
    )
)
def test_no_text_breaks_the_search(words):
    find_choices(" ".join(words))


GEAR = ("tent", "snow saw", "stove", "rope", "lamp")
SAID = {
    "He takes at most one of the {a} and the {b}": lambda a, b: not (a and b),
    "It makes no sense to take both the {a} and the {b}, so he takes at most one of them": lambda a, b: not (a and b),
    "He takes the {a} only if he takes the {b}": lambda a, b: a <= b,
    "If he takes the {a}, he must also take the {b}": lambda a, b: a <= b,
    "If he takes the {a}, he cannot take the {b}": lambda a, b: not (a and b),
    "He wants at least one of the {a} and the {b}": lambda a, b: a or b,
}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.integers(3, 5),
    st.integers(0, 10**6),
    st.lists(st.sampled_from(sorted(SAID)), min_size=1, max_size=2, unique=True),
    st.booleans(),
)
def test_things_of_any_name_in_rows_of_numbers_are_chosen_as_their_text_says(n, seed, ties, listed_values):
    draw = np.random.default_rng(seed)
    names, weight, value = GEAR[:n], draw.integers(2, 9, n), draw.integers(5, 60, n)
    most = int(draw.integers(8, 20))
    pairs = [tuple(map(int, draw.choice(n, 2, replace=False))) for _ in ties]
    row = [
        f"the {name} {'weighs ' if not k else ''}{w} kg" for k, (name, w) in enumerate(zip(names, weight, strict=True))
    ]
    text = f"A hiker will not carry more than {most} kg. {listed(row).capitalize()}. "
    if listed_values:
        text += f"He values these at {listed(value)} points, in that order. "
    else:
        gains = [
            f"the {name} {'is worth ' if not k else ''}{v} points"
            for k, (name, v) in enumerate(zip(names, value, strict=True))
        ]
        text += f"{listed(gains).capitalize()}. "
    text += "".join(f"{tie.format(a=names[a], b=names[b])}. " for tie, (a, b) in zip(ties, pairs, strict=True))
    reading = read(text + "Which gear gives the most points?")
    assert reading.status is ReadingStatus.UNDERSTOOD, text
    model = compile_formulation(reading.formulation)
    labels = [variable.label for variable in reading.formulation.variables]
    order = [names.index(label) for label in labels]
    assert model.objective.tolist() == value[order].tolist(), text
    allowed = {
        tuple(p[k] for k in order)
        for p in product((0, 1), repeat=n)
        if np.dot(weight, p) <= most and all(SAID[tie](p[a], p[b]) for tie, (a, b) in zip(ties, pairs, strict=True))
    }
    assert feasible(model) == allowed, text


PACKED = (
    "A hiker will not carry more than 9 kg. The tent weighs 5 kg, the stove 3 kg and the rope 4 kg. He values these at 9, 4 "
    "and 7 points, in that order. He takes the rope only if he takes the tent. Which gear gives the most points?"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" He takes the rope only if he takes the tent.", ""),  # how many of each?
        ("Which gear gives", "How many of each give"),
        ("the stove 3 kg", "the stove 3 litres"),
        ("9, 4 and 7 points", "9 and 4 points"),
        ("more than 9 kg", "less than 9 kg"),
        ("more than 9 kg", "more than 9 litres"),
        ("Which", "The lamp weighs 1 kg. Which"),
        ("Which", "He takes the stove and the lamp, or the tent. Which"),
        ("Which", "With both the tent and the rope he needs 2 pegs. Which"),
        ("Which", "He takes the stove only if it rains. Which"),
        ("only if he takes the tent", "only if he leaves the tent and the stove or the lamp"),
        ("most points", "most fun"),
    ],
)
def test_what_a_packed_row_does_not_say_is_not_read_as_a_choice(old, new):
    assert old in PACKED
    assert find_choices(PACKED) is not None
    assert find_choices(PACKED.replace(old, new)) is None


def test_a_unit_is_said_once():
    assert find_choices(PACKED.replace("the stove 3 kg", "the stove 3")) is not None
