"""Units of measure that add up. They are plain strings; what cannot be told apart is not held against them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from formulation.algebra.nodes import (
    Add,
    Best,
    Choice,
    Compare,
    Divide,
    Item,
    Multiply,
    Name,
    Negate,
    Node,
    Number,
    Sum,
)
from formulation.finding import Finding, LintCheck, Severity
from formulation.formulation import Formulation
from formulation.language import gettext
from formulation.lint.expressions import Expression

Unit: TypeAlias = frozenset[tuple[str, int]]
Candidates: TypeAlias = frozenset[Unit] | None
"""The units that an expression may have; None where that is open."""

_MEASURES = {
    "$": "$ dollar usd us$",
    "€": "€ euro eur",
    "£": "£ gbp",
    "¥": "¥ yen yuan rmb",
    "cent": "cent ¢",
    "hour": "hour hr h",
    "min": "min minute mins",
    "s": "s sec second",
    "day": "day",
    "week": "week wk",
    "month": "month",
    "year": "year yr",
    "kg": "kg kilogram kilo",
    "g": "g gram",
    "mg": "mg milligram",
    "t": "t ton tonne",
    "lb": "lb pound lbs",
    "oz": "oz ounce",
    "l": "l litre liter",
    "ml": "ml millilitre milliliter",
    "gallon": "gallon gal",
    "m": "m meter metre",
    "cm": "cm centimeter centimetre",
    "km": "km kilometer kilometre",
    "mi": "mi mile",
    "ft": "ft foot feet",
    "inch": "inch",
    "acre": "acre",
    "hectare": "hectare ha",
    "kwh": "kwh",
    "mwh": "mwh",
    "kw": "kw",
    "mw": "mw",
    "calorie": "calorie kcal",
}
"""Measures that cannot be added to one another, each with the words for it."""

_BY_WORD = {word: measure for measure, words in _MEASURES.items() for word in words.split()}
_WORD = re.compile(r"[^\s*·×/()^]+|/|\bper\b|\^\s*-?\d+", re.IGNORECASE)


def unit_of(text: str) -> Unit | None:
    """Return a unit's measures with their powers, None for one that names no measure.

    ``$/kg``, ``$ per kg`` and ``dollars per kilogram`` are the same unit. What is counted ("chairs", "trips")
    is no measure: the number of chairs and tables is a sum that makes sense.
    """
    powers: Counter[str] = Counter()
    sign, last = 1, ""
    for token in _WORD.findall(text.lower()):
        if token in ("/", "per"):
            sign = -1
        elif token.startswith("^"):
            powers[last] += (int(token[1:]) - 1) * sign if last else 0
        else:
            last = _measure(token.strip(".,;"))
            if last:
                powers[last] += sign
    unit = frozenset((name, power) for name, power in powers.items() if power)
    return unit or None


def _measure(word: str) -> str:
    singular = word[:-1] if len(word) > 2 and word.endswith("s") else word
    if len(word) > 4 and word.endswith("hes"):
        singular = word[:-2]
    return _BY_WORD.get(word, _BY_WORD.get(singular, ""))


def _times(first: Unit, second: Unit, sign: int) -> Unit:
    powers = Counter(dict(first))
    for name, power in second:
        powers[name] += sign * power
    return frozenset((name, power) for name, power in powers.items() if power)


def not_adding_up(formulation: Formulation, stated: tuple[Expression, ...]) -> Iterator[Finding]:
    """Return a finding for each sum, relation and objective whose parts cannot have the same unit.

    A coefficient with a bare unit ("hours") is also read as that unit for each unit of what it multiplies,
    as people write it. What has no unit fits anything.
    """
    reader = _Units(formulation)
    for expression in stated:
        if expression.stated is None:
            continue
        reader.clash = ""
        found = reader.candidates(expression.stated)
        if not reader.clash and expression.element == "objective" and formulation.objective is not None:
            wanted = unit_of(formulation.objective.unit)
            if wanted is not None and found is not None and wanted not in found:
                reader.clash = gettext("{unit} where the objective is in {other}").format(
                    unit=_shown(found), other=formulation.objective.unit
                )
        if reader.clash:
            yield Finding(
                LintCheck.UNITS_AGREE, Severity.WARNING, expression.element, reader.clash, expression.evidence
            )


class _Units:
    def __init__(self, formulation: Formulation) -> None:
        self.parameters = {parameter.name: unit_of(parameter.unit) for parameter in formulation.parameters}
        self.variables = {variable.name: unit_of(variable.unit) for variable in formulation.variables}
        self.counted = {v.name for v in formulation.variables if v.unit and unit_of(v.unit) is None}
        self.clash = ""

    def candidates(self, node: Node | Compare) -> Candidates:
        match node:
            case Name(name) | Item(name, _):
                unit = self.parameters.get(name, self.variables.get(name))
                return None if unit is None else frozenset({unit})
            case Negate(operand):
                return self.candidates(operand)
            case Add(terms):
                return self._same([self.candidates(term) for term in terms if not isinstance(term, Number)])
            case Compare(operands, _):
                return self._same([self.candidates(side) for side in operands if not isinstance(side, Number)])
            case Sum(body, _) | Best(_, body, _):
                return self.candidates(body)
            case Choice(_, then, otherwise):
                return self._same([self.candidates(then), self.candidates(otherwise)])
            case Multiply(left, right):
                return self._product(left, right)
            case Divide(left, right):
                above, below = self.candidates(left), self.candidates(right)
                if isinstance(right, Number):
                    return above
                if above is None or below is None:
                    return None
                return frozenset(_times(a, b, -1) for a in above for b in below)
        return None

    def _product(self, left: Node, right: Node) -> Candidates:
        first, second = self.candidates(left), self.candidates(right)
        if isinstance(left, Number):
            return second
        if isinstance(right, Number):
            return first
        first, second = self._as_factor(left, first), self._as_factor(right, second)
        units: set[Unit] = set()
        for own, other, holder in ((first, second, left), (second, first, right)):
            if own is None:
                continue
            if isinstance(holder, Name | Item) and holder.name in self.parameters:
                units |= {unit for unit in own if all(power > 0 for _, power in unit)}
            if other is not None:
                units |= {_times(a, b, 1) for a in own for b in other}
        if first is None and second is None:
            return None
        one_coefficient = _is_parameter(left, self.parameters) != _is_parameter(right, self.parameters)
        if (first is None or second is None) and not one_coefficient:
            return None
        return frozenset(units) or None

    def _as_factor(self, node: Node, own: Candidates) -> Candidates:
        """Return the units of a factor; a variable that counts something without measure leaves the other's."""
        counted = isinstance(node, Name | Item) and node.name in self.counted
        return frozenset({frozenset()}) if own is None and counted else own

    def _same(self, parts: list[Candidates]) -> Candidates:
        known = [part for part in parts if part is not None]
        if not known:
            return None
        common = frozenset.intersection(*known)
        if not common and not self.clash:
            units = ", ".join(dict.fromkeys(_shown(part) for part in known))
            self.clash = gettext("these units do not add up: {units}").format(units=units)
        return common or None


def _is_parameter(node: Node, parameters: dict[str, Unit | None]) -> bool:
    return isinstance(node, Name | Item) and node.name in parameters


def _shown(candidates: frozenset[Unit]) -> str:
    texts = []
    for unit in candidates:
        above = [name if power == 1 else f"{name}^{power}" for name, power in sorted(unit) if power > 0]
        below = [name if power == -1 else f"{name}^{-power}" for name, power in sorted(unit) if power < 0]
        text = "·".join(above) or ("1" if below else gettext("no unit"))
        texts.append(text + "".join(f"/{name}" for name in below))
    return min(texts, key=lambda text: (len(text), text))
