"""Other readings of a text that its first reading leaves with a gap: what is left over may fit only one place.

A number read as a coefficient may be a limit, a limit may be that of the one resource that has none, and the one
resource without a limit may be what is to be best. Each alternative is interpreted whole and judged by the same
checks; where two different models pass, the reader asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from formulation.embedded.attributes import Attribute, overlap
from formulation.embedded.decisions import Slate
from formulation.embedded.facts import Limit
from formulation.embedded.failed import Check
from formulation.embedded.interpret import interpret
from formulation.embedded.lexicon import roots, stems
from formulation.embedded.model import TOTAL, Choice, Interpretation
from formulation.embedded.objective import Goal
from formulation.embedded.quantities import QuantityKind
from formulation.embedded.tokens import Token

MENDABLE = frozenset(
    [
        Check.LOOSE_NUMBER,
        Check.OBJECTIVE_WITHOUT_NUMBERS,
        Check.PARTIAL_RESOURCE,
        Check.UNBOUNDED,
        Check.TWO_LIMITS,
        Check.NO_CONTRIBUTION,
        Check.NAMED_ONCE,
        Check.NO_CONSTRAINT,
    ]
)
_MOST_TRIED = 24
_MOST_FIGURES = 60
_DEPTH = 2


@dataclass(frozen=True, slots=True)
class _Open:
    choice: Choice
    result: Interpretation


def alternatives(
    sentences: list[tuple[Token, ...]], first: Interpretation, goals: list[Goal], start: Choice
) -> list[Interpretation]:
    """Return the readings that pass every check once up to two choices of ``start``, which gave ``first``, are changed.

    Interprets at most 24 times; a text of many numbers is not tried.
    """
    frontier = [_Open(start, first)]
    seen = {start}
    found: list[Interpretation] = []
    for _ in range(_DEPTH):
        following: list[_Open] = []
        for each in frontier:
            if not set(each.result.failed) <= MENDABLE or _numbers(each.result) > _MOST_FIGURES:
                continue
            for choice in _changes(each.choice, each.result):
                if choice in seen or len(seen) > _MOST_TRIED:
                    continue
                seen.add(choice)
                result = interpret(sentences, first.slate, goals, choice)
                if not result.failed:
                    found.append(result)
                else:
                    following.append(_Open(choice, result))
        if found:
            break
        frontier = following
    return found


def _numbers(result: Interpretation) -> int:
    return len(result.facts.coefficients) + len(result.facts.limits) + len(result.loose)


def _changes(choice: Choice, result: Interpretation) -> list[Choice]:
    """Return the choices that differ from one in a single place, where the reading has a gap."""
    changes = []
    loose = {id(figure) for figure in result.loose}
    n = len(result.slate.decisions)
    idle = [
        k
        for k, attribute in enumerate(result.attributes)
        if attribute.resource < 0
        and len(attribute.values) == n
        and any(id(c.figure) in loose for c in attribute.values.values())
    ]
    if choice.objective is None and result.goal is not None:
        for k in idle:
            if _may_be_best(result.goal, result.attributes, k):
                changes.append(replace(choice, objective=k))
        if not changes and _may_be_number(result):
            changes.append(replace(choice, objective=TOTAL))
    for limit in result.facts.limits:
        if id(limit.figure) in loose:
            for k in idle:
                if _may_bound(limit, result.attributes[k], result.slate):
                    changes.append(replace(choice, pairs=choice.pairs | {(*limit.figure.place, k)}))
    stray = sorted(_stray(result, idle) - choice.limits)
    for keys in ([stray] if len(stray) > 1 else []) + [[key] for key in stray]:
        changes.append(replace(choice, limits=choice.limits | set(keys)))
    for coefficient in result.facts.coefficients:
        figure = coefficient.figure
        if id(figure) in loose and figure.implied and figure.place not in choice.limits:
            changed = replace(choice, limits=choice.limits | {figure.place})
            if changed not in changes:
                changes.append(changed)
    return changes


def _stray(result: Interpretation, idle: list[int]) -> set[tuple[int, int]]:
    """Return the numbers that may be a limit whatever their words: what no decision takes, and is of a kind with it.

    So are coefficients that no row holds, where each decision has another of the same unit, and smaller.
    """
    found = {f.place for f in result.facts.unread if f.quantity.kind is QuantityKind.PLAIN and f.unit + f.noun}
    loose = {id(figure) for figure in result.loose}
    whole = [a for a in result.attributes if len(a.values) == len(result.slate.decisions) and a.unit and a.topic]
    told = {id(c) for attribute in whole for c in attribute.values.values() if c.figure.sentence_named}
    for coefficient in result.facts.coefficients:
        figure = coefficient.figure
        if id(coefficient) in told:
            continue  # each decision takes some of the same thing: it is no limit of another
        for k in idle:
            values = result.attributes[k].values.values()
            if (
                id(figure) in loose
                and not figure.framed
                and figure.unit == result.attributes[k].unit
                and figure.unit not in ("", "$", "%")
                and all(c.figure is not figure and abs(c.value) < abs(coefficient.value) for c in values)
            ):
                found.add(figure.place)
    return found


def _may_be_best(goal: Goal, attributes: list[Attribute], k: int) -> bool:
    """Whether the words of a goal leave room for an attribute that they do not name."""
    attribute = attributes[k]
    said = {word.root for word in goal.words}
    kinds = {kind for kind in ("profit", "revenue", "cost") if said & roots(kind, "money")}
    if kinds:
        if attribute.unit not in ("$", "%"):
            return False
        return not attribute.kinds or bool(attribute.kinds & kinds)
    if attribute.unit == "$" and attribute.kinds:
        return False
    timed = any(word.stem in stems("period") or word.stem == "tim" for word in goal.words)
    if timed != (attribute.unit in stems("period")):
        return False
    lead = set().union(*(c.figure.before for c in attribute.values.values()))
    return overlap(said, attribute.topic | lead) > 0


def _may_be_number(result: Interpretation) -> bool:
    """Whether what is to be best may be how many there are: it speaks of no attribute, and of no plan or money."""
    if result.goal is None or _named(result.goal, result.attributes) or _limited(result):
        return False
    planned = not result.goal.strong and {word.stem for word in result.goal.words} & stems("plan", "objective")
    money = any(attribute.unit == "$" and attribute.kinds for attribute in result.attributes)
    return not planned and not money


def _named(goal: Goal, attributes: list[Attribute]) -> bool:
    """Whether the words of a goal speak of money or of any attribute, so that it is no count of the decisions."""
    said = {word.root for word in goal.words}
    money = set().union(*(roots(kind, "money") for kind in ("profit", "revenue", "cost")))
    return bool(said & money) or any(overlap(said - roots("empty"), a.topic) for a in attributes)


def _limited(result: Interpretation) -> bool:
    """Whether a limit speaks of what a goal names ("the payroll must stay under $900"), so that it is no count."""
    said = {word.root for word in result.goal.words} if result.goal is not None else set()
    limits = [limit.figure for limit in result.facts.limits if limit.figure.unit not in ("", "unit")]
    return any(overlap(said - roots("empty"), figure.before | figure.after) for figure in limits)


def _may_bound(limit: Limit, attribute: Attribute, slate: Slate) -> bool:
    """Whether a limit may be that of an attribute: units agree, and its noun is not one for the decisions."""
    figure = limit.figure
    if figure.unit == "%":
        return False  # a share of what is blended is no sum
    names = slate.shared.union(*(d.words for d in slate.decisions))
    if not figure.noun or figure.noun in names | stems("generic") | stems("hypernym") - {"person"}:
        return figure.unit == attribute.unit and figure.unit not in ("", "unit", "$")
    words = limit.clause.words()
    if not attribute.topic or any(a == "total" and b == "number" for a, b in pairwise(words)):
        return False
    counts = ("", "unit")
    return figure.unit == attribute.unit != "$" or (figure.unit in counts and attribute.unit in counts)
