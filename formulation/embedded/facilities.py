"""Sites that cost something to open: the opening costs are set aside, and what is left is read as a transport problem.

It is read whole or not at all: every site has one opening cost, and what the text says of sites beyond that (how many
may be open, which must, that one site alone serves a customer) leaves it unread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from formulation.embedded.grids import Cell
from formulation.embedded.lexicon import facilities, networks, stem, stems
from formulation.embedded.networks import End, Figure, Network, find_network
from formulation.embedded.quantities import Quantity, QuantityKind, quantities
from formulation.embedded.tokens import Token, sentences
from formulation.embedded.told_networks import find_told_network
from formulation.embedded.unfold import Unfolded
from formulation.formulation import Span

_LONGEST_UNIT = 3
_WORD_OF_HEADING = ("of", "for", "at", "from", "in")


@dataclass(slots=True)
class Facilities:
    """A transport problem in the ``unfolded`` text, and the cost of opening each origin, with spans of the text given.

    Where no site has a capacity the network has no supplies.
    """

    network: Network
    unfolded: Unfolded
    opening: dict[int, Figure]


@dataclass(slots=True)
class _Aside:
    """The text without its opening costs, the sentences that tell them, and how many places it counts.

    ``sites`` are the counts of what is opened, ``spoken`` every count of each sentence that speaks of opening, with
    the stems of the words behind it.
    """

    unfolded: Unfolded = field(default_factory=Unfolded)
    openings: list[tuple[Token, ...]] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)
    sites: list[float] = field(default_factory=list)
    spoken: list[list[tuple[float, frozenset[str]]]] = field(default_factory=list)


def find_facilities(text: str) -> Facilities | None:
    """Return the facility location problem that a text states; None where it states none, or not wholly."""
    split = [sentence.tokens for sentence in sentences(text)]
    if not any(_opens(tokens) for tokens in split) or len(_periods(split)) > 1:
        return None
    aside = _set_aside(text, split)
    if aside is None or not aside.openings:
        return None
    rest = aside.unfolded.text
    network = find_network(rest, ample=True) or find_told_network(rest)
    if network is None or not network.moved or network.sense != "minimize":
        return None
    if network.every or network.capacity or network.least:
        return None
    sizes = {float(len(network.origins)), float(len(network.destinations))}
    opening: dict[int, Figure] = {}
    for tokens in aside.openings:
        told = _costs(network.origins, tokens)
        if told is None or set(told) & set(opening):
            return None
        opening |= told
    every = float(len(network.origins))
    shared = frozenset.intersection(*(frozenset(end.words) for end in network.destinations))
    fewer = any(count < every for count in aside.sites) or any(
        every not in [count for count, _ in counts] and not all(words & shared for _, words in counts)
        for counts in aside.spoken
    )
    if len(opening) < every or fewer or not set(aside.counts) <= sizes:
        return None
    return Facilities(network, aside.unfolded, opening)


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(facilities()[name].split())


def _periods(split: list[tuple[Token, ...]]) -> set[str]:
    """Return the periods that sentences with numbers speak of: costs by the year do not add to costs by the week."""
    said = {token.lower for tokens in split if quantities(tokens) for token in tokens}
    return {period for period, words in facilities()["periods"].items() if said & set(words.split())}


def _said(tokens: tuple[Token, ...]) -> str:
    return f" {' '.join(token.lower for token in tokens)} "


def _says(tokens: tuple[Token, ...], name: str) -> bool:
    said = _said(tokens)
    return any(f" {phrase} " in said for phrase in facilities()[name])


def _opens(tokens: tuple[Token, ...]) -> bool:
    return any(token.lower in _words("open") for token in tokens) or _says(tokens, "phrases")


def _set_aside(text: str, split: list[tuple[Token, ...]]) -> _Aside | None:
    """Return the text with its lists as sentences and nothing said of opening; None where that would lose a rule."""
    aside, here, heading = _Aside(), 0, ""
    for tokens in split:
        item = _item(tokens)
        told = [q for q in quantities(tokens) if not _is_one(q)]
        if item is not None and heading:
            start, end = tokens[0].start, tokens[-1].end
            aside.unfolded.keep(text[here:start], here)
            aside.unfolded.keep(text[start : tokens[item.first - 2].end], start)
            number = tokens[item.first].start
            if heading == "opening":
                aside.openings.append(tokens)
            else:
                aside.unfolded.say(f" {heading} ", Cell("", number, end))
                aside.unfolded.keep(text[number:end], number)
            aside.unfolded.say(".", Cell("", end - 1, end))
            here = end
            continue
        heading = ""
        if tokens[-1].text == ":" and not told:
            heading = _heading(tokens)
            if heading or _is_route(tokens):  # its lines say the rest
                aside.unfolded.keep(text[here : tokens[0].start], here)
                here = tokens[-1].end
                continue
        if told and item is not None and _says(tokens, "count"):
            aside.counts.append(item.value)
            aside.unfolded.keep(text[here : tokens[0].start], here)
            here = tokens[-1].end
            continue
        if _says(tokens, "other") or (_opens(tokens) and _says(tokens, "chosen")):
            return None
        if told and _counts(tokens, told):
            aside.counts += [quantity.value for quantity in told]
            aside.sites += [q.value for q in told if _is_opened(tokens, q)]
            customers = [frozenset(t.stem for t in tokens[q.last : q.last + 4]) for q in told]
            aside.spoken.append(list(zip((q.value for q in told), customers, strict=True)))
            aside.unfolded.keep(text[here : tokens[0].start], here)
            _blank(aside.unfolded, text, tokens, told)
            here = tokens[-1].end
            continue
        if _opens(tokens) and _tells_costs(tokens, told):
            aside.openings.append(tokens)
            aside.unfolded.keep(text[here : tokens[0].start], here)
            here = tokens[-1].end
            continue
        aside.unfolded.keep(text[here : tokens[0].start], here)
        _blank(aside.unfolded, text, tokens, [])
        here = tokens[-1].end
    aside.unfolded.keep(text[here:], here)
    return aside


def _is_one(quantity: Quantity) -> bool:
    return quantity.worded and quantity.value == 1 and quantity.kind is QuantityKind.PLAIN


def _item(tokens: tuple[Token, ...]) -> Quantity | None:
    """Return the number of "Store 1: 859 units", which says one number of one name."""
    colon = next((k for k, token in enumerate(tokens) if token.text == ":"), 0)
    figure = next((q for q in quantities(tokens) if q.first == colon + 1), None)
    if not 0 < colon < 8 or figure is None or figure.malformed:
        return None
    rest = [token for token in tokens[figure.last :] if token.kind != "mark"]
    return figure if len(rest) <= _LONGEST_UNIT and all(token.kind == "word" for token in rest) else None


def _heading(tokens: tuple[Token, ...]) -> str:
    """Return what the lines under a heading tell: "opening", "needs", "has", or nothing that is known."""
    first = next((k for k, t in enumerate(tokens) if k and t.lower in _WORD_OF_HEADING), len(tokens))
    head = {token.lower for token in tokens[:first]}
    stems = {stem(word) for word in head}
    if head & _words("paid"):
        return "opening" if _opens(tokens) else ""
    for role in ("needs", "has"):
        if stems & {stem(word) for word in networks()[role].split()}:
            return role
    return ""


def _is_route(tokens: tuple[Token, ...]) -> bool:
    """Whether a heading says that its lines give the costs of routes."""
    said = {token.lower for token in tokens}
    return bool(said & _words("carried")) and bool(said & _words("paid"))


def _counts(tokens: tuple[Token, ...], told: list[Quantity]) -> bool:
    """Whether the numbers of a sentence that speaks of opening only say how many places there are."""
    small = all(q.kind is QuantityKind.PLAIN and q.worded for q in told)
    return small and _opens(tokens)


def _is_opened(tokens: tuple[Token, ...], quantity: Quantity) -> bool:
    """Whether a number is how many are opened: "opening up to eight", "two will be opened", "two of the four"."""
    before = [token.lower for token in tokens[max(0, quantity.first - 3) : quantity.first]]
    after = tokens[quantity.last].lower if quantity.last < len(tokens) else ""
    return bool(set(before) & _words("open")) or after in ("of", "can", "will", "must", "may", "should", "are", "is")


def _tells_costs(tokens: tuple[Token, ...], told: list[Quantity]) -> bool:
    said = {token.lower for token in tokens}
    return bool(told) and bool(said & _words("paid")) and not said & {"from", "to", "per", "each"} - _each_site(tokens)


def _each_site(tokens: tuple[Token, ...]) -> set[str]:
    """Return the words of a sentence that do not make its costs those of a route: "to open", "per year"."""
    allowed = {"each"}
    pairs = list(pairwise(tokens))
    if all(_opens((b,)) or b.lower in ("keep", "run", "set", "be") for a, b in pairs if a.lower == "to"):
        allowed.add("to")
    if all(b.stem in stems("period") for a, b in pairs if a.lower == "per"):
        allowed.add("per")
    return allowed


def _blank(unfolded: Unfolded, text: str, tokens: tuple[Token, ...], counted: list[Quantity]) -> None:
    """Keep a sentence without its words of opening, its idle superlatives and the numbers that only count."""
    gone = {k for q in counted for k in range(q.first, q.last)}
    gone |= {k for k, token in enumerate(tokens) if token.lower in _words("open")}
    for name in ("phrases", "idle"):
        for phrase in facilities()[name]:
            words = phrase.split()
            for k in range(len(tokens) - len(words) + 1):
                if [token.lower for token in tokens[k : k + len(words)]] == words:
                    gone |= set(range(k, k + len(words)))
    colon = next((k for k, token in enumerate(tokens) if token.text == ":"), 0)
    if colon and tokens[0].lower == "from":  # "From North to the stores: 4 to ..."
        named = next((k for k in range(colon) if tokens[k].lower == "to"), colon)
        if colon - named < 5 and not any(token.kind == "number" for token in tokens[named:colon]):
            gone |= set(range(named, colon))
    idle = {"optimal", "best", "maximum", "most", "optimum"} if all(q.worded for q in quantities(tokens)) else set()
    here = tokens[0].start
    for k, token in enumerate(tokens):
        if k not in gone and token.lower not in idle:
            continue
        unfolded.keep(text[here : token.start], here)
        if token.lower == "optimal" and "cost" in [t.lower for t in tokens[k : k + 4]]:
            unfolded.say("lowest", Cell("", token.start, token.end))
        here = max(here, token.end)
    unfolded.keep(text[here : tokens[-1].end], here)


def _costs(sites: list[End], tokens: tuple[Token, ...]) -> dict[int, Figure] | None:
    """Return the cost of opening each site that a sentence tells; None where it is not clear which is whose."""
    numbers = {q.first: q for q in quantities(tokens) if not _is_one(q)}
    order: list[int | Figure] = []
    k = 0
    while k < len(tokens):
        if k in numbers:
            quantity = numbers[k]
            if quantity.malformed or quantity.kind not in (QuantityKind.PLAIN, QuantityKind.MONEY):
                return None
            order.append((quantity.value, Span(tokens[k].start, tokens[quantity.last - 1].end)))
            k = quantity.last
            continue
        named = [
            (len(one.words), index)
            for index, one in enumerate(sites)
            if one.words == tuple(token.stem for token in tokens[k : k + len(one.words)])
        ]
        if named:
            length, index = max(named)
            order.append(index)
            k += length
            continue
        k += 1
    names = [one for one in order if isinstance(one, int)]
    figures = [one for one in order if not isinstance(one, int)]
    if len(figures) == 1 and not names and " each " in _said(tokens):
        return dict.fromkeys(range(len(sites)), figures[0])
    if len(names) != len(figures) or len(set(names)) < len(names) or not names:
        return None
    kinds = [isinstance(one, int) for one in order]
    half = len(names)
    if kinds in ([True, False] * half, [False, True] * half, [True] * half + [False] * half):
        return dict(zip(names, figures, strict=True))
    return None
