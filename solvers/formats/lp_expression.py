"""The expressions of an LP text: linear terms, constants, and the quadratic part of an objective."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from solvers.formats.lp_tokens import COMPARE, NUMBER_START, OPERATORS, Tokens
from solvers.formats.lp_words import HEADS, INFINITY, KEYWORDS


@dataclass(slots=True)
class Expression:
    """A sum of terms, each a column's number with its coefficient, and x_i * x_j with theirs; and a constant."""

    columns: list[int]
    coefficients: list[float]
    constant: float = 0.0
    quadratic: list[tuple[int, int, float]] = field(default_factory=list)


class Expressions(Tokens):
    """Takes expressions from a text; ``columns`` numbers their names as they come."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.columns: dict[str, int] = {}

    def expression(self, *, quadratic: bool) -> Expression:
        """Take terms up to a comparison, a section, or a new statement.

        ``quadratic`` allows a part in brackets.
        """
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
            if not word or word in COMPARE or word == "->":
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
            elif lead in NUMBER_START:
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
                if word and word[0] not in NUMBER_START and word[0] not in OPERATORS and word != "::":
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
                elif word and word[0] in NUMBER_START:
                    self.at = at
                    raise self.error(f"two numbers in a row: {tokens[at - 1]} {word}")
                elif tokens[at - 1] == "*":
                    self.at = at
                    raise self.error("`*` without a name after it")
                else:
                    constant += coefficient
            elif lead in OPERATORS or word == "::":
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
        return Expression(ids, values, constant, squares)

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
            if word[:1] in NUMBER_START and word:
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
