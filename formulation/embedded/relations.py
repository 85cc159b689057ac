"""Relations between decisions: ratios, shares of the total, "more of this than of that"."""

from __future__ import annotations

from itertools import pairwise

from formulation.embedded.bounds import run_of
from formulation.embedded.comparing import is_negated
from formulation.embedded.decisions import Mention, Slate
from formulation.embedded.expressions import Comparing
from formulation.embedded.facts import Facts, Relation
from formulation.embedded.failed import Check
from formulation.embedded.figures import Clause, Comparison, Figure
from formulation.embedded.lexicon import plain
from formulation.embedded.quantities import QuantityKind

_NEAR = 6
_MUST = frozenset(["must", "should", "shall", "has", "have", "need", "needs", "are", "is"])
_COPULA = plain("modal") | {"be", "make", "up", "to", "at", "not", "cannot", "also"}
_SHARE = frozenset((QuantityKind.PERCENT, QuantityKind.FRACTION))


def relations(clause: Clause, slate: Slate, figures: list[Figure], facts: Facts) -> tuple[list[Figure], set[Mention]]:
    """Read ratios, shares and comparisons between decisions; return the figures that are left."""
    left = list(figures)
    used: set[Mention] = set()
    spent: set[Comparison] = set()
    for figure in figures:
        ratio = _for_each(clause, figure, figures)
        if ratio is None or figure.comparison is None:
            continue
        one, other, divisor = ratio
        divisors = () if divisor is None else (divisor,)
        ours = (one.decisions[0], divisor.quantity.value if divisor else 1.0)
        theirs = (other.decisions[0], -figure.quantity.value)
        said = figure.comparison
        facts.expressions.append(
            (
                Comparing((ours, theirs), said.sense, said.strict, 0.0, (figure, *divisors), (one, other), (said,)),
                clause,
            )
        )
        used |= {one, other}
        left = [f for f in left if f is not figure and f not in divisors]
        spent.add(said)
    for figure in list(left):
        quantity = figure.quantity
        multiple = quantity.kind == QuantityKind.MULTIPLE
        if not multiple and quantity.kind not in _SHARE:
            continue
        comparison = figure.comparison
        if comparison is None and multiple and quantity.first and clause.tokens[quantity.first - 1].lower == "as":
            facts.unread.append(figure)  # "counted as double"
            left.remove(figure)
            continue
        if comparison is None:
            if multiple:
                comparison = next(
                    (
                        c
                        for c in clause.comparisons
                        if c not in spent and c.last <= quantity.first and not any(f.comparison is c for f in figures)
                    ),
                    None,
                )
                if comparison is None:
                    comparison = _more_than(clause, figure)
                if comparison is None:
                    # "there must be twice as many vans as lorries": more would do as well.
                    comparison = Comparison("lower", False, quantity.first, quantity.first)
            else:
                continue
        between = _pair(clause, figure, comparison, slate)
        surplus = _surplus(clause, figure)
        if surplus:
            used |= _more_by_a_share(clause, figure, comparison, between, surplus, facts)
            spent |= {comparison, *(c for c in clause.comparisons if 0 <= c.first - quantity.last <= 1)}
            left.remove(figure)
            continue
        words = [t.lower for t in clause.tokens[quantity.last : clause.last]]
        near = [m for m in clause.mentions if quantity.last <= m.first <= quantity.last + _NEAR]
        near = [m for m in near if not any(t.lower in _MUST for t in clause.tokens[quantity.last : m.first])]
        share = (
            not multiple
            and not _of_another(clause, figure, comparison, between)
            and (
                between is None
                or (words[:1] == ["of"] and not near)
                or any(w in ("total", "all", "overall", "entire", "whole") for w in words[:6])
                or quantity.kind == QuantityKind.PERCENT
            )
        )
        if share:
            target = _share_target(clause, figure)
            if target is None:
                continue
            if quantity.value > 1:
                facts.unread.append(figure)  # no part is more than the whole
                left.remove(figure)
                continue
            terms = tuple(
                (k, (1.0 if k == target.decisions[0] else 0.0) - quantity.value) for k in range(len(slate.decisions))
            )
            facts.relations.append(
                Relation(terms, comparison.sense, comparison.strict, 0.0, clause, target.decisions[0], -1, (figure,))
            )
            used.add(target)
        elif between is not None:
            one, two = between
            terms = ((one.decisions[0], 1.0), (two.decisions[0], -quantity.value))
            facts.relations.append(
                Relation(
                    terms,
                    comparison.sense,
                    comparison.strict,
                    0.0,
                    clause,
                    one.decisions[0],
                    two.decisions[0],
                    (figure,),
                )
            )
            used |= {one, two}
        else:
            continue
        spent.add(comparison)
        left.remove(figure)
    for comparison in clause.comparisons:
        if comparison in spent or any(f.comparison is comparison for f in clause.figures):
            continue
        if clause.tokens[comparison.first].lower in ("minimum", "maximum", "within"):
            continue
        pair = _compared(clause, comparison)
        if pair is not None:
            one, two = pair
            first, second = _together(clause, one, comparison), _together(clause, two, comparison)
            sums = [(m.decisions[0], 1.0) for m in first] + [(m.decisions[0], -1.0) for m in second]
            if len({k for k, _ in sums}) < len(sums):
                continue
            terms = tuple(sums)
            if len(terms) > 2:
                added = Comparing(terms, comparison.sense, comparison.strict, 0.0, (), (*first, *second), (comparison,))
                facts.expressions.append((added, clause))
                used |= {*first, *second}
                continue
            facts.relations.append(
                Relation(terms, comparison.sense, comparison.strict, 0.0, clause, one.decisions[0], two.decisions[0])
            )
            used |= {*first, *second}
        elif clause.mentions and clause.tokens[comparison.last - 1].lower == "than":
            facts.problems.append(Check.UNREAD_COMPARISON)
    tokens = clause.tokens
    for index in range(clause.first, clause.last):
        if tokens[index].lower not in ("more", "fewer", "less") or any(
            c.first <= index < c.last for c in clause.comparisons
        ):
            continue
        ahead = [m for m in clause.mentions if m.first > index]
        if len(ahead) < 2 or ahead[0].decisions == ahead[1].decisions or ahead[0].first > index + 3:
            continue
        if not any(t.lower == "than" for t in tokens[ahead[0].last : ahead[1].first]) or (
            index and tokens[index - 1].kind in ("number", "percent")
        ):
            continue
        chunk = {t.lower for t in tokens[_chunk(clause, index) : index]}
        if _is_wished(clause, index):
            facts.problems.append(Check.UNREAD_COMPARISON)  # a wish, or a limit?
            continue
        if chunk & {"since", "because", "usually", "often", "as", "expects"} or any(
            word.startswith("prefer") for word in chunk
        ):
            continue
        if any(f.quantity.last == index or index < f.quantity.first < ahead[1].first for f in clause.figures):
            continue
        sense = "lower" if tokens[index].lower == "more" else "upper"
        negated = bool(chunk & plain("negation"))
        if negated:
            sense = "upper" if sense == "lower" else "lower"  # "there cannot be more vans than lorries"
        terms = ((ahead[0].decisions[0], 1.0), (ahead[1].decisions[0], -1.0))
        facts.relations.append(
            Relation(
                terms,
                sense,
                not negated,
                0.0,
                clause,
                ahead[0].decisions[0],
                ahead[1].decisions[0],
            )
        )
        used |= {ahead[0], ahead[1]}
    return left, used


