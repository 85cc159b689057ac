"""Charges that are paid once if there is any of a thing at all: set-up, opening and rental costs.

The words of a charge are set aside before the text is read, and `charges_model` puts the charge into the formulation
that the rest gives. Where it is not clear that a sum is paid once, nothing is set aside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise, takewhile

from formulation.embedded.grids import Cell
from formulation.embedded.lexicon import by_first_word, charges, plain, stem, stems
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import Quantity, QuantityKind, quantities
from formulation.embedded.tokens import Token, sentences
from formulation.embedded.unfold import Unfolded
from formulation.formulation import Span

_PRONOUNS = frozenset(["it", "they"])
_NET_WORDS = 8


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of money in a charge: its value, where it stands, and its place among the charge's tokens."""

    value: float
    span: Span
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Charge:
    """Words that tell sums paid once. ``before`` are the words in front of them that may name their owner.

    ``currency`` is "$" or the stem of a name; ``hangs`` says that words of a condition stand with the sums, ``always``
    that they fall due whatever is decided.
    """

    tokens: tuple[Token, ...]
    sums: tuple[Sum, ...]
    before: tuple[Token, ...]
    currency: str
    hangs: bool
    always: bool

    @property
    def span(self) -> Span:
        """Where the charge stands."""
        return Span(self.tokens[0].start, self.tokens[-1].end)


@dataclass(slots=True)
class Charges:
    """The text without its charges, and what was taken out of it.

    ``passed`` are words without numbers that only explain a charge; ``minima`` are the clauses whose limits hold only
    where there is any.
    """

    unfolded: Unfolded = field(default_factory=Unfolded)
    told: list[Charge] = field(default_factory=list)
    passed: list[tuple[Token, ...]] = field(default_factory=list)
    minima: list[Span] = field(default_factory=list)

    @property
    def sure(self) -> bool:
        """Whether the words can mean nothing else: "a setup cost", "if any", "in that case at least 30"."""
        named = any(
            _is_noun(c.tokens) or _place(c.tokens, "any") is not None or bool(_before_first(c.tokens))
            for c in self.told
        )
        return named or bool(self.minima)


def find_charges(text: str) -> Charges | None:
    """Return the charges and conditional minima of a text, and the text without; None where it tells none clearly."""
    split = [sentence.tokens for sentence in sentences(text)]
    parts = [[(tokens[a:b], tokens[:a]) for a, b in _segments(tokens)] for tokens in split]
    if any(_bounds_uses(tokens) for segments in parts for tokens, _ in segments):
        return None
    found = Charges()
    gone: list[tuple[int, int, str]] = []
    for segments in parts:
        for k, (tokens, before) in enumerate(segments):
            if not _speaks_of_charge(tokens):
                continue
            beside = {t.lower for other, _ in segments if not quantities(other) for t in other}
            if beside & _words("over") or {t.lower for t in tokens} & _words("otherwise"):
                return None
            inner = _inner(tokens)
            if inner is not None:
                first, last = inner
                charge = _charge(tokens[first:last], tokens[:first])
                if charge is None:
                    return None
                found.told.append(charge)
                gone.append((tokens[first].start, tokens[last - 1].end, ""))
                continue
            charge = _charge(tokens, before)
            if charge is None:
                return None
            found.told.append(charge)
            after = segments[k + 1][0] if k + 1 < len(segments) else ()
            gone += _without(charge, tokens, after)
    own = {t.stem for charge in found.told for t in charge.tokens if t.lower not in plain("function")}
    told = {charge.tokens[0].start for charge in found.told}
    for segments in parts:
        for tokens, _ in segments:
            if tokens[0].start in told:
                continue
            if found.told and not quantities(tokens) and _explains(tokens):
                found.passed.append(tokens)
                gone.append((tokens[0].start, _end(tokens), ""))
                continue
            if found.told:
                gone += [(tokens[a].start, tokens[b - 1].end, "") for a, b in _net(tokens, own)]
            then = _then(tokens) if quantities(tokens) else []
            if then:
                gone += [(tokens[a].start, tokens[b - 1].end, "") for a, b in then]
                found.minima.append(Span(tokens[0].start, tokens[-1].end))
    _cut(found.unfolded, text, gone)
    return found if found.told or found.minima else None


