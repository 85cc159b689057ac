"""Clauses: the parts of a sentence with the figures, mentions and comparisons that stand in them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from formulation.embedded.comparing import attach, comparisons
from formulation.embedded.decisions import Mention, Slate, mentions
from formulation.embedded.figures import Clause, Figure, figure_of
from formulation.embedded.joints import goes_on, joints
from formulation.embedded.lexicon import plain, stem, stems
from formulation.embedded.phrases import counts, is_verb
from formulation.embedded.quantities import QuantityKind, quantities
from formulation.embedded.tokens import Token

_NEAR = 12


def clauses(number: int, tokens: tuple[Token, ...], slate: Slate) -> list[Clause]:
    """Return the clauses of a sentence, with figures, mentions and comparisons placed in them."""
    named = mentions(tokens, slate)
    found_quantities = [q for q in quantities(tokens) if not any(m.first < q.last and q.first < m.last for m in named)]
    found_mentions = [m for m in named if not _is_resource(tokens, m, named, slate)]
    compared = comparisons(tokens, found_quantities)
    result: list[Clause] = []
    cuts = [0, *joints(tokens, found_quantities, found_mentions), len(tokens)]
    for first, last in pairwise(cuts):
        clause = Clause(number, tokens, first, last)
        clause.mentions = [m for m in found_mentions if first <= m.first < last]
        shares = [q for q in found_quantities if first <= q.first < last and q.kind is QuantityKind.PERCENT]
        bare = bool(shares) and tokens[first].lower == "but" and not clause.mentions
        if first and result and (bare or goes_on(tokens, first)):
            # "a van holds 5 crates but costs $3": the subject is that of the clause before.
            subject = _subject(result[-1])
            if subject is not None:
                clause.mentions.insert(0, Mention(subject.decisions, first, first, subject.coverage))
        clause.comparisons = [c for c in compared if first <= c.first < last]
        inside = [q for q in found_quantities if first <= q.first < last]
        clause.figures = [figure_of(clause, q, inside, slate) for q in inside]
        said = [figure for earlier in result for figure in earlier.figures if figure.unit]
        for two in clause.figures:
            beyond = tokens[two.quantity.last].lower if two.quantity.last < len(tokens) else ""
            bare = two.unit == "" and two.quantity.kind == QuantityKind.PLAIN
            before = [one for one in clause.figures if one.quantity.last <= two.quantity.first][-1:]
            if bare and beyond in ("for", "on", "of") and before and not two.noun:
                two.measured_as(before[0])  # "350 minutes for carving and 600 for polishing"
            elif bare and beyond == "of" and said and _of(tokens, said[-1]):
                two.measured_as(said[-1])  # "2 yards of cotton and 4 of wool; a dress takes 5 of cotton"
            said += [two] if two.unit else []
        for figure in clause.figures:
            figure.sentence_named, figure.framed = bool(found_mentions), _framed(clause, figure)
        attach(clause)
        result.append(clause)
    _told_once(result)
    return result


def _told_once(found: list[Clause]) -> None:
    """Give the second bound of "at least 900 mg of salt but not more than 1,600 mg" the words of the first."""
    tokens = found[0].tokens
    figures = [figure for clause in found for figure in clause.figures]
    for one, two in pairwise(figures):
        if one.comparison is None or two.comparison is None or one.comparison.sense == two.comparison.sense:
            continue
        between = tokens[one.quantity.last : two.quantity.first]
        alike = one.unit == two.unit not in ("", "unit", "$", "%") and one.after and not two.after
        if alike and any(t.lower in ("but", "and") for t in between) and len(between) <= _NEAR:
            two.noun, two.head, two.label, two.after, two.wide = one.noun, one.head, one.label, one.after, one.wide


def _framed(clause: Clause, figure: Figure) -> bool:
    """Whether a number is told of each of a decision: "each pie needs 16 hours", "a scarf 27 units"."""
    first = max((f.quantity.last for f in clause.figures if f.quantity.last <= figure.quantity.first), default=0)
    named = [m for m in clause.mentions if first <= m.first and m.last <= figure.quantity.first]
    each = any(m.first and clause.tokens[m.first - 1].lower in ("each", "every", "per") for m in named)
    return each or any(m.last == figure.quantity.first for m in named)


def _of(tokens: tuple[Token, ...], figure: Figure) -> bool:
    """Whether the unit of a figure is followed by "of"."""
    return "of" in [token.lower for token in tokens[figure.quantity.last : figure.quantity.last + 3]]


def _subject(clause: Clause) -> Mention | None:
    """Return the decision that is the subject of a clause: named before its first verb."""
    verb = next((k for k in range(clause.first, clause.last) if is_verb(clause.tokens[k])), clause.last)
    before = [m for m in clause.mentions if m.last <= verb]
    return before[-1] if before and len({m.decisions for m in before}) == 1 else None


def _is_resource(tokens: tuple[Token, ...], mention: Mention, others: Sequence[Mention], slate: Slate) -> bool:
    """Whether a partial name after "3 units of" is a resource that shares a word with a decision."""
    if (
        mention.last < len(tokens)
        and tokens[mention.last].kind == "word"
        and tokens[mention.last].stem in stems("agent")
    ):
        return True  # a coffee shop is no coffee
    if mention.last < len(tokens) and tokens[mention.last].stem in stems("duration") and mention.first > 1:
        if tokens[mention.first - 1].lower == "of" and tokens[mention.first - 2].stem in stems("period"):
            return True  # "160 hours of bench time" is no bench
    if mention.coverage >= 1 or mention.first < 1:
        return False
    if tokens[mention.first - 1].kind == "number" and _is_ingredient(tokens, mention, slate):
        return True
    if mention.first < 3 or tokens[mention.first - 1].lower != "of":
        return False
    if not tokens[mention.first - 2].measure or not counts(tokens[mention.first - 3]):
        return False
    single = tokens[mention.first - 3].lower in ("1", "one")
    if single and mention.last < len(tokens) and is_verb(tokens[mention.last]):
        return False  # "1 bag of beads takes 2 kg"
    label = slate.decisions[mention.decisions[0]].label.split()
    head = stem(label[-1]) not in {t.stem for t in tokens[mention.first : mention.last]}
    if (
        slate.shared
        and head
        and tokens[mention.first - 2].stem in ("unit", "g", "kg", "mg", "ml", "liter", "ounce", "pound", "slic")
    ):
        return True
    return mention.coverage <= 0.5 or (any(other.coverage >= 1 for other in others) and bool(slate.shared))


def _is_ingredient(tokens: tuple[Token, ...], mention: Mention, slate: Slate) -> bool:
    """Whether what is counted is only the first word of a name: the eggs of "egg sandwich"."""
    decision = slate.decisions[mention.decisions[0]]
    name = decision.label.lower().split()
    if mention.first > 1 and tokens[mention.first - 2].lower in ("least", "most", "than"):
        return False
    token = tokens[mention.last - 1]
    if len(name) < 2 or token.stem == stem(name[-1]):
        return False
    plural = token.lower.endswith("s")
    taken = any(t.lower in plain("consumption") for t in tokens[: mention.first - 1])
    return (plural and token.lower not in name) or (
        taken and (plural or tokens[mention.first - 1].lower in ("1", "one"))
    )
