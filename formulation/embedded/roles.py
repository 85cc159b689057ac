"""Roles: what each figure of a clause says - a coefficient, a limit, a ratio between decisions, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from formulation.embedded.decisions import Mention, Slate
from formulation.embedded.expressions import Comparing, compared, is_expression
from formulation.embedded.figures import Clause, Comparison, Figure
from formulation.embedded.lexicon import numbers, plain, stems
from formulation.embedded.phrases import is_verb
from formulation.embedded.quantities import QuantityKind
from formulation.embedded.tokens import Token

_EVERY = frozenset(["both", "all", "each", "they", "them", "these", "every", "either"])
_TOGETHER = frozenset(
    ["combination", "between", "total", "combined", "together", "altogether", "overall", "sum", "all", "either", "both"]
)
_SHARE = frozenset((QuantityKind.PERCENT, QuantityKind.FRACTION))


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One unit of a decision takes or gives ``value`` of something; ``figure`` says of what."""

    decision: int
    value: float
    figure: Figure


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on a decision, on several each or together, or on a resource that is yet to be found."""

    sense: str
    strict: bool
    value: float
    figure: Figure
    clause: Clause
    decisions: tuple[int, ...] = ()
    together: bool = False
    every: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """target (sense) k·other as terms·x (sense) constant; ``other`` is -1 for the total of all decisions."""

    terms: tuple[tuple[int, float], ...]
    sense: str
    strict: bool
    constant: float
    clause: Clause
    target: int
    other: int
    figures: tuple[Figure, ...] = ()


@dataclass(slots=True)
class Facts:
    """What the sentences say about one slate of decisions, with the figures that nothing explains."""

    coefficients: list[Coefficient] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    expressions: list[tuple[Comparing, Clause]] = field(default_factory=list)
    unread: list[Figure] = field(default_factory=list)
    explained: list[Figure] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_clause(
    clause: Clause,
    slate: Slate,
    facts: Facts,
    carry: list[int],
    forced: frozenset[tuple[int, int]] = frozenset(),
) -> None:
    """Add to ``facts`` what a clause says. ``carry`` holds the decisions of the clause before, and is renewed.

    ``forced`` are figures (sentence, token) that are limits whatever their words.
    """
    figures = [f for f in clause.figures if not _explained(f, clause, slate, facts)]
    _ranges(clause, figures)
    figures = [f for f in figures if not (f.quantity.value == 0 and f.comparison is not None)]
    clause.figures = figures
    if is_expression(clause) and (figures or len(clause.mentions) > 1):
        said = compared(clause)
        if said is not None and said.terms and all(f in said.figures for f in figures):
            facts.expressions.append((said, clause))
            carry[:] = [clause.mentions[-1].decisions[0]]
        else:
            facts.unread.extend(figures)
            facts.problems.append("a sum that could not be read")
        return
    figures, used = _relations(clause, slate, figures, facts)
    limits: list[Figure] = []
    for figure in figures:
        told = (figure.sentence, figure.quantity.first) in forced
        if told or _is_limit(figure, clause, slate, carry) or (limits and _continues(limits[-1], figure, clause)):
            limits.append(figure)
    rest = [f for f in figures if f not in limits]
    taken: set[Mention] = set(used)
    for figure in limits:
        taken |= _limit(figure, clause, slate, facts)
    if rest:
        _coefficients(rest, clause, slate, facts, [m for m in clause.mentions if m not in taken or not limits], carry)
    named = [m.decisions[0] for m in clause.mentions]
    if not named and clause.figures and clause.words()[0] not in ("it", "they", "these", "this", "each", "both"):
        carry.clear()
    if named:
        carry[:] = [named[-1]] if len(set(named)) == 1 else sorted(set(named))


def _ranges(clause: Clause, figures: list[Figure]) -> None:
    """Give the two numbers of "between 10 and 20" and "range from 0 to 10" their comparisons."""
    tokens = clause.tokens
    words = clause.words()
    for one, two in pairwise(figures):
        between = [t.lower for t in tokens[one.quantity.last : two.quantity.first]]
        before = tokens[one.quantity.first - 1].lower if one.quantity.first else ""
        ranged = any(word.startswith("rang") for word in words) or before in ("from", "between")
        if one.comparison is not None or two.comparison is not None or not between or len(between) > 2:
            continue
        if (between[-1] in ("to", "-", "–") and ranged) or (between[-1] == "and" and before == "between"):
            one.comparison = Comparison("lower", False, one.quantity.first, one.quantity.first)
            two.comparison = Comparison("upper", False, two.quantity.first, two.quantity.first)
            one.noun, one.after, one.unit = one.noun or two.noun, one.after or two.after, one.unit or two.unit


def _continues(limit: Figure, figure: Figure, clause: Clause) -> bool:
    """Whether a figure is the next of a list of limits: "has 500 boxes and 300 buckets"."""
    between = clause.tokens[limit.quantity.last : figure.quantity.first]
    if not any(t.lower in ("and", ",") for t in between) or figure.unit in ("$", "%"):
        return False
    return len(between) <= 7 and not any(
        is_verb(t) or t.lower in ("each", "is", "are", "has", "must", "can", "than", "as", "it") for t in between
    )


def _near(clause: Clause, index: int) -> Token | None:
    return clause.tokens[index] if clause.first <= index < clause.last else None


def _explained(figure: Figure, clause: Clause, slate: Slate, facts: Facts) -> bool:
    """Whether a figure needs no place in the model: "one batch of", "two types of", "a 12-month plan"."""
    quantity = figure.quantity
    if quantity.kind != QuantityKind.PLAIN:
        return False
    if figure.comparison is not None:
        why = quantity.value == 0
    else:
        before, after = _near(clause, quantity.first - 1), _near(clause, quantity.last)
        bracketed = before is not None and before.text == "(" and after is not None and after.text == ")"
        adjective = after is not None and after.joined
        why = (
            bracketed
            or adjective
            or (quantity.value == 1 and _is_denominator(figure, clause))
            or _counts_kinds(figure, clause, slate)
            or _is_horizon(figure, clause)
        )
    if why:
        facts.explained.append(figure)
    return why


_BEFORE_ONE = frozenset(["per", "for", "each", "every", "in", "of", "when", "the", "while", "and", "whereas"])


def _is_denominator(figure: Figure, clause: Clause) -> bool:
    """Whether "one" or "1" is the unit that coefficients are per, or a pronoun."""
    quantity = figure.quantity
    before, after = _near(clause, quantity.first - 1), _near(clause, quantity.last)
    two = _near(clause, quantity.first - 2)
    if quantity.worded and (
        after is None or after.kind != "word" or after.lower in plain("function") or is_verb(after)
    ):
        return True
    if before is None or before.kind == "mark" or (two is not None and two.lower == "to"):
        return before is None or before.kind != "mark" or quantity.worded
    if after is not None and after.lower == "for":
        return False
    if before.lower in _BEFORE_ONE:
        named = any(quantity.last <= m.first <= quantity.last + 3 for m in clause.mentions)
        if named or before.lower != "and":
            return True
    if is_verb(before) and before.lower.endswith("ing"):
        return True
    return quantity.worded and not clause.mentions and figure.unit == ""


def _counts_kinds(figure: Figure, clause: Clause, slate: Slate) -> bool:
    """Whether a small number counts the kinds of things that the text then names."""
    quantity = figure.quantity
    if quantity.value != int(quantity.value) or not 2 <= quantity.value <= 12:
        return False
    tokens = clause.tokens
    before = _near(clause, quantity.first - 1)
    ahead = [t.stem for t in tokens[quantity.last : quantity.last + 4]]
    if not ahead:
        return False
    if ahead[0] in stems("division"):
        return True
    if before is not None and before.lower in ("all", "these", "those"):
        return True
    subject = any(m.last <= quantity.first for m in clause.mentions)
    listed = _listed(clause, quantity.last)
    if quantity.worded and (quantity.value <= 4 or listed or quantity.value == len(slate.decisions)):
        return (not subject or listed) and (figure.unit == "" or listed or bool(set(ahead) & slate.shared))
    classes = (stems("generic") - {"unit"}) | stems("division") | slate.shared
    return quantity.value == len(slate.decisions) and not subject and (listed or bool(set(ahead[:3]) & classes))


def _is_horizon(figure: Figure, clause: Clause) -> bool:
    """Whether a number of days or months is how long the plan is for: "the next 6 weeks", "a 12 month plan"."""
    quantity = figure.quantity
    if figure.unit not in stems("period") or "avail" in figure.after:
        return False
    before = _near(clause, quantity.first - 1)
    if before is None:
        return False
    if before.lower in ("next", "every", "per", "following", "coming"):
        return True
    singular = clause.tokens[quantity.last].lower
    return before.lower in ("a", "an") and not singular.endswith("s")


def _listed(clause: Clause, index: int) -> bool:
    """Whether the noun counted at ``index`` is followed by the list of what it counts: "two machines, a and b"."""
    tokens = clause.tokens
    for k in range(index, min(index + 4, clause.last)):
        if tokens[k].text in (",", ":", "("):
            if k == index or k + 1 >= clause.last or tokens[k + 1].kind in ("number", "currency"):
                return False
            following = tokens[k + 1].lower
            return following not in ("and", "or") and following not in numbers()["units"] | numbers()["tens"]
        if tokens[k].kind != "word" or is_verb(tokens[k]):
            return False
    return False


def _relations(clause: Clause, slate: Slate, figures: list[Figure], facts: Facts) -> tuple[list[Figure], set[Mention]]:
    """Read ratios, shares and comparisons between decisions; return the figures that are left."""
    left = list(figures)
    used: set[Mention] = set()
    spent: set[Comparison] = set()
    for figure in figures:
        quantity = figure.quantity
        multiple = quantity.kind == QuantityKind.MULTIPLE
        if not multiple and quantity.kind not in _SHARE:
            continue
        comparison = figure.comparison
        if comparison is None:
            if multiple:
                comparison = next(
                    (
                        c
                        for c in clause.comparisons
                        if c not in spent and c.last <= quantity.first and not any(f.comparison is c for f in figures)
                    ),
                    None,
                )
                if comparison is None:
                    # "there must be twice as many vans as lorries": more would do as well.
                    comparison = Comparison("lower", False, quantity.first, quantity.first)
            else:
                continue
        between = _pair(clause, figure, comparison, slate)
        words = [t.lower for t in clause.tokens[quantity.last : clause.last]]
        share = not multiple and (
            between is None
            or any(w in ("total", "all", "overall", "entire", "whole") for w in words[:6])
            or quantity.kind == QuantityKind.PERCENT
        )
        if share:
            target = _share_target(clause, figure)
            if target is None:
                continue
            terms = tuple(
                (k, (1.0 if k == target.decisions[0] else 0.0) - quantity.value) for k in range(len(slate.decisions))
            )
            facts.relations.append(
                Relation(terms, comparison.sense, comparison.strict, 0.0, clause, target.decisions[0], -1, (figure,))
            )
            used.add(target)
        elif between is not None:
            one, two = between
            terms = ((one.decisions[0], 1.0), (two.decisions[0], -quantity.value))
            facts.relations.append(
                Relation(
                    terms,
                    comparison.sense,
                    comparison.strict,
                    0.0,
                    clause,
                    one.decisions[0],
                    two.decisions[0],
                    (figure,),
                )
            )
            used |= {one, two}
        else:
            continue
        spent.add(comparison)
        left.remove(figure)
    for comparison in clause.comparisons:
        if comparison in spent or any(f.comparison is comparison for f in clause.figures):
            continue
        if clause.tokens[comparison.first].lower in ("minimum", "maximum", "within"):
            continue
        pair = _compared(clause, comparison)
        if pair is not None:
            one, two = pair
            terms = ((one.decisions[0], 1.0), (two.decisions[0], -1.0))
            facts.relations.append(
                Relation(terms, comparison.sense, comparison.strict, 0.0, clause, one.decisions[0], two.decisions[0])
            )
            used |= {one, two}
    tokens = clause.tokens
    for index in range(clause.first, clause.last):
        if tokens[index].lower not in ("more", "fewer", "less") or any(
            c.first <= index < c.last for c in clause.comparisons
        ):
            continue
        ahead = [m for m in clause.mentions if m.first > index]
        if len(ahead) < 2 or ahead[0].decisions == ahead[1].decisions or ahead[0].first > index + 3:
            continue
        if not any(t.lower == "than" for t in tokens[ahead[0].last : ahead[1].first]) or (
            index and tokens[index - 1].kind in ("number", "percent")
        ):
            continue
        chunk = {t.lower for t in tokens[_chunk(clause, index) : index]}
        if chunk & {"since", "because", "usually", "often", "as", "expects"} or any(
            word.startswith("prefer") for word in chunk
        ):
            continue
        if any(f.quantity.last == index or index < f.quantity.first < ahead[1].first for f in clause.figures):
            continue
        sense = "lower" if tokens[index].lower == "more" else "upper"
        terms = ((ahead[0].decisions[0], 1.0), (ahead[1].decisions[0], -1.0))
        facts.relations.append(
            Relation(
                terms,
                sense,
                "prefer" not in {t.stem for t in tokens[clause.first : index]},
                0.0,
                clause,
                ahead[0].decisions[0],
                ahead[1].decisions[0],
            )
        )
        used |= {ahead[0], ahead[1]}
    return left, used


def _chunk(clause: Clause, index: int) -> int:
    """Return where the part of the clause begins that holds a token: after the comma before it."""
    for k in range(index - 1, clause.first - 1, -1):
        if clause.tokens[k].text == ",":
            return k + 1
    return clause.first


def _pair(clause: Clause, figure: Figure, comparison: Comparison, slate: Slate) -> tuple[Mention, Mention] | None:
    """Return the decisions of "D1 at least k times D2" and of "at least k times as many D1 as D2"."""
    where = min(figure.quantity.first, comparison.first)
    before = [m for m in clause.mentions if m.last <= where]
    after = [m for m in clause.mentions if m.first >= figure.quantity.last]
    for second in after[1:]:
        between = {t.lower for t in clause.tokens[after[0].last : second.first]}
        if after[0].decisions != second.decisions and between & {"than", "as", "to", "compared", "over"}:
            return after[0], second
    if before and after and before[-1].decisions != after[0].decisions:
        return before[-1], after[0]
    target = {m.decisions for m in clause.mentions}
    elided = figure.quantity.kind == QuantityKind.MULTIPLE and "as" in clause.words()
    if elided and len(target) == 1 and len(slate.decisions) == 2 and after and not before:
        # "three times as many people want the coupe": as want the other one
        return after[0], Mention((1 - after[0].decisions[0],), after[0].first, after[0].first)
    return None


def _share_target(clause: Clause, figure: Figure) -> Mention | None:
    after = [m for m in clause.mentions if m.first >= figure.quantity.last]
    following = next(
        (f.quantity.first for f in clause.figures if f.quantity.first >= figure.quantity.last), clause.last
    )
    near = [m for m in after if m.first < following]
    if near:
        return near[-1] if len({m.decisions for m in near}) == 1 else near[0]
    before = [m for m in clause.mentions if m.last <= figure.quantity.first]
    preceding = max(
        [f.quantity.last for f in clause.figures if f.quantity.last <= figure.quantity.first], default=clause.first
    )
    before = [m for m in before if m.first >= preceding]
    if before:
        return before[-1]
    return None


def _compared(clause: Clause, comparison: Comparison) -> tuple[Mention, Mention] | None:
    before = [m for m in clause.mentions if m.last <= comparison.first]
    after = [m for m in clause.mentions if m.first >= comparison.last]
    if before and after and before[-1].decisions != after[0].decisions:
        if any(f.quantity.first >= comparison.last and f.quantity.first < after[0].first for f in clause.figures):
            return None
        return before[-1], after[0]
    return None


def _is_limit(figure: Figure, clause: Clause, slate: Slate, carry: list[int]) -> bool:
    """Whether a figure bounds something, rather than saying what a unit takes or gives."""
    if figure.comparison is not None:
        return True
    tokens = clause.tokens
    words = set(clause.words())
    decided = {m.decisions[0] for m in clause.mentions}
    quantity = figure.quantity
    previous = max([0, *[f.quantity.last for f in clause.figures if f.quantity.last <= quantity.first]])
    stops = [f.quantity.first for f in clause.figures if f.quantity.first >= quantity.last]
    stops += [m.first for m in clause.mentions if m.first >= quantity.last]
    before = {t.lower for t in tokens[max(clause.first, previous, quantity.first - 5) : quantity.first]}
    after = {t.lower for t in tokens[quantity.last : min([clause.last, *stops])]}
    on_hand = any(a.lower == "on" and b.lower == "hand" for a, b in pairwise(tokens[clause.first : clause.last]))
    if "available" in before | after or before & {"budget", "capacity", "inventory"} or on_hand:
        return True
    if _per_unit(clause, slate):
        return False
    named = {t.stem for t in tokens[clause.first : clause.last] if t.kind == "word"}
    if not decided:
        everyone = words & _EVERY - {"they", "them", "these"} or (words & {"they", "these"} and carry)
        if everyone and words & _CONSUMES:
            return False
        if words & {"per"} and figure.kinds & {"profit"}:
            return False
        if named & (stems("availability") | stems("need") | stems("gain")):
            return True
        if figure.sentence_named:
            return False
        return not set(clause.words()[:2]) & {"it", "its", "they"} and not words & {
            "per",
            "respectively",
            "costs",
            "other",
        }
    if decided == set(range(len(slate.decisions))) and all(m.first >= quantity.last for m in clause.mentions):
        if words & _CONSUMES or words & {"per", "respectively", "every"} or "each" in words:
            return False
        ahead = next((m.first for m in clause.mentions if m.first >= quantity.last), clause.last)
        if len(clause.figures) >= len(clause.mentions) > 1 and "for" in {
            t.lower for t in tokens[quantity.last : ahead]
        }:
            return False
        lead = {t.stem for t in tokens[clause.first : quantity.first] if t.kind == "word"}
        return bool(lead & (stems("availability") | stems("need") | stems("gain")))
    return False


_CONSUMES = frozenset(
    [
        "require",
        "requires",
        "cost",
        "costs",
        "take",
        "takes",
        "needs",
        "respectively",
        "yields",
        "yield",
        "contains",
        "contain",
        "earns",
        "earn",
        "gives",
    ]
)


_ASKS = frozenset(["how", "what", "determine", "find", "minimize", "maximize", "formulate", "minimise", "maximise"])


def _per_unit(clause: Clause, slate: Slate) -> bool:
    """Whether a clause speaks of each unit of any decision: "works 3 hours on each phone"."""
    tokens = clause.tokens
    return any(
        tokens[k].lower in ("each", "every", "per", "both") and tokens[k + 1].stem in slate.shared
        for k in range(clause.first, clause.last - 1)
    )


def _sense(figure: Figure, clause: Clause) -> tuple[str, bool]:
    """Return the sense of a limit: as its comparison says, or as the nearest verb before it means."""
    if figure.comparison is not None:
        return figure.comparison.sense, figure.comparison.strict
    tokens = clause.tokens
    after = {t.lower for t in tokens[figure.quantity.last : min(figure.quantity.last + 8, clause.last)]}
    if after & {"available", "left", "stock"} or "available" in {
        t.lower for t in tokens[clause.first : figure.quantity.first]
    }:
        return "upper", False
    for index in range(figure.quantity.first - 1, clause.first - 1, -1):
        token = tokens[index]
        following = tokens[index + 1].lower if index + 1 < len(tokens) else ""
        if token.lower in ("has", "have", "had"):
            return ("lower" if following == "to" else "upper"), False
        if token.stem in stems("need") or token.lower in ("required", "needed", "demand"):
            return "lower", False
        if token.lower in ("budget", "limit", "capacity", "supply", "stock"):
            return "upper", False
        if token.lower in ("only", "spend") or token.stem in stems("gain"):
            if any(
                t.stem in stems("need") or (t.lower in ("has", "have") and u.lower == "to")
                for t, u in pairwise(tokens[clause.first : index + 1])
            ):
                return "lower", False
            return "upper", False
    words = {t.stem for t in tokens[clause.first : clause.last]}
    if words & {"want", "wish"} and not words & stems("availability"):
        return "lower", False
    return ("lower" if words & stems("need") and not words & stems("availability") else "upper"), False


def _limit(figure: Figure, clause: Clause, slate: Slate, facts: Facts) -> set[Mention]:
    """Record a limit with the decisions that stand beside it; return the mentions it used."""
    quantity = figure.quantity
    sense, strict = _sense(figure, clause)
    nexts = [f.quantity.first for f in clause.figures if f.quantity.first >= quantity.last]
    nexts += [c.first for c in clause.comparisons if c.first >= quantity.last]
    asks = (k for k in range(quantity.last, clause.last) if clause.tokens[k].lower in _ASKS)
    end = min([*nexts, next(asks, clause.last)])
    if end <= quantity.last + 1 and not figure.noun:
        # "a minimum of 20 but at most 50 consoles": both numbers speak of the same noun.
        later = [f for f in clause.figures if f.quantity.first >= quantity.last]
        if later and later[0].quantity.first <= quantity.last + 4:
            end = min([f.quantity.first for f in later[1:]], default=clause.last)
            figure.noun, figure.after, figure.unit = later[0].noun, later[0].after, figure.unit or later[0].unit
    previous = max([f.quantity.last for f in clause.figures if f.quantity.last <= quantity.first], default=clause.first)
    after = [m for m in clause.mentions if quantity.last <= m.first < end]
    before = [m for m in clause.mentions if previous <= m.first and m.last <= quantity.first]
    window = [t.lower for t in clause.tokens[previous:end]]
    together = bool(set(window) & _TOGETHER)
    spot = [
        k
        for k in range(previous, end)
        if clause.tokens[k].lower == "each"
        and not (k + 1 < clause.last and clause.tokens[k - 1].lower != "of" and _of_others(clause.tokens[k + 1], slate))
    ]
    every = any(k >= quantity.last or k >= quantity.first - 3 for k in spot)
    opening = [t.lower for t in clause.tokens[clause.first : clause.first + 2]]
    if (
        set(opening) & {"each", "both", "all"}
        and not clause.mentions
        and clause.tokens[clause.first + 1].stem not in stems("period")
    ):
        every = True
    if "either" in window and not figure.noun and quantity.kind == QuantityKind.PLAIN:
        every, together = True, False
    chosen: list[Mention] = []
    if "either" in window and figure.noun and not after:
        before = []
    if (
        set(window) & {"total", "altogether", "overall", "combined"}
        and figure.noun in slate.shared
        and not after
        and len(before) == 1
    ):
        before = []
    if (
        before
        and after
        and any(
            t.text in (",", "(") or t.lower in ("and", "while") for t in clause.tokens[quantity.last : after[0].first]
        )
    ):
        after = []
    if after:
        chosen = _run(clause, after)
        if figure.comparison is None and len({m.decisions for m in after}) == len(slate.decisions):
            chosen = after
    elif before:
        chosen = before if len({m.decisions for m in before}) > 1 else before[-1:]
    elif (
        (
            not figure.noun
            or (
                clause.tokens[clause.first].lower == "but"
                and (figure.noun in slate.shared or (facts.limits and facts.limits[-1].figure.noun == figure.noun))
            )
        )
        and quantity.kind == QuantityKind.PLAIN
        and not together
        and not after
    ):
        # "at least 10 lenses but at most 25": the decision is the one before.
        chosen = [m for m in clause.mentions if m.last <= quantity.first][-1:]
        if every and "either" in window:
            chosen = []
        elif (
            not chosen
            and facts.limits
            and clause.tokens[clause.first].lower == "but"
            and facts.limits[-1].clause.sentence == clause.sentence
            and len(facts.limits[-1].decisions) == 1
        ):
            chosen = [Mention(facts.limits[-1].decisions, clause.first, clause.first)]
    ids = tuple(dict.fromkeys(m.decisions[0] for m in chosen))
    facts.limits.append(Limit(sense, strict, quantity.value, figure, clause, ids, together, every))
    return set(chosen)


def _of_others(token: Token, slate: Slate) -> bool:
    """Whether the noun after "each" is neither a decision nor a word for any: "each week", "each team"."""
    if token.kind != "word" or token.lower in plain("function") or is_verb(token) or token.measure:
        return token.stem in stems("period")
    names = slate.shared.union(*(d.words for d in slate.decisions))
    return token.stem not in names | stems("generic") | stems("division") | stems("hypernym")


def _run(clause: Clause, found: list[Mention]) -> list[Mention]:
    """Return the first mention and those joined to it by "and", "or" or a comma."""
    run = [found[0]]
    for mention in found[1:]:
        between = clause.tokens[run[-1].last : mention.first]
        joined = any(t.lower in ("and", "or", ",") for t in between)
        if (
            joined
            and len(between) <= 4
            and not any(
                is_verb(t)
                or t.lower == "number"
                or (
                    t.kind == "word" and t.lower in plain("function") and t.lower not in ("and", "or", "the", "of", "a")
                )
                for t in between
            )
        ):
            run.append(mention)
        else:
            break
    return run


def _coefficients(
    figures: list[Figure], clause: Clause, slate: Slate, facts: Facts, named: list[Mention], carry: list[int]
) -> None:
    """Pair figures with decisions: each figure goes to the decision before it, or after it if a figure leads."""
    groups: list[list[Mention]] = []
    for mention in named:
        if groups and mention in _run(clause, [groups[-1][-1], mention]):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    everyone = [Mention((k,), 0, 0) for k in range(len(slate.decisions))]
    if not groups:
        for figure in figures:
            figure.implied = True
        words = clause.words()
        if set(words) & _EVERY or "respectively" in words:
            groups = [[Mention(m.decisions, clause.first, clause.first) for m in everyone]]
        elif carry and (set(words) & {"it", "its", "one", "they", "this", "which"} or figures[0].inherited):
            groups = [[Mention((k,), clause.first, clause.first) for k in carry]]
        else:
            facts.unread.extend(figures)
            return
    runs = _figure_runs(figures, clause)
    leading = runs[0][0].quantity.first < groups[0][0].first
    for run in runs:
        group = _group_for(run, groups, clause, leading=leading)
        distinct = list(dict.fromkeys(m.decisions[0] for m in group))
        if len(run) > 1 and len(run) == len(distinct):
            for figure, decision in zip(run, distinct, strict=True):
                _add(facts, decision, figure)
        elif (
            len(run) > 1
            and len(distinct) == 1
            and len(run) == len(slate.decisions)
            and "respectively" in clause.words()
        ):
            for k, figure in enumerate(run):
                _add(facts, k, figure)
        else:
            for figure in run:
                for decision in distinct:
                    _add(facts, decision, figure)


def _add(facts: Facts, decision: int, figure: Figure) -> None:
    value = figure.quantity.value
    if "loss" in figure.kinds:
        value = -value
    facts.coefficients.append(Coefficient(decision, value, figure))


def _figure_runs(figures: list[Figure], clause: Clause) -> list[list[Figure]]:
    runs: list[list[Figure]] = []
    for figure in figures:
        if runs:
            between = clause.tokens[runs[-1][-1].quantity.last : figure.quantity.first]
            told = "respectively" in clause.words()
            repeated = told and len(between) <= 4 and not any(is_verb(t) or t.kind == "number" for t in between)
            if repeated and any(t.lower == "and" for t in between) and clause.tokens[figure.quantity.last].stem in {
                t.stem for t in between
            }:
                runs[-1].append(figure)
                continue
            if between and all(
                t.lower in ("and", ",", "or") or (told and (t.measure or t.stem in stems("period")))
                for t in between
            ):
                runs[-1].append(figure)
                continue
        runs.append([figure])
    # Values of a run share what is said about the last of them ("2 and 3 hours of labor").
    for run in runs:
        for figure in run:
            if len(run) > 1:
                figure.kinds = figure.kinds or run[0].kinds or run[-1].kinds
                figure.unit = figure.unit or run[-1].unit
                figure.after = run[-1].after | figure.after
                figure.before = run[0].before
    return runs


def _group_for(run: list[Figure], groups: list[list[Mention]], clause: Clause, *, leading: bool) -> list[Mention]:
    first, last = run[0].quantity.first, run[-1].quantity.last
    before = [g for g in groups if g[0].first < first]
    after = [g for g in groups if g[0].first >= last]
    if after:
        gap = clause.tokens[last : after[0][0].first]
        tight = (
            any(t.lower in ("per", "for", "on", "of") for t in gap[:3])
            and len(gap) <= 6
            and not any(t.text == "," or t.lower == "and" for t in gap)
        )
        if tight and not before:
            return after[0]
        if tight and any(t.lower == "per" or t.lower == "each" for t in gap):
            return after[0]
    if leading and after:
        return after[0]
    if before:
        return before[-1]
    return after[0] if after else groups[-1]