def _is_wished(clause: Clause, index: int) -> bool:
    """Whether who decides would rather have more of one: "he prefers to grow more leeks than beets"."""
    words = [token.lower for token in clause.tokens[_chunk(clause, index) : index]]
    return any(
        who in ("he", "she", "i", "we", "they") and verb.startswith("prefer") and to == "to"
        for who, verb, to in zip(words, words[1:], words[2:], strict=False)
    )


def is_comparison(clause: Clause) -> bool:
    """Whether a clause sets two decisions against each other: "more hours on desks than on chairs"."""
    tokens = clause.tokens
    for one, two in pairwise(clause.mentions):
        if one.decisions == two.decisions or not 1 <= two.first - one.last <= 4:
            continue
        if not any(t.lower in ("than", "as") for t in tokens[one.last : two.first]):
            continue
        lead = [t.lower for t in tokens[clause.first : one.first]]
        asked = any(word in ("must", "should", "has", "have", "need", "needs", "at") for word in lead)
        if asked and any(word in ("more", "less", "fewer", "much", "many") for word in lead):
            return True
    return False


def _more_than(clause: Clause, figure: Figure) -> Comparison | None:
    """Return the comparison of "refuses to eat more pears than 5 times the plums", None where there is none."""
    first = figure.quantity.first
    if not first or clause.tokens[first - 1].lower != "than":
        return None
    for k in range(first - 2, max(clause.first, first - 8) - 1, -1):
        if clause.tokens[k].lower in ("more", "fewer", "less"):
            sense = "lower" if clause.tokens[k].lower == "more" else "upper"
            if is_negated(clause.tokens, k):
                return Comparison("upper" if sense == "lower" else "lower", False, k, k + 1)
            return Comparison(sense, True, k, k + 1)
    return None


