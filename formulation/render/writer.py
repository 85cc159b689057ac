"""The walk that every written form of an expression shares: what binds how tightly, and what stands where."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Self, assert_never

from formulation.algebra.nodes import (
    Add,
    All,
    Any,
    Best,
    Call,
    Choice,
    Comparator,
    Compare,
    Condition,
    Divide,
    Function,
    Generator,
    Given,
    Item,
    Member,
    Multiply,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Power,
    Sum,
    Text,
)

TERNARY, OR, AND, NOT, COMPARISON, SUM, TERM, PRODUCT, SIGN, POWER, ATOM = range(11)
"""How tightly the written forms bind, loosest first. A term stands in a sum without brackets, not in a product."""


class Writer(ABC):
    """Writes expressions; ``scope`` maps the indices in force to their sets."""

    sum_level = ATOM
    """How tightly a sum over a set binds: an atom where brackets or a sign enclose it."""

    def __init__(self, scope: Mapping[str, str] | None = None) -> None:
        self.scope = dict(scope or {})

    def write(self, node: Node | Condition, level: int = TERNARY) -> str:
        """Return a node's written form, in brackets where it binds less tightly than ``level``."""
        text, own = self.written(node)
        return self.bracketed(text) if own < level else text

    @abstractmethod
    def within(self, generators: tuple[Generator, ...]) -> Self:
        """Return a writer for what stands under generators."""

    def written(self, node: Node | Condition) -> tuple[str, int]:
        """Return a node's written form and how tightly it binds."""
        match node:
            case Number(value):
                return self.number(value), SIGN if value < 0 else ATOM
            case Text(text):
                return self.element(text), ATOM
            case Name(name):
                return self.name(name)
            case Item(name, indices):
                return self.item(name, [self.write(index) for index in indices]), ATOM
            case Negate(operand):
                return self.negated(self.write(operand, SIGN)), SIGN
            case Add(terms):
                return self.terms(terms), SUM
            case Multiply(left, right):
                return self.product(self.write(left, PRODUCT), self.write(right, SIGN)), PRODUCT
            case Divide():
                return self.quotient(node)
            case Power(base, exponent):
                return self.power(base, exponent), POWER
            case Sum(body, generators):
                return self.over("sum", body, generators), self.sum_level
            case Best(extreme, body, generators):
                return self.over(extreme.value, body, generators), self.sum_level
            case Choice(condition, then, otherwise):
                return self.choice(self.write(condition, OR), self.write(then, OR), self.write(otherwise)), TERNARY
            case Call(function, arguments):
                return self.call(function, arguments), ATOM
            case Compare(operands, comparators):
                return self.chain(operands, comparators), COMPARISON
            case Member(element, index_set, negated):
                return self.member(self.write(element, SUM), index_set, negated), COMPARISON
            case Given(name, indices):
                return self.given(name, [self.write(index) for index in indices]), COMPARISON
            case All(operands):
                return self.joined("and", [self.write(operand, NOT) for operand in operands]), AND
            case Any(operands):
                return self.joined("or", [self.write(operand, AND) for operand in operands]), OR
            case Not(operand):
                return self.negation(self.write(operand, COMPARISON)), NOT
            case _:
                assert_never(node)

    def terms(self, terms: tuple[Node, ...]) -> str:
        """Return a sum of terms, negated ones with a minus before them."""
        text = self.write(terms[0], TERM)
        for term in terms[1:]:
            match term:
                case Negate(operand):
                    text += self.sign("-") + self.write(operand, PRODUCT)
                case Number(value) if value < 0:
                    text += self.sign("-") + self.number(-value)
                case _:
                    text += self.sign("+") + self.write(term, TERM)
        return text

    def chain(self, operands: tuple[Node, ...], comparators: tuple[Comparator, ...]) -> str:
        """Return a chain of comparisons."""
        text = self.write(operands[0], SUM)
        for comparator, operand in zip(comparators, operands[1:], strict=True):
            text += self.sign(comparator.value) + self.write(operand, SUM)
        return text

    def set_of(self, arguments: tuple[Node, ...]) -> str:
        """Return the set in whose order prev, next and ord count.

        Raises `ValueError` where it is neither given nor known from an index.
        """
        match arguments:
            case (_, Name(name)):
                return name
            case (Name(index),) if index in self.scope:
                return self.scope[index]
            case (Call(Function.PREV | Function.NEXT, inner),):
                return self.set_of(inner)
            case (Call(Function.FIRST | Function.LAST, (Name(name),)),):
                return name
        raise ValueError("prev, next and ord need an index or the name of a set")

    @abstractmethod
    def number(self, value: float) -> str:
        """Return a number."""

    @abstractmethod
    def element(self, text: str) -> str:
        """Return an element of a set."""

    @abstractmethod
    def name(self, name: str) -> tuple[str, int]:
        """Return a symbol without indices, or an index, and how tightly it binds."""

    @abstractmethod
    def item(self, name: str, indices: list[str]) -> str:
        """Return a symbol at its indices."""

    @abstractmethod
    def sign(self, sign: str) -> str:
        """Return ``+``, ``-`` or a comparison sign with the space around it."""

    @abstractmethod
    def bracketed(self, text: str) -> str:
        """Return a written form in brackets."""

    @abstractmethod
    def negated(self, text: str) -> str:
        """Return a written form with a minus before it."""

    @abstractmethod
    def product(self, left: str, right: str) -> str:
        """Return a product."""

    @abstractmethod
    def quotient(self, node: Divide) -> tuple[str, int]:
        """Return a quotient and how tightly it binds."""

    @abstractmethod
    def power(self, base: Node, exponent: Node) -> str:
        """Return a power."""

    @abstractmethod
    def over(self, operation: str, body: Node, generators: tuple[Generator, ...]) -> str:
        """Return ``sum``, ``min`` or ``max`` of a body over generators."""

    @abstractmethod
    def choice(self, condition: str, then: str, otherwise: str) -> str:
        """Return one of two expressions by a condition."""

    @abstractmethod
    def call(self, function: Function, arguments: tuple[Node, ...]) -> str:
        """Return a function's call."""

    @abstractmethod
    def member(self, element: str, index_set: str, negated: bool) -> str:  # noqa: FBT001
        """Return a membership."""

    @abstractmethod
    def given(self, name: str, indices: list[str]) -> str:
        """Return the condition that a parameter has a number."""

    @abstractmethod
    def joined(self, word: str, parts: list[str]) -> str:
        """Return conditions joined by ``and`` or ``or``."""

    @abstractmethod
    def negation(self, text: str) -> str:
        """Return the contrary of a condition."""
