"""Names of several decisions: "beer" beside two beers and two ciders, which no row of one decision may take."""

from __future__ import annotations

from collections import Counter

from formulation.embedded.decisions import Slate, mentions
from formulation.embedded.lexicon import stem
from formulation.embedded.quantities import quantities
from formulation.embedded.tokens import Token


def spoken_of_some(sentences: list[tuple[Token, ...]], slate: Slate) -> bool:
    """Whether a sentence with numbers names two or more of the decisions, and not all, by the noun that they share."""
    heads = Counter(stem(decision.label.split()[-1]) for decision in slate.decisions if " " in decision.label)
    some = {head for head, count in heads.items() if 1 < count < len(slate.decisions)}
    if len(some) < 2:
        return False  # "magazine ads, flyers and billboard ads" are all ads
    for tokens in sentences:
        if not quantities(tokens) or not some & {token.stem for token in tokens}:
            continue
        inside = {k for m in mentions(tokens, slate) for k in range(m.first, m.last)}
        for k, token in enumerate(tokens):
            if token.stem in some and (k not in inside or k - 1 not in inside):
                return True
    return False
