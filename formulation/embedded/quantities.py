"""Numbers of a text: their value, what kind of number each is, and where it stands."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache

from formulation.embedded.lexicon import measures, numbers, plain
from formulation.embedded.tokens import Token

_SPREAD = 20
_PLAIN = re.compile(r"\d+(?:\.\d+)?|\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?")


class QuantityKind(StrEnum):
    """What a number counts."""

    PLAIN = "plain"
    MONEY = "money"
    PERCENT = "percent"
    MULTIPLE = "multiple"
    FRACTION = "fraction"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number at tokens [first, last) of its sentence. A percentage's value is already a share of one.

    ``worded`` says that it is written in letters; ``malformed`` that its value is not certain.
    """

    value: float
    kind: QuantityKind
    first: int
    last: int
    worded: bool = False
    malformed: bool = False


@lru_cache(maxsize=256)  # a sentence is read once for each set of decisions that is tried
def quantities(tokens: tuple[Token, ...]) -> tuple[Quantity, ...]:
    """Return the quantities of a sentence in their order."""
    found: list[Quantity] = []
    index = 0
    while index < len(tokens):
        quantity = _at(tokens, index) if _may_begin(tokens[index]) else None
        if quantity is None:
            index += 1
        else:
            found.append(quantity)
            index = quantity.last
    return tuple(_scaled_together(tokens, found))


def _scaled_together(tokens: tuple[Token, ...], found: list[Quantity]) -> list[Quantity]:
    """Return the quantities with the scale that a list shares: "30, 55 and 10 thousand dollars" are all thousands.

    Where the last number is much smaller than the others ("500, 750 and 1 thousand"), none of them is certain.
    """
    first = 0
    for k, quantity in enumerate(found):
        if k and any(t.text != "," and t.lower not in ("and", "or") for t in _between(tokens, found[k - 1], quantity)):
            first = k
        scale = max((numbers()["scales"].get(t.lower, 1) for t in tokens[quantity.first : quantity.last]), default=1)
        run = found[first:k]
        if not run or scale < 1000 or quantity.worded or any(_is_scaled(tokens, one) for one in run):
            continue
        doubtful = max(one.value for one in run) > _SPREAD * quantity.value / scale
        for j, one in enumerate(run, first):
            found[j] = replace(
                one,
                value=one.value * scale,
                kind=quantity.kind if one.kind == QuantityKind.PLAIN else one.kind,
                malformed=one.malformed or doubtful,
            )
    return found


def _between(tokens: tuple[Token, ...], one: Quantity, two: Quantity) -> tuple[Token, ...]:
    return tokens[one.last : two.first]


def _is_scaled(tokens: tuple[Token, ...], quantity: Quantity) -> bool:
    """Whether a number has a scale of its own, or is of a size or kind that shares none."""
    scaled = any(t.lower in numbers()["scales"] for t in tokens[quantity.first : quantity.last])
    return scaled or quantity.value >= 1000 or quantity.kind not in (QuantityKind.PLAIN, QuantityKind.MONEY)


@cache
def _beginnings() -> frozenset[str]:
    """Return the words with which a quantity may begin; "a" for "a quarter of an hour", "an" for "an hour and ..."."""
    return frozenset({"a", "an"}).union(*numbers().values())


def _may_begin(token: Token) -> bool:
    return token.kind in ("number", "currency") or token.one or token.lower in _beginnings()


