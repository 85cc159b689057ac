"""What a text states and no row can hold: conditions in words, negative amounts, orders to whoever reads it.

The reader makes no rows of them; a text that holds one is not stood behind, and the words are named.
"""

from __future__ import annotations

import re
from itertools import pairwise

from formulation.embedded.lexicon import numbers
from formulation.embedded.quantities import quantities
from formulation.embedded.tokens import Sentence
from formulation.formulation import Span
from formulation.reading import ReadingFailure

_COUNTS = "|".join(sorted(numbers()["units"] | numbers()["tens"], key=len, reverse=True))
_CONDITION = re.compile(
    r" (?:only if|only be [a-z]+ if|only (?:when|where)|unless|(?:not|cannot|can not|can't) both|either [a-z]+ or not|"
    r"either (?:\w+ ){1,3}or (?:not|left)|(?:cannot|can not|can't|must not|may not) (?:\w+ ){0,3}together|"
    r"(?:taken|chosen|used|bought|booked|built|picked|selected) (?:only |at most |just )?once|"
    r"at most one \w+ of each|all or nothing|"
    r"(?:no longer|does not|doesn't) (?:applies|apply|holds|hold)|"
    r"(?:was|were|been) (?:removed|lifted|abolished|waived)|"
    r"(?:capacity|limit|budget|supply|demand) (?:doubles|triples|halves)|"
    r"(?:of )?each or (?:in|of|for) (?:total|all|both)|if (?:\w+ ){1,6}at all|with (?:a )?probability|"
    r"(?:on|for|from|of|by) one of (?:them|the two|these) .{0,60} the other|"
    r"mutually exclusive|every (?:other|second|third|fourth|fifth|tenth)|for free|"
    r"for (?:\w+ ){1,9}to be (?:\w+ )?(?:feasible|viable|worthwhile|profitable)) "
)
_VAGUE = re.compile(
    r" (?:(?:at most|at least|no (?:more|less|fewer) than|not more than|up to|only) "
    r"(?:some|a few|several|a handful of|a certain (?:number|amount) of)|"
    r"there (?:is|are) (?:a |an |some )?(?:limits?|cap|maximum|minimum|restrictions?) (?:on|to|of|for)) "
)
_NEGATIVE = re.compile(
    rf"\b(?i:takes?|needs?|uses?|requires?|costs?|of|has|have|is|are) minus (?=[$€£]?\d|(?:{_COUNTS})\b)|"
    rf"(?<=[^\S\n(])[-−–][$€£]?\d[\d.,]*|(?<!non-)\b(?i:negative (?:[$€£]?\d[\d.,]*|(?:{_COUNTS})\b))"
)
_ORDER = re.compile(  # to a machine that reads the text, in the words that such orders are known by
    r"\b(?:ignore|disregard|forget|override)(?: \w+){0,3} (?:instructions?|prompts?|above|before|everything)\b|"
    r"\bbefore you (?:solve|answer|read|model)\b|\bwhoever (?:reads|models|solves|answers) this\b|"
    r"\b(?:reply|respond|answer) only\b|\byour own (?:settings|instructions|prompt|rules)\b|"
    r"\b(?:system prompt|hidden instructions?|previous instructions?)\b|"
    r"\byou are (?:now|no longer)\b|\bpretend (?:that|to be)\b|"
    r"\b(?:note|message|instructions?|attention) (?:to|for) (?:the |an |any )?(?:ai|assistant|model|solver|chatbot)\b|"
    r"(?:^|[\n.!?#]) ?(?:system|assistant) ?:|#{2} ?(?:instructions?|response)\b|<!--|<\|",
    re.IGNORECASE,
)
_BELOW = ("-", "−", "–", "negative", "minus")
_ORDERS = (  # one of these stands in whatever `_ORDER` finds, and a plain search is faster
    "ignore", "disregard", "forget", "override", "before you", "whoever", " only", "your own", "system", "instruction",
    "you are", "pretend", "note", "message", "attention", "assistant", "response", "<!--", "<|",
)  # fmt: skip
_APART = frozenset(["and", "or", "but", "while", "whereas", "so", "because", "since", ",", ";"])
_NOT = frozenset(["not", "no", "never", "nobody", "none", "cannot", "without"])


def unusable(text: str, sentences: tuple[Sentence, ...]) -> list[ReadingFailure]:
    """Return what the text states and no row of a formulation can hold, with its place."""
    found = []
    for sentence in sentences:
        words = " ".join(token.lower for token in sentence.tokens if token.kind == "word")
        place = Span(sentence.start, sentence.end)
        said = " ".join(text[place.start : place.end].split())
        if _CONDITION.search(f" {words} ") or _is_double_negation(sentence):
            found.append(ReadingFailure("conditions", f"The condition in “{said}” was not read.", (place,)))
        numbered = bool(quantities(sentence.tokens))
        if (vague := _VAGUE.search(f" {words} ")) and (not numbered or not vague.group().startswith(" there")):
            found.append(ReadingFailure("amounts", f"The limit in “{said}” has no number.", (place,)))
    lower = text.lower()
    for match in _NEGATIVE.finditer(text) if any(sign in lower for sign in _BELOW) else ():
        detail = f"{match.group()!r} is a negative amount; say what it means."
        found.append(ReadingFailure("numbers", detail, (Span(*match.span()),)))
    for match in _ORDER.finditer(text) if any(word in lower for word in _ORDERS) else ():
        detail = f"{match.group()!r} tells whoever reads the text what to do and is no part of a problem; take it out."
        found.append(ReadingFailure("instructions", detail, (Span(*match.span()),)))
    return found


def _is_double_negation(sentence: Sentence) -> bool:
    """Whether two negations stand in one part of a sentence that has a number: "not fewer than no 20"."""
    tokens = sentence.tokens
    cuts = [k for k, token in enumerate(tokens) if token.lower in _APART]
    for first, last in pairwise([0, *cuts, len(tokens)]):
        part = tokens[first:last]
        if sum(token.lower in _NOT for token in part) > 1 and quantities(part):
            return True
    return False
