"""Pyomo programs, run as if each were an attack: a confined child makes data, and trusted code does the rest."""

from formulation.sandbox.limits import LimitKind, Limits
from formulation.sandbox.outcome import (
    Built,
    BuiltNonlinear,
    LimitHit,
    Outcome,
    ProgramError,
    SandboxUnavailable,
)
from formulation.sandbox.sandbox import Sandbox

__all__ = [
    "Built",
    "BuiltNonlinear",
    "LimitHit",
    "LimitKind",
    "Limits",
    "Outcome",
    "ProgramError",
    "Sandbox",
    "SandboxUnavailable",
]
