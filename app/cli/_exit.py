"""The exit codes of every command that answers with a model's solution."""

from __future__ import annotations

from enum import IntEnum
from typing import assert_never

from formulation.answer import Status


class ExitCode(IntEnum):
    """What the shell is told."""

    HELD = 0  # optimal, or feasible with a warning
    FAILED = 1
    USAGE = 2
    NOT_UNDERSTOOD = 3  # not understood, needs answers, or empty
    NO_OPTIMUM = 4  # infeasible or unbounded
    STOPPED = 5  # stopped by a limit with nothing held


def exit_code(status: Status) -> ExitCode:
    """Return the exit code for what an answer holds."""
    match status:
        case Status.OPTIMAL | Status.FEASIBLE:
            return ExitCode.HELD
        case Status.INFEASIBLE | Status.UNBOUNDED:
            return ExitCode.NO_OPTIMUM
        case Status.NO_SOLUTION:
            return ExitCode.STOPPED
        case Status.NOT_UNDERSTOOD | Status.NEEDS_ANSWERS:
            return ExitCode.NOT_UNDERSTOOD
        case Status.ERROR:
            return ExitCode.FAILED
        case _:
            assert_never(status)
