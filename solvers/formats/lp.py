"""The LP format, after CPLEX's definition, read strictly.

Read as common writers use it: constants on either side, ``3 * x``, names with an index in brackets (``x[a,b]``),
several sections on one line, binaries whose bounds are narrower than [0, 1]. What a `Milp` cannot hold (quadratic
rows, special ordered sets, indicators, user cuts) is refused, never left out. Absolute values of 1e20 and more
are infinite where a bound or a right-hand side stands.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from solvers.errors import FormatError, ModelError
from solvers.formats.lp_words import HEADS, HELD, INFINITY, KEYWORDS, SECTIONS, SENSES
from solvers.formats.lp_write import unparse
from solvers.formats.names import unmangler
from solvers.formats.numbers import beyond
from solvers.milp import Domain, Milp, Sense

_TOKEN = re.compile(
    r"\n|<=|>=|=<|=>|==|->|::|[<>=:+\-*/^\[\]|]"
    r"|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
    r"|[^\W\d][\w!\"#$%&(),.;?@'`{}~]*(?:\[[^\[\]\s]*\][\w!\"#$%&(),.;?@'`{}~]*)*"
    r"|[!\"#$%&(),;?@'`{}~][\w!\"#$%&(),.;?@'`{}~]*(?:\[[^\[\]\s]*\][\w!\"#$%&(),.;?@'`{}~]*)*"
)
_NUMBER_START = frozenset("0123456789.")
_OPERATORS = frozenset("<>=:+-*/^[]|\n")
_COMPARE = {"<=": "<", "=<": "<", "<": "<", ">=": ">", "=>": ">", ">": ">", "=": "=", "==": "="}

__all__ = ["parse", "unparse"]


def parse(text: str) -> Milp:
    """Return the model that an LP text holds. Raises `FormatError` with the line and the reason."""
    return _Reader(text).read()


@dataclass(slots=True)
class _Row:
    name: str | None
    lower: float
    upper: float


@dataclass(slots=True)
class _Expression:
    columns: list[int]
    coefficients: list[float]
    constant: float = 0.0
    quadratic: list[tuple[int, int, float]] = field(default_factory=list)


class _Reader:
    def __init__(self, text: str) -> None:
        text = text.replace("\r", "\n") if "\r" in text and "\n" not in text else text.replace("\r", " ")
        comments: list[str] = []
        if "\\" in text:
            comments = re.findall(r"\\([^\n]*)", text)
            text = re.sub(r"\\[^\n]*", "", text)
        self.original = unmangler(comments)
        self.text = text
        self.tokens: list[str] = _TOKEN.findall(text)
        blank = text.count(" ") + text.count("\t") + text.count("\f")
        if sum(map(len, self.tokens)) + blank != len(text):
            self._refuse_characters()
        self.tokens += ["\n", "", "", "", ""]  # so that a look ahead never leaves the list
        self.at = 0
        self.columns: dict[str, int] = {}
        self.rows: list[_Row] = []
        self.row_names: dict[str, int] = {}
        self.entries: tuple[list[int], list[int], list[float]] = ([], [], [])
        self.lower: dict[int, float] = {}
        self.upper: dict[int, float] = {}
        self.integers: dict[int, int] = {}
        self.binaries: dict[int, int] = {}
        self.semis: dict[int, int] = {}

    # -- errors ---------------------------------------------------------------------------------------------

    def _refuse_characters(self) -> None:
        end = 0
        for match in _TOKEN.finditer(self.text):
            if self.text[end : match.start()].strip(" \t\f"):
                break
            end = match.end()
        rest = self.text[end:].lstrip(" \t\f")
        position = len(self.text) - len(rest)
        raise FormatError(f"{rest[:1]!r} has no place in an LP file", line=self.text.count("\n", 0, position) + 1)

    def error(self, reason: str, at: int | None = None) -> FormatError:
        where = min(self.at if at is None else at, len(self.tokens) - 4)
        line = 1 + self.tokens[:where].count("\n")
        return FormatError(reason, line=min(line, self.text.rstrip().count("\n") + 1))

    # -- tokens ---------------------------------------------------------------------------------------------

    def skip_lines(self) -> str:
        """Move past line ends and return the word there."""
        tokens, at = self.tokens, self.at
        while tokens[at] == "\n":
            at += 1
        self.at = at
        return tokens[at]

    def after(self, at: int) -> int:
        while self.tokens[at] == "\n":
            at += 1
        return at

    def section_here(self) -> str | None:
        """Return the section whose keyword stands here, without moving; None where it is an ordinary name.

        A keyword is a name where ``:``, a comparison or an operator follows it on the same line.
        """
        word = self.tokens[self.at].lower()
        if word not in HEADS:
            return None
        found: tuple[str, int] | None = None
        for words, section in SECTIONS.items():
            n = len(words)
            if words[0] == word and [t.lower() for t in self.tokens[self.at : self.at + n]] == list(words):
                found = (section, n) if found is None or n > found[1] else found
        if word in SENSES and found is None:
            found = ("objective", 1)
        if found is None:
            return None
        following = self.tokens[self.at + found[1]]
        if following != "\n" and following in _OPERATORS | set(_COMPARE) | {"::"}:
            sign_of_bound = found[0] == "bounds" and following in "+-"
            if not sign_of_bound:
                return None
        return found[0]

    def take_section(self) -> None:
        word = self.tokens[self.at].lower()
        lengths = [
            len(words)
            for words in SECTIONS
            if words[0] == word and [t.lower() for t in self.tokens[self.at : self.at + len(words)]] == list(words)
        ]
        self.at += max(lengths)

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

    def objective(self) -> _Expression:
        self.skip_lines()
        if self.tokens[self.at + 1] == ":" and self.is_name(self.tokens[self.at]):
            self.at += 2
        expression = self.expression(quadratic=True)
        word = self.skip_lines()
        if word in _COMPARE:
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
            if self.tokens[self.after(self.at)] in _COMPARE:
                self.skip_lines()
                second = self.comparison()
                low2, high2 = _side(second, self.number())
                if first == "=" or second == "=" or first != second:
                    raise self.error("a row between two numbers needs the same sign twice: 1 <= x + y <= 5", start)
                low, high = max(low, low2), min(high, high2)
        else:
            body = left
            low, high = _side(first, self.number())
            if self.tokens[self.after(self.at)] in _COMPARE:
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
        if word[:1] in _NUMBER_START:
            word = self.tokens[at + 1]
            if word == "*":
                return True
        return self.is_name(word) and word.lower() not in INFINITY

    def comparison(self) -> str:
        word = self.tokens[self.at]
        if word == "->":
            raise self.error("indicator rows cannot be held in a mixed-integer linear program")
        if word not in _COMPARE:
            shown = "the end of the file" if not word else repr(word)
            raise self.error(f"{shown} stands where <=, >= or = must stand")
        self.at += 1
        if self.tokens[self.at] in _COMPARE:
            raise self.error(f"{word!r} is followed by {self.tokens[self.at]!r}")
        return _COMPARE[word]

    def number(self) -> float:
        """Take a number with its signs; 1e20 and more is infinite."""
        self.skip_lines()
        sign = 1.0
        while self.tokens[self.at] in ("+", "-"):
            sign = -sign if self.tokens[self.at] == "-" else sign
            self.at = self.after(self.at + 1)
        word = self.tokens[self.at]
        if word.lower() in INFINITY:
            value = math.inf
        elif word[:1] in _NUMBER_START and word:
            value = float(word)
        else:
            shown = "the end of the file" if not word else repr(word)
            raise self.error(f"{shown} stands where a number must stand; names go to the left of the sign")
        self.at += 1
        return beyond(sign * value)

    def end_of_statement(self) -> None:
        word = self.tokens[self.at]
        if word == "->":
            raise self.error("indicator rows cannot be held in a mixed-integer linear program")
        if word not in ("\n", "") and self.section_here() is None:
            raise self.error(f"{word!r} follows a whole statement on its line; the right-hand side is one number")

    def is_name(self, word: str) -> bool:
        return bool(word) and word[0] not in _NUMBER_START and word[0] not in _OPERATORS and word != "::"

    def expression(self, *, quadratic: bool) -> _Expression:
        """Take terms up to a comparison, a section, or a new statement."""
        tokens, at = self.tokens, self.at
        columns = self.columns
        ids: list[int] = []
        values: list[float] = []
        constant = 0.0
        squares: list[tuple[int, int, float]] = []
        first = True
        while True:
            while tokens[at] == "\n":
                at += 1
            word = tokens[at]
            signed = False
            sign = 1.0
            start = at
            while word == "+" or word == "-":
                signed = True
                if word == "-":
                    sign = -sign
                at += 1
                while tokens[at] == "\n":
                    at += 1
                word = tokens[at]
            if not word or word in _COMPARE or word == "->":
                if signed:
                    self.at = at
                    raise self.error("a sign without a term")
                break
            if not signed and not first:
                break  # two terms without a sign between them: another statement, or a section
            lead = word[0]
            if lead == "[":
                if not quadratic:
                    self.at = at
                    raise self.error("a quadratic row cannot be held in a mixed-integer linear program")
                self.at = at
                squares += self.quadratic(sign)
                at = self.at
            elif lead in _NUMBER_START:
                coefficient = sign * float(word)
                if coefficient - coefficient != 0.0:
                    self.at = at
                    raise self.error(f"the number {word} is too large")
                at += 1
                word = tokens[at]
                if word == "*":
                    at += 1
                    word = tokens[at]
                elif word == "\n":
                    ahead = self.after(at)
                    if self.is_name(tokens[ahead]) and self._continues(ahead):
                        at = ahead
                        word = tokens[at]
                if word and word[0] not in _NUMBER_START and word[0] not in _OPERATORS and word != "::":
                    self.at = at
                    if word.lower() in HEADS and self.section_here() is not None:
                        constant += coefficient
                        break
                    ids.append(columns.setdefault(word, len(columns)))
                    values.append(coefficient)
                    at += 1
                elif word == "[" and quadratic:
                    self.at = at
                    raise self.error("a coefficient before a quadratic part; write it inside")
                elif word and word[0] in _NUMBER_START:
                    self.at = at
                    raise self.error(f"two numbers in a row: {tokens[at - 1]} {word}")
                elif tokens[at - 1] == "*":
                    self.at = at
                    raise self.error("`*` without a name after it")
                else:
                    constant += coefficient
            elif lead in _OPERATORS or word == "::":
                self.at = at
                raise self.error(f"{word!r} stands where a term must stand")
            else:
                self.at = at
                if word.lower() in HEADS and not signed and self.section_here() is not None:
                    break
                if word.lower() in INFINITY and first:
                    constant += sign * math.inf
                    at += 1
                    first = False
                    continue
                if word.lower() in KEYWORDS and word.lower() in ("nan", *INFINITY):
                    raise self.error(f"{word!r} stands where a name must stand")
                ids.append(columns.setdefault(word, len(columns)))
                values.append(sign)
                at += 1
            if tokens[at] in ("^", "*", "/"):
                self.at = start
                raise self.error("a product of names outside brackets; quadratic terms are written [ x^2 + x * y ] / 2")
            first = False
        self.at = at
        return _Expression(ids, values, constant, squares)

    def _continues(self, at: int) -> bool:
        """Whether the name at the head of a line goes with a number at the end of the line before it."""
        here, self.at = self.at, at
        section = self.section_here()
        self.at = here
        return section is None and self.tokens[self.after(at + 1)] != ":"

    def quadratic(self, sign: float) -> list[tuple[int, int, float]]:
        """Take ``[ ... ]`` with its optional ``/ 2``; entries are the coefficients of x_i * x_j."""
        start = self.at
        self.at += 1
        found: list[tuple[int, int, float]] = []
        while True:
            word = self.skip_lines()
            coefficient = sign
            signed = False
            while word in ("+", "-"):
                signed = True
                coefficient = -coefficient if word == "-" else coefficient
                self.at += 1
                word = self.skip_lines()
            if word == "]" and not signed:
                self.at += 1
                break
            if found and not signed:
                raise self.error(f"{word!r} stands where a sign or ] must stand")
            if word[:1] in _NUMBER_START and word:
                coefficient *= float(word)
                self.at += 1
                word = self.skip_lines()
                if word == "*":
                    self.at += 1
                    word = self.skip_lines()
            if not self.is_name(word):
                raise self.error("a quadratic part holds x^2 and x * y alone", start if not word else None)
            i = j = self.columns.setdefault(word, len(self.columns))
            self.at += 1
            word = self.skip_lines()
            self.at += 1
            other = self.skip_lines()
            if word == "^":
                if other != "2":
                    raise self.error(f"the power {other!r}; only squares can be held")
            elif word == "*" and self.is_name(other):
                j = self.columns.setdefault(other, len(self.columns))
            else:
                raise self.error("a quadratic part holds x^2 and x * y alone", self.at - 1)
            self.at += 1
            found.append((i, j, coefficient))
        if self.tokens[self.after(self.at)] == "/":
            self.at = self.after(self.at) + 1
            if self.skip_lines() not in ("2", "2.0"):
                raise self.error(f"a quadratic part is divided by 2, not by {self.tokens[self.at]!r}")
            self.at += 1
            found = [(i, j, v / 2) for i, j, v in found]
        return found

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
                if self.tokens[self.at] in _COMPARE:
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

    def build(self, sense: Sense, objective: _Expression) -> Milp:
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
        matrix = sparse.coo_array(
            (np.array(values, dtype=float), (np.array(rows, dtype=np.int32), np.array(columns, dtype=np.int32))),
            shape=(m, n),
        ).tocsr()
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
                sparse.csr_array(matrix),
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
