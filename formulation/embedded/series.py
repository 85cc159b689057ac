"""Names that follow one another - weekdays, months, "week 1" to "week 4" - and the numbers given for each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from formulation.embedded.grids import Cell, Grid
from formulation.embedded.lexicon import series, stem
from formulation.embedded.quantities import Quantity, quantities
from formulation.embedded.tokens import Token, sentences
from formulation.formulation import Span

Figure = tuple[float, Span]
"""A number and where it stands."""

_MOST = 60
_DAY = 24 * 60
_LETTERED = re.compile(r"([a-z])(\d{1,2})_?")


@dataclass(frozen=True, slots=True)
class Label:
    """Tokens [first, last) that name the ``places`` of a series; a range ("Monday to Friday") names several.

    The place of an hour of the day ("6:00 to 10:00") is the minute of the day at which it begins, ``minutes`` how long
    it is.
    """

    noun: str
    places: tuple[int, ...]
    first: int
    last: int
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """``names`` of consecutive periods; ``order`` holds the place that each has in its calendar or numbering.

    ``noun`` says what they are: "month", "day", "week", ...; ``spans`` where each is first named.
    """

    noun: str
    names: tuple[str, ...]
    order: tuple[int, ...]
    spans: tuple[Span, ...]

    @property
    def circular(self) -> bool:
        """Whether the first follows on the last: the seven days of a week, the hours of day and night."""
        return (self.noun == "weekday" and len(self.order) == 7) or self.noun == "clock"


@cache
def _words(name: str) -> tuple[str, ...]:
    return tuple(series()[name].split())


@cache
def nouns() -> frozenset[str]:
    """Return the stems of what can be numbered: "month", "week", ..."""
    return frozenset(stem(word) for word in _words("nouns"))


@cache
def _calendar() -> dict[str, tuple[str, int]]:
    """Return (noun, place) of the names of weekdays and months, long and short."""
    found: dict[str, tuple[str, int]] = {}
    for name, noun in (("weekdays", "weekday"), ("months", "month name"), ("seasons", "season name")):
        for k, (long, short) in enumerate(zip(_words(name), _words(f"{name}_short"), strict=True)):
            found[long] = found[short] = found[f"{long}s"] = (noun, k)
    return found


@cache
def _ordinals() -> dict[str, int]:
    return {w: k for name in ("ordinals", "ordinals_short") for k, w in enumerate(_words(name), 1)}


def labels(tokens: tuple[Token, ...]) -> list[Label]:
    """Return the names of periods in a sentence, in their order; "January to April" is one of four places."""
    found: list[Label] = []
    k = 0
    while k < len(tokens):
        here = _clock(tokens, k) or _named(tokens, k) or _numbered(tokens, k) or _ordinal(tokens, k)
        if not here and found and _elliptic(tokens, k):  # "900 in the first month and 1,300 in the second"
            here = [Label(found[-1].noun, (_ordinals()[tokens[k].lower],), k, k + 1)]
        if not here:
            k += 1
            continue
        for label in here:
            before = found[-1] if found else None
            if before is not None and before.noun == label.noun and _until(tokens, before, label):
                found[-1] = Label(before.noun, _range(before, label), before.first, label.last)
            else:
                found.append(label)
        k = here[-1].last
    return found


def _clock(tokens: tuple[Token, ...], k: int) -> list[Label]:
    """Return the label of "6 am to 2 pm", "22:00-02:00", "midnight to 4 a.m."."""
    one = _time(tokens, k)
    if one is None:
        return []
    place = one[1]
    if place < len(tokens) and tokens[place].lower in _words("until"):
        place += 1
    two = _time(tokens, place)
    if two is None or not (one[2] or two[2]):
        return []
    start, end = one[0], two[0]
    if not one[2] and start + _DAY // 2 < end:  # "1 to 5 pm"
        start += _DAY // 2
    return [Label("clock", (start % _DAY,), k, two[1], (end - start) % _DAY or _DAY)]


def _time(tokens: tuple[Token, ...], k: int) -> tuple[int, int, bool] | None:
    """Return (minute of the day, end, whether it is a time for sure) of a time of day that begins at token k."""
    if k >= len(tokens):
        return None
    if tokens[k].lower in ("midnight", "noon"):
        return (0 if tokens[k].lower == "midnight" else _DAY // 2), k + 1, True
    if tokens[k].kind != "number" or not tokens[k].text.isdecimal() or int(tokens[k].text) > 24:
        return None
    minutes, last, sure = int(tokens[k].text) * 60, k + 1, False
    if last + 1 < len(tokens) and tokens[last].text == ":" and re.fullmatch(r"[0-5]\d", tokens[last + 1].text):
        minutes, last, sure = minutes + int(tokens[last + 1].text), last + 2, True
    half = "".join(t.lower for t in tokens[last : last + 3]).replace("_", "")
    for mark, width in (("a.m", 3), ("p.m", 3), ("am", 1), ("pm", 1)):
        if half.startswith(mark) and (width == 3 or tokens[last].lower == mark):
            minutes = minutes % (_DAY // 2) + (_DAY // 2 if mark[0] == "p" else 0)
            last += width
            if width == 3 and last < len(tokens) and tokens[last].text == ".":
                last += 1
            return minutes, last, True
    return minutes, last, sure


def _until(tokens: tuple[Token, ...], one: Label, two: Label) -> bool:
    if one.noun == "clock":
        return False
    between = [t.lower for t in tokens[one.last : two.first] if t.lower != "the" and t.stem not in nouns()]
    return len(between) == 1 and between[0] in _words("until") and one.places[-1] != two.places[0]


def _range(one: Label, two: Label) -> tuple[int, ...]:
    first, last = one.places[0], two.places[-1]
    size = {"weekday": 7, "month name": 12, "season name": 4}.get(one.noun)
    if size is None:
        return tuple(range(first, min(last, first + _MOST) + 1))
    return tuple((first + k) % size for k in range((last - first) % size + 1))


def _named(tokens: tuple[Token, ...], k: int) -> list[Label]:
    token = tokens[k]
    noun, place = _calendar().get(token.lower, ("", 0))
    if noun and (token.text[:1].isupper() or noun == "season name"):
        return [Label(noun, (place,), k, k + 1)]
    lettered = _LETTERED.fullmatch(token.lower)
    if lettered and token.text[:1].isupper() and lettered[1] in series()["letters"]:
        return [Label(series()["letters"][lettered[1]], (int(lettered[2]),), k, k + 1)]
    return []


def _numbered(tokens: tuple[Token, ...], k: int) -> list[Label]:
    """Return the labels of "month 1", "months 1, 2 and 3", "weeks 1 to 4"; a number of units is none of them."""
    if tokens[k].stem not in nouns() or k + 1 >= len(tokens):
        return []
    found: list[Label] = []
    place = k + 1
    while place < len(tokens):
        number = next((q for q in quantities(tokens[place : place + 1]) if q.value == int(q.value) <= _MOST), None)
        if number is None or number.value <= 0 or tokens[place].lower in ("quarter", "dozen"):
            break
        found.append(Label(tokens[k].stem, (int(number.value),), place if found else k, place + 1))
        place += 1
        while place < len(tokens) and tokens[place].lower in (",", "and", *_words("until")):
            place += 1
    if len(found) > 1 and not tokens[k].lower.endswith("s"):
        found = found[:1]
    return found if all(b.places[0] > a.places[0] for a, b in pairwise(found)) else found[:1]


def _ordinal(tokens: tuple[Token, ...], k: int) -> list[Label]:
    """Return the labels of "the first month", "the first, second and third week"."""
    found: list[tuple[int, int]] = []
    place = k
    while place < len(tokens):
        if tokens[place].lower in _ordinals():
            found.append((place, _ordinals()[tokens[place].lower]))
        elif not (found and tokens[place].lower in (",", "and")):
            break
        place += 1
    if not found or place >= len(tokens) or tokens[place].stem not in nouns() or tokens[place - 1].text == ",":
        return []
    noun = tokens[place].stem
    return [Label(noun, (value,), at, place + 1 if at == found[-1][0] else at + 1) for at, value in found]


def _elliptic(tokens: tuple[Token, ...], k: int) -> bool:
    """Whether an ordinal stands for a period that was named before: "in the second"."""
    ordinal = tokens[k].lower in _ordinals() and k > 0 and tokens[k - 1].lower == "the"
    return ordinal and (k + 1 == len(tokens) or tokens[k + 1].kind == "mark" or tokens[k + 1].lower == "and")


def find_series(split: list[tuple[Token, ...]], tables: tuple[Grid, ...] = ()) -> Series | None:
    """Return the consecutive periods that a text names, or counts ("over four months"); None where none or unclear."""
    seen: dict[str, dict[int, tuple[str, Span]]] = {}
    lengths: set[int] = set()
    for tokens in (*split, *(t for table in tables for cell in _edges(table) for t in _cell_tokens(cell))):
        for label in labels(tokens):
            lengths |= {label.minutes} - {0}
            for place in label.places:
                span = Span(tokens[label.first].start, tokens[label.last - 1].end)
                seen.setdefault(label.noun, {}).setdefault(place, (_name(label.noun, place), span))
    named = {noun: held for noun, held in seen.items() if len(held) > 1}
    counted = _counted(split) or _headed(tables)
    if not named:
        return counted
    if len(named) > 1:
        return None
    ((noun, held),) = named.items()
    order = tuple(held)
    size = {"weekday": 7, "month name": 12, "season name": 4, "clock": _DAY}.get(noun)
    if size is None:
        order = tuple(sorted(order))
        if order != tuple(range(1, len(order) + 1)):
            return None
        if counted is not None and counted.noun == noun and len(counted.order) != len(order):
            return counted if len(counted.order) > len(order) else None
    elif noun == "clock":
        if lengths != {size // len(order)} or any((b - a) % size != size // len(order) for a, b in pairwise(order)):
            return None
    elif any((b - a) % size != 1 for a, b in pairwise(order)):
        return None
    names, spans = zip(*(held[place] for place in order), strict=True)
    return Series(noun, names, order, spans) if 2 <= len(order) <= _MOST else None


def _name(noun: str, place: int) -> str:
    match noun:
        case "weekday":
            return _words("weekdays")[place].capitalize()
        case "month name":
            return _words("months")[place].capitalize()
        case "season name":
            return _words("seasons")[place].capitalize()
        case "clock":
            return f"{place // 60:02}:{place % 60:02}"
        case _:
            return f"{noun} {place}"


def _counted(split: list[tuple[Token, ...]]) -> Series | None:
    """Return the periods of "over the next four months", "a four-week plan": named by their numbers."""
    for tokens in split:
        for q in quantities(tokens):
            if counts_periods(tokens, q) and 1 < q.value <= _MOST and q.value == int(q.value):
                place = _counted_at(tokens, q)
                noun = tokens[place].stem
                span = Span(tokens[q.first].start, tokens[place].end)
                order = tuple(range(1, int(q.value) + 1))
                return Series(noun, tuple(_name(noun, k) for k in order), order, (span,) * len(order))
    return None


def _headed(tables: tuple[Grid, ...]) -> Series | None:
    """Return the periods of a table whose corner names them and whose rows or columns are numbered."""
    for table in (one for grid in tables for one in (grid, grid.turned())):
        corner = stem(table.headings[0].text.strip("#. "))
        n = len(table.rows)
        if corner in nouns() and [row[0].text for row in table.rows] == [str(k) for k in range(1, n + 1)] and n > 1:
            spans = tuple(Span(row[0].start, row[0].end) for row in table.rows)
            return Series(corner, tuple(_name(corner, k) for k in range(1, n + 1)), tuple(range(1, n + 1)), spans)
    return None


def _counted_at(tokens: tuple[Token, ...], quantity: Quantity) -> int:
    """Return the place of the periods that a number counts, a word between ("three building phases"); else -1."""
    for place in (quantity.last, quantity.last + 1):
        if place < len(tokens) and tokens[place].kind == "word" and tokens[place].stem in nouns():
            return place if place == quantity.last or quantity.worded else -1
    return -1


def counts_periods(tokens: tuple[Token, ...], quantity: Quantity) -> bool:
    """Whether a number says how many periods there are: "the next four months", "four-month", "over 4 weeks"."""
    place = _counted_at(tokens, quantity)
    if place < 0:
        return False
    before = [t.lower for t in tokens[max(0, quantity.first - 3) : quantity.first]]
    joined = tokens[place].joined or not tokens[place].lower.endswith("s") or place > quantity.last
    led = set(before[-2:]) & {
        "next",
        "over",
        "during",
        "following",
        "coming",
        "first",
        "for",
        "of",
        "these",
        "into",
        "across",
    }
    return bool(led) or "plan" in {t.stem for t in tokens} or (joined and quantity.value > 1)


def figures(tokens: tuple[Token, ...], named: list[Label]) -> list[Quantity]:
    """Return the quantities of a sentence without those inside names, and without "quarter" as a period."""
    inside = {k for label in named for k in range(label.first, label.last)}
    return [q for q in quantities(tokens) if q.first not in inside and tokens[q.first].stem != stem("quarter")]


def span_of(tokens: tuple[Token, ...], quantity: Quantity) -> Span:
    """Return the place of a number in the text."""
    return Span(tokens[quantity.first].start, tokens[quantity.last - 1].end)


def spread(names: list[Label], numbers: list[Figure], order: tuple[int, ...]) -> dict[int, Figure] | None:
    """Return the number of each place that a run of names and numbers tells; None where they do not fit together.

    "5 on Monday and 7 on Tuesday", "Monday to Wednesday: 5, 7 and 6", "5 from Monday to Friday and 3 from Saturday to
    Sunday"; without names there must be a number for each place.
    """
    groups = [label.places for label in names]
    if not groups:
        groups = [(place,) for place in order] if len(numbers) == len(order) else []
    if len(groups) != len(numbers):
        flat = tuple(place for group in groups for place in group)
        joined = _joined(names)
        if len(joined) == len(numbers):
            groups = joined
        elif len(flat) == len(numbers):
            groups = [(place,) for place in flat]
        elif len(numbers) == 1 and flat:
            groups = [flat]
        else:
            return None
    found: dict[int, Figure] = {}
    for group, number in zip(groups, numbers, strict=True):
        for place in group:
            if place in found or place not in order:
                return None
            found[place] = number
    return found


def _joined(names: list[Label]) -> list[tuple[int, ...]]:
    """Return the places of names that stand side by side ("Saturday and Sunday") together."""
    groups: list[tuple[int, ...]] = []
    for k, label in enumerate(names):
        beside = k > 0 and label.first - names[k - 1].last <= 1
        if beside:
            groups[-1] += label.places
        else:
            groups.append(label.places)
    return groups


def tabled(grid: Grid, periods: Series) -> tuple[Grid, tuple[int, ...]] | None:
    """Return a table with the periods as its rows, and the place of each row; None where it does not list them."""
    for one in (grid, grid.turned()):
        places = [_place(row[0], periods) for row in one.rows]
        if sorted(p for p in places if p is not None) == sorted(periods.order) and None not in places:
            return one, tuple(p for p in places if p is not None)
    return None


def _place(cell: Cell, periods: Series) -> int | None:
    if cell.text.isdecimal():
        return int(cell.text)
    found = [label for tokens in _cell_tokens(cell) for label in labels(tokens)]
    fits = len(found) == 1 and found[0].noun == periods.noun and len(found[0].places) == 1
    return found[0].places[0] if fits else None


def _edges(grid: Grid) -> tuple[Cell, ...]:
    return (*grid.headings, *(row[0] for row in grid.rows))


def _cell_tokens(cell: Cell) -> list[tuple[Token, ...]]:
    return [sentence.tokens for sentence in sentences(cell.text)]


def enter(held: dict[Any, Figure], key: Any, figure: Figure) -> bool:
    """Enter a number once; False where a different one stands there."""
    return held.setdefault(key, figure)[0] == figure[0]
