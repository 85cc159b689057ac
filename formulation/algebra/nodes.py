"""The nodes of an expression: a closed union of frozen values, compared without regard to where they stood."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


class Function(StrEnum):
    """What can be called with expressions. The first five take numbers; the others take elements of sets."""

    ABS = "abs"
    EXP = "exp"
    LOG = "log"
    SQRT = "sqrt"
    MIN = "min"
    MAX = "max"
    PREV = "prev"
    NEXT = "next"
    FIRST = "first"
    LAST = "last"
    ORD = "ord"
    CARD = "card"


class Extreme(StrEnum):
    """Which of several numbers is taken."""

    MIN = "min"
    MAX = "max"


class Comparator(StrEnum):
    """How two sides are compared. Only the closed ones make constraints."""

    LE = "<="
    GE = ">="
    EQ = "=="
    LT = "<"
    GT = ">"
    NE = "!="


Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number."""

    value: float
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """An element of a set, in quotes."""

    value: str
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A scalar parameter or variable, an index that a comprehension introduced, or (in calls) a set."""

    name: str
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Item:
    """An indexed parameter or variable at some elements."""

    name: str
    indices: tuple[Node, ...]
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negate:
    """The operand with the other sign."""

    operand: Node
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Add:
    """The sum of two or more terms; ``a - b`` is the sum of ``a`` and the negated ``b``."""

    terms: tuple[Node, ...]
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Multiply:
    """The product of two factors."""

    left: Node
    right: Node
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Divide:
    """The quotient of two expressions."""

    left: Node
    right: Node
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Power:
    """The base raised to the exponent."""

    base: Node
    exponent: Node
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of expressions."""

    function: Function
    arguments: tuple[Node, ...]
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Generator:
    """An index that runs over a set, in the set's order, where the conditions hold."""

    index: str
    set: str
    conditions: tuple[Condition, ...] = ()
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of a body over generators, the last one running fastest."""

    body: Node
    generators: tuple[Generator, ...]
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Best:
    """The smallest or largest value of a body over generators."""

    extreme: Extreme
    body: Node
    generators: tuple[Generator, ...]
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two expressions, as a condition on elements and parameters decides."""

    condition: Condition
    then: Node
    otherwise: Node
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """A chain of comparisons: ``operands[k] comparators[k] operands[k + 1]`` for each k."""

    operands: tuple[Node, ...]
    comparators: tuple[Comparator, ...]
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Member:
    """Whether an element is in a set (or not in it, where negated)."""

    element: Node
    set: str
    negated: bool = False
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Given:
    """Whether a parameter has a number at some elements, defaults aside."""

    name: str
    indices: tuple[Node, ...]
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class All:
    """Whether every operand holds; later ones are looked at only where earlier ones hold."""

    operands: tuple[Condition, ...]
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Any:
    """Whether an operand holds; later ones are looked at only where earlier ones do not hold."""

    operands: tuple[Condition, ...]
    place: Place = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """Whether the operand does not hold."""

    operand: Condition
    place: Place = field(default=(0, 0), compare=False, repr=False)


Node: TypeAlias = Number | Text | Name | Item | Negate | Add | Multiply | Divide | Power | Call | Sum | Best | Choice
Condition: TypeAlias = Compare | Member | Given | All | Any | Not
Part: TypeAlias = Node | Condition | Generator


def children(part: Part) -> tuple[Part, ...]:
    """Return the parts directly inside a part, in reading order."""
    match part:
        case Number() | Text() | Name():
            return ()
        case Item(_, indices) | Given(_, indices):
            return indices
        case Negate(operand) | Not(operand):
            return (operand,)
        case Add(terms):
            return terms
        case Multiply(left, right) | Divide(left, right) | Power(left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments
        case Generator(_, _, conditions):
            return conditions
        case Sum(body, generators):
            return (body, *generators)
        case Best(_, body, generators):
            return (body, *generators)
        case Choice(condition, then, otherwise):
            return (condition, then, otherwise)
        case Compare(operands, _) | All(operands) | Any(operands):
            return operands
        case Member(element, _, _):
            return (element,)


def walk(part: Part) -> list[Part]:
    """Return a part and everything inside it, outermost first."""
    found: list[Part] = []
    stack = [part]
    while stack:
        top = stack.pop()
        found.append(top)
        stack.extend(reversed(children(top)))
    return found
