"""Facts: what the clauses say - coefficients, limits and relations - before it is known of which resource."""

from __future__ import annotations

from dataclasses import dataclass, field

from formulation.embedded.expressions import Comparing
from formulation.embedded.failed import Check
from formulation.embedded.figures import Clause, Figure


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One unit of a decision takes or gives ``value`` of something; ``figure`` says of what."""

    decision: int
    value: float
    figure: Figure


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on a decision, on several each or together, or on a resource that is yet to be found.

    ``direct`` says that the whole name of its one decision follows the number, ``unclear`` that nothing says whether
    it is of several together or of each.
    """

    sense: str
    strict: bool
    value: float
    figure: Figure
    clause: Clause
    decisions: tuple[int, ...] = ()
    together: bool = False
    every: bool = False
    direct: bool = False
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """target (sense) k·other as terms·x (sense) constant; ``other`` is -1 for the total of all decisions."""

    terms: tuple[tuple[int, float], ...]
    sense: str
    strict: bool
    constant: float
    clause: Clause
    target: int
    other: int
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Amount:
    """What ``decisions`` (empty: all) take or give of something called ``words``, at tokens [first, last).

    ``vague`` says that the text measures it out in words ("some", "a bit of"), rather than naming it alone.
    """

    decisions: tuple[int, ...]
    words: frozenset[str]
    vague: bool
    clause: Clause
    first: int
    last: int


@dataclass(slots=True)
class Facts:
    """What the sentences say about one slate of decisions, with the figures that nothing explains.

    ``sizes`` are explained figures that stand inside a name: "3-kg bales".
    """

    coefficients: list[Coefficient] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    expressions: list[tuple[Comparing, Clause]] = field(default_factory=list)
    amounts: list[Amount] = field(default_factory=list)
    unread: list[Figure] = field(default_factory=list)
    explained: list[Figure] = field(default_factory=list)
    sizes: list[Figure] = field(default_factory=list)
    problems: list[Check] = field(default_factory=list)
