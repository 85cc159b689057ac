"""Relations of what decisions take or bring: "40% of the profit", "as many hours on chairs as on desks".

A relation between decisions is first read as one of their numbers. Where its words name a resource or money instead,
each decision counts with what one of it takes or brings.
"""

from __future__ import annotations

from formulation.embedded.attributes import Attribute, overlap
from formulation.embedded.facts import Relation
from formulation.embedded.failed import Check
from formulation.embedded.figures import Clause, Figure
from formulation.embedded.lexicon import plain, roots, stems
from formulation.embedded.model import Interpretation, Row, Term
from formulation.embedded.phrases import is_verb
from formulation.embedded.tokens import Token

_WHOLE = frozenset(
    ["the", "its", "their", "his", "her", "our", "my", "your", "all", "total", "whole", "entire", "overall"]
)
_MUCH = frozenset(["many", "much", "more", "less", "fewer"])
_REACH = 4


def weigh(relation: Relation, result: Interpretation) -> Row | None:
    """Return the row of a relation that speaks of a resource or of money; None where it counts the decisions.

    Adds to ``result.failed`` where what it speaks of is not told for every decision that it takes.
    """
    words = _measured(relation)
    if not words or _counts(words, result):
        return None
    named = [attribute for attribute in result.attributes if attribute.unit != "%" and _is(attribute, words)]
    if not named:
        return None
    taken = {k for k, value in relation.terms if value}
    whole = [attribute for attribute in named if taken <= attribute.values.keys()]
    if len(whole) != 1:
        result.failed.append(Check.PARTIAL_SHARE)
        return None
    values = whole[0].values
    terms = {k: Term(value * values[k].value) for k, value in relation.terms if value}
    return Row.of(relation, relation.clause, terms)


def _measured(relation: Relation) -> list[Token]:
    """Return the words that say what a relation measures: after "40% of", after "as many"."""
    clause = relation.clause
    if relation.other < 0:
        return _noun(clause, relation.figures[0])
    for k in range(clause.first, clause.last):
        if clause.tokens[k].lower in _MUCH:
            return _run(clause, k + 1)
    return []


def _noun(clause: Clause, figure: Figure) -> list[Token]:
    first = figure.quantity.last
    if first >= clause.last or clause.tokens[first].lower != "of":
        return []
    first += 1
    while first < clause.last and clause.tokens[first].lower in _WHOLE:
        first += 1
    return _run(clause, first)


def _run(clause: Clause, first: int) -> list[Token]:
    found: list[Token] = []
    for k in range(first, min(first + _REACH, clause.last)):
        token = clause.tokens[k]
        named = any(m.first <= k < m.last for m in clause.mentions)
        if named or token.kind != "word" or token.lower in plain("function") or (found and is_verb(token)):
            break
        found.append(token)
    return found


def _counts(words: list[Token], result: Interpretation) -> bool:
    """Whether words stand for the decisions themselves: "40% of the lamps", "of all items"."""
    slate = result.slate
    names = slate.names | slate.shared | (result.units - {attribute.unit for attribute in result.attributes})
    return any(token.stem in names | stems("generic") | stems("hypernym") | stems("number_of") for token in words)


def _is(attribute: Attribute, words: list[Token]) -> bool:
    """Whether words name an attribute: its unit, its topic, or what money it is."""
    if any(token.stem == attribute.unit for token in words):
        return True
    said = {token.root for token in words}
    if attribute.unit not in ("$", "%"):
        if attribute.unit not in ("", "unit") and any(token.lower.endswith("s") for token in words):
            return False  # "of all runs" counts; minutes of a run are not counted in runs
        own = set().union(*(c.figure.after for c in attribute.values.values())) or attribute.topic
        return bool(overlap(said, own))
    return any(kind in attribute.kinds and said & roots(kind, "money") for kind in ("profit", "revenue", "cost"))
