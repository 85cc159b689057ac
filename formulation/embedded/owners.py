"""Owners: which decisions each number of a text may be of, by what stands between them.

How far-fetched an owner is is told by a cost: 0 where the words say it, near 0.2 where they suggest it, above 1 where
only the lack of another leaves it. Costs are compared and summed, and mean nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from formulation.embedded.clauses import clauses
from formulation.embedded.decisions import Mention
from formulation.embedded.figures import Clause, Figure
from formulation.embedded.lexicon import plain, stem, stems
from formulation.embedded.model import Interpretation
from formulation.embedded.tokens import Token

REACH = 8
_SURE = 0.5
BARRIERS = frozenset([",", ";", ":", "(", "and", "but", "while", "whereas", "or"])
_LINKS = frozenset(["per", "for", "each", "every", "a", "an", "on", "into", "by", "with", "one"])
_NEAR = frozenset(["of", "to", "in", "from", "go", "goes"])
_SPEAKERS = frozenset(["he", "she", "they", "we", "i", "you", "it", "there"])
_GIVEN = frozenset(["with", "having", "from", "given"])
_ARTICLES = frozenset(["the", "his", "her", "their", "its", "our", "my", "your", "this"])
_PRONOUNS = frozenset(["it", "each", "one", "they", "these", "this", "its", "every"])


@dataclass(frozen=True, slots=True)
class Number:
    """A figure, the clause it stands in, and its possible owners (-1 for none) with what each costs."""

    figure: Figure
    clause: Clause
    owners: tuple[tuple[int, float], ...]


def owned(sentences: list[tuple[Token, ...]], result: Interpretation) -> list[Number] | None:
    """Return the numbers of the text with their possible owners, None where a list cannot be paired with decisions."""
    found: list[Number] = []
    earlier: list[int] = []
    for number, tokens in enumerate(sentences):
        parts = clauses(number, tokens, result.slate)
        named = [m for clause in parts for m in clause.mentions if m.last > m.first]
        figures = [(figure, clause) for clause in parts for figure in clause.figures]
        begins = [figure.quantity.first for figure, _ in figures]
        opening = {token.lower for token in tokens[:2]}
        carried = earlier[-1:] if opening & _PRONOUNS and len(set(earlier)) == 1 else []
        ordered = _in_order(tokens, [figure for figure, _ in figures], len(result.slate.decisions))
        if ordered is None:
            return None
        for figure, clause in figures:
            if figure.quantity.first in ordered:
                owners: list[tuple[int, float]] = [(ordered[figure.quantity.first], 0.0)]
            else:
                owners = list(_owners(figure, tokens, named, begins, carried).items())
            found.append(Number(figure, clause, tuple(sorted(owners, key=lambda pair: pair[1]))))
        if named:
            earlier = [m.decisions[0] for m in named]
    return found


def _owners(
    figure: Figure, tokens: tuple[Token, ...], named: list[Mention], begins: list[int], carried: list[int]
) -> dict[int, float]:
    """Return the decisions that a figure may be of, -1 for none of them, each with how far-fetched that is."""
    first, last = figure.quantity.first, figure.quantity.last
    near = {token.lower for token in tokens[max(0, first - 5) : first]} | {t.lower for t in tokens[last : last + 4]}
    compared = figure.comparison is not None
    if not named:
        return {carried[0]: 1.3 if compared else 0.3, -1: 0.0 if compared else 0.6} if carried else {-1: 0.0}
    owners = {-1: 0.0 if compared else 2.0 if _is_bare(figure) else 0.4 if near & plain("at_hand") else 1.5}
    after = next((m for m in named if m.first >= last), None)
    if after is not None and not any(last <= begin < after.first for begin in begins):
        between = [token.lower for token in tokens[last : after.first]]
        linked = not between or _LINKS & set(_near(between)) or (len(between) <= 3 and _NEAR & set(between))
        if len(between) <= REACH and not BARRIERS & set(between) and linked:
            owners[after.decisions[0]] = 1.0 if compared else 0.0
            if not compared and near & plain("to_do"):
                owners[-1] = 0.2
            elif not compared and not near & plain("at_hand"):
                del owners[-1]
            return owners
    before = [m for m in named if m.last <= first]
    if before:
        between = [token.lower for token in tokens[before[-1].last : first]]
        cost = 1.2 if compared else 0.2
        if {";", "while", "whereas", "but"} & set(between):
            cost += 0.6
        joint = next((k for k, word in enumerate(between) if word in BARRIERS), len(between))
        if _SPEAKERS & set(between[joint:]):
            cost += 0.6
            owners[-1] = min(owners[-1], 0.5)
        if first > 1 and tokens[first - 2].text == "," and tokens[first - 1].lower in _GIVEN:
            owners[-1] = min(owners[-1], 0.4)
        if _new_subject(tokens[before[-1].last + joint : first]):
            cost += 0.4
            owners[-1] = min(owners[-1], 0.5)
        owners[before[-1].decisions[0]] = cost
        if cost < _SURE and owners[-1] > 1:
            del owners[-1]  # nothing says that it is of none
    elif after is not None:
        owners[after.decisions[0]] = 1.6 if compared else 0.6
    return owners


def _near(between: list[str]) -> list[str]:
    """Return the words that lead to a decision: the last four, without those that tell of a time ("every hour")."""
    kept = [
        word
        for k, word in enumerate(between)
        if not (k + 1 < len(between) and word in ("per", "a", "an", "each", "every") and _is_period(between[k + 1]))
    ]
    return kept[-4:]


def _is_period(word: str) -> bool:
    return stem(word) in stems("period")


def _is_bare(figure: Figure) -> bool:
    """Whether a number stands without a unit, a noun or a comparison, as the next of a list does."""
    return figure.unit == "" and not figure.noun and figure.comparison is None


def _in_order(tokens: tuple[Token, ...], figures: list[Figure], count: int) -> dict[int, int] | None:
    """Return the decision of each figure, by its token, where "respectively" pairs lists; None where it is unclear."""
    words = [token.lower for token in tokens]
    told = "respectively" in words or any(words[k : k + 3] == ["in", "that", "order"] for k in range(len(words)))
    if not told:
        return {}
    runs: list[list[Figure]] = []
    for figure in figures:
        between = tokens[runs[-1][-1].quantity.last : figure.quantity.first] if runs else ()
        if between and len(between) <= 4 and any(t.lower in ("and", ",") for t in between):
            runs[-1].append(figure)
        else:
            runs.append([figure])
    lists = [run for run in runs if len(run) == count]
    if not lists:
        return None
    return {figure.quantity.first: k for run in lists for k, figure in enumerate(run)}


def _new_subject(between: tuple[Token, ...]) -> bool:
    """Whether the words before a figure name something of their own: "; the van offers 800"."""
    return len(between) > 2 and between[1].lower in _ARTICLES and between[2].kind == "word"
