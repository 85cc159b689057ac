"""Attributes: the resources, yields and monies that the coefficients speak of, one row of numbers each."""

from __future__ import annotations

from dataclasses import dataclass, field

from formulation.embedded.facts import Coefficient, Facts
from formulation.embedded.figures import Figure
from formulation.embedded.lexicon import related

_COUNTS = frozenset(("", "unit"))


@dataclass(slots=True)
class Attribute:
    """Something that every unit of a decision takes or gives. ``values`` maps decisions to their coefficients."""

    unit: str
    topic: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    values: dict[int, Coefficient] = field(default_factory=dict)
    lead: set[str] = field(default_factory=set)
    resource: int = -1


def overlap(one: frozenset[str] | set[str], two: frozenset[str] | set[str]) -> int:
    """Return how many words of ``one`` have a relative in ``two``."""
    return sum(1 for a in one if any(related(a, b) for b in two))


def collect(facts: Facts) -> list[Attribute]:
    """Return the attributes of the coefficients, in the order of the text."""
    found: list[Attribute] = []
    limits = [limit.figure.after for limit in facts.limits]
    for coefficient in facts.coefficients:
        figure = coefficient.figure
        best: Attribute | None = None
        best_score = 0.0
        for attribute in found:
            score = _fit(attribute, coefficient, limits)
            if score > best_score:
                best, best_score = attribute, score
        if best is None:
            best = Attribute(figure.unit, resource=figure.resource)
            found.append(best)
        best.values[coefficient.decision] = coefficient
        best.unit = best.unit or figure.unit
        best.topic |= figure.after or (figure.before if figure.unit != "$" or not figure.kinds else frozenset())
        best.lead |= figure.before
        best.kinds |= figure.kinds
    return found


def complete(attributes: list[Attribute], facts: Facts, n: int) -> None:
    """Join two attributes that hold one decision's part each, where nothing bounds either of them apart."""
    limits = [limit.figure.after for limit in facts.limits]
    joined: set[int] = set()  # attributes by identity: comparing them by value is slow on long texts
    for one in attributes:
        for two in attributes:
            if one is two or id(one) in joined or id(two) in joined or one.unit != two.unit or one.resource >= 0:
                continue
            if len(one.values) + len(two.values) != n or set(one.values) & set(two.values) or one.kinds != two.kinds:
                continue
            if any(overlap(one.topic, said) or overlap(two.topic, said) for said in limits):
                continue
            places = [c.figure.sentence for a in (one, two) for c in a.values.values()]
            if max(places) - min(places) > 1:
                continue
            one.values |= two.values
            one.topic |= two.topic
            joined.add(id(two))
    attributes[:] = [attribute for attribute in attributes if id(attribute) not in joined]


def price(attributes: list[Attribute], facts: Facts) -> None:
    """Take "a kayak is $300" for a cost where money is to be spent, and another sum of money comes in."""
    money = [a for a in attributes if a.unit == "$" and a.resource < 0]
    told = [a for a in money if not a.kinds and all(c.figure.priced for c in a.values.values())]
    others = [a for a in money if a not in told]
    spent = any(limit.figure.unit == "$" for limit in facts.limits)
    if len(told) == len(others) == 1 and spent and "cost" not in others[0].kinds:
        told[0].kinds = {"cost"}
        others[0].kinds = others[0].kinds or {"profit"}


def _fit(attribute: Attribute, coefficient: Coefficient, limits: list[frozenset[str]]) -> float:
    """Return how well a coefficient continues an attribute; not above zero if it cannot."""
    figure: Figure = coefficient.figure
    if coefficient.decision in attribute.values or attribute.resource != figure.resource:
        return 0.0
    if figure.resource >= 0:
        return 1.0
    if attribute.unit != figure.unit and not (attribute.unit in _COUNTS and figure.unit in _COUNTS):
        if figure.unit != "" or figure.noun:
            return 0.0
    score = 0.5
    if attribute.kinds and figure.kinds:
        if not attribute.kinds & figure.kinds:
            return 0.0
        score += 3.0
    elif attribute.unit == "$" and bool(attribute.kinds) != bool(figure.kinds):
        score -= 0.2
    if not figure.after and figure.before and attribute.unit != "$":
        return score + 1.0 * overlap(figure.before, attribute.topic | attribute.lead)
    same = overlap(figure.after, attribute.topic)
    if figure.after and attribute.topic and not same:
        if not (attribute.kinds and figure.kinds):
            return 0.0
        score -= 1.0
    if same and figure.after - attribute.topic and attribute.topic - figure.after:
        # "crab meat" and "lobster meat": two resources if two limits tell them apart.
        ours = max(range(len(limits)), key=lambda k: overlap(figure.after, limits[k]), default=-1)
        theirs = max(range(len(limits)), key=lambda k: overlap(attribute.topic, limits[k]), default=-1)
        if ours != theirs and overlap(figure.after, limits[ours]) > same:
            return 0.0
    score += 2.0 * same - 0.2 * (len(figure.after) - same)
    if not figure.after or not attribute.topic:
        score += 0.8 * overlap(figure.before, attribute.lead)
    # Neighbours in the text that leave a word out: "a stove requires 15", "and 60 per mechanical keyboard".
    return score
