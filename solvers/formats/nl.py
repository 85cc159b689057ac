"""The text form of .nl (D. M. Gay, "Writing .nl files", 2005): read to replay points, written from a `Milp`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.errors import FormatError
from solvers.formats.numbers import shortest
from solvers.milp import Domain, FloatVector, Milp, Sense

_LARGEST = 10_000_000

Item = tuple[str, float | int]
Expression = tuple[Item, ...]

_BINARY: dict[int, Callable[[float, float], float]] = {
    0: lambda a, b: a + b,
    1: lambda a, b: a - b,
    2: lambda a, b: a * b,
    3: lambda a, b: a / b,
    5: lambda a, b: math.pow(a, b),
    48: math.atan2,
}
_UNARY: dict[int, Callable[[float], float]] = {
    13: math.floor,
    14: math.ceil,
    15: abs,
    16: lambda a: -a,
    37: math.tanh,
    38: math.tan,
    39: math.sqrt,
    40: math.sinh,
    41: math.sin,
    42: math.log10,
    43: math.log,
    44: math.exp,
    45: math.cosh,
    46: math.cos,
    47: math.atanh,
    49: math.atan,
    50: math.asinh,
    51: math.asin,
    52: math.acosh,
    53: math.acos,
}
_LISTS: dict[int, Callable[[Sequence[float]], float]] = {54: math.fsum, 11: min, 12: max}


@dataclass(frozen=True, slots=True, eq=False)
class NlModel:
    """What an .nl text says: bounds, whole columns, and each row and the objective as a function of a point."""

    column_lower: FloatVector
    column_upper: FloatVector
    row_lower: FloatVector
    row_upper: FloatVector
    whole: NDArray[np.bool_]
    sense: Sense
    objective: Expression
    objective_linear: dict[int, float]
    rows: tuple[Expression, ...]
    rows_linear: tuple[dict[int, float], ...]
    defined: dict[int, tuple[dict[int, float], Expression]]

    @property
    def n_columns(self) -> int:
        """The number of columns."""
        return len(self.column_lower)

    def objective_at(self, values: FloatVector) -> float:
        """Return the objective at a point. Raises `ArithmeticError` or `ValueError` outside a function's domain."""
        x = self._extended(values)
        return self._at(self.objective, self.objective_linear, x)

    def rows_at(self, values: FloatVector) -> FloatVector:
        """Return each row's activity at a point. Raises as `objective_at` does."""
        x = self._extended(values)
        pairs = zip(self.rows, self.rows_linear, strict=True)
        return np.array([self._at(body, linear, x) for body, linear in pairs], dtype=np.float64)

    def _extended(self, values: FloatVector) -> dict[int, float]:
        x = dict(enumerate(values.tolist()))
        for index in sorted(self.defined):
            linear, body = self.defined[index]
            x[index] = self._at(body, linear, x)
        return x

    @staticmethod
    def _at(body: Expression, linear: dict[int, float], x: dict[int, float]) -> float:
        return _evaluate(body, x) + math.fsum(a * x[j] for j, a in linear.items())


def _evaluate(body: Expression, x: dict[int, float]) -> float:
    stack: list[float] = []
    for kind, number in reversed(body):
        if kind == "n":
            stack.append(float(number))
        elif kind == "v":
            stack.append(x[int(number)])
        elif kind == "1":
            stack.append(float(_UNARY[int(number)](stack.pop())))
        elif kind == "2":
            a, b = stack.pop(), stack.pop()
            stack.append(_BINARY[int(number)](a, b))
        else:  # a list: its operator stands in `kind`, its length in `number`
            terms = [stack.pop() for _ in range(int(number))]
            stack.append(float(_LISTS[int(kind[1:])](terms)))
    return stack[-1]


