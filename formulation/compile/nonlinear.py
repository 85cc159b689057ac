"""A model that is not linear as .nl text.

After D. M. Gay, "Writing .nl files" (SAND2005-7907P): variables stand in the order nonlinear in both, in
constraints only, in the objective only, then linear; within each, continuous before whole; constraints that
are not linear come first. The names go beside it, in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never, cast

import numpy as np

from formulation.compile.assemble import spread
from formulation.compile.errors import CompileError
from formulation.compile.names import Names
from formulation.compile.values import Curved, CurvedChoice, CurvedSum, Floats, Linear, Positions, Value
from solvers.milp import Sense
from solvers.nonlinear import Nonlinear

Tree: TypeAlias = tuple[str, tuple["Tree | float | int", ...]]
"""An operator and its operands; the operator of a leaf is ``n`` (a number) or ``v`` (a column)."""

_OPERATORS = {"*": 2, "/": 3, "**": 5, "neg": 16, "abs": 15, "exp": 44, "log": 43, "sqrt": 39}


@dataclass(slots=True)
class Row:
    """One row taken apart: a constant, linear terms by column, and the trees of what is not linear."""

    constant: float = 0.0
    linear: dict[int, float] = field(default_factory=dict)
    trees: list[Tree] = field(default_factory=list)

    def add(self, other: Row, factor: float = 1.0) -> None:
        """Add another row, times a factor."""
        self.constant += factor * other.constant
        for column, value in other.linear.items():
            self.linear[column] = self.linear.get(column, 0.0) + factor * value
        for tree in other.trees:
            self.trees.append(tree if factor == 1.0 else ("*", (_number(factor), tree)))

    def columns(self) -> set[int]:
        """Return the columns in the trees."""
        return {column for tree in self.trees for column in _columns(tree)}


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of one constraint before they are taken apart."""

    base: str
    names: Iterable[str]
    body: Value
    lower: Floats
    upper: Floats


def _number(value: float) -> Tree:
    return ("n", (float(value),))


def _columns(tree: Tree) -> Iterator[int]:
    stack: list[Tree | float | int] = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, tuple):
            if top[0] == "v":
                yield int(top[1][0])  # type: ignore[arg-type]
            elif top[0] != "n":
                stack.extend(top[1])


class _Reader:
    """Takes the rows of values apart, indexing each value once."""

    def __init__(self) -> None:
        self._entries: dict[int, dict[int, list[tuple[int, float]]]] = {}
        self._children: dict[int, dict[int, Positions]] = {}
        self._kept: list[Value] = []

    def row(self, value: Value, r: int) -> Row:
        match value:
            case float():
                return Row(value)
            case np.ndarray():
                return Row(float(value[r]))
            case Linear():
                return self._linear(value, r)
            case CurvedSum(body, origin):
                row = Row()
                for child in self._group(value, origin).get(r, ()):
                    row.add(self.row(body, int(child)))
                return row
            case CurvedChoice(branches, which, where):
                return self.row(branches[int(which[r])], int(where[r]))
            case Curved(operator, operands):
                return self._operation(operator, [self.row(operand, r) for operand in operands])
            case _:
                assert_never(value)

    def _linear(self, value: Linear, r: int) -> Row:
        if id(value) not in self._entries:
            self._kept.append(value)
            entries: dict[int, list[tuple[int, float]]] = {}
            for block in value.blocks:
                n = block.columns.size
                rows = np.arange(n) if block.rows is None else block.rows
                values = spread(block.values, n)
                for row, column, number in zip(rows.tolist(), block.columns.tolist(), values.tolist(), strict=True):
                    entries.setdefault(row, []).append((column, number))
            self._entries[id(value)] = entries
        constant = value.constant if isinstance(value.constant, float) else float(value.constant[r])
        found = Row(constant)
        for column, number in self._entries[id(value)].get(r, ()):
            found.linear[column] = found.linear.get(column, 0.0) + number
        return found

    def _group(self, value: CurvedSum, origin: Positions) -> dict[int, Positions]:
        if id(value) not in self._children:
            self._kept.append(value)
            order = np.argsort(origin, kind="stable")
            rows, starts = np.unique(origin[order], return_index=True)
            parts = np.split(order, starts[1:])
            self._children[id(value)] = dict(zip(rows.tolist(), parts, strict=True))
        return self._children[id(value)]

    def _operation(self, operator: str, operands: list[Row]) -> Row:
        if operator == "+":
            total = Row()
            for operand in operands:
                total.add(operand)
            return total
        if operator == "neg":
            total = Row()
            total.add(operands[0], -1.0)
            return total
        fixed = [not operand.linear and not operand.trees for operand in operands]
        if operator == "*" and any(fixed):
            factor, other = operands if fixed[0] else operands[::-1]
            total = Row()
            if factor.constant != 0.0:
                total.add(other, factor.constant)
            return total
        if operator == "/" and fixed[1] and operands[1].constant != 0.0:
            total = Row()
            total.add(operands[0], 1.0 / operands[1].constant)
            return total
        return Row(trees=[(operator, tuple(_tree(operand) for operand in operands))])


