"""What the user gave: the text, the data tables, the options."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formulation.data import Table
    from formulation.formulation import Formulation


class Effort(StrEnum):
    """How much is spent on being right; docs/effort.md says what each level does."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Options:
    """How the problem is to be worked on. ``time_limit_s`` is wall time for the solve alone.

    ``language`` is the ISO 639 code of the language of the answer; None takes that of the text.
    """

    effort: Effort = Effort.MEDIUM
    solver: str = "auto"
    time_limit_s: float = 60.0
    seed: int = 0
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A decision problem in words, with its data.

    ``answers`` maps the ids of questions to what the user said; ``formulation`` is the one of an earlier
    round, which those answers complete.
    """

    text: str
    tables: tuple[Table, ...] = ()
    options: Options = field(default_factory=Options)
    answers: tuple[tuple[str, str], ...] = ()
    formulation: Formulation | None = None
