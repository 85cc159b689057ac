"""What the user answered, worked into the text that is read.

An answer writes a doubtful number anew, leaves a number out, adds a sentence, or settles a choice that the words leave
open. A question's id holds the place of what it asks about in the text as it was given ("use-120-123"), so that it is
the same in every round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from formulation.embedded.grids import Cell
from formulation.embedded.unfold import Unfolded
from formulation.formulation import Span

TOTAL, EACH = "total", "each"
_NOTHING = re.compile(r"(?:nothing|none|ignore(?: it)?|leave it out)\W*", re.IGNORECASE)
_NUMBER = re.compile(r"[$€£]?\s*\d+(?:,\d{3})*(?:\.\d+)?\s*%?")
_TOGETHER = frozenset(["total", "together", "both", "all"])
_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Settled:
    """The text with the answers worked in, and (offset in the given text, ``TOTAL`` or ``EACH``) for its limits."""

    unfolded: Unfolded
    shares: frozenset[tuple[int, str]]


def question_id(kind: str, span: Span) -> str:
    """Return the id of a question about a place of the given text."""
    return f"{kind}-{span.start}-{span.end}"


def settle(text: str, answers: Iterable[tuple[str, str]]) -> Settled | None:
    """Return the text as the answers make it; None where none of them is about it or could be understood."""
    changes: dict[tuple[int, int], str] = {}
    added: list[tuple[str, Cell]] = []
    shares: set[tuple[int, str]] = set()
    for identifier, value in answers:
        said = " ".join(value[:_LONGEST].split())
        kind, _, place = identifier.partition("-")
        first, _, last = place.partition("-")
        if identifier == "objective" and said:
            added.append((said, Cell("", max(0, len(text) - 1), len(text))))
        if not (first.isdecimal() and last.isdecimal() and int(first) < int(last) <= len(text)):
            continue
        start, end = int(first), int(last)
        if kind == "number" and _NUMBER.fullmatch(said):
            changes[start, end] = said
        elif kind == "use" and said:
            changes[start, end] = ""
            if _NOTHING.fullmatch(said) is None:
                added.append((said, Cell("", start, end)))
        elif kind == "share" and (words := set(said.lower().split())) & (_TOGETHER | {"each"}):
            shares.add((start, EACH if "each" in words else TOTAL))
    if not (changes or added or shares):
        return None
    unfolded, here = Unfolded(), 0
    for (start, end), new in sorted(changes.items()):
        if start < here:
            continue
        unfolded.keep(text[here:start], here)
        unfolded.say(new, Cell("", start, end))
        here = end
    unfolded.keep(text[here:], here)
    for sentence, cell in added:
        unfolded.say(f"\n\n{sentence.rstrip('.!? ')}.", cell)
    return Settled(unfolded, frozenset(shares))
