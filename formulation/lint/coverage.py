"""Numbers of the text that something uses, and elements that rest on the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from formulation.algebra.nodes import Number
from formulation.finding import Finding, LintCheck, Severity
from formulation.formulation import Evidence, Formulation, Parameter, Span
from formulation.language import gettext, language_of, number, with_english_numbers
from formulation.lint.expressions import Expression

NARROW = 60
"""Evidence of a parameter at most this long vouches for the numbers inside it."""

_PERIOD = re.compile(r"[\s-]*(?:month|year)s?\b", re.IGNORECASE)
"""A number of months or years is often only how long all this goes on."""

_BINDING = re.compile(
    r"\b(?:can(?:not|'t| not| only)|only (?:be \w+ )?if|at least|at most|no (?:more|fewer|less) than|not both"
    r"|(?:must|may|should) not|not allowed|either \w+ or not|not exceed|twice as|times as)\b",
    re.IGNORECASE,
)
"""Words that bind the decisions."""

_CLOCK = re.compile(r"(?<![\d:.,])([01]?\d|2[0-4]):[0-5]\d(?![\d:])")
"""A time of day. It orders what happens more often than it is computed with, and may be told as hours or minutes."""

_NUMERAL = re.compile(r"\d+(?:\.\d+)?")
_WORD = re.compile(r"\s*([^\W\d_]+)")

COMMON_WORDS = 2.0
"""Numbers written in letters up to this one are mostly articles ("one of the") and counts ("two kinds")."""


def numbers_unused(formulation: Formulation, stated: tuple[Expression, ...], text: str) -> Iterator[Finding]:
    """Return a finding for each number of the text that nothing uses, and each parameter that nothing uses.

    A number is used where a parameter that an expression holds, or a constant in an expression, has its
    value (for a percentage also its share, and what is left of the whole), where such a parameter's own
    evidence is little more than the number, where it counts the elements of a set or the variables, where it is
    part of a time of day whose hours or minutes since midnight are used, or where an assumption sets it aside. Other
    times of day are warnings.
    """
    names: set[str] = set().union(*(expression.names() for expression in stated)) if stated else set()
    values: set[float] = set()
    vouched: list[Span] = [span for assumption in formulation.assumptions for span in assumption.evidence]
    read = with_english_numbers(text, language_of(text))
    numbers = list(_numbers(read))
    for parameter in formulation.parameters:
        if parameter.name not in names:
            detail = gettext("no expression uses this parameter")
            yield Finding(LintCheck.NUMBERS_COVERED, Severity.ERROR, parameter.name, detail, parameter.evidence)
            continue
        value = parameter.value
        yield from _misquoted(parameter, text, read, numbers)
        values |= set(value.values()) if isinstance(value, Mapping) else set() if value is None else {value}
        vouched += [span for span in parameter.evidence if span.end - span.start <= NARROW]
    for expression in stated:
        values |= {abs(part.value) for part in expression.parts() if isinstance(part, Number)}
        if expression.element in {variable.name for variable in formulation.variables}:
            vouched += [span for span in expression.evidence if span.end - span.start <= NARROW]
    counts = {float(len(index_set.elements)) for index_set in formulation.sets if index_set.elements is not None}
    counts |= {float(len(formulation.variables)), float(len(formulation.constraints))}
    for index_set in formulation.sets:
        values |= {float(key) for key in index_set.elements or () if _NUMERAL.fullmatch(str(key))}
    labels = " | ".join(_labels(formulation)).lower()
    clocks = [Span(*match.span()) for match in _CLOCK.finditer(text)]
    for value, span, worded in numbers:
        if _is_part_of_a_name(text, span, labels):
            continue
        if any(inside.start < span.end and span.start < inside.end for inside in vouched):
            continue
        if any(_same(candidate, used) for candidate in _readings(value) for used in values):
            continue
        if value in counts or (worded and value <= COMMON_WORDS):
            continue
        clock = next((time for time in clocks if time.start <= span.start and span.end <= time.end), None)
        if clock is not None and any(_same(reading, used) for reading in _times(text, clock) for used in values):
            continue
        is_period = _PERIOD.match(text, span.end) is not None
        severity = Severity.WARNING if worded or is_period or clock else Severity.ERROR
        said = text[span.start : span.end]
        detail = gettext("nothing uses the number '{number}'").format(number=said)
        yield Finding(LintCheck.NUMBERS_COVERED, severity, "", detail, (span,))


def _times(text: str, clock: Span) -> tuple[float, float]:
    """Return what a time of day counts since midnight, in hours and in minutes."""
    hours, minutes = text[clock.start : clock.end].split(":")
    return int(hours) + int(minutes) / 60, float(int(hours) * 60 + int(minutes))


def _misquoted(parameter: Parameter, text: str, read: str, stated: list[tuple[float, Span, bool]]) -> Iterator[Finding]:
    """Return a finding where a parameter's own short evidence holds numbers, and its value is none of them."""
    if not isinstance(parameter.value, int | float):
        return
    for span in parameter.evidence:
        if span.end - span.start > NARROW or span.end > len(text):
            continue
        quoted = [value for value, _, _ in _numbers(read[span.start : span.end])]
        # In its sentence a number may be another: the 30 of "30 and 40 thousand", the 12 kg that are counted in grams.
        around = [value for value, inside, _ in stated if inside.start < span.end and span.start < inside.end]
        values = [reading for value in quoted + around for reading in _readings(value)]
        values += [value * factor for value in quoted for factor in _factors(text[span.end :], parameter.unit)]
        if quoted and not any(_same(abs(parameter.value), abs(value)) for value in values):
            said = text[span.start : span.end]
            detail = gettext("its value is {value}, and the text says '{words}'").format(
                value=number(parameter.value), words=said
            )
            yield Finding(LintCheck.NUMBERS_COVERED, Severity.ERROR, parameter.name, detail, (span,))