def _tree(row: Row) -> Tree:
    parts: list[Tree] = [
        ("v", (column,)) if value == 1.0 else ("*", (_number(value), ("v", (column,))))
        for column, value in row.linear.items()
        if value != 0.0
    ]
    parts += row.trees
    if row.constant != 0.0 or not parts:
        parts.append(_number(row.constant))
    return parts[0] if len(parts) == 1 else ("+", tuple(parts))


def nonlinear(
    sense: Sense,
    objective: Value,
    relations: Iterable[Rows],
    lower: Floats,
    upper: Floats,
    is_whole: np.ndarray[tuple[int], np.dtype[np.bool_]],
    names: Names,
) -> Nonlinear:
    """Return a model as .nl text with the names of its columns and rows.

    A row in which no variable is left is left out where it holds, and kept where it cannot.
    """
    reader = _Reader()
    goal = reader.row(objective, 0)
    rows: list[tuple[str, Row, float, float]] = []
    for relation in relations:
        for r, name in enumerate(relation.names):
            row = reader.row(relation.body, r)
            low, high = float(relation.lower[r]) - row.constant, float(relation.upper[r]) - row.constant
            row.constant = 0.0
            row.linear = {column: value for column, value in row.linear.items() if value != 0.0}
            if row.linear or row.trees or not low <= 0.0 <= high:
                rows.append((name, row, low, high))
    rows.sort(key=lambda entry: not entry[1].trees)
    return _Text(sense, goal, rows, lower, upper, is_whole, names).written()


