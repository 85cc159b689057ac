"""Cutting patterns: the ways in which a bar, sheet or roll becomes pieces, and the pieces that are asked for.

The text is read whole or not at all: every way gives pieces that are asked for, every number is one of a way's pieces,
a demand, a cost of a way, what there is to cut, or the size of something.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from formulation.embedded.grids import Grid, grids
from formulation.embedded.lexicon import patterns, plain, stem
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import Quantity, QuantityKind, quantities
from formulation.embedded.tokens import Token, sentences
from formulation.formulation import Span

_LABEL = re.compile(r"\d{1,2}|[A-Z]|[IVX]{1,4}")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)-([a-z]+)")
_MOST = 40

Figure = tuple[float, Span]
"""A number and where it stands."""


@dataclass(slots=True)
class Patterns:
    """Ways to cut: ``gives[i][j]`` pieces of kind j for one use of way i, ``demand[j]``, what a use costs.

    ``stock`` is how many may be cut, None where any number may; ``sizes`` are the places of lengths in the text, with
    that of what is cut among them.
    """

    ways: list[tuple[str, Span]]
    pieces: list[tuple[str, Span]]
    gives: list[dict[int, Figure]]
    demand: list[Figure]
    cost: list[Figure]
    stock: Figure | None
    goal: Span
    currency: str = ""
    sizes: tuple[Span, ...] = ()


@dataclass(slots=True)
class _Item:
    """So many of a thing: the stems that name it in their order, and the words in front of the number."""

    count: Figure
    words: list[str] = field(default_factory=list)
    named: Span = field(default_factory=lambda: Span(0, 0))
    led: str = ""


@dataclass(slots=True)
class _Told:
    """What was read so far."""

    ways: dict[str, tuple[str, Span]] = field(default_factory=dict)
    items: dict[str, list[_Item]] = field(default_factory=dict)
    costs: dict[str, Figure] = field(default_factory=dict)
    asked: list[_Item] = field(default_factory=list)
    sizes: list[Figure] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)
    goals: list[tuple[str, Span]] = field(default_factory=list)
    currency: str = ""
    named: Counter[str] = field(default_factory=Counter)


def find_patterns(text: str) -> Patterns | None:
    """Return the cutting problem of a text; None where it is none, or not read whole."""
    split = [sentence.tokens for sentence in sentences(text)]
    if not any(token.stem in _stems("kinds") for tokens in split for token in tokens):
        return None
    tables = grids(text)
    told = _Told()
    if len(tables) > 1 or any(token.lower in _words("other") for tokens in split for token in tokens):
        return None
    if tables:
        (table,) = tables
        if not _tell_table(told, table):
            return None
        split = [tuple(t for t in tokens if not table.start <= t.start < table.end) for tokens in split]
    if not all(_tell(told, tokens) for tokens in split if tokens):
        return None
    told.named = Counter(token.stem for tokens in split for token in tokens)
    return _whole(told)


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(patterns()[name].split())


@cache
def _stems(name: str) -> frozenset[str]:
    return frozenset(stem(word) for word in _words(name))


def _says(tokens: tuple[Token, ...], name: str) -> bool:
    said = f" {' '.join(token.lower for token in tokens)} "
    return any(f" {phrase} " in said for phrase in patterns()[name])


def _marks(tokens: tuple[Token, ...]) -> list[tuple[int, int, str]]:
    """Return where ways are named: tokens [a, b) and the label, "1" for the first way as for pattern 1."""
    found: list[tuple[int, int, str]] = []
    for k in range(len(tokens) - 1):
        one, two = tokens[k], tokens[k + 1]
        if one.stem in _stems("kinds") and _LABEL.fullmatch(two.text):
            if not (found and found[-1][1] > k):  # "the second way 20 steaks"
                found.append((k, k + 2, two.text))
        elif one.lower in _words("ordinals") and two.stem in _stems("kinds"):
            place = patterns()["ordinals"].split().index(one.lower) + 1
            found.append((k, k + 2, str(place)))
    return found


def _tell(told: _Told, tokens: tuple[Token, ...]) -> bool:
    """Enter what a sentence says; False where one of its numbers finds no place."""
    goal = _goal(tokens)
    if goal:
        told.goals.append((goal, Span(tokens[0].start, tokens[-1].end)))
    marks = _marks(tokens)
    labels = {k for a, b, _ in marks for k in range(a, b)}
    numbers = [q for q in quantities(tokens) if q.first not in labels]
    if not numbers:
        return True
    if marks:
        return _tell_ways(told, tokens, numbers, marks)
    if any(token.lower == "either" for token in tokens) and not told.items:
        return _tell_alternatives(told, tokens, numbers)
    asks = any(token.lower in _words("needs") for token in tokens) or _says(tokens, "lower")
    if asks or _says(tokens, "upper"):
        if any(token.stem in _stems("kinds") for token in tokens):
            return False  # how often a pattern may be used
        items = _items(tokens, numbers, 0, len(tokens))
        told.asked += items or []
        return items is not None
    return _explained(told, tokens, numbers)


def _tell_ways(
    told: _Told, tokens: tuple[Token, ...], numbers: list[Quantity], marks: list[tuple[int, int, str]]
) -> bool:
    """Enter "pattern 1 gives two 4-m pieces, pattern 2 ..." or "the first way costs $14, the second way $15"."""
    if _says(tokens, "lower") or _says(tokens, "upper"):
        return False
    if not _explained(told, tokens, [q for q in numbers if q.first < marks[0][0]]):
        return False
    edges = [*(a for a, _, _ in marks), len(tokens)]
    for (a, b, label), end in zip(marks, edges[1:], strict=True):
        told.ways.setdefault(label, (" ".join(t.text for t in tokens[a:b]), Span(tokens[a].start, tokens[b - 1].end)))
        here = [q for q in numbers if b <= q.first < end]
        money = [q for q in here if q.kind is QuantityKind.MONEY]
        if money:
            if len(here) > 1 or label in told.costs:
                return False
            told.costs[label] = _figure(tokens, money[0])
            told.currency = next((t.text for t in tokens if t.kind == "currency"), told.currency)
            continue
        if not here:
            continue
        items = _items(tokens, here, b, end)
        if items is None or label in told.items:
            return False
        told.items[label] = items
    return True


def _tell_alternatives(told: _Told, tokens: tuple[Token, ...], numbers: list[Quantity]) -> bool:
    """Enter "either five large and two small ones, or ten small ones" as the first way and the second."""
    first = next(k for k, token in enumerate(tokens) if token.lower == "either")
    edges = [first, *(k for k, token in enumerate(tokens) if token.lower == "or" and k > first), len(tokens)]
    names = patterns()["ordinals"].split()
    if not _explained(told, tokens, [q for q in numbers if q.first < first]) or len(edges) > len(names):
        return False
    for place, (a, b) in enumerate(pairwise(edges), 1):
        items = _items(tokens, [q for q in numbers if a < q.first < b], a + 1, b)
        if not items:
            return False
        name = f"{names[place - 1]} way"
        told.ways[str(place)] = (name, Span(tokens[a].start, tokens[b - 1].end))
        told.items[str(place)] = items
    return True


def _tell_table(told: _Told, table: Grid) -> bool:
    """Enter a table with a line for each way and a column for each piece."""
    over = {stem(word) for word in re.findall(r"[^\W\d_]+", table.headings[0].text)}
    if not over & _stems("kinds") or any(row[0].empty for row in table.rows):
        return False
    pieces = [
        [t.stem if t.kind == "word" else f"{float(t.text):g}" for t in tokens if t.kind in ("word", "number")]
        for cell in table.headings[1:]
        for tokens in [tuple(token for s in sentences(cell.text) for token in s.tokens)]
    ]
    keys = [[word for word in words if word not in _stems("idle") | _stems("length")] for words in pieces]
    for row in table.rows:
        label = row[0].text.split()[-1]  # "A", "pattern A"
        told.ways[label] = (f"{table.headings[0].text.split()[-1].lower()} {label}", Span(row[0].start, row[0].end))
        told.items[label] = []
        for words, cell in zip(keys, row[1:], strict=True):
            if cell.value is None and not cell.empty:
                return False
            if cell.value:
                told.items[label].append(_Item((cell.value, Span(cell.start, cell.end)), words))
    return True


def _figure(tokens: tuple[Token, ...], quantity: Quantity) -> Figure:
    return quantity.value, Span(tokens[quantity.first].start, tokens[quantity.last - 1].end)


def _is_size(tokens: tuple[Token, ...], quantity: Quantity) -> bool:
    """Whether a number measures a piece: "4 m", "4-m", "140 cm"."""
    after = tokens[quantity.last] if quantity.last < len(tokens) else None
    return after is not None and after.lower in _words("length") and not quantity.worded


def _items(tokens: tuple[Token, ...], numbers: list[Quantity], first: int, last: int) -> list[_Item] | None:
    """Return the counts of tokens [first, last), each with what it counts; None where a number is neither."""
    found: list[_Item] = []
    here, counted = first, 0
    for k, quantity in enumerate(numbers):
        if quantity.malformed or quantity.kind is not QuantityKind.PLAIN:
            return None
        end = numbers[k + 1].first if k + 1 < len(numbers) else last
        if _is_size(tokens, quantity):
            if not found or found[-1].words or any(t.text in (",", ";") for t in tokens[here : quantity.first]):
                return None
            found[-1].words.append(f"{quantity.value:g}")
            found[-1].named = Span(tokens[quantity.first].start, tokens[quantity.last].end)
            here = quantity.last + 1
            continue
        words = [
            t
            for t in _phrase(tokens, quantity.last, end)
            if t.stem not in _stems("idle") and t.lower not in plain("function") and t.lower not in _words("length")
        ]
        counted += sum(map(_is_sized, words))
        item = _Item(_figure(tokens, quantity), [_key(t) for t in words])
        item.led = " ".join(t.lower for t in tokens[here : quantity.first])
        if words:
            item.named = Span(words[0].start, words[-1].end)
        found.append(item)
        here = quantity.last
    uncounted = sum(map(_is_sized, tokens[first:last])) > counted  # "a few 3-m pieces"
    return found if all(item.words for item in found) and not uncounted else None


def _is_sized(token: Token) -> bool:
    """Whether a word is a size: "4-m"."""
    size = _SIZE.fullmatch(token.lower)
    return size is not None and size[2] in _words("length")


def _key(token: Token) -> str:
    """Return by what a word names a piece: the number of "4-m", else its stem."""
    return f"{float(token.lower.split('-')[0]):g}" if _is_sized(token) else token.stem


def _phrase(tokens: tuple[Token, ...], first: int, last: int) -> list[Token]:
    """Return the words of the noun phrase that begins at ``first``."""
    found = []
    for token in tokens[first:last]:
        if token.kind != "word" or token.lower in ("and", "or", "while", "with", "all", "to") or is_verb(token):
            break
        found.append(token)
    return found


def _explained(told: _Told, tokens: tuple[Token, ...], numbers: list[Quantity]) -> bool:
    """Whether numbers are only sizes, or count the ways ("in one of three ways", "four patterns")."""
    for quantity in numbers:
        after = {token.stem for token in tokens[quantity.last : quantity.last + 3]}
        if _is_size(tokens, quantity):
            told.sizes.append(_figure(tokens, quantity))
        elif after & _stems("kinds") and quantity.kind is QuantityKind.PLAIN:
            if not (quantity.value == 1 and quantity.worded):
                told.counts.append(quantity.value)
        elif not (quantity.worded and quantity.value == 1):
            return False
    return True


def _goal(tokens: tuple[Token, ...]) -> str:
    """Return "count" or "cost" for a sentence that says what is to be small, else nothing."""
    paid = any(token.lower in _words("paid") for token in tokens)
    if _says(tokens, "fewest") or (_says(tokens, "many") and (_says(tokens, "least") or _says(tokens, "cheapest"))):
        return "cost" if paid and not _says(tokens, "fewest") else "count"
    return "cost" if paid and _says(tokens, "cheapest") else ""


def _whole(told: _Told) -> Patterns | None:
    """Return the problem where everything has its place."""
    labels = list(told.ways)
    goals = {goal for goal, _ in told.goals}
    if not 2 <= len(labels) <= _MOST or set(labels) != set(told.items) or len(goals) != 1:
        return None
    if (goals == {"cost"}) != bool(told.costs) or (told.costs and set(told.costs) != set(labels)):
        return None
    if any(count != len(labels) for count in told.counts):
        return None
    given = {word for items in told.items.values() for item in items for word in item.words}
    wanted = [item for item in told.asked if set(item.words) & given]
    rest = [item for item in told.asked if not set(item.words) & given]
    upper = patterns()["upper"]
    if any(phrase in item.led for item in wanted for phrase in upper) or len(rest) > 1 or not wanted:
        return None
    if rest and not (
        any(phrase in rest[0].led for phrase in upper) and any(told.named[word] > 1 for word in rest[0].words)
    ):
        return None  # no number of what is cut
    gives: list[dict[int, Figure]] = []
    for label in labels:
        gives.append({})
        for item in told.items[label]:
            j = _which(item.words, [one.words for one in wanted])
            if j is None or j in gives[-1]:
                return None
            gives[-1][j] = item.count
    if any(not any(j in given for given in gives) for j in range(len(wanted))) or not _fits(told, gives, wanted):
        return None
    return Patterns(
        [told.ways[label] for label in labels],
        [(" ".join(item.words), item.named) for item in wanted],
        gives,
        [item.count for item in wanted],
        [told.costs[label] for label in labels] if told.costs else [],
        rest[0].count if rest else None,
        told.goals[0][1],
        told.currency,
        tuple(place for _, place in told.sizes),
    )


def _which(words: list[str], wanted: list[list[str]]) -> int | None:
    """Return which wanted piece words name: the one that alone has the first of them that tells any apart."""
    for word in words:
        owners = [j for j, each in enumerate(wanted) if word in each]
        if len(owners) == 1:
            return owners[0]
    return None


def _fits(told: _Told, gives: list[dict[int, Figure]], wanted: list[_Item]) -> bool:
    """Whether no way cuts more than the longest size of the text that no piece has."""
    sizes = [float(item.words[0]) if item.words[0].replace(".", "").isdigit() else 0.0 for item in wanted]
    whole = max((size for size, _ in told.sizes if size not in sizes), default=0.0)
    return not whole or all(
        sum(count * sizes[j] for j, (count, _) in way.items()) <= whole * (1 + 1e-9) for way in gives
    )
