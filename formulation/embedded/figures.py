"""Figures: each quantity with its unit, its topic, and the comparison that governs it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from itertools import pairwise

from formulation.embedded.decisions import Mention, Slate, mentions
from formulation.embedded.lexicon import Comparator, comparators, plain, root, roots, stem, stems, units
from formulation.embedded.phrases import counts, is_verb
from formulation.embedded.quantities import Quantity, QuantityKind, quantities
from formulation.embedded.tokens import Token

_BREAKS = frozenset(["while", "whereas", "but", "however", "although", "though", "unless", "if", "when"])
_AFTER = frozenset(
    [
        "need",
        "right",
        "now",
        "demand",
        "currently",
        "yearly",
        "available",
        "needed",
        "left",
        "daily",
        "weekly",
        "worth",
        "combined",
        "altogether",
    ]
)
_PRONOUNS = frozenset(["he", "she", "it", "they", "we", "i", "you"])
_FRAMES = frozenset(
    [
        "at",
        "in",
        "on",
        "with",
        "for",
        "by",
        "from",
        "during",
        "per",
        "using",
        "given",
        "since",
        "assuming",
        "if",
        "because",
    ]
)
_TAILS = frozenset(["with", "having", "there", "out", "from", "within"])
_NUMBER_OF = frozenset(["the", "total", "number", "amount", "quantity", "of"])
_ENDS = frozenset(["and", "or", "while", "than", "as", "which", "you", "he", "she", "they", "we", "who", "that"])
_ADJUNCT = frozenset(["due", "because", "since", "so"])
_MODALS = frozenset(["must", "can", "cannot", "should", "may", "will", "would", "could", "needs", "wants", "has"])
_NEEDS_NUMBER = frozenset(
    [
        "over",
        "above",
        "under",
        "below",
        "within",
        "beyond",
        "minimum",
        "maximum",
        "exactly",
        "equal",
        "equals",
        "exceeding",
    ]
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparator at tokens [first, last), negation already applied."""

    sense: str
    strict: bool
    first: int
    last: int


@dataclass(slots=True)
class Figure:
    """A quantity in its surroundings.

    ``unit`` is "$", "%", the stem of a unit of measure, or "" for a count. ``after`` are the roots of the words
    that follow it in its phrase, ``before`` those that lead to it, ``kinds`` what money it is. ``unit_word`` is the
    unit as the text writes it, or the one that the value was put into.
    """

    quantity: Quantity
    sentence: int
    unit: str = ""
    noun: str = ""
    after: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    comparison: Comparison | None = None
    inherited: bool = False
    wide: frozenset[str] = frozenset()
    label: str = ""
    head: str = ""
    sentence_named: bool = False
    implied: bool = False
    unit_word: str = ""

    def measured_as(self, other: Figure) -> None:
        """Take the unit of another figure."""
        self.unit, self.unit_word = other.unit, other.unit_word


@dataclass(slots=True)
class Clause:
    """A sentence, or the part of it between "while", "but" and the like, with what was found in it."""

    sentence: int
    tokens: tuple[Token, ...]
    first: int
    last: int
    figures: list[Figure] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)

    def words(self) -> list[str]:
        """Return the lower-case words of the clause."""
        return [token.lower for token in self.tokens[self.first : self.last]]


