"""Noun phrases: where they begin and end, coordinations of them, and what they share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from formulation.embedded.lexicon import numbers, plain, roots, stems
from formulation.embedded.tokens import Token

_DETERMINERS = frozenset(
    [
        "a",
        "an",
        "the",
        "their",
        "its",
        "his",
        "her",
        "our",
        "my",
        "your",
        "each",
        "some",
        "by",
        "either",
        "both",
        "per",
        "every",
        "one",
        "two",
        "three",
        "four",
        "all",
        "any",
        "through",
        "during",
        "in",
        "at",
        "on",
        "for",
        "to",
        "with",
        "via",
        "these",
        "those",
        "this",
        "that",
        "only",
        "between",
    ]
)


_FORMS = frozenset(["costs", "needs", "uses", "takes", "cost", "builds", "bakes", "fills", "serves", "moves"])
_VERBAL = frozenset(["to", "can", "must", "will", "may", "should", "would", "could"])
_SUBJECT_ARTICLES = frozenset(["a", "an", "the", "my", "our", "his", "her", "their"])
_SUBJECTS = frozenset(["i", "we", "you", "he", "she", "they"])


@dataclass(frozen=True, slots=True)
class NounPhrase:
    """The words of a noun phrase at tokens [first, last) of a sentence; ``alias`` is a short name in brackets."""

    first: int
    last: int
    words: tuple[Token, ...]
    alias: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Coordination:
    """Noun phrases joined by "and" or "or", in their order; ``sentence`` is where, ``conjunction`` the token "and"."""

    sentence: int
    members: tuple[NounPhrase, ...]
    conjunction: int = -1


def is_verb(token: Token) -> bool:
    """Whether a token is one of the verbs that end a noun phrase."""
    return _verbal(token.lower, token.stem, token.root)


@lru_cache(maxsize=20_000)
def _verbal(lower: str, stem: str, root: str) -> bool:
    if stem in stems("verb") or lower in _FORMS:
        return True
    return lower.endswith(("ing", "ed")) and root in roots("verb")


@cache
def _numerals() -> frozenset[str]:
    """Return the number words that count the noun after them; "one" to "four" may also name one ("farm two")."""
    words = {*numbers()["units"], *numbers()["tens"], *numbers()["scales"]}
    return frozenset(words - {"one", "two", "three", "four", "k"})


def counts(token: Token) -> bool:
    """Whether a token is a number, in digits or in words."""
    return token.kind == "number" or token.lower in _numerals() | {"one", "two", "three", "four"}


def is_stop(token: Token) -> bool:
    """Whether a token cannot stand inside a noun phrase."""
    if token.kind != "word" or token.text == "Plus":
        return token.text != "Plus"
    return _stopping(token.lower) or (not token.joined and is_verb(token))


@lru_cache(maxsize=20_000)
def _stopping(lower: str) -> bool:
    return lower in plain("function") or lower in numbers()["multiples"] or lower in _numerals()


def is_label(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether a number names the noun before it ("farm 1", "mixture two") instead of counting the noun after it."""
    token = tokens[index]
    if token.kind != "number" and token.lower not in ("one", "two", "three", "four"):
        return False
    if index == 0 or is_stop(tokens[index - 1]) or tokens[index - 1].kind != "word":
        return False
    longest = 4 if tokens[index - 1].text[:1].isupper() else 3
    if not (token.kind == "number" and len(token.text) <= longest and token.text.isdigit()):
        if token.lower not in ("one", "two", "three", "four"):
            return False
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    return after is None or is_stop(after)


def phrase_after(tokens: tuple[Token, ...], index: int) -> NounPhrase | None:
    """Return the noun phrase that begins at ``index``, determiners and measures ("acres of") skipped."""
    count = len(tokens)
    while index < count:
        token = tokens[index]
        if token.kind in ("number", "currency") or (token.kind == "word" and token.lower in _DETERMINERS):
            index += 1
        elif token.measure and index + 1 < count and tokens[index + 1].lower == "of":
            index += 2
        else:
            break
    first = index
    words: list[Token] = []
    while index < count and (
        not is_stop(tokens[index]) or (words and (is_label(tokens, index) or tokens[index].text == "'s"))
    ):
        if words and _brings(tokens, index):
            break
        if tokens[index].text != "'s":
            words.append(tokens[index])
        index += 1
    alias: tuple[Token, ...] = ()
    if index + 2 < count and tokens[index].text == "(":
        closing = next((k for k in range(index + 1, min(index + 8, count)) if tokens[k].text == ")"), None)
        if closing is not None:
            inside = tokens[index + 1 : closing]
            if len(inside) == 1 and inside[0].kind == "word":
                alias = inside
            index = closing + 1
    if not words:
        return None
    return NounPhrase(first, index, tuple(words), alias)


