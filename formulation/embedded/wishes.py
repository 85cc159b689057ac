"""Objectives in everyday words: "to earn the most", "the cheapest mixture".

Looked for only where no sentence says to maximise or minimise something.
"""

from __future__ import annotations

from formulation.embedded.quantities import quantities
from formulation.embedded.tokens import Token

_MOST = frozenset(["most", "highest", "largest", "greatest", "biggest", "best"])
_LEAST = frozenset(["least", "lowest", "smallest", "fewest", "cheapest", "shortest"])
_STOPS = frozenset([".", ",", "?", "!", "(", ":", ";", "-"])
_ENDS = frozenset(
    "while with within by subject given if so using when assuming under that which who and possible each per to will "  # noqa: SIM905
    "can could should would is are from in on at for".split()
)
_FILLERS = frozenset(
    "the a an be is are to as his her its their our my total overall will should would can we i want wants like "  # noqa: SIM905
    "hope hopes wish wishes aim aims plan plans".split()
)
_REACH = 6


def wishes(sentences: list[tuple[Token, ...]]) -> list[tuple[str, tuple[Token, ...], int, int, int]]:
    """Return (sense, the words that say of what, sentence, start, end) for each wish, the last sentence first."""
    found = []
    for number, tokens in enumerate(sentences):
        numbers = {q.first for q in quantities(tokens)}
        for k, token in enumerate(tokens):
            wish = _superlative(tokens, k, numbers) or _how_cheap(tokens, k)
            if wish is not None:
                sense, words = wish
                found.append((sense, words, number, min(w.start for w in words), max(token.end, words[-1].end)))
    return sorted(found, key=lambda wish: -wish[2])


def _superlative(tokens: tuple[Token, ...], k: int, numbers: set[int]) -> tuple[str, tuple[Token, ...]] | None:
    """Read "the most points", "earn the most", "the fewest pipes", "the cheapest mixture"."""
    low = tokens[k].lower
    if low not in _MOST and low not in _LEAST:
        return None
    if k and tokens[k - 1].lower == "at" and low in ("most", "least"):
        return None
    if any(n in numbers for n in range(k + 1, k + 4)):
        return None
    sense = "maximize" if low in _MOST else "minimize"
    after = _following(tokens, k + 1)
    if low == "cheapest":
        return sense, (tokens[k], *after)
    if after:
        return sense, after
    before = _preceding(tokens, k)
    return (sense, before) if before and low in ("most", "least") else None


def _how_cheap(tokens: tuple[Token, ...], k: int) -> tuple[str, tuple[Token, ...]] | None:
    """Read "how cheap can it be" and "how cheaply can it be done"."""
    if tokens[k].lower in ("cheap", "cheaply") and k and tokens[k - 1].lower == "how":
        return "minimize", (tokens[k],)
    return None


def _following(tokens: tuple[Token, ...], first: int) -> tuple[Token, ...]:
    words: list[Token] = []
    for token in tokens[first : first + _REACH]:
        if token.text in _STOPS or token.lower in _ENDS or token.kind not in ("word",):
            break
        words.append(token)
    return tuple(words)


def _preceding(tokens: tuple[Token, ...], end: int) -> tuple[Token, ...]:
    words: list[Token] = []
    for token in reversed(tokens[max(0, end - _REACH) : end]):
        if token.text in _STOPS or token.kind != "word" or (words and token.lower == "to"):
            break
        if token.lower not in _FILLERS:
            words.append(token)
            if len(words) == 2:
                break
    return tuple(reversed(words))