def clauses(number: int, tokens: tuple[Token, ...], slate: Slate) -> list[Clause]:
    """Return the clauses of a sentence, with figures, mentions and comparisons placed in them."""
    found_mentions = mentions(tokens, slate)
    found_quantities = [
        q for q in quantities(tokens) if not any(m.first < q.last and q.first < m.last for m in found_mentions)
    ]
    found_mentions = [m for m in found_mentions if not _is_resource(tokens, m, found_mentions, slate)]
    compared = comparisons(tokens, found_quantities)
    cuts = [0]
    for index, token in enumerate(tokens):
        if token.lower == "however" and index and tokens[index - 1].text not in (",", ";"):
            continue
        if token.lower == "if" and index and tokens[index - 1].measure:
            continue
        tied = token.lower in ("but", "while") and any(q.last == index for q in found_quantities)
        if (index and (token.text == ";" or token.lower in _BREAKS) and index > cuts[-1] + 1 and not tied) or (
            (token.lower in ("and", "or") or _spliced(tokens, index, cuts[-1]) or _tail(tokens, index, found_mentions))
            and index > cuts[-1] + 2
            and (
                _new_subject(tokens, index, found_mentions)
                or _new_predicate(tokens, index)
                or _new_stock(tokens, index, found_quantities)
                or _new_sentence(tokens, index, found_mentions)
                or token.text == ","
            )
        ):
            cuts.append(index)
    cuts.append(len(tokens))
    result: list[Clause] = []
    for first, last in itertools.pairwise(cuts):
        clause = Clause(number, tokens, first, last)
        clause.mentions = [m for m in found_mentions if first <= m.first < last]
        if first and result and _goes_on(tokens, first):
            # "a van holds 5 crates but costs $3": the subject is that of the clause before.
            subject = _subject(result[-1])
            if subject is not None:
                clause.mentions.insert(0, Mention(subject.decisions, first, first, subject.coverage))
        clause.comparisons = [c for c in compared if first <= c.first < last]
        inside = [q for q in found_quantities if first <= q.first < last]
        clause.figures = [_figure(clause, q, inside, slate) for q in inside]
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
            figure.sentence_named = bool(found_mentions)
        _attach(clause)
        result.append(clause)
    return result


def _of(tokens: tuple[Token, ...], figure: Figure) -> bool:
    """Whether the unit of a figure is followed by "of"."""
    return "of" in [token.lower for token in tokens[figure.quantity.last : figure.quantity.last + 3]]


def _new_subject(tokens: tuple[Token, ...], index: int, found: list[Mention]) -> bool:
    """Whether "and" begins a clause of its own: another decision follows, and then a verb of limits."""
    ahead = next((m for m in found if index < m.first <= index + 5), None)
    if ahead is None or ahead.last >= len(tokens):
        return False
    counted = all(t.lower in _NUMBER_OF for t in tokens[index + 1 : ahead.first])
    if ahead.first > index + 3 and not counted:
        return False
    verb = tokens[ahead.last]
    start = max((k for k in range(index) if tokens[k].text in (",", ";") or tokens[k].lower in _BREAKS), default=-1)
    part = tokens[start + 1 : index]
    if not any(is_verb(t) or t.lower in _MODALS or t.lower in ("is", "are", "be", "have") for t in part):
        return False  # "5 crates of A and B must be sent": one clause
    limits = ("must", "should", "cannot", "requires", "require", "needs", "need", "demands", "has", "may", "can")
    if (
        verb.lower in limits
        or (ahead.first > index + 3 and verb.lower in _MODALS | {"is", "are"})
        or (
            is_verb(verb)
            and not verb.lower.endswith("ing")
            and tokens[index + 1].lower in ("each", "every", "a", "an", "one")
        )
    ):
        before = tokens[max(0, index - 14) : index]
        return any(t.kind == "number" or t.kind == "currency" for t in before)
    return False


