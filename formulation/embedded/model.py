"""The parts of an interpretation: rows of terms, each with its source in the text."""

from __future__ import annotations

from dataclasses import dataclass, field

from formulation.embedded.attributes import Attribute
from formulation.embedded.decisions import Slate
from formulation.embedded.expressions import Comparing
from formulation.embedded.facts import Amount, Coefficient, Facts, Relation
from formulation.embedded.failed import Check
from formulation.embedded.figures import Clause, Figure
from formulation.embedded.objective import Goal


@dataclass(frozen=True, slots=True)
class Term:
    """A coefficient of a row; ``source`` is where its number stands, None for a plain one.

    ``less`` is what is taken off the source: the cost off a price, a limit off what is averaged.
    """

    value: float
    source: Coefficient | None = None
    less: Coefficient | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """terms·x (sense) constant, with the figures it was read from and the span of its clause."""

    terms: dict[int, Term]
    sense: str
    strict: bool
    constant: float
    figures: tuple[Figure, ...]
    sentence: int
    first: int
    last: int
    label: str
    kind: str
    relation: Relation | None = None
    told: bool = False

    @classmethod
    def of(
        cls, said: Comparing | Relation, clause: Clause, terms: dict[int, Term], relation: Relation | None = None
    ) -> Row:
        """Return the row of what a clause says; ``relation`` where the decisions' own numbers are related."""
        place = (clause.sentence, clause.first, clause.last)
        label, kind = ("balance", "expression") if relation is None else ("relation", "relation")
        return cls(terms, said.sense, said.strict, said.constant, said.figures, *place, label, kind, relation)


@dataclass(frozen=True, slots=True)
class Assignment:
    """The number at (sentence, token) is of ``decision`` in ``resource``, or its limit: decision -1, with its sense.

    ``sense`` is "lower", "upper" or "equal", "" for an amount. ``unit`` is that of a number which the text gives none.
    """

    sentence: int
    token: int
    decision: int
    resource: int
    sense: str
    strict: bool
    unit: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Where an interpretation departs from the first reading.

    ``limits`` are figures (sentence, token) read as limits, ``pairs`` limits with the index of the attribute they
    bound,
    ``objective`` the index of the attribute to be best, ``TOTAL`` for the number of all decisions,
    ``shares`` says at which offset a limit is the "total" of several decisions or of "each",
    ``assigned`` which numbers are of which decision and resource, whatever their words.
    """

    limits: frozenset[tuple[int, int]] = frozenset()
    pairs: frozenset[tuple[int, int, int]] = frozenset()
    objective: int | None = None
    shares: frozenset[tuple[int, str]] = frozenset()
    assigned: frozenset[Assignment] = frozenset()


FIRST = Choice()
TOTAL = -1


@dataclass(slots=True)
class Interpretation:
    """A model of the text for one slate.

    ``failed`` names the checks that it does not pass, ``units`` the stems of what the decisions are counted in,
    ``rival`` is a different model that explains the text as well.
    """

    slate: Slate
    facts: Facts
    attributes: list[Attribute]
    goal: Goal | None = None
    objective: dict[int, Term] = field(default_factory=dict)
    objective_label: str = ""
    rows: list[Row] = field(default_factory=list)
    failed: list[Check] = field(default_factory=list)
    loose: list[Figure] = field(default_factory=list)
    unclear: list[Figure] = field(default_factory=list)
    unquantified: list[Amount] = field(default_factory=list)
    named: dict[int, list[int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    units: frozenset[str] = frozenset()
    rival: Interpretation | None = None
    score: float = 0.0
