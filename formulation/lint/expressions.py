"""The expressions of a formulation, parsed once, with the element that each belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from formulation.algebra.nodes import Compare, Generator, Item, Name, Node, Part, walk
from formulation.algebra.parse import ExpressionError, parse, parse_bound, parse_heads, parse_relation
from formulation.algebra.rewrite import with_own_indices
from formulation.formulation import Constraint, Evidence, Formulation, Objective, Variable


@dataclass(frozen=True, slots=True)
class Expression:
    """What an element states: ``stated`` over the combinations of ``generators``.

    ``stated`` is None where the text is no expression; ``failure`` then says why.
    """

    element: str
    owner: Objective | Constraint | Variable
    stated: Node | Compare | None
    generators: tuple[Generator, ...] = ()
    failure: str = ""

    @property
    def evidence(self) -> Evidence:
        """Where the element stands in the text."""
        return self.owner.evidence

    def parts(self) -> Iterator[Part]:
        """Return everything inside the expression and its head."""
        for generator in self.generators:
            yield from walk(generator)
        if self.stated is not None:
            yield from walk(self.stated)

    def names(self) -> set[str]:
        """Return the names that occur, indices and sets among them."""
        found = {part.name for part in self.parts() if isinstance(part, Name | Item)}
        return found | {part.set for part in self.parts() if isinstance(part, Generator)}


def expressions(formulation: Formulation) -> tuple[Expression, ...]:
    """Return the expressions of the objective, the constraints and the variables' bounds."""
    found: list[Expression] = []
    objective = formulation.objective
    if objective is not None:
        try:
            found.append(Expression("objective", objective, parse(objective.expression)))
        except ExpressionError as error:
            found.append(Expression("objective", objective, None, failure=str(error)))
    for constraint in formulation.constraints:
        try:
            heads, stated = parse_heads(constraint.for_each), parse_relation(constraint.expression)
            found.append(Expression(constraint.name, constraint, stated, heads))
        except ExpressionError as error:
            found.append(Expression(constraint.name, constraint, None, failure=str(error)))
    over = {parameter.name: parameter.indices for parameter in formulation.parameters}
    for variable in formulation.variables:
        for text in (variable.lower, variable.upper):
            if text is None:
                continue
            try:
                node, heads = parse_bound(text)
            except ExpressionError as error:
                found.append(Expression(variable.name, variable, None, failure=str(error)))
                continue
            if not heads:
                node, heads = with_own_indices(node, variable.indices, over)
            found.append(Expression(variable.name, variable, node, heads))
    return tuple(found)
