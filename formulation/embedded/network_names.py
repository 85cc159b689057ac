"""The names of both sides of a told network: behind "from" and "to", in lists, in front of rows of numbers.

Each way of naming is one that the reader of the clauses tries.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice, product

from formulation.embedded.labels import Thing, is_label, labelled, shared_words, thing_of
from formulation.embedded.lexicon import networks, plain, stem
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import quantities
from formulation.embedded.tokens import Token
from formulation.embedded.vocabularies import capitalised_names, is_numeral, plain_lists, stems_in

_SINGLE = frozenset(
    ["one", "only", "own", "same", "different", "nobody", "assign", "assigned", "assigns", "1", "single"]
)
_MOST_WAYS = 60
_DETERMINERS = frozenset(["the", "a", "an", "both", "either"])

Way = tuple[list[Thing], list[Thing], set[str]]
"""The origins, the destinations, and the nouns that they share ("machine" of "machine 1")."""


def ways(split: list[tuple[Token, ...]]) -> Iterator[tuple[bool, Way]]:
    """Yield the names of a transport problem, then those of an assignment, each with whether something is moved."""
    yield from islice(((True, way) for way in _routes(split)), _MOST_WAYS)
    if any(says_once(tokens) and not _SINGLE.isdisjoint(token.lower for token in tokens) for tokens in split):
        yield from islice(((False, way) for way in _rows(split)), _MOST_WAYS)


def says_once(tokens: tuple[Token, ...]) -> bool:
    """Whether a clause says that each takes part once."""
    low = f" {' '.join(token.lower for token in tokens)} "
    return any(f" {phrase} " in low for phrase in networks()["once"])


def _routes(split: list[tuple[Token, ...]]) -> Iterator[Way]:
    """Yield the names behind "from" and "to" in the sentences that hold numbers."""
    for strict in (True, False):
        sides: dict[str, dict[tuple[str, ...], Thing]] = {"from": {}, "to": {}}
        for tokens in split:
            if not quantities(tokens):
                continue
            for k, token in enumerate(tokens):
                if token.lower in sides:
                    for name in _names_after(tokens, k + 1, proper=strict):
                        sides[token.lower].setdefault(tuple(t.stem for t in name), thing_of(name))
        origins, destinations = (_merged(list(side.values())) for side in sides.values())
        if origins and destinations:
            yield origins, destinations, shared_words(origins) | shared_words(destinations)
            more = _merged([*destinations, *_reached(split, origins, destinations)])
            if len(more) > len(destinations):
                yield origins, more, shared_words(origins) | shared_words(more)
            lists = [list(held) for held in _lists(split)]
            for sources, targets in product(_completed(origins, lists), _completed(destinations, lists)):
                together = [word for thing in (*sources, *targets) for word in _own(thing, sources, targets)]
                if (sources, targets) != (origins, destinations) and len(set(together)) == len(together):
                    yield sources, targets, shared_words(sources) | shared_words(targets)


def _own(thing: Thing, *sides: list[Thing]) -> set[str]:
    """Return the stems of a name that no other of its side has."""
    return set(thing.words) - {word for side in sides if thing in side for word in shared_words(side)}


def _calls(one: Thing, other: Thing) -> bool:
    return set(one.words) <= set(other.words)


def _completed(side: list[Thing], lists: list[list[Thing]]) -> Iterator[list[Thing]]:
    """Yield the names of a side, and each list of the text that has all of these among its names."""
    yield side
    tried: list[list[Thing]] = [side]
    for names in lists:
        held = all(any(_calls(thing, other) or _calls(other, thing) for other in names) for thing in side)
        if held and len(names) >= len(side) and not any(_alike(names, other) for other in tried):
            tried.append(names)
            yield names


def _reached(split: list[tuple[Token, ...]], origins: list[Thing], destinations: list[Thing]) -> Iterator[Thing]:
    """Yield the capitalised names that stand beside known origins in sentences with numbers: "reaches Kelso for 4"."""
    known = {word for thing in (*origins, *destinations) for word in thing.words}
    for tokens in split:
        if quantities(tokens) and any(t.lower == "from" for t in tokens):
            for name in capitalised_names(tokens):
                if not {t.stem for t in name} & known and name[0] is not tokens[0]:
                    yield thing_of(name)


def _names_after(tokens: tuple[Token, ...], k: int, *, proper: bool) -> Iterator[tuple[Token, ...]]:
    """Yield the names of a list that begins at token k; only capitalised ones where they are to be ``proper``."""
    while k < len(tokens):
        while k < len(tokens) and tokens[k].lower in _DETERMINERS:
            k += 1
        last = k
        while last < min(len(tokens), k + 3) and _nominal(tokens[last], proper=proper):
            last += 1
        if last == k:
            return
        if last < len(tokens) and is_label(tokens, last):
            last += 1
        yield tokens[k:last]
        if last >= len(tokens) or tokens[last].lower not in (",", "and"):
            return
        k = last + 1


def _nominal(token: Token, *, proper: bool) -> bool:
    """Whether a word can be part of a name."""
    capital = token.text[:1].isupper()
    grammar = token.kind != "word" or token.lower in plain("function") or is_numeral(token)
    return not grammar and (capital or not (proper or is_verb(token) or token.stem in _costs()))


@cache
def _costs() -> frozenset[str]:
    return frozenset(stem(word) for word in networks()["cost"].split())


def _merged(things: list[Thing]) -> list[Thing]:
    """Return the names without those that say another one in fewer or more words: "valley" beside "valley store"."""
    kept: list[Thing] = []
    for thing in sorted(things, key=lambda one: len(one.words)):
        if not any(set(one.words) <= set(thing.words) for one in kept):
            kept.append(thing)
    return sorted(kept, key=lambda one: one.span.start)


def _rows(split: list[tuple[Token, ...]]) -> Iterator[Way]:
    """Yield two lists of names: both told as lists, or one as a list and the other in front of rows of numbers."""
    lists = _lists(split)
    for one in lists:
        for other in lists:
            if one is not other and not {w for t in one for w in t.words} & {w for t in other for w in t.words}:
                yield one, other, shared_words(one) | shared_words(other)


def _lists(split: list[tuple[Token, ...]]) -> list[list[Thing]]:
    """Return the lists of names of a text, and the names that stand in front of rows of numbers."""
    lists: list[list[Thing]] = []
    for tokens in split:
        for members in plain_lists(tokens):
            things = [thing_of(member) for member in members]
            if len({t.words for t in things}) == len(things) and not any(_alike(things, other) for other in lists):
                lists.append(things)
    spoken = {stems_in(name) for tokens in split if quantities(tokens) for name in capitalised_names(tokens)}
    lists = [[_shortened(thing, spoken) for thing in things] for things in lists]
    lists += labelled(split)
    for tokens in split:
        if quantities(tokens):
            led = [thing_of(name) for name in capitalised_names(tokens)]
            led = list({thing.words: thing for thing in led}.values())
            lists += [led] if led and not any(_alike(led, other) for other in lists) else []
    leading: dict[tuple[str, ...], Thing] = {}
    for tokens in split:
        names = capitalised_names(tokens)
        if quantities(tokens) and names:
            leading.setdefault(tuple(t.stem for t in names[0]), thing_of(names[0]))
    if len(leading) > 1 and not any(_alike(list(leading.values()), other) for other in lists):
        lists.append(list(leading.values()))
    return lists


def _shortened(thing: Thing, spoken: set[tuple[str, ...]]) -> Thing:
    """Return a name without what comes before the name by which it is called later: "Saleswomen Dora"."""
    for k in range(len(thing.words) - 1, 0, -1):
        if thing.words[k:] in spoken and thing.words not in spoken - {thing.words}:
            return Thing(" ".join(thing.name.split()[k:]), thing.words[k:], thing.span)
    return thing


def _alike(one: list[Thing], other: list[Thing]) -> bool:
    return {thing.words for thing in one} == {thing.words for thing in other}