def _then(tokens: tuple[Token, ...]) -> list[tuple[int, int]]:
    """Return the words that let a limit hold only where there is any: "in that case", "whenever the mill is on, it"."""
    place = _place(tokens, "then")
    if place is not None:
        first, last = place
        between = first > 0 and last < len(tokens) and tokens[first - 1].text == tokens[last].text == ","
        return [(first - between, last + between)]
    begins = next((k for k, token in enumerate(tokens) if token.kind == "word" and token.lower != "and"), 0)
    being = next((k for k in range(begins + 1, min(begins + 7, len(tokens))) if tokens[k].lower in ("is", "are")), 0)
    if tokens[begins].lower not in _words("when") or not being or being + 2 >= len(tokens):
        return []
    goes_on = being + 2 + (tokens[being + 2].text == ",")
    if tokens[being + 1].lower not in _words("made") or goes_on >= len(tokens):
        return []
    named = all(token.kind == "word" for token in tokens[begins + 1 : being])
    return [(begins, begins + 1), (being, goes_on + 1)] if named and tokens[goes_on].lower in _PRONOUNS else []


def _cut(unfolded: Unfolded, text: str, gone: list[tuple[int, int, str]]) -> None:
    """Keep a text without its stretches ``gone``; each is a start, an end and the words said instead."""
    here = 0
    for start, end, words in sorted(gone):
        if end <= here:
            continue
        start = max(start, here)
        unfolded.keep(text[here:start], here)
        unfolded.say(f" {words} ", Cell("", start, max(end, start + 1)))
        here = end
    unfolded.keep(text[here:], here)


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(charges()[name].split())


