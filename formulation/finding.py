"""What the lint found, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from formulation.formulation import Evidence


class LintCheck(StrEnum):
    """The checks that need no chat model; docs/trust.md says what each proves."""

    NAMES_DEFINED = "names_defined"
    INDICES_FIT = "indices_fit"
    NUMBERS_COVERED = "numbers_covered"
    ELEMENTS_TRACED = "elements_traced"
    UNITS_AGREE = "units_agree"
    DIRECTIONS_AGREE = "directions_agree"
    VARIABLES_USED = "variables_used"
    BOUNDED = "bounded"


class Severity(StrEnum):
    """An error means that the check failed; a warning leaves it unknown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: by which check, on which element, in words, with the text that shows it."""

    check: LintCheck
    severity: Severity
    element: str
    detail: str
    evidence: Evidence = ()
