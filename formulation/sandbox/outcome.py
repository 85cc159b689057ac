"""What a run of a program ends with: a closed union."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from formulation.sandbox.limits import LimitKind

if TYPE_CHECKING:
    from solvers.milp import Milp
    from solvers.nonlinear import Nonlinear


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """The program built a model; ``printed`` is the beginning of what it printed."""

    milp: Milp
    printed: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class BuiltNonlinear:
    """The program built a model that is not linear, as AMPL .nl with its names."""

    nl: Nonlinear
    printed: str = ""


@dataclass(frozen=True, slots=True)
class ProgramError:
    """The program is wrong: ``type`` and ``message`` of the exception, where it arose, and what it names.

    ``line`` counts from 1 in the program's own text; None where no line of it is to blame. ``names`` are the
    identifiers that the exception or its line speaks of.
    """

    type: str
    message: str
    line: int | None = None
    names: tuple[str, ...] = ()
    printed: str = ""

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}{self.type}: {self.message}" if self.message else f"{place}{self.type}"


@dataclass(frozen=True, slots=True)
class LimitHit:
    """The run was ended by a limit; ``limit`` is its amount, in the unit of `Limits`."""

    which: LimitKind
    limit: float

    def __str__(self) -> str:
        match self.which:
            case LimitKind.WALL:
                return f"the program ran for longer than {self.limit:g} s"
            case LimitKind.CPU:
                return f"the program used more than {self.limit:g} s of processor time"
            case LimitKind.MEMORY:
                return f"the program needed more than {self.limit / 2**20:.0f} MiB of memory"
            case LimitKind.OUTPUT:
                return f"the model takes more than {self.limit / 2**20:.0f} MiB to hand over"
            case LimitKind.DISK:
                return f"the program wrote more than {self.limit / 2**20:.0f} MiB of files"
            case LimitKind.THREADS:
                return f"the program started more than {self.limit:g} threads"
            case LimitKind.CANCELLED:
                return "the run was cancelled"


@dataclass(frozen=True, slots=True)
class SandboxUnavailable:
    """No program was run, because ``layer`` of the confinement is missing or did not hold.

    This says nothing about the program and is never shown to a chat model as its program's fault.
    """

    layer: str
    reason: str = ""

    def __str__(self) -> str:
        return f"programs are not run here: {self.layer}: {self.reason}"


Outcome = Built | BuiltNonlinear | ProgramError | LimitHit | SandboxUnavailable
