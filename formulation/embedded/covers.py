"""Covering, packing and partition: candidates that cover elements, and how often each element is to be covered.

Least cost or fewest candidates where every element is covered at least so often (covering) or exactly once (partition),
most profit where at most once (packing), and most of what is served under a limit (maximal covering). The text is read
whole or not at all: every number is used, every element has somebody who covers it, and no condition is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from formulation.embedded.choices import Limit, sign_of
from formulation.embedded.grids import grids
from formulation.embedded.incidence import Incidence, find_incidence, parts, told_in_time
from formulation.embedded.kinds import (
    FAMILIES,
    MONEY,
    aims_of,
    clauses_of,
    defines,
    enter_all,
    kinds_of,
    left_without,
    level_of,
    scaled_alike,
)
from formulation.embedded.labels import (
    Figure,
    Finder,
    Place,
    is_label,
    lists_known,
    shape,
    shared_words,
    span_of,
    stems_of,
    value_of,
    verb_at,
    words_of,
)
from formulation.embedded.lexicon import covers, plain, root, stem, units
from formulation.embedded.objective import Goal
from formulation.embedded.quantities import Quantity, QuantityKind, quantities
from formulation.embedded.ties import Tie, grouped, ties_of
from formulation.embedded.tokens import Token
from formulation.formulation import Span

_MOST = 60
_FEW = 2
_LONGEST = 1_500
_MILLION = 1e6
_ARTICLES = frozenset(["the", "a", "an", "only", "both", "all", "just", "no"])
_LISTING = frozenset([",", "and", "or", "to", "through"])


@dataclass(slots=True)
class Cover:
    """What the text tells; ``needs`` are (sign, number) of every element, ``own`` the lower bounds of single ones.

    ``cost`` is of the candidates (empty: they are counted), ``weight`` of the elements (empty unless it is what is
    served that is made large), ``limits`` bound the count (kind empty) or the cost of what is chosen.
    """

    incidence: Incidence
    sense: str
    goal: Span
    needs: dict[str, Figure] = field(default_factory=dict)
    own: dict[int, Figure] = field(default_factory=dict)
    cost: dict[int, Figure] = field(default_factory=dict)
    weight: dict[int, Figure] = field(default_factory=dict)
    limits: list[Limit] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    unit: str = ""

    def covering(self, element: int) -> int:
        """Return how many candidates cover an element."""
        return sum(1 for _, j in self.incidence.pairs if j == element)


def find_cover(text: str) -> Cover | None:
    """Return the covering, packing or partition problem of a text; None where it is none, or not read whole."""
    if grids(text):
        return None
    split = parts(text)
    if max(map(len, split), default=0) > _LONGEST:
        return None
    told = _incidences(text)
    aims = aims_of(split) if told else []
    if len({aim.sense for aim in aims}) != 1:
        return None
    for incidence in told:
        if 2 <= len(incidence.subjects) <= _MOST and 2 <= len(incidence.listed) <= _MOST:
            found = _Reader(split, incidence, aims).read()
            if found is not None:
                _in_millions(found, text)
                return found
    return None


def tells_cover(text: str) -> bool:
    """Whether a text tells who covers what and how often each must be covered, so that no other form may read it."""
    split = parts(text)
    if max(map(len, split), default=0) > _LONGEST:
        return False
    told = [one for one in _incidences(text) if len(one.pairs) > _FEW and len(one.subjects) > 1]
    aims = aims_of(split) if told else []
    return bool(aims) and any(_Reader(split, incidence, aims).needs() for incidence in told)


@lru_cache(maxsize=4)  # asked before and after the sentences are read
def _incidences(text: str) -> tuple[Incidence, ...]:
    return tuple(find_incidence(parts(text)))


def _in_millions(found: Cover, text: str) -> None:
    """Keep costs that are all told in millions in millions, with these as their unit."""
    told = [*found.cost.values(), *(limit.bound for limit in found.limits if limit.kind)]
    if found.cost and all("million" in text[span.start : span.end].lower() for _, span in told):
        found.unit = "million"
        found.cost = {i: (value / _MILLION, span) for i, (value, span) in found.cost.items()}
        found.limits = [
            replace(limit, bound=(limit.bound[0] / _MILLION, limit.bound[1])) if limit.kind else limit
            for limit in found.limits
        ]


class _Reader:
    """Reads the sentences beside those that tell who covers what."""

    def __init__(self, split: list[tuple[Token, ...]], incidence: Incidence, aims: list[Goal]) -> None:
        self.split = split
        self.incidence = replace(incidence, listed_nouns=set(incidence.listed_nouns))
        self.aims = aims
        first = split[aims[0].sentence]
        self.found = Cover(incidence, aims[0].sense, Span(first[0].start, first[-1].end))
        self.found.cost.update(incidence.told)
        self.priced: set[str] = set()  # the stems of the sentences that tell costs
        self.weighed: set[str] = set()
        self.timed = any(told_in_time(split[number]) for number in incidence.used)
        self.subject_nouns = incidence.subject_nouns | shared_words(incidence.subjects)
        self.listed_nouns = set(incidence.listed_nouns) | shared_words(incidence.listed)
        self.subjects = Finder(incidence.subjects, self.subject_nouns)
        self.listed = Finder(incidence.listed, self.listed_nouns)
        if incidence.told:
            for number in incidence.used:
                self.priced |= kinds_of(split[number])

    def read(self) -> Cover | None:
        """Return the problem; None where a sentence is not understood or the model is not whole."""
        self._counted_nouns()
        if not all(lists_known(tokens, (self.subjects, self.listed)) for tokens in self.split):
            return None
        for number, tokens in enumerate(self.split):
            if number not in self.incidence.used:
                for clause in clauses_of(tokens):
                    if not self._tell(clause):
                        return None
        return self.found if self._whole() else None

    def needs(self) -> bool:
        """Return whether a clause says how often each must be covered."""
        self._counted_nouns()
        others = [tokens for number, tokens in enumerate(self.split) if number not in self.incidence.used]
        return any(
            self._need(clause, self._told(clause)) for tokens in others for clause in clauses_of(tokens) if clause
        )

    def _told(self, tokens: tuple[Token, ...]) -> list[Quantity]:
        """Return the numbers of a clause that are no labels and do not only count the names."""
        return [q for q in quantities(tokens) if not self._is_label(tokens, q.first) and not self._idle(tokens, q)]

    def _whole(self) -> bool:
        found, n = self.found, len(self.incidence.subjects)
        if (found.cost and len(found.cost) != n) or len(found.needs) > 1:
            return False
        near = {word for aim in self.aims for word in kinds_of(self._aimed(aim))}
        words = {word for aim in self.aims for word in kinds_of(self.split[aim.sentence])}
        words -= self.subject_nouns | self.listed_nouns
        if found.weight:
            served = any(t.lower in words_of("passive") for aim in self.aims for t in self.split[aim.sentence])
            weighed = len(found.weight) == len(self.incidence.listed) and bool(words & self.weighed)
            costly = not found.cost or any(limit.kind for limit in found.limits)
            return (
                weighed and served and costly and found.sense == "maximize" and bool(found.limits) and not found.needs
            )
        if not found.needs or (any(limit.kind for limit in found.limits) and not found.cost):
            return False
        ((sign, (number, _)),) = found.needs.items()
        if sign != "==" and (sign == ">=") != (found.sense == "minimize"):
            return False
        if sign != "<=" and any(
            found.covering(j) < max(number, found.own.get(j, (0.0, Span(0, 0)))[0])
            for j in range(len(self.incidence.listed))
        ):
            return False
        if found.own and sign == "<=":
            return False
        counted = bool(near & {"#count"})
        if not found.cost:
            return counted
        families = (near if near & FAMILIES else words) & FAMILIES
        money = {"#money"} if families <= MONEY else set()
        return not counted and bool((families or words - {"#count", "#money"}) & self.priced or money & self.priced)

    def _aimed(self, aim: Goal) -> tuple[Token, ...]:
        """Return the tokens of what is to be best, with the word before them ("fewest")."""
        tokens = self.split[aim.sentence]
        inside = [k for k, token in enumerate(tokens) if aim.start <= token.start < aim.end]
        return tokens[max(inside[0] - 1, 0) : inside[-1] + 1] if inside else ()

    def _said(self, tokens: tuple[Token, ...]) -> set[str]:
        """Return the lower-case words of a clause without those of the objective and of phrases that say nothing."""
        aimed = {t.start for aim in self.aims for t in self._aimed(aim)}
        kept = [t.lower for t in tokens if t.start not in aimed or t.lower in ("if", "unless", "except", "not", "only")]
        said = f" {' '.join(kept)} "
        for phrase in covers()["harmless"]:
            said = said.replace(f" {phrase} ", " ")
        return set(said.split())

    def _is_label(self, tokens: tuple[Token, ...], k: int) -> bool:
        """Whether a number names a candidate or element; behind an unknown noun it tells something of it."""
        return is_label(tokens, k) and (shape(tokens[k]) != "number" or self._noun(tokens, k))

    def _noun(self, tokens: tuple[Token, ...], k: int) -> bool:
        back = k - 1
        while back >= 0 and (shape(tokens[back]) == "number" or tokens[back].lower in _LISTING):
            back -= 1
        if back >= 0 and tokens[back].lower in ("numbered", "labelled", "labeled"):
            return value_of(tokens[k]) in {**self.listed.values, **self.subjects.values}
        return back >= 0 and tokens[back].stem in self.subject_nouns | self.listed_nouns

    def _counted_nouns(self) -> None:
        """Learn what elements and candidates are called from "six districts", "the four nurses"."""
        n, m = len(self.incidence.subjects), len(self.incidence.listed)
        for tokens in self.split:
            for q in quantities(tokens):
                noun = next((t.stem for t in tokens[q.last : q.last + 2] if t.lower not in plain("function")), "")
                if not noun or q.kind is not QuantityKind.PLAIN or n == m or is_label(tokens, q.first):
                    continue
                if q.value == m and noun not in self.subject_nouns:
                    self.listed_nouns.add(noun)
                    self.incidence.listed_nouns.add(noun)
                elif q.value == n and noun not in self.listed_nouns:
                    self.subject_nouns.add(noun)

    def _tell(self, tokens: tuple[Token, ...]) -> bool:
        """Enter what a clause says; False where a number or condition of it has no place."""
        if not tokens:
            return True
        numbers = self._told(tokens)
        if any(q.malformed for q in numbers):
            return False
        needed = self._need(tokens, numbers)
        if needed is not None:
            return needed
        if defines(tokens):
            return all(q.value == 1 for q in numbers)
        subjects, listed = self.subjects.at(tokens), self.listed.at(tokens)
        if not numbers:
            return self._say(tokens, subjects, listed)
        if any(q.kind not in (QuantityKind.PLAIN, QuantityKind.MONEY) for q in numbers):
            return False
        if len(self._units(tokens, numbers)) > 1:
            return False
        figures = [(q.value, span_of(tokens, q.first, q.last)) for q in numbers]
        if not scaled_alike(tokens, numbers):
            return False
        tie = grouped(tokens, [(i, first) for i, first, _ in subjects]) if len(subjects) > 1 and not listed else None
        if tie is not None:
            self.found.ties.append(tie)
            return True
        if subjects and not (listed and len(subjects) != len(numbers)):
            self.priced |= kinds_of(tokens)
            return self._bare(tokens) and enter_all(self.found.cost, [i for i, _, _ in subjects], figures)
        if listed:
            self.weighed |= kinds_of(tokens)
            return self._bare(tokens) and enter_all(self.found.weight, [j for j, _, _ in listed], figures)
        if len(numbers) == len(self.incidence.subjects) and {token.stem for token in tokens} & self.subject_nouns:
            self.priced |= kinds_of(tokens)
            return self._bare(tokens) and enter_all(self.found.cost, list(range(len(numbers))), figures)
        return len(numbers) == 1 and self._limit(tokens, numbers[0], figures[0])

    def _units(self, tokens: tuple[Token, ...], numbers: list[Quantity]) -> set[str]:
        """Return what the numbers of a clause are counted in, as far as it is told: money, or the word behind one."""
        found = {"$" for q in numbers if q.kind is QuantityKind.MONEY}
        names = {
            t.start for finder in (self.subjects, self.listed) for _, a, b in finder.at(tokens) for t in tokens[a:b]
        }
        for q in numbers:
            after = tokens[q.last] if q.last < len(tokens) and q.kind is QuantityKind.PLAIN else None
            if (
                after is not None
                and after.kind == "word"
                and after.lower not in plain("function")
                and after.start not in names
            ):
                found.add(after.stem)
        return found

    def _bare(self, tokens: tuple[Token, ...]) -> bool:
        """Whether no bound or condition stands in a clause that tells numbers."""
        return not ({t.lower for t in tokens} & (_danger() - {"second", "first"}))

    def _limit(self, tokens: tuple[Token, ...], q: Quantity, figure: Figure) -> bool:
        """Enter a number that no name stands beside: a limit, or what each candidate costs."""
        n = len(self.incidence.subjects)
        words = {token.stem for token in tokens}
        said = self._said(tokens)
        after = [t for t in tokens[q.last : q.last + 3] if t.lower not in plain("function")]
        counted = tokens[q.last : q.last + 1] and tokens[q.last].lower == "of"
        noun = bool(after) and after[0].stem in self.subject_nouns
        sign, place = sign_of(tokens), Span(tokens[0].start, tokens[-1].end)
        if said & (_danger() - set(covers()["bounding"].split())):
            return False
        money = q.kind is QuantityKind.MONEY or bool(words & {stem("budget"), stem("spend"), stem("spent")})
        if sign and (counted or noun) and not money:
            every = said & set(covers()["quantifiers"].split()) or words & (self.listed_nouns - self.subject_nouns)
            if every or not {token.root for token in tokens} & _chosen():
                return False
            if figure[0] != int(figure[0]) or figure[0] > n:
                return False
            self.found.limits.append(Limit("", sign, figure, place))
            return True
        if sign == "<=" and money and not noun:
            self.found.limits.append(Limit("spent", sign, figure, place))
            return True
        each = {"each", "every"} & said and words & self.subject_nouns
        if each and not sign and not self.found.cost:
            self.priced |= kinds_of(tokens)
            return enter_all(self.found.cost, list(range(n)), [figure] * n)
        return False

    def _say(self, tokens: tuple[Token, ...], subjects: list[Place], listed: list[Place]) -> bool:
        """Enter a clause without numbers: a tie of candidates, a list of names, or nothing at all."""
        said = self._said(tokens)
        asked = tokens[-1].text == "?" and not subjects and not listed
        danger = (said - {"if"} if asked else said) & _danger()
        some, part = {i for i, _, _ in subjects}, {j for j, _, _ in listed}
        if some and len(some) < len(self.incidence.subjects):
            ties = ties_of(tokens, [(i, first) for i, first, _ in subjects])
            self.found.ties += ties or ()
            return ties is not None
        ends = {"through", "to"} & {t.lower for t in tokens} and self._all_between(sorted(part))
        if part and len(part) < len(self.incidence.listed) and not ends:
            return False  # something is said of some of them
        return not danger and not self._states(tokens, named=bool(subjects or listed))

    def _all_between(self, part: list[int]) -> bool:
        """Whether two elements are the ends of all: "labelled L1 through L6"."""
        ends = [int(digits) for j in part if (digits := "".join(filter(str.isdigit, self.incidence.listed[j].name)))]
        return len(part) == len(ends) == 2 and abs(ends[1] - ends[0]) + 1 == len(self.incidence.listed)

    def _states(self, tokens: tuple[Token, ...], *, named: bool) -> bool:
        """Whether a clause says that something covers something: it was not read, so it must not be passed over."""
        for k in range(1, len(tokens) - 1):
            n = verb_at(tokens, k) or verb_at(tokens, k, passive=True)
            if not n or k + n >= len(tokens) or any(self._aimed_at(t) for t in tokens[k : k + n]):
                continue
            after = tokens[k + n]
            object_follows = after.kind == "word" and after.lower not in plain("function") - _ARTICLES
            if (named or tokens[k].stem in self.incidence.verbs) and (object_follows or shape(after)):
                return True
        return False

    def _aimed_at(self, token: Token) -> bool:
        return any(aim.start <= token.start < aim.end and token in self.split[aim.sentence] for aim in self.aims)

    def _idle(self, tokens: tuple[Token, ...], q: Quantity) -> bool:
        """Whether a number only counts all candidates or elements, or is a pronoun."""
        before = tokens[q.first - 1].lower if q.first else ""
        bound = (
            before in ("least", "most", "than", "exactly", "precisely", "only", "by")
            or q.kind is not QuantityKind.PLAIN
        )
        after = tokens[q.last] if q.last < len(tokens) else None
        if before == "within" and after is not None and after.stem in units():
            return self.timed  # "within ten minutes of", where they are told to be reached "in that time"
        if bound or (after is not None and after.stem in units()):
            return False
        if q.value in (len(self.incidence.subjects), len(self.incidence.listed)) and after is not None:
            return after.kind == "word" and (q.worded or after.lower not in plain("function"))
        pronoun = before in ("", "the", "each", "any", "this", "that", ",", "and", "as") or after is None
        return tokens[q.first].lower == "one" and (
            pronoun or (after is not None and after.lower in ("of", "day", "after"))
        )

    def _need(self, tokens: tuple[Token, ...], numbers: list[Quantity]) -> bool | None:
        """Enter how often every element, or some of them, must be covered; None where the clause does not say that."""
        low = [token.lower for token in tokens]
        said = f" {' '.join(low)} "
        quantified = self._quantified(tokens)
        named = {j for j, _, _ in self.listed.at(tokens)}
        every = len(named) == len(self.incidence.listed)
        must = any(f" {phrase} " in said for phrase in covers()["must"])
        covering = (
            any(
                verb_at(tokens, k) or verb_at(tokens, k, passive=True) or low[k] in words_of("passive")
                for k in range(1, len(tokens))
            )
            or bool({"someone", "somebody", "anyone"} & set(low))
            or any(token.stem in self.incidence.verbs for token in tokens)
        )
        if self.subjects.at(tokens):
            return None
        level = level_of(tokens, numbers)
        if (
            quantified == "no"
            and not numbers
            and left_without(tokens, self.subject_nouns)
            and not self._said(tokens[1:]) & (_danger() - {"without"})
        ):
            figure = (1.0, Span(tokens[0].start, tokens[-1].end))
            return self.found.needs.setdefault(">=", figure)[0] == 1
        if quantified is None and not every:
            if named and must and covering and level is not None and level[0] == ">=" and len(numbers) == 1:
                return all(self.found.own.setdefault(j, level[1]) == level[1] for j in named)
            return None
        allowed = must or (level is not None and level[0] == "<=" and any(f" {p} " in said for p in covers()["may"]))
        if quantified == "no" and (level is None or level[0] != "<="):
            return None
        if not allowed or not (
            covering or (level is not None and len(numbers) == 1 and self._of_candidates(tokens, numbers[0]))
        ):
            return None
        if not self._silent(tokens):
            return False
        if level is None:
            if numbers or quantified == "no":
                return False
            level = (">=", (1.0, Span(tokens[0].start, tokens[-1].end)))
        elif len(numbers) != 1 or not self._of_candidates(tokens, numbers[0]):
            return False
        if level[1][0] < 1 or level[1][0] != int(level[1][0]):
            return False
        sign, figure = level
        held = self.found.needs.setdefault(sign, figure)
        return held[0] == figure[0]

    def _of_candidates(self, tokens: tuple[Token, ...], q: Quantity) -> bool:
        """Whether a number counts those who cover: "two stations", "one of them", "one."."""
        after = tokens[q.last] if q.last < len(tokens) else None
        if after is None or after.kind == "mark" or after.lower in plain("function") or after.lower == "of":
            return True
        return after.stem not in self.listed_nouns - self.subject_nouns and after.stem not in units()

    def _quantified(self, tokens: tuple[Token, ...]) -> str | None:
        """Return the quantifier that speaks of all elements: "each", or "no" of "no guide can ..."; None if none."""
        for k, token in enumerate(tokens):
            low = token.lower
            before = {t.stem for t in tokens[:k]} & (self.listed_nouns - self.subject_nouns)
            if low == "each" and before and k + 1 < len(tokens) and tokens[k - 1].stem in ("must", "should", "to"):
                return "each"  # "the legs must each be flown by"
            if low in ("everything", "everyone", "everybody"):
                return "each"
            if low not in ("each", "every", "all", "any", "no") or (low == "no" and k):
                continue
            noun = next(
                (
                    t
                    for t in tokens[k + 1 : k + 6]
                    if t.kind == "word" and t.lower not in plain("function") and not quantities((t,))
                ),
                None,
            )
            if noun is None:
                continue
            if noun.stem in self.listed_nouns or (
                noun.stem not in self.subject_nouns and not verb_at(tokens, tokens.index(noun))
            ):
                if noun.stem not in self.listed_nouns and not self._free(noun):
                    continue
                return "no" if low == "no" else "each"
        return None

    def _free(self, noun: Token) -> bool:
        """Whether a noun may be what the elements are called: nothing else in the text is known of it."""
        self_named = {word for thing in (*self.incidence.subjects, *self.incidence.listed) for word in thing.words}
        return not self.incidence.listed_nouns and noun.stem not in self_named and noun.stem not in stems_of("spent")

    def _silent(self, tokens: tuple[Token, ...]) -> bool:
        """Whether a need has no other condition in it."""
        said = self._said(tokens)
        if {"not", "never"} & said and not {"more", "fewer", "less"} & said:
            return False
        return not said & (_danger() - set(covers()["needing"].split()))


@cache
def _chosen() -> frozenset[str]:
    return frozenset(root(word) for word in covers()["chosen"].split())


@cache
def _danger() -> frozenset[str]:
    return frozenset(covers()["danger"].split())
