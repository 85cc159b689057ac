"""Tokens and sentences of a text, with their places in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from formulation.embedded.lexicon import numbers, plain, root, stem, stems, units

_TOKEN = re.compile(
    r"(?P<break>\n[ \t]*\n\s*|\\n|\n(?=[ \t]*(?:[-*•]|\(?\w[.)])\s)|\n)"
    r"|(?P<space>[^\S\n]+)"
    r"|(?P<number>\d[\d.,]*|\.\d+)"
    r"|(?P<code>(?:DM|USD|EUR|GBP|CAD|AUD|INR|CNY|RMB|US|HK|NT|Rs)(?=[$]?\d))"
    r"|(?P<word>[^\W\d_]\w*)"
    r"|(?P<currency>[$€£¥₹])"
    r"|(?P<mark>.)",
    re.DOTALL,
)
_NUMERALS = frozenset().union(*(numbers()[name] for name in ("units", "tens", "scales")))
_MATHEMATICS = re.compile(r"[\d,.]{1,20}[$]")
_ABBREVIATIONS = frozenset(
    {
        "sq",
        "ft",
        "approx",
        "vs",
        "mr",
        "mrs",
        "ms",
        "dr",
        "no",
        "inc",
        "co",
        "st",
        "e.g",
        "i.e",
        "lbs",
        "oz",
        "hr",
        "hrs",
        "min",
    }
)


_TITLES = frozenset(["mr", "mrs", "ms", "dr", "st", "prof"])
_COUNTED = frozenset(["percent", "times", "dollar", "euro", "cent"])


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """A word, number or sign. ``kind`` is "word", "number", "currency", "percent" or "mark".

    Tokens are told apart by identity, so that what is known of a sentence can be kept.
    ``joined`` says that a hyphen ties it to the token before, ``measure`` that it measures out another noun
    ("acres of", "au of" where the text counts "5 au of" things), ``one`` that an article counts: the "a" of "takes a
    plank" where planks are counted elsewhere.
    """

    text: str
    kind: str
    start: int
    end: int
    lower: str
    stem: str
    root: str
    joined: bool = False
    measure: bool = False
    one: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """Consecutive tokens that end at a full stop, a blank line or a bullet."""

    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        """The offset of the first character."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """The offset after the last character."""
        return self.tokens[-1].end


def _token(text: str, kind: str, start: int, end: int) -> Token:
    lower = text.lower()
    if kind != "word":
        return Token(text, kind, start, end, lower, lower, lower)
    if len(text) == 1 and (text.isupper() or text not in "aistdm") and text != "I":
        return Token(text, kind, start, end, lower + "_", lower + "_", lower + "_")
    if "_" in lower:
        plain = lower.replace("_", "")
        return Token(text, kind, start, end, plain, plain, plain)
    base = stem(lower)
    return Token(text, kind, start, end, lower, base, root(lower), measure=base in stems("measure"))


@lru_cache(maxsize=4)
def sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text; hyphens inside words divide them, signs of mark-up are left out."""
    found: list[Sentence] = []
    current: list[Token] = []

    def close() -> None:
        if any(token.kind != "mark" for token in current):
            found.append(Sentence(tuple(current)))
        current.clear()

    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "mark"
        start, end = match.span()
        raw = match.group()
        match kind:
            case "space":
                continue
            case "break":
                following = text[end : end + 12].lstrip(" \t\r")
                bullet = following[:1] in "-*•" or bool(re.match(r"\(?\w[.)]\s", following))
                if raw.count("\n") > 1 or raw == "\\n" or bullet:
                    close()
                continue
            case "number":
                while raw and raw[-1] in ".,":
                    raw, end = raw[:-1], end - 1
                current.append(_token(raw, "number", start, end))
                for offset in range(end, match.end()):
                    _sign(text, offset, current, close)
            case "word":
                _word(text, raw, start, end, current)
            case "code":
                current.append(_token(raw, "currency", start, end))
            case "currency":
                after = text[end : end + 2].lstrip()[:1]
                if raw == "$" and text[start - 1 : start] != "\\" and _MATHEMATICS.match(text, end):
                    continue  # "$50$" is 50 in mathematics, not in money
                before = text[start - 1 : start]
                if (
                    (text[start - 1 : start].isdigit() and not _closes(text, start))
                    or after.isdigit()
                    or after in (".", "$", "\\")
                    or raw != "$"
                    or (before == "\\" and after)
                ):
                    if not (current and current[-1].kind == "currency" and current[-1].end >= start - 1):
                        current.append(_token(raw, "currency", start, end))
            case _:
                _sign(text, start, current, close)
    close()
    return _counted(_measured(found))


def _counted(found: list[Sentence]) -> tuple[Sentence, ...]:
    """Return the sentences with the articles marked that say how much something takes: "takes a plank", "an hour"."""
    told = {
        after.stem
        for sentence in found
        for before, after in pairwise(sentence.tokens)
        if before.kind == "number" and after.kind == "word" and after.lower not in plain("function")
    }
    return tuple(Sentence(tuple(_marked(sentence.tokens, told))) for sentence in found)


def _marked(tokens: tuple[Token, ...], told: set[str]) -> Iterator[Token]:
    takes = False
    for k, token in enumerate(tokens):
        takes = takes or token.lower in plain("consumption")
        article = takes and token.lower in ("a", "an") and k + 2 < len(tokens)
        if article:
            noun = tokens[k + 2 if tokens[k + 1].lower == "single" else k + 1]
            direct = tokens[k - 1].lower in plain("consumption") and noun.stem in told
            further = tokens[k - 1].lower == "and" and noun.stem in units()
            token = replace(token, one=direct or further)
        yield token


