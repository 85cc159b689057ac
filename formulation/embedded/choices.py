"""Yes-or-no choices: named things of which some are chosen, numbers for each, limits, and what ties them together.

The text is read whole or not at all: every thing has one number of each kind, no number is left over, and every
sentence that ties choices together is one of the patterns of ``lexicon/choices.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from formulation.embedded.grids import grids
from formulation.embedded.labels import Figure, Finder, Thing, labelled, lists_known, shared_words, thing_of
from formulation.embedded.lexicon import choices, plain, stem, units
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import Quantity, QuantityKind, quantities
from formulation.embedded.ties import Named, Tie, grouped, ties_of
from formulation.embedded.tokens import Token, sentences
from formulation.embedded.vocabularies import plain_lists
from formulation.formulation import Span

_MOST_THINGS = 40
_MOST_LISTS = 30
_LONGEST = 1_500
_LONGEST_NAME = 5
_ARTICLES = frozenset(["the", "a", "an", "and", "while"])
_LINKS = frozenset(["is", "has", "are", "have", "at", "for"])


@dataclass(frozen=True, slots=True)
class Limit:
    """The sum of a kind of number over the chosen things, or their count (``kind`` empty), against ``bound``."""

    kind: str
    sign: str
    bound: Figure
    evidence: Span


@dataclass(slots=True)
class Choices:
    """What the text tells of its things: their numbers by kind, the unit that tells a kind, limits, ties, the aim."""

    things: list[Thing]
    kinds: dict[str, dict[int, Figure]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    limits: list[Limit] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    sense: str = "maximize"
    goal: Span = field(default_factory=lambda: Span(0, 0))
    aim: str = ""
    finder: Finder = field(init=False)

    def __post_init__(self) -> None:
        """Know the things by their own words."""
        self.finder = Finder(self.things, shared_words(self.things))


def find_choices(text: str) -> Choices | None:
    """Return the choice that the text poses; None where it poses none, or is not read whole.

    Things that no list of capitals, no table and no subject of sentences names are looked for in other lists and rows
    of numbers ("the tent weighs 5 kg, the stove 3 kg"); there something must tie them, so that each is chosen or not.
    """
    split = [sentence.tokens for sentence in sentences(text)]
    said = {token.stem for tokens in split for token in tokens}
    words = {token.lower for tokens in split for token in tokens}
    tables = grids(text)
    if {"how", "many"} <= words or {"how", "much"} <= words or len(tables) > 1:
        return None
    once = any(_has(tokens, "once") for tokens in split)
    inside = [range(table.start, table.end) for table in tables]
    outside = [tuple(t for t in tokens if not any(t.start in table for table in inside)) for tokens in split]
    if said & _stems("choose") or once:
        found = _from_table(text) or _from_words(split) or _from_subjects(split)
        if found is not None and _read(found, outside):
            return found
    if tables or max(map(len, split), default=0) > _LONGEST or not words & {"both", "if", "one", "only", "exclude"}:
        return None
    if any(q.kind in (QuantityKind.PERCENT, QuantityKind.MULTIPLE) for tokens in split for q in quantities(tokens)):
        return None  # shares and ratios are of amounts
    for things in _told_things(split):
        found = Choices(things)
        known = all(lists_known(tokens, (found.finder,)) for tokens in split)
        if known and _read(found, split) and found.ties:
            return found
    return None


def _read(found: Choices, split: list[tuple[Token, ...]]) -> bool:
    """Enter what the sentences say; False where one is not understood or the choice is not whole."""
    if not 2 <= len(found.things) <= _MOST_THINGS or not _aim(found, split):
        return False
    clauses = [told for tokens in split for told in _with_before(found, tokens)]
    clauses.sort(key=lambda told: not _named(found, told[0]))  # limits are of what the things were told to take
    if not all(_tell(found, clause, before) for clause, before in clauses):
        return False
    whole = all(len(held) == len(found.things) for held in found.kinds.values()) and found.aim in found.kinds
    used = {limit.kind for limit in found.limits} | {found.aim}
    return whole and bool(found.limits or (found.ties and found.sense == "maximize")) and set(found.kinds) <= used


def _told_things(split: list[tuple[Token, ...]]) -> Iterator[list[Thing]]:
    """Yield the names of lists, of what is labelled, and of rows of numbers, longest first."""
    lists = [*labelled(split)]
    for tokens in split:
        lists += [[thing_of(member) for member in members] for members in plain_lists(tokens)]
        lists.append(_row(tokens))
    for things in sorted(lists, key=len, reverse=True)[:_MOST_LISTS]:
        if len(things) > 1 and len({thing.words for thing in things}) == len(things):
            yield things


def _row(tokens: tuple[Token, ...]) -> list[Thing]:
    """Return the names of "the tent weighs 5 kg, the stove 3 kg and the rope 4 kg"; none where the clause is no row."""
    found: list[Thing] = []
    begin = 0
    for q in quantities(tokens):
        name = [t for t in tokens[begin : q.first] if t.text not in (",", ";") and t.lower not in _ARTICLES]
        while len(name) > 1 and (is_verb(name[-1]) or name[-1].stem in _stems("measured") or name[-1].lower in _LINKS):
            name.pop()
        if not 0 < len(name) < _LONGEST_NAME or any(t.kind != "word" or t.lower in plain("function") for t in name):
            return []
        found.append(thing_of(name))
        ends = (k + 1 for k in range(q.last, len(tokens)) if tokens[k].lower in (",", ";", "and", "while"))
        begin = next(ends, len(tokens))
    return found


@cache
def _stems(name: str) -> frozenset[str]:
    return frozenset(stem(word) for word in choices()[name].split())


def _has(tokens: tuple[Token, ...], name: str) -> bool:
    said = f" {' '.join(token.lower for token in tokens)} "
    return any(f" {phrase} " in said for phrase in choices()[name])


def _kind(words: list[str]) -> str:
    """Return the family of a number by the stems around it, the nearest first; else the nearest noun."""
    for word in words:
        for family in ("spent", "earned"):
            if word in _stems(family):
                return family
    named = (word for word in words if word not in plain("function") and word.strip("_").isalpha())
    return next((word for word in named if len(word) > 2 or word in units()), "")


def _from_table(text: str) -> Choices | None:
    tables = grids(text)
    if not tables:
        return None
    (table,) = tables
    found = Choices([_thing(row[0].text, Span(row[0].start, row[0].end)) for row in table.rows])
    for k, heading in enumerate(table.headings[1:], 1):
        words = [token.stem for sentence in sentences(heading.text) for token in sentence.tokens]
        kind = _kind(words) or (words[0] if len(words) == 1 else "")
        for word in words:
            found.units.setdefault(word, kind)
        if not kind or kind in found.kinds or any(row[k].value is None for row in table.rows):
            return None
        found.kinds[kind] = {
            i: (row[k].value or 0.0, Span(row[k].start, row[k].end)) for i, row in enumerate(table.rows)
        }
    return found


def _thing(name: str, span: Span) -> Thing:
    return Thing(name, tuple(token.stem for sentence in sentences(name) for token in sentence.tokens), span)


def _from_words(split: list[tuple[Token, ...]]) -> Choices | None:
    """Return the things of the longest list of names in the text, without any number yet."""
    lists = [names for tokens in split for k in range(len(tokens)) if (names := _list(tokens, k))]
    if not lists:
        return None
    longest = max(lists, key=len)
    things = []
    for words in longest:
        name = " ".join(word.text for word in words)
        things.append(Thing(name, tuple(word.stem for word in words), Span(words[0].start, words[-1].end)))
    return Choices(things) if len({thing.words for thing in things}) == len(things) else None


def _from_subjects(split: list[tuple[Token, ...]]) -> Choices | None:
    """Return the things of sentences such as "The kiosk costs 4 and returns 9", without any number yet."""
    things = []
    for tokens in split:
        verb = next((k for k, token in enumerate(tokens[:6]) if token.stem in _stems("spent") | _stems("earned")), 0)
        name = tokens[1:verb]
        if tokens[0].text == "The" and name and all(token.kind == "word" for token in name) and quantities(tokens):
            label = " ".join(token.text for token in name)
            things.append(Thing(label, tuple(t.stem for t in name), Span(name[0].start, name[-1].end)))
    distinct = len({thing.words for thing in things}) == len(things)
    return Choices(things) if len(things) > 1 and distinct else None


def _list(tokens: tuple[Token, ...], k: int) -> list[tuple[Token, ...]]:
    """Return the names of a list "A, B and C" that begins at token k: capitalised words or letters."""
    names: list[tuple[Token, ...]] = []
    while k < len(tokens):
        last = k
        while last < len(tokens) and tokens[last].kind == "word" and tokens[last].text[:1].isupper() and last < k + 3:
            last += 1
        if last == k:
            break
        names.append(tokens[k:last])
        k = last
        while k < len(tokens) and tokens[k].lower in (",", "and"):
            k += 1
        if k == last:
            return names if len(names) > 1 else []
    return []


def _aim(found: Choices, split: list[tuple[Token, ...]]) -> bool:
    """Find the sense of the objective and the kind of number that it sums; False where they are not clear."""
    senses: dict[str, tuple[int, tuple[Token, ...]]] = {}
    for tokens in split:
        for k, token in enumerate(tokens):
            led = tokens[k - 1].lower if k else ""
            for sense in ("maximize", "minimize"):
                if token.lower in plain(sense, "objective") and led not in ("at", "a", "of"):
                    senses.setdefault(sense, (k, tokens))
    if len(senses) != 1:
        return False
    ((found.sense, (k, tokens)),) = senses.items()
    found.goal = Span(tokens[k].start, tokens[-1].end)
    words = [token.stem for token in tokens[k + 1 :]] + [token.stem for token in tokens[:k]]
    found.aim = _kind(words)
    if found.kinds and found.aim not in found.kinds:
        found.aim = next((found.units[word] for word in words if word in found.units), found.aim)
    return True


def _with_before(found: Choices, tokens: tuple[Token, ...]) -> Iterator[tuple[tuple[Token, ...], tuple[int, ...]]]:
    """Yield the clauses of a sentence, each with the things that "them" may mean in it: those named before.

    A clause that only gives the reason of the next ("A and B share a hall, so at most one of them ...") is left out.
    """
    before: tuple[int, ...] = ()
    clauses = [*_clauses(tokens), ()]
    for clause, after in pairwise(clauses):
        named = tuple(dict.fromkeys(index for index, _ in _named(found, clause)))
        some = named if 1 < len(named) < len(found.things) else ()
        reason = some and after and not quantities(clause) and grouped(after, _named(found, after), some) is not None
        if not (reason and not _tied(clause)):
            yield clause, before
        before = some or before


def _tied(tokens: tuple[Token, ...]) -> bool:
    """Whether a clause has a word that ties choices together."""
    return bool({token.stem for token in tokens} & (_stems("ties") - {stem("same")}))


def _clauses(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """Yield the parts of a sentence that a semicolon, or a comma before "and" or "but", divides."""
    begin = 0
    for k, token in enumerate(tokens):
        breaks = token.text == "," and k + 1 < len(tokens) and tokens[k + 1].lower in ("and", "but", "while", "so")
        pair = breaks and tokens[k + 1 : k + 4] and [t.lower for t in tokens[k + 1 : k + 4]] == ["but", "not", "both"]
        listed = breaks and k + 2 < len(tokens) and tokens[k + 2].kind in ("number", "currency")
        limits = token.lower == "and" and bool(quantities(tokens[begin:k])) and _bounds(tokens[k:])
        if token.text == ";" or (breaks and not pair and not listed) or limits:
            yield tokens[begin:k]
            begin = k + 1
    yield tokens[begin:]


def _bounds(tokens: tuple[Token, ...]) -> bool:
    return bool(quantities(tokens)) and any(_has(tokens, name) for name in ("most", "least", "exactly"))


def _tell(found: Choices, tokens: tuple[Token, ...], before: tuple[int, ...]) -> bool:
    """Enter what a clause says; False where a number or a tie in it is not understood."""
    if not tokens:
        return True
    named = _named(found, tokens)
    group = grouped(tokens, named, before) if before or named else None
    if group is not None:
        found.ties.append(group)
        return True
    numbers = [q for q in quantities(tokens) if not _idle(found, tokens, q)]
    if any(q.kind not in (QuantityKind.PLAIN, QuantityKind.MONEY) or q.malformed for q in numbers):
        return False
    if numbers and not (len(numbers) == 1 and _counting(tokens, numbers[0], named)):
        return _tell_numbers(found, tokens, named, numbers)
    if numbers:
        return _tell_count(found, tokens, numbers[0])
    tied = {token.stem for token in tokens} & _stems("ties")
    some = 0 < len({index for index, _ in named}) < len(found.things)
    return _tell_tie(found, tokens, named) if some or (named and tied) else not (tied & {"if", "unless"})


def _tell_tie(found: Choices, tokens: tuple[Token, ...], named: Named) -> bool:
    ties = ties_of(tokens, named)
    found.ties += ties or ()
    return ties is not None


def _named(found: Choices, tokens: tuple[Token, ...]) -> Named:
    """Return the things that are named, each with its place, in the order of the clause."""
    return [(index, first) for index, first, _ in found.finder.at(tokens)]


def _idle(found: Choices, tokens: tuple[Token, ...], quantity: Quantity) -> bool:
    """Whether a number only says how many things there are, or stands in "at most one of", "each other"."""
    if quantity.worded and quantity.value == len(found.things) and not _has(tokens, "most"):
        return True
    chosen = {token.stem for token in tokens} & _stems("choose")
    loose = not (chosen or sign_of(tokens) or _named(found, tokens))  # "for one day"
    return quantity.worded and quantity.value == 1 and (loose or _has(tokens, "once"))


def _counting(tokens: tuple[Token, ...], quantity: Quantity, named: list[tuple[int, int]]) -> bool:
    """Whether a number counts chosen things: "at most three of them", "exactly two projects"."""
    after = [token.lower for token in tokens[quantity.last : quantity.last + 2]]
    bounded = _has(tokens, "most") or _has(tokens, "least") or _has(tokens, "exactly")
    chosen = bool({token.stem for token in tokens} & _stems("choose"))
    return bounded and quantity.kind is QuantityKind.PLAIN and not named and (after[:1] == ["of"] or chosen)


def _tell_count(found: Choices, tokens: tuple[Token, ...], quantity: Quantity) -> bool:
    sign = sign_of(tokens)
    if not sign:
        return False
    found.limits.append(Limit("", sign, _figure(tokens, quantity), Span(tokens[0].start, tokens[-1].end)))
    return True


def sign_of(tokens: tuple[Token, ...]) -> str:
    """Return "<=", ">=" or "==" as the words of a clause bound something; nothing where they do not, or doubly."""
    low = {token.lower for token in tokens}
    if _has(tokens, "more") and low & {"not", "no", "never"} and not _has(tokens, "most"):
        return "" if _has(tokens, "least") or _has(tokens, "exactly") else "<="
    signs = [sign for name, sign in (("most", "<="), ("least", ">="), ("exactly", "==")) if _has(tokens, name)]
    return signs[0] if len(signs) == 1 else ""


def _figure(tokens: tuple[Token, ...], quantity: Quantity) -> Figure:
    return quantity.value, Span(tokens[quantity.first].start, tokens[quantity.last - 1].end)


def _tell_numbers(
    found: Choices, tokens: tuple[Token, ...], named: list[tuple[int, int]], numbers: list[Quantity]
) -> bool:
    """Enter lists ("costs 4, 5 and 6"), the numbers of one thing ("A costs 4 and returns 9"), or a limit."""
    n = len(found.things)
    places = {index for index, _ in named}
    if len(named) == len(places) == n and len(numbers) in (n, 2 * n) and n > 1:
        if _times(tokens, named, numbers):
            return True
        if len(numbers) == n and _alternate(named, numbers):
            return _enter_row(found, tokens, named, numbers)
    if len(numbers) % n == 0 and places in (set(), set(range(n))):
        runs = [numbers[k : k + n] for k in range(0, len(numbers), n)]
        if all(_together(tokens, run) for run in runs):
            return all(_enter_run(found, tokens, run) for run in runs)
    if len(places) == 1 and not sign_of(tokens):
        (index,) = places
        return all(_enter(found, _kind_at(tokens, quantity), index, _figure(tokens, quantity)) for quantity in numbers)
    if named or len(numbers) != 1:
        return False
    unit = tokens[numbers[0].last].stem if numbers[0].last < len(tokens) else ""
    kind, sign = found.units.get(unit) or _kind_at(tokens, numbers[0]), sign_of(tokens)
    if kind not in found.kinds:  # "30 units of weight"
        after = [token.stem for token in tokens[numbers[0].last : numbers[0].last + 3]]
        kind = next((found.units[word] for word in after if word in found.units), kind)
    if kind not in found.kinds and (numbers[0].kind is QuantityKind.MONEY or _has(tokens, "budget")):
        kind = "spent"
    if kind == "spent" and not sign and {"has", "have", "with"} & {t.lower for t in tokens[: numbers[0].first]}:
        sign = "<="
    if kind not in found.kinds or not sign:
        return False
    found.limits.append(Limit(kind, sign, _figure(tokens, numbers[0]), Span(tokens[0].start, tokens[-1].end)))
    return True


def _times(tokens: tuple[Token, ...], named: Named, numbers: list[Quantity]) -> bool:
    """Whether the numbers are the times of the things: "A runs from 10 to 12, B from 11 to 1"."""
    starts, ends = numbers[::2], numbers[1::2]
    return len(numbers) == 2 * len(named) and all(
        tokens[a.first - 1].lower == "from"
        and tokens[b.first - 1].lower in ("to", "until")
        and max(a.value, b.value) <= 24
        for a, b in zip(starts, ends, strict=True)
    )


def _alternate(named: Named, numbers: list[Quantity]) -> bool:
    """Whether a number follows each name before the next: "A 5, B 6", "5 for A and 6 for B"."""
    order = sorted([*((place, "name") for _, place in named), *((q.first, "number") for q in numbers)])
    return all(a[1] != b[1] for a, b in pairwise(order))


def _enter_row(found: Choices, tokens: tuple[Token, ...], named: Named, numbers: list[Quantity]) -> bool:
    """Enter one number for each thing, all of one kind: that of the words before the first."""
    behind = [tokens[q.last].stem for q in numbers if q.last < len(tokens) and tokens[q.last].kind == "word"]
    named_stems = {word for thing in found.things for word in thing.words}
    counted = {word for word in behind if word not in plain("function") and word not in named_stems}
    before = [t.stem for t in reversed(tokens[: numbers[0].first]) if t.stem not in named_stems]
    kind = _kind(before) or _kind(list(counted))
    if len(counted) > 1 or sign_of(tokens) or not kind:
        return False
    if any(found.units.setdefault(unit, kind) != kind for unit in counted):
        return False
    return all(_enter(found, kind, index, _figure(tokens, q)) for (index, _), q in zip(named, numbers, strict=True))


def _together(tokens: tuple[Token, ...], run: list[Quantity]) -> bool:
    """Whether nothing but commas, "and" and one unit stands between the numbers of a run."""
    between = [{token.lower for token in tokens[a.last : b.first]} for a, b in pairwise(run)]
    units = set().union(*between) - {",", "and"}
    return not units or (len(units) == 1 and all(units <= words for words in between))


def _enter_run(found: Choices, tokens: tuple[Token, ...], run: list[Quantity]) -> bool:
    before = [token.stem for token in reversed(tokens[max(0, run[0].first - 4) : run[0].first])]
    kind = _kind(before)
    for token in tokens[run[0].last : run[1].first]:
        if token.kind == "word" and token.lower != "and" and found.units.setdefault(token.stem, kind) != kind:
            return False
    return all(_enter(found, kind, index, _figure(tokens, quantity)) for index, quantity in enumerate(run))


def _kind_at(tokens: tuple[Token, ...], quantity: Quantity) -> str:
    """Return the kind of one number: by the words just before it, else by its unit or the rest of the clause."""
    before = [token.stem for token in reversed(tokens[max(0, quantity.first - 4) : quantity.first])]
    after = [token.stem for token in tokens[quantity.last : quantity.last + 3]]
    near = _kind([word for word in before if word in _stems("spent") | _stems("earned")])
    return near or _kind(after) or _kind(before)


def _enter(found: Choices, kind: str, index: int, figure: Figure) -> bool:
    """Enter a number once; False where it has no kind, or another number stands there."""
    return bool(kind) and found.kinds.setdefault(kind, {}).setdefault(index, figure) == figure
