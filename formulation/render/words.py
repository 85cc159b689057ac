# ruff: noqa: D102 - what each part of a writer returns is said in formulation.render.writer
"""A formulation as plain algebra for a terminal, names as people wrote them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from formulation.algebra.nodes import Divide, Function, Generator, Node
from formulation.algebra.parse import ExpressionError, parse, parse_bound, parse_heads, parse_relation
from formulation.algebra.rewrite import renamed, with_own_indices
from formulation.formulation import Constraint, Formulation, Parameter, Variable, VariableDomain
from formulation.render.symbols import SymbolWriter, symbols
from formulation.render.writer import ATOM, OR, PRODUCT, SIGN, SUM
from solvers.milp import Sense

SHOWN_ELEMENTS = 8
SHOWN_VALUES = 12
_SIGNS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠", "-": "−"}


def render(formulation: Formulation) -> str:
    """Return the objective, the constraints, the variables and the data, a line each.

    Symbols stand under their labels, scalar parameters as their numbers. An expression that cannot be read
    stands as it was written.
    """
    lines: list[str] = []
    writer = WordsWriter(formulation)
    objective = formulation.objective
    if objective is None:
        lines.append("No objective is stated.")
    else:
        verb = "Maximize" if objective.sense is Sense.MAXIMIZE else "Minimize"
        named = objective.label or objective.description
        heading = f"{verb} {named}".strip() + (f" [{objective.unit}]" if objective.unit else "")
        lines += [heading, f"  {_expression(writer, objective.expression)}"]
    if formulation.constraints:
        lines.append("subject to")
        names = [_label(constraint) for constraint in formulation.constraints]
        width = min(max(map(len, names)), 32)
        for name, constraint in zip(names, formulation.constraints, strict=True):
            lines.append(f"  {name + ':':<{width + 1}} {constraint_text(formulation, constraint)}")
    if formulation.variables:
        lines.append("with")
        lines += [f"  {line}" for line in map(writer.variable, formulation.variables)]
    data = [*_sets(formulation), *_parameters(formulation)]
    if data:
        lines += ["where", *(f"  {line}" for line in data)]
    return "\n".join(lines)


def constraint_text(formulation: Formulation, constraint: Constraint) -> str:
    """Return one constraint as plain algebra, with what it is stated for."""
    writer = WordsWriter(formulation)
    try:
        generators = parse_heads(constraint.for_each)
        stated = writer.within(generators).write(parse_relation(constraint.expression))
    except ExpressionError:
        head = f" for each {constraint.for_each}" if constraint.for_each else ""
        return constraint.expression + head
    return f"{stated}  for each {writer.heads(generators)}" if generators else stated


def _expression(writer: WordsWriter, text: str) -> str:
    try:
        return writer.write(parse(text))
    except ExpressionError:
        return text


def _label(element: Constraint | Variable | Parameter) -> str:
    return element.label or element.name.replace("_", " ")


def _sets(formulation: Formulation) -> list[str]:
    lines = []
    for index_set in formulation.sets:
        if index_set.elements is None:
            source = index_set.source
            said = f"the entries of {source.column} in {source.table}" if source else "elements to be given"
        else:
            shown = [str(key) for key in index_set.elements[:SHOWN_ELEMENTS]]
            more = len(index_set.elements) - len(shown)
            said = ", ".join(shown) + (f", and {more} more" if more > 0 else "")
        lines.append(f"{index_set.name}: {said}")
    return lines


def _parameters(formulation: Formulation) -> list[str]:
    lines = []
    for parameter in formulation.parameters:
        if not parameter.indices:
            if parameter.value is None and parameter.default is None:
                lines.append(f"{_label(parameter)}: to be given")
            continue
        over = f"[{', '.join(parameter.indices)}]"
        unit = f" [{parameter.unit}]" if parameter.unit else ""
        value = parameter.value
        if isinstance(value, Mapping):
            shown = [f"{' '.join(map(str, keys))} {number:g}" for keys, number in list(value.items())[:SHOWN_VALUES]]
            more = len(value) - len(shown)
            said = ", ".join(shown) + (f", and {more} more" if more > 0 else "")
        elif parameter.source is not None:
            said = f"column {parameter.source.column} of {parameter.source.table}"
        else:
            said = "to be given"
        lines.append(f"{_label(parameter)}{over}: {said}{unit}")
    return lines


class WordsWriter(SymbolWriter):
    """Writes plain algebra."""

    sum_level = SUM

    def __init__(self, formulation: Formulation) -> None:
        super().__init__(symbols(formulation))
        self.parameter_sets = {parameter.name: parameter.indices for parameter in formulation.parameters}

    def heads(self, generators: tuple[Generator, ...]) -> str:
        """Return what indices run over, in words."""
        parts: list[str] = []
        writer = self
        for generator in generators:
            writer = writer.within((generator,))
            conditions = [writer.write(condition, OR) for condition in generator.conditions]
            where = f" where {' and '.join(conditions)}" if conditions else ""
            parts.append(f"{generator.index} in {generator.set}{where}")
        return ", ".join(parts)

    def variable(self, variable: Variable) -> str:
        """Return a variable's line: its name, what it may be, and what it means."""
        letters = "ijklmnpqrst"[: len(variable.indices)]
        name = self.symbols.label(variable.name)
        if variable.indices:
            name = f"{name}[{', '.join(letters)}]"
        bounds = self._bounds(variable, name, tuple(letters))
        kinds = {
            VariableDomain.INTEGER: ", whole",
            VariableDomain.BINARY: ", 0 or 1",
            VariableDomain.CONTINUOUS: "",
        }
        head = ", ".join(f"{letter} in {over}" for letter, over in zip(letters, variable.indices, strict=False))
        unit = f" [{variable.unit}]" if variable.unit else ""
        said = f": {variable.description}" if variable.description and variable.description != variable.label else ""
        return f"{bounds}{kinds[variable.domain]}{f'  for each {head}' if head else ''}{unit}{said}"

    def _bounds(self, variable: Variable, name: str, letters: tuple[str, ...]) -> str:
        if variable.domain is VariableDomain.BINARY and variable.lower in (None, "0") and variable.upper in (None, "1"):
            return name
        lower, upper = (self._bound(text, variable, letters) for text in (variable.lower, variable.upper))
        if lower is None:
            return f"{name} ≤ {upper}" if upper is not None else f"{name} of either sign"
        return f"{lower} ≤ {name} ≤ {upper}" if upper is not None else f"{name} ≥ {lower}"

    def _bound(self, text: str | None, variable: Variable, letters: tuple[str, ...]) -> str | None:
        if text is None:
            return None
        try:
            node, generators = parse_bound(text)
        except ExpressionError:
            return text
        if generators:
            own = {generator.index: letter for generator, letter in zip(generators, letters, strict=False)}
            return self.write(renamed(node, own), SUM)
        return self.write(with_own_indices(node, variable.indices, self.parameter_sets, letters)[0], SUM)

    def number(self, value: float) -> str:
        text = f"{value:.10g}"
        return text.replace("-", "−", 1) if value < 0 else text

    def element(self, text: str) -> str:
        return text if re.fullmatch(r"[\w ]+", text) else f"'{text}'"

    def symbol(self, name: str) -> str:
        return self.symbols.label(name)

    def item(self, name: str, indices: list[str]) -> str:
        return f"{self.symbols.label(name)}[{', '.join(indices)}]"

    def sign(self, sign: str) -> str:
        return f" {_SIGNS.get(sign, sign)} "

    def bracketed(self, text: str) -> str:
        return f"({text})"

    def negated(self, text: str) -> str:
        return f"−{text}"

    def product(self, left: str, right: str) -> str:
        if left == "1":
            return right
        if right == "1":
            return left
        return f"{left} × {right}"

    def quotient(self, node: Divide) -> tuple[str, int]:
        return f"{self.write(node.left, PRODUCT)} / {self.write(node.right, SIGN)}", PRODUCT

    def power(self, base: Node, exponent: Node) -> str:
        return f"{self.write(base, ATOM)}^{self.write(exponent, ATOM)}"

    def over(self, operation: str, body: Node, generators: tuple[Generator, ...]) -> str:
        word = {"sum": "sum", "min": "least", "max": "greatest"}[operation]
        return f"{word} over {self.heads(generators)} of {self.within(generators).write(body, PRODUCT)}"

    def choice(self, condition: str, then: str, otherwise: str) -> str:
        return f"{then} if {condition}, otherwise {otherwise}"

    def call(self, function: Function, arguments: tuple[Node, ...]) -> str:
        written = [self.write(argument) for argument in arguments]
        match function:
            case Function.PREV | Function.NEXT:
                return f"the {written[0]} {'before' if function is Function.PREV else 'after'}"
            case Function.FIRST | Function.LAST:
                return f"the {function} of {written[0]}"
            case Function.ORD:
                return f"place of {written[0]}"
            case Function.CARD:
                return f"number of {written[0]}"
            case _:
                return f"{function}({', '.join(written)})"

    def member(self, element: str, index_set: str, negated: bool) -> str:  # noqa: FBT001
        return f"{element} {'not in' if negated else 'in'} {index_set}"

    def given(self, name: str, indices: list[str]) -> str:
        return f"{self.item(name, indices)} is given"

    def joined(self, word: str, parts: list[str]) -> str:
        return f" {word} ".join(parts)

    def negation(self, text: str) -> str:
        return f"not {text}"
