"""What ties choices together: "at most one of A and B", "A only if B", "if A is chosen, B cannot be", "both A and B".

A clause is read whole or not at all: it has one of these forms, its negations are those of the form, and its names
stand where the form has them.
"""

from __future__ import annotations

from dataclasses import dataclass

from formulation.embedded.lexicon import choices, numbers, stem
from formulation.embedded.tokens import Token
from formulation.formulation import Span

Named = list[tuple[int, int]]
"""The things that a clause names, each with the token where it stands."""

_SIGNS = (
    (("at", "most"), "<="),
    (("no", "more", "than"), "<="),
    (("not", "more", "than"), "<="),
    (("only",), "<="),
    (("at", "least"), ">="),
    (("no", "fewer", "than"), ">="),
    (("exactly",), "=="),
    (("precisely",), "=="),
)
_NEGATIVE = frozenset(["not", "never", "neither", "nor", "no", "without", "nothing", "impossible"])
_MUST = frozenset(["must", "has", "have", "needs", "required", "mandatory", "obligatory"])
_MAY = frozenset(["may", "can", "could"])
_STRANGE = frozenset(
    ["except", "instead", "before", "after", "during", "until", "twice", "half", "more", "fewer", "than"]
)
_TIMES = frozenset(["week", "day", "year", "month", "least", "most", "exactly"])


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties choices together: the sum of ``left`` (sign) ``number``, plus the thing on the ``right`` if any."""

    left: tuple[int, ...]
    sign: str
    right: int | None
    number: int
    evidence: Span


def ties_of(tokens: tuple[Token, ...], named: Named) -> list[Tie] | None:
    """Return the ties that a clause says, None where it is not clear."""
    low = [token.lower for token in tokens]
    place = Span(tokens[0].start, tokens[-1].end)
    things = tuple(dict.fromkeys(index for index, _ in named))
    group = grouped(tokens, named)
    if group is not None:
        return [group]
    if not things:
        return None
    if set(low) & (_STRANGE | _TIMES):
        return None
    if {"if", "when", "whenever", "unless"} & set(low) or _phrase(low, "requires") is not None:
        return _conditional(low, named, place)
    return _plain(low, tokens, named, things, place)


def _phrase(low: list[str], name: str) -> int | None:
    """Return where one of the phrases of a list of choices.toml begins."""
    for phrase in choices()[name]:
        words = phrase.split()
        for k in range(len(low) - len(words) + 1):
            if low[k : k + len(words)] == words:
                return k
    return None


def grouped(tokens: tuple[Token, ...], named: Named, before: tuple[int, ...] = ()) -> Tie | None:
    """Return the tie of "at least two of A, B and C", or "at most one of them", which may be the things ``before``."""
    low = [token.lower for token in tokens]
    units = numbers()["units"]
    for k in range(len(low) - 2):
        sign = next((s for words, s in _SIGNS if tuple(low[max(0, k - len(words)) : k]) == words), "")
        count = units.get(low[k], int(low[k]) if low[k].isdigit() and len(low[k]) < 3 else None)
        if not sign or count is None or low[k + 1] != "of":
            continue
        inside = tuple(dict.fromkeys(index for index, at in named if at > k))
        if named and len(inside) < len({index for index, _ in named}):
            return None
        if not inside and (low[k + 2] in ("them", "these") or low[k + 2 : k + 4] in (["the", "two"], ["these", "two"])):
            inside = before if low[k + 2] != "the" or len(before) == 2 else ()
        extra = set(low) & (_STRANGE | _TIMES | _NEGATIVE | {"if", "when", "unless"})
        used = {word for words, s in _SIGNS if s == sign for word in words}
        if len(inside) < 2 or not 0 <= count <= len(inside) or extra - used:
            return None
        return Tie(inside, sign, None, int(count), Span(tokens[0].start, tokens[-1].end))
    return None


def _conditional(low: list[str], named: Named, place: Span) -> list[Tie] | None:
    """Return the ties of "A only if B", "if A, then B must be", "B cannot be if A is", "A not unless B"."""
    if {"either", "unless"} & set(low) and "unless" not in low:
        return None
    cut = next((k for k, word in enumerate(low) if word in ("if", "when", "whenever", "unless")), None)
    negative = sum(word in _NEGATIVE for word in low)
    if cut is None:
        cut = _phrase(low, "requires") or 0
        left, right = [i for i, k in named if k < cut], [i for i, k in named if k > cut]
        return _each(left, right, place) if not negative and _plainly(low, right) else None
    left, right = [i for i, k in named if k < cut], [i for i, k in named if k > cut]
    if low[cut] == "unless":
        return _each(left, right, place) if negative == 1 and len(left) == len(right) == 1 and left else None
    if "only" in low[:cut]:
        return _each(left, right, place) if not negative and _plainly(low[cut:], right) else None
    if "only" in low:
        return None
    if left:
        return _implied(low[cut:], right, low[:cut], left, place)
    comma = next((k for k in range(cut, len(low)) if low[k] in (",", "then")), None)
    if comma is None:
        return None
    first, then = [i for i, k in named if cut < k < comma], [i for i, k in named if k > comma]
    return _implied(low[cut:comma], first, low[comma:], then, place)


def _plainly(low: list[str], right: list[int]) -> bool:
    return len(set(right)) == 1 or "or" not in low


def _each(left: list[int], right: list[int], place: Span) -> list[Tie] | None:
    """Return that each on the left is chosen only with each on the right."""
    if not left or not right or set(left) & set(right):
        return None
    return [Tie((i,), "<=", j, 0, place) for i in dict.fromkeys(left) for j in dict.fromkeys(right)]


def _implied(condition: list[str], first: list[int], said: list[str], then: list[int], place: Span) -> list[Tie] | None:
    """Return the ties of a condition with its names and of what follows from it with its own."""
    if not first or not then or set(first) & set(then):
        return None
    no_first, no_then = (sum(word in _NEGATIVE for word in words) for words in (condition, said))
    must, may = bool(_MUST & set(said)), bool(_MAY & set(said))
    if max(no_first, no_then) > 1 or "or" in said or (len(then) > 1 and no_then) or {"need"} & set(said) or may == must:
        return None
    if may and not no_then:
        return None  # it may, or may not
    if no_then and not may and not ({"must"} & set(said)):
        return None  # "does not have to"
    if len(first) > 1 and "or" not in condition:
        if len(then) > 1 or no_first:
            return None
        (other,) = then
        if no_then:
            return [Tie((*first, other), "<=", None, len(first), place)]
        return [Tie(tuple(first), "<=", other, len(first) - 1, place)]
    if no_first and len(first) > 1:
        return None
    ties = []
    for i in first:
        for j in then:
            match bool(no_first), bool(no_then):
                case False, False:
                    ties.append(Tie((i,), "<=", j, 0, place))
                case False, True:
                    ties.append(Tie((i, j), "<=", None, 1, place))
                case True, False:
                    ties.append(Tie((i, j), ">=", None, 1, place))
                case _:
                    ties.append(Tie((j,), "<=", i, 0, place))
    return ties


def _plain(
    low: list[str], tokens: tuple[Token, ...], named: Named, things: tuple[int, ...], place: Span
) -> list[Tie] | None:
    """Return the ties of a clause without a condition: exclusion, togetherness, and what must be chosen."""
    negative = [k for k, word in enumerate(low) if word in _NEGATIVE]
    must, may = bool(_MUST & set(low)), bool(_MAY & set(low))
    if _phrase(low, "one") is not None and len(things) == 2 and len(negative) == 1:
        return [Tie(things, "<=" if may and not must else "==", None, 1, place)]  # "A or B, but not both"
    if {"need", "necessary"} & set(low) and negative:
        return None
    if negative and {"have", "has"} & set(low):
        return None
    both = [k for k, word in enumerate(low) if word == "both"]
    if negative and both and len(negative) == 1 and negative[0] < both[0]:
        return _not_both(both, named, place)
    if _phrase(low, "exclusive") is not None and len(negative) <= 1 and len(things) > 1:
        paired = len(things) == 2 or _phrase(low, "exclude_all") is not None
        return [Tie(things, "<=", None, 1, place)] if paired and "or" not in low else None
    if "together" in low and "or" not in low and len(things) == 2:
        if len(negative) == 1:
            return [Tie(things, "<=", None, 1, place)]
        if not negative and (must or "only" in low):
            return [Tie((things[0],), "==", things[1], 0, place)]
        return None
    if negative:
        return None
    if _phrase(low, "inclusive") is not None and must and len(things) == 2:
        return [Tie(things, ">=", None, 1, place)]
    chosen = _phrase(low, "forces") is not None or (must and {token.stem for token in tokens} & _stems("choose"))
    if chosen and not {"or", "either", "together", "one", "some", "any", "only", "both"} & set(low):
        return [Tie((index,), "==", None, 1, place) for index in things]
    return None


def _not_both(both: list[int], named: Named, place: Span) -> list[Tie] | None:
    """Return the ties of "cannot see both A and B, both B and C", or "A and B cannot both be chosen"."""
    ties = []
    for k, here in enumerate(both):
        end = both[k + 1] if k + 1 < len(both) else 10**6
        pair = tuple(index for index, at in named if here < at < end)
        if not pair and len(both) == 1:
            pair = tuple(index for index, at in named if at < here)
        if len(set(pair)) != 2 or len(pair) != 2:
            return None
        ties.append(Tie(pair, "<=", None, 1, place))
    told = sum(len(tie.left) for tie in ties)
    return ties if told == len(named) else None


def _stems(name: str) -> frozenset[str]:
    return frozenset(stem(word) for word in choices()[name].split())
