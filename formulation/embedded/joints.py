"""Joints: where a sentence is cut into clauses, so that what each says is read apart."""

from __future__ import annotations

from itertools import pairwise

from formulation.embedded.decisions import Mention
from formulation.embedded.lexicon import numbers, plain
from formulation.embedded.phrases import counts, is_verb
from formulation.embedded.quantities import Quantity
from formulation.embedded.tokens import Token

_BREAKS = frozenset(["while", "whereas", "but", "however", "although", "though", "unless", "if", "when"])
_MODALS = frozenset(["must", "can", "cannot", "should", "may", "will", "would", "could", "needs", "wants", "has"])
_PRONOUNS = frozenset(["he", "she", "it", "they", "we", "i", "you"])
_SPEAKERS = _PRONOUNS - {"it", "they"}
_OWN = frozenset(["his", "her", "its", "their", "our", "my"])
_ONE = frozenset(["a", "an", "each", "every", "one"])
_FRAMES = frozenset(
    [
        "at",
        "in",
        "on",
        "with",
        "for",
        "by",
        "from",
        "during",
        "per",
        "using",
        "given",
        "since",
        "assuming",
        "if",
        "because",
    ]
)
_TAILS = frozenset(["with", "having", "there", "out", "from", "within"])
_NUMBER_OF = frozenset(["the", "total", "number", "amount", "quantity", "of"])


def joints(tokens: tuple[Token, ...], numbers: list[Quantity], named: list[Mention]) -> list[int]:
    """Return the tokens with which a new clause begins, in their order."""
    found: list[int] = []
    for index, token in enumerate(tokens):
        last = found[-1] if found else 0
        if token.lower == "however" and index and tokens[index - 1].text not in (",", ";"):
            continue
        if token.lower == "if" and index and tokens[index - 1].measure:
            continue
        if token.text == ";" or token.lower in _BREAKS:
            tied = token.lower in ("but", "while") and any(q.last == index for q in numbers)
            cut = index > last + 1 and not tied
        elif token.lower == "with":
            cut = index > last + 2 and _each_apart(tokens, index)
        elif token.text == ",":
            cut = index > last + 2 and (_spliced(tokens, index, last, named) or _tail(tokens, index, named))
        else:
            cut = (
                token.lower in ("and", "or")
                and index > last + 2
                and (
                    _new_subject(tokens, index, named)
                    or _new_predicate(tokens, index)
                    or _new_stock(tokens, index, numbers)
                    or _new_sentence(tokens, index, named)
                )
            )
        if cut:
            found.append(index)
    return found


def _new_subject(tokens: tuple[Token, ...], index: int, found: list[Mention]) -> bool:
    """Whether "and" begins a clause of its own: another decision follows, and then a verb of limits."""
    ahead = next((m for m in found if index < m.first <= index + 5), None)
    if ahead is None or ahead.last >= len(tokens):
        return False
    counted = all(t.lower in _NUMBER_OF for t in tokens[index + 1 : ahead.first])
    if ahead.first > index + 3 and not counted:
        return False
    verb = tokens[ahead.last]
    start = max((k for k in range(index - 1) if tokens[k].text in (",", ";") or tokens[k].lower in _BREAKS), default=-1)
    part = tokens[start + 1 : index]
    if not any(is_verb(t) or t.lower in _MODALS or t.lower in ("is", "are", "be", "have") for t in part):
        return False  # "5 crates of A and B must be sent": one clause
    limits = ("must", "should", "cannot", "requires", "require", "needs", "need", "demands", "has", "may", "can")
    if (
        verb.lower in limits
        or (ahead.first > index + 3 and verb.lower in _MODALS | {"is", "are"})
        or (
            is_verb(verb)
            and not verb.lower.endswith("ing")
            and tokens[index + 1].lower in ("each", "every", "a", "an", "one")
        )
    ):
        before = tokens[max(0, index - 14) : index]
        return any(counts(t) or t.lower in numbers()["multiples"] or t.kind == "currency" for t in before)
    return False


