"""Where in the text a quote stands: the model quotes, this code finds the characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from formulation.formulation import Evidence, Span

_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "\u00a0": " ", "…": "."})


def spans_of(quotes: Iterable[str], text: str) -> tuple[Evidence, tuple[str, ...]]:
    """Return the spans of the quotes in the text, in order and without repeats, and the quotes not found.

    Case, white space and the shapes of quotation marks and dashes are passed over; an ellipsis joins pieces
    that are looked for one by one. Nothing is guessed: a quote that is not in the text has no span.
    """
    folded, places = _folded(text)
    found: set[Span] = set()
    lost: list[str] = []
    for quote in quotes:
        pieces = [_folded(piece)[0].strip(" .,;:'\"") for piece in re.split(r"\.\.\.|…", quote)]
        pieces = [piece for piece in pieces if piece]
        starts = [folded.find(piece) for piece in pieces]
        if not pieces or any(start < 0 for start in starts):
            if quote.strip():
                lost.append(quote)
            continue
        for piece, start in zip(pieces, starts, strict=True):
            found.add(Span(places[start], places[start + len(piece) - 1] + 1))
    return tuple(sorted(found)), tuple(lost)


@lru_cache(maxsize=64)
def _folded(text: str) -> tuple[str, tuple[int, ...]]:
    """Return the text in folded form, and for each of its characters the offset it comes from."""
    out: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for folded in unicodedata.normalize("NFKC", character.translate(_SAME)).casefold():
            if folded.isspace():
                if out and out[-1] == " ":
                    continue
                folded = " "
            out.append(folded)
            places.append(place)
    return "".join(out), tuple(places)
