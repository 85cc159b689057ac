"""What a text states without a number that can be used: conditions in words, negative amounts.

The reader makes no rows of them; a text that holds one is not stood behind, and the words are named.
"""

from __future__ import annotations

import re

from formulation.embedded.quantities import quantities
from formulation.embedded.tokens import Sentence
from formulation.formulation import Span
from formulation.reading import ReadingFailure

_CONDITION = re.compile(
    r" (?:only if|only be [a-z]+ if|only (?:when|where)|unless|(?:not|cannot|can not|can't) both|either [a-z]+ or not|"
    r"either (?:\w+ ){1,3}or (?:not|left)|(?:cannot|can not|can't|must not|may not) (?:\w+ ){0,3}together|"
    r"(?:taken|chosen|used|bought|booked|built|picked|selected) (?:only |at most |just )?once|"
    r"at most one \w+ of each|all or nothing|"
    r"mutually exclusive|every (?:other|second|third|fourth|fifth|tenth)|for free|"
    r"for (?:\w+ ){1,9}to be (?:\w+ )?(?:feasible|viable|worthwhile|profitable)) "
)
_VAGUE = re.compile(
    r" (?:(?:at most|at least|no (?:more|less|fewer) than|not more than|up to|only) "
    r"(?:some|a few|several|a handful of|a certain (?:number|amount) of)|"
    r"there (?:is|are) (?:a |an |some )?(?:limits?|cap|maximum|minimum|restrictions?) (?:on|to|of|for)) "
)
_NEGATIVE = re.compile(r"(?<=[^\S\n(])[-−–][$€£]?\d[\d.,]*")


def unusable(text: str, sentences: tuple[Sentence, ...]) -> list[ReadingFailure]:
    """Return what the text states and no row of a formulation can hold, with its place."""
    found = []
    for sentence in sentences:
        words = " ".join(token.lower for token in sentence.tokens if token.kind == "word")
        place = Span(sentence.start, sentence.end)
        said = " ".join(text[place.start : place.end].split())
        if _CONDITION.search(f" {words} "):
            found.append(ReadingFailure("conditions", f"The condition in “{said}” was not read.", (place,)))
        numbered = bool(quantities(sentence.tokens))
        if (vague := _VAGUE.search(f" {words} ")) and (not numbered or not vague.group().startswith(" there")):
            found.append(ReadingFailure("amounts", f"The limit in “{said}” has no number.", (place,)))
    for match in _NEGATIVE.finditer(text):
        detail = f"{match.group()!r} is a negative amount; say what it means."
        found.append(ReadingFailure("numbers", detail, (Span(*match.span()),)))
    return found
