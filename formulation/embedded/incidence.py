"""Who covers what: "station A covers districts 1, 2 and 4, one at the mill 2 and 3", "Arabic is spoken by X and Y".

Each statement has a subject and a list. The list's names are labels (numbers, letters, codes) or phrases that a list of
the text tells, so that a later statement may leave out its verb ("Bose wound care and triage").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from formulation.embedded.labels import (
    SEPARATORS,
    Figure,
    Thing,
    first_words,
    is_label,
    shape,
    span_of,
    stems_of,
    value_of,
    verb_at,
    words_of,
)
from formulation.embedded.lexicon import covers, plain
from formulation.embedded.quantities import quantities
from formulation.embedded.tokens import Token, sentences
from formulation.embedded.vocabularies import Names, Piece, vocabularies
from formulation.formulation import Span

_DETERMINERS = frozenset(["the", "a", "an"])
_WHERE = frozenset(["at", "on", "in", "near", "from", "of"])
_LONGEST_NAME = 4
_MOST_WAYS = 40
_TAILS = tuple(tuple(phrase.split()) for phrase in covers()["tails"])


@dataclass(slots=True)
class Incidence:
    """Which subject covers which of the listed, and the number told of a subject beside it.

    ``subject_nouns`` and ``listed_nouns`` are the stems of what they are called together ("station", "district");
    ``used`` the numbers of the sentences that tell it.
    """

    subjects: list[Thing] = field(default_factory=list)
    listed: list[Thing] = field(default_factory=list)
    pairs: dict[tuple[int, int], Span] = field(default_factory=dict)
    told: dict[int, Figure] = field(default_factory=dict)
    subject_nouns: set[str] = field(default_factory=set)
    listed_nouns: set[str] = field(default_factory=set)
    used: set[int] = field(default_factory=set)
    verbs: set[str] = field(default_factory=set)

    def turned(self) -> Incidence:
        """Return the same with subjects and listed exchanged: what a passive says; nothing told stays."""
        return Incidence(
            self.listed,
            self.subjects,
            {(j, i): span for (i, j), span in self.pairs.items()},
            {},
            self.listed_nouns,
            self.subject_nouns,
            self.used,
            self.verbs,
        )


def _pieces(tokens: tuple[Token, ...], *, passive: bool) -> list[Piece]:
    """Return the pieces of a sentence; what is told of a cost, with its verb or preposition, becomes one piece."""
    figures = {q.first: q for q in quantities(tokens) if not is_label(tokens, q.first)}
    found: list[Piece] = []
    k = 0
    while k < len(tokens):
        length = verb_at(tokens, k, passive=passive)
        token = tokens[k]
        elliptic = any(piece.kind == "verb" and _repeats(piece, token, passive=passive) for piece in found)
        spent = token.stem in stems_of("spent") and k + 1 < len(tokens) and k + 1 in figures
        idle = next((n for n in _TAILS if found and tuple(t.lower for t in tokens[k : k + len(n)]) == n), ())
        if idle:
            k += len(idle)
        elif k in figures and not (token.lower == "one" and not spent and _pronoun(tokens, k)):
            k = _cost(found, tokens, k, figures[k].last, (figures[k].value, span_of(tokens, k, figures[k].last)))
        elif (length or elliptic) and not spent:
            while found and found[-1].kind == "word" and not found[-1].label:
                if found[-1].tokens[0].lower not in covers()["auxiliary"].split():
                    break
                found.pop()
            found.append(Piece("verb", tokens[k : k + max(length, 1)]))
            k += max(length, 1)
        else:
            parts = token.lower in SEPARATORS and (passive or token.lower != "or")
            kind = "separator" if parts else "mark" if token.kind == "mark" or token.lower == "or" else "word"
            label = shape(token) if is_label(tokens, k) else ""
            found.append(Piece(kind, (token,), label=label))
            k += 1
    return found


def told_in_time(tokens: tuple[Token, ...]) -> bool:
    """Whether a sentence says "in that time" of what is covered."""
    said = f" {' '.join(token.lower for token in tokens)} "
    return any(f" {phrase} " in said for phrase in covers()["tails"])


def _repeats(verb: Piece, token: Token, *, passive: bool) -> bool:
    """Whether a preposition stands for a verb told before: "by" of "spoken by", "in" of "the bus stops in"."""
    if passive:
        return token.lower in ("by", "from")
    last = verb.tokens[-1].lower
    return len(verb.tokens) == 2 and last in ("in", "at", "over", "through") and token.lower == last


def _pronoun(tokens: tuple[Token, ...], k: int) -> bool:
    """Whether "one" stands for a candidate ("one at the mill", "the one on") or for anyone ("one sees")."""
    after = tokens[k + 1] if k + 1 < len(tokens) else None
    return after is not None and (after.lower in _WHERE or bool(verb_at(tokens, k + 1)))


def _cost(found: list[Piece], tokens: tuple[Token, ...], first: int, last: int, figure: Figure) -> int:
    """Append a number told of a subject in place of the words about it; return the token behind them."""
    words = frozenset(covers()["before"].split())
    comma = False
    while found:
        token = found[-1].tokens[0]
        about = token.lower in words or token.stem in stems_of("spent") | stems_of("earned")
        if found[-1].label or not about or found[-1].kind == "cost":
            break
        comma = comma or token.text == ","
        found.pop()
    found.append(Piece("cost", tokens[first:last], figure))
    k = last
    while k < len(tokens) and tokens[k].kind == "word" and tokens[k].lower not in SEPARATORS:
        if verb_at(tokens, k) or k > last + 6:
            break
        k += 1
    if k < len(tokens) and (tokens[k].text == ")" or (tokens[k].text == "," and comma)):
        k += 1
    joins = k + 1 < len(tokens) and tokens[k].lower == "and"
    if joins and any(verb_at(tokens, k + n) for n in (1, 2) if k + n < len(tokens)):
        k += 1
    return k


def find_incidence(split: list[tuple[Token, ...]]) -> Iterator[Incidence]:
    """Yield the ways to read the sentences that say who covers what, the surest first; covered are the listed."""
    for passive in (False, True):
        told = {
            number: _pieces(tokens, passive=passive)
            for number, tokens in enumerate(split)
            if _states(tokens, passive=passive)
        }
        if not told:
            continue
        for names in islice(vocabularies(split, list(told.values())), _MOST_WAYS):
            incidence = Incidence()
            stating = {number: pieces for number, pieces in told.items() if _lists(names, pieces)}
            if all(_Statements(incidence, names, pieces).read() for pieces in stating.values()) and stating:
                incidence.used = set(stating)
                yield incidence.turned() if passive else incidence


def parts(text: str) -> list[tuple[Token, ...]]:
    """Return the sentences of a text, divided also at colons that begin a statement and not a list."""
    found: list[tuple[Token, ...]] = []
    for sentence in sentences(text):
        rest = sentence.tokens
        colon = next((k for k, token in enumerate(rest) if token.text == ":"), 0)
        after = rest[colon + 1 :]
        if colon and any(verb_at(after, k) for k in range(1, len(after) - 1)):
            found.append(rest[: colon + 1])
            rest = after
        found.append(rest)
    return found


def _states(tokens: tuple[Token, ...], *, passive: bool) -> bool:
    """Whether a sentence may state who covers what: a verb of covering, and nothing of each or all."""
    said = {token.lower for token in tokens}
    if said & words_of("quantifiers") or tokens[-1].text == "?":
        return False
    if said & {"must", "should", "who", "whom"} or {"who", "which"} & {tokens[0].lower}:
        return False
    if not passive and not any(token.stem in stems_of("verbs") or token.lower in first_words() for token in tokens):
        return False
    verbs = [k for k in range(1, len(tokens)) if verb_at(tokens, k, passive=passive)]
    return bool(verbs) and verbs[0] < len(tokens) - 1 and not all(_counts_after(tokens, k) for k in verbs)


def _counts_after(tokens: tuple[Token, ...], k: int) -> bool:
    """Whether the verb at token k is followed by so many of something: "reaches 4000 people"."""
    after = tokens[k + 1 : k + 3]
    return (
        len(after) == 2 and after[0].kind == "number" and after[1].kind == "word" and after[1].lower not in SEPARATORS
    )


def _lists(names: Names, pieces: list[Piece]) -> bool:
    """Whether a verb of the sentence has one of the names behind it."""
    reader = _Statements(Incidence(), names, pieces)
    verbs = [k for k, piece in enumerate(pieces[:-1]) if piece.kind == "verb"]
    return any(
        reader.listed_at(next((j for j in range(k + 1, len(pieces)) if not reader.silent(pieces[j])), k + 1))
        or reader.listed_at(k + 1)
        for k in verbs
    )


class _Statements:
    """Reads the pieces of a sentence as subjects, each with its list."""

    def __init__(self, incidence: Incidence, names: Names, pieces: list[Piece]) -> None:
        self.incidence = incidence
        self.names = names
        self.pieces = pieces
        self.subject: int | None = None
        self.buffer: list[Piece] = []
        self.pending: Figure | None = None
        self.explicit = False

    def read(self) -> bool:
        """Enter what the sentence says; False where a piece of it has no place."""
        k, listing, closed = 0, False, False
        while k < len(self.pieces):
            piece = self.pieces[k]
            found = self.listed_at(k)
            if found is not None:
                name, label, length = found
                if listing and all(self.silent(each) for each in self.buffer):
                    self.buffer = []
                if self._until(k, label, listing=listing and not closed):
                    k += length
                    continue
                if not listing or self.buffer:
                    if (listing and not closed) or not self._begin(explicit=False):
                        return False
                    listing = True
                self._enter(name, label, span_of(tuple(t for p in self.pieces[k : k + length] for t in p.tokens), 0, 1))
                closed = False
                k += length
                continue
            match piece.kind:
                case "verb":
                    if not self._begin(explicit=True):
                        return False
                    self.incidence.verbs.add(piece.tokens[0].stem)
                    listing = True
                    closed = False
                case "cost":
                    if not self._tell(piece, listing=listing and not self.buffer):
                        return False
                    closed = True
                case "separator":
                    closed = True
                    if self.buffer and listing:
                        return False
                case "word" if listing and not self.buffer and not closed and self.silent(piece):
                    pass
                case "word" if listing and not closed and not self.buffer and self.listed_at(k + 1) and self._to(k):
                    pass
                case "word":
                    if listing and not closed:
                        return False
                    self.buffer.append(piece)
                case _ if piece.tokens[0].text not in (".", ")", "("):
                    return False
            k += 1
        return not self.buffer and self.pending is None

    def _to(self, k: int) -> bool:
        return 0 <= k < len(self.pieces) and self.pieces[k].tokens[0].lower in ("to", "through")

    def _until(self, k: int, label: str, *, listing: bool) -> bool:
        """Enter the numbers of "1 to 4" up to the last, which stands at piece k; False where it is no range."""
        if not (listing and self._to(k - 1) and label.isdigit() and self.incidence.listed):
            return False
        first = value_of(self.pieces[k - 2].tokens[0])
        if not first.isdigit() or not int(first) < int(label) < int(first) + 40:
            return False
        for value in range(int(first), int(label) + 1):
            self._enter((str(value),), str(value), span_of(self.pieces[k].tokens, 0, 1))
        return True

    def silent(self, piece: Piece) -> bool:
        low, word = piece.tokens[0].lower, piece.tokens[0].stem
        return low in covers()["only"].split() or word in self.names.nouns or word in self.names.heads

    def listed_at(self, k: int) -> tuple[tuple[str, ...], str, int] | None:
        """Return the stems, the name and the length of one of the listed that begins at piece k."""
        piece = self.pieces[min(k, len(self.pieces) - 1)]
        if piece.kind != "word" or k >= len(self.pieces):
            return None
        names = self.names
        if names.shape:
            before = self.pieces[k - 1] if k else None
            noun = piece.tokens[0].stem in names.nouns and k + 1 < len(self.pieces)
            at = k + 1 if noun and self.pieces[k + 1].label == names.shape else k
            if self.pieces[at].label != names.shape or self._leads(at + 1):
                return None
            if (
                at == k
                and before is not None
                and before.kind == "word"
                and not (self.silent(before) or self._to(k - 1))
            ):
                return None
            value = value_of(self.pieces[at].tokens[0])
            return (value,), value, at + 1 - k
        stems = tuple(p.tokens[0].stem if p.kind == "word" else "" for p in self.pieces[k : k + 5])
        for phrase in names.phrases:
            n = len(phrase)
            if stems[:n] == phrase and not self._leads(k + n):
                label = " ".join(p.tokens[0].text for p in self.pieces[k : k + n])
                return phrase, label, n + (stems[n : n + 1] != () and stems[n] in names.heads)
        return None

    def _leads(self, k: int) -> bool:
        """Whether what ends before piece k is the subject of a verb behind it."""
        rest = self.pieces[k : k + 2]
        return bool(rest) and (
            rest[0].kind == "verb" or (rest[0].kind == "cost" and rest[1:2] != [] and rest[1].kind == "verb")
        )

    def _begin(self, *, explicit: bool) -> bool:
        """Take the words of the buffer for the subject of what follows; False where they are no name."""
        if not self.buffer:
            return explicit and self.subject is not None
        name, nouns = subject_name(tuple(p.tokens[0] for p in self.buffer))
        self.buffer = []
        if not name:
            return False
        longest = max((len(thing.words) for thing in self.incidence.subjects), default=0)
        if not explicit and (not longest or len(name) > longest):
            return False
        words = tuple(token.stem for token in name)
        known = [i for i, thing in enumerate(self.incidence.subjects) if thing.words == words]
        if not known:
            last = value_of(name[-1]) if shape(name[-1]) else name[-1].text
            text = " ".join([*(token.text for token in name[:-1]), last])
            self.incidence.subjects.append(Thing(text, words, Span(name[0].start, name[-1].end)))
        self.incidence.subject_nouns |= nouns
        self.subject = known[0] if known else len(self.incidence.subjects) - 1
        if self.pending is not None:
            figure, self.pending = self.pending, None
            return self.incidence.told.setdefault(self.subject, figure) == figure
        return True

    def _enter(self, words: tuple[str, ...], label: str, span: Span) -> None:
        listed = self.incidence.listed
        place = next((j for j, thing in enumerate(listed) if thing.words == words), None)
        if place is None:
            listed.append(Thing(label, words, span))
            place = len(listed) - 1
        self.incidence.listed_nouns |= self.names.nouns | self.names.counted
        if self.subject is not None:
            self.incidence.pairs.setdefault((self.subject, place), span)

    def _tell(self, piece: Piece, *, listing: bool) -> bool:
        if piece.figure is None:
            return False
        if listing and self.subject is not None:
            return self.incidence.told.setdefault(self.subject, piece.figure) == piece.figure
        if self.pending is not None:
            return False
        self.pending = piece.figure
        return True


def subject_name(tokens: tuple[Token, ...]) -> tuple[tuple[Token, ...], set[str]]:
    """Return the words that name a subject and the nouns that say what it is; no words where it has no plain name."""
    words = list(tokens)
    while words and (words[0].lower in _DETERMINERS | _WHERE | {"one", "here", "then", "there"}):
        words.pop(0)
    while words and words[-1].lower in [*covers()["only"].split(), "also", "alone"]:
        words.pop()
    nouns: set[str] = set()
    place = max((k for k, token in enumerate(words) if token.lower in _WHERE), default=-1)
    if place >= 0:
        nouns = {token.stem for token in words[:place] if token.lower not in plain("function")}
        words = words[place + 1 :]
        while words and words[0].lower in _DETERMINERS:
            words.pop(0)
    if len(words) > 1 and shape(words[-1]):
        nouns.add(words[-2].stem)
    plainly = all(t.kind == "word" or t.text.isdigit() for t in words)
    clean = plainly and not any(t.lower in plain("function") and not shape(t) for t in words)
    if not words or len(words) > _LONGEST_NAME or not clean or (len(words) == 1 and words[0].text.isdigit()):
        return (), set()
    return tuple(words), nouns
