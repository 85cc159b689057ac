"""What a text aims at, what the numbers of a clause measure, and how often it says: "at least two"."""

from __future__ import annotations

from collections.abc import Iterator

from formulation.embedded.labels import Figure, span_of, stems_of
from formulation.embedded.lexicon import covers, plain, stem, stems
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


def level_of(tokens: tuple[Token, ...], numbers: list[Quantity]) -> tuple[str, Figure] | None:
    """Return the sign and number of "at least two", "exactly one", "no ... more than one", "two or more"."""
    if len(numbers) != 1:
        return None
    q = numbers[0]
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
    """Yield the parts of a sentence that a semicolon, or "but" after a comma, divides."""
    begin = 0
    for k, token in enumerate(tokens):
        if token.text == ";" or (token.lower == "but" and k and tokens[k - 1].text == ","):
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