def _new_predicate(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether "and" joins a second predicate: a modal verb follows ("needs 5 crates and must use ..."), or "there"."""
    if index + 1 >= len(tokens) or tokens[index + 1].lower not in _MODALS | {"there"}:
        return False
    return any(t.kind in ("number", "currency") for t in tokens[:index]) and any(
        t.kind in ("number", "currency") for t in tokens[index:]
    )


def _new_stock(tokens: tuple[Token, ...], index: int, found: list[Quantity]) -> bool:
    """Whether "and" says what there is, after a list: "2 and 3 hours respectively, and 200 hours are available"."""
    ahead = next((q for q in found if q.first == index + 1), None)
    if ahead is None or not any(t.lower == "respectively" for t in tokens[:index]):
        return False
    words = [token.lower for token in tokens[ahead.last :]]
    return any(a in ("is", "are") and b in ("available", "there", "left") for a, b in pairwise(words))


def _new_sentence(tokens: tuple[Token, ...], index: int, found: list[Mention]) -> bool:
    """Whether ", and" begins a main clause about none of the decisions: ", and 200 kilos are needed in all"."""
    if index + 2 >= len(tokens):
        return False
    first = tokens[index + 1]
    if first.lower in _PRONOUNS:
        return _new_pronoun(tokens, index)
    if tokens[index - 1].text != ",":
        return False
    opens = first.kind == "number" or first.lower in ("the", "there", "at", "no", "exactly", "up")
    noun = first.kind == "word" and first.lower not in plain("function") and tokens[index + 2].kind == "word"
    if not opens and not (noun and any(counts(t) for t in tokens[:index])):
        return False
    comma = next((k for k in range(index - 2, -1, -1) if tokens[k].text == ","), -1)
    if comma >= 0 and tokens[comma + 1].kind == "number":
        return False  # the last of a list
    for k in range(index + 2, min(index + 8, len(tokens))):
        if tokens[k].lower in _MODALS or tokens[k].lower in ("is", "are"):
            return True
        if tokens[k].kind == "mark" or any(m.first <= k < m.last for m in found) or is_verb(tokens[k]):
            return False
    return False


def _new_pronoun(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether a pronoun with a verb of its own follows, and numbers stand on both sides: "and she has 42 yards"."""
    pronoun, verb = tokens[index + 1], tokens[index + 2]
    if tokens[0].lower in _FRAMES:
        return False  # "at the old mill it costs $5 to open, and they can grind 3 tons" is all about the mill
    finite = verb.lower in _MODALS | {"is", "are", "have", "'s", "'re", "'ll"}
    if not finite and (pronoun.lower in ("it", "they") or not is_verb(verb)):
        return False  # "and they take 3 hours" goes on about what was named
    return all(any(counts(t) or t.kind == "currency" for t in part) for part in (tokens[:index], tokens[index:]))


def _spliced(tokens: tuple[Token, ...], index: int, first: int) -> bool:
    """Whether a comma stands between two main clauses: "a loaf takes 2 kg, she has 40 kg"."""
    if (
        tokens[index].text != ","
        or index + 2 >= len(tokens)
        or tokens[index + 1].lower not in _PRONOUNS - {"it", "they"}
    ):
        return False
    part = tokens[first:index]
    return any(is_verb(t) or t.lower in _MODALS for t in part) and _new_pronoun(tokens, index)


def _tail(tokens: tuple[Token, ...], index: int, found: list[Mention]) -> bool:
    """Whether a comma begins a phrase with a number of what there is: ", with 9 lamps in the lab", ", out of 18 kg"."""
    if tokens[index].text != "," or index + 2 >= len(tokens) or tokens[index + 1].lower not in _TAILS:
        return False
    if tokens[0].lower in _FRAMES or (tokens[index + 1].lower == "there" and tokens[index + 2].lower != "being"):
        return False
    end = next((k for k in range(index + 1, len(tokens)) if tokens[k].text in (",", ";", ".")), len(tokens))
    if any(index < m.first < end for m in found) or (end + 2 < len(tokens) and tokens[end].text == ","):
        return False
    before = any(counts(t) or t.kind == "currency" for t in tokens[:index])
    return before and any(counts(t) or t.kind == "currency" for t in tokens[index:end])


def _goes_on(tokens: tuple[Token, ...], first: int) -> bool:
    """Whether a clause has no subject of its own: a verb follows its conjunction."""
    index = first + 1
    while index < len(tokens) and tokens[index].lower in ("also", "only", "then"):
        index += 1
    if tokens[first].lower not in ("and", "but", "or") or index >= len(tokens):
        return False
    return tokens[index].lower in _MODALS or (is_verb(tokens[index]) and not tokens[index].lower.endswith("ing"))


def _subject(clause: Clause) -> Mention | None:
    """Return the decision that is the subject of a clause: named before its first verb."""
    verb = next((k for k in range(clause.first, clause.last) if is_verb(clause.tokens[k])), clause.last)
    before = [m for m in clause.mentions if m.last <= verb]
    return before[-1] if before and len({m.decisions for m in before}) == 1 else None


def _is_resource(tokens: tuple[Token, ...], mention: Mention, others: list[Mention], slate: Slate) -> bool:
    """Whether a partial name after "3 units of" is a resource that shares a word with a decision."""
    if (
        mention.last < len(tokens)
        and tokens[mention.last].kind == "word"
        and tokens[mention.last].stem in stems("agent")
    ):
        return True  # a coffee shop is no coffee
    if mention.coverage >= 1 or mention.first < 1:
        return False
    if tokens[mention.first - 1].kind == "number" and _is_ingredient(tokens, mention, slate):
        return True
    if mention.first < 3 or tokens[mention.first - 1].lower != "of":
        return False
    if not tokens[mention.first - 2].measure or not counts(tokens[mention.first - 3]):
        return False
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
    """Whether a counted plural is only the first word of a name: the eggs of "egg sandwich"."""
    decision = slate.decisions[mention.decisions[0]]
    name = decision.label.lower().split()
    if mention.first > 1 and tokens[mention.first - 2].lower in ("least", "most", "than"):
        return False
    token = tokens[mention.last - 1]
    return len(name) > 1 and token.lower.endswith("s") and token.lower not in name and token.stem != stem(name[-1])


def comparisons(tokens: tuple[Token, ...], found: list[Quantity]) -> list[Comparison]:
    """Return the comparators of a sentence, with "not more than" and the like turned round."""
    table = comparators()
    starts = {q.first for q in found}
    result: list[Comparison] = []
    index = 0
    while index < len(tokens):
        matched: tuple[int, Comparator] | None = None
        for sequence, comparator in table.get(tokens[index].lower, ()):
            last = index + len(sequence)
            if last <= len(tokens) and all(tokens[index + k].lower == word for k, word in enumerate(sequence)):
                if len(sequence) == 1 and sequence[0] in _NEEDS_NUMBER and sequence[0] not in ("minimum", "maximum"):
                    ahead = next((k for k in range(last, last + 3) if k in starts), None)
                    if ahead is None or any(t.stem in stems("period") for t in tokens[last:ahead]):
                        continue  # "over the quarter 130 hours can be spent" compares nothing
                matched = (last, comparator)
                break
        if matched is None:
            index += 1
            continue
        last, comparator = matched
        sense, strict = comparator.sense, comparator.strict
        if strict and _negated(tokens, index):
            sense, strict = ("upper" if sense == "lower" else "lower"), False
        if (
            strict
            and tokens[index + 1 : last]
            and "or" in [t.lower for t in tokens[last : last + 3]]
            and "equal" in [t.lower for t in tokens[last : last + 3]]
        ):
            strict = False
        result.append(Comparison(sense, strict, index, last))
        index = last
    return result


def _negated(tokens: tuple[Token, ...], index: int) -> bool:
    for k in range(index - 1, max(index - 14, -1), -1):
        token = tokens[k]
        if token.text in (";", ".") or token.lower in ("but", "while", "whereas"):
            return False
        if token.lower in plain("negation") or token.stem in ("limit", "restrict", "prevent", "prohibit", "forbid"):
            return True
        if token.kind in ("number", "currency") and k < index - 2:
            return False
    return False


def _figure(clause: Clause, quantity: Quantity, inside: list[Quantity], slate: Slate) -> Figure:
    tokens = clause.tokens
    left = max([clause.first, *[q.last for q in inside if q.last <= quantity.first]])
    right = min([clause.last, *[q.first for q in inside if q.first >= quantity.last]])
    following: list[Token] = []
    skip = -1
    for index in range(quantity.last, right):
        token = tokens[index]
        if index <= skip:
            continue
        if token.lower in ("per", "every") or (
            token.lower in ("a", "an", "each") and index + 1 < right and tokens[index + 1].stem in stems("period")
        ):
            skip = index + 1  # "per patient" says of what a unit is, not of what there is
            continue
        if token.text in (",", ":", ";", ")", "(") or token.lower in _ENDS or token.lower in _ADJUNCT:
            break
        if any(m.first <= index < m.last for m in clause.mentions):
            continue
        if token.kind == "word":
            following.append(token)
    leading = [
        tokens[index]
        for index in range(left, quantity.first)
        if tokens[index].kind == "word" and not any(m.first <= index < m.last for m in clause.mentions)
    ]
    joints = [k for k in range(left, quantity.first) if tokens[k].text == "," or tokens[k].lower in ("and", "but")]
    if joints and left > clause.first:
        leading = [t for t in leading if t.start > tokens[joints[0]].start] or leading
    figure = Figure(quantity, clause.sentence)
    match quantity.kind:
        case QuantityKind.MONEY:
            figure.unit = "$"
        case QuantityKind.PERCENT:
            figure.unit = "%"
        case _:
            figure.unit = _unit(following)
            figure.unit_word = next((t.lower for t in following[:3] if t.stem == figure.unit), "")
    nouns: list[Token] = []
    of = False
    for token in following:
        if token.lower == "of" or (of and token.lower in ("the", "a", "their", "his", "her", "its", "each", "this")):
            of = True
            continue
        if token.lower in ("total", "additional", "more", "extra", "other") and not nouns:
            continue
        if token.lower in plain("function") or token.lower in _AFTER or (is_verb(token) and not of):
            break
        nouns.append(token)
    figure.noun = nouns[-1].stem if nouns else ""
    figure.head = nouns[-1].root if nouns and nouns[-1].stem != figure.unit else ""
    figure.after = _topic(following, slate)
    if not figure.after and figure.head and nouns[-1].stem not in stems("period"):
        if nouns[-1].stem not in slate.shared or figure.unit:
            figure.after = frozenset({figure.head})
    if figure.unit == "$":
        figure.after -= (
            roots("profit", "money")
            | roots("loss", "money")
            | roots("revenue", "money")
            | roots("cost", "money") - {"capit"}
        )
    figure.label = " ".join(token.lower for token in following if token.root in figure.after)[:60]
    figure.before = _topic(leading, slate)
    figure.kinds = _kinds(leading, following)
    if figure.unit not in ("$", "%") and (figure.after or figure.unit not in ("", "unit")):
        figure.kinds = frozenset()
    wide: list[Token] = []
    for token in tokens[quantity.last : right]:
        if token.lower in ("how", "to", "while", "what"):
            break
        if token.kind == "word":
            wide.append(token)
    figure.wide = _topic(wide, slate)
    return figure


def _unit(following: list[Token]) -> str:
    for token in following[:3]:
        if token.lower in plain("function") and token.lower not in ("of", "total", "more"):
            return ""
        if token.stem in stems("period"):
            return token.stem
        if token.measure and token.stem != "squar":
            return token.stem if token.stem not in ("unit", "piec", "amount", "number") else "unit"
        if token.stem in ("squar", "mil", "calori") or token.stem in units():
            return following[1].stem if token.stem == "squar" and len(following) > 1 else token.stem
    return ""


def _topic(words: list[Token], slate: Slate) -> frozenset[str]:
    empty = roots("empty")
    return frozenset(
        token.root
        for token in words
        if token.lower not in plain("function")
        and token.root not in empty
        and not token.measure
        and token.stem not in stems("period")
        and len(token.root) > 1
        and token.stem not in slate.shared
    )


def _kinds(leading: list[Token], following: list[Token]) -> frozenset[str]:
    """Return the kind of money that the words right after, then those before, then those further on speak of."""
    if any(token.root in roots("loss", "money") for token in [*leading[-4:], *following[:3]]):
        return frozenset({"profit", "loss"})
    for ordered in (following[:2], list(reversed(leading)), following):
        hit: list[str] = []
        for token in ordered:
            for kind in ("profit", "cost", "revenue"):
                if token.root in roots(kind, "money") or token.stem in stems(kind, "money"):
                    hit.append(kind)
        if "profit" in hit:
            return frozenset({"profit"})
        if hit:
            return frozenset({hit[0]})
    return frozenset()


def _attach(clause: Clause) -> None:
    """Give each figure the comparison that governs it; the members of a list share one."""
    tokens = clause.tokens
    free = list(clause.comparisons)
    for figure in clause.figures:
        first = figure.quantity.first
        for comparison in free:
            between = tokens[comparison.last : first]
            if (
                comparison.last <= first
                and len(between) <= 4
                and all(t.kind == "word" or t.text in ("(",) for t in between)
                and not any(is_verb(t) and t.lower not in ("be", "is", "use", "being") for t in between)
            ):
                if any(m.first >= comparison.last and m.last <= first for m in clause.mentions):
                    continue
                if any(t.lower in ("and", "or", "per", "than") for t in between):
                    continue
                figure.comparison = comparison
                break
            adverb = tokens[comparison.first].lower == "at" and comparison.last <= first  # "to at least build 30"
            if adverb and between and len(between) <= 3 and is_verb(between[0]):
                if any(m.first >= comparison.last and m.last <= first for m in clause.mentions):
                    continue
                if any(t.lower in ("and", "or", "per", "than") for t in between):
                    continue
                figure.comparison = comparison
                break
        if figure.comparison is None:
            last = figure.quantity.last
            for comparison in free:
                if (
                    last <= comparison.first <= last + 3
                    and tokens[comparison.first].lower in ("or", "at", "maximum", "minimum")
                    and not any(
                        comparison.last <= other.quantity.first <= comparison.last + 2 for other in clause.figures
                    )
                ):
                    figure.comparison = comparison
        if figure.comparison is not None:
            free = [c for c in free if c is not figure.comparison]
    for figure in clause.figures:
        start = figure.quantity.first
        if figure.comparison is None and start and tokens[start - 1].lower in ("to", "at"):
            if any(t.root in ("limit", "restrict", "cap") for t in tokens[max(clause.first, start - 14) : start - 1]):
                figure.comparison = Comparison("upper", False, start - 1, start)
    for figure in clause.figures:
        if figure.comparison is None:
            for comparison in free:
                word = tokens[comparison.first].lower
                later = [f for f in clause.figures if f.quantity.first >= comparison.last]
                if (
                    word in ("maximum", "minimum", "a", "upper", "lower")
                    and later
                    and later[0] is figure
                    and (
                        figure.quantity.first - comparison.last <= 9
                        or tokens[figure.quantity.first - 1].lower in (":", "follows", "respectively")
                    )
                ):
                    figure.comparison = comparison
                    free = [c for c in free if c is not comparison]
                    break
    previous: Figure | None = None
    for figure in clause.figures:
        if previous is not None and figure.comparison is None and previous.comparison is not None:
            between = tokens[previous.quantity.last : figure.quantity.first]
            joined = any(t.lower in ("and", "or", ",") for t in between) and (previous.unit == "$") == (
                figure.unit == "$"
            )
            if (
                joined
                and not any(
                    is_verb(t) or t.lower in ("each", "is", "are", "has", "have", "must", "can", "than", "as")
                    for t in between
                )
                and previous.quantity.kind not in (QuantityKind.MULTIPLE,)
            ):
                figure.comparison = previous.comparison
                figure.inherited = True
        previous = figure


__all__ = ["Clause", "Comparison", "Figure", "clauses", "root"]
