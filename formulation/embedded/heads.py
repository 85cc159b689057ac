"""Amounts told per head: "three carpenters work 40 hours each", which 40 alone would read wrong."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from formulation.embedded.decisions import Slate, holder_of, mentions
from formulation.embedded.figures import Figure
from formulation.embedded.lexicon import plain, stems
from formulation.embedded.model import Row
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import QuantityKind, quantities
from formulation.embedded.tokens import Token

_EACH = frozenset(["each", "apiece"])
_ONE = frozenset(["a", "an", "each", "every", "per", "one"])


def per_head(sentences: list[tuple[Token, ...]], slate: Slate, rows: list[Row]) -> bool:
    """Whether a limit of one row is told for each of several who are counted, and not for all of them together."""
    for row in rows:
        if row.kind == "total" and any(_needs_its_own(sentences[row.sentence], figure) for figure in row.figures):
            return True
        if row.kind == "total" and any(_does_each(sentences[row.sentence], row.first, f) for f in row.figures):
            return True
    shared = Counter(id(figure) for row in rows for figure in row.figures)
    bounds = [row.figures[0] for row in rows if row.kind == "resource" and row.figures]
    once = [figure for figure in bounds if shared[id(figure)] == 1]
    if not once:
        return False
    heads = {tokens[place].stem for tokens in sentences for place in _heads(tokens, slate, once)}
    heads -= {holder_of(tokens, mention) for tokens in sentences for mention in mentions(tokens, slate)}
    return any(_told_each(sentences[figure.sentence], figure, slate, heads) for figure in once)


def _needs_its_own(tokens: tuple[Token, ...], figure: Figure) -> bool:
    """Whether a number counts what each needs something of its own: "it has 72 rooms and each room needs one"."""
    return figure.comparison is None and any(
        one.lower in ("each", "every") and head.stem == figure.noun != "" for one, head in pairwise(tokens)
    )


def _does_each(tokens: tuple[Token, ...], first: int, figure: Figure) -> bool:
    """Whether a limit of all is told of what each does: "and each vehicle makes at most one trip"."""
    lead = tokens[first : figure.quantity.first]
    return any(
        one.lower in ("each", "every") and head.stem in stems("hypernym") and is_verb(verb)
        for one, head, verb in zip(lead, lead[1:], lead[2:], strict=False)
    )


def _heads(tokens: tuple[Token, ...], slate: Slate, bounds: list[Figure]) -> list[int]:
    """Return the places of the nouns that a sentence counts, two or more of each, decisions and units aside."""
    names = slate.names | slate.shared
    idle = names | stems("generic") | stems("division") | stems("period")
    found: list[int] = []
    limits = {figure.quantity for figure in bounds}
    for quantity in quantities(tokens):
        if quantity.kind is not QuantityKind.PLAIN or quantity.value < 2 or quantity in limits:
            continue
        if quantity.last >= len(tokens):
            continue
        noun = tokens[quantity.last]
        usable = noun.kind == "word" and not noun.measure and noun.lower not in plain("function")
        if usable and not is_verb(noun) and noun.stem not in idle and noun.lower != noun.stem:
            found.append(quantity.last)
    return found


def _told_each(tokens: tuple[Token, ...], figure: Figure, slate: Slate, heads: set[str]) -> bool:
    """Whether the sentence of a limit tells it of each of those counted."""
    for place in _heads(tokens, slate, [figure]):
        if place + 1 < len(tokens) and tokens[place + 1].lower in ("who", "that"):
            return True
        for k in range(place + 1, len(tokens)):
            after = tokens[k + 1] if k + 1 < len(tokens) else None
            alone = after is None or after.kind != "word" or after.lower in plain("function") or is_verb(after)
            if tokens[k].lower in _EACH and alone:
                return True
    return any(
        one.lower in _ONE and head.stem in heads and not _goes_on(after)
        for one, head, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )


def _goes_on(token: Token) -> bool:
    """Whether a noun behind another goes on with its name: the depot of "a bus depot"."""
    return token.kind == "word" and token.lower not in plain("function") and not is_verb(token)
