"""The checks of an interpretation: what it leaves open, contradicts or could not say."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import pairwise

from formulation.embedded.amounts import untold
from formulation.embedded.attributes import Attribute
from formulation.embedded.contradictions import contradict, shares_exceed
from formulation.embedded.facts import Facts
from formulation.embedded.failed import Check
from formulation.embedded.figures import Figure
from formulation.embedded.lexicon import measures, plain_phrases, root, roots, stems
from formulation.embedded.model import Interpretation, Row
from formulation.embedded.objective import Goal
from formulation.embedded.quantities import QuantityKind
from formulation.embedded.senses import holds_nothing
from formulation.embedded.tokens import Token

_LENGTHS = frozenset(root(word) for word in ("square", "cubic", *stems("area")))


def is_logical(sentences: list[tuple[Token, ...]]) -> bool:
    """Whether the text ties choices together by "only if", "cannot both", "is not rented" and the like."""
    return any(_ties(tokens) for tokens in sentences)


@lru_cache(maxsize=256)  # asked once for each set of decisions that is tried
def _ties(tokens: tuple[Token, ...]) -> bool:
    words = f" {' '.join(token.lower for token in tokens)} "
    return any(f" {phrase} " in words for phrase in plain_phrases("logic"))


def is_nonlinear(sentences: list[tuple[Token, ...]], goal: Goal | None) -> bool:
    """Whether words speak of a quotient, a product or a power of decisions, which no linear model holds."""
    for tokens in sentences:
        words = {token.lower for token in tokens}
        if any(a.lower == "divided" and b.lower == "by" for a, b in pairwise(tokens)):
            return True
        if words & {"squared", "cubed", "quadratic", "exponential", "logarithm", "nonlinear"}:
            return True
    if goal is not None:
        said = {token.lower for token in goal.words}
        if said & {"ratio", "efficiency", "variance", "risk"} or ("average" in said and "per" in said):
            return True
        return any(_is_quotient(*three) for three in zip(goal.words, goal.words[1:], goal.words[2:], strict=False))
    return False


def _is_quotient(per: Token, noun: Token, after: Token) -> bool:
    """Whether words divide by what is decided: "profit per hour of work", and not "profit per day"."""
    return per.lower == "per" and noun.stem in stems("period") and after.lower in ("of", "worked", "spent", "used")


def _doubled(rows: list[Row]) -> bool:
    """Whether one resource, or one decision, has two limits of the same sense."""
    seen: dict[tuple[object, ...], Row] = {}
    for row in rows:
        if row.kind not in ("resource", "bound", "total"):
            continue
        key = (row.sense, tuple(sorted((k, t.value, id(t.source)) for k, t in row.terms.items())))
        other = seen.setdefault(key, row)
        said = all(f.comparison is not None for f in (*row.figures, *other.figures)) and row.sentence != other.sentence
        if other.constant != row.constant and not (row.kind == "bound" and said):
            return True
        if other is not row and row.kind == "bound" and other.sentence == row.sentence and other.figures != row.figures:
            return True  # one sentence does not bound one thing twice alike
    return False


def _says_nothing(row: Row) -> bool:
    """Whether a relation holds whatever the decisions are: "0.4 x >= 0" is not what its words meant."""
    values = [term.value for term in row.terms.values()]
    if row.constant != 0 or row.kind not in ("relation", "expression"):
        return False
    return (row.sense == "lower" and min(values) >= 0) or (row.sense == "upper" and max(values) <= 0)


def _crossing(rows: list[Row]) -> bool:
    """Whether a lower limit of one sum of decisions is above an upper limit of the same sum."""
    low: dict[tuple[tuple[int, float], ...], float] = {}
    high: dict[tuple[tuple[int, float], ...], float] = {}
    for row in rows:
        key = tuple(sorted((k, t.value) for k, t in row.terms.items()))
        if row.sense in ("lower", "equal"):
            low[key] = max(low.get(key, row.constant), row.constant)
        if row.sense in ("upper", "equal"):
            high[key] = min(high.get(key, row.constant), row.constant)
    return any(value > high[key] for key, value in low.items() if key in high)


def _escapes(result: Interpretation, objective: set[int]) -> bool:
    """Whether a decision grows without end for want of the number that it takes of a resource of the others."""
    if result.goal is None or result.goal.sense != "maximize":
        return False
    given = [a.values for k, a in enumerate(result.attributes) if k not in objective]
    for k, term in result.objective.items():
        held = any(
            row.sense == "equal" or (row.terms[k].value > 0) == (row.sense == "upper")
            for row in result.rows
            if k in row.terms
        )
        if term.value > 0 and not held and any(k not in values for values in given):
            return True
    return False


def _is_pointless(row: Row, result: Interpretation) -> bool:
    """Whether a row holds what is to be best from being better: a most that a profit to be maximized may be."""
    sources = {id(term.source) for term in row.terms.values() if term.source is not None}
    best = {id(term.source) for term in result.objective.values() if term.less is None}
    if result.goal is None or not sources or sources != best:
        return False
    return row.sense == ("upper" if result.goal.sense == "maximize" else "lower")


def _takes_itself(row: Row, result: Interpretation) -> bool:
    """Whether a unit of a decision takes so many of the same unit: "100 square metres" of a square metre of beans."""
    sources = [term.source.figure for term in row.terms.values() if term.source is not None]
    areas = [figure for figure in sources if figure.unit in result.units & stems("area") and not figure.head]
    return row.kind == "resource" and bool(areas) and all(not figure.after - _LENGTHS for figure in areas)


def _told_side_by_side(attributes: list[Attribute], n: int) -> bool:
    """Whether one sentence gives an amount of money for each decision: "clerks at $520 and porters at $410"."""
    return any(
        a.unit == "$" and len(a.values) == n and len({c.figure.sentence for c in a.values.values()}) == 1
        for a in attributes
    )


def _is_of_other_measure(row: Row) -> bool:
    """Whether a row limits amounts of money by a number that is not said to be money: "46 or more of the seats"."""
    sources = [term.source.figure for term in row.terms.values() if term.source is not None]
    if row.kind != "resource" or not row.figures or any(figure.unit != "$" for figure in sources):
        return False
    figure = row.figures[0]
    return figure.unit in ("", "unit") and not figure.kinds and not _speaks_of_money(figure)


def _is_limited_elsewhere(figure: Figure, facts: Facts) -> bool:
    """Whether a number in a name says how much one of a decision is: "3-kg bales" where kilos are limited."""
    sizes = next((sizes for sizes in measures() if figure.unit in sizes), None)
    timed = figure.unit in stems("period") or figure.quantity.value == 1
    return sizes is not None and not timed and any(limit.figure.unit in sizes for limit in facts.limits)


def _speaks_of_money(figure: Figure) -> bool:
    money = roots("profit", "money") | roots("cost", "money") | roots("revenue", "money") - {root("sell")}
    return bool((figure.before | figure.after | figure.wide) & money)


def check(result: Interpretation, objective: set[int]) -> None:
    """Add to ``failed`` every check that a reading does not pass, to ``loose`` the numbers it leaves, and score it."""
    n = len(result.slate.decisions)
    facts = result.facts
    used: set[int] = set()
    for row in result.rows:
        used |= set(row.terms)
    rowed = {id(t.source) for row in result.rows for t in row.terms.values() if t.source is not None}
    idle = [
        c.figure
        for k, attribute in enumerate(result.attributes)
        if k not in objective
        for c in attribute.values.values()
        if id(c) not in rowed
    ]
    result.loose.extend(idle)
    result.loose.extend(  # a share of something is no amount of it
        figure
        for row in result.rows
        for figure in row.figures
        if row.kind in ("resource", "total", "bound") and figure.quantity.kind is QuantityKind.PERCENT
    )
    result.loose.extend(row.figures[0] for row in result.rows if _is_of_other_measure(row))
    result.loose.extend(  # "twice" is no amount that a unit takes
        term.source.figure
        for row in result.rows
        for term in row.terms.values()
        if row.kind == "resource"
        and term.source is not None
        and term.source.figure.quantity.kind is QuantityKind.MULTIPLE
    )
    result.loose.extend(figure for figure in facts.sizes if _is_limited_elsewhere(figure, facts))
    if result.loose:
        result.failed.append(Check.LOOSE_NUMBER)
    result.unquantified = untold(facts.amounts, result.attributes, n)
    if result.unquantified:
        result.failed.append(Check.UNQUANTIFIED)
    if result.unclear:
        result.failed.append(Check.UNCLEAR_SHARE)
    owners = Counter(id(c.figure) for c in facts.coefficients)
    own = [c for c in facts.coefficients if not (c.figure.implied and owners[id(c.figure)] > 1)]
    told_of = {k: len(result.named.get(k, ())) + sum(1 for c in own if c.decision == k) for k in range(n)}
    if min(told_of.values()) < (2 if _told_side_by_side(result.attributes, n) else 3):
        result.failed.append(Check.NAMED_ONCE)
    apart = {k for row in result.rows if len(row.terms) < n or row.kind != "total" for k in row.terms}
    apart |= {k for k, t in result.objective.items() if t.source is not None}
    if len(apart) < n and result.objective:
        result.failed.append(Check.INDISTINCT)
    if _doubled(result.rows):
        result.failed.append(Check.TWO_LIMITS)
    counted = [row for row in result.rows if row.kind in ("bound", "total")]
    if _crossing(result.rows) or contradict(counted, n) or shares_exceed(result.rows):
        result.failed.append(Check.CONTRADICTION)
    if any(_takes_itself(row, result) for row in result.rows):
        result.failed.append(Check.PARTIAL_RESOURCE)
    if any(_is_pointless(row, result) for row in result.rows):
        result.failed.append(Check.BOUNDED_OBJECTIVE)
    if not result.rows:
        result.failed.append(Check.NO_CONSTRAINT)
    if any(_says_nothing(row) for row in result.rows):
        result.failed.append(Check.UNREAD_COMPARISON)
    if len(used | set(result.objective)) < n:
        result.failed.append(Check.IDLE_DECISION)
    if result.goal is not None and result.rows:
        away = "lower" if result.goal.sense == "maximize" else "upper"
        if all(r.sense == away for r in result.rows):
            guessed = any(attribute.resource >= 0 for attribute in result.attributes)
            if not guessed and (
                away == "lower"
                or all(r.relation is not None or all(f.comparison is not None for f in r.figures) for r in result.rows)
            ):
                result.notes.append("As the text stands, nothing keeps the objective from growing without end.")
            else:
                result.failed.append(Check.UNBOUNDED)
    if _escapes(result, objective) or (Check.UNBOUNDED not in result.failed and holds_nothing(result)):
        result.failed.append(Check.UNBOUNDED)
    told = {id(c) for row in result.rows if row.told for c in (t.source for t in row.terms.values())}
    partial = [
        k
        for k, a in enumerate(result.attributes)
        if len(a.values) < n and k not in objective and not all(id(c) in told for c in a.values.values())
    ]
    if partial:
        result.failed.append(Check.PARTIAL_RESOURCE)
    result.score = result.slate.score - 3.0 * len(result.failed) - 0.7 * len(result.loose) + 0.1 * len(result.rows)