def _at(tokens: tuple[Token, ...], index: int) -> Quantity | None:
    token = tokens[index]
    if (amount := _compound(tokens, index)) is not None:
        return amount
    if (
        token.kind == "number"
        and index + 1 < len(tokens)
        and tokens[index + 1].lower in ("d", "d_")
        and tokens[index + 1].start == token.end
    ):
        return None
    if token.kind == "currency":
        if index + 1 < len(tokens) and (inner := _cardinal(tokens, index + 1)) is not None:
            value, last, _, malformed = inner
            return Quantity(value, QuantityKind.MONEY, index, last, malformed=malformed)
        return None
    hyphened = index + 1 < len(tokens) and tokens[index + 1].joined
    if (multiple := numbers()["multiples"].get(token.lower)) is not None and not hyphened:
        return Quantity(multiple, QuantityKind.MULTIPLE, index, index + 1, worded=True)
    if (glyph := numbers()["glyphs"].get(token.text)) is not None:
        return Quantity(glyph, QuantityKind.FRACTION, index, index + 1)
    if (
        token.lower in numbers()["fractions"]
        and not token.lower.endswith("s")
        and (fraction := _bare_fraction(tokens, index)) is not None
    ):
        return fraction
    inner = _cardinal(tokens, index)
    if inner is None:
        return None
    value, last, worded, malformed = inner
    if last < len(tokens):
        after = tokens[last]
        denominator = numbers()["fractions"].get(after.lower)
        if denominator is not None and value == int(value) and value < denominator and after.lower != "second":
            return Quantity(value / denominator, QuantityKind.FRACTION, index, last + 1, worded=True)
        if after.kind == "percent" or after.lower in ("percent", "percentage", "pct"):
            part = _part_of_amount(tokens, index, last + 1, value / 100)
            return part or Quantity(value / 100, QuantityKind.PERCENT, index, last + 1, worded, malformed)
        if after.lower == "per" and last + 1 < len(tokens) and tokens[last + 1].lower == "cent":
            return Quantity(value / 100, QuantityKind.PERCENT, index, last + 2, worded, malformed)
        if after.lower == "times" or (after.lower == "time" and not worded):
            beyond = tokens[last + 1].lower if last + 1 < len(tokens) else ""
            if beyond in ("a", "an", "per", "every", "each", "in", "daily", "weekly", ".", ",", ";", "and", "or", ""):
                return Quantity(value, QuantityKind.PLAIN, index, last, worded, malformed)
            return Quantity(value, QuantityKind.MULTIPLE, index, last + 1, worded, malformed)
        if after.lower in ("dollar", "dollars", "usd", "euro", "euros", "cents", "bucks") or (
            after.kind == "currency"
            and not (last + 1 < len(tokens) and tokens[last + 1].kind == "number" and after.text == "$")
        ):
            if after.lower == "cents":
                value /= 100
            return Quantity(value, QuantityKind.MONEY, index, last + 1, worded, malformed)
        if after.text == "/" and last + 1 < len(tokens) and tokens[last + 1].kind == "number" and not worded:
            below = _cardinal(tokens, last + 1)
            if below is not None and below[0] > 0:
                return Quantity(value / below[0], QuantityKind.FRACTION, index, below[1])
        if (glyph := numbers()["glyphs"].get(after.text)) is not None:
            return Quantity(value + glyph, QuantityKind.PLAIN, index, last + 1, malformed=malformed)
    return Quantity(value, QuantityKind.PLAIN, index, last, worded, malformed)


def _compound(tokens: tuple[Token, ...], index: int) -> Quantity | None:
    """Return the quantity of "half an hour", "1 1/2", "two and a half", "1 hour 15 minutes", or an article that counts.

    Its last token stands before the unit that its value counts.
    """
    if (part := _part_of_unit(tokens, index)) is not None:
        return part
    token = tokens[index]
    if token.one:
        single = tokens[index + 1].lower == "single"
        return Quantity(1.0, QuantityKind.PLAIN, index, index + 1 + single, worded=True)
    if token.lower in ("a", "an"):  # "an hour and ten minutes"
        return _in_two_units(tokens, index, 1.0, index + 1) if index + 1 < len(tokens) else None
    whole = _cardinal(tokens, index)
    if whole is None or whole[3] or whole[1] >= len(tokens):
        return None
    value, last, worded, _ = whole
    if [t.lower for t in tokens[last : last + 3]] == ["and", "a", "half"]:
        if last + 3 < len(tokens) and tokens[last + 3].lower == "times":
            return Quantity(value + 0.5, QuantityKind.MULTIPLE, index, last + 4, worded)
        return Quantity(value + 0.5, QuantityKind.PLAIN, index, last + 3, worded)
    if tokens[last].kind == "number" and not worded:
        share = _at(tokens, last)
        if share is not None and share.kind == QuantityKind.FRACTION and share.value < 1:
            return Quantity(value + share.value, QuantityKind.PLAIN, index, share.last)
    return _in_two_units(tokens, index, value, last)


def _part_of_amount(tokens: tuple[Token, ...], first: int, last: int, share: float) -> Quantity | None:
    """Return the quantity of "30% of the $9,000", which is an amount like any other."""
    if [t.lower for t in tokens[last : last + 2]] != ["of", "the"] or last + 2 >= len(tokens):
        return None
    if tokens[last + 2].kind not in ("number", "currency"):
        return None
    whole = _at(tokens, last + 2)
    if whole is None or whole.malformed or whole.kind not in (QuantityKind.PLAIN, QuantityKind.MONEY):
        return None
    return Quantity(share * whole.value, whole.kind, first, whole.last)


def _part_of_unit(tokens: tuple[Token, ...], index: int) -> Quantity | None:
    """Return the quantity of "half an hour", "a quarter of an hour", "three quarters of a kilo"."""
    count, place = 1.0, index + (tokens[index].lower == "a")
    inner = _cardinal(tokens, index) if place == index else None
    if inner is not None:
        count, place = inner[0], inner[1]
    share = numbers()["fractions"].get(tokens[place].lower) if place < len(tokens) else None
    if share is None or count >= share:
        return None
    article = place + 1 + (place + 1 < len(tokens) and tokens[place + 1].lower == "of")
    if article + 1 >= len(tokens) or tokens[article].lower not in ("a", "an"):
        return None
    if tokens[article + 1].lower in numbers()["scales"] or tokens[article + 1].kind != "word":
        return None
    return Quantity(count / share, QuantityKind.PLAIN, index, article + 1, worded=True)