class _Text:
    def __init__(
        self,
        sense: Sense,
        goal: Row,
        rows: list[tuple[str, Row, float, float]],
        lower: Floats,
        upper: Floats,
        is_whole: np.ndarray[tuple[int], np.dtype[np.bool_]],
        names: Names,
    ) -> None:
        self.sense, self.goal, self.rows, self.names = sense, goal, rows, names
        self.lower, self.upper, self.is_whole = lower, upper, is_whole
        in_rows: set[int] = set().union(*(row.columns() for _, row, _, _ in rows)) if rows else set()
        in_goal = goal.columns()
        self.both, self.row_only, self.goal_only = in_rows & in_goal, in_rows - in_goal, in_goal - in_rows
        curved = in_rows | in_goal
        rest = [column for column in range(lower.size) if column not in curved]
        binary = [c for c in rest if is_whole[c] and lower[c] == 0.0 and upper[c] == 1.0]
        whole = [c for c in rest if is_whole[c] and not (lower[c] == 0.0 and upper[c] == 1.0)]
        self.n_binary, self.n_whole = len(binary), len(whole)
        groups = (self.both, self.row_only, self.goal_only)
        self.order = [c for group in groups for c in sorted(group, key=lambda c: (bool(is_whole[c]), c))]
        self.order += [c for c in rest if not is_whole[c]] + binary + whole
        self.place = {column: k for k, column in enumerate(self.order)}

    def written(self) -> Nonlinear:
        lines = [*self._header()]
        for k, (_, row, _, _) in enumerate(self.rows):
            lines += [f"C{k}", *(self._tree(_tree(Row(trees=row.trees))) if row.trees else ["n0"])]
        curved = _tree(Row(constant=self.goal.constant, trees=self.goal.trees))
        lines += [f"O0 {int(self.sense is Sense.MAXIMIZE)}", *self._tree(curved)]
        if self.rows:
            lines += ["r", *(_range(low, high) for _, _, low, high in self.rows)]
        lines += ["b", *(_range(float(self.lower[c]), float(self.upper[c])) for c in self.order)]
        jacobian = [self._entries(row) for _, row, _, _ in self.rows]
        counts = [0] * len(self.order)
        for entries in jacobian:
            for k, _ in entries:
                counts[k] += 1
        lines.append(f"k{len(self.order) - 1}")
        total = 0
        for count in counts[:-1]:
            total += count
            lines.append(str(total))
        for k, entries in enumerate(jacobian):
            if entries:
                lines += [f"J{k} {len(entries)}", *(f"{column} {value!r}" for column, value in entries)]
        gradient = self._entries(self.goal)
        if gradient:
            lines += [f"G0 {len(gradient)}", *(f"{column} {value!r}" for column, value in gradient)]
        if {"ninf", "n-inf", "nnan"} & set(lines):
            raise CompileError("objective", "a number in the model is too large or no number")
        columns = [self.names[c] for c in self.order]
        rows = [name for name, _, _, _ in self.rows]
        return Nonlinear("\n".join(lines) + "\n", "\n".join(columns) + "\n", "\n".join([*rows, "objective"]) + "\n")

    def _entries(self, row: Row) -> list[tuple[int, float]]:
        """Return the linear coefficient of every column in a row, zero for those in its trees alone."""
        held = {**dict.fromkeys(row.columns(), 0.0), **row.linear}
        return sorted((self.place[column], value) for column, value in held.items())

    def _header(self) -> list[str]:
        n, m = len(self.order), len(self.rows)
        ranges = sum(low > -np.inf and high < np.inf and low != high for _, _, low, high in self.rows)
        equalities = sum(low == high for _, _, low, high in self.rows)
        n_rows = len(self.both) + len(self.row_only)
        n_goal = n_rows + len(self.goal_only) if self.goal_only else len(self.both)
        discrete = [sum(bool(self.is_whole[c]) for c in group) for group in (self.both, self.row_only, self.goal_only)]
        entries = sum(len(self._entries(row)) for _, row, _, _ in self.rows)
        lengths = max((len(name) for name, _, _, _ in self.rows), default=0), max(map(len, self.names), default=0)
        curved = sum(bool(row.trees) for _, row, _, _ in self.rows)
        return [
            "g3 1 1 0",
            f" {n} {m} 1 {ranges} {equalities}",
            f" {curved} {int(bool(self.goal.trees))} 0 0 0 0",
            " 0 0",
            f" {n_rows} {n_goal} {len(self.both)}",
            " 0 0 0 1",
            f" {self.n_binary} {self.n_whole} {discrete[0]} {discrete[1]} {discrete[2]}",
            f" {entries} {len(self._entries(self.goal))}",
            f" {lengths[0]} {lengths[1]}",
            " 0 0 0 0 0",
        ]

    def _tree(self, tree: Tree) -> list[str]:
        """Return a tree in Polish notation, a line for each operator and leaf."""
        lines: list[str] = []
        stack: list[Tree | float | int] = [tree]
        while stack:
            operator, operands = stack.pop()  # type: ignore[misc]
            if operator == "n":
                lines.append(f"n{operands[0]!r}")
            elif operator == "v":
                lines.append(f"v{self.place[cast(int, operands[0])]}")
            else:
                if operator == "+":
                    lines += ["o0"] if len(operands) == 2 else ["o54", str(len(operands))]
                else:
                    lines.append(f"o{_OPERATORS[operator]}")
                stack.extend(reversed(operands))
        return lines


def _range(low: float, high: float) -> str:
    if low == high:
        return f"4 {low!r}"
    if low == -np.inf:
        return "3" if high == np.inf else f"1 {high!r}"
    return f"2 {low!r}" if high == np.inf else f"0 {low!r} {high!r}"
