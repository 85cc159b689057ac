"""Expressions from expressions: names changed, indices filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from formulation.algebra.nodes import (
    Add,
    All,
    Any,
    Best,
    Call,
    Choice,
    Compare,
    Divide,
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
    Part,
    Power,
    Sum,
    Text,
    walk,
)


def rebuilt(part: Part, change: Callable[[Part], Part]) -> Part:
    """Return a part with every part inside it, innermost first, replaced by what ``change`` returns for it."""

    def all_of(parts: tuple[Part, ...]) -> tuple[object, ...]:
        return tuple(rebuilt(inner, change) for inner in parts)

    new: object
    match part:
        case Number() | Text() | Name():
            new = part
        case Item() | Given():
            new = replace(part, indices=all_of(part.indices))  # type: ignore[arg-type]
        case Negate() | Not():
            new = replace(part, operand=rebuilt(part.operand, change))  # type: ignore[arg-type]
        case Add():
            new = replace(part, terms=all_of(part.terms))  # type: ignore[arg-type]
        case Multiply() | Divide():
            new = replace(part, left=rebuilt(part.left, change), right=rebuilt(part.right, change))  # type: ignore[arg-type]
        case Power():
            new = replace(part, base=rebuilt(part.base, change), exponent=rebuilt(part.exponent, change))  # type: ignore[arg-type]
        case Call():
            new = replace(part, arguments=all_of(part.arguments))  # type: ignore[arg-type]
        case Generator():
            new = replace(part, conditions=all_of(part.conditions))  # type: ignore[arg-type]
        case Sum() | Best():
            new = replace(part, body=rebuilt(part.body, change), generators=all_of(part.generators))  # type: ignore[arg-type]
        case Choice():
            new = Choice(
                rebuilt(part.condition, change),  # type: ignore[arg-type]
                rebuilt(part.then, change),  # type: ignore[arg-type]
                rebuilt(part.otherwise, change),  # type: ignore[arg-type]
                part.place,
            )
        case Compare() | All() | Any():
            new = replace(part, operands=all_of(part.operands))  # type: ignore[arg-type]
        case Member():
            new = replace(part, element=rebuilt(part.element, change))  # type: ignore[arg-type]
    return change(new)


def with_own_indices(
    node: Node,
    indices: tuple[str, ...],
    over: Mapping[str, tuple[str, ...]],
    letters: tuple[str, ...] = (),
) -> tuple[Node, tuple[Generator, ...]]:
    """Return a bound's expression with indices filled in, and the head that runs over the variable's index sets.

    A parameter that stands without indices and is itself over sets that the variable is indexed by gets them;
    where one set comes twice in the variable, its places are taken in order. ``over`` maps each parameter to
    its index sets; ``letters`` are the indices, names that no formulation can hold by default. The head is
    empty where no index was filled in.
    """
    letters = letters or tuple(f"_{k + 1}" for k in range(len(indices)))

    def change(part: Part) -> Part:
        if not (isinstance(part, Name) and over.get(part.name)):
            return part
        left = list(zip(letters, indices, strict=True))
        found: list[Node] = []
        for index_set in over[part.name]:
            place = next((pair for pair in left if pair[1] == index_set), None)
            if place is None:
                return part
            left.remove(place)
            found.append(Name(place[0], part.place))
        return Item(part.name, tuple(found), part.place)

    new = cast("Node", rebuilt(node, change))
    used = {part.name for part in walk(new) if isinstance(part, Name)}
    if not used & set(letters):
        return new, ()
    return new, tuple(Generator(letter, index_set) for letter, index_set in zip(letters, indices, strict=True))


def renamed(node: Node, names: Mapping[str, str]) -> Node:
    """Return an expression in which names stand for other names; sets and generators are not touched."""

    def change(part: Part) -> Part:
        return replace(part, name=names[part.name]) if isinstance(part, Name) and part.name in names else part

    return cast("Node", rebuilt(node, change))