def _in_two_units(tokens: tuple[Token, ...], index: int, value: float, last: int) -> Quantity | None:
    """Return the quantity of "1 hour 15 minutes", in the smaller of the two units."""
    second = last + 1 + (last + 1 < len(tokens) and tokens[last + 1].lower == "and")
    rest = _cardinal(tokens, second) if second < len(tokens) else None
    if rest is None or rest[3] or rest[1] >= len(tokens):
        return None
    large, small = tokens[last].stem, tokens[rest[1]].stem
    sizes = next((family for family in measures() if large in family and small in family), None)
    if sizes is None or rest[0] * sizes[small] >= sizes[large]:
        return None
    return Quantity(value * (sizes[large] / sizes[small]) + rest[0], QuantityKind.PLAIN, index, rest[1])


def _bare_fraction(tokens: tuple[Token, ...], index: int) -> Quantity | None:
    """Return the quantity for "half", "a third", "a quarter"; an ordinal ("the third machine") is none."""
    word = tokens[index].lower
    before = tokens[index - 1].lower if index else ""
    after = tokens[index + 1].lower if index + 1 < len(tokens) else ""
    if word not in ("half", "third", "quarter") and not (before == "a" and after == "of"):
        return None
    if word == "half" or before in ("a", "least", "most", "than", "exceed") or after in ("of", "the"):
        if word == "third" and before in ("the", "s"):
            return None
        lead = tokens[index - 2].lower if index > 1 else ""
        if (
            word == "third"
            and before == "a"
            and after not in ("of", "the", "as")
            and lead not in ("least", "most", "than")
        ):
            return None  # "a third party"
        return Quantity(1 / numbers()["fractions"][word], QuantityKind.FRACTION, index, index + 1, worded=True)
    return None


def _cardinal(tokens: tuple[Token, ...], index: int) -> tuple[float, int, bool, bool] | None:
    """Return (value, end, worded, malformed) of the digits or number words at ``index``."""
    token = tokens[index]
    scales = numbers()["scales"]
    if token.kind == "number":
        return _digits(tokens, index)
    if token.kind != "word" or _is_pronoun(tokens, index):
        return None
    units, tens = numbers()["units"], numbers()["tens"]
    total, group, last, seen = 0.0, 0.0, index, False
    while last < len(tokens):
        word = tokens[last].lower
        if word in tens and group % 100 == 0:
            group += tens[word]
        elif (
            word in units
            and (group % 10 == 0 and (group % 100 != 10 or units[word] < 10))
            and not (seen and group % 100 == 0 and group == 0)
        ):
            if seen and group and group % 10 == 0 and units[word] >= 10 and group % 100:
                break
            group += units[word]
        elif word in scales and word != "k" and seen:
            if word in ("hundred", "dozen"):
                group = (group or 1) * scales[word]
            else:
                total += (group or 1) * scales[word]
                group = 0
        elif (
            word in ("hundred", "thousand", "million", "dozen")
            and not seen
            and last
            and tokens[last - 1].lower in ("a", "one", "least", "most")
        ):
            group = scales[word]
        elif (
            word == "and"
            and seen
            and last + 1 < len(tokens)
            and tokens[last - 1].lower in scales
            and (tokens[last + 1].lower in units or tokens[last + 1].lower in tens)
        ):
            last += 1
            continue
        else:
            break
        seen = True
        last += 1
    if not seen:
        return None
    return total + group, last, True, False


def _is_pronoun(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether "one" stands for a noun: "the new one must not", "a small one"."""
    if tokens[index].lower != "one" or index < 2 or tokens[index - 2].lower not in ("the", "a", "an", "each", "every"):
        return False
    if tokens[index - 1].kind != "word" or tokens[index - 1].lower in plain("function"):
        return False
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    return after is None or after.kind == "mark" or after.lower in plain("function") - {"of", "to", "or"}


def _digits(tokens: tuple[Token, ...], index: int) -> tuple[float, int, bool, bool]:
    token = tokens[index]
    malformed = _PLAIN.fullmatch(token.text) is None
    last = index + 1
    value = 0.0
    if not malformed:
        value = float(token.text.replace(",", ""))
        malformed = not math.isfinite(value) or (
            token.text.startswith("0") and len(token.text) > 1 and not token.text.startswith("0.")
        )
    if last < len(tokens):
        after = tokens[last]
        adjacent = after.start == token.end
        if adjacent and after.kind == "word" and re.fullmatch(r"e\d+", after.lower):
            exponent = float(f"{value}{after.lower}") if not malformed else math.inf
            malformed = malformed or not math.isfinite(exponent)
            value = exponent if math.isfinite(exponent) else 0.0
            last += 1
        elif (
            after.kind == "number"
            and len(token.text) <= 3
            and after.start == token.end + 1
            and re.match(r"\d{3}(?!\d)", after.text)
        ):
            malformed = True
            last += 1
        elif after.lower in ("thousand", "million", "billion", "millions", "hundred", "dozen") or (
            after.lower in ("k", "m") and adjacent and (after.lower == "k")
        ):
            value *= numbers()["scales"][after.lower]
            last += 1
    return value, last, False, malformed
