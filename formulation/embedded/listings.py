"""Lists that are tables in a row: "a tent (5 kg, value 60), a stove (2 kg, value 25)", "spot 1: 12 / 95".

Each becomes a table in the text, so that one reader reads both. Each item must give the same numbers in the same order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from formulation.embedded.grids import Cell
from formulation.embedded.unfold import Unfolded

_BRACKETED = re.compile(
    r"(?<![\w'-])(?P<name>[^\W\d_][\w'-]{0,30}(?: [\w'-]{1,30}){0,3}) "
    r"\((?P<fields>[^()\n]{3,80}\d[^()\n]{0,40})\)"
)
_AFTER_COLON = re.compile(
    r"(?:^|(?<=[;:] )|(?<=[;:]\n))[ \t]*(?:[-*•][ \t]*)?(?P<name>[^\W\d_][\w'-]{0,30}(?: [\w'-]{1,30}){0,2}): ?"
    r"(?P<fields>[$€£]?\d[^;:\n]{1,60}?)(?=;|\.?[ \t]*(?:\n|$)|\. [A-Z])",
    re.MULTILINE,
)
_FIELD = re.compile(r"(?P<before>[^\d$€£]*?)(?P<number>[$€£]?\d[\d,]*(?:\.\d+)?%?)(?P<after>[^\d]*)")
_LEAD = re.compile(r"^.*\b(?:and|or|an?|the|are|is|of|with|down|into|from|between|buys?|includes?) ", re.IGNORECASE)
_SCALE = re.compile(r"\b(thousand|million)s?\b", re.IGNORECASE)
_LEAST = 2


@dataclass(frozen=True, slots=True)
class _Field:
    """A number of an item, and the words beside it, which say what it measures."""

    label: str
    number: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Item:
    name: Cell
    fields: tuple[_Field, ...]
    start: int
    end: int


def tabulated(text: str) -> Unfolded | None:
    """Return the text with its one list of items as a table; None where it has none, or more than one."""
    if ("(" not in text and ":" not in text) or "|" in text:
        return None
    found = []
    for pattern in (_BRACKETED, _AFTER_COLON):
        items = [item for match in pattern.finditer(text) if (item := _item(match)) is not None]
        found += [run for _, group in groupby(items, key=_signature) if len(run := list(group)) >= _LEAST]
    if len(found) != 1:
        return None
    (run,) = found
    headings = _headings(text, run)
    if headings is None or len({item.name.text.lower() for item in run}) < len(run):
        return None
    return _written(text, run, headings)


def _item(match: re.Match[str]) -> _Item | None:
    raw, start = match["name"], match.start("name")
    name = _LEAD.sub("", raw)
    start += len(raw) - len(name)
    fields, place = [], match.start("fields")
    for part in re.split(r"(, (?!\d{3}\b)|,(?=\D)| / |; | and )", match["fields"]):
        inside = _FIELD.fullmatch(part.strip())
        if inside is not None:
            label = " ".join(f"{inside['before']} {inside['after']}".split()).lower()
            here = place + part.index(inside["number"])
            fields.append(_Field(label, inside["number"], here, here + len(inside["number"])))
        elif re.search(r"\d", part) or part.strip(" ,/;") not in ("", "and"):
            return None
        place += len(part)
    if len(fields) < _LEAST or not name:
        return None
    return _Item(Cell(name, start, start + len(name)), tuple(fields), match.start(), match.end())


def _signature(item: _Item) -> tuple[tuple[str, str], ...]:
    return tuple(
        (field.label.rstrip("s."), field.number[-1] if field.number[-1] == "%" else "") for field in item.fields
    )


def _headings(text: str, run: list[_Item]) -> list[str] | None:
    """Return what the numbers measure: the words beside them, or those of the heading before the list."""
    labels = [field.label.rstrip(".") for field in run[0].fields]
    if not all(labels):
        before = text[: run[0].start].rstrip(" \n\t*-•")
        if not before.endswith(":"):
            return None
        said = re.split(r"[.!?]\s", before[:-1])[-1]
        said = re.sub(r"\s(?:are|is|as follows|follows?)$", "", said.strip())
        parts = re.split(r" / | and |, ", said)[-len(labels) :]
        if len(parts) != len(labels):
            return None
        labels = [part.strip() for part in parts]
    money = [field.number[0] in "$€£" for field in run[0].fields]
    plain = [re.sub(r"^(?:per|a|an|each) .*$", "", label) for label in labels]
    if sum(sign and not label for sign, label in zip(money, plain, strict=True)) > 1:
        return None
    cost = "cost" if re.search(r"minimi[sz]|cheap|least expensive|lowest cost|least cost", text, re.IGNORECASE) else ""
    named = [label or cost if sign else label for sign, label in zip(money, plain, strict=True)]
    return named if all(named) and len(set(named)) == len(named) else None


def _written(text: str, run: list[_Item], headings: list[str]) -> Unfolded:
    """Return the text with the table behind the sentence of the list, of which only names within a sentence stay."""
    unfolded, here = Unfolded(), 0
    for item in run:
        if text[item.name.end] == "(" or text[item.name.end : item.name.end + 2] == " (":
            unfolded.keep(text[here : item.name.end], here)
        elif not here:
            unfolded.keep(text[: item.start], 0)
        here = item.end
    close = re.search(r"[.!?](?=\s|$)|\n\n|$", text[here:])
    end = here + (close.end() if close else 0)
    unfolded.keep(text[here:end], here)
    unfolded.say(
        "\n\n| item | " + " | ".join(_SCALE.sub("", h).replace(" in ", " ") for h in headings) + " |\n", run[0].name
    )
    for item in run:
        unfolded.say("| ", item.name)
        unfolded.say(item.name.text, item.name)
        for heading, field in zip(headings, item.fields, strict=True):
            unfolded.say(" | ", item.name)
            unfolded.say(_scaled(field.number, heading), Cell(field.number, field.start, field.end))
        unfolded.say(" |\n", item.name)
    unfolded.say("\n\n", run[-1].name)
    unfolded.keep(text[end:], end)
    return unfolded


def _scaled(number: str, heading: str) -> str:
    """Return a number as it is without the "in thousands" of its heading."""
    scale = _SCALE.search(heading)
    if scale is None:
        return number
    sign = number[0] if number[0] in "$€£" else ""
    value = float(number.strip("$€£%").replace(",", "")) * (1e3 if scale[1].lower() == "thousand" else 1e6)
    return f"{sign}{value:g}" if value < 1e6 else f"{sign}{value:.0f}"
