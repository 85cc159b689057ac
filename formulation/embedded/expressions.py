"""Linear expressions in words: "twice the shifts of X plus the shifts of Y must not exceed 40"."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from formulation.embedded.decisions import Mention
from formulation.embedded.figures import Clause, Comparison, Figure
from formulation.embedded.lexicon import numbers
from formulation.embedded.quantities import QuantityKind

_PLUS = frozenset(("plus", "+", "added"))
_MINUS = frozenset(("minus", "−", "-", "–"))
_APART = frozenset([",", ";", "no", "not", "never", "but"])
_STRANGE = frozenset(
    [
        "per",
        "each",
        "every",
        "subtracted",
        "subtracting",
        "ratio",
        "respectively",
        "divided",
        "multiplied",
        "percent",
        "if",
        "weighted",
        "weight",
        "weights",
        "excess",
        "average",
    ]
)


@dataclass(slots=True)
class Form:
    """A linear form: ``terms`` by decision, and a constant; ``figures`` are the numbers it used."""

    terms: dict[int, float] = field(default_factory=dict)
    constant: float = 0.0
    figures: list[Figure] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Comparing:
    """``terms``·x (sense) constant, as an expression said it."""

    terms: tuple[tuple[int, float], ...]
    sense: str
    strict: bool
    constant: float
    figures: tuple[Figure, ...]
    mentions: tuple[Mention, ...]
    comparisons: tuple[Comparison, ...]


def is_expression(clause: Clause) -> bool:
    """Whether a clause uses the words of arithmetic, and must be read by this grammar or not at all."""
    if not clause.comparisons or not clause.mentions:
        return False
    words = clause.words()
    if set(words) & {"plus", "minus", "difference", "subtracted", "+", "gap", "excess", "weighted"}:
        return True
    if "sum" in words and len(clause.mentions) > 1:
        return True
    if "combined" in words and sum(1 for f in clause.figures if _scales(clause, f)) > 1:
        return True
    multiples = [f for f in clause.figures if f.quantity.kind == QuantityKind.MULTIPLE]
    if multiples and len(clause.mentions) > 1 and set(words) & {"combined", "together", "total"}:
        main = _main(clause)
        if main is not None and multiples[0].quantity.first < main.first:
            return True
    return _offset(clause) is not None


def _scales(clause: Clause, figure: Figure) -> bool:
    """Whether a plain number multiplies the decision after it: "3 vans of type X"."""
    if figure.comparison is not None or figure.quantity.kind != QuantityKind.PLAIN:
        return False
    last = figure.quantity.last
    return any(last < m.first <= last + 4 for m in clause.mentions)


def compared(clause: Clause) -> Comparing | None:
    """Return the relation that a clause of arithmetic states, or None where it cannot be read for sure."""
    if _told_of_stock(clause):
        return None
    offset = _offset(clause)
    if offset is not None:
        return _by_offset(clause, *offset)
    main = _main(clause)
    times = any(f.quantity.kind is QuantityKind.MULTIPLE and f.comparison is main for f in clause.figures)
    if main is None or (times and any(c.first > main.last for c in clause.comparisons)):
        return None  # a ratio, and something else beside it
    starts = [k for k in range(clause.first, main.first) if clause.tokens[k].lower in ("difference", "sum", "gap")]
    if len({clause.tokens[k].lower for k in starts}) > 1:
        return None  # a difference of sums
    left = _form(clause, starts[-1] if starts else clause.first, main.first)
    right = _form(clause, main.last, clause.last)
    if left is None or right is None or not left.terms:
        return None
    return _joined(left, right, main, (main,))


def _told_of_stock(clause: Clause) -> bool:
    """Whether a clause says first what there is: "there are 24 sockets, and the number of lamps must be ..."."""
    places = {figure.quantity.first for figure in clause.figures}
    for k, (one, two) in enumerate(pairwise(clause.words()), clause.first):
        if one == "there" and two in ("are", "is") and places & {k + 2, k + 3}:
            return True
    return False


def _main(clause: Clause) -> Comparison | None:
    """Return the comparison that divides the clause: the last one, "minimum" and "maximum" aside."""
    found = [c for c in clause.comparisons if clause.mentions and c.first > clause.mentions[0].first]
    held = [c for c in found if any(f.comparison is c for f in clause.figures)]
    bare = [c for c in found if clause.tokens[c.first].lower not in ("minimum", "maximum", "within")]
    choice = held or bare
    return choice[-1] if choice else None


def _joined(left: Form, right: Form, main: Comparison, comparisons: tuple[Comparison, ...]) -> Comparing | None:
    terms = dict(left.terms)
    for k, value in right.terms.items():
        terms[k] = terms.get(k, 0.0) - value
    terms = {k: v for k, v in terms.items() if v}
    numbers = [f for f in left.figures + right.figures if f.comparison is not None and f.comparison is not main]
    shares = any(f.quantity.kind is QuantityKind.FRACTION for f in numbers)
    if not terms or (left.constant and right.constant) or len(numbers) > 1 or shares:
        return None
    return Comparing(
        tuple(sorted(terms.items())),
        main.sense,
        main.strict,
        right.constant - left.constant,
        tuple(left.figures + right.figures),
        tuple(left.mentions + right.mentions),
        comparisons,
    )


def _form(clause: Clause, first: int, last: int) -> Form | None:
    """Return the linear form of tokens [first, last), None where a number has no place in it."""
    tokens = clause.tokens
    figures = {f.quantity.first: f for f in clause.figures if first <= f.quantity.first < last}
    mentions = {m.first: m for m in clause.mentions if first <= m.first < last}
    form = Form()
    sign, between = 1.0, False
    factor: Figure | None = None
    index = first
    while index < last:
        token = tokens[index]
        word = token.lower
        if index in figures:
            figure = figures[index]
            following = tokens[figure.quantity.last].lower if figure.quantity.last < last else ""
            if factor is not None or following == "as":
                return None
            factor = figure
            index = figure.quantity.last
            continue
        if index in mentions:
            mention = mentions[index]
            if form.mentions and factor is None and _beside(clause, form.mentions[-1], mention):
                index = mention.last
                continue
            if factor is not None and factor.quantity.kind is QuantityKind.MONEY:
                return None  # an amount, not how many times the decision
            value = 1.0 if factor is None else factor.quantity.value
            if factor is not None:
                form.figures.append(factor)
            decision = mention.decisions[0]
            form.terms[decision] = form.terms.get(decision, 0.0) + sign * value
            form.mentions.append(mention)
            factor = None
            if between:
                sign, between = -1.0, False
            index = mention.last
            continue
        if word in _STRANGE or word in numbers()["fractions"]:
            return None
        if word in _PLUS or word in _MINUS or word == "and":
            if factor is not None and not _constant(form, factor, sign):
                return None
            factor = None
        if word in _PLUS:
            sign = 1.0
        elif word in _MINUS:
            sign = -1.0
        elif word in ("difference", "gap"):
            between = not any(t.lower in _MINUS for t in tokens[first:last])
        index += 1
    if factor is not None and not _constant(form, factor, sign):
        return None
    return form


def _beside(clause: Clause, one: Mention, two: Mention) -> bool:
    """Whether a mention names once more what stands right before it: "training (group X)"."""
    between = [t.text for t in clause.tokens[one.last : two.first]]
    return (
        one.decisions == two.decisions
        and all(text == "(" or (text.isalpha() and text.lower() not in _PLUS | _MINUS | {"and"}) for text in between)
        and "(" in between
    )


def _constant(form: Form, figure: Figure, sign: float) -> bool:
    if figure.quantity.kind in (QuantityKind.MULTIPLE, QuantityKind.PERCENT, QuantityKind.FRACTION):
        return False
    if form.constant:
        return False
    form.constant += sign * figure.quantity.value
    form.figures.append(figure)
    return True


def _offset(clause: Clause) -> tuple[Figure, str] | None:
    """Return the number of "at least 10 more X than Y" or "exceed Y by at least 20", and which form it is."""
    tokens = clause.tokens
    if len(clause.mentions) < 2:
        return None
    for figure in clause.figures:
        if figure.quantity.kind not in (QuantityKind.PLAIN, QuantityKind.MONEY):
            continue
        first, last = figure.quantity.first, figure.quantity.last
        lead = [t.lower for t in tokens[max(clause.first, first - 4) : first]]
        if "by" in lead and any(
            t.stem in ("exc", "exceed", "surpass", "outnumb", "outnumber") for t in tokens[clause.first : first]
        ):
            return figure, "by"
        following = [t.lower for t in tokens[last : last + 4]]
        cut = next((k for k, word in enumerate(following) if word in _APART), len(following))
        following = following[:cut]  # "no fewer than 30 mugs, no fewer than 10 bowls" says nothing of a difference
        for word in ("more", "fewer", "less", "higher", "greater"):
            if word in following and "than" in [t.lower for t in tokens[last : clause.last]]:
                ahead = following[: following.index(word)]
                if "or" not in ahead and ([*following, ""])[following.index(word) + 1] != "or":
                    return figure, word
    return None


def _by_offset(clause: Clause, figure: Figure, how: str) -> Comparing | None:
    """Read the two ways of saying that one amount is so much more than another."""
    tokens = clause.tokens
    first = figure.quantity.first
    comparisons = tuple(clause.comparisons)
    if how == "by":
        main = next(
            (c for c in clause.comparisons if tokens[c.first].lower.startswith(("exceed", "surpass", "outnumber"))),
            None,
        )
        if main is None:
            return None
        inner = figure.comparison
        start = min([first, *([inner.first] if inner else [])])
        by = next((k for k in range(start - 1, main.last - 1, -1) if tokens[k].lower == "by"), None)
        if by is None:
            return None
        left, right = _form(clause, clause.first, main.first), _form(clause, main.last, by)
        sense = main.sense if inner is None or main.sense == "upper" else inner.sense
        if main.sense == "upper" and inner is not None and inner.sense not in ("lower", "upper"):
            return None
    else:
        than = next((k for k in range(figure.quantity.last, clause.last) if tokens[k].lower in ("than", "from")), None)
        if than is None:
            return None
        comparison = figure.comparison
        sense = comparison.sense if comparison is not None else "equal"
        start = min([first, *([comparison.first] if comparison is not None and comparison.first < first else [])])
        inside = [m for m in clause.mentions if figure.quantity.last <= m.first < than]
        left = _form(clause, figure.quantity.last, than) if inside else _form(clause, clause.first, start)
        right = _form(clause, than, clause.last)
        if how in ("fewer", "less"):
            left, right = right, left
            # "at least 5 fewer X than Y" bounds the difference Y - X.
    if left is None or right is None or not left.terms or not right.terms or left.constant or right.constant:
        return None
    terms = dict(left.terms)
    for k, value in right.terms.items():
        terms[k] = terms.get(k, 0.0) - value
    return Comparing(
        tuple(sorted((k, v) for k, v in terms.items() if v)),
        sense,
        False,
        figure.quantity.value,
        (figure, *left.figures, *right.figures),
        tuple(left.mentions + right.mentions),
        comparisons,
    )
