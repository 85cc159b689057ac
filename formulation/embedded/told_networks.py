"""Transport and assignment told in sentences, whatever the names look like, with what limits single routes.

The names of both sides are looked for in lists of the text, behind "from" and "to", and in front of rows of numbers
("Ruth asks 240 for the roof and 110 for the wall, Sven 210 and 100"). Each way of naming is tried; one must read the
text whole: every pair has one number or is ruled out, every other number its place, and no condition is passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from formulation.embedded.grids import grids
from formulation.embedded.incidence import parts
from formulation.embedded.kinds import aims_of
from formulation.embedded.labels import Finder, Thing, lists_known, span_of
from formulation.embedded.lexicon import networks, plain, stem, stems, units
from formulation.embedded.network_names import says_once, ways
from formulation.embedded.networks import End, Event, Figure, Network, enter_pairs
from formulation.embedded.objective import Goal
from formulation.embedded.quantities import Quantity, QuantityKind, quantities
from formulation.embedded.tokens import Token
from formulation.embedded.vocabularies import capitalised_names, is_numeral
from formulation.formulation import Span

_LEAST_NUMBERS = 4
_MOST_NUMBERS = 600
_LONGEST = 1_500
_MOST_ENDS = 40


def find_told_network(text: str) -> Network | None:
    """Return the transport or assignment problem that the sentences of a text tell; None where none, or not whole."""
    whole = parts(text)
    told = sum(1 for tokens in whole for token in tokens if token.kind == "number" or is_numeral(token))
    if not _LEAST_NUMBERS <= told <= _MOST_NUMBERS or max(map(len, whole), default=0) > _LONGEST or grids(text):
        return None
    split = [clause for tokens in whole for clause in _clauses(_without_idle(tokens))]
    if any(token.stem in _stems("conditional") for tokens in split for token in tokens):
        return None
    if any(q.kind is QuantityKind.PERCENT for tokens in split for q in quantities(tokens)):
        return None
    aims = aims_of(split)
    if len({aim.sense for aim in aims}) != 1:
        return None
    found: list[Network] = []
    for moved, (origins, destinations, nouns) in ways(split):
        if not 1 < max(len(origins), len(destinations)) <= _MOST_ENDS or not origins or not destinations:
            continue
        if _too_many(told, origins, destinations, moved=moved):
            continue
        network = _Reader(split, aims, origins, destinations, nouns, moved=moved).read()
        if network is not None:
            found.append(network)
    return found[0] if found and all(_same(found[0], other) for other in found[1:]) else None


def _too_many(told: int, origins: list[Thing], destinations: list[Thing], *, moved: bool) -> bool:
    """Whether a text has more numbers than pairs, ends and limits of so many names can take."""
    if any(c.isdigit() for thing in (*origins, *destinations) for c in thing.name):
        return False  # the names hold numbers themselves
    pairs, ends = len(origins) * len(destinations), len(origins) + len(destinations)
    return told > (2 * pairs + ends if moved else pairs) + 2 * ends


def _same(one: Network, other: Network) -> bool:
    """Whether two ways of naming tell the same numbers."""
    return all(
        sorted(f[1] for f in a.values()) == sorted(f[1] for f in b.values())
        for a, b in ((one.pair, other.pair), (one.route, other.route), (one.supply, other.supply))
    ) and len(one.banned) == len(other.banned)


@cache
def _stems(name: str) -> frozenset[str]:
    return frozenset(stem(word) for word in networks()[name].split())


def _without_idle(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return the tokens without phrases that only repeat that something goes its way: "190 if it goes to ..."."""
    if not any(token.lower == "if" for token in tokens):
        return tokens
    kept: list[Token] = []
    k = 0
    low = [token.lower for token in tokens]
    while k < len(tokens):
        idle = next(
            (n for phrase in networks()["idle"] for n in [len(phrase.split())] if low[k : k + n] == phrase.split()), 0
        )
        if not idle:
            kept.append(tokens[k])
        k += max(idle, 1)
    return tuple(kept)