def _surplus(clause: Clause, figure: Figure) -> int:
    """Return 1 for "50% more than", -1 for "a third less than", 0 where a share is of something."""
    if figure.quantity.kind not in _SHARE:
        return 0
    ahead = [token.lower for token in clause.tokens[figure.quantity.last : min(figure.quantity.last + 4, clause.last)]]
    if "than" not in [token.lower for token in clause.tokens[figure.quantity.last : clause.last]] or not ahead:
        return 0
    if ahead[0] in ("more", "higher", "greater", "larger", "bigger"):
        return 1
    return -1 if ahead[0] in ("less", "fewer", "lower", "smaller") else 0


def _of_another(clause: Clause, figure: Figure, comparison: Comparison, pair: tuple[Mention, Mention] | None) -> bool:
    """Whether a share is of another decision: "the number of pies must be at least 40% of the number of tarts"."""
    if pair is None or not pair[0].last <= comparison.first <= figure.quantity.first < pair[1].first:
        return False
    subject = [token.lower for token in clause.tokens[pair[0].last : comparison.first]]
    lead = [token.lower for token in clause.tokens[figure.quantity.last : pair[1].first]]
    beyond = [token.lower for token in clause.tokens[pair[1].last : pair[1].last + 2]]
    counted = "number" in lead and not set(lead) & plain("modal")
    if lead[:1] != ["of"] or not (counted or set(lead) <= {"of", "the", "amount"}):
        return False
    return all(word in _COPULA for word in subject) and not set(beyond) & plain("modal")


def _more_by_a_share(
    clause: Clause,
    figure: Figure,
    comparison: Comparison,
    pair: tuple[Mention, Mention] | None,
    surplus: int,
    facts: Facts,
) -> set[Mention]:
    """Record "the pans of rice must be at least 50% more than the pans of stew"; return the mentions it used."""
    if pair is None:
        facts.unread.append(figure)
        return set()
    one, two = pair
    terms = ((one.decisions[0], 1.0), (two.decisions[0], -(1.0 + surplus * figure.quantity.value)))
    facts.expressions.append(
        (Comparing(terms, comparison.sense, comparison.strict, 0.0, (figure,), pair, (comparison,)), clause)
    )
    return {one, two}


def _for_each(clause: Clause, figure: Figure, figures: list[Figure]) -> tuple[Mention, Mention, Figure | None] | None:
    """Return the two decisions of "at least 4 chairs for every (3) desks", and the figure 3 where it is told."""
    if figure.comparison is None or figure.quantity.kind is not QuantityKind.PLAIN:
        return None
    tokens = clause.tokens
    counted = next((m for m in clause.mentions if 0 <= m.first - figure.quantity.last <= 1), None)
    if counted is None:
        return None
    for mention in clause.mentions:
        if mention.decisions == counted.decisions:
            continue
        divisor = next((f for f in figures if f is not figure and f.quantity.last == mention.first), None)
        lead = (divisor.quantity.first if divisor else mention.first) - 1
        if lead < clause.first or tokens[lead].lower not in ("every", "each", "per"):
            continue
        tied = tokens[lead].lower == "per" or tokens[lead - 1].lower in ("for", "with")
        between = any(mention.last <= f.quantity.first < figure.quantity.first for f in figures)
        if tied or (mention.last <= figure.quantity.first and not between):
            return counted, mention, divisor
    return None


def _chunk(clause: Clause, index: int) -> int:
    """Return where the part of the clause begins that holds a token: after the comma before it."""
    for k in range(index - 1, clause.first - 1, -1):
        if clause.tokens[k].text == ",":
            return k + 1
    return clause.first


