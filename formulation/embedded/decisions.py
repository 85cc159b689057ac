"""Decisions: the things of a text the problem asks to fix the number of, and where a sentence names them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from formulation.embedded.lexicon import numbers, plain, stems
from formulation.embedded.phrases import is_stop
from formulation.embedded.tokens import Token

_BEFORE_VERB = frozenset(
    ["to", "can", "must", "not", "should", "will", "may", "could", "would", "you", "they", "we", "he", "she", "i"]
)
_SINGLE = frozenset(["a", "an", "one", "each", "every", "per"])
_LISTED = {"former": 0, "first": 0, "latter": 1, "second": 1}


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """Something to decide the amount of; told apart by identity, so that where it is named can be kept.

    ``words`` are the stems of its name, ``own`` those that tell it from the other decisions, ``alias`` other
    short names. ``start`` and ``end`` are offsets of its first mention.
    """

    label: str
    words: frozenset[str]
    own: frozenset[str]
    alias: frozenset[str]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Slate:
    """A set of decisions taken together, the words that all of them share, and how likely it is the right one.

    ``place`` is the sentence and the "and" of the list it was read from, negative where it was no list.
    """

    decisions: tuple[Decision, ...]
    shared: frozenset[str]
    score: float
    place: tuple[int, int] = (-1, -1)

    @property
    def names(self) -> frozenset[str]:
        """The stems that name a decision, in its name or its short name."""
        return _names(self.decisions)


@lru_cache(maxsize=64)
def _names(decisions: tuple[Decision, ...]) -> frozenset[str]:
    return frozenset().union(*(d.words | d.alias for d in decisions))


@dataclass(frozen=True, slots=True)
class Mention:
    """Decisions named at tokens [first, last); ``coverage`` is the share of the name's words that stand there."""

    decisions: tuple[int, ...]
    first: int
    last: int
    coverage: float = 1.0


def mentions(tokens: tuple[Token, ...], slate: Slate) -> tuple[Mention, ...]:
    """Return where the decisions are named in a sentence: the longest run of a name's words at each place."""
    return _mentions(tokens, slate.decisions, slate.shared)


@lru_cache(maxsize=512)  # a sentence is read several times with one set of decisions
def _mentions(
    tokens: tuple[Token, ...], decisions: tuple[Decision, ...], shared: frozenset[str]
) -> tuple[Mention, ...]:
    found: list[Mention] = []
    owned = _names(decisions)
    end = 0
    for index in [k for k, t in enumerate(tokens) if t.stem in owned or t.lower in _LISTED]:
        if index < end:
            continue  # inside the mention before
        token = tokens[index]
        if token.stem not in owned:
            if len(decisions) == 2 and _stands_alone(tokens, index):
                found.append(Mention((_LISTED[token.lower],), index, index + 1))
            continue
        best: tuple[float, int, int] | None = None
        tie = False
        for number, decision in enumerate(decisions):
            if token.stem in decision.alias and token.stem not in decision.words:
                candidate = (1.0, index + 1, number)
            else:
                counting = token.lower in numbers()["units"] and index + 1 < len(tokens)
                if counting and tokens[index + 1].stem in decision.words:
                    continue  # "two machines" are not machine two
                last, used = index, set()
                while last < len(tokens) and (
                    (tokens[last].text == "'s" and last > index)
                    or (tokens[last].stem in decision.words and tokens[last].stem not in used)
                ):
                    used.add(tokens[last].stem)
                    last += 1
                if not used & decision.own:
                    continue
                if len(used) == 1 and len(decision.words) > 1 and names_by_label(token.stem) and index:
                    before = tokens[index - 1]
                    if before.kind == "word" and not is_stop(before) and before.stem not in owned | shared:
                        continue  # the A of "vitamin A" is not that of "capsule A"
                if len(used) == 1 and len(decision.words) > 1:
                    told = tokens[index - 1].lower if index else ""
                    bound = index > 1 and tokens[index - 2].lower in ("least", "most", "than")
                    if numbers()["units"].get(told) == len(decisions) and not bound:
                        continue  # the three firms of "three firms: a mill, a mine and a shipping firm"
                    if token.kind == "number" or token.lower in numbers()["units"]:
                        continue  # the 2 of "2 units" is not the 2 of "soda 2"
                    if token.measure and last < len(tokens) and tokens[last].lower == "of":
                        continue  # "a bottle of" anything
                    if index and tokens[index - 1].lower in _BEFORE_VERB and not token.text[:1].isupper():
                        continue  # "answer" in "can answer" is not that of "short answer questions"
                if token.lower in plain("function") and token.stem not in decision.own:
                    continue
                candidate = (len(used) / len(decision.words), last, number)
            if best is None or candidate[:2] > best[:2]:
                best, tie = candidate, False
            elif candidate[:2] == best[:2]:
                tie = True
        if best is not None and not tie:
            coverage, end, number = best
            found.append(Mention((number,), index, end, coverage))
    return tuple(found)


def _stands_alone(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether "the former" or "the first" stands for one of two, and no noun follows it."""
    if not index or tokens[index - 1].lower != "the":
        return False
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    return tokens[index].lower in ("former", "latter") or after is None or after.kind == "mark"


def holder_of(tokens: tuple[Token, ...], mention: Mention) -> str:
    """Return the stem of what one of a decision comes in ("a pot of roses"), "" where nothing is said."""
    if mention.first < 3 or tokens[mention.first - 1].lower != "of" or tokens[mention.first - 3].lower not in _SINGLE:
        return ""
    noun = tokens[mention.first - 2]
    if noun.stem in stems("period"):
        return noun.stem  # "an hour of swimming"
    return "" if is_stop(noun) or noun.measure or noun.stem in stems("number_of") else noun.stem


def names_by_label(word: str) -> bool:
    """Whether a stem is a letter, a number, or a letter and a number."""
    return word.endswith("_") or word.isdigit() or (word[:1].isalpha() and word[1:].isdigit())
