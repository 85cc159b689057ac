"""What a formulation or its data can have wrong with it."""

from __future__ import annotations

from formulation.algebra.nodes import Place


class CompileError(ValueError):
    """A formulation that makes no model: the element at fault, the reason, and where in its expression.

    ``element`` is the name of a set, parameter, variable or constraint, or ``"objective"``; ``place`` is the
    character offsets in the element's expression, None where no expression is at fault.
    """

    def __init__(self, element: str, reason: str, place: Place | None = None) -> None:
        self.element, self.reason, self.place = element, reason, place
        super().__init__(f"{element}: {reason}" if element else reason)