def _pair(clause: Clause, figure: Figure, comparison: Comparison, slate: Slate) -> tuple[Mention, Mention] | None:
    """Return the decisions of "D1 at least k times D2" and of "at least k times as many D1 as D2"."""
    where = min(figure.quantity.first, comparison.first)
    before = [m for m in clause.mentions if m.last <= where]
    after = [m for m in clause.mentions if m.first >= figure.quantity.last]
    lead = [t.lower for t in clause.tokens[figure.quantity.last : after[0].first]] if after else []
    as_many = lead in (["as", "many", "as"], ["as", "much", "as"])  # "twice as many as vans": of what was named before
    if as_many and not before and len(slate.decisions) == 2:
        return Mention((1 - after[0].decisions[0],), after[0].first, after[0].first), after[0]
    for second in after[1:]:
        between = {t.lower for t in clause.tokens[after[0].last : second.first]}
        said = any(after[0].last <= c.first < second.first for c in clause.comparisons)  # a comparison of its own
        if said or as_many:
            break
        if after[0].decisions != second.decisions and between & {"than", "as", "to", "compared", "over"}:
            return after[0], second
    if before and after and before[-1].decisions != after[0].decisions:
        return before[-1], after[0]
    target = {m.decisions for m in clause.mentions}
    elided = figure.quantity.kind == QuantityKind.MULTIPLE and "as" in clause.words()
    if elided and len(target) == 1 and len(slate.decisions) == 2 and after and not before:
        # "three times as many people want the coupe": as want the other one
        return after[0], Mention((1 - after[0].decisions[0],), after[0].first, after[0].first)
    return None


def _share_target(clause: Clause, figure: Figure) -> Mention | None:
    after = [m for m in clause.mentions if m.first >= figure.quantity.last]
    following = next(
        (f.quantity.first for f in clause.figures if f.quantity.first >= figure.quantity.last), clause.last
    )
    near = [m for m in after if m.first < following and not _begins(clause, figure, m)]
    if near:
        return near[-1] if len({m.decisions for m in near}) == 1 else near[0]
    before = [m for m in clause.mentions if m.last <= figure.quantity.first]
    preceding = max(
        [f.quantity.last for f in clause.figures if f.quantity.last <= figure.quantity.first], default=clause.first
    )
    before = [m for m in before if m.first >= preceding]
    if before:
        return before[-1]
    return None


def _begins(clause: Clause, figure: Figure, mention: Mention) -> bool:
    """Whether a decision after a share is the subject of what is said next: "at least 20%, wind must not exceed"."""
    tokens = clause.tokens
    between = tokens[figure.quantity.last : mention.first]
    beyond = tokens[mention.last : mention.last + 1]
    return any(t.text in (",", ";") or t.lower == "and" for t in between) and any(
        t.lower in plain("modal") for t in beyond
    )


def _together(clause: Clause, mention: Mention, comparison: Comparison) -> list[Mention]:
    """Return the decisions added up with one: "the combined amount of palm oil and olive oil", or that one alone."""
    ahead = mention.first >= comparison.last
    side = [m for m in clause.mentions if (m.first >= comparison.last) == ahead]
    run = run_of(clause, side) if ahead else run_of(clause, side[-2:])
    first = comparison.last if ahead else clause.first
    last = clause.last if ahead else comparison.first
    summed = {t.lower for t in clause.tokens[first:last]} & {"combined", "together", "sum", "total"}
    return list({m.decisions: m for m in run}.values()) if summed and mention in run else [mention]


def _compared(clause: Clause, comparison: Comparison) -> tuple[Mention, Mention] | None:
    before = [m for m in clause.mentions if m.last <= comparison.first]
    after = [m for m in clause.mentions if m.first >= comparison.last]
    if before and after and before[-1].decisions != after[0].decisions:
        if any(f.quantity.first >= comparison.last and f.quantity.first < after[0].first for f in clause.figures):
            return None
        return before[-1], after[0]
    if not before and len(after) > 1 and after[0].decisions != after[1].decisions:
        lead = [t.lower for t in clause.tokens[comparison.last : after[0].first]]
        if lead[:2] in (["as", "many"], ["as", "much"]) and "as" in [
            t.lower for t in clause.tokens[after[0].last : after[1].first]
        ]:
            return after[0], after[1]  # "at least as many chairs as desks"
    return None