def _new_predicate(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether "and" joins a second predicate: a modal verb follows ("needs 5 crates and must use ..."), or "there"."""
    if index + 1 >= len(tokens) or tokens[index + 1].lower not in _MODALS | {"there"}:
        return False
    return any(t.kind in ("number", "currency") for t in tokens[:index]) and any(
        t.kind in ("number", "currency") for t in tokens[index:]
    )


def _new_stock(tokens: tuple[Token, ...], index: int, found: list[Quantity]) -> bool:
    """Whether "and" says what there is, after a list: "2 and 3 hours respectively, and 200 hours are available"."""
    ahead = next((q for q in found if q.first == index + 1), None)
    if ahead is None or not any(t.lower == "respectively" for t in tokens[:index]):
        return False
    words = [token.lower for token in tokens[ahead.last :]]
    return any(a in ("is", "are") and b in ("available", "there", "left") for a, b in pairwise(words))


def _new_sentence(tokens: tuple[Token, ...], index: int, found: list[Mention]) -> bool:
    """Whether ", and" begins a main clause about none of the decisions: ", and 200 kilos are needed in all"."""
    if index + 2 >= len(tokens):
        return False
    first = tokens[index + 1]
    if first.lower in _PRONOUNS:
        return _new_pronoun(tokens, index)
    if tokens[index - 1].text != ",":
        has = any(t.lower in ("is", "are", "has", "have") for t in tokens[:index])
        if first.lower != "the" or not has or not any(counts(t) for t in tokens[:index]):
            return False  # "there are 40 clerks and the bank must serve ..."
    opens = first.kind == "number" or first.lower in ("the", "there", "at", "no", "exactly", "up")
    noun = first.kind == "word" and first.lower not in plain("function") and tokens[index + 2].kind == "word"
    if not opens and not (noun and any(counts(t) for t in tokens[:index])):
        return False
    comma = next((k for k in range(index - 2, -1, -1) if tokens[k].text == ","), -1)
    if opens and comma >= 0 and tokens[comma + 1].kind == "number":
        return False  # the last of a list
    for k in range(index + 2, min(index + 8, len(tokens))):
        if tokens[k].lower in _MODALS or tokens[k].lower in ("is", "are"):
            return True
        verb = is_verb(tokens[k]) and tokens[k - 1].lower != "of"  # "816 hours of carving are available"
        if tokens[k].kind == "mark" or any(m.first <= k < m.last for m in found) or verb:
            return False
    return False


def _new_pronoun(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether a pronoun with a verb of its own follows, and numbers stand on both sides: "and she has 42 yards"."""
    pronoun, verb = tokens[index + 1], tokens[index + 2]
    if tokens[0].lower in _FRAMES:
        return False  # "at the old mill it costs $5 to open, and they can grind 3 tons" is all about the mill
    finite = verb.lower in _MODALS | {"is", "are", "have", "'s", "'re", "'ll"}
    if not finite and (pronoun.lower in ("it", "they") or not is_verb(verb)):
        return False  # "and they take 3 hours" goes on about what was named
    return all(any(counts(t) or t.kind == "currency" for t in part) for part in (tokens[:index], tokens[index:]))


def _spliced(tokens: tuple[Token, ...], index: int, first: int, found: list[Mention]) -> bool:
    """Whether a comma stands between two main clauses: "a loaf takes 2 kg, she has 40 kg", ", her jar holds 6 kg"."""
    part = tokens[first:index]
    if index + 3 >= len(tokens) or not any(is_verb(t) or t.lower in _MODALS or _is_finite(t) for t in part):
        return False
    after = tokens[index + 1]
    subject = next((m for m in found if m.first in (index + 1, index + 2)), None)
    if subject is not None and subject.last < len(tokens) and tokens[subject.last].lower in _MODALS:
        return any(t.lower in _MODALS for t in part) and any(counts(t) for t in part)  # "... 20%, wind must not ..."
    if after.lower in _SPEAKERS:
        return _new_pronoun(tokens, index) or (
            tokens[0].lower not in _FRAMES and _introduces(part, first, index, found)
        )
    if after.lower in _ONE:
        named = next((m for m in found if index < m.first <= index + 2), None)
        follows = named is not None and named.last < len(tokens) and is_verb(tokens[named.last])
        return follows and _introduces(part, first, index, found)
    if after.lower not in _OWN or any(index < m.first <= index + 4 for m in found):
        return False
    return any(
        _is_finite(tokens[k]) and (counts(tokens[k + 1]) or tokens[k + 1].kind == "currency")
        for k in range(index + 2, min(index + 5, len(tokens) - 1))
    )


def _introduces(part: tuple[Token, ...], first: int, index: int, found: list[Mention]) -> bool:
    """Whether a clause only says what is made: both decisions and no number."""
    return not any(counts(t) for t in part) and len({m.decisions for m in found if first <= m.first < index}) > 1


def _is_finite(token: Token) -> bool:
    """Whether a word may be the verb of a clause about one thing: "holds"."""
    return token.kind == "word" and len(token.lower) > 3 and token.lower.endswith("s") and token.lower not in _OWN


def _each_apart(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether "with each" tells of one, after a number of all: "a budget of $900 with each van costing $50"."""
    if index + 1 >= len(tokens) or tokens[index + 1].lower not in ("each", "every"):
        return False
    return all(any(counts(t) or t.kind == "currency" for t in part) for part in (tokens[:index], tokens[index:]))


def _tail(tokens: tuple[Token, ...], index: int, found: list[Mention]) -> bool:
    """Whether a comma begins a phrase with a number of what there is: ", with 9 lamps in the lab", ", out of 18 kg"."""
    if index + 2 >= len(tokens):
        return False
    if tokens[index + 1].lower == "of" and tokens[index + 2].lower == "which":
        return any(counts(t) for t in tokens[:index]) and not any(m.first < index for m in found)
    if tokens[index + 1].lower not in _TAILS:
        return False
    if tokens[0].lower in _FRAMES or (tokens[index + 1].lower == "there" and tokens[index + 2].lower != "being"):
        return False
    end = next((k for k in range(index + 1, len(tokens)) if tokens[k].text in (",", ";", ".")), len(tokens))
    if any(index < m.first < end for m in found) or (end + 2 < len(tokens) and tokens[end].text == ","):
        return False
    before = any(counts(t) or t.kind == "currency" for t in tokens[:index])
    return before and any(counts(t) or t.kind == "currency" for t in tokens[index:end])


def goes_on(tokens: tuple[Token, ...], first: int) -> bool:
    """Whether a clause has no subject of its own: a verb follows its conjunction."""
    index = first + 1
    while index < len(tokens) and tokens[index].lower in ("also", "only", "then"):
        index += 1
    if tokens[first].lower not in ("and", "but", "or") or index >= len(tokens):
        return False
    return tokens[index].lower in _MODALS or (is_verb(tokens[index]) and not tokens[index].lower.endswith("ing"))
