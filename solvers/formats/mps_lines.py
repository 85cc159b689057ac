"""The body of a section of an MPS file: its lines cut into fields, its numbers, and errors that name the line."""

from __future__ import annotations

import contextlib
import math
import re
from fractions import Fraction
from itertools import pairwise

from solvers.errors import FormatError
from solvers.formats.mps_words import FIELDS, NUMBER

Line = list[str]

_GAPS = tuple((a[1], b[0]) for a, b in pairwise(FIELDS))

_RATIO = re.compile(r"([+-]?\d{1,4000})/(\d{1,4000})\Z", re.ASCII)
_INFINITY = re.compile(r"[+-]?inf(?:inity)?\Z", re.IGNORECASE)


class Body:
    """The lines of one section.

    ``lines`` are the fields of each line that is neither blank nor a comment; ``start`` and ``end`` are where the
    section's body begins and ends in the text.
    """

    def __init__(self, text: str, start: int, end: int, *, fixed: bool) -> None:
        self._text, self._start, self._end = text, start, end
        body = text[start:end]
        self._noted = "*" in body or "$" in body
        self.marked = "'MARKER'" in body
        raw = body.split("\n")
        if "\n*" in body:
            raw = [line for line in raw if not line.startswith("*")]
        if fixed:
            written = [line.expandtabs(8) for line in raw if line.strip()]
            for k, line in enumerate(written):
                if any(line[a:b].strip() for a, b in _GAPS):
                    raise self.error("something stands between the columns of fixed format", k)
            self.lines = [_fixed(line) for line in written]
        else:
            self.lines = list(filter(None, map(str.split, raw)))

    def error(self, reason: str, number: int = 0) -> FormatError:
        """Return an error at the ``number``-th data line."""
        first = self._text.count("\n", 0, self._start) + 1
        for line, text in enumerate(self._text[self._start : self._end].split("\n"), start=first):
            if text.strip() and not text.startswith("*"):
                if number == 0:
                    return FormatError(reason, line=line)
                number -= 1
        return FormatError(reason, line=first)

    def cut(self, *stops: int) -> None:
        """Take off what follows a ``$`` or ``*`` that begins one of the fields: a comment."""
        if not self._noted:
            return
        for k, fields in enumerate(self.lines):
            for stop in stops:
                if len(fields) > stop and fields[stop].startswith(("$", "*")):
                    self.lines[k] = fields[:stop]
                    break

    def numbers(self, texts: list[str], places: list[int], *, infinite: bool = False) -> list[float]:
        """Return the numbers, each of the line at its place; anything but a finite number is an error there.

        ``infinite`` allows the word for infinity. Also read are Fortran's exponents (1.0D3), and whole numbers
        over each other (9/10) as SCIP writes them, as the nearest double.
        """
        together = "".join(texts)
        if together.isascii() and "_" not in together:
            try:
                numbers = list(map(float, texts))
            except ValueError:
                pass
            else:
                if all(map(math.isfinite, numbers)):
                    return numbers
        return [self._number(text, place, infinite=infinite) for text, place in zip(texts, places, strict=True)]

    def _number(self, text: str, place: int, *, infinite: bool) -> float:
        if infinite and _INFINITY.match(text):
            return float(text)
        value = math.inf
        if ratio := _RATIO.match(text):
            top, bottom = int(ratio[1]), int(ratio[2])
            if bottom == 0:
                raise self.error(f"{text!r} divides by zero", place)
            with contextlib.suppress(OverflowError):
                value = float(Fraction(top, bottom))
        elif NUMBER.match(text):
            value = float(text.replace("d", "e").replace("D", "e"))
        else:
            raise self.error(f"{text!r} is no number that may stand here", place)
        if not math.isfinite(value):
            raise self.error(f"the number {text} is too large", place)
        return value


def _fixed(line: str) -> Line:
    """Return the fields by their columns, from the second on; the first is kept where it holds a type."""
    cut = [line[a:b].strip() for a, b in FIELDS]
    for field in (2, 4):
        if cut[field].startswith("$"):
            cut = cut[:field]
            break
    while cut and not cut[-1]:
        cut.pop()
    return cut[1:] if cut and not cut[0] else cut
