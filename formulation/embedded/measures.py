"""Measures: amounts told in different units of one kind ("150 g" each, "12 kg" at hand) are put into one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

from formulation.embedded.facts import Coefficient, Facts, Limit
from formulation.embedded.failed import Check
from formulation.embedded.lexicon import measures

_Fact = TypeVar("_Fact", Coefficient, Limit)


def settle(facts: Facts, decided: set[str]) -> list[str]:
    """Put the amounts of each kind of measure into one unit, and return a note for each unit that was changed.

    Coefficients are put into the smallest unit among them, and so are the limits that no coefficient shares its unit
    with. A limit on decisions that are themselves counted in such a unit (``decided``, stems of units) is put into
    that. Where decisions are counted in two units of one kind, a rate per unit would have to change too: that is
    left alone, and noted as a problem.
    """
    notes: dict[str, None] = {}
    for sizes in measures():
        own = {sizes[unit]: unit for unit in decided & sizes.keys()}
        rates = [c.figure for c in facts.coefficients if c.figure.unit in sizes]
        common = min((f.unit for f in rates), key=lambda unit: (sizes[unit], unit), default="")
        changed = {id(figure): (figure, common) for figure in rates}
        for limit in facts.limits:
            figure = limit.figure
            counted = bool(own) and (bool(limit.decisions) or not common)
            if figure.unit in sizes and (counted or figure.unit not in own.values()):
                changed[id(figure)] = figure, own[min(own)] if counted else common or figure.unit
        if len(own) > 1 and changed:
            facts.problems.append(Check.TWO_UNITS)
            continue
        factors: dict[int, Fraction] = {}
        words = {figure.unit: figure.unit_word for figure, _ in changed.values()}
        for key, (figure, unit) in changed.items():
            word = words.get(unit, unit)
            factor = Fraction(sizes[figure.unit], sizes[unit])
            if factor != 1:
                notes[f"Amounts in {words[figure.unit]} are counted in {word}, {_told(factor)} to one."] = None
                factors[key] = factor
            if figure.unit != unit:
                figure.unit, figure.unit_word = unit, word
        if not factors:
            continue
        facts.coefficients[:] = [_scaled(c, factors) for c in facts.coefficients]
        facts.limits[:] = [_scaled(limit, factors) for limit in facts.limits]
    return list(notes)


def _scaled(fact: _Fact, factors: dict[int, Fraction]) -> _Fact:
    factor = factors.get(id(fact.figure), Fraction(1))
    return fact if factor == 1 else replace(fact, value=float(Fraction(repr(fact.value)) * factor))


def _told(factor: Fraction) -> str:
    return f"{factor.numerator:,}" if factor.denominator == 1 else f"{factor.numerator}/{factor.denominator}"
