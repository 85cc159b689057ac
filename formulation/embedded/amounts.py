"""Amounts per unit that the text names without a number: "a vase takes some clay", "a bowl needs wood as well".

A reading that leaves one out would count it as nothing, so such a text is questioned instead.
"""

from __future__ import annotations

from functools import cache, lru_cache

from formulation.embedded.attributes import Attribute, overlap
from formulation.embedded.bounds import run_of
from formulation.embedded.decisions import Slate
from formulation.embedded.facts import Amount
from formulation.embedded.figures import Clause
from formulation.embedded.lexicon import by_first_word, plain, plain_phrases, roots, stems
from formulation.embedded.phrases import is_verb
from formulation.embedded.tokens import Token

_JOINTS = frozenset(["and", "or", ",", "nor"])
_STOPS = frozenset(
    ["for", "from", "per", "each", "every", "while", "whereas", "but", "when", "if", "than", "which", "as"]
)


def amounts(clause: Clause, slate: Slate, carry: list[int]) -> list[Amount]:
    """Return what a clause says is taken or given without a number; ``carry`` are the decisions named before it."""
    tokens = clause.tokens
    numbered = {k for f in clause.figures for k in range(f.quantity.first, f.quantity.last)}
    named = slate.names | slate.shared
    found = _unknown(clause, slate)
    consume = stems("consume")
    ends = {m.last for m in clause.mentions}  # "a bowl takes 2 kg of clay, a vase some clay"
    elliptic = any(t.stem in consume for t in tokens[clause.first : clause.last])
    spots = _spots(tokens)
    here = clause.first
    for k in sorted({*spots, *ends} if elliptic else spots):
        if k < here or k >= clause.last:
            continue
        quantifier = spots.get(k, 0)
        if k + quantifier > clause.last:
            quantifier = 0
        taken = k > clause.first and (tokens[k - 1].stem in consume or (elliptic and k in ends))
        if not (quantifier or taken) or (taken and _negated(tokens[max(clause.first, k - 4) : k])):
            continue
        parts = _parts(tokens, k + quantifier, clause.last, numbered)
        here = k + quantifier
        beyond = [m for m in clause.mentions if m.first >= parts[-1][1]]
        if not taken and not beyond:
            continue  # "some rules apply" takes nothing of anything
        subject = _subject(clause, k, carry) if taken else beyond[0].decisions
        for number, (first, last) in enumerate(parts):
            words = _content(tokens[first:last])
            if last in numbered or not words or any(t.stem in named for t in tokens[first:last]):
                continue
            if _negated(tokens[first:last]):
                continue
            found.append(Amount(subject, words, taken and quantifier > 0 and number == 0, clause, k, last))
    return found


@lru_cache(maxsize=256)  # a sentence is read once for each set of decisions that is tried
def _spots(tokens: tuple[Token, ...]) -> dict[int, int]:
    """Return where an amount without a number may begin, at "some" and after "takes", with how long its words are."""
    consume = stems("consume")
    found = {k: _quantifier(tokens, k) for k, token in enumerate(tokens) if token.lower in _quantifiers()}
    spots = {k: length for k, length in found.items() if length}
    return {**{k: 0 for k in range(1, len(tokens)) if tokens[k - 1].stem in consume}, **spots}


def _parts(tokens: tuple[Token, ...], first: int, end: int, numbered: set[int]) -> list[tuple[int, int]]:
    """Return where the things of a list without numbers stand: "clay, glaze and paint"."""
    parts: list[tuple[int, int]] = []
    last = first
    while last < end and last not in numbered and not _ends(tokens[last]):
        if tokens[last].lower in _JOINTS:
            parts.append((first, last))
            first = last + 1
        last += 1
    return [*parts, (first, last)]


def _negated(tokens: tuple[Token, ...]) -> bool:
    return any(t.lower in plain("negation") for t in tokens)


def _content(tokens: tuple[Token, ...]) -> frozenset[str]:
    """Return the roots of what is measured, or those of the measures where nothing else is said."""
    said = [t for t in tokens if t.kind == "word" and t.lower not in plain("function")]
    return frozenset(t.root for t in ([t for t in said if not t.measure] or said))


def untold(said: list[Amount], attributes: list[Attribute], n: int) -> list[Amount]:
    """Return the amounts of ``said`` that no number of the text gives, for ``n`` decisions."""
    return [amount for amount in said if not _is_told(amount, attributes, n)]


def _is_told(amount: Amount, attributes: list[Attribute], n: int) -> bool:
    meant = [a for a in attributes if _speaks_of(amount, a)]
    of_all = len(set(amount.decisions)) in (0, n)
    if not meant:
        return of_all or not amount.vague
    if of_all and not amount.vague:
        return True
    wanted = set(amount.decisions) or set(range(n))
    return any(wanted <= set(a.values) for a in meant)


def _speaks_of(amount: Amount, attribute: Attribute) -> bool:
    if overlap(amount.words, attribute.topic) or amount.words & attribute.kinds:
        return True
    timed = attribute.unit in stems("period") and bool(amount.words & roots("duration"))
    return timed or attribute.unit in amount.words


def _subject(clause: Clause, index: int, carry: list[int]) -> tuple[int, ...]:
    """Return the decisions that stand before a verb: those named last, or those of the clause before it."""
    before = [m for m in clause.mentions if m.last <= index]
    if before:
        group = [before[-1]]
        for mention in reversed(before[:-1]):
            if len(run_of(clause, [mention, group[0]])) < 2:
                break
            group.insert(0, mention)
        return tuple(dict.fromkeys(m.decisions[0] for m in group))
    pronoun = {"it", "its", "this", "they", "one"} & {t.lower for t in clause.tokens[clause.first : index]}
    return tuple(carry) if pronoun else ()


def _unknown(clause: Clause, slate: Slate) -> list[Amount]:
    """Return what a clause says is not known: "how much clay a vase takes is unclear"."""
    if not clause.mentions or not _not_known(clause.tokens, clause.first, clause.last):
        return []
    named = slate.names | slate.shared
    said = frozenset(
        t.root
        for t in clause.tokens[clause.first : clause.last]
        if t.kind == "word" and t.stem not in named and t.lower not in plain("function") and not is_verb(t)
    )
    ids = tuple(dict.fromkeys(m.decisions[0] for m in clause.mentions))
    return [Amount(ids, said, False, clause, clause.first, clause.last)]


@lru_cache(maxsize=512)  # a sentence is read once for each set of decisions that is tried
def _not_known(tokens: tuple[Token, ...], first: int, last: int) -> bool:
    words = f" {' '.join(token.lower for token in tokens[first:last])} "
    return any(f" {phrase} " in words for phrase in plain_phrases("unknown"))


@cache
def _quantifiers() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the words for an amount without a number, by their first word, the longest first."""
    return by_first_word(plain_phrases("vague"))


def _quantifier(tokens: tuple[Token, ...], index: int) -> int:
    """Return how many tokens at ``index`` measure out an amount without a number; 0 where none do."""
    for sequence in _quantifiers().get(tokens[index].lower, ()):
        if tuple(token.lower for token in tokens[index : index + len(sequence)]) == sequence:
            return len(sequence)
    return 0


def _ends(token: Token) -> bool:
    """Whether a token ends what a verb takes."""
    mark = token.kind in ("mark", "number", "currency") and token.text != ","
    return mark or token.lower in _STOPS or is_verb(token)