def _clauses(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """Yield the parts of a sentence that "whereas", "while", a semicolon or ", but" divide, or ", and it"."""
    begin = 0
    for k, token in enumerate(tokens):
        after = {t.lower for t in tokens[k + 1 : k + 3]}
        comma = k > 0 and tokens[k - 1].text == ","
        pronoun = (
            token.lower == "and"
            and comma
            and after & {"it", "all", "both", "nobody", "none", "everything", "he", "she", "they"}
        )
        relative = comma and token.lower in ("all", "both") and after & {"which", "whom"}
        if relative and tokens[begin:k]:
            yield tokens[begin:k]
            begin = k
        if (
            token.text == ";"
            or token.lower in ("whereas", "while")
            or (token.lower in ("but", "so", "where") and comma)
            or pronoun
        ):
            if tokens[begin:k]:
                yield tokens[begin:k]
            begin = k + 1
    if tokens[begin:]:
        yield tokens[begin:]


class _Reader:
    """Reads the clauses of a text with the names of both sides given."""

    def __init__(
        self,
        split: list[tuple[Token, ...]],
        aims: list[Goal],
        origins: list[Thing],
        destinations: list[Thing],
        nouns: set[str],
        *,
        moved: bool,
    ) -> None:
        self.split = split
        ends = ([_end(t) for t in origins], [_end(t) for t in destinations])
        self.network = Network(*ends, moved=moved, sense=aims[0].sense)
        first = split[aims[0].sentence]
        self.network.goal = Span(first[0].start, first[-1].end)
        self.aims = aims
        self.finders = {"origin": Finder(origins, nouns), "destination": Finder(destinations, nouns)}
        self.nouns = nouns
        self.current: int | None = None
        self.called: Counter[int] = Counter()  # how often a destination stands beside numbers
        self.single = False  # whether the text says that each takes part once

    def read(self) -> Network | None:
        """Return the network; None where a clause is not understood or a number is missing."""
        known = tuple(self.finders.values())
        if not all(lists_known(tokens, known) and self._tell(tokens) for tokens in self.split):
            return None
        network = self.network
        network.pair = {key: figure for key, figure in network.pair.items() if key not in network.banned}
        pairs = len(network.pair) + len(network.banned) == len(network.origins) * len(network.destinations)
        if not pairs:
            return None
        if not network.moved:
            rows = Counter(j for _, j in network.pair)
            if any(self.called[j] < rows[j] for j in rows):
                return None  # a number of a row is told of nothing
            plainly = not (network.supply or network.demand or network.route or network.least or network.every)
            return network if plainly and self.single and _matched(network) else None
        if len(network.supply) != len(network.origins) or len(network.demand) != len(network.destinations):
            return None
        has, needs = (sum(f[0] for f in held.values()) for held in (network.supply, network.demand))
        if network.capacity:
            ends = network.every or network.sense == "maximize"
            return network if ends and (not network.every or has <= needs) else None
        if network.every and has > needs:
            return None  # must all that there is go, or all that is needed come?
        return network if has >= needs and network.sense == "minimize" else None

    def _tell(self, tokens: tuple[Token, ...]) -> bool:
        events, numbers = self._events(tokens)
        sides = {event.side for event in events} - {"number"}
        said = self._said(tokens)
        again = [k for k in range(len(tokens)) if _says_again(tokens, k)]
        if numbers and self._unknown(tokens):
            return False
        if any(q.malformed or q.kind not in (QuantityKind.PLAIN, QuantityKind.MONEY) for q in numbers):
            return False
        origins = [e.index for e in events if e.side == "origin"]
        targets = [e.index for e in events if e.side == "destination"]
        between = self._bans(tokens) and any(t.lower == "between" for t in tokens)
        if not numbers and (not len(origins) == len(targets) == 1 if between else self._mixed(tokens)):
            return False  # "between" rules out the route of an origin and a destination, and nothing else
        if not numbers:
            if self._bans(tokens) and targets and (origins or self.current is not None):
                return self._ban(origins or [self.current or 0], targets)
            return self._silent(tokens, said, named=bool(sides))
        low = f" {' '.join(t.lower for t in tokens)} "
        upper = any(f" {phrase} " in low for phrase in networks()["upper"])
        upper = upper or (" more than " in low and bool(said & set(networks()["negative"].split())))
        lower = any(f" {phrase} " in low for phrase in networks()["lower"])
        if sides == {"origin", "destination"}:
            if upper and not lower and len(numbers) == len(origins) == len(targets) == 1 and self._is_limit(low):
                key = (origins[0], targets[0])
                return self.network.route.setdefault(key, events_figure(events)) == events_figure(events)
            if said & (_conditions() - {"same" for _ in again}) or upper or lower:
                return False
            pairs = pairwise(tokens)
            if any(a.kind == "number" and b.lower == "or" for a, b in pairs):
                return False  # "6 or 3"
            self.current = origins[-1]
            self.called.update(targets)
            return enter_pairs(self.network, events)
        if said & (_conditions() - _LIMITING):
            return False
        listed = len(numbers) == len(origins) * len(self.network.destinations) and said & {"order", "respectively"}
        if listed and sides == {"origin"} and not (self.network.moved or upper or lower):
            self.called.update(list(range(len(self.network.destinations))) * len(origins))
            return enter_pairs(self.network, events)
        if len(sides) == 1 and self.network.moved:
            return self._ends(tokens, events, upper=upper, lower=lower)
        return False

    def _mixed(self, tokens: tuple[Token, ...]) -> bool:
        """Whether a list has names of both sides: "X, Y and Z" of which only some are origins."""
        sides = [
            {k for _, first, last in finder.at(tokens) for k in range(first, last)} for finder in self.finders.values()
        ]
        joints = [k for k, token in enumerate(tokens[:-1]) if k and token.lower in (",", "and", "or")]
        return any((k - 1 in a and k + 1 in b) or (k - 1 in b and k + 1 in a) for k in joints for a, b in [sides])

    def _unknown(self, tokens: tuple[Token, ...]) -> bool:
        """Whether a name that is none of the ends stands in a clause with numbers."""
        known = {
            t.start
            for finder in self.finders.values()
            for _, first, last in finder.at(tokens)
            for t in tokens[first:last]
        }
        for name in capitalised_names(tokens):
            if any(t.start in known or t.stem in self.nouns for t in name):
                continue
            if name[0] is not tokens[0] or (len(tokens) > 1 and tokens[1].kind in ("number", "currency")):
                return True
        return False

    def _is_limit(self, low: str) -> bool:
        return not any(f" {word} " in low for word in networks()["priced"].split())

    def _ends(self, tokens: tuple[Token, ...], events: list[Event], *, upper: bool, lower: bool) -> bool:
        """Enter what the places of one side have or need, or can take at most."""
        network = self.network
        named = [e.index for e in events if e.side != "number"]
        figures = [e.figure for e in events if e.side == "number"]
        words = {token.stem for token in tokens}
        if len(named) != len(figures) or len(set(named)) != len(named) or (upper and lower):
            return False
        origin = any(e.side == "origin" for e in events)
        if words & stems("cost", "money") or any(q.kind is QuantityKind.MONEY for q in quantities(tokens)):
            return False
        if origin and lower:
            return all(network.least.setdefault(i, f) == f for i, f in zip(named, figures, strict=True))
        needs, has = words & _stems("needs"), words & _stems("has")
        if (origin and needs and not has) or (not origin and has - _BOTH and not needs and not upper):
            return False
        if not origin:
            if network.demand and network.capacity != upper:
                return False
            network.capacity = upper
        held = network.supply if origin else network.demand
        self._name_unit(tokens)
        return all(held.setdefault(i, f)[0] == f[0] for i, f in zip(named, figures, strict=True))

    def _name_unit(self, tokens: tuple[Token, ...]) -> None:
        for q in quantities(tokens):
            after = tokens[q.last] if q.last < len(tokens) else None
            if (
                not self.network.unit
                and after is not None
                and after.kind == "word"
                and after.lower not in plain("function")
            ):
                self.network.unit = after.lower

    def _events(self, tokens: tuple[Token, ...]) -> tuple[list[Event], list[Quantity]]:
        """Return the names and numbers of a clause in their order, and the numbers that tell something."""
        places: list[tuple[int, Event]] = []
        taken: set[int] = set()
        for side, finder in self.finders.items():
            for index, first, last in finder.at(tokens):
                places.append((first, Event(side, index)))
                taken |= set(range(first, last))
        places += [(k, Event("again", 0)) for k in range(len(tokens)) if _says_again(tokens, k)]
        numbers = []
        for q in quantities(tokens):
            if q.first in taken or self._idle(tokens, q):
                continue
            numbers.append(q)
            places.append((q.first, Event("number", 0, (q.value, span_of(tokens, q.first, q.last)))))
        in_order = [event for _, event in sorted(places, key=lambda place: place[0])]
        return _repeated(in_order), numbers

    def _idle(self, tokens: tuple[Token, ...], q: Quantity) -> bool:
        """Whether a number only counts the places or people, or is the one of "one each", "a tonne", "exactly one"."""
        low = tokens[q.first].lower
        before = tokens[q.first - 1].lower if q.first else ""
        after = tokens[q.last].lower if q.last < len(tokens) else ""
        sizes = (len(self.network.origins), len(self.network.destinations))
        if q.kind is QuantityKind.MULTIPLE:
            return before == "the" and q.value in sizes  # "the sum of the three times"
        if q.kind is not QuantityKind.PLAIN:
            return False
        if low == "one" and after in ("in", "on", "at", "near", "of"):
            return True
        if (
            q.value == 1
            and q.worded
            and (not self.network.moved or before in ("", "driving", "moving", "sending") or q.first < 2)
        ):
            return True
        counts = q.worded and q.value in sizes and before not in ("least", "most", "than", "exactly", "needs", "takes")
        return counts and low != "one" and bool(after) and after not in units() and stem(after) not in units()

    def _bans(self, tokens: tuple[Token, ...]) -> bool:
        said = {token.lower for token in tokens}
        low = f" {' '.join(t.lower for t in tokens)} "
        return bool(said & set(networks()["banning"].split())) or any(
            f" {p} " in low for p in networks()["ban_phrases"]
        )

    def _ban(self, origins: list[int], targets: list[int]) -> bool:
        if len(set(origins)) != 1 and len(set(targets)) != 1:
            return False
        self.network.banned |= {(i, j) for i in origins for j in targets}
        return True

    def _said(self, tokens: tuple[Token, ...]) -> set[str]:
        aimed = [(aim.start, aim.end) for aim in self.aims]
        return {t.lower for t in tokens if not any(a <= t.start < b for a, b in aimed)}

    def _silent(self, tokens: tuple[Token, ...], said: set[str], *, named: bool) -> bool:
        """Whether a clause without numbers says nothing but names, that all must go, or that each takes part once."""
        low = f" {' '.join(t.lower for t in tokens)} "
        if not self.network.moved:
            if says_once(tokens):
                self.single = True
                return not said & (_conditions() - _ONCE)
        else:
            everything = said & {"all", "both", "everything", "whole", "entire"} and any(
                f" {m} " in low for m in networks()["must"]
            )
            if everything and not said & {"no", "not"} and not named and not _needs_only(low):
                self.network.every = True
                return not said & (_conditions() - {"both"})
            if everything and said & {"no", "not"}:
                return not said & (_conditions() - {"no", "not"})
            if everything and "both" in said and not named:
                return not said & (_conditions() - {"both"})
        return not said & _conditions() or tokens[-1].text == "?"


def _says_again(tokens: tuple[Token, ...], k: int) -> bool:
    """Whether "to the same three sites" begins at token k: all the places that the clause named before."""
    low = [token.lower for token in tokens[k : k + 5]]
    return low[:3] == ["to", "the", "same"] and any(word.endswith("s") and word.isalpha() for word in low[3:])


def _repeated(events: list[Event]) -> list[Event]:
    """Return the events with the destinations of a clause again where it says "the same", in the order of the first."""
    found: list[Event] = []
    for event in events:
        if event.side != "again":
            found.append(event)
            continue
        named = [one.index for one in found if one.side == "destination"]
        found += [Event("destination", index) for index in dict.fromkeys(named)]
    return found


_LIMITING = frozenset(["most", "least", "no", "more", "than", "maximum", "minimum", "not", "only"])
_ONCE = frozenset(["one", "exactly", "more", "than", "most", "each", "nobody", "different", "no", "same", "not"])
_BOTH = frozenset(stem(word) for word in ["has", "have"])


def _needs_only(low: str) -> bool:
    """Whether what must all be met is the demand: "all orders must be filled"."""
    return any(f" {word} " in low for word in networks()["filled"].split())


def _conditions() -> frozenset[str]:
    return frozenset(networks()["conditions"].split())


def _end(thing: Thing) -> End:
    return End(thing.name, thing.words, thing.span)


def events_figure(events: list[Event]) -> Figure:
    """Return the one number of a clause."""
    return next(event.figure for event in events if event.side == "number")


def _matched(network: Network) -> bool:
    """Whether the pairs that are not ruled out leave everyone of the fewer something."""
    m, n = len(network.origins), len(network.destinations)
    rows = all(any((i, j) in network.pair for j in range(n)) for i in range(m)) or m > n
    columns = all(any((i, j) in network.pair for i in range(m)) for j in range(n)) or n > m
    return rows and columns
