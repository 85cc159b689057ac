"""A table in the text, unfolded to the sentences that it stands for, so that one reader reads both.

``| food | cost | protein (g) |`` over ``| oats | 0.30 | 5 |`` becomes "Each oats costs $0.30. Each oats has 5 g of
protein." Every character of the unfolded text knows the characters of the user's text that it stands for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from typing import Any

from formulation.embedded.grids import Cell, Grid, grids
from formulation.embedded.lexicon import headings, stem, stems, units
from formulation.formulation import Span

_BRACKETS = re.compile(r"\s*[(\[]([^)\]]*)[)\]]\s*")
_PER = re.compile(r"(?:\s+|/)(?:per|for each|of each|each|a piece)\b\s*(\w*).*$", re.IGNORECASE)
_PER_MONEY = re.compile(r"(?:\bper|/)\s?[$€£¥₹]", re.IGNORECASE)
_MONEY = tuple("$€£¥₹")
_RATE = re.compile(r"\(?[$€£¥₹]\s?(?:/|per )\s?\w+\)?")
_LABEL = re.compile(r"\w \w{1,2}$")
_WORD = re.compile(r"[^\W\d_]+")
_PAID = ("sold", "earned", "spent")
_ROLES = ("least", "most", *_PAID, "either")


@dataclass(slots=True)
class Unfolded:
    """A text, and for each piece of it where it comes from: ``starts[k]`` is where piece k begins."""

    text: str = ""
    starts: list[int] = field(default_factory=list)
    sources: list[tuple[int, int, bool]] = field(default_factory=list)
    tables: int = 0

    def keep(self, text: str, start: int) -> None:
        """Add a stretch of the user's own text, character by character."""
        self._add(text, start, start + len(text), exact=True)

    def say(self, words: str, cell: Cell) -> None:
        """Add words that a cell of a table stands for."""
        self._add(words, cell.start, cell.end, exact=False)

    def _add(self, text: str, start: int, end: int, *, exact: bool) -> None:
        if text:
            self.starts.append(len(self.text))
            self.sources.append((start, end, exact))
            self.text += text

    def origin(self, span: Span) -> Span:
        """Return the stretch of the user's text that a stretch of this one stands for."""
        start, _ = self._source(span.start)
        _, end = self._source(max(span.start, span.end - 1))
        return Span(min(start, end), max(start, end))

    def _source(self, place: int) -> tuple[int, int]:
        k = max(0, bisect_right(self.starts, place) - 1)
        start, end, exact = self.sources[k]
        if not exact:
            return start, end
        here = min(start + place - self.starts[k], end)
        return here, min(here + 1, end)


def unfold(text: str) -> Unfolded | None:
    """Return the text with its tables as sentences; None where it has none that says what its values are."""
    found = grids(text)
    if not found:
        return None
    unfolded, place = Unfolded(), 0
    for grid in found:
        told = _oriented(grid)
        if told is None:
            continue
        unfolded.keep(text[place : grid.start], place)
        _tell(unfolded, told, text[: grid.start] + text[grid.end :])
        unfolded.tables += 1
        place = grid.end
    unfolded.keep(text[place:], place)
    return unfolded if unfolded.tables else None


@cache
def _stems(role: str) -> frozenset[str]:
    return frozenset(stem(word) for word in headings()[role].split())


def _words(cell: Cell) -> list[str]:
    """Return the stems of a heading without its brackets and what it is "per"."""
    return [stem(word) for word in _WORD.findall(_PER.sub("", _BRACKETS.sub(" ", cell.text)))]


def _role(heading: Cell) -> str:
    """Return what a heading says of each thing; empty for something that the things take or give."""
    role = next((role for role in _ROLES if any(word in _stems(role) for word in _words(heading))), "")
    return role or ("spent" if _RATE.fullmatch(heading.text) else "")


def _line_role(name: Cell) -> str:
    """Return "most" or "least" for a line of the table that bounds what its columns measure; else empty."""
    words = _words(name)
    for role, lists in (("least", ("least", "need")), ("most", ("most", "stock"))):
        if words and any(word in _stems(one) for one in lists for word in words):
            return role
    return ""


def _oriented(grid: Grid) -> Grid | None:
    """Return the table with the things to decide as its rows; None where nothing tells which way it lies."""
    if not (_percents_fit(grid) or _percents_fit(grid.turned())) or any(
        _PER_MONEY.search(c.text) for c in _edges(grid)
    ):
        return None
    across = sum(_role(cell) in _PAID for cell in grid.headings[1:])
    down = sum(_role(row[0]) in _PAID for row in grid.rows)
    if across and not down:
        return grid
    if down and not across:
        return grid.turned()
    over = _words(grid.headings[0])
    if across or down or not over:
        return None
    named = [bool(_stems(name) & set(over)) for name in ("things", "resources")]
    return {(True, False): grid, (False, True): grid.turned()}.get((named[0], named[1]))


def _edges(grid: Grid) -> tuple[Cell, ...]:
    return (*grid.headings, *(row[0] for row in grid.rows))


def _percents_fit(grid: Grid) -> bool:
    """Whether every column holds percentages alone or none: a mixed one would be two kinds of numbers."""
    columns = zip(*(row[1:] for row in grid.rows), strict=True)
    return all(len({"%" in cell.text for cell in column if not cell.empty}) < 2 for column in columns)


