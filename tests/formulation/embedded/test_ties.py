"""What ties choices together, against every 0-1 point of what the sentence means."""

from __future__ import annotations

from itertools import product

import pytest

from formulation.embedded.labels import Finder, Thing
from formulation.embedded.ties import ties_of
from formulation.embedded.tokens import sentences
from formulation.formulation import Span

NAMES = ("Aster", "Beech", "Clover")
THINGS = [Thing(name, (sentences(name)[0].tokens[0].stem,), Span(0, 1)) for name in NAMES]


def told(text):
    tokens = sentences(text)[0].tokens
    return ties_of(tokens, [(i, first) for i, first, _ in Finder(THINGS, set()).at(tokens)])


def allowed(ties):
    def holds(tie, point):
        right = tie.number + (point[tie.right] if tie.right is not None else 0)
        left = sum(point[k] for k in tie.left)
        return {"<=": left <= right, ">=": left >= right, "==": left == right}[tie.sign]

    return {p for p in product((0, 1), repeat=3) if all(holds(tie, p) for tie in ties)}


MEANT = {
    "At most one of Aster and Beech may be chosen.": lambda a, b, c: a + b <= 1,
    "At least two of Aster, Beech and Clover must be chosen.": lambda a, b, c: a + b + c >= 2,
    "Exactly one of Aster and Clover must be chosen.": lambda a, b, c: a + c == 1,
    "No more than 2 of Aster, Beech and Clover can be taken.": lambda a, b, c: a + b + c <= 2,
    "Aster and Beech exclude each other.": lambda a, b, c: not (a and b),
    "Aster, Beech and Clover are mutually exclusive.": lambda a, b, c: a + b + c <= 1,
    "Aster and Beech cannot both be chosen.": lambda a, b, c: not (a and b),
    "She can't see both Aster and Beech.": lambda a, b, c: not (a and b),
    "She cannot see both Aster and Beech, or both Beech and Clover.": lambda a, b, c: not (a and b) and not (b and c),
    "It makes no sense to take both Aster and Clover.": lambda a, b, c: not (a and c),
    "Aster can not be combined with Clover.": lambda a, b, c: not (a and c),
    "Aster and Clover must not be chosen together.": lambda a, b, c: not (a and c),
    "Aster and Clover can only be chosen together.": lambda a, b, c: a == c,
    "Aster and Clover must be chosen together.": lambda a, b, c: a == c,
    "Either Aster or Beech must be chosen, but not both.": lambda a, b, c: a != b,
    "Aster or Beech may be chosen, but not both.": lambda a, b, c: not (a and b),
    "Aster or Beech or both must be chosen.": lambda a, b, c: a or b,
    "Aster can be chosen only if Beech is.": lambda a, b, c: a <= b,
    "She takes Aster only if she takes Beech.": lambda a, b, c: a <= b,
    "Aster and Beech can only be chosen if Clover is chosen.": lambda a, b, c: a <= c and b <= c,
    "Aster can only be chosen if both Beech and Clover are.": lambda a, b, c: a <= b and a <= c,
    "Aster requires Beech.": lambda a, b, c: a <= b,
    "Aster can not be chosen unless Beech is.": lambda a, b, c: a <= b,
    "If Aster is chosen, Beech must be too.": lambda a, b, c: a <= b,
    "If Aster is chosen then Beech has to be chosen as well.": lambda a, b, c: a <= b,
    "Beech must be chosen if Aster is.": lambda a, b, c: a <= b,
    "If Aster is chosen, Beech cannot be.": lambda a, b, c: not (a and b),
    "Beech must not be chosen if Aster is chosen.": lambda a, b, c: not (a and b),
    "If Aster is not chosen, Beech must be.": lambda a, b, c: a or b,
    "If Aster is not chosen, Beech cannot be chosen.": lambda a, b, c: b <= a,
    "If Aster and Beech are chosen, Clover must be too.": lambda a, b, c: not (a and b) or c,
    "If both Aster and Beech are chosen, Clover cannot be.": lambda a, b, c: a + b + c <= 2,
    "If Aster or Beech is chosen, Clover must be too.": lambda a, b, c: a <= c and b <= c,
    "If Aster is chosen, Beech and Clover must be too.": lambda a, b, c: a <= b and a <= c,
    "Beech must be chosen.": lambda a, b, c: b,
}


@pytest.mark.parametrize("text", sorted(MEANT))
def test_a_tie_allows_what_its_sentence_means(text):
    ties = told(text)
    assert ties is not None
    assert allowed(ties) == {p for p in product((0, 1), repeat=3) if MEANT[text](*p)}


@pytest.mark.parametrize(
    "text",
    [
        "Either Aster or Beech is chosen.",  # one, or both?
        "Aster or Beech must be chosen.",
        "Aster and Beech need not both be chosen.",
        "It is not necessary to choose both Aster and Beech.",
        "Aster does not have to be chosen together with Beech.",
        "If Aster is chosen, Beech may be chosen.",
        "If Aster is chosen, Beech or Clover must be.",
        "If Aster is chosen, Beech need not be.",
        "If Aster is chosen, Beech does not have to be.",
        "If neither Aster nor Beech is chosen, Clover must be.",
        "If it rains, Aster must be chosen.",
        "Aster can be chosen only if Beech or Clover is.",
        "Aster can be chosen only if Beech is not.",
        "Aster must be chosen unless Beech and Clover are.",
        "Aster must be chosen before Beech.",
        "Aster and Beech cannot both be chosen in the same week.",
        "Aster, Beech and Clover cannot both be chosen.",
        "At least two of Aster and Beech must be chosen unless it rains.",
        "At least four of Aster, Beech and Clover must be chosen.",
        "Aster takes twice the room of Beech.",
        "Only Aster or Beech must be chosen.",
        "One of Aster and Beech must be chosen.",
        "Aster is better than Beech.",
    ],
)
def test_what_is_not_clear_ties_nothing(text):
    assert told(text) is None
