"""Remarks: numbers that name or repeat something and have no place in a model - dates, labels, conversions."""

from __future__ import annotations

from itertools import pairwise

from formulation.embedded.figures import Clause, Figure
from formulation.embedded.lexicon import measures, plain, stem
from formulation.embedded.phrases import is_label, is_verb
from formulation.embedded.quantities import QuantityKind
from formulation.embedded.tokens import Token

_YEARS = range(1500, 2101)
_SINCE = frozenset(["in", "since", "of", "by", "until", "from", "before", "after"])
_HENCE = frozenset(["so", "therefore", "hence", "thus"])
_ON_WHICH = (("on", "which"), ("in", "which"), ("with", "which"))
_LABELS = 20
_SIDES = 3


def is_remark(figure: Figure, clause: Clause) -> bool:
    """Whether a number without a comparison is a date, a label, a conversion of units, a pronoun, or said again."""
    if figure.quantity.kind is not QuantityKind.PLAIN or figure.comparison is not None:
        return False
    return (
        _is_date(figure, clause)
        or _is_label(figure, clause)
        or _converts(figure, clause)
        or _is_pronoun(figure, clause)
        or _is_said_again(figure, clause)
    )


def _beside(figure: Figure, clause: Clause) -> tuple[Token | None, Token | None]:
    tokens, quantity = clause.tokens, figure.quantity
    before = tokens[quantity.first - 1] if quantity.first > 0 else None
    return before, tokens[quantity.last] if quantity.last < len(tokens) else None


def _is_date(figure: Figure, clause: Clause) -> bool:
    """Whether a number is a year ("founded in 1987,") or the day of a month ("on March 14, 2025")."""
    before, after = _beside(figure, clause)
    value = figure.quantity.value
    if any(token is not None and _is_month(token) for token in (before, after)):
        return value == int(value)
    text = clause.tokens[figure.quantity.first].text
    ends = after is None or after.kind != "word" or after.lower in plain("function")
    if not (text.isdigit() and int(value) in _YEARS and ends) or before is None:
        return False
    dated = before.text == "," and any(_is_month(t) for t in clause.tokens[max(0, figure.quantity.first - 4) :])
    return before.lower in _SINCE or dated


def _is_month(token: Token) -> bool:
    return token.text[:1].isupper() and token.lower in plain("month")


def _is_label(figure: Figure, clause: Clause) -> bool:
    """Whether a number names what stands before it and is told of: "Line 2, where the rods are cut, can ..."."""
    index = figure.quantity.first
    before, after = _beside(figure, clause)
    if before is None or after is None or not 1 <= figure.quantity.value <= _LABELS:
        return False
    named = before.text[:1].isupper() and not any(m.last == index for m in clause.mentions)
    told = after.text == "," or after.lower in ("where", "which") or after.lower in plain("modal")
    return named and told and is_label(clause.tokens, index)


def _converts(figure: Figure, clause: Clause) -> bool:
    """Whether a number stands in "(1 ton = 1000 kg)", or says one before it again: "30 kg, which is 30000 g"."""
    figures = clause.figures
    place = next(k for k, other in enumerate(figures) if other is figure)
    for one, two in pairwise(figures[max(0, place - 1) : place + 2]):
        between = [token.text for token in clause.tokens[one.quantity.last : two.quantity.first]]
        units = [_unit(each, clause) for each in (one, two)]
        sizes = next((sizes for sizes in measures() if set(units) <= set(sizes)), None)
        said = "=" in between and len(between) <= _SIDES
        again = two is figure and (between[-1:] == ["("] or between[-2:] == ["which", "is"])
        if (said or again) and sizes is not None:
            left, right = (each.quantity.value * sizes[unit] for each, unit in zip((one, two), units, strict=True))
            return bool(left == right)
    return False


def _unit(figure: Figure, clause: Clause) -> str:
    last = figure.quantity.last
    return figure.unit or (stem(clause.tokens[last].lower) if last < len(clause.tokens) else "")


def _is_pronoun(figure: Figure, clause: Clause) -> bool:
    """Whether "one" stands for a decision whose name it ends ("the red one stains"), or says what all are made on."""
    quantity = figure.quantity
    _, after = _beside(figure, clause)
    named = any(m.first < m.last == quantity.first for m in clause.mentions)
    verbal = after is not None and (is_verb(after) or after.lower in plain("modal") or after.lower.endswith("s"))
    beyond = [token.lower for token in clause.tokens[quantity.last : quantity.last + 4]]
    on_it = any(pair in _ON_WHICH for pair in pairwise(beyond))  # "one machine on which it makes all"
    return quantity.worded and quantity.value == 1 and ((named and verbal) or on_it)


def _is_said_again(figure: Figure, clause: Clause) -> bool:
    """Whether a bound that follows says the same: "40 vases are ordered, so at least 40 must be made"."""
    ahead = [f for f in clause.figures if f.quantity.first > figure.quantity.first]
    if not ahead or ahead[0].comparison is None or ahead[0].quantity.value != figure.quantity.value:
        return False
    between = clause.tokens[figure.quantity.last : ahead[0].quantity.first]
    return any(token.lower in _HENCE for token in between)
