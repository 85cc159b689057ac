"""Things that come in batches: "rolls are baked in batches of 12" makes the number of batches the decision.

The phrase is set aside before the text is read, and worked into what was read: every amount of rolls becomes
12 times the batches. Where the text also tells amounts per batch, nothing is set aside, and the phrase is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from formulation.embedded.grids import Cell
from formulation.embedded.lexicon import numbers, stem
from formulation.embedded.unfold import Unfolded
from formulation.formulation import Assumption, Formulation, Parameter, Span, VariableDomain
from formulation.naming import identifier
from formulation.reading import Reading, ReadingFailure, ReadingStatus

_PHRASE = re.compile(
    r"\s(?:only |always )?in (batches|sets|lots|packs|packets|boxes|crates|cartons|loads|multiples|bundles|trays|cases|"
    r"bags) of (\d{1,4}|[a-z]+)\b(?! (?:for|at|each|per|costs?)\b)",
    re.IGNORECASE,
)
_ALL = frozenset(["both", "all", "they", "each", "everything", "these", "everyth"])


@dataclass(frozen=True, slots=True)
class Batch:
    """Things named in ``before`` come ``size`` at a time; ``word`` is the stem of what they come in."""

    word: str
    size: int
    before: str
    span: Span


@dataclass(frozen=True, slots=True)
class SetAside:
    """The text without its phrases of batches, and what they said."""

    unfolded: Unfolded
    batches: tuple[Batch, ...]


def set_aside(text: str) -> SetAside | None:
    """Return the text without "in batches of 6"; None where it has none, or tells amounts per batch."""
    found: list[Batch] = []
    unfolded, here = Unfolded(), 0
    for match in _PHRASE.finditer(text):
        size = _number(match[2].lower())
        start = max(text.rfind(mark, 0, match.start()) for mark in (". ", "\n", "? ", "! ")) + 1
        if size < 2:
            return None
        found.append(Batch(stem(match[1]), size, text[max(start, here) : match.start()], Span(*match.span())))
        unfolded.keep(text[here : match.start()], here)
        unfolded.say(" ", Cell("", *match.span()))
        here = match.end()
    if not found:
        return None
    unfolded.keep(text[here:], here)
    words = "|".join(re.escape(batch.word) + "\\w*" for batch in found)
    told = re.compile(rf"\b(?:per|an?|each|every|one|\d+|{'|'.join(numbers()['units'])}) (?:{words})\b", re.IGNORECASE)
    return None if told.search(unfolded.text) else SetAside(unfolded, tuple(found))


def _number(word: str) -> int:
    if word.isdecimal():
        return int(word)
    return int(numbers()["units"].get(word, numbers()["tens"].get(word, 12 if word == "dozen" else 0)))


def packed(reading: Reading, batches: tuple[Batch, ...]) -> Reading:
    """Return a reading whose decisions count batches, or one that says of which decisions it is not clear."""
    formulation = reading.formulation
    if formulation is None:
        return reading
    owners = [_owners(batch, formulation) for batch in batches]
    doubtful = [batch for batch, names in zip(batches, owners, strict=True) if not names]
    every = [name for names in owners for name in names]
    if (
        doubtful
        or len(set(every)) < len(every)
        or any(v.domain is not VariableDomain.INTEGER for v in formulation.variables)
    ):
        spans = tuple(batch.span for batch in (doubtful or batches))
        failure = ReadingFailure("batches", "It is not clear which of the things come in batches.", spans)
        status = ReadingStatus.NOT_UNDERSTOOD if reading.status is ReadingStatus.UNDERSTOOD else reading.status
        return replace(reading, status=status, confidence=0.0, failures=(*reading.failures, failure))
    for batch, names in zip(batches, owners, strict=True):
        for name in names:
            formulation = _in_batches(formulation, batch, name)
    return replace(reading, formulation=formulation)


def _owners(batch: Batch, formulation: Formulation) -> list[str]:
    """Return the names of the variables that the words before a phrase speak of."""
    said = {stem(word) for word in re.findall(r"[^\W\d_]+", batch.before)}
    named = [
        v.name for v in formulation.variables if {stem(word) for word in re.findall(r"[^\W\d_]+", v.label)} <= said
    ]
    return named or ([v.name for v in formulation.variables] if said & _ALL else [])


def _in_batches(formulation: Formulation, batch: Batch, name: str) -> Formulation:
    taken = {element.name for element in formulation.symbols}
    variable = next(v for v in formulation.variables if v.name == name)
    label = f"batch size of {variable.label.lower()}"
    size = identifier(label, taken)
    new = identifier(f"batches of {variable.label.lower()}", taken | {size})
    word = re.compile(rf"\b{re.escape(name)}\b")

    def changed(expression: str) -> str:
        return word.sub(f"({size} * {new})", expression)

    objective = formulation.objective
    return replace(
        formulation,
        parameters=(*formulation.parameters, Parameter(size, float(batch.size), label=label, evidence=(batch.span,))),
        variables=tuple(
            replace(v, name=new, label=f"batches of {v.label.lower()}") if v.name == name else v
            for v in formulation.variables
        ),
        objective=None if objective is None else replace(objective, expression=changed(objective.expression)),
        constraints=tuple(replace(c, expression=changed(c.expression)) for c in formulation.constraints),
        assumptions=(
            *formulation.assumptions,
            Assumption(f"The {variable.label} come in batches of {batch.size} and no others.", new, (batch.span,)),
        ),
    )
