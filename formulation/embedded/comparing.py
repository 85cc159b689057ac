"""Comparisons: the words that compare, and which figure each of them governs."""

from __future__ import annotations

from functools import lru_cache

from formulation.embedded.figures import Clause, Comparison, Figure
from formulation.embedded.lexicon import Comparator, comparators, plain, stems
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import Quantity, QuantityKind
from formulation.embedded.tokens import Token

_DENIES = stems("denial")
_NEEDS_NUMBER = frozenset(
    [
        "over",
        "above",
        "under",
        "below",
        "within",
        "beyond",
        "minimum",
        "maximum",
        "exactly",
        "equal",
        "equals",
        "exceeding",
    ]
)


def comparisons(tokens: tuple[Token, ...], found: list[Quantity]) -> tuple[Comparison, ...]:
    """Return the comparators of a sentence, with "not more than" and the like turned round."""
    return _comparisons(tokens, frozenset(q.first for q in found))


@lru_cache(maxsize=512)  # a sentence is read once for each set of decisions that is tried
def _comparisons(tokens: tuple[Token, ...], starts: frozenset[int]) -> tuple[Comparison, ...]:
    table = comparators()
    result: list[Comparison] = []
    index, negated = 0, False
    while index < len(tokens):
        matched: tuple[int, Comparator] | None = None
        for sequence, comparator in table.get(tokens[index].lower, ()):
            last = index + len(sequence)
            if last <= len(tokens) and all(tokens[index + k].lower == word for k, word in enumerate(sequence)):
                if len(sequence) == 1 and sequence[0] in _NEEDS_NUMBER and sequence[0] not in ("minimum", "maximum"):
                    ahead = next((k for k in range(last, last + 3) if k in starts), None)
                    if ahead is None or any(t.stem in stems("period") for t in tokens[last:ahead]):
                        continue  # "over the quarter 130 hours can be spent" compares nothing
                if sequence[0] == "or" and last < len(tokens) and tokens[last].lower == "than":
                    continue  # "more than 90 of these or more than 40 of those"
                matched = (last, comparator)
                break
        if matched is None:
            index += 1
            continue
        last, comparator = matched
        sense, strict = comparator.sense, comparator.strict
        negated = strict and (is_negated(tokens, index) or (negated and index > 0 and tokens[index - 1].lower == "or"))
        if negated:  # "cannot print more than 90 of these or more than 40 of those"
            sense, strict = ("upper" if sense == "lower" else "lower"), False
        if (
            strict
            and tokens[index + 1 : last]
            and "or" in [t.lower for t in tokens[last : last + 3]]
            and "equal" in [t.lower for t in tokens[last : last + 3]]
        ):
            strict = False
        result.append(Comparison(sense, strict, index, last))
        index = last
    return tuple(result)


def is_negated(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether a comparator is turned round by what stands before it: "not more than", "limited to more than"."""
    for k in range(index - 1, max(index - 14, -1), -1):
        token = tokens[k]
        if token.text in (";", ".") or token.lower in ("but", "while", "whereas"):
            return False
        if (
            token.lower in plain("negation")
            or token.stem in _DENIES
            or token.stem in ("limit", "restrict", "prevent", "prohibit", "forbid")
        ):
            return True
        if token.kind in ("number", "currency") and k < index - 2:
            return False
    return False


def attach(clause: Clause) -> None:
    """Give each figure the comparison that governs it; the members of a list share one."""
    tokens = clause.tokens
    free = list(clause.comparisons)
    for figure in clause.figures:
        first = figure.quantity.first
        for comparison in free:
            if _governs(clause, comparison, first):
                figure.comparison = comparison
                break
        if figure.comparison is None:
            last = figure.quantity.last
            for comparison in free:
                if (
                    last <= comparison.first <= last + 3
                    and tokens[comparison.first].lower in ("or", "at", "maximum", "minimum")
                    and not any(
                        comparison.last <= other.quantity.first <= comparison.last + 2 for other in clause.figures
                    )
                ):
                    figure.comparison = comparison
        if figure.comparison is not None:
            free = [c for c in free if c is not figure.comparison]
    for figure in clause.figures:
        start = figure.quantity.first
        if figure.comparison is None and start and tokens[start - 1].lower in ("to", "at"):
            if any(t.root in ("limit", "restrict", "cap") for t in tokens[max(clause.first, start - 14) : start - 1]):
                figure.comparison = Comparison("upper", False, start - 1, start)
    for figure in clause.figures:
        if figure.comparison is None:
            for comparison in free:
                word = tokens[comparison.first].lower
                later = [f for f in clause.figures if f.quantity.first >= comparison.last]
                if (
                    word in ("maximum", "minimum", "a", "upper", "lower")
                    and later
                    and later[0] is figure
                    and (
                        figure.quantity.first - comparison.last <= 9
                        or tokens[figure.quantity.first - 1].lower in (":", "follows", "respectively")
                    )
                ):
                    figure.comparison = comparison
                    free = [c for c in free if c is not comparison]
                    break
    previous: Figure | None = None
    for figure in clause.figures:
        if previous is not None and figure.comparison is None and previous.comparison is not None:
            between = tokens[previous.quantity.last : figure.quantity.first]
            joined = any(t.lower in ("and", "or", ",") for t in between) and (previous.unit == "$") == (
                figure.unit == "$"
            )
            if (
                joined
                and not any(
                    is_verb(t) or t.lower in ("each", "is", "are", "has", "have", "must", "can", "than", "as", "to")
                    for t in between
                )
                and previous.quantity.kind not in (QuantityKind.MULTIPLE,)
            ):
                figure.comparison = previous.comparison
                figure.inherited = True
        previous = figure


def _governs(clause: Clause, comparison: Comparison, first: int) -> bool:
    """Whether a comparison governs the number at a token after it: next to it, or with a verb between."""
    tokens = clause.tokens
    between = tokens[comparison.last : first]
    if comparison.last > first or len(between) > 4:
        return False
    words = all(t.kind == "word" or t.text == "(" for t in between)
    verbs = any(is_verb(t) and t.lower not in ("be", "is", "use", "being") for t in between)
    adverb = tokens[comparison.first].lower == "at" and 0 < len(between) <= 3 and is_verb(between[0])
    if not (words and not verbs) and not adverb:  # "to at least build 30"
        return False
    named = any(m.first >= comparison.last and m.last <= first for m in clause.mentions)
    return not named and not any(t.lower in ("and", "or", "per", "than") for t in between)
