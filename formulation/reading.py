"""What a reader made of a text, whichever reader it was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from formulation.formulation import Evidence, Formulation, Question, Span


class ReadingStatus(StrEnum):
    """Whether the reading can be stood behind."""

    UNDERSTOOD = "understood"
    NEEDS_ANSWERS = "needs_answers"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Unread:
    """A stretch of the text that the reader could not use, and why."""

    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class ReadingFailure:
    """A check of the reading itself that did not hold: its name, and what it found."""

    check: str
    detail: str
    evidence: Evidence = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A formulation, whole where ``status`` is understood, partial or absent otherwise.

    ``confidence`` is between 0 and 1. Questions are asked only where ``status`` is needs_answers.
    """

    status: ReadingStatus
    reader: str
    formulation: Formulation | None = None
    confidence: float = 0.0
    unread: tuple[Unread, ...] = ()
    questions: tuple[Question, ...] = ()
    failures: tuple[ReadingFailure, ...] = ()

    def __post_init__(self) -> None:
        if self.status is ReadingStatus.UNDERSTOOD and (self.formulation is None or self.formulation.objective is None):
            raise ValueError("an understood reading holds a whole formulation")
        if self.status is ReadingStatus.NEEDS_ANSWERS and not self.questions:
            raise ValueError("a reading that needs answers asks questions")
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence {self.confidence} is not between 0 and 1")
