# ruff: noqa: D102 - what each part of a writer returns is said in formulation.render.writer
"""Expressions as Python source for a Pyomo program, as a person would write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from formulation.algebra.nodes import Divide, Function, Generator, Node
from formulation.render.writer import ATOM, OR, PRODUCT, SIGN, Writer


def number_text(value: float) -> str:
    """Return a number so that it reads back as the same float, whole numbers without a point."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


class PythonWriter(Writer):
    """Writes Python; ``variables`` are attributes of ``model``, everything else is a local name.

    ``helpers`` collects the names of the functions that the expressions written so far call.
    """

    def __init__(self, variables: frozenset[str], scope: Mapping[str, str], helpers: set[str]) -> None:
        super().__init__(scope)
        self.variables, self.helpers = variables, helpers

    def within(self, generators: tuple[Generator, ...]) -> PythonWriter:
        scope = {**self.scope, **{generator.index: generator.set for generator in generators}}
        return PythonWriter(self.variables, scope, self.helpers)

    def heads(self, generators: tuple[Generator, ...]) -> str:
        """Return the ``for ... in ... if ...`` of a comprehension."""
        parts: list[str] = []
        writer = self
        for generator in generators:
            writer = writer.within((generator,))
            parts.append(f"for {generator.index} in {generator.set}")
            parts.extend(f"if {writer.write(condition, OR)}" for condition in generator.conditions)
        return " ".join(parts)

    def number(self, value: float) -> str:
        return number_text(value)

    def element(self, text: str) -> str:
        return repr(text)

    def name(self, name: str) -> tuple[str, int]:
        return (f"model.{name}" if name in self.variables else name), ATOM

    def item(self, name: str, indices: list[str]) -> str:
        return f"{self.name(name)[0]}[{', '.join(indices)}]"

    def sign(self, sign: str) -> str:
        return f" {sign} "

    def bracketed(self, text: str) -> str:
        return f"({text})"

    def negated(self, text: str) -> str:
        return f"-{text}"

    def product(self, left: str, right: str) -> str:
        return f"{left} * {right}"

    def quotient(self, node: Divide) -> tuple[str, int]:
        return f"{self.write(node.left, PRODUCT)} / {self.write(node.right, SIGN)}", PRODUCT

    def power(self, base: Node, exponent: Node) -> str:
        return f"{self.write(base, ATOM)}**{self.write(exponent, SIGN)}"

    def over(self, operation: str, body: Node, generators: tuple[Generator, ...]) -> str:
        return f"{operation}({self.within(generators).write(body, OR)} {self.heads(generators)})"

    def choice(self, condition: str, then: str, otherwise: str) -> str:
        return f"{then} if {condition} else {otherwise}"

    def call(self, function: Function, arguments: tuple[Node, ...]) -> str:
        written = [self.write(argument) for argument in arguments]
        match function:
            case Function.ABS | Function.MIN | Function.MAX:
                return f"{function}({', '.join(written)})"
            case Function.EXP | Function.LOG | Function.SQRT:
                return f"pyo.{function}({', '.join(written)})"
            case Function.FIRST:
                return f"{written[0]}[0]"
            case Function.LAST:
                return f"{written[0]}[-1]"
            case Function.CARD:
                return f"len({written[0]})"
            case Function.ORD:
                return f"({self.set_of(arguments)}.index({written[0]}) + 1)"
            case Function.PREV | Function.NEXT:
                self.helpers.add("neighbour")
                step = "-1" if function is Function.PREV else "1"
                return f"neighbour({self.set_of(arguments)}, {written[0]}, {step})"
            case _:
                assert_never(function)

    def member(self, element: str, index_set: str, negated: bool) -> str:  # noqa: FBT001
        return f"{element} {'not in' if negated else 'in'} {index_set}"

    def given(self, name: str, indices: list[str]) -> str:
        key = f"({', '.join(indices)})" if len(indices) > 1 else indices[0]
        return f"{key} in data[{name!r}]"

    def joined(self, word: str, parts: list[str]) -> str:
        return f" {word} ".join(parts)

    def negation(self, text: str) -> str:
        return f"not {text}"