def parse_nl(text: str) -> NlModel:
    """Return what an .nl text says. Raises `FormatError` with the line and the reason."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.at = 0

    def error(self, reason: str) -> FormatError:
        return FormatError(reason, line=self.at)

    def words(self) -> list[str]:
        if self.at >= len(self.lines):
            raise self.error("the .nl text ends too early")
        line = self.lines[self.at]
        self.at += 1
        return line.split("#", 1)[0].split()

    def counts(self, least: int) -> list[int]:
        words = self.words()
        try:
            numbers = [int(w) for w in words]
        except ValueError:
            raise self.error("a line of the head holds something else than whole numbers") from None
        if len(numbers) < least or any(not 0 <= k <= _LARGEST for k in numbers):
            raise self.error(f"a line of the head needs {least} numbers between 0 and {_LARGEST}")
        return numbers

    def number(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise self.error(f"{text!r} is no number") from None
        if math.isnan(value) or "_" in text:
            raise self.error(f"{text!r} is no number")
        return value

    def index(self, text: str, count: int) -> int:
        if not text.isdigit() or int(text) >= count:
            raise self.error(f"{text!r} names none of {count}")
        return int(text)

    def read(self) -> NlModel:
        head = self.words()
        if not head or not head[0].startswith("g"):
            raise self.error("an .nl text begins with g; the binary form is not read")
        n, m, objectives = self.counts(5)[:3]
        if n > len(self.lines) or m > len(self.lines):
            raise self.error(f"{n} columns and {m} rows are declared in {len(self.lines)} lines")
        if objectives > 1:
            raise self.error("several objectives; a model has one")
        self.counts(2)
        self.counts(2)
        nl_rows, nl_objective, nl_both = self.counts(3)[:3]
        self.counts(4)
        binary, integer, both, of_rows, of_objective = self.counts(5)[:5]
        self.counts(2)
        self.counts(2)
        shared = sum(self.counts(5))
        whole = np.zeros(n, dtype=bool)
        for end, count in ((nl_both, both), (nl_rows, of_rows), (max(nl_objective, nl_rows), of_objective)):
            whole[max(end - count, 0) : end] = True
        whole[n - binary - integer :] = binary + integer > 0
        self.n, self.m, self.total = n, m, n + shared
        bodies: list[Expression] = [(("n", 0.0),)] * m
        linear: list[dict[int, float]] = [{} for _ in range(m)]
        objective: Expression = (("n", 0.0),)
        objective_linear: dict[int, float] = {}
        sense = Sense.MINIMIZE
        defined: dict[int, tuple[dict[int, float], Expression]] = {}
        row_lower, row_upper = np.full(m, -math.inf), np.full(m, math.inf)
        lower, upper = np.full(n, -math.inf), np.full(n, math.inf)
        while self.at < len(self.lines):
            words = self.words()
            if not words:
                continue
            key, rest = words[0][0], words[0][1:]
            match key:
                case "C":
                    bodies[self.index(rest, m)] = self.expression()
                case "O":
                    self.index(rest, 1)
                    sense = Sense.MAXIMIZE if words[1:2] == ["1"] else Sense.MINIMIZE
                    objective = self.expression()
                case "V":
                    index, terms = self.index(rest, self.total), self.index(words[1], _LARGEST)
                    part = self.linear(terms)
                    defined[index] = (part, self.expression())
                case "J":
                    linear[self.index(rest, m)] = self.linear(self.index(words[1], _LARGEST))
                case "G":
                    objective_linear = self.linear(self.index(words[1], _LARGEST))
                case "r":
                    self.bounds(row_lower, row_upper)
                case "b":
                    self.bounds(lower, upper)
                case "k":
                    self.at += self.index(rest, _LARGEST)
                case "x" | "d":
                    self.at += self.index(rest, _LARGEST)
                case "S":
                    self.at += self.index(words[1], _LARGEST)
                case _:
                    raise self.error(f"the segment {words[0]!r} is not known here")
        return NlModel(
            lower,
            upper,
            row_lower,
            row_upper,
            whole,
            sense,
            objective,
            objective_linear,
            tuple(bodies),
            tuple(linear),
            defined,
        )

    def linear(self, count: int) -> dict[int, float]:
        made: dict[int, float] = {}
        for _ in range(count):
            words = self.words()
            if len(words) != 2:
                raise self.error("a linear term is a column and a number")
            made[self.index(words[0], self.total)] = self.number(words[1])
        return made

    def bounds(self, lower: FloatVector, upper: FloatVector) -> None:
        for k in range(len(lower)):
            words = self.words()
            kind, numbers = words[0] if words else "", [self.number(w) for w in words[1:]]
            match kind, numbers:
                case "0", [low, high]:
                    lower[k], upper[k] = low, high
                case "1", [high]:
                    upper[k] = high
                case "2", [low]:
                    lower[k] = low
                case "3", []:
                    pass
                case "4", [value]:
                    lower[k] = upper[k] = value
                case _:
                    raise self.error("a bound is 0 low high, 1 high, 2 low, 3, or 4 value")

    def expression(self) -> Expression:
        items: list[Item] = []
        needed = 1
        while needed:
            words = self.words()
            if not words:
                raise self.error("an expression ends too early")
            key, rest = words[0][0], words[0][1:]
            needed -= 1
            if key == "n":
                items.append(("n", self.number(rest)))
            elif key == "v":
                items.append(("v", self.index(rest, self.total)))
            elif key == "o":
                operator = self.index(rest, 1000)
                if operator in _UNARY:
                    items.append(("1", operator))
                    needed += 1
                elif operator in _BINARY:
                    items.append(("2", operator))
                    needed += 2
                elif operator in _LISTS:
                    count = self.index(self.words()[0], _LARGEST)
                    items.append((f"l{operator}", count))
                    needed += count
                else:
                    raise self.error(f"the operator o{operator} is not known here")
            else:
                raise self.error(f"{words[0]!r} is no part of an expression")
        return tuple(items)


def unparse(model: Milp) -> str:
    """Return a model with a linear objective as an .nl text; `order` says which column stands where.

    Raises `FormatError` for a quadratic objective and for semi-continuous columns.
    """
    if model.quadratic is not None and model.quadratic.nnz:
        raise FormatError("a quadratic objective is not written as .nl; write lp or mps")
    if bool(np.any(model.domains >= Domain.SEMI_CONTINUOUS)):
        raise FormatError(".nl has no semi-continuous columns; write lp or mps")
    columns, binary, integer = order(model)
    place = np.empty(model.n_columns, dtype=np.int64)
    place[columns] = np.arange(model.n_columns)
    m, n = model.n_rows, model.n_columns
    ranges = int(
        np.sum(np.isfinite(model.row_lower) & np.isfinite(model.row_upper) & (model.row_lower < model.row_upper))
    )
    equalities = int(np.sum(model.row_lower == model.row_upper))
    costs = np.flatnonzero(model.objective[columns])
    widest = (
        max((len(name) for name in model.row_names), default=0),
        max((len(c) for c in model.column_names), default=0),
    )
    lines = [
        "g3 1 1 0",
        f" {n} {m} 1 {ranges} {equalities}",
        " 0 0",
        " 0 0",
        " 0 0 0",
        " 0 0 0 1",
        f" {binary} {integer} 0 0 0",
        f" {model.nonzeros} {len(costs)}",
        f" {widest[0]} {widest[1]}",
        " 0 0 0 0 0",
    ]
    for i in range(m):
        lines += [f"C{i}", "n0"]
    lines += [f"O0 {1 if model.sense is Sense.MAXIMIZE else 0}", f"n{shortest(model.constant)}"]
    if m:
        lines += ["r", *map(_bound, model.row_lower.tolist(), model.row_upper.tolist())]
    if n:
        lines += ["b", *map(_bound, model.column_lower[columns].tolist(), model.column_upper[columns].tolist())]
    counts = np.bincount(place[model.matrix.indices], minlength=n)
    if n:
        lines += [f"k{n - 1}", *map(str, np.cumsum(counts)[:-1].tolist())]
    indptr, indices, data = (a.tolist() for a in (model.matrix.indptr, model.matrix.indices, model.matrix.data))
    for i in range(m):
        entries = sorted((int(place[indices[k]]), data[k]) for k in range(indptr[i], indptr[i + 1]))
        if entries:
            lines += [f"J{i} {len(entries)}", *(f"{j} {shortest(a)}" for j, a in entries)]
    if len(costs):
        ordered = model.objective[columns].tolist()
        lines += [f"G0 {len(costs)}", *(f"{j} {shortest(ordered[j])}" for j in costs.tolist())]
    return "\n".join(lines) + "\n"


def order(model: Milp) -> tuple[NDArray[np.int64], int, int]:
    """Return the columns in the order of .nl (continuous, binary, integer), and how many are binary and integer."""
    whole = model.domains == Domain.INTEGER
    binary = whole & (model.column_lower == 0) & (model.column_upper == 1)
    kind = np.where(binary, 1, np.where(whole, 2, 0))
    return np.argsort(kind, kind="stable"), int(binary.sum()), int((whole & ~binary).sum())


def _bound(low: float, high: float) -> str:
    if low == high:
        return f"4 {shortest(low)}"
    if low == -math.inf:
        return "3" if high == math.inf else f"1 {shortest(high)}"
    return f"2 {shortest(low)}" if high == math.inf else f"0 {shortest(low)} {shortest(high)}"
