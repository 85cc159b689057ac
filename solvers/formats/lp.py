"""The LP format, after CPLEX's definition, read strictly.

Read as common writers use it: constants on either side, ``3 * x``, names with an index in brackets (``x[a,b]``),
several sections on one line, binaries whose bounds are narrower than [0, 1]. What a `Milp` cannot hold (quadratic
rows, special ordered sets, indicators, user cuts) is refused, never left out. Absolute values of 1e20 and more
are infinite where a bound or a right-hand side stands.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from solvers.errors import FormatError, ModelError
from solvers.formats.entries import compressed
from solvers.formats.lp_expression import Expression, Expressions
from solvers.formats.lp_tokens import COMPARE, NUMBER_START
from solvers.formats.lp_words import HELD, INFINITY, SENSES
from solvers.formats.lp_write import unparse
from solvers.formats.numbers import beyond
from solvers.milp import Domain, Milp, Sense

__all__ = ["parse", "unparse"]


def parse(text: str) -> Milp:
    """Return the model that an LP text holds. Raises `FormatError` with the line and the reason."""
    return _Reader(text).read()


@dataclass(slots=True)
class _Row:
    name: str | None
    lower: float
    upper: float


class _Reader(Expressions):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.rows: list[_Row] = []
        self.row_names: dict[str, int] = {}
        self.entries: tuple[list[int], list[int], list[float]] = ([], [], [])
        self.lower: dict[int, float] = {}
        self.upper: dict[int, float] = {}
        self.integers: dict[int, int] = {}
        self.binaries: dict[int, int] = {}
        self.semis: dict[int, int] = {}

    # -- the file -------------------------------------------------------------------------------------------

    def read(self) -> Milp:
        word = self.skip_lines()
        if not word:
            raise self.error("the file is empty; an LP file begins with Minimize or Maximize")
        if word.lower() not in SENSES:
            raise self.error(f"an LP file begins with Minimize or Maximize, not with {word!r}")
        sense = SENSES[word.lower()]
        self.at += 1
        objective = self.objective()
        while True:
            word = self.skip_lines()
            if not word:
                break
            section = self.section_here()
            if section is None:
                raise self.error(f"{word!r} stands where a section must begin")
            if section == "objective":
                raise self.error("a second objective; a model has one")
            if section not in HELD:
                raise self.error(f"{section} cannot be held in a mixed-integer linear program; take them out")
            self.take_section()
            if section == "end":
                if rest := self.skip_lines():
                    raise self.error(f"{rest!r} stands after End")
                break
            match section:
                case "rows":
                    self.row_section()
                case "bounds":
                    self.bound_section()
                case "integers":
                    self.name_section(self.integers)
                case "binaries":
                    self.name_section(self.binaries)
                case _:
                    self.name_section(self.semis)
        return self.build(sense, objective)

    def objective(self) -> Expression:
        self.skip_lines()
        if self.tokens[self.at + 1] == ":" and self.is_name(self.tokens[self.at]):
            self.at += 2
        expression = self.expression(quadratic=True)
        word = self.skip_lines()
        if word in COMPARE:
            raise self.error("a comparison in the objective: is `subject to` missing?")
        if word and self.section_here() is None:
            raise self.error(f"{word!r} stands where `subject to` or another section must begin")
        return expression

    def row_section(self) -> None:
        while True:
            word = self.skip_lines()
            if not word or self.section_here() is not None:
                return
            name = None
            if self.tokens[self.after(self.at + 1)] in (":", "::") and self.is_name(word):
                start = self.at
                self.at = self.after(self.at + 1) + 1
                if self.tokens[self.at - 1] == "::":
                    raise self.error("special ordered sets cannot be held in a mixed-integer linear program", start)
                name = word
                if name in self.row_names:
                    raise self.error(f"the row name {name!r} is given twice", start)
                self.row_names[name] = len(self.rows)
            self.row(name)

    def row(self, name: str | None) -> None:
        start = self.at
        left = self.expression(quadratic=False)
        self.skip_lines()
        first = self.comparison()
        if not left.columns and self.side_has_names():
            body = self.expression(quadratic=False)
            low, high = _side(_FLIP[first], left.constant)
            if self.tokens[self.after(self.at)] in COMPARE:
                self.skip_lines()
                second = self.comparison()
                low2, high2 = _side(second, self.number())
                if first == "=" or second == "=" or first != second:
                    raise self.error("a row between two numbers needs the same sign twice: 1 <= x + y <= 5", start)
                low, high = max(low, low2), min(high, high2)
        else:
            body = left
            low, high = _side(first, self.number())
            if self.tokens[self.after(self.at)] in COMPARE:
                raise self.error("two comparisons need a number, an expression and a number: 1 <= x + y <= 5", start)
        self.end_of_statement()
        low, high = beyond(low - body.constant), beyond(high - body.constant)
        if not low <= high or low == math.inf or high == -math.inf:
            raise self.error(f"no number lies between the sides {low:g} and {high:g}", start)
        k = len(self.rows)
        self.rows.append(_Row(name, low, high))
        rows, columns, values = self.entries
        rows.extend([k] * len(body.columns))
        columns.extend(body.columns)
        values.extend(body.coefficients)

    def side_has_names(self) -> bool:
        """Whether an expression with a name, and not a number alone, stands here."""
        at = self.after(self.at)
        while self.tokens[at] in ("+", "-"):
            at = self.after(at + 1)
        word = self.tokens[at]
        if word[:1] in NUMBER_START:
            word = self.tokens[at + 1]
            if word == "*":
                return True
        return self.is_name(word) and word.lower() not in INFINITY

    def bound_section(self) -> None:
        while True:
            word = self.skip_lines()
            if not word or self.section_here() is not None:
                return
            start = self.at
            if self.is_name(word) and word.lower() not in INFINITY:
                self.at += 1
                column = self.columns.setdefault(word, len(self.columns))
                if self.tokens[self.at].lower() == "free":
                    self.at += 1
                    self.bound(column, -math.inf, math.inf, start)
                else:
                    sign = self.comparison()
                    self.bound(column, *_named(sign, self.number()), start)
            else:
                value = self.number()
                self.skip_lines()
                first = self.comparison()
                word = self.skip_lines()
                if not self.is_name(word):
                    raise self.error(f"{word!r} stands where a name must stand")
                self.at += 1
                column = self.columns.setdefault(word, len(self.columns))
                low, high = _named(_FLIP[first], value)
                if self.tokens[self.at] in COMPARE:
                    second = self.comparison()
                    if first != second or first == "=":
                        raise self.error("a bound between two numbers needs the same sign twice: 0 <= x <= 5", start)
                    low2, high2 = _named(second, self.number())
                    low, high = (low2 if low is None else low), (high2 if high is None else high)
                self.bound(column, low, high, start)
            self.end_of_statement()

    def bound(self, column: int, low: float | None, high: float | None, start: int) -> None:
        """Set the sides that a bound names; a side that it leaves open (None) stays as it was."""
        if low == math.inf or high == -math.inf:
            raise self.error("a lower bound of +infinity or an upper bound of -infinity holds no number", start)
        if low is not None:
            self.lower[column] = low
        if high is not None:
            self.upper[column] = high
        lower, upper = self.lower.get(column, 0.0), self.upper.get(column, math.inf)
        if lower > upper:
            name = next(n for n, k in self.columns.items() if k == column)
            hint = "; its lower bound is 0 unless it is given" if column not in self.lower else ""
            raise self.error(f"{name!r} has the bounds [{lower:g}, {upper:g}], which hold no number{hint}", start)

    def name_section(self, into: dict[int, int]) -> None:
        while True:
            word = self.skip_lines()
            if not word or self.section_here() is not None:
                return
            if not self.is_name(word):
                raise self.error(f"{word!r} stands where a name must stand")
            into[self.columns.setdefault(word, len(self.columns))] = self.at
            self.at += 1

    # -- the model ------------------------------------------------------------------------------------------

    def build(self, sense: Sense, objective: Expression) -> Milp:
        n, m = len(self.columns), len(self.rows)
        costs = np.zeros(n)
        np.add.at(costs, np.array(objective.columns, dtype=np.intp), np.array(objective.coefficients))
        lower, upper = np.zeros(n), np.full(n, math.inf)
        for column, value in self.lower.items():
            lower[column] = value
        for column, value in self.upper.items():
            upper[column] = value
        names = list(self.columns)
        for column, at in self.binaries.items():
            low = max(lower[column], 0.0) if column in self.lower else 0.0
            high = min(upper[column], 1.0)
            if low > high:
                raise self.error(f"the binary {names[column]!r} has bounds that hold neither 0 nor 1", at)
            lower[column], upper[column] = low, high
        domains = np.zeros(n, dtype=np.int8)
        domains[[*self.integers, *self.binaries]] = Domain.INTEGER
        for column in self.semis:
            whole = domains[column] == Domain.INTEGER
            domains[column] = Domain.SEMI_INTEGER if whole else Domain.SEMI_CONTINUOUS
        if not math.isfinite(objective.constant):
            raise FormatError("the objective holds an infinite constant", line=1)
        rows, columns, values = self.entries
        matrix, _ = compressed(
            np.array(rows, dtype=np.int32),
            np.array(columns, dtype=np.int32),
            np.array(values, dtype=np.float64),
            (m, n),
        )
        quadratic = None
        if objective.quadratic:
            i = [e[0] for e in objective.quadratic]
            j = [e[1] for e in objective.quadratic]
            v = [e[2] for e in objective.quadratic]
            half = sparse.coo_array((np.array(v), (i, j)), shape=(n, n)).tocsr()
            quadratic = sparse.csr_array(half + half.T)
        try:
            return Milp(
                sense,
                costs,
                matrix,
                np.array([r.lower for r in self.rows], dtype=float),
                np.array([r.upper for r in self.rows], dtype=float),
                lower,
                upper,
                domains,
                self.restored(names),
                self.restored(self.named_rows()),
                constant=objective.constant + 0.0,
                quadratic=quadratic,
            )
        except ModelError as error:
            raise FormatError(str(error)) from None

    def restored(self, names: Iterable[str]) -> list[str]:
        return list(names) if self.original is None else [self.original(name) for name in names]

    def named_rows(self) -> list[str]:
        """Return the rows' names; one without a name is called c and its number, as CPLEX does."""
        taken = self.row_names
        made: list[str] = []
        for k, row in enumerate(self.rows):
            name = row.name
            if name is None:
                name = f"c{k + 1}"
                while name in taken:
                    name += "_"
            made.append(name)
        return made


_FLIP = {"<": ">", ">": "<", "=": "="}


def _side(sign: str, value: float) -> tuple[float, float]:
    """Return the sides that ``expression sign value`` leaves."""
    if sign == "<":
        return -math.inf, value
    return (value, math.inf) if sign == ">" else (value, value)


def _named(sign: str, value: float) -> tuple[float | None, float | None]:
    """Return the bounds that ``name sign value`` names; None for a side that it leaves as it was."""
    if sign == "<":
        return None, value
    return (value, None) if sign == ">" else (value, value)
