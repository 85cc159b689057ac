"""The words of covering, and the names of one side: labels ("district 1", "2 and 4", "line L3") and other names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from formulation.embedded.lexicon import by_first_word, covers, networks, numbers, plain, stem
from formulation.embedded.tokens import Token
from formulation.formulation import Span

_CODE = re.compile(r"[A-Z]{1,2}\d{1,3}|\d{1,3}[A-Z]")
SEPARATORS = frozenset([",", ";", "and", "while", "but", "whereas", "or", "&"])

Figure = tuple[float, Span]
"""A number and where it stands."""

Place = tuple[int, int, int]
"""Which name, and the tokens [first, last) where it stands."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that is chosen or not: its name, and the stems by which sentences call it."""

    name: str
    words: tuple[str, ...]
    span: Span


@cache
def stems_of(name: str) -> frozenset[str]:
    """Return the stems of one list of covers.toml."""
    return frozenset(stem(word) for word in covers()[name].split())


@cache
def words_of(name: str) -> frozenset[str]:
    """Return one list of covers.toml as its words stand."""
    return frozenset(covers()[name].split())


@cache
def _phrases() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the phrases that say who covers what by their first word, the longest first."""
    return by_first_word(covers()["phrases"])


def first_words() -> Collection[str]:
    """Return the first words of the phrases that say who covers what."""
    return _phrases().keys()


def verb_at(tokens: tuple[Token, ...], k: int, *, passive: bool = False) -> int:
    """Return how many tokens from k on say that something covers, or is covered by, something; 0 where none do."""
    token = tokens[k]
    if passive:
        by = k + 1 < len(tokens) and tokens[k + 1].lower in ("by", "from")
        return 2 if by and token.lower in words_of("passive") else 0
    for phrase in _phrases().get(token.lower, ()):
        if tuple(t.lower for t in tokens[k : k + len(phrase)]) == phrase:
            return len(phrase)
    if token.kind != "word" or token.stem not in stems_of("verbs"):
        return 0
    noun = k and tokens[k - 1].lower in ("the", "a", "an", "this", "of")
    after = tokens[k + 1] if k + 1 < len(tokens) else None
    beside = after is not None and (after.stem in stems_of("verbs") or after.kind == "mark")  # "the heat test reveals"
    return int(not (noun or beside))


def shape(token: Token) -> str:
    """Return what kind of label a token could be: "number", "letter", "code", or nothing."""
    if (token.kind == "number" and token.text.isdigit() and len(token.text) < 4) or token.lower in numbers()["units"]:
        return "number"
    if _CODE.fullmatch(token.text):
        return "code"
    return "letter" if len(token.text) == 1 and token.text.isalpha() and token.text.isupper() else ""


def is_label(tokens: tuple[Token, ...], k: int) -> bool:
    """Whether a number, letter or code names something: "district 1", "2 and 4" after such, "covers 3"."""
    kind = shape(tokens[k])
    if not kind:
        return False
    after = tokens[k + 1] if k + 1 < len(tokens) else None
    ends = after is None or after.kind == "mark" or after.lower in SEPARATORS | {"to", "through"}
    verb = after is not None and bool(verb_at(tokens, k + 1) or verb_at(tokens, k + 1, passive=True))
    if kind != "number":
        return tokens[k].text != "A" or ends or verb or (k > 0 and tokens[k - 1].kind == "word")
    loose = after is not None and after.lower in plain("function") and tokens[k].kind == "number"
    helped = after is not None and after.lower in words_of("auxiliary")
    figure = after is not None and after.kind == "number" and tokens[k].kind == "word"  # "to depot two 8, to ..."
    if not (ends or verb or loose or helped or figure):
        return False
    back = k - 1
    while back >= 0 and tokens[back].lower in SEPARATORS | {"to", "through"}:
        back -= 1
    if back < 0:
        return False
    if back < k - 1:
        alike = tokens[back].kind == tokens[k].kind or not shape(tokens[back])  # "one, 6" is no list of labels
        return alike and is_label(tokens, back)
    before = tokens[back]
    if before.lower in ("numbered", "labelled", "labeled", "only", "just") or covering_before(tokens, k):
        return True
    named = before.kind == "word" and not shape(before) and before.lower not in plain("function")
    return named and before.stem not in stems_of("spent") | stems_of("earned")


def covering_before(tokens: tuple[Token, ...], k: int) -> bool:
    """Whether a verb of covering ends before token k."""
    return any(
        verb_at(tokens, k - n, passive=passive) == n for n in range(1, min(k, 5) + 1) for passive in (False, True)
    )


def value_of(token: Token) -> str:
    """Return the name of a label, a number word in digits."""
    units = numbers()["units"]
    return str(units[token.lower]) if token.lower in units else token.text


def span_of(tokens: tuple[Token, ...], first: int, last: int) -> Span:
    """Return the place of tokens [first, last) in the text."""
    return Span(tokens[first].start, tokens[last - 1].end)


class Finder:
    """Finds the names of one side in a sentence, by their own words or labels."""

    def __init__(self, things: list[Thing], nouns: set[str]) -> None:
        shared = shared_words(things)
        self.keys = [tuple(w for w in thing.words if w not in shared) or thing.words for thing in things]
        self.values = {_last(thing): i for i, thing in enumerate(things) if _labelled(thing)}
        self.nouns = nouns
        self.firsts = {key[0] for key in self.keys if key}

    def at(self, tokens: tuple[Token, ...]) -> list[Place]:
        """Return (index, first, last) of each name in its order."""
        stems_here = tuple(token.stem for token in tokens)
        found: list[Place] = []
        k = 0
        while k < len(tokens):
            if stems_here[k] not in self.firsts and not (self.values and shape(tokens[k])):
                k += 1
                continue
            index = self._label(tokens, k)
            length = 1
            if index is None:
                hits = [
                    (len(key), i)
                    for i, key in enumerate(self.keys)
                    if key and stems_here[k : k + len(key)] == key and not shape(tokens[k])
                ]
                if hits:
                    length, index = max(hits)
            if index is not None:
                found.append((index, k, k + length))
                k += length
            else:
                k += 1
        return found

    def _label(self, tokens: tuple[Token, ...], k: int) -> int | None:
        called = k > 0 and shape(tokens[k]) == "number" and tokens[k - 1].stem in self.nouns  # "depot two at least"
        if not shape(tokens[k]) or not (called or is_label(tokens, k)):
            return None
        index = self.values.get(value_of(tokens[k]))
        if index is None or shape(tokens[k]) != "number":
            return index
        back = k - 1
        while back >= 0 and (shape(tokens[back]) or tokens[back].lower in (",", "and", "or", "to", "through")):
            back -= 1
        return index if back >= 0 and tokens[back].stem in self.nouns else None


def _last(thing: Thing) -> str:
    """Return the last word of a name, a number word in digits."""
    last = thing.name.split()[-1]
    return str(numbers()["units"].get(last.lower(), last))


def _labelled(thing: Thing) -> bool:
    last = _last(thing)
    return last.isdigit() or (len(last) == 1 and last.isupper()) or any(c.isdigit() for c in last)


def shared_words(things: list[Thing]) -> set[str]:
    """Return the stems that several names have: "nurse" of "Nurse Adler" and "Nurse Bose"."""
    count: dict[str, int] = {}
    for thing in things:
        for word in set(thing.words):
            count[word] = count.get(word, 0) + 1
    return {word for word, n in count.items() if n > 1}


def lists_known(tokens: tuple[Token, ...], finders: Iterable[Finder]) -> bool:
    """Whether a list of names with known ones among them has no other."""
    named = {
        k
        for finder in finders
        for _, first, last in finder.at(tokens)
        for k in range(first - (first > 0 and tokens[first - 1].stem in finder.nouns), last)
    }
    for k, token in enumerate(tokens):
        if token.lower not in (",", "and", "or") or not 0 < k < len(tokens) - 1:
            continue
        sides = (tokens[k - 1], tokens[k + 1])
        proper = all(t.kind == "word" and t.text[:1].isupper() and t.lower not in plain("function") for t in sides)
        both = all(is_label(tokens, j) for j in (k - 1, k + 1)) and shape(sides[0]) == shape(sides[1])
        if (proper or both) and (k - 1 in named) != (k + 1 in named):
            return False
    return True


def labelled(split: list[tuple[Token, ...]]) -> Iterator[list[Thing]]:
    """Yield what is labelled under one noun: "order X, order Y", "machines 1, 2 and 3"."""
    found: dict[str, dict[str, Thing]] = {}
    for tokens in split:
        for k in range(1, len(tokens)):
            if is_label(tokens, k):
                back = k - 1
                while back > 0 and (shape(tokens[back]) or tokens[back].lower in (",", "and", "or")):
                    back -= 1
                noun = tokens[back]
                grammar = noun.lower in plain("function") and noun.lower != "order"
                if noun.kind == "word" and not grammar and noun.stem not in _needing():
                    name = Thing(
                        f"{noun.text} {tokens[k].text}", (noun.stem, tokens[k].stem), span_of(tokens, k, k + 1)
                    )
                    found.setdefault(noun.stem, {}).setdefault(tokens[k].stem, name)
    yield from (list(names.values()) for names in found.values() if len(names) > 1)


def thing_of(words: Sequence[Token]) -> Thing:
    """Return the thing that is called by the words."""
    return Thing(" ".join(t.text for t in words), tuple(t.stem for t in words), Span(words[0].start, words[-1].end))


@cache
def _needing() -> frozenset[str]:
    return frozenset(stem(word) for word in networks()["needs"].split()) - {"order"}
