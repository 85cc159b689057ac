"""Roles: what each figure of a clause says - a coefficient, a limit, a ratio between decisions, or nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from formulation.embedded.amounts import amounts
from formulation.embedded.bounds import add_limit, is_limit
from formulation.embedded.coefficients import add_amount, add_coefficients
from formulation.embedded.decisions import Mention, Slate
from formulation.embedded.explained import is_explained
from formulation.embedded.expressions import compared, is_expression
from formulation.embedded.facts import Facts, Limit
from formulation.embedded.failed import Check
from formulation.embedded.figures import Clause, Comparison, Figure
from formulation.embedded.model import FIRST, Choice
from formulation.embedded.phrases import is_verb
from formulation.embedded.relations import is_comparison, relations


def read_clause(
    clause: Clause,
    slate: Slate,
    facts: Facts,
    carry: list[int],
    choice: Choice = FIRST,
) -> None:
    """Add to ``facts`` what a clause says. ``carry`` holds the decisions of the clause before, and is renewed.

    ``choice`` says which figures are limits or amounts whatever their words.
    """
    facts.amounts += amounts(clause, slate, carry)
    _assigned(clause, facts, choice)
    figures = [f for f in clause.figures if not is_explained(f, clause, slate, facts)]
    _ranges(clause, figures)
    figures = [f for f in figures if not (f.quantity.value == 0 and f.comparison is not None)]
    clause.figures = figures
    if is_expression(clause) and (figures or len(clause.mentions) > 1):
        said = compared(clause)
        if said is not None and said.terms and all(f in said.figures for f in figures):
            facts.expressions.append((said, clause))
            carry[:] = [clause.mentions[-1].decisions[0]]
        else:
            facts.unread.extend(figures)
            facts.problems.append(Check.UNREAD_SUM)
        return
    told = len(facts.relations) + len(facts.expressions)
    figures, used = relations(clause, slate, figures, facts)
    if told == len(facts.relations) + len(facts.expressions) and is_comparison(clause):
        facts.problems.append(Check.UNREAD_COMPARISON)
    limits: list[Figure] = []
    for figure in figures:
        told = figure.place in choice.limits
        if told or is_limit(figure, clause, slate, carry) or (limits and _continues(limits[-1], figure, clause)):
            limits.append(figure)
    rest = [f for f in figures if f not in limits]
    taken: set[Mention] = set(used)
    named = list({m.decisions: m for m in reversed(clause.mentions)}.values())[::-1]
    if "respectively" in clause.words() and 1 < len(limits) == len(named) == len(figures):
        for figure, mention in zip(limits, named, strict=True):
            taken |= add_limit(figure, replace(clause, figures=[figure], mentions=[mention]), slate, facts)
        limits = []
    for figure in limits:
        told = figure.place in choice.limits
        taken |= add_limit(figure, replace(clause, mentions=[]) if told else clause, slate, facts)
    if rest:
        free = [m for m in clause.mentions if m not in taken or not limits]
        if not free and limits:  # "power is limited to 24 kW and a kiln uses 3 kW"
            free = [m for m in clause.mentions if limits[-1].quantity.last <= m.first < rest[0].quantity.first]
        add_coefficients(rest, clause, slate, facts, free, carry)
    spoken = [m.decisions[0] for m in clause.mentions]
    if not spoken and clause.figures and clause.words()[0] not in ("it", "they", "these", "this", "each", "both"):
        carry.clear()
    if spoken:
        carry[:] = [spoken[-1]] if len(set(spoken)) == 1 else sorted(set(spoken))


def _assigned(clause: Clause, facts: Facts, choice: Choice) -> None:
    """Move the figures of a clause that the choice assigns from it to the facts."""
    if not choice.assigned:
        return
    known = {(each.sentence, each.token): each for each in choice.assigned}
    left = []
    for figure in clause.figures:
        each = known.get(figure.place)
        if each is None:
            left.append(figure)
            continue
        figure.resource = each.resource
        if figure.unit in ("", "unit") and each.unit:
            figure.unit = figure.unit_word = each.unit
        if each.decision >= 0:
            add_amount(facts, each.decision, figure)
        else:
            facts.limits.append(Limit(each.sense, each.strict, figure.quantity.value, figure, clause))
    clause.figures = left


def _ranges(clause: Clause, figures: list[Figure]) -> None:
    """Give the two numbers of "between 10 and 20" and "range from 0 to 10" their comparisons."""
    tokens = clause.tokens
    words = clause.words()
    for one, two in pairwise(figures):
        between = [t.lower for t in tokens[one.quantity.last : two.quantity.first]]
        before = tokens[one.quantity.first - 1].lower if one.quantity.first else ""
        ranged = any(word.startswith("rang") for word in words) or before in ("from", "between")
        if one.comparison is not None or two.comparison is not None or not between or len(between) > 2:
            continue
        if (between[-1] in ("to", "-", "–") and ranged) or (between[-1] == "and" and before == "between"):
            one.comparison = Comparison("lower", False, one.quantity.first, one.quantity.first)
            two.comparison = Comparison("upper", False, two.quantity.first, two.quantity.first)
            one.noun, one.after, one.unit = one.noun or two.noun, one.after or two.after, one.unit or two.unit


def _continues(limit: Figure, figure: Figure, clause: Clause) -> bool:
    """Whether a figure is the next of a list of limits: "has 500 boxes and 300 buckets"."""
    between = clause.tokens[limit.quantity.last : figure.quantity.first]
    if not any(t.lower in ("and", ",") for t in between) or figure.unit in ("$", "%"):
        return False
    return len(between) <= 7 and not any(
        is_verb(t) or t.lower in ("each", "is", "are", "has", "must", "can", "than", "as", "it") for t in between
    )
