"""Questions to the user, and what the user's answers settle without asking a model again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from formulation.formulation import Formulation, Parameter, Question
from formulation.language import with_english_numbers
from formulation.language.detect import language_of_problem
from formulation.problem import Problem

if TYPE_CHECKING:
    from formulation.state import State

_NUMBER = re.compile(r"\s*(?:[$€£¥]\s*)?([-+]?\d[\d,]*(?:\.\d+)?|[-+]?\.\d+)\s*(%)?\s*([^\d]*)\s*")
MAX_QUESTIONS = 5


def open_questions(state: State) -> tuple[Question, ...]:
    """Return what is open at this point of a run: of the embedded reader, the formulator and the debugger.

    What the request has answered is not asked again.
    """
    answered = {identifier for identifier, _ in state.problem.answers}
    found: dict[str, Question] = {}
    if state.formulated is not None:
        for question in agreed_questions(tuple(sample.questions for sample in state.formulated.samples)):
            found.setdefault(question.id, question)
    for n, mended in enumerate(state.mended, 1):
        if mended.question:
            identifier = f"reading_{n}"
            found.setdefault(identifier, Question(identifier, mended.question))
    if state.draft is None and state.formulated is None and state.read is not None:
        for question in state.read.reading.questions:
            found.setdefault(question.id, question)
    return tuple(question for question in found.values() if question.id not in answered)[:MAX_QUESTIONS]


def agreed_questions(samples: tuple[tuple[Question, ...], ...]) -> tuple[Question, ...]:
    """Return the questions of the first sample that asks, where more than half of the samples ask anything."""
    asking = [questions for questions in samples if questions]
    return asking[0] if 2 * len(asking) > len(samples) else ()


def settled(problem: Problem) -> Formulation | None:
    """Return the earlier formulation completed by the answers alone; None where a model must read them.

    An answer settles its question where that question concerns one parameter without indices and the answer
    is one number, perhaps with the parameter's unit.
    """
    formulation = problem.formulation
    if formulation is None or formulation.objective is None or not problem.answers:
        return None
    answers = dict(problem.answers)
    if any(question.id not in answers for question in formulation.questions) or not formulation.questions:
        return None
    if set(answers) - {question.id for question in formulation.questions}:
        return None
    language = language_of_problem(problem)
    values: dict[str, float] = {}
    for question in formulation.questions:
        element = _scalar(formulation, question.element)
        said = with_english_numbers(answers[question.id], language)
        number = _number(said, element.unit) if element is not None else None
        if element is None or number is None:
            return None
        values[element.name] = number
    return replace(formulation, parameters=_filled(formulation.parameters, values), questions=())


def _filled(parameters: tuple[Parameter, ...], values: Mapping[str, float]) -> tuple[Parameter, ...]:
    return tuple(replace(p, value=values[p.name]) if p.name in values else p for p in parameters)


def _scalar(formulation: Formulation, name: str) -> Parameter | None:
    for element in formulation.parameters:
        if element.name == name and not element.indices and element.source is None:
            return element
    return None


def _number(answer: str, unit: str) -> float | None:
    """Return the one number that an answer is; None where it says more, or in another unit."""
    match = _NUMBER.fullmatch(answer)
    if match is None:
        return None
    digits, percent, rest = match.groups()
    if rest.strip() and rest.strip().casefold() != unit.strip().casefold():
        return None
    value = float(digits.replace(",", ""))
    return value / 100 if percent and unit.strip() != "%" else value