@cache
def _phrases(name: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the phrases of a list by their first word."""
    return by_first_word(charges()[name])


def _place(tokens: tuple[Token, ...], name: str, first: int = 0) -> tuple[int, int] | None:
    """Return the tokens [a, b) of the first phrase of a list at or behind ``first``, the longest there."""
    known = _phrases(name)
    if known.keys().isdisjoint([token.lower for token in tokens]):
        return None
    lowers = tuple(token.lower for token in tokens)
    for k in range(first, len(tokens)):
        longest = next((p for p in known.get(lowers[k], ()) if lowers[k : k + len(p)] == p), None)
        if longest is not None:
            return k, k + len(longest)
    return None


def _segments(tokens: tuple[Token, ...]) -> list[tuple[int, int]]:
    """Return the parts [a, b) of a sentence that say something of their own."""
    cuts = [k for k in range(1, len(tokens)) if _begins(tokens, k)]
    edges = [0, *cuts, len(tokens)]
    return [(a, b) for a, b in pairwise(edges) if a < b]


def _begins(tokens: tuple[Token, ...], k: int) -> bool:
    """Whether a part of its own begins with a joint at token k: ";", "but", ", and it has"."""
    token, after = tokens[k], tokens[k + 1] if k + 1 < len(tokens) else None
    if token.text == ";" or (token.lower in _words("joints") and tokens[k - 1].text != ","):
        return True
    if after is None:
        return False
    if token.text == ",":
        if after.lower in _words("joints") or after.lower in ("which", "where"):
            return True
        limited = _place(tokens[k + 2 : k + 8], "limits")
        return after.lower == "and" and (_says_something(tokens, k + 2) or (limited is not None and not limited[0]))
    if token.lower != "and" or tokens[k - 1].text == ",":
        return False
    return after.lower in _words("subjects") or (
        after.lower in _words("determiners") and _says_something(tokens, k + 1)
    )


def _says_something(tokens: tuple[Token, ...], k: int) -> bool:
    """Whether a verb follows before the next comma or number: a clause, and not one more of a list."""
    if k < len(tokens) and tokens[k].lower in _words("determiners"):
        k += 2  # "a cost of $2" names, "the mill costs $2" tells
    for token in tokens[k : k + 8]:
        if token.kind != "word":
            return False
        if token.lower in _words("being") or token.lower in _words("subjects") or is_verb(token):
            return True
    return False


def _speaks_of_charge(tokens: tuple[Token, ...]) -> bool:
    """Whether words with a number tell a sum that is paid once."""
    asked = any(token.lower == "how" for token in tokens)
    if asked or not any(_money(tokens, q) for q in quantities(tokens)):
        return False
    opens = _is_opening(tokens) or _is_to_open(tokens)
    return _is_noun(tokens) or opens or _is_purpose(tokens) or (_hangs(tokens) and _pays(tokens))


def _bounds_uses(tokens: tuple[Token, ...]) -> bool:
    """Whether words bound how many things there may be at all: "at most one of them can be set up"."""
    lowers = [token.lower for token in tokens]
    if not all(q.worded and q.value < 5 for q in quantities(tokens)) or _place(tokens, "explains") is not None:
        return False
    counted = any(a in ("one", "two", "three") and b == "of" for a, b in pairwise(lowers))
    return counted and bool(set(lowers) & _words("used")) and bool({"only", "exactly", "most", "than"} & set(lowers))


def _pays(tokens: tuple[Token, ...]) -> bool:
    return any(token.lower in _words("paid") for token in tokens) or _place(tokens, "once") is not None


def _is_noun(tokens: tuple[Token, ...]) -> bool:
    """Whether a cost is called one that is paid once: "a setup cost of", "set-up is", and not "to set up"."""
    place = _place(tokens, "once")
    left_out = {k for a, b in _net(tokens, set()) for k in range(a, b)}
    left_out |= {k + 1 for k, token in enumerate(tokens) if token.lower in ("no", "without")}
    while place is not None:
        first, last = place
        after = tokens[last].lower if last < len(tokens) else ""
        if first in left_out:
            pass
        elif (after in _words("paid") or after in ("is", "are")) and not (first and tokens[first - 1].lower == "to"):
            return True
        place = _place(tokens, "once", last)
    return False


def _is_opening(tokens: tuple[Token, ...]) -> bool:
    """Whether words begin with what opens: "opening the north plant costs"."""
    first = next((k for k, t in enumerate(tokens) if t.kind == "word" and t.lower not in ("and", "but", "while")), 0)
    place = _place(tokens, "opens")
    return place is not None and place[0] == first and _pays(tokens[place[1] :])


def _is_to_open(tokens: tuple[Token, ...]) -> bool:
    """Whether each of the things costs something to open: "each line that is used costs $100 to set up"."""
    return _is_of_kinds(tokens) and _pays(tokens) and _place(tokens, "to_open") is not None


def _is_purpose(tokens: tuple[Token, ...]) -> bool:
    """Whether a thing must be paid for to make something: "to make cakes, a mixer must be rented for $60"."""
    lowers = [token.lower for token in tokens if token.kind == "word"][:12]
    lowers = lowers[lowers[:1] == ["and"] :]
    made = len(lowers) > 2 and lowers[0] == "to" and lowers[1] in _words("made")
    return made and bool(set(lowers) & _words("hired"))


def _is_of_kinds(tokens: tuple[Token, ...]) -> bool:
    lowers = [token.lower for token in tokens]
    return any(
        word in ("each", "every", "any") and set(lowers[k + 1 : k + 4]) & _words("kinds")
        for k, word in enumerate(lowers)
    )


def _hangs(tokens: tuple[Token, ...]) -> bool:
    """Whether a sum hangs on there being any: "if any chairs are made", "making chairs at all"."""
    lowers = [token.lower for token in tokens]
    conditions = [k for k, word in enumerate(lowers) if word in _words("when")]
    conditions += [k for k, pair in enumerate(pairwise(lowers)) if pair == ("before", "any")]
    conditions += _before_first(tokens)
    for k in conditions:
        said = takewhile(lambda t: t.kind == "word" and t.lower not in ("how", "which"), tokens[k : k + 12])
        if {token.lower for token in said} & _words("made"):
            return True
    begun = next((word for word in lowers if word not in ("and", "but", "while", ";", ",")), "")
    gerund = begun.endswith("ing") and any(token.lower in _words("paid") for token in tokens)
    return _place(tokens, "any") is not None and (bool(conditions) or gerund)


def _before_first(tokens: tuple[Token, ...]) -> list[int]:
    """Return where words say "before the first ..."."""
    lowers = [token.lower for token in tokens]
    return [k for k in range(len(lowers)) if lowers[k : k + 3] == ["before", "the", "first"]]


def _money(tokens: tuple[Token, ...], quantity: Quantity) -> str:
    """Return "$" or the stem of the name of money that a number counts, else nothing."""
    if quantity.kind is QuantityKind.MONEY:
        return "$"
    after = tokens[quantity.last] if quantity.last < len(tokens) else None
    named = quantity.kind is QuantityKind.PLAIN and after is not None and after.lower in _words("currency")
    return after.stem if named and after is not None else ""


def _charge(tokens: tuple[Token, ...], before: tuple[Token, ...]) -> Charge | None:
    """Return the charge of words that speak of one; None where one of their numbers may be something else."""
    told = [q for q in quantities(tokens) if not _is_label(tokens, q) and not (q.worded and q.value <= 1)]
    hangs = _hangs(tokens) or _is_opening(tokens)
    kinds = {_money(tokens, q) for q in told} - {""}
    plains = [q for q in told if not _money(tokens, q)]
    if len(kinds) != 1 or any(q.malformed or q.kind is not QuantityKind.PLAIN for q in plains):
        return None
    if any(q.worded and q.value < 20 for q in plains) or any(_is_per(tokens, q.last, hangs=hangs) for q in told):
        return None
    sums = tuple(Sum(q.value, Span(tokens[q.first].start, tokens[q.last - 1].end), q.first, q.last) for q in told)
    always = _place(tokens, "always") is not None
    return Charge(tokens, sums, before, kinds.pop(), hangs, always)


def _inner(tokens: tuple[Token, ...]) -> tuple[int, int] | None:
    """Return where a charge is one of two things that a verb tells: "has [a setup cost of $300 and] brings $20 each".

    None where the words tell nothing but the charge.
    """
    sums = [q for q in quantities(tokens) if not _is_label(tokens, q) and not (q.worded and q.value <= 1)]
    place = _place(tokens, "once")
    if len(sums) != 2 or place is None or not any(_is_per(tokens, q.last) for q in sums):
        return None
    first = place[0]
    while first and tokens[first - 1].lower in ("a", "an", "the", "one", "single"):
        first -= 1
    own = next((q for q in sums if place[1] <= q.first), None)
    if own is None or _is_per(tokens, own.last) or first < 2:
        return None
    last = own.last
    if last < len(tokens) and tokens[last].lower in ("and", "plus", ","):
        return (first, last + 1) if own is sums[0] else None
    if tokens[first - 1].lower in ("and", "plus") and own is sums[1] and all(t.kind == "mark" for t in tokens[last:]):
        return first - 1, last
    return None


def _is_label(tokens: tuple[Token, ...], quantity: Quantity) -> bool:
    """Whether a number is part of a name: "product 1"."""
    if not quantity.first or quantity.kind is not QuantityKind.PLAIN or quantity.worded or _money(tokens, quantity):
        return False
    before = tokens[quantity.first - 1]
    named = before.kind == "word" and before.lower not in plain("function") and not is_verb(before)
    return named and quantity.value <= 20 and quantity.value == int(quantity.value)


def _is_per(tokens: tuple[Token, ...], last: int, *, hangs: bool = False) -> bool:
    """Whether a sum is paid for each piece: "$3 per chair", "$3 a chair", "$3/chair"; by the period it is a charge.

    Where it ``hangs`` on a condition, "for a permit" says what is paid for.
    """
    while last < len(tokens) and tokens[last].lower in _words("currency"):
        last += 1
    rest = tokens[last : last + 3]
    if not rest:
        return False
    if rest[0].text == "/" or rest[0].lower in ("per", "a", "an", "every", "each"):
        return not (len(rest) > 1 and rest[1].stem in stems("period"))
    place = _place(rest, "per")
    bought = hangs and [t.lower for t in rest[:2]] in (["for", "a"], ["for", "an"])
    return place is not None and place[0] == 0 and not bought


def _without(charge: Charge, tokens: tuple[Token, ...], after: tuple[Token, ...]) -> list[tuple[int, int, str]]:
    """Return the stretches to cut with a charge: its words, the joint behind it, and the pronoun for what it opened."""
    apart = tokens[0].text == ";" and len(tokens) > 1  # stays
    gone = [(tokens[apart].start, _end(tokens), "")]
    begins = next((k for k, t in enumerate(after) if t.kind == "word" and t.lower not in ("and", "but")), None)
    if begins is None:
        return gone
    if after[begins].lower in _PRONOUNS and _opened(tokens):
        gone.append((after[begins].start, after[begins].end, _opened(tokens)))
    if begins and (apart or not charge.before):
        gone.append((after[0].start, after[begins - 1].end, ""))
    return gone


def _opened(tokens: tuple[Token, ...]) -> str:
    """Return the name of what words open: the words between "starting" and "costs"."""
    place = _place(tokens, "opens")
    if place is None:
        return ""
    named = []
    for token in tokens[place[1] :]:
        if token.lower in _words("paid") or token.kind != "word":
            break
        named.append(token.text)
    return " ".join(named)


def _end(tokens: tuple[Token, ...]) -> int:
    """Return where words end, without the mark that ends their sentence."""
    last = len(tokens) - 1
    while last > 0 and tokens[last].text in (".", "!", "?"):
        last -= 1
    return tokens[last].end


def _explains(tokens: tuple[Token, ...]) -> bool:
    """Whether words without a number only tell how charges work: "the fee is paid only if the line is used"."""
    spoken = _pays(tokens) or _place(tokens, "once") is not None
    return spoken and _place(tokens, "explains") is not None


def _net(tokens: tuple[Token, ...], own: set[str]) -> list[tuple[int, int]]:
    """Return the phrases that only say whether charges are in a profit: "before these rentals", "net of the lease"."""
    found: list[tuple[int, int]] = []
    place = _place(tokens, "net")
    while place is not None:
        first, last = place
        named = 0
        while last < len(tokens) and last - first < _NET_WORDS:
            token = tokens[last]
            known = token.lower in _words("netted") or (named == 0 and token.stem in own and token.kind == "word")
            if not known and token.lower not in _words("netting"):
                break
            named += known
            last += 1
        if named:
            while tokens[last - 1].lower in ("for", "of", "the"):
                last -= 1
            found.append((first, last + (last < len(tokens) and tokens[last].text == "," and first == 0)))
        place = _place(tokens, "net", max(last, place[1]))
    return found


def mentioned(tokens: tuple[Token, ...], names: dict[str, tuple[str, ...]]) -> list[tuple[int, str]]:
    """Return where words speak of decisions: (place, key of ``names``), in their order.

    ``names`` are the stems of each. A whole name counts, and so does a word that only one of them has.
    """
    found: list[tuple[int, str]] = []
    shared = [word for words in names.values() for word in set(words)]
    k = 0
    while k < len(tokens):
        whole = [
            (len(words), key)
            for key, words in names.items()
            if words and words == tuple(token.stem for token in tokens[k : k + len(words)])
        ]
        part = [
            key
            for key, words in names.items()
            if tokens[k].kind == "word" and tokens[k].stem in words and shared.count(tokens[k].stem) == 1
            if len(words) == 1 or not (words[-1].endswith("_") or words[-1].isdigit())  # "toy A" is no other toy
        ]
        key = max(whole)[1] if whole else part[0] if part and len(tokens[k].stem) > 1 else ""
        if key and not (found and found[-1][1] == key and k - found[-1][0] < len(names[key])):
            found.append((k, key))
        k += max(whole)[0] if whole else 1
    return found


def is_of_each(charge: Charge) -> bool:
    """Whether one sum is told for each of the decisions: "each machine that is used costs $50 to set up"."""
    return _is_of_kinds(charge.tokens) and (charge.hangs or not any(t.stem == "unit" for t in charge.tokens))


def is_of_money(token: Token) -> bool:
    """Whether a word speaks of the charge itself: "fee", "cost", "paid", "setup"."""
    return token.lower in _words("paid") | _words("currency") | _words("made") | _words("netted")


def rules(tokens: tuple[Token, ...]) -> bool:
    """Whether words say what must or must not be, and so more than how a charge works."""
    return bool({token.lower for token in tokens} & _words("rule"))


def is_gross(label: str) -> bool:
    """Whether what is to be best is counted before any charge: "revenue"."""
    return bool({stem(word) for word in label.lower().split()} & {stem(word) for word in _words("gross")})
