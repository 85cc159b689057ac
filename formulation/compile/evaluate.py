"""Expressions worked out on frames, a whole index range at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn, assert_never

import numpy as np

from formulation.algebra.nodes import (
    Add,
    All,
    Any,
    Best,
    Call,
    Choice,
    Compare,
    Condition,
    Divide,
    Extreme,
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
    Place,
    Power,
    Sum,
    Text,
)
from formulation.compile.binding import Binding, BoundParameter, BoundSet
from formulation.compile.elements import Elements, Incomparable, Index, Mask, item_name, plain, position, related, shown
from formulation.compile.errors import CompileError
from formulation.compile.frame import Frame, joined
from formulation.compile.values import (
    Block,
    Curved,
    Linear,
    Numbers,
    Positions,
    Value,
    added,
    chosen,
    multiplied,
    negated,
    scaled,
    summed,
)
from formulation.naming import is_usable_index

MAX_ROWS = 300_000_000
CHUNK = 1 << 23


@dataclass(frozen=True, slots=True)
class Column:
    """Where the columns of a variable stand."""

    name: str
    sets: tuple[BoundSet, ...]
    offset: int


class Evaluator:
    """Works out the expressions of one element of a formulation; raises `CompileError` in its name."""

    def __init__(self, element: str, binding: Binding, columns: dict[str, Column]) -> None:
        self.element, self.binding, self.columns = element, binding, columns

    def error(self, reason: str, place: Place | None = None) -> CompileError:
        """Return an error in the name of the element."""
        return CompileError(self.element, reason, place)

    # -- frames

    def frame(self, start: Frame, generators: tuple[Generator, ...]) -> Frame:
        """Return the frame that grows out of another by generators and their conditions."""
        frame = start
        for generator in generators:
            over = self.binding.sets.get(generator.set)
            if over is None:
                raise self.error(f"{generator.set!r} is no set to index over", generator.place)
            if generator.index in frame.sets:
                raise self.error(f"the index {generator.index!r} is in use already", generator.place)
            self._free_index(generator)
            frame = self._extended(frame, generator, over)
        return frame

    def _free_index(self, generator: Generator) -> None:
        if not (generator.index.startswith("_") or is_usable_index(generator.index)):
            raise self.error(f"the index {generator.index!r} is a reserved name", generator.place)
        for kind, names in (
            ("set", self.binding.sets),
            ("parameter", self.binding.parameters),
            ("variable", self.columns),
        ):
            if generator.index in names:
                raise self.error(f"the index {generator.index!r} has the name of a {kind}", generator.place)

    def _extended(self, frame: Frame, generator: Generator, over: BoundSet) -> Frame:
        joined_on = self._join(frame, generator, over)
        if joined_on is not None:
            parameter, condition = joined_on
            rest = tuple(c for c in generator.conditions if c is not condition)
            names = [index.name for index in condition.indices if isinstance(index, Name)]
            return self._restricted(frame.joined_with(generator.index, over, names, parameter), rest)
        grown = frame.size * len(over)
        if not generator.conditions or grown <= CHUNK or frame.size == 1:
            if grown > MAX_ROWS:
                raise self.error(f"{grown:,} combinations of indices are too many", generator.place)
            return self._restricted(frame.extended(generator.index, over), generator.conditions)
        step = max(CHUNK // len(over), 1)
        parts: list[Frame] = []
        for start in range(0, frame.size, step):
            rows = np.arange(start, min(start + step, frame.size), dtype=np.int64)
            part = frame.rows(rows).extended(generator.index, over)
            parts.append(self._restricted(part, generator.conditions))
        return joined(parts)

    def _join(self, frame: Frame, generator: Generator, over: BoundSet) -> tuple[BoundParameter, Given] | None:
        """Return the parameter whose entries alone the first condition lets an index run over, if there is one."""
        first = generator.conditions[0] if generator.conditions else None
        if not isinstance(first, Given) or first.name not in self.binding.parameters:
            return None
        parameter = self.binding.parameters[first.name]
        names = [index.name if isinstance(index, Name) else "" for index in first.indices]
        known = {**frame.sets, generator.index: over}
        fits = len(set(names)) == len(names) == len(parameter.sets) and generator.index in names
        if not fits or any(known.get(n) is not s for n, s in zip(names, parameter.sets, strict=True)):
            return None
        return parameter, first

    def _restricted(self, frame: Frame, conditions: tuple[Condition, ...]) -> Frame:
        for condition in conditions:
            frame = frame.where(self.condition(condition, frame))
        return frame

    # -- values

    def value(self, node: Node, frame: Frame) -> Value:
        """Return what an expression is worth on each row of a frame."""
        match node:
            case Number(number):
                return number
            case Text(text):
                raise self.error(f"the element {text!r} stands where a number was expected", node.place)
            case Name(name):
                return self._name(name, frame, node.place)
            case Item(name, indices):
                return self._item(name, indices, frame, node.place)
            case Negate(operand):
                return negated(self.value(operand, frame))
            case Add(terms):
                return added([self.value(term, frame) for term in terms])
            case Multiply(left, right):
                return multiplied(self.value(left, frame), self.value(right, frame))
            case Divide(left, right):
                return self._quotient(self.value(left, frame), self.value(right, frame), frame, node.place)
            case Power(base, exponent):
                return self._power(self.value(base, frame), self.value(exponent, frame), frame, node.place)
            case Sum(body, generators):
                inner = self.frame(frame.nested(), generators)
                value = self.value(body, inner)
                if inner.size == 0:
                    return 0.0
                if inner.repeat is None:
                    return summed(value, inner.origin, 1, frame.size)
                return summed(value, None, inner.repeat, frame.size)
            case Best(extreme, body, generators):
                return self._best(extreme, body, generators, frame, node.place)
            case Choice(condition, then, otherwise):
                return self._choice(condition, then, otherwise, frame)
            case Call(function, arguments):
                return self._call(function, arguments, frame, node.place)
            case _:
                assert_never(node)

    def numbers(self, node: Node, frame: Frame, what: str) -> Numbers:
        """Return what an expression without variables is worth on each row."""
        value = self.value(node, frame)
        if isinstance(value, float | np.ndarray):
            return value
        raise self.error(f"{what} cannot depend on a variable", node.place)

    def _name(self, name: str, frame: Frame, place: Place) -> Value:
        if name in frame.sets:
            over = frame.sets[name]
            if over.numbers is None:
                raise self.error(
                    f"the elements of {over.name} are texts, so {name} is no number; use ord({name})", place
                )
            return over.numbers[frame.codes(name)].astype(np.float64)
        return self._item(name, (), frame, place)

    def _item(self, name: str, indices: tuple[Node, ...], frame: Frame, place: Place) -> Value:
        parameter = self.binding.parameters.get(name)
        column = self.columns.get(name)
        over = parameter.sets if parameter else column.sets if column else None
        if over is None:
            self._unknown(name, frame, place)
        if len(indices) != len(over):
            wanted = f"[{', '.join(s.name for s in over)}]" if over else "no index"
            raise self.error(f"{name} takes {wanted}, and has {len(indices)} here", place)
        flat = self._flat(name, indices, over, frame)
        if parameter is not None:
            return self._looked_up(parameter, flat, frame, place)
        if column is None:  # over is given by one or the other
            self._unknown(name, frame, place)
        if flat is None or isinstance(flat, int):
            at = column.offset + (flat or 0)
            columns: Positions = np.full(frame.size, at, dtype=np.int64)
        else:
            columns = flat + column.offset if column.offset else flat
        return Linear((Block(None, columns, 1.0),))

    def _unknown(self, name: str, frame: Frame, place: Place) -> NoReturn:
        if name in self.binding.sets:
            raise self.error(f"{name} is a set, and stands where a number was expected", place)
        if name in frame.sets:
            raise self.error(f"{name} is an index, and takes none itself", place)
        raise self.error(f"{name!r} is neither a parameter, a variable nor an index in force here", place)

    def _flat(
        self, name: str, indices: tuple[Node, ...], over: tuple[BoundSet, ...], frame: Frame
    ) -> Positions | int | None:
        """Return the row-major position of an item for each row; None without indices, one number for all rows."""
        if not indices:
            return None
        if frame.is_product and len(indices) == len(frame.sets):
            names = [index.name if isinstance(index, Name) else "" for index in indices]
            if all(n in frame.sets and frame.sets[n] is s for n, s in zip(names, over, strict=True)):
                if names == list(frame.sets):
                    return np.arange(frame.size, dtype=np.int64)
                if len(set(names)) == len(names):
                    return self._transposed(names, over, frame)
        flat: Positions | int = 0
        for index, index_set in zip(indices, over, strict=True):
            codes = self._codes(name, index, index_set, frame)
            flat = flat * len(index_set) + codes if isinstance(flat, np.ndarray) or flat else codes
        return flat

    def _transposed(self, names: list[str], over: tuple[BoundSet, ...], frame: Frame) -> Positions:
        order = list(frame.sets)
        shape = tuple(map(len, over))
        flat = np.arange(frame.size, dtype=np.int64).reshape(shape)
        return np.ascontiguousarray(flat.transpose([names.index(n) for n in order])).reshape(-1)

    def _codes(self, name: str, node: Node, over: BoundSet, frame: Frame) -> Positions | int:
        """Return the position in a set of the element that stands as an index, for each row."""
        codes = position(self.index(node, frame), over)
        worst = int(codes.min(initial=0)) if isinstance(codes, np.ndarray) else codes
        if worst < 0:
            row = int(np.argmin(codes)) if isinstance(codes, np.ndarray) else 0
            at = shown(self.index(node, frame), row)
            where = f" (at {frame.describe(row)})" if frame.sets else ""
            raise self.error(
                f"{name} is asked for at {at}, which is no element of {over.name}{where}; "
                "leave it out with a condition",
                node.place,
            )
        return codes

    def index(self, node: Node, frame: Frame) -> Index:
        """Return what stands between brackets, or on a side of a condition."""
        match node:
            case Text(text):
                return text
            case Name(name) if name in frame.sets:
                return Elements(frame.sets[name], frame.codes(name))
            case Call(Function.FIRST | Function.LAST | Function.PREV | Function.NEXT as function, arguments):
                return self._element(function, arguments, frame, node.place)
            case Negate() | Number() | Name() | Item() | Add() | Multiply() | Divide() | Power() | Sum():
                return self.numbers(node, frame, "an index")
            case Best() | Choice() | Call():
                return self.numbers(node, frame, "an index")
            case _:
                assert_never(node)

    def _set(self, name: str, place: Place) -> BoundSet:
        over = self.binding.sets.get(name)
        if over is None:
            raise self.error(f"{name!r} is no set", place)
        return over

    def _named_set(self, node: Node, place: Place) -> BoundSet:
        if not isinstance(node, Name):
            raise self.error("the name of a set was expected", place)
        return self._set(node.name, place)

    def _element(self, function: Function, arguments: tuple[Node, ...], frame: Frame, place: Place) -> Elements:
        """Return the element that prev, next, first or last stand for."""
        if function in (Function.PREV, Function.NEXT):
            return self._neighbour(function, arguments, frame, place)
        over = self._named_set(arguments[0], place)
        return Elements(over, 0 if function is Function.FIRST else len(over) - 1)

    def _ordered(
        self, function: Function, arguments: tuple[Node, ...], frame: Frame, place: Place
    ) -> tuple[BoundSet, Positions | int]:
        """Return the set that an element's order is asked in, and the element's positions there."""
        element = self.index(arguments[0], frame)
        if len(arguments) == 2:
            over = self._named_set(arguments[1], place)
            return over, self._codes(function.value, arguments[0], over, frame)
        if not isinstance(element, Elements):
            raise self.error(f"{function}(...) needs the set as its second argument here", place)
        return element.set, element.codes

    def _neighbour(self, function: Function, arguments: tuple[Node, ...], frame: Frame, place: Place) -> Elements:
        over, codes = self._ordered(function, arguments, frame, place)
        moved = codes + (-1 if function is Function.PREV else 1)
        bad = np.atleast_1d(np.asarray((moved < 0) | (moved >= len(over))))
        if bad.any():
            row = int(np.argmax(bad))
            end = "before the first" if function is Function.PREV else "after the last"
            where = f" (at {frame.describe(row)})" if frame.sets else ""
            raise self.error(
                f"{function}(...) goes {end} element of {over.name}{where}; leave it out with a condition", place
            )
        return Elements(over, moved)

    def _looked_up(
        self, parameter: BoundParameter, flat: Positions | int | None, frame: Frame, place: Place
    ) -> Numbers:
        if flat is None or isinstance(flat, int):
            one = float(parameter.at(np.array([flat or 0]))[0])
            found: Numbers = one
        elif parameter.complete and flat.size == parameter.values.size and frame.is_product and _is_ascending(flat):
            found = parameter.values
        else:
            found = parameter.at(flat)
        if parameter.complete:
            return found
        missing = np.isnan(found)
        if not np.any(missing):
            return found
        if parameter.default is None:
            row = int(np.argmax(np.atleast_1d(missing)))
            at = flat if isinstance(flat, int) else 0 if flat is None else int(flat[row])
            raise self.error(f"{item_name(parameter, at)} has no value, and the parameter no default", place)
        if isinstance(found, float):
            return parameter.default
        return np.where(missing, parameter.default, found)

    # -- operations

    def _quotient(self, left: Value, right: Value, frame: Frame, place: Place) -> Value:
        if isinstance(right, float | np.ndarray):
            zero = np.atleast_1d(np.asarray(right == 0.0))
            if zero.any():
                raise self.error(f"a division by zero{self._at(zero, frame)}", place)
            if isinstance(left, float | np.ndarray):
                return left / right
            return scaled(left, 1.0 / right)
        return Curved("/", (left, right))

    def _at(self, mask: Mask, frame: Frame) -> str:
        where = frame.describe(int(np.argmax(mask))) if mask.size == frame.size else ""
        return f" at {where}" if where else ""

    def _finite(self, found: Numbers, frame: Frame, what: str, place: Place) -> Numbers:
        bad = np.atleast_1d(~np.isfinite(found))
        if bad.any():
            raise self.error(f"{what} is no finite number{self._at(bad, frame)}", place)
        return found

    def _power(self, base: Value, exponent: Value, frame: Frame, place: Place) -> Value:
        if isinstance(base, float | np.ndarray) and isinstance(exponent, float | np.ndarray):
            with np.errstate(all="ignore"):
                found = np.power(base, exponent)
            return self._finite(plain(found), frame, "the power", place)
        if isinstance(exponent, float) and exponent == 1.0:
            return base
        if isinstance(exponent, float) and exponent == 0.0:
            return 1.0
        return Curved("**", (base, exponent))

    def _best(
        self, extreme: Extreme, body: Node, generators: tuple[Generator, ...], frame: Frame, place: Place
    ) -> Numbers:
        inner = self.frame(frame.nested(), generators)
        found = self.numbers(body, inner, f"{extreme} over a set")
        counts = np.bincount(inner.origin, minlength=frame.size)
        if (counts == 0).any():
            raise self.error(f"{extreme} over nothing{self._at(counts == 0, frame)}", place)
        if isinstance(found, float) or frame.size == 0:
            return found
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        reduce = np.minimum.reduceat if extreme is Extreme.MIN else np.maximum.reduceat
        return np.asarray(reduce(found, starts))

    def _choice(self, condition: Condition, then: Node, otherwise: Node, frame: Frame) -> Value:
        mask = self.condition(condition, frame)
        if mask.all():
            return self.value(then, frame)
        if not mask.any():
            return self.value(otherwise, frame)
        return chosen(
            self.value(then, frame.nested().where(mask)), self.value(otherwise, frame.nested().where(~mask)), mask
        )

    def _call(self, function: Function, arguments: tuple[Node, ...], frame: Frame, place: Place) -> Value:
        match function:
            case Function.MIN | Function.MAX:
                what = f"{function} (state it by constraints on a variable of its own)"
                found = [self.numbers(argument, frame, what) for argument in arguments]
                reduce = np.minimum if function is Function.MIN else np.maximum
                best = found[0]
                for other in found[1:]:
                    best = plain(reduce(best, other))
                return best
            case Function.ABS | Function.EXP | Function.LOG | Function.SQRT:
                value = self.value(arguments[0], frame)
                if not isinstance(value, float | np.ndarray):
                    return Curved(function.value, (value,))
                apply = {"abs": np.abs, "exp": np.exp, "log": np.log, "sqrt": np.sqrt}[function.value]
                with np.errstate(all="ignore"):
                    result = plain(apply(value))
                return self._finite(result, frame, f"{function}(...)", place)
            case Function.CARD:
                return float(len(self._named_set(arguments[0], place)))
            case Function.ORD:
                _, codes = self._ordered(function, arguments, frame, place)
                return plain(np.asarray(codes, dtype=np.float64) + 1.0)
            case Function.PREV | Function.NEXT | Function.FIRST | Function.LAST:
                element = self._element(function, arguments, frame, place)
                if element.set.numbers is None:
                    raise self.error(f"the elements of {element.set.name} are texts, not numbers", place)
                return plain(element.set.numbers[element.codes].astype(np.float64))
            case _:
                assert_never(function)

    # -- conditions

    def condition(self, condition: Condition, frame: Frame) -> Mask:
        """Return on which rows of a frame a condition holds."""
        match condition:
            case Compare():
                return self._compared(condition, frame)
            case Member(element, name, is_negated):
                over = self._set(name, condition.place)
                inside = np.asarray(position(self.index(element, frame), over)) >= 0
                return np.broadcast_to(inside ^ is_negated, (frame.size,))
            case Given(name, indices):
                return self._given(name, indices, frame, condition.place)
            case Not(operand):
                return ~self.condition(operand, frame)
            case All(operands) | Any(operands):
                stop = isinstance(condition, Any)
                result = np.full(frame.size, not stop)
                open_rows = np.arange(frame.size, dtype=np.int64)
                part = frame
                for operand in operands:
                    mask = self.condition(operand, part)
                    result[open_rows[mask == stop]] = stop
                    open_rows = open_rows[mask != stop]
                    part = frame.nested().rows(open_rows)
                return result
            case _:
                assert_never(condition)

    def _given(self, name: str, indices: tuple[Node, ...], frame: Frame, place: Place) -> Mask:
        parameter = self.binding.parameters.get(name)
        if parameter is None or len(indices) != len(parameter.sets):
            raise self.error(f"given({name}[...]) asks for a parameter with all its indices", place)
        flat = self._flat(name, indices, parameter.sets, frame)
        at = np.atleast_1d(np.asarray(0 if flat is None else flat, dtype=np.int64))
        return np.broadcast_to(~np.isnan(parameter.at(at)), (frame.size,))

    def _compared(self, condition: Compare, frame: Frame) -> Mask:
        result = np.ones(frame.size, dtype=bool)
        sides = [self.index(operand, frame) for operand in condition.operands]
        for sign, left, right in zip(condition.comparators, sides, sides[1:], strict=False):
            try:
                result &= related(sign, left, right)
            except Incomparable as error:
                raise self.error(str(error), condition.place) from None
        return result


def _is_ascending(flat: Positions) -> bool:
    return int(flat[0]) == 0 and int(flat[-1]) == flat.size - 1 and bool((np.diff(flat) == 1).all())
