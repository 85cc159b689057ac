"""Transport and assignment: two lists of places or people, and a number for each pair, in a table or in words.

The text is read whole or not at all: every pair has exactly one number, every origin a supply, every destination a
demand, and no number is left over. Anything else is left to the sentence reader.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

from formulation.embedded.grids import Cell, Grid, grids
from formulation.embedded.lexicon import networks, plain, plain_phrases, stem, stems
from formulation.embedded.quantities import Quantity, QuantityKind, quantities
from formulation.embedded.tokens import Token, sentences
from formulation.formulation import Span

_MOST_ENDS = 40
_BEHIND = re.compile(r"\s*[(\[].*$")

Figure = tuple[float, Span]
"""A number and where it stands."""


@dataclass(frozen=True, slots=True)
class End:
    """A place or person: its name, and the stems by which sentences call it."""

    name: str
    words: tuple[str, ...]
    span: Span


@dataclass(slots=True)
class Network:
    """What the text tells: a number for each (origin, destination), and what each end has or needs.

    ``route`` are limits of single pairs, ``banned`` pairs that cannot be used, ``least`` what an origin sends at least;
    ``every`` says that all of the supply must go, ``capacity`` that a destination's number is the most that it takes.
    An assignment (``moved`` False) has neither supplies nor demands: each end takes part once. Origins that are
    ``ample`` have as much as is needed.
    """

    origins: list[End]
    destinations: list[End]
    moved: bool = True
    ample: bool = False
    sense: str = "minimize"
    goal: Span = field(default_factory=lambda: Span(0, 0))
    pair: dict[tuple[int, int], Figure] = field(default_factory=dict)
    supply: dict[int, Figure] = field(default_factory=dict)
    demand: dict[int, Figure] = field(default_factory=dict)
    unit: str = ""
    currency: str = ""
    route: dict[tuple[int, int], Figure] = field(default_factory=dict)
    banned: set[tuple[int, int]] = field(default_factory=set)
    least: dict[int, Figure] = field(default_factory=dict)
    every: bool = False
    capacity: bool = False

    @property
    def whole(self) -> bool:
        """Whether every pair and every end has its number."""
        pairs = len(self.pair) == len(self.origins) * len(self.destinations)
        supplied = self.ample or len(self.supply) == len(self.origins)
        ends = supplied and len(self.demand) == len(self.destinations)
        return pairs and (ends if self.moved else not self.supply and not self.demand)


@dataclass(frozen=True, slots=True)
class Event:
    """An end that is named, or a number, in the order of a sentence; ``led`` is the word before it."""

    side: str
    index: int
    figure: Figure = (0.0, Span(0, 0))
    led: str = ""


def find_network(text: str, *, ample: bool = False) -> Network | None:
    """Return the transport or assignment problem that the text states; None where it is none, or not whole.

    Where origins may be ``ample``, a text that gives none of them a supply is whole.
    """
    split = [sentence.tokens for sentence in sentences(text)]
    said = {token.stem for tokens in split for token in tokens}
    moved, assigned = bool(said & _stems("moved")), bool(said & _stems("assigned"))
    goal = _goal(split)
    if not (moved or assigned) or goal is None or said & _stems("conditional") or _tied(split):
        return None
    tables = grids(text)
    if len(tables) > 1:
        return None
    if tables:
        (table,) = tables
        network = _from_grid(table)
        inside = range(table.start, table.end)
        split = [tuple(t for t in tokens if t.start not in inside) for tokens in split]
    else:
        network = _from_words(split)
    if network is None or not 1 < max(len(network.origins), len(network.destinations)) <= _MOST_ENDS:
        return None
    network.sense, network.goal = goal
    told = all(_tell(network, tokens, priced=not tables) for tokens in split)
    if not network.unit:
        network.unit = _measured(split)
    signs = {text[span.start] for _, span in network.pair.values()}
    network.currency = signs.pop() if len(signs) == 1 and signs < set("$€£¥") else ""
    network.moved = bool(network.supply or network.demand) and moved
    if ample and moved and not network.supply:
        network.ample = True
    return network if told and network.whole else None


@cache
def _stems(name: str) -> frozenset[str]:
    return frozenset(stem(word) for word in networks()[name].split())


def _measured(split: list[tuple[Token, ...]]) -> str:
    """Return what the amounts are measured in where the text says "per tonne", "one litre" or "in kilograms"."""
    said = [b.lower for tokens in split for a, b in pairwise(tokens) if a.lower in ("per", "one", "a", "in", "each")]
    return next((word for word in said if stem(word) in stems("continuous") - stems("period")), "")


def _tied(split: list[tuple[Token, ...]]) -> bool:
    """Whether words tie choices together, or a share of something is spoken of."""
    text = " ".join(token.lower for tokens in split for token in tokens)
    shares = any(
        q.kind is not QuantityKind.PLAIN and q.kind is not QuantityKind.MONEY for t in split for q in quantities(t)
    )
    return shares or any(f" {phrase} " in f" {text} " for phrase in plain_phrases("logic"))


def _goal(split: list[tuple[Token, ...]]) -> tuple[str, Span] | None:
    """Return the sense of the objective and where it stands; None where none or two are stated."""
    found: dict[str, Span] = {}
    for tokens in split:
        for k, token in enumerate(tokens):
            for sense in ("maximize", "minimize"):
                bound = k and tokens[k - 1].lower == "at" and token.lower in ("least", "most")
                if not bound and token.lower in plain(sense, "objective") and token.lower not in ("max", "min"):
                    found.setdefault(sense, Span(token.start, tokens[-1].end))
    return next(iter(found.items())) if len(found) == 1 else None


def _from_grid(grid: Grid) -> Network | None:
    """Return the network of a table: a line and a column at its end may hold what the places have and need."""
    last_column, last_row = _margin(grid.headings[-1]), _margin(grid.rows[-1][0])
    if (last_column, last_row) in (("needs", "has"), ("needs", ""), ("", "has")):
        return _from_grid(grid.turned())
    if last_column == "needs" or last_row == "has":
        return None
    m, n = len(grid.rows) - bool(last_row), len(grid.headings) - 1 - bool(last_column)
    if m < 1 or n < 1 or any(_margin(cell) for cell in grid.headings[1 : n + 1]):
        return None
    network = Network(
        [_end(row[0]) for row in grid.rows[:m]],
        [_end(cell) for cell in grid.headings[1 : n + 1]],
    )
    lines: list[tuple[dict[int, Figure], list[Cell]]] = []
    if last_column:
        lines.append((network.supply, [row[-1] for row in grid.rows[:m]]))
    if last_row:
        lines.append((network.demand, list(grid.rows[-1][1 : n + 1])))
    for held, cells in lines:
        for k, cell in enumerate(cells):
            if cell.value is None:
                return None
            held[k] = (cell.value, Span(cell.start, cell.end))
    for i in range(m):
        for j in range(n):
            cell = grid.rows[i][j + 1]
            if cell.value is None:
                return None
            network.pair[i, j] = (cell.value, Span(cell.start, cell.end))
    return network


def _margin(cell: Cell) -> str:
    words = {stem(word) for word in re.findall(r"[^\W\d_]+", cell.text)}
    return next((side for side in ("needs", "has") if words & _stems(side)), "")


def _end(cell: Cell) -> End:
    bare = _BEHIND.sub("", cell.text)
    words = tuple(token.stem for sentence in sentences(bare) for token in sentence.tokens)
    return End(bare, words, Span(cell.start, cell.end))


def _from_words(split: list[tuple[Token, ...]]) -> Network | None:
    """Return the places that stand behind "from" and "to", without any number yet."""
    sides: dict[str, dict[tuple[str, ...], End]] = {"from": {}, "to": {}}
    labels = Counter((a.stem, b.text) for tokens in split for a, b in pairwise(tokens) if _is_label(b))
    for tokens in split:
        for k, token in enumerate(tokens):
            if token.lower in sides:
                for words in _names(tokens, k + 1, labels):
                    key = tuple(word.stem for word in words)
                    name = " ".join(word.text for word in words)
                    sides[token.lower].setdefault(key, End(name, key, Span(words[0].start, words[-1].end)))
    origins, destinations = sides["from"], sides["to"]
    if not origins or not destinations or set(origins) & set(destinations):
        return None
    return Network(list(origins.values()), list(destinations.values()))


def _names(tokens: tuple[Token, ...], k: int, labels: Counter[tuple[str, str]]) -> Iterator[tuple[Token, ...]]:
    """Yield the names of a list that begins at token k: capitalised words, or a word with a letter or number.

    ``labels`` counts each word with the letter or number behind it: "plant 1" comes again, the 5 of "North 5" does not.
    """
    while k < len(tokens):
        if tokens[k].lower in ("the", "and", ",") or tokens[k].lower == "both":
            k += 1
            continue
        last = k
        while last < len(tokens) and tokens[last].kind == "word" and tokens[last].text[:1].isupper():
            last += 1
        word = max(last - 1, k)
        if (
            word + 1 < len(tokens)
            and labels[tokens[word].stem, tokens[word + 1].text] > 1
            and tokens[word].kind == "word"
        ):
            last = word + 2
        if last == k:
            return
        yield tokens[k:last]
        k = last
        if k >= len(tokens) or tokens[k].lower not in (",", "and"):
            return


def _is_label(token: Token) -> bool:
    return len(token.text) <= 2 and (token.text.isdigit() or (token.text.isupper() and token.kind == "word"))


def _tell(network: Network, tokens: tuple[Token, ...], *, priced: bool) -> bool:
    """Enter what a sentence says of the network; False where one of its numbers finds no place."""
    events = _events(network, tokens)
    if not any(event.side == "number" for event in events):
        return True
    sides = {event.side for event in events} - {"number"}
    routed = any(event.led in ("from", "to", "between") for event in events if event.side != "number")
    if priced and routed and sides == {"origin", "destination"}:
        return enter_pairs(network, events)
    words = {token.stem for token in tokens}
    if len(sides) == 1 and words & (_stems("needs") if sides == {"origin"} else _stems("has")):
        if not words & (_stems("has") if sides == {"origin"} else _stems("needs")):
            return False  # what is read as an origin is said to need, or the other way about
    text = f" {' '.join(token.lower for token in tokens)} "
    if (" at least " in text and "destination" not in sides) or (" at most " in text and "origin" not in sides):
        return False
    return _tell_ends(network, events, shared=" each " in text) and _name_unit(network, tokens, events)


def _events(network: Network, tokens: tuple[Token, ...]) -> list[Event]:
    found: list[Event] = []
    numbers = {q.first: q for q in quantities(tokens)}
    k = 0
    while k < len(tokens):
        led = next((t.lower for t in reversed(tokens[max(0, k - 2) : k]) if t.lower != "the"), "")
        end = max(
            (
                (len(one.words), side, index)
                for side, ends in (("origin", network.origins), ("destination", network.destinations))
                for index, one in enumerate(ends)
                if one.words == tuple(token.stem for token in tokens[k : k + len(one.words)])
            ),
            default=None,
        )
        if end is not None:
            length, side, index = end
            found.append(Event(side, index, led=led))
            k += length
            continue
        if k in numbers:
            quantity = numbers[k]
            if not _counts(network, quantity, found):
                span = Span(tokens[quantity.first].start, tokens[quantity.last - 1].end)
                found.append(Event("number", 0, (quantity.value, span), led))
            k = quantity.last
            continue
        k += 1
    return found


def _counts(network: Network, quantity: Quantity, before: list[Event]) -> bool:
    """Whether a number only says how many places there are: "two depots", "the cost of one tonne"."""
    sizes = (len(network.origins), len(network.destinations), 1)
    if quantity.kind is QuantityKind.MONEY:
        return False
    return quantity.value in sizes and (quantity.worded or (not before and quantity.value != 1))


def enter_pairs(network: Network, events: list[Event]) -> bool:
    """Enter the numbers of "from A: 4 to X, 6 to Y", "4 from A to X", "from A to X and Y 4 and 6"."""
    origin: int | None = None
    waiting: list[int] = []
    pending: list[Figure] = []
    for event in events:
        match event.side:
            case "origin":
                row = len(pending) == len(network.destinations) > 1
                if row and any((origin, j) not in network.pair for j in range(len(pending))) and origin is not None:
                    if not _enter_row(network, origin, pending):
                        return False
                    pending = []
                if waiting:
                    return False
                origin = event.index
            case "destination" if pending and origin is not None:
                if not _enter(network.pair, (origin, event.index), pending.pop(0)):
                    return False
            case "destination":
                waiting.append(event.index)
            case _ if waiting and origin is not None:
                if not _enter(network.pair, (origin, waiting.pop(0)), event.figure):
                    return False
            case _:
                pending.append(event.figure)
    if pending and origin is not None and len(pending) == len(network.destinations):
        return not waiting and _enter_row(network, origin, pending)
    return not pending and not waiting


def _enter_row(network: Network, origin: int, figures: list[Figure]) -> bool:
    return all(_enter(network.pair, (origin, j), figure) for j, figure in enumerate(figures))


def _enter(held: dict[Any, Figure], key: Any, figure: Figure) -> bool:
    """Enter a number once; False where another stands there."""
    return held.setdefault(key, figure)[0] == figure[0]


def _tell_ends(network: Network, events: list[Event], *, shared: bool) -> bool:
    """Enter what places have or need: "A has 4 and B 6", "4 at A and 6 at B", "A and B have 4 and 6"."""
    named: list[Event] = []
    figures: list[Event] = []
    first = events[0].side
    for event in [*events, Event("end", 0)]:
        closes = event.side == "end" or (event.side == "number") == (first == "number")
        if closes and named and figures:
            if len(figures) == 1 and shared:
                figures *= len(named)
            if len(named) != len(figures):
                return False
            for one, number in zip(named, figures, strict=True):
                held = network.supply if one.side == "origin" else network.demand
                if not _enter(held, one.index, number.figure):
                    return False
            named, figures = [], []
        if event.side == "number":
            figures.append(event)
        elif event.side != "end":
            named.append(event)
    return not figures


def _name_unit(network: Network, tokens: tuple[Token, ...], events: list[Event]) -> bool:
    """Note the word behind the first number as the unit of what is moved."""
    ends = {event.figure[1].end for event in events if event.side == "number"}
    named = {word for one in (*network.origins, *network.destinations) for word in one.words}
    for before, after in pairwise(tokens):
        if not network.unit and before.end in ends and after.kind == "word" and after.stem not in named:
            network.unit = "" if after.lower in plain("function") else after.lower
    return True
