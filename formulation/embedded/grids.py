"""Tables that stand in a text: pipes, tabs, columns kept apart by spaces, or commas; each cell with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ALIGNED = re.compile(r"\S+(?:[ ]\S+)*")
_RULE = re.compile(r"[\s|:+=-]+")
_NUMBER = re.compile(r"[$€£¥₹]?\s?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\s?(%?)")
_NONE = frozenset(["", "-", "–", "—", "n/a", "na", "none"])
_LONGEST_CELL = 60
_MOST_CELLS = 600


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one field: its text without the spaces around it, and its offsets in the problem's text."""

    text: str
    start: int
    end: int

    @property
    def number(self) -> str:
        """The digits of a cell that holds a number and nothing else, with its sign of currency or percent; else ''."""
        return self.text if _NUMBER.fullmatch(self.text) else ""

    @property
    def value(self) -> float | None:
        """The number of such a cell, None where there is none or it is a percentage."""
        found = _NUMBER.fullmatch(self.text)
        return float(found[1].replace(",", "")) if found and not found[2] else None

    @property
    def empty(self) -> bool:
        """Whether the cell says that there is nothing."""
        return self.text.lower() in _NONE


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of ``headings`` (n) over ``rows`` (m × n, m ≥ 1); the first column names the rows."""

    headings: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    start: int
    end: int

    def turned(self) -> Grid:
        """Return the table with its rows as columns."""
        columns = tuple(zip(self.headings, *self.rows, strict=True))
        return Grid(columns[0], columns[1:], self.start, self.end)


@dataclass(frozen=True, slots=True)
class _Line:
    cells: tuple[Cell, ...]
    start: int
    end: int
    style: str


def grids(text: str, *, counted: bool = False) -> tuple[Grid, ...]:
    """Return the tables of a text, in their order. What is not rectangular, or holds words as values, is none.

    ``counted`` says that numbers may name the rows or columns, as those of months do.
    """
    found: list[Grid] = []
    block: list[_Line] = []
    start = 0
    for raw in [*text.splitlines(keepends=True), ""]:
        line = _line(raw, start)
        start += len(raw)
        if line is not None and line.style == "rule":
            continue
        if block and line is not None and line.style == block[0].style == "spaces":
            line = _aligned(line, block[0])
        if block and (line is None or line.style != block[-1].style or len(line.cells) != len(block[-1].cells)):
            if (grid := _grid(block, counted=counted)) is not None:
                found.append(grid)
            block = []
        if line is not None:
            block.append(line)
    return tuple(found)


def _line(raw: str, start: int) -> _Line | None:
    body = raw.rstrip()
    if _RULE.fullmatch(body) and body.count("-") + body.count("=") > 2:
        return _Line((), start, start + len(body), "rule")
    if "|" in body:
        # The bars at the two ends close a line; between them an empty field counts.
        left = body.index("|") + 1 if body.lstrip().startswith("|") else 0
        right = body.rindex("|") if body.endswith("|") and body.rindex("|") >= left else len(body)
        style, fields = "pipes", _split(body, "|", left, right, start)
    elif "\t" in body:
        style, fields = "tabs", _split(body, "\t", 0, len(body), start)
    elif re.search(r"\S {2,}\S", body):
        style, fields = "spaces", [_cell(m.group(), start + m.start()) for m in _ALIGNED.finditer(body)]
        if body.startswith("  "):
            fields.insert(0, Cell("", start, start))
    elif "," in body and not re.search(r"\d,\d{3}(?!\d)|[.!?:]$", body):
        style, fields = "commas", _split(body, ",", 0, len(body), start)
    else:
        return None
    if len(fields) < 2 or any(len(cell.text) > _LONGEST_CELL for cell in fields):
        return None
    return _Line(tuple(fields), start, start + len(body), style)


def _aligned(line: _Line, head: _Line) -> _Line:
    """Return a line that has too few fields with empty ones where no field stands below a heading."""
    if len(line.cells) >= len(head.cells):
        return line
    centres = [(cell.start + cell.end) / 2 - head.start for cell in head.cells]
    placed: dict[int, Cell] = {0: line.cells[0]}
    for cell in line.cells[1:]:
        centre = (cell.start + cell.end) / 2 - line.start
        placed.setdefault(min(range(1, len(centres)), key=lambda k: abs(centres[k] - centre)), cell)
    if len(placed) < len(line.cells):
        return line
    blank = Cell("", line.end, line.end)
    return _Line(tuple(placed.get(k, blank) for k in range(len(centres))), line.start, line.end, line.style)


def _split(body: str, sign: str, left: int, right: int, start: int) -> list[Cell]:
    cells, place = [], left
    for part in body[left:right].split(sign):
        cells.append(_cell(part, start + place))
        place += len(part) + 1
    return cells


def _cell(raw: str, start: int) -> Cell:
    text = raw.strip().strip("*_`").strip()
    place = start + raw.find(text) if text else start
    return Cell(text, place, place + len(text))


def _grid(block: list[_Line], *, counted: bool) -> Grid | None:
    head, *body = block
    if not body or len(block) * len(head.cells) > _MOST_CELLS:
        return None
    values = [cell for line in body for cell in line.cells[1:]]
    if any(not (cell.number or cell.empty) for cell in values) or not any(cell.number for cell in values):
        return None
    names = [line.cells[0] for line in body]
    if any((cell.number and not counted) or cell.empty for cell in (*names, *head.cells[1:])):
        return None
    labels = [name.text.lower() for name in names]
    if len(set(labels)) < len(labels) or len({cell.text.lower() for cell in head.cells}) < len(head.cells):
        return None
    return Grid(head.cells, tuple(line.cells for line in body), head.start, block[-1].end)