def _factors(following: str, unit: str) -> Iterator[float]:
    """Return what turns an amount in the unit that follows it into the unit of a parameter: kilograms into grams."""
    from formulation.embedded.lexicon import measures, stem

    word = _WORD.match(following)
    if word is None:
        return
    told, counted = stem(word[1]), stem(unit)
    for sizes in measures():
        if told in sizes and counted in sizes:
            yield sizes[told] / sizes[counted]


def _labels(formulation: Formulation) -> Iterator[str]:
    for variable in formulation.variables:
        yield from (variable.label, variable.description)
    for index_set in formulation.sets:
        yield from (index_set.label, index_set.description)
    for index_set in formulation.sets:
        yield from (str(key) for key in index_set.elements or () if isinstance(key, str))


def _is_part_of_a_name(text: str, span: Span, labels: str) -> bool:
    """Return whether a number belongs to a name, as in "Route 7", that a variable or an element carries."""
    before = text[: span.start].split()[-1:]
    phrase = f"{before[0] if before else ''} {text[span.start : span.end]}".strip().lower()
    return " " in phrase and re.search(rf"\b{re.escape(phrase)}\b", labels) is not None


def _numbers(text: str) -> Iterator[tuple[float, Span, bool]]:
    from formulation.embedded.quantities import quantities
    from formulation.embedded.tokens import sentences

    for sentence in sentences(text):
        for quantity in quantities(sentence.tokens):
            first, last = sentence.tokens[quantity.first], sentence.tokens[quantity.last - 1]
            yield quantity.value, Span(first.start, last.end), quantity.worded


def _readings(value: float) -> tuple[float, ...]:
    """Return what a number may stand as: itself, a percentage or its share, their complement, its reciprocal."""
    readings = [value, value * 100.0, value / 100.0, 1.0 - value, 1.0 + value, 1.0 - value / 100.0, 1.0 + value / 100.0]
    if value:
        readings.append(1.0 / value)
    return tuple(readings)


def _same(first: float, second: float) -> bool:
    return abs(first - second) <= 1e-9 * max(1.0, abs(first), abs(second))


def untraced(formulation: Formulation, text: str) -> Iterator[Finding]:
    """Return a finding for each variable, the objective and each constraint that no words stand behind.

    Evidence beyond the end of the text is an error; none at all leaves the element unproven, unless an
    assumption names it. A parameter is traced by its evidence or by its table.
    """
    assumed = {assumption.element for assumption in formulation.assumptions}
    elements: list[tuple[str, Evidence]] = []
    elements += [(v.name, v.evidence) for v in formulation.variables]
    elements += [(c.name, c.evidence) for c in formulation.constraints]
    elements += [(p.name, p.evidence) for p in formulation.parameters if p.source is None]
    if formulation.objective is not None:
        elements.append(("objective", formulation.objective.evidence))
    for name, evidence in elements:
        beyond = [span for span in evidence if span.end > len(text) or span.start == span.end]
        if beyond:
            place = f"[{beyond[0].start}, {beyond[0].end})"
            detail = gettext("its evidence {place} is not in the text").format(place=place)
            yield Finding(LintCheck.ELEMENTS_TRACED, Severity.ERROR, name, detail)
        elif not evidence and name not in assumed:
            detail = gettext("no words of the text stand behind this element, and no assumption names it")
            yield Finding(LintCheck.ELEMENTS_TRACED, Severity.WARNING, name, detail)


def unstated(formulation: Formulation, text: str) -> Iterator[Finding]:
    """Return a finding for each sentence whose words bind the decisions, and on which no constraint rests.

    An assumption whose evidence lies in the sentence sets it aside; a variable's bound or domain answers for it
    where the variable's evidence lies behind the words that bind.
    """
    from formulation.embedded.tokens import sentences

    resting = [span for constraint in formulation.constraints for span in constraint.evidence]
    resting += [span for assumption in formulation.assumptions for span in assumption.evidence]
    used = {name for constraint in formulation.constraints for name in re.findall(r"\w+", constraint.expression)}
    resting += [span for p in formulation.parameters if p.name in used for span in p.evidence]
    for sentence in sentences(text):
        if not sentence.tokens:
            continue
        start, end = sentence.tokens[0].start, sentence.tokens[-1].end
        binding = _BINDING.search(text, start, end)
        if binding is None or any(span.start < end and start < span.end for span in resting):
            continue
        said = gettext("the words '{words}' bind the decisions, and no constraint rests on their sentence")
        detail = said.format(words=binding.group())
        yield Finding(LintCheck.ELEMENTS_TRACED, Severity.ERROR, "", detail, (Span(start, end),))
