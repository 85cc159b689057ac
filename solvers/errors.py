"""What a caller of `solvers` can get wrong, and what can be missing.

SolversError
├── ModelError          a model that is no model (shapes, NaN, crossing bounds); the caller's
├── FormatError         a file that cannot be read or written as it should; names line and reason
├── OptionsError        options that contradict themselves or the backend
├── BackendUnavailable  an extra that is not installed, with the command that installs it
├── Unsupported         a backend that cannot take this class of model, with the reason
└── SolverFault         a backend returned something that its own model refutes
"""

from __future__ import annotations


class SolversError(Exception):
    """The root of this package's errors."""


class ModelError(SolversError, ValueError):
    """The arrays given do not make a model."""


class FormatError(SolversError, ValueError):
    """A file or text that is not what its format says."""

    def __init__(self, reason: str, *, source: str = "", line: int | None = None) -> None:
        self.reason, self.source, self.line = reason, source, line
        place = ", ".join(part for part in (source, f"line {line}" if line else "") if part)
        super().__init__(f"{place}: {reason}" if place else reason)


class OptionsError(SolversError, ValueError):
    """Options that cannot be met."""


class BackendUnavailable(SolversError):
    """A backend that is not installed or cannot run here; the message says what to do."""


class Unsupported(SolversError):
    """A backend that does not take this class of model; the message says which and why."""


class SolverFault(SolversError):
    """A backend's answer that does not stand up to a replay against the model."""