def _brings(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether a noun in "s" behind a singular one is the verb before a sum of money: "the bakery returns $2"."""
    verbal = tokens[index].lower.endswith("s") and not tokens[index].lower.endswith("ss")
    paid = index + 1 < len(tokens) and tokens[index + 1].kind == "currency"
    return verbal and paid and not tokens[index - 1].lower.endswith("s") and tokens[index].text != "'s"


def phrase_before(tokens: tuple[Token, ...], end: int) -> NounPhrase | None:
    """Return the noun phrase that ends before ``end``."""
    index = end
    alias: tuple[Token, ...] = ()
    if index >= 3 and tokens[index - 1].text == ")":
        opening = next((k for k in range(index - 2, max(index - 9, -1), -1) if tokens[k].text == "("), None)
        if opening is not None:
            inside = tokens[opening + 1 : index - 1]
            if len(inside) == 1 and inside[0].kind == "word":
                alias = inside
            index = opening
    stop = index
    while index > 0 and (
        not is_stop(tokens[index - 1])
        or (index > 1 and (is_label(tokens, index - 1) or tokens[index - 1].text == "'s"))
    ):
        index -= 1
    if index and tokens[index - 1].lower in _VERBAL | _SUBJECTS and stop - index > 1:
        index += 1  # the word after "to", after "we", is a verb
    while index < stop - 1 and tokens[index].lower in ("one", "two", "three", "four"):
        index += 1  # it counts the noun
    index = _object(tokens, index, stop)
    words = tuple(token for token in tokens[index:stop] if token.text != "'s")
    return NounPhrase(index, end, words, alias) if words else None


def _object(tokens: tuple[Token, ...], first: int, end: int) -> int:
    """Return where the object begins in a run of words that holds its clause's subject: "A firm leases chairs".

    A subject with an article begins the sentence, and an unknown verb in "s" follows its singular noun; or somebody
    owns what is named ("a brewery's ale").
    """
    for k in range(end - 2, first, -1):
        if tokens[k].text == "'s" and tokens[k - 1].stem in stems("agent"):
            return k + 1
    if not 0 < first <= 2 or tokens[first - 1].lower not in _SUBJECT_ARTICLES:
        return first
    for k in range(first + 1, end - 1):
        verbal = tokens[k].lower.endswith("s") and not tokens[k].lower.endswith("ss")
        if verbal and not tokens[k - 1].lower.endswith("s") and tokens[k].text != "'s":
            return k + 1
    return first


def _parallel(tokens: tuple[Token, ...], conjunction: int) -> tuple[NounPhrase, ...] | None:
    """Return the phrases after one preposition on both sides: "by van which takes 5 crates or by barge"."""
    if conjunction + 2 >= len(tokens) or tokens[conjunction + 1].lower not in ("by", "in", "on", "with", "at", "via"):
        return None
    preposition = tokens[conjunction + 1].lower
    right = phrase_after(tokens, conjunction + 2)
    spots = [k for k in range(conjunction) if tokens[k].lower == preposition]
    if right is None or not spots:
        return None
    left = phrase_after(tokens, spots[-1] + 1)
    if left is None or left.last >= conjunction - 1 or left.first > spots[-1] + 3:
        return None
    return (left, right)


def _heads_of(tokens: tuple[Token, ...], conjunction: int, right: NounPhrase) -> tuple[NounPhrase, ...] | None:
    """Return the heads of "big crates of pears or small crates of pears", None where "of" does not follow both."""
    if right.last >= len(tokens) or tokens[right.last].lower != "of":
        return None
    end = conjunction - 1 if tokens[conjunction - 1].text == "," else conjunction
    inner = phrase_before(tokens, end)
    if inner is None:
        return None
    first = inner.first
    while first and tokens[first - 1].lower in _DETERMINERS:
        first -= 1
    if first < 2 or tokens[first - 1].lower != "of":
        return None
    left = phrase_before(tokens, first - 1)
    return None if left is None else (left, right)


def coordinations(sentences: list[tuple[Token, ...]]) -> list[Coordination]:
    """Return every way in which "A, B and C" of a text may be a list, the longest of each place first."""
    found: list[Coordination] = []
    for number, tokens in enumerate(sentences):
        for index, token in enumerate(tokens):
            if token.lower not in ("and", "or", "&", "nor", "+") or index == 0:
                continue
            right = phrase_after(tokens, index + 1)
            if right is None:
                continue
            members = [right]
            end = index - 1 if tokens[index - 1].text == "," else index
            if tokens[end - 1].lower == "and":
                end -= 1
            while end > 0:
                left = phrase_before(tokens, end)
                if left is None:
                    break
                members.insert(0, left)
                end = left.first
                while end > 0 and (
                    tokens[end - 1].lower in _DETERMINERS
                    or (tokens[end - 1].lower == "of" and end > 1 and tokens[end - 2].measure)
                ):
                    end -= 2 if tokens[end - 1].lower == "of" else 1
                if end > 0 and tokens[end - 1].text in (",", ";"):
                    end -= 1
                    continue
                break
            for skip in range(len(members) - 1):
                found.append(Coordination(number, tuple(members[skip:]), index))
            parallel = _parallel(tokens, index)
            if parallel is not None:
                found.append(Coordination(number, parallel, index))
            heads = _heads_of(tokens, index, right)
            if heads is not None:
                found.append(Coordination(number, heads, index))
    return found
