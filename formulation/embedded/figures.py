"""Figures: each quantity with its unit, its topic, and the comparison that governs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from formulation.embedded.decisions import Mention, Slate
from formulation.embedded.lexicon import plain, roots, stems, units
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import Quantity, QuantityKind
from formulation.embedded.tokens import Token

_AFTER = frozenset(
    [
        "need",
        "right",
        "now",
        "demand",
        "currently",
        "yearly",
        "available",
        "needed",
        "left",
        "daily",
        "weekly",
        "worth",
        "combined",
        "altogether",
    ]
)
_ENDS = frozenset(["and", "or", "while", "than", "as", "which", "you", "he", "she", "they", "we", "who", "that"])
_ADJUNCT = frozenset(["due", "because", "since", "so"])


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparator at tokens [first, last), negation already applied."""

    sense: str
    strict: bool
    first: int
    last: int


@dataclass(slots=True)
class Figure:
    """A quantity in its surroundings.

    ``unit`` is "$", "%", the stem of a unit of measure, or "" for a count. ``after`` are the roots of the words
    that follow it in its phrase, ``before`` those that lead to it, ``kinds`` what money it is. ``unit_word`` is the
    unit as the text writes it, or the one that the value was put into. ``resource`` numbers what it is an amount or
    the limit of, where that is known beforehand, else -1. ``framed`` says that it is told of each of a decision.
    """

    quantity: Quantity
    sentence: int
    unit: str = ""
    noun: str = ""
    after: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    comparison: Comparison | None = None
    inherited: bool = False
    wide: frozenset[str] = frozenset()
    label: str = ""
    head: str = ""
    sentence_named: bool = False
    framed: bool = False
    priced: bool = False
    implied: bool = False
    unit_word: str = ""
    resource: int = -1

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands: sentence and token."""
        return self.sentence, self.quantity.first

    def measured_as(self, other: Figure) -> None:
        """Take the unit of another figure."""
        self.unit, self.unit_word = other.unit, other.unit_word


@dataclass(slots=True)
class Clause:
    """A sentence, or the part of it between "while", "but" and the like, with what was found in it."""

    sentence: int
    tokens: tuple[Token, ...]
    first: int
    last: int
    figures: list[Figure] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)

    def words(self) -> list[str]:
        """Return the lower-case words of the clause."""
        return [token.lower for token in self.tokens[self.first : self.last]]


def figure_of(clause: Clause, quantity: Quantity, inside: list[Quantity], slate: Slate) -> Figure:
    """Return a quantity with its unit, its noun, its topics and what money it is, as the words around it say."""
    tokens = clause.tokens
    named = {k for m in clause.mentions for k in range(m.first, m.last)}
    left = max([clause.first, *[q.last for q in inside if q.last <= quantity.first]])
    right = min([clause.last, *[q.first for q in inside if q.first >= quantity.last]])
    following: list[Token] = []
    skip = -1
    for index in range(quantity.last, right):
        token = tokens[index]
        if index <= skip:
            continue
        if token.lower in ("per", "every") or (
            token.lower in ("a", "an", "each") and index + 1 < right and tokens[index + 1].stem in stems("period")
        ):
            skip = index + 1  # "per patient" says of what a unit is, not of what there is
            continue
        if token.text in (",", ":", ";", ")", "(") or token.lower in _ENDS or token.lower in _ADJUNCT:
            break
        if token.kind == "word" and index not in named:
            following.append(token)
    leading = [
        tokens[index] for index in range(left, quantity.first) if tokens[index].kind == "word" and index not in named
    ]
    joints = [k for k in range(left, quantity.first) if tokens[k].text == "," or tokens[k].lower in ("and", "but")]
    if joints and left > clause.first:
        leading = [t for t in leading if t.start > tokens[joints[0]].start] or leading
    figure = Figure(quantity, clause.sentence)
    match quantity.kind:
        case QuantityKind.MONEY:
            figure.unit = "$"
        case QuantityKind.PERCENT:
            figure.unit = "%"
        case _:
            figure.unit = _unit(following)
            figure.unit_word = next((t.lower for t in following[:3] if t.stem == figure.unit), "")
    nouns: list[Token] = []
    of = False
    for token in following:
        if token.lower == "of" or (of and token.lower in ("the", "a", "their", "his", "her", "its", "each", "this")):
            of = True
            continue
        if token.lower in ("total", "additional", "more", "extra", "other") and not nouns:
            continue
        if token.lower in plain("function") or token.lower in _AFTER or (is_verb(token) and not of):
            break
        nouns.append(token)
    figure.noun = nouns[-1].stem if nouns else ""
    figure.head = nouns[-1].root if nouns and nouns[-1].stem != figure.unit else ""
    figure.after = _topic(following, slate)
    if not figure.after and figure.head and nouns[-1].stem not in stems("period"):
        if nouns[-1].stem not in slate.shared or figure.unit:
            figure.after = frozenset({figure.head})
    if figure.unit == "$":
        figure.after -= (
            roots("profit", "money")
            | roots("loss", "money")
            | roots("revenue", "money")
            | roots("cost", "money") - {"capit"}
        )
    figure.label = " ".join(token.lower for token in following if token.root in figure.after)[:60]
    figure.before = _topic(leading, slate)
    figure.kinds = _kinds(leading, following)
    verb = quantity.first - 1
    figure.priced = verb > 0 and tokens[verb].lower in ("is", "are") and verb - 1 in named
    if verb > 0 and tokens[verb].lower in ("pay", "pays") and any(m.last == verb for m in clause.mentions):
        figure.kinds = frozenset({"profit"})  # what a decision pays is earned
    if figure.unit == "%" and figure.kinds == {"cost"}:
        figure.kinds = frozenset({"profit"})  # what bonds pay
    if figure.unit not in ("$", "%") and (figure.after or figure.unit not in ("", "unit")):
        figure.kinds = frozenset()
    wide: list[Token] = []
    for token in tokens[quantity.last : right]:
        if token.lower in ("how", "to", "while", "what"):
            break
        if token.kind == "word":
            wide.append(token)
    figure.wide = _topic(wide, slate)
    return figure


def _unit(following: list[Token]) -> str:
    for token in following[:3]:
        if token.lower in plain("function") and token.lower not in ("of", "total", "more"):
            return ""
        if token.stem in stems("period"):
            return token.stem
        if token.measure and token.stem != "squar":
            return token.stem if token.stem not in ("unit", "piec", "amount", "number") else "unit"
        if token.stem in ("squar", "mil", "calori") or token.stem in units():
            return following[1].stem if token.stem == "squar" and len(following) > 1 else token.stem
    return ""


def _topic(words: list[Token], slate: Slate) -> frozenset[str]:
    empty, function, periods, shared = roots("empty"), plain("function"), stems("period"), slate.shared
    return frozenset(
        token.root
        for before, token in zip((None, *words), words, strict=False)
        if token.lower not in function
        and token.root not in empty
        and not (token.measure and (before is None or before.lower != "to"))  # "2 minutes to package"
        and token.stem not in periods
        and len(token.root) > 1
        and token.stem not in shared
    )


_PASSIVE = frozenset(["is", "are", "am", "gets", "get", "be"])


@lru_cache(maxsize=20_000)
def _money(root: str, stem: str) -> tuple[str, ...]:
    """Return the kinds of money that a word speaks of."""
    kinds = ("profit", "cost", "revenue")
    return tuple(kind for kind in kinds if root in roots(kind, "money") or stem in stems(kind, "money"))


def _kinds(leading: list[Token], following: list[Token]) -> frozenset[str]:
    """Return the kind of money that the words right after, then those before, then those further on speak of."""
    if any(a.lower in _PASSIVE and b.lower == "paid" for a, b in pairwise(leading)):
        return frozenset({"revenue"})
    if any(token.root in roots("loss", "money") for token in [*leading[-4:], *following[:3]]):
        return frozenset({"profit", "loss"})
    for ordered in (following[:2], list(reversed(leading)), following):
        hit: list[str] = []
        for token in ordered:
            hit += _money(token.root, token.stem)
        if "profit" in hit:
            return frozenset({"profit"})
        if hit:
            return frozenset({hit[0]})
    return frozenset()
