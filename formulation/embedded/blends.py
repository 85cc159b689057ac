"""Blends: what parts hold in percent, what the mixture must hold in percent, and how much of it is made.

"At least 20% copper" of parts with shares c is the row (sum of (c - 20%) x) >= 0; "50 tonnes of the alloy" is the sum
of its parts.
"""

from __future__ import annotations

from itertools import groupby

from formulation.embedded.attributes import Attribute, overlap
from formulation.embedded.facts import Coefficient, Facts, Limit
from formulation.embedded.lexicon import plain, stems, units
from formulation.embedded.model import Interpretation, Row, Term
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import QuantityKind

_EMPTY = frozenset(["content", "contents", "share", "purity"])


def listed(facts: Facts, n: int) -> None:
    """Turn "copper contents are 4%, 9% and 6%" into what each of the ``n`` decisions holds, in their order."""
    kept: list[Limit] = []
    for _, run in groupby(facts.limits, key=lambda limit: id(limit.clause)):
        limits = list(run)
        plain = all(
            limit.figure.quantity.kind is QuantityKind.PERCENT
            and limit.figure.comparison is None
            and not limit.decisions
            for limit in limits
        )
        said = limits[0].figure.before
        if not plain or len(limits) != n or n < 2 or len(limits[0].clause.figures) != n or not said:
            kept += limits
            continue
        for k, limit in enumerate(limits):
            limit.figure.after = frozenset(word for word in said if word not in _EMPTY) or said
            facts.coefficients.append(Coefficient(k, limit.value, limit.figure))
    facts.limits[:] = kept


def place(result: Interpretation) -> set[int]:
    """Add the rows of what a mixture holds and of its amount; return the ids of the limits that they took."""
    n = len(result.slate.decisions)
    parts = [a for a in result.attributes if a.unit == "%" and not a.kinds and len(a.values) == n]
    taken: set[int] = set()
    held: list[Attribute] = []
    for limit in result.facts.limits:
        attribute = _held(limit, parts) if parts else None
        if attribute is None:
            continue
        held.append(attribute)
        taken.add(id(limit))
        result.rows.append(_average(limit, attribute))
    if not parts:
        return taken
    if held:
        result.notes.append("What a mixture holds in percent is the average of its parts, by their amounts.")
    amounts = [limit for limit in result.facts.limits if _amount(limit, result, bare=bool(held))]
    told = {limit.value: limit for limit in amounts if limit.figure.comparison is None}
    for limit in amounts:
        if limit.figure.comparison is None and len(told) > 1:
            continue  # two amounts: which one is the mixture's?
        sense = "equal" if limit.figure.comparison is None and not _at_hand(limit) else limit.sense
        taken.add(id(limit))
        clause = limit.clause
        terms = {k: Term(1.0) for k in range(n)}
        place = (clause.sentence, clause.first, clause.last)
        result.rows.append(
            Row(terms, sense, limit.strict, limit.value, (limit.figure,), *place, limit.figure.label, "total")
        )
    return taken


def _held(limit: Limit, parts: list[Attribute]) -> Attribute | None:
    """Return the attribute that a limit in percent bounds, by its words after the number, else by those before."""
    figure = limit.figure
    if figure.quantity.kind is not QuantityKind.PERCENT or figure.comparison is None or limit.decisions:
        return None
    for said in (figure.after, figure.before):
        found = [one for one in parts if overlap(said, one.topic)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _average(limit: Limit, attribute: Attribute) -> Row:
    least = Coefficient(-1, limit.value, limit.figure)
    terms = {k: Term(c.value - limit.value, c, least) for k, c in attribute.values.items()}
    clause = limit.clause
    label = limit.figure.label or " ".join(sorted(attribute.topic))
    place = (clause.sentence, clause.first, clause.last)
    return Row(terms, limit.sense, limit.strict, 0.0, (limit.figure,), *place, label, "average")


def _amount(limit: Limit, result: Interpretation, *, bare: bool) -> bool:
    """Whether a limit is an amount of the mixture: in a unit of measure, of something that is no part's share.

    ``bare`` says that an amount of nothing said ("obtain 90 litres") is one too.
    """
    figure = limit.figure
    some = 0 < len(limit.decisions) < len(result.slate.decisions)
    if some or limit.every or figure.unit not in units() | stems("measure"):
        return False
    if any(a.unit == figure.unit for a in result.attributes):
        return False
    head = _head(limit)
    topics = set().union(*(a.topic for a in result.attributes))
    return not overlap({head}, topics) if head else bare


def _head(limit: Limit) -> str:
    """Return the root of the last noun of "kg of a clay blend made of ...", empty where no "of" follows the unit."""
    tokens, figure = limit.clause.tokens, limit.figure
    unit = next((k for k in range(figure.quantity.last, limit.clause.last) if tokens[k].stem == figure.unit), None)
    if unit is None or unit + 1 >= limit.clause.last or tokens[unit + 1].lower != "of":
        return ""
    head = ""
    for token in tokens[unit + 2 : min(unit + 8, limit.clause.last)]:
        if not head and token.lower in ("a", "an", "the", "this", "its"):
            continue
        if token.kind != "word" or token.lower in plain("function") or is_verb(token):
            break
        head = token.root
    return head


def _at_hand(limit: Limit) -> bool:
    words = set(limit.clause.words())
    return bool(words & {"available", "capacity", "most", "room", "hold", "holds", "sell", "sold"})
