"""The tokens of an LP text: sections, numbers, comparisons, and errors that name the line."""

from __future__ import annotations

import math
import re

from solvers.errors import FormatError
from solvers.formats.lp_words import BY_HEAD, HEADS, INFINITY, SECTIONS, SENSES
from solvers.formats.names import unmangler
from solvers.formats.numbers import beyond

_TOKEN = re.compile(
    r"\n|<=|>=|=<|=>|==|->|::|[<>=:+\-*/^\[\]|]"
    r"|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|[^\W\d][\w!\"#$%&(),.;?@'`{}~]*(?:\[[^\[\]\s]*\][\w!\"#$%&(),.;?@'`{}~]*)*"
    r"|[!\"#$%&(),;?@'`{}~][\w!\"#$%&(),.;?@'`{}~]*(?:\[[^\[\]\s]*\][\w!\"#$%&(),.;?@'`{}~]*)*"
)
NUMBER_START = frozenset("0123456789.")
OPERATORS = frozenset("<>=:+-*/^[]|\n")
COMPARE = {"<=": "<", "=<": "<", "<": "<", ">=": ">", "=>": ">", ">": ">", "=": "=", "==": "="}
_CONTINUES = (OPERATORS | set(COMPARE) | {"::"}) - {"\n"}


class Tokens:
    """A text cut into tokens, and a place (``at``) among them.

    Raises `FormatError` where a character has no place in an LP text.
    """

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
        """Return an error at a token, this one unless another is named."""
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
        """Return the place of the first token from ``at`` on that is no line end."""
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
        keyword = self._keyword()
        found = None if keyword is None else (SECTIONS[keyword], len(keyword))
        if word in SENSES and found is None:
            found = ("objective", 1)
        if found is None:
            return None
        following = self.tokens[self.at + found[1]]
        sign_of_bound = found[0] == "bounds" and following in "+-"
        return None if following in _CONTINUES and not sign_of_bound else found[0]

    def take_section(self) -> None:
        """Move past the longest keyword of a section that stands here."""
        self.at += len(self._keyword() or ())

    def _keyword(self) -> tuple[str, ...] | None:
        """Return the words of the longest keyword of a section that stands here."""
        here = self.tokens[self.at : self.at + 3]
        for words in BY_HEAD.get(here[0].lower(), ()):
            if all(a == b.lower() for a, b in zip(words, here, strict=False)):
                return words
        return None

    # -- what stands here -----------------------------------------------------------------------------------

    def is_name(self, word: str) -> bool:
        """Whether a token can be the name of a column or row."""
        return bool(word) and word[0] not in NUMBER_START and word[0] not in OPERATORS and word != "::"

    def comparison(self) -> str:
        """Take a comparison and return it as <, > or =."""
        word = self.tokens[self.at]
        if word == "->":
            raise self.error("indicator rows cannot be held in a mixed-integer linear program")
        if word not in COMPARE:
            shown = "the end of the file" if not word else repr(word)
            raise self.error(f"{shown} stands where <=, >= or = must stand")
        self.at += 1
        if self.tokens[self.at] in COMPARE:
            raise self.error(f"{word!r} is followed by {self.tokens[self.at]!r}")
        return COMPARE[word]

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
        elif word[:1] in NUMBER_START and word:
            value = float(word)
        else:
            shown = "the end of the file" if not word else repr(word)
            raise self.error(f"{shown} stands where a number must stand; names go to the left of the sign")
        self.at += 1
        return beyond(sign * value)

    def end_of_statement(self) -> None:
        """Raise an error where anything but a section follows on the line."""
        word = self.tokens[self.at]
        if word == "->":
            raise self.error("indicator rows cannot be held in a mixed-integer linear program")
        if word not in ("\n", "") and self.section_here() is None:
            raise self.error(f"{word!r} follows a whole statement on its line; the right-hand side is one number")