def _tell(unfolded: Unfolded, grid: Grid, around: str) -> None:
    """Add a sentence for each cell; ``around`` is the text beside the table."""
    portion = next((m[1].lower() for h in grid.headings if (m := _PER.search(h.text)) and _measures(m[1])), "")
    quantities = {heading: _quantity(heading, around) for heading in grid.headings[1:]}
    unfolded.say("\n\n", grid.headings[0])
    if all(_LABEL.search(row[0].text) for row in grid.rows):
        _list(unfolded, grid)
    for row in grid.rows:
        thing = f"{portion} of {row[0].text}" if portion else row[0].text
        for heading, cell in zip(grid.headings[1:], row[1:], strict=True):
            if not cell.empty:
                for words, place in _sentence(row[0], heading, cell, thing, *quantities[heading]):
                    unfolded.say(words, place)
    unfolded.say("\n\n", grid.headings[-1])


def _list(unfolded: Unfolded, grid: Grid) -> None:
    """Add a sentence that lists the things, which numbers and letters alone tell apart."""
    unfolded.say("The choice is between ", grid.headings[0])
    for k, row in enumerate(grid.rows):
        unfolded.say(row[0].text, row[0])
        unfolded.say({len(grid.rows) - 1: ".\n\n", len(grid.rows) - 2: " and "}.get(k, ", "), row[0])


def _measures(word: str) -> bool:
    return stem(word) in stems("measure") - {stem("unit")}


def _counts(word: str) -> bool:
    return _measures(word) or stem(word) in units()


def _sentence(name: Cell, heading: Cell, cell: Cell, thing: str, bare: str, unit: str) -> tuple[tuple[str, Cell], ...]:
    """Return the words that say one cell, each with the cell that it stands for."""
    money = cell.text if cell.text[0] in _MONEY else f"${cell.text}"
    if _is_charge(heading):
        return ("There is a setup cost of ", heading), (money, cell), (f" for {thing}. ", name)
    match _line_role(name), _role(heading):
        case ("most", _):
            return ("At most ", name), (f"{_value(cell, unit)} {bare}", cell), (" can be used. ", heading)
        case ("least", _):
            return ("At least ", name), (f"{_value(cell, unit)} {bare}", cell), (" must be reached. ", heading)
        case (_, "earned"):
            earning = next(word for word in _WORD.findall(bare) if stem(word) in _stems("earned"))
            return (f"Each {thing} has a ", name), (f"{earning} of ", heading), (f"{money}. ", cell)
        case (_, "spent"):
            return (f"Each {thing} ", name), ("costs ", heading), (f"{money}. ", cell)
        case (_, "sold"):
            return (f"Each {thing} ", name), ("sells for ", heading), (f"{money}. ", cell)
        case (_, "most"):
            return ("At most ", heading), (f"{cell.text} ", cell), (f"{thing}. ", name)
        case (_, "least"):
            return ("At least ", heading), (f"{cell.text} ", cell), (f"{thing}. ", name)
        case (_, "either"):
            return (f"The {bare} is ", heading), (f"{cell.text} ", cell), (f"{thing}. ", name)
        case _:
            return (f"Each {thing} takes ", name), (f"{_value(cell, unit)} ", cell), (f"{bare}. ", heading)


def _is_charge(heading: Cell) -> bool:
    """Whether a heading stands over what is paid once for each thing: "Setup cost", "Start-up ($)"."""
    paid = _role(heading) == "spent" or any(sign in heading.text for sign in _MONEY)
    return paid and any(word in _stems("once") for word in _words(heading)) and not _PER.search(heading.text)


def _quantity(heading: Cell, around: str) -> tuple[str, str]:
    """Return a heading without "per unit" and brackets, and its unit: in brackets, or as the text beside says it."""
    words = [w if len(w) == 1 else w.lower() for w in _PER.sub("", _BRACKETS.sub(" ", heading.text)).split()]
    bare = " ".join(word for word in words if stem(word) not in _stems("idle")) or " ".join(words)
    unit = next(iter(_BRACKETS.findall(heading.text)), "").strip()
    unit = re.split(r"\s*(?:/|\bper\b)\s*", unit)[0].strip()
    name = re.escape(bare)
    for pattern in (rf"(\w+) of {name}\b", rf"\b{name}\b[^.\d]{{0,60}}?\d[\d,.]* ([^\W\d_]+)"):
        if not unit and (said := re.search(pattern, around, re.IGNORECASE)) and _counts(said[1]):
            unit = said[1]
    return bare, unit


def _value(cell: Cell, unit: str) -> str:
    """Return a value as a sentence says it: with its sign of currency, or its unit after it."""
    if cell.text[0] in _MONEY:
        return cell.text
    if unit[:1] in _MONEY and unit:
        return f"{unit[0]}{cell.text}"
    if unit == "%" and not cell.text.endswith("%"):
        return f"{cell.text}%"
    return f"{cell.text} {unit} of" if unit.replace(" ", "").isalpha() else cell.text


def relocated(value: Any, unfolded: Unfolded) -> Any:
    """Return a reading of the unfolded text with every span where the user's text has it."""
    if isinstance(value, Span):
        return unfolded.origin(value)
    if isinstance(value, tuple):
        return tuple(relocated(one, unfolded) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: relocated(getattr(value, f.name), unfolded) for f in fields(value)})
    return value
