"""Elimination: where the grammar of a sentence does not say what a number is of, what is left over may.

The numbers that a first reading did not place as bounds or relations of decisions are taken together. Each may be
of a decision that stands near it, or of none. Amounts of one kind of measure make up resources, and a resource has
one number for every decision and at most one limit. Where exactly one way of sharing the numbers out is left, and
it uses all of them, it is proposed; the checks of an interpretation judge it as any other.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator

from formulation.embedded.attributes import overlap
from formulation.embedded.bounds import sense_of
from formulation.embedded.figures import Figure
from formulation.embedded.lexicon import measures, plain
from formulation.embedded.model import Assignment, Interpretation
from formulation.embedded.owners import BARRIERS, REACH, Number, owned
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import QuantityKind
from formulation.embedded.tokens import Token

_MOST_FIGURES = 24
_MOST_DOUBTS = 6
_MOST_KINDS = 3
_CLEAR = 0.25
_TORN = 0.8
_UNFIT = -100.0

_Resource = tuple[tuple[Number, ...], Number | None]


def shared_out(sentences: list[tuple[Token, ...]], result: Interpretation) -> frozenset[Assignment]:
    """Return the one way to share the open numbers of an interpretation out, empty where there is none or several."""
    kept = {figure.place for row in result.rows for figure in row.figures if row.kind != "resource"}
    open_units = Counter(figure.unit for figure in result.loose)
    measured = {unit for unit, count in open_units.items() if count >= len(result.slate.decisions)}
    measured -= {"", "unit", "$", "%", *result.units}
    kept -= {f.place for row in result.rows for f in row.figures if f.unit in measured}
    kept |= {figure.place for figure in result.facts.explained}
    open_numbers = [n for n in owned(sentences, result) or () if n.figure.place not in kept and not _bounds(n)]
    if not open_numbers or any(_misfit(n) for n in open_numbers) or len(open_numbers) > _MOST_FIGURES:
        return frozenset()
    count = len(result.slate.decisions)
    found_resources: list[tuple[_Resource, str]] = []
    for group in _families(open_numbers):
        if all(owner == -1 for n in group for owner, _ in n.owners):
            continue  # a limit of no resource: of the decisions themselves
        found = _resources(group, count)
        if found is None:
            return frozenset()
        units = [n.figure.unit for n in group if n.figure.unit not in ("", "unit")]
        found_resources += [(each, units[0] if units else "") for each in found]
    aim = result.goal.sense if result.goal is not None else ""
    if not aim:
        left = [amounts for (amounts, limit), _ in found_resources if limit is None]
        kinds = [n.figure.kinds for amounts in left for n in amounts if n.figure.kinds]
        aim = "minimize" if len(left) == 1 and kinds and all(kind == {"cost"} for kind in kinds) else "maximize"
    assigned: list[Assignment] = []
    for index, ((amounts, limit), unit) in enumerate(found_resources):
        assigned += [
            Assignment(*n.figure.place, decision, index, "", strict=False, unit=unit)
            for decision, n in enumerate(amounts)
        ]
        if limit is not None:
            sense, strict = _sense(limit, aim)
            assigned.append(Assignment(*limit.figure.place, -1, index, sense, strict=strict, unit=unit))
    return frozenset(assigned)


def _bounds(number: Number) -> bool:
    """Whether a compared number bounds decisions beside it: "at least 5 of the items", "X and Y must exceed $70"."""
    figure, clause = number.figure, number.clause
    if figure.comparison is None:
        return False
    first, last = figure.quantity.first, figure.quantity.last
    after = next((m for m in clause.mentions if m.first >= last), None)
    if after is not None and after.first <= last + 2 and figure.unit in ("", "unit"):
        return True
    before = [m for m in clause.mentions if m.first < m.last <= first]
    if not before or any(f.quantity.last <= first and f.quantity.first >= before[-1].last for f in clause.figures):
        return False
    return not BARRIERS & {token.lower for token in clause.tokens[before[-1].last : first]}


def _misfit(number: Number) -> bool:
    """Whether a number is no amount and no limit: "twice", a part, or a count of a decision ("along three sides")."""
    figure = number.figure
    if figure.quantity.kind in (QuantityKind.MULTIPLE, QuantityKind.FRACTION) or figure.quantity.value == 0:
        return True
    beside = any(m.first == figure.quantity.last < m.last for m in number.clause.mentions)
    return beside and figure.comparison is None and figure.quantity.kind == QuantityKind.PLAIN


def _sense(limit: Number, aim: str) -> tuple[str, bool]:
    """Return the sense of a limit and whether it is strict: as its words say, or against the objective."""
    if limit.figure.comparison is not None:
        return sense_of(limit.figure, limit.clause)
    tokens, quantity = limit.clause.tokens, limit.figure.quantity
    ends = [f.quantity.last for f in limit.clause.figures if f.quantity.last <= quantity.first]
    start = max([limit.clause.first, *ends])
    joints = [k + 1 for k in range(start, quantity.first) if tokens[k].lower in BARRIERS]
    near = [*tokens[max([start, *joints]) : quantity.first]]
    near += tokens[quantity.last : min(limit.clause.last, quantity.last + 6)]
    words = {token.lower for token in near}
    if words & plain("at_hand") - {"there", "out"} and not words & plain("to_do"):
        return "upper", False
    if words & plain("to_do") or aim == "minimize":
        return "lower", False
    return "upper", False


def _families(numbers: list[Number]) -> list[list[Number]]:
    """Return the numbers by the kind of their measure; a number without one goes with one before it."""
    families: dict[object, list[Number]] = defaultdict(list)
    previous: tuple[int, object] | None = None
    for number in numbers:
        figure = number.figure
        sizes = _sizes(figure.unit)
        key: object = figure.unit if sizes is None else min(sizes)
        if figure.unit in ("", "unit"):
            beside = previous is not None and previous[0] == figure.sentence and not figure.noun and not figure.after
            key = previous[1] if previous is not None and beside else ""
        families[key].append(number)
        previous = (figure.sentence, key)
    return list(families.values())


def _resources(group: list[Number], count: int) -> list[_Resource] | None:
    """Return the one best division of a family into resources, None where there is none or two are as good."""
    doubtful = [n for n in group if len(n.owners) > 1]
    if len(doubtful) > 2 * _MOST_DOUBTS:
        return None
    best: list[tuple[float, list[_Resource]]] = []
    # Only so many numbers are doubted at once: those whose second owner is the least far-fetched.
    doubted = sorted(doubtful, key=lambda n: n.owners[1][1] - n.owners[0][1])[:_MOST_DOUBTS]
    for owners in itertools.product(*(n.owners if n in doubted else n.owners[:1] for n in group)):
        amounts: list[list[Number]] = [[] for _ in range(count)]
        limits: list[Number] = []
        for number, (owner, _) in zip(group, owners, strict=True):
            (limits if owner < 0 else amounts[owner]).append(number)
        kinds = len(amounts[0])
        if not 1 <= kinds <= _MOST_KINDS or any(len(each) != kinds for each in amounts) or len(limits) > kinds:
            continue
        cost = sum(c for _, c in owners) + _torn(group, [owner for owner, _ in owners])
        for value, division in _divisions(amounts, limits):
            best.append((cost - value, division))
    if not best:
        return None
    best.sort(key=lambda pair: pair[0])
    if len(best) > 1 and best[1][0] - best[0][0] < _CLEAR:
        return None
    return best[0][1]


def _torn(group: list[Number], owners: list[int]) -> float:
    """Return how far-fetched it is to tear a list apart: "700 g of this and 900 g of that"."""
    torn = 0
    for (one, mine), (two, yours) in itertools.pairwise(zip(group, owners, strict=True)):
        if mine != yours and one.clause is two.clause:
            first, last = one.figure.quantity.last, two.figure.quantity.first
            between = one.clause.tokens[first:last]
            apart = any(first <= m.first < last for m in one.clause.mentions) or any(is_verb(t) for t in between)
            joined = any(t.lower in ("and", ",") for t in between)
            torn += joined and not apart and len(between) <= REACH
    return _TORN * torn


def _divisions(amounts: list[list[Number]], limits: list[Number]) -> Iterator[tuple[float, list[_Resource]]]:
    """Yield the ways to match the amounts of the decisions with one another and with limits, and how well each fits."""
    kinds = len(amounts[0])
    for orders in itertools.product(itertools.permutations(range(kinds)), repeat=len(amounts) - 1):
        columns = [
            (amounts[0][k], *(rest[order[k]] for rest, order in zip(amounts[1:], orders, strict=True)))
            for k in range(kinds)
        ]
        alike = sum(_alike(a.figure, b.figure) for column in columns for a, b in itertools.combinations(column, 2))
        alike += 0.3 * sum(order == tuple(range(kinds)) for order in orders)
        for places in itertools.permutations(range(kinds), len(limits)):
            fit = sum(_fits(limit.figure, columns[k]) for limit, k in zip(limits, places, strict=True))
            if fit <= _UNFIT / 2:
                continue
            chosen = dict(zip(places, limits, strict=True))
            yield alike + fit, [(column, chosen.get(k)) for k, column in enumerate(columns)]


def _alike(one: Figure, two: Figure) -> float:
    """Return how likely two amounts are of one resource."""
    same = 2.0 * min(2, overlap(one.after, two.after)) if one.after and two.after else 1.5
    score = same + 0.5 * min(2, overlap(one.before, two.before))
    if one.kinds and two.kinds:
        score += 1.0 if one.kinds & two.kinds else -2.0
    if one.unit == two.unit:
        score += 0.3
    if one.sentence == two.sentence:
        score += 0.3
    return score


def _fits(limit: Figure, column: tuple[Number, ...]) -> float:
    """Return how likely a limit is that of a resource."""
    said = limit.before | limit.wide
    if limit.unit == "%":
        return _UNFIT  # a share of what is blended is no sum
    told = [n.figure.after for n in column]
    if limit.head and limit.after and all(told) and not any(overlap(limit.after | limit.wide, each) for each in told):
        return _UNFIT  # "90 g of salt" is no limit of flour
    if limit.unit == "$" and limit.comparison is None:
        earned = any(n.figure.kinds & {"profit", "revenue"} for n in column)
        if earned or not limit.kinds & {"cost"}:
            return _UNFIT  # what is earned has no limit, and a sum of money that is not to be spent is none
    if limit.unit in ("", "unit") and any(n.figure.after for n in column):
        topics = frozenset().union(*(n.figure.after | n.figure.before for n in column))
        if not overlap(limit.after | said, topics):
            return _UNFIT
    score = max(
        1.5 * min(2, overlap(limit.after, n.figure.after))
        + 0.5 * min(1, overlap(said, n.figure.after))
        + 0.5 * min(1, overlap(said, n.figure.before))
        for n in column
    )
    for figure in (number.figure for number in column):
        if limit.unit == figure.unit:
            score += 0.3 / len(column)
        if limit.kinds and figure.kinds:
            score += (0.5 if limit.kinds & figure.kinds else -1.0) / len(column)
        if limit.unit == "$" and figure.kinds & {"profit", "revenue"}:
            score -= 2.0 / len(column)  # what is earned is rarely limited
        score += 0.2 / (1 + abs(limit.sentence - figure.sentence)) / len(column)
    if _size(limit) < max(_size(number.figure) for number in column):
        score -= 1.5  # there is less of it than one unit takes
    return score


def _size(figure: Figure) -> float:
    """Return the value of a figure in the unit that measures its kind."""
    sizes = _sizes(figure.unit)
    return abs(figure.quantity.value) * float(sizes[figure.unit] if sizes is not None else 1)


def _sizes(unit: str) -> dict[str, int] | None:
    """Return the sizes of the units that a unit turns into, None where it is of no measure."""
    return next((sizes for sizes in measures() if unit in sizes), None)
