"""What a text aims at, what the numbers of a clause measure, and how often it says: "at least two"."""

from __future__ import annotations

from collections.abc import Iterator

from formulation.embedded.labels import Figure, span_of, stems_of
from formulation.embedded.lexicon import covers, numbers, plain, stem, stems
from formulation.embedded.objective import Goal, goals
from formulation.embedded.quantities import Quantity, QuantityKind, quantities
from formulation.embedded.tokens import Token

_BOUNDS = (
    (("at", "least"), ">=", 0),
    (("no", "fewer", "than"), ">=", 0),
    (("not", "fewer", "than"), ">=", 0),
    (("no", "less", "than"), ">=", 0),
    (("minimum", "of"), ">=", 0),
    (("exactly",), "==", 0),
    (("precisely",), "==", 0),
    (("at", "most"), "<=", 0),
    (("no", "more", "than"), "<=", 0),
    (("not", "more", "than"), "<=", 0),
    (("more", "than"), ">=", 1),
)
_NEGATIVE = frozenset(["no", "not", "never", "nobody", "none"])
MONEY = frozenset(["#spent", "#earned"])
FAMILIES = MONEY | {"#time"}
_TIME = frozenset(stem(w) for w in ["time", "minute", "hour", "day", "duration", "delay", "second", "long", "short"])


def level_of(tokens: tuple[Token, ...], told: list[Quantity]) -> tuple[str, Figure] | None:
    """Return the sign and number of "at least two", "exactly one", "no ... more than one", "two or more"."""
    if len(told) != 1:
        return None
    q = told[0]
    low = [token.lower for token in tokens]
    figure = (q.value, span_of(tokens, q.first, q.last))
    for words, sign, more in _BOUNDS:
        if tuple(low[q.first - len(words) : q.first]) == words and q.first >= len(words):
            if words == ("more", "than") and _NEGATIVE & set(low[: q.first]):
                return "<=", figure
            return sign, (figure[0] + more, figure[1])
    if low[q.last : q.last + 2] == ["or", "more"]:
        return ">=", figure
    return None


def kinds_of(tokens: tuple[Token, ...]) -> set[str]:
    """Return what the words of a clause measure: marked families, and the words themselves."""
    words = {token.stem for token in tokens if token.kind == "word" and token.lower not in plain("function")}
    low = {token.lower for token in tokens}
    found = {word for word in words if len(word) > 3}
    if words & (stems("cost", "money") | {stem("price"), stem("cheap"), stem("cheapest"), stem("expensive")}):
        found.add("#spent")
    if words & (stems("profit", "money") | stems("revenue", "money") | stems_of("earned")):
        found.add("#earned")
    if any(q.kind is QuantityKind.MONEY for q in quantities(tokens)):
        found.add("#money")
    if words & _TIME:
        found.add("#time")
    if low & set(covers()["fewest"].split()) - {"little", "small"} or "number" in low:
        found.add("#count")
    return found


def aims_of(split: list[tuple[Token, ...]]) -> list[Goal]:
    """Return what a text wants made large or small, "shortest" and "fastest" where nothing else says so."""
    found = goals(split)
    for number, tokens in enumerate(() if found else split):
        short = [token for token in tokens if token.lower in ("shortest", "quickest", "fastest")]
        found += [Goal("minimize", (token,), number, token.start, token.end, strong=False) for token in short]
    return found


def clauses_of(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """Yield the parts of a sentence that a semicolon, or "but" or "and if" after a comma, divides."""
    begin = 0
    for k, token in enumerate(tokens):
        after = tokens[k + 1].lower if k + 1 < len(tokens) else ""
        joint = token.lower == "but" or (token.lower == "and" and after == "if")
        if token.text == ";" or (joint and k and tokens[k - 1].text == ","):
            yield tokens[begin:k]
            begin = k + 1
    yield tokens[begin:]


def defines(tokens: tuple[Token, ...]) -> bool:
    """Whether a clause only says what "served" means: an element of which one candidate that covers it is chosen."""
    said = f" {' '.join(token.lower for token in tokens)} "
    return (
        any(f" {phrase} " in said for phrase in covers()["served"])
        and " at least one " in said
        and not {"not", "unless"} & set(said.split())
    )


def enter_all(held: dict[int, Figure], places: list[int], figures: list[Figure]) -> bool:
    """Enter a number for each name in their order; False where they do not fit or another number stands there."""
    if len(places) != len(figures) or len(set(places)) != len(places):
        return False
    return all(held.setdefault(i, figure)[0] == figure[0] for i, figure in zip(places, figures, strict=True))


def left_without(tokens: tuple[Token, ...], nouns: set[str]) -> bool:
    """Whether a clause says "no ... may be left without a" before one of the nouns of the candidates."""
    low = [token.lower for token in tokens]
    k = low.index("without") if low.count("without") == 1 else 0
    if not k or low[k - 1] not in ("left", "be", "go", "remain", "stay") or not {"may", "must", "can"} & set(low[:k]):
        return False
    after = tokens[k + 1 : k + 3]
    return len(after) > 1 and after[0].lower in ("a", "an", "any") and after[1].stem in nouns


def scaled_alike(tokens: tuple[Token, ...], told: list[Quantity]) -> bool:
    """Whether all numbers of a clause are told in thousands or millions, or none: not "9 thousand for one, 8 for"."""
    scales = frozenset(numbers()["scales"])
    return len({bool(scales & {token.lower for token in tokens[q.first : q.last]}) for q in told}) < 2