def _measured(found: list[Sentence]) -> list[Sentence]:
    """Return the sentences with the text's own units marked: words that twice stand between a number and "of"."""
    tally: Counter[str] = Counter()
    for sentence in found:
        tokens = sentence.tokens
        for k in range(1, len(tokens) - 1):
            if tokens[k].kind == "word" and tokens[k - 1].kind == "number" and tokens[k + 1].lower == "of":
                tally[tokens[k].stem] += 1
    own = {word for word, count in tally.items() if count > 1 and word not in plain("function")} - stems("measure")
    if not own:
        return found
    return [
        Sentence(tuple(replace(t, measure=True) if t.stem in own else t for t in sentence.tokens)) for sentence in found
    ]


def _closes(text: str, place: int) -> bool:
    """Whether a dollar sign after a number closes mathematics that another one opened."""
    k = place - 1
    while k >= 0 and place - k < 24 and (text[k].isdigit() or text[k] in ",."):
        k -= 1
    return k >= 0 and text[k] == "$"


def _word(text: str, raw: str, start: int, end: int, current: list[Token]) -> None:
    """Append a word; "n't" becomes "not", and a possessive "s" stays a mark."""
    lower = raw.lower()
    before = current[-1] if current else None
    if before is not None and before.kind == "number" and before.end == start and lower in ("st", "nd", "rd", "th"):
        current[-1] = _compound(text[before.start : end], before.start, end)  # "1st"
        return
    counted = before is not None and (before.kind == "number" or before.lower in _NUMERALS)
    if before is not None and counted and len(raw) == 1 and (before.end == start or raw in "gl"):
        current.append(Token(raw, "word", start, end, lower, lower, lower, measure=lower in "gl"))  # "250g", "3 l"
        return
    if before is not None and text[start - 1 : start] == "-" and before.end == start - 1 and _names(before, lower):
        current[-1] = _token(f"{before.lower}-{lower}", "word", before.start, end)  # "two-piece", "3-pack"
        return
    if current and current[-1].text in ("'", "’") and current[-1].end == start:
        if lower == "t" and len(current) > 1 and current[-2].lower.endswith("n"):
            verb = current[-2]
            if len(verb.lower) > 3:  # "mustn", "won"; "can" is whole
                said = "will" if verb.lower == "won" else verb.lower[:-1]
                current[-2] = _token(said, "word", verb.start, verb.end)
            current[-1] = _token("not", "word", start - 1, end)
            return
        if lower in ("s", "re", "ll", "ve", "d", "m"):
            current[-1] = Token("'" + lower, "mark", start - 1, end, "'" + lower, "'" + lower, "'" + lower)
            return
    if lower == "cannot":
        current.append(_token("can", "word", start, start + 3))
        current.append(_token("not", "word", start + 3, end))
        return
    if before is not None and before.kind == "word" and before.end == start - 1 and text[start - 1] == "-":
        if (
            lower.removesuffix("s") in plain("function")
            or lower in plain("function")
            or before.lower in plain("function")
            or before.lower in ("u_",)
            or "-" in before.text
        ):
            aimed = before.lower in ("least", "lowest", "most") and lower in ("cost", "price", "profit")
            if not before.lower.startswith("non") and not aimed:
                current[-1] = _compound(text[before.start : end], before.start, end)  # "all-in-one"
                return
    if raw == "A" and not (current and current[-1].kind == "word"):
        current.append(Token(raw, "word", start, end, "a", "a", "a"))
        return
    token = _token(raw, "word", start, end)
    if text[start - 1 : start] in ("-", "‐", "‑") and current and current[-1].end == start - 1:
        token = replace(token, joined=True)
    current.append(token)


def _compound(raw: str, start: int, end: int) -> Token:
    """Return the token of a compound that holds a word of grammar, which is one name: "all-in-one"."""
    lower = raw.lower()
    return Token(raw, "word", start, end, lower, stem(lower), root(lower))


def _names(number: Token, word: str) -> bool:
    """Whether a number hyphened to a word is part of a name, and not a count of a unit or a fraction."""
    counts = numbers()
    if number.kind != "number" and number.lower not in counts["units"]:
        return False
    if any(word in counts[table] for table in ("units", "tens", "scales", "fractions")):
        return False
    return stem(word) not in stems("measure") and stem(word) not in stems("period") and word not in _COUNTED


def _sign(text: str, start: int, current: list[Token], close: Callable[[], None]) -> None:
    sign = text[start]
    if sign in "-‐‑" and current and current[-1].end == start and text[start + 1 : start + 2].isalnum():
        return
    if sign in "\\*_`#~{}":
        return
    if sign == "%":
        current.append(_token(sign, "percent", start, start + 1))
        return
    bullet = not current or (current[-1].text in (":", ";") and text[start + 1 : start + 2] == " ")
    if sign in "-•–" and bullet:
        return
    current.append(_token(sign, "mark", start, start + 1))
    if (
        sign == "."
        and len(current) > 1
        and current[-2].lower in ("sq", "approx")
        and not _ends_sentence(text, start, current)
    ):
        current.pop()
        return
    if sign in "!?" or (sign == "." and _ends_sentence(text, start, current)):
        close()


def _ends_sentence(text: str, start: int, current: list[Token]) -> bool:
    after = text[start + 1 : start + 2]
    if after and not after.isspace() and not (after.isupper() or after in "\\\"')”’(-•"):
        return False
    before = current[-2].lower if len(current) > 1 else ""
    if before in _TITLES:
        return False
    if before in _ABBREVIATIONS or (len(before) <= 2 and text[start - 2 : start - 1] == "."):
        rest = text[start + 1 : start + 4].strip()
        return not rest or rest[0].isupper()
    return True
