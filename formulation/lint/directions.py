"""Directions that the words of the text bear out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from formulation.algebra.nodes import Comparator, Compare, Item, Name, walk
from formulation.finding import Finding, LintCheck, Severity
from formulation.formulation import Constraint, Evidence, Formulation
from formulation.language import gettext
from formulation.lint.coverage import NARROW
from formulation.lint.expressions import Expression
from solvers.milp import Sense

_NOT = (
    r"(?:not|no|never|cannot|can't|n't|nor|without|restricts?|prevents?|prohibits?|forbids?|limits?|stops?)"
    r"\s+(?:\w+\s+){0,4}?"
)
_UPPER = re.compile(
    rf"\bat most\b|\bup to\b|\bno more than\b|\bmaximum\b|\bmaximal\b|\bno greater than\b|\bno larger than\b"
    rf"|\bnot exceed|\bcannot exceed|\bwithout exceeding\b|\bno higher than\b|\bno longer than\b|\bat the most\b"
    rf"|{_NOT}(?:exceed|(?:be )?(?:more|greater|larger|higher|longer) than)",
    re.IGNORECASE,
)
_LOWER = re.compile(
    rf"\bat least\b|\bno less than\b|\bno fewer than\b|\bminimum\b|\bminimal\b|\bno smaller than\b|\bat the least\b"
    rf"|\bno lower than\b|{_NOT}(?:fall below|(?:be )?(?:less|fewer|smaller|lower) than)",
    re.IGNORECASE,
)
_MORE = re.compile(r"\b(?:more|greater|larger|higher) than\b|\bexceeds?\b|\babove\b", re.IGNORECASE)
_LESS = re.compile(r"\b(?:less|fewer|smaller|lower) than\b|\bbelow\b", re.IGNORECASE)
_SUPPLY = re.compile(r"\bavailable\b|\blimited to\b|\bbudget\b|\bcapacity\b|\bonly ha(?:s|ve)\b", re.IGNORECASE)
_DEMAND = re.compile(r"\b(?:need|require|demand|must|order|want)\w*|\bcontract\b|\bminimal\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_MAXIMIZE = re.compile(
    r"\bmaximi[sz]\w*|\b(?:largest|greatest|highest|as (?:much|many|large|high) as possible)\b", re.I
)
_MINIMIZE = re.compile(
    r"\bminimi[sz]\w*|\b(?:smallest|least|lowest|cheapest|as (?:little|few|small|low) as possible)\b", re.I
)


def contradicted(formulation: Formulation, stated: tuple[Expression, ...], text: str) -> Iterator[Finding]:
    """Return a finding for each relation, and for an objective, whose direction its words speak against.

    A relation is judged where its evidence speaks of one direction only, and where variables stand on one
    side of its sign and only numbers on the other; what is measured against what is otherwise not certain.
    """
    variables = frozenset(variable.name for variable in formulation.variables)
    for expression in stated:
        if isinstance(expression.owner, Constraint) and isinstance(expression.stated, Compare):
            words = _about_the_number(expression, formulation, text)
            said, does = _said(words), _direction(expression.stated, variables)
            if said is not None and does is not None and said != does:
                told = gettext("the words '{words}' speak of a lower limit, and the relation sets an upper one")
                if said == "upper":
                    told = gettext("the words '{words}' speak of an upper limit, and the relation sets a lower one")
                detail = told.format(words=words[:80])
                yield Finding(
                    LintCheck.DIRECTIONS_AGREE, Severity.ERROR, expression.element, detail, expression.evidence
                )
    yield from _objective(formulation, text)


def _objective(formulation: Formulation, text: str) -> Iterator[Finding]:
    objective = formulation.objective
    if objective is None:
        return
    words = _words(objective.evidence, text)
    largest, smallest = bool(_MAXIMIZE.search(words)), bool(_MINIMIZE.search(words))
    wanted = Sense.MAXIMIZE if largest else Sense.MINIMIZE
    if largest != smallest and wanted is not objective.sense:
        told = gettext("the words '{words}' ask for the smallest, and the objective for the largest")
        if wanted is Sense.MAXIMIZE:
            told = gettext("the words '{words}' ask for the largest, and the objective for the smallest")
        detail = told.format(words=words[:80])
        yield Finding(LintCheck.DIRECTIONS_AGREE, Severity.ERROR, "objective", detail, objective.evidence)


def _about_the_number(expression: Expression, formulation: Formulation, text: str) -> str:
    """Return the words that speak of the relation's number.

    They are all of its evidence where that holds one number; else those from the number before to a little
    behind its own, where a parameter says which one that is; else none.
    """
    words = _words(expression.evidence, text)
    if len(_DIGITS.findall(words)) <= 1:
        return words
    names = expression.names()
    own = [
        span
        for parameter in formulation.parameters
        if parameter.name in names
        for span in parameter.evidence
        if any(whole.start <= span.start and span.end <= whole.end for whole in expression.evidence)
    ]
    if len(own) != 1 or own[0].end - own[0].start > NARROW:
        return ""
    whole = next(span for span in expression.evidence if span.start <= own[0].start and own[0].end <= span.end)
    before = [match.end() for match in _DIGITS.finditer(text, whole.start, own[0].start)]
    return text[max(before, default=whole.start) : own[0].end]


def _words(evidence: Evidence, text: str) -> str:
    return " ".join(text[span.start : span.end] for span in evidence)


def _said(words: str) -> str | None:
    upper, lower = bool(_UPPER.search(words)), bool(_LOWER.search(words))
    rest = _LOWER.sub(" ", _UPPER.sub(" ", words))
    upper, lower = upper or bool(_LESS.search(rest)), lower or bool(_MORE.search(rest))
    if not upper and not lower:
        return "upper" if _SUPPLY.search(rest) and not _DEMAND.search(rest) else None
    if upper == lower:
        return None
    return "upper" if upper else "lower"


def _direction(relation: Compare, variables: frozenset[str]) -> str | None:
    if len(relation.comparators) != 1 or relation.comparators[0] is Comparator.EQ:
        return None
    held = [any(isinstance(p, Name | Item) and p.name in variables for p in walk(side)) for side in relation.operands]
    if held[0] == held[1]:
        return None
    is_less = relation.comparators[0] is Comparator.LE
    return "upper" if is_less == held[0] else "lower"
