"""Interpretation: the linear model that one slate of decisions gives the text, and what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from formulation.embedded.attributes import Attribute, collect, complete, overlap
from formulation.embedded.decisions import Slate, mentions
from formulation.embedded.figures import Figure, clauses
from formulation.embedded.lexicon import plain, plain_phrases, roots, stems
from formulation.embedded.objective import Goal
from formulation.embedded.quantities import QuantityKind
from formulation.embedded.roles import Coefficient, Facts, Limit, Relation, read_clause
from formulation.embedded.tokens import Token


@dataclass(frozen=True, slots=True)
class Term:
    """A coefficient of a row; ``source`` is where its number stands, None for a plain one."""

    value: float
    source: Coefficient | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """terms·x (sense) constant, with the figures it was read from and the span of its clause."""

    terms: dict[int, Term]
    sense: str
    strict: bool
    constant: float
    figures: tuple[Figure, ...]
    sentence: int
    first: int
    last: int
    label: str
    kind: str
    relation: Relation | None = None
    told: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Where an interpretation departs from the first reading.

    ``limits`` are figures (sentence, token) read as limits, ``pairs`` limits with the index of the attribute they
    bound,
    ``objective`` the index of the attribute to be best, ``TOTAL`` for the number of all decisions.
    """

    limits: frozenset[tuple[int, int]] = frozenset()
    pairs: frozenset[tuple[int, int, int]] = frozenset()
    objective: int | None = None


_FIRST = Choice()
TOTAL = -1


@dataclass(slots=True)
class Interpretation:
    """A model of the text for one slate; ``failed`` names the checks that it does not pass."""

    slate: Slate
    facts: Facts
    attributes: list[Attribute]
    goal: Goal | None = None
    objective: dict[int, Term] = field(default_factory=dict)
    objective_label: str = ""
    rows: list[Row] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    loose: list[Figure] = field(default_factory=list)
    named: dict[int, list[int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    score: float = 0.0


_COUNTED = frozenset(["two", "three", "four", "five", "six", "the", "these", "2", "3", "4", "5", "6"])


def interpret(
    sentences: list[tuple[Token, ...]], slate: Slate, goals: list[Goal], choice: Choice = _FIRST
) -> Interpretation:
    """Return the model that the sentences give if the decisions are those of ``slate``."""
    facts = Facts()
    carry: list[int] = []
    named: dict[int, list[int]] = {}
    for number, tokens in enumerate(sentences):
        for clause in clauses(number, tokens, slate):
            for mention in clause.mentions:
                named.setdefault(mention.decisions[0], []).append(number)
            read_clause(clause, slate, facts, carry, choice.limits)
    attributes = collect(facts)
    complete(attributes, facts, len(slate.decisions))
    result = Interpretation(slate, facts, attributes)
    result.loose = list(facts.unread)
    result.named = named
    units = decision_units(sentences) | _unit_of(sentences, slate)
    objective = _objective(result, goals, units, choice)
    _limits(result, objective, units, choice)
    for said, clause in facts.expressions:
        result.rows.append(
            Row(
                {k: Term(v) for k, v in said.terms},
                said.sense,
                said.strict,
                said.constant,
                said.figures,
                clause.sentence,
                clause.first,
                clause.last,
                "balance",
                "expression",
            )
        )
    if facts.problems:
        result.failed.append(facts.problems[0])
    if _logical(sentences):
        result.failed.append("a condition between decisions")
    if _nonlinear(sentences, result.goal):
        result.failed.append("the objective is no sum")
    for relation in facts.relations:
        terms = {k: Term(v) for k, v in relation.terms if v}
        clause = relation.clause
        result.rows.append(
            Row(
                terms,
                relation.sense,
                relation.strict,
                relation.constant,
                relation.figures,
                clause.sentence,
                clause.first,
                clause.last,
                "relation",
                "relation",
                relation,
            )
        )
    _check(result, objective)
    return result


def _logical(sentences: list[tuple[Token, ...]]) -> bool:
    """Whether the text ties choices together by "only if", "cannot both", "is not rented" and the like."""
    for tokens in sentences:
        words = f" {' '.join(token.lower for token in tokens)} "
        if any(f" {phrase} " in words for phrase in plain_phrases("logic")):
            return True
    return False


def _nonlinear(sentences: list[tuple[Token, ...]], goal: Goal | None) -> bool:
    """Whether words speak of a quotient, a product or a power of decisions, which no linear model holds."""
    for tokens in sentences:
        words = {token.lower for token in tokens}
        if any(a.lower == "divided" and b.lower == "by" for a, b in pairwise(tokens)):
            return True
        if words & {"squared", "cubed", "quadratic", "exponential", "logarithm", "nonlinear"}:
            return True
    if goal is not None:
        said = {token.lower for token in goal.words}
        return bool(said & {"ratio", "efficiency", "variance", "risk"}) or ("average" in said and "per" in said)
    return False


def decision_units(sentences: list[tuple[Token, ...]]) -> set[str]:
    """Return the stems of the units in which the decisions are counted ("acres of each", "hours at farm 1")."""
    found: set[str] = set()
    for tokens in sentences:
        for index, token in enumerate(tokens):
            if not token.measure and token.stem not in stems("period") and token.stem != "foot":
                continue
            square = index > 1 and tokens[index - 1].stem == "squar"
            before = tokens[index - 2 if square else index - 1].lower if index else ""
            after = [t.lower for t in tokens[index + 1 : index + 4]]
            used_up = after[:1] == ["of"] and (  # "1 hour of oven time", "1 kg of flour": what a decision takes
                (before in ("one", "1") and token.stem not in ("acre", "hectar"))
                or (before in ("a", "an") and token.stem in stems("period"))
            )
            if used_up:
                continue
            if before in ("many", "much") or (
                before in ("per", "each", "a", "an", "one", "1", "every") and after[:1] in (["of"], ["at"], ["in"])
            ):
                found.add(token.stem)
            if before == "per" and token.measure and token.stem not in stems("period"):
                found.add(token.stem)
            if after[:2] == ["of", "each"] or (after[:1] == ["of"] and before in ("acres", "per")):
                found.add(token.stem)
    return found


def _unit_of(sentences: list[tuple[Token, ...]], slate: Slate) -> set[str]:
    """Return the areas that are counted of a decision itself: "7 acres of pumpkins"."""
    found: set[str] = set()
    for tokens in sentences:
        for mention in mentions(tokens, slate):
            if mention.first > 2 and tokens[mention.first - 1].lower == "of" and tokens[mention.first - 3].kind == "number":
                if tokens[mention.first - 2].stem in ("acre", "hectar"):
                    found.add(tokens[mention.first - 2].stem)
    return found


def _objective(result: Interpretation, goals: list[Goal], units: set[str], choice: Choice) -> set[int]:
    """Fill in the objective; return the indices of the attributes it uses."""
    if not goals:
        result.failed.append("no objective")
        return set()
    strong = [g for g in goals if g.strong]
    senses = {g.sense for g in strong}
    if len(senses) > 1:
        result.failed.append("two objectives")
        return set()
    n = len(result.slate.decisions)
    ranked = strong or goals
    if choice.objective == TOTAL:
        result.goal, result.objective, result.objective_label = ranked[0], {k: Term(1.0) for k in range(n)}, "total"
        return set()
    if choice.objective is not None and choice.objective < len(result.attributes):
        k = choice.objective
        result.goal, result.objective = ranked[0], _terms(result.attributes[k])
        result.objective_label = " ".join(w.text for w in ranked[0].words)
        return {k}
    for goal in ranked:
        hit = _goal_attributes(result, goal, units)
        if hit is None:
            continue
        used, terms, label = hit
        result.goal, result.objective, result.objective_label = goal, terms, label
        if len(terms) < n:
            result.failed.append("a decision is not in the objective")
        return used
    result.goal = ranked[0]
    result.failed.append("objective without numbers")
    return set()


def _terms(attribute: Attribute) -> dict[int, Term]:
    return {k: Term(c.value, c) for k, c in attribute.values.items()}


def _goal_attributes(
    result: Interpretation, goal: Goal, units: set[str]
) -> tuple[set[int], dict[int, Term], str] | None:
    n = len(result.slate.decisions)
    attributes = result.attributes
    kinds = []
    for kind in ("profit", "revenue", "cost"):
        if any(w.root in roots(kind, "money") for w in goal.words):
            kinds.append(kind)
    kind = kinds[0] if kinds else ""
    if (
        kind == "cost"
        and any(w.stem in ("tim", "hour", "day", "minute") for w in goal.words)
        and not any(w.stem in ("cost", "expens", "money") for w in goal.words)
    ):
        kind = ""
    of_kind = {
        name: [k for k, a in enumerate(attributes) if name in a.kinds or (name == "profit" and "loss" in a.kinds)]
        for name in ("profit", "revenue", "cost")
    }
    full = [k for k, a in enumerate(attributes) if len(a.values) == n]
    if kind == "profit":
        if of_kind["profit"]:
            k = _first_full(attributes, of_kind["profit"], n)
            return {k}, _terms(attributes[k]), "profit"
        if of_kind["revenue"]:
            k = _first_full(attributes, of_kind["revenue"], n)
            costs = [c for c in of_kind["cost"] if c in full]
            if costs and k in full and len(costs) == 1:
                terms = {
                    d: Term(attributes[k].values[d].value - attributes[costs[0]].values[d].value) for d in range(n)
                }
                result.failed.append("profit from price and cost")
                return {k, costs[0]}, terms, "profit"
            return {k}, _terms(attributes[k]), "revenue"
    if kind == "revenue":
        for name in ("revenue", "profit"):
            if of_kind[name]:
                k = _first_full(attributes, of_kind[name], n)
                return {k}, _terms(attributes[k]), "revenue"
    if kind == "cost" and of_kind["cost"]:
        words = frozenset(w.root for w in goal.words)
        k = max(of_kind["cost"], key=lambda k: (len(attributes[k].values) == n, overlap(words, attributes[k].topic)))
        return {k}, _terms(attributes[k]), "cost"
    topic = frozenset(
        w.root for w in goal.words if w.root not in roots("empty") and (len(w.root) > 2 or w.root.endswith("_"))
    )
    topic |= frozenset(w.root for w in goal.words if w.lower == "times")
    counted = any(w.lower == "number" for w in goal.words[:4])
    if any(w.stem == "tim" for w in goal.words[:4]) and units & {"hour", "day", "minute", "week", "shift"}:
        if not any(a.unit in stems("period") for a in attributes):
            return set(), {k: Term(1.0) for k in range(n)}, "total time"
    scored = sorted(
        ((overlap(topic, attributes[k].topic), -k) for k in full if not counted or attributes[k].unit in ("", "unit")),
        reverse=True,
    )
    if scored and scored[0][0] > 0 and not kind:
        k = -scored[0][1]
        return {k}, _terms(attributes[k]), " ".join(w.text for w in goal.words)
    if kind:
        plain_ones = [k for k in full if attributes[k].unit in ("unit", "") and not limited(result, k)]
        if len(plain_ones) == 1 and not any(a.unit in ("$", "%") for a in attributes):
            return {plain_ones[0]}, _terms(attributes[plain_ones[0]]), kind
        money = [k for k, a in enumerate(attributes) if a.unit in ("$", "%") and k in full]
        if len(money) == 1 and not (
            kind == "profit" and "cost" in attributes[money[0]].kinds and goal.sense == "maximize"
        ):
            return {money[0]}, _terms(attributes[money[0]]), kind
        return None
    stems_said = {w.stem for w in goal.words}
    unit_attributes = [
        k
        for k in full
        if attributes[k].unit
        and attributes[k].unit in stems_said | ({"hour", "minute", "day"} if "tim" in stems_said else set())
    ]
    if len(unit_attributes) == 1:
        k = unit_attributes[0]
        return {k}, _terms(attributes[k]), "time"
    names = frozenset().union(*(d.words for d in result.slate.decisions)) | result.slate.shared | units
    generic = stems("generic") | {"tim", "pill", "person", "worker", "staff", "trip", "vehicl"}
    if stems_said & (names | generic):
        limits = [limit.figure for limit in result.facts.limits]
        idle = [
            k
            for k in full
            if attributes[k].unit not in ("$", "%")
            and attributes[k].topic
            and not any(
                overlap(f.after, attributes[k].topic)
                or (f.unit and f.unit not in ("unit", "$") and f.unit == attributes[k].unit)
                for f in limits
            )
        ]
        if len(idle) == 1 and not stems_said & names:
            return {idle[0]}, _terms(attributes[idle[0]]), " ".join(w.text for w in goal.words)
        return set(), {k: Term(1.0) for k in range(n)}, "total"
    limits = [limit.figure for limit in result.facts.limits]
    idle = [
        k for k in full if not any(overlap(f.after, attributes[k].topic) for f in limits) and attributes[k].unit != "$"
    ]
    if counted:  # a number of something is no amount of time
        idle = [k for k in idle if attributes[k].unit not in stems("period")]
    if len(idle) == 1 and (goal.sense == "maximize" or kind):
        return {idle[0]}, _terms(attributes[idle[0]]), " ".join(w.text for w in goal.words)
    if not idle and (counted or full) and all(limited(result, k) for k in full):
        # Every resource has its limit, so the "number of patients" is that of the decisions themselves.
        return set(), {k: Term(1.0) for k in range(n)}, " ".join(w.text for w in goal.words)
    return None


def limited(result: Interpretation, index: int) -> bool:
    """Whether the words of a limit speak of an attribute."""
    topic = result.attributes[index].topic
    return any(overlap(limit.figure.after, topic) for limit in result.facts.limits)


def _first_full(attributes: list[Attribute], choice: list[int], n: int) -> int:
    return max(choice, key=lambda k: (len(attributes[k].values) == n, -k))


def _limits(result: Interpretation, objective: set[int], units: set[str], choice: Choice) -> None:
    waiting: list[Limit] = []
    bound: set[int] = set()
    placed = _respectively(result, bound)
    for limit in result.facts.limits:
        for sentence, first, k in choice.pairs:
            if (limit.figure.sentence, limit.figure.quantity.first) == (sentence, first) and k < len(result.attributes):
                _place(result, limit, (k,), bound)
                placed.add(id(limit))
    for limit in result.facts.limits:
        if id(limit) in placed:
            continue
        if limit.figure.quantity.kind in (QuantityKind.PERCENT, QuantityKind.MULTIPLE) or (
            limit.figure.quantity.kind == QuantityKind.FRACTION
        ):
            result.loose.append(limit.figure)
            continue
        target = _target(result, limit, objective, units, bound)
        if target is None:
            waiting.append(limit)
            continue
        _place(result, limit, target, bound)
    for limit in waiting:
        target = _target(result, limit, objective, units, bound, last_chance=True)
        if target is None:
            result.loose.append(limit.figure)
        else:
            _place(result, limit, target, bound)


def name_of(figure: Figure) -> str:
    """Return what a figure is called in names: its own words, what money it is, or its unit."""
    return figure.label or next(iter(sorted(figure.kinds)), "") or figure.unit.strip("$%") or "amount"


def _respectively(result: Interpretation, bound: set[int]) -> set[int]:
    """Place the limits of "dye, thinner and water are 15, 20 and 18 units respectively"; return their ids."""
    placed: set[int] = set()
    runs: dict[int, list[Limit]] = {}
    for limit in result.facts.limits:
        if "respectively" in limit.clause.words() and not limit.decisions:
            runs.setdefault(id(limit.clause), []).append(limit)
    for run in runs.values():
        if len(run) < 2:
            continue
        clause = run[0].clause
        before = [t.root for t in clause.tokens[clause.first : run[0].figure.quantity.first]]
        if not any(overlap({word}, attribute.topic) for word in before for attribute in result.attributes):
            before = [t.root for t in clause.tokens[run[-1].figure.quantity.last : clause.last]]
        order: list[tuple[int, int]] = []
        for k, attribute in enumerate(result.attributes):
            others = set().union(*(a.topic for a in result.attributes if a is not attribute))
            places = [i for i, word in enumerate(before) if overlap({word}, attribute.topic - others)]
            if places:
                order.append((places[0], k))
        order.sort()
        if len(order) == len(run):
            for limit, (_, k) in zip(run, order, strict=True):
                _place(result, limit, (k,), bound)
                placed.add(id(limit))
    return placed


def _place(
    result: Interpretation, limit: Limit, target: list[dict[int, Term]] | tuple[int, ...], bound: set[int]
) -> None:
    rows: list[tuple[dict[int, Term], str]]
    if isinstance(target, tuple):
        bound |= set(target)
        rows = [(_terms(result.attributes[k]), "resource") for k in target]
    else:
        rows = [(terms, "bound" if len(terms) == 1 else "total") for terms in target]
    clause = limit.clause
    for terms, kind in rows:
        sources = [t.source for t in terms.values() if t.source is not None]
        label = name_of(sources[0].figure) if sources else limit.figure.label
        result.rows.append(
            Row(
                terms,
                limit.sense,
                limit.strict,
                limit.value,
                (limit.figure,),
                clause.sentence,
                clause.first,
                clause.last,
                label,
                kind,
                told=any(overlap(limit.figure.after, s.figure.after) for s in sources),
            )
        )


def _target(
    result: Interpretation,
    limit: Limit,
    objective: set[int],
    units: set[str],
    bound: set[int],
    *,
    last_chance: bool = False,
) -> list[dict[int, Term]] | tuple[int, ...] | None:
    """Return the attributes (a tuple of indices) or the rows of decisions that a limit is about."""
    figure = limit.figure
    n = len(result.slate.decisions)
    attributes = result.attributes
    everyone = {k: Term(1.0) for k in range(n)}
    free = list(range(len(attributes)))

    def same_unit(k: int) -> bool:
        unit = attributes[k].unit
        if unit == "%" and attributes[k].topic and not attributes[k].kinds:
            return figure.unit not in ("$", "%")
        return unit == figure.unit or ({unit, figure.unit} <= {"", "unit"})

    if not limit.decisions and _of_each(limit):
        return [{k: Term(1.0)} for k in range(n)]
    if not limit.decisions and _whole_number(limit, result, units):
        return [everyone]
    if limit.every and not limit.decisions and figure.unit in ("", "unit", "$") and _each_decision(limit, result.slate):
        return [{k: Term(1.0)} for k in range(n)]
    if not limit.decisions and limit.every and figure.unit:
        open_ones = [k for k in free if attributes[k].unit == figure.unit and k not in objective and k not in bound]
        if (
            figure.unit not in ("$", "%", "unit")
            and len(open_ones) > 1
            and not overlap(figure.after, {"avail"} | set().union(*(attributes[k].topic for k in open_ones)))
        ):
            return tuple(open_ones)
    if not limit.decisions and limit.every:
        several = [
            k
            for k in free
            if same_unit(k)
            and overlap(figure.wide, attributes[k].topic)
            and (attributes[k].topic - figure.after or True)
        ]
        if len(several) > 1 and all(_own_word(attributes, k, several, figure.wide) for k in several):
            return tuple(several)

    def match(k: int, said: frozenset[str]) -> float:
        """Return how well words speak of an attribute; its head noun counts twice, one without a limit leads."""
        headed = bool(figure.head) and overlap({figure.head}, attributes[k].topic) > 0
        if figure.unit in ("", "unit") and figure.head and not headed and attributes[k].topic:
            return 0.0
        same = overlap(said, attributes[k].topic)
        return same + (1.0 if headed else 0.0) + (0.0 if k in bound else 1.5) if same else 0.0

    if limit.together and figure.unit not in ("%",) and figure.comparison is not None:
        rivals = [k for k in free if same_unit(k) and figure.head and overlap({figure.head}, attributes[k].topic)]
        spoken = limit.clause.words()
        named = len(limit.decisions) > 1 or any(
            a in ("all", "both") and (b in _COUNTED or b.endswith("s")) for a, b in pairwise(spoken)
        )
        if (
            not rivals
            and named
            and len(limit.decisions) != 1
            and not set(spoken) & {"cost", "costs", "expenses", "spend"}
        ):
            chosen = limit.decisions if len(limit.decisions) > 1 else tuple(range(n))
            return [{k: Term(1.0) for k in chosen}]
    by_topic = [(match(k, figure.after), -k) for k in free if same_unit(k)]
    by_topic = sorted((s for s in by_topic if s[0] > 0), reverse=True)
    if by_topic and (len(by_topic) == 1 or by_topic[0][0] > by_topic[1][0]):
        headed = bool(figure.head) and overlap({figure.head}, attributes[-by_topic[0][1]].topic) > 0
        if not limit.decisions or (figure.unit != "$" and (headed or figure.unit not in ("", "unit"))):
            return (-by_topic[0][1],)
    shared_noun = figure.noun in result.slate.shared and (figure.unit in ("", "unit", figure.noun))
    budget = figure.unit == "$" and "budget" in limit.clause.words() and len(limit.decisions) < n
    if limit.every and not limit.decisions and not figure.noun and figure.unit == "":
        return [{k: Term(1.0)} for k in range(n)]
    if limit.decisions and not budget:
        if len(limit.decisions) == 1:
            return [{limit.decisions[0]: Term(1.0)}]
        if limit.every and not limit.together:
            return [{k: Term(1.0)} for k in limit.decisions]
        if limit.together and not figure.after:
            return [{k: Term(1.0) for k in limit.decisions}]
    if figure.unit == "$":
        costs = [k for k in free if "cost" in attributes[k].kinds and attributes[k].unit == "$"]
        said = figure.after | figure.before
        if costs and (len(costs) == 1 or last_chance):
            ranked = sorted(costs, key=lambda k: -overlap(said, attributes[k].topic))
            if len(costs) == 1 or overlap(said, attributes[ranked[0]].topic) > overlap(
                said, attributes[ranked[1]].topic
            ):
                return (ranked[0],)
        if (
            any(a.unit == "%" and "$" not in {b.unit for b in attributes} for a in attributes)
            or "dollar" in units
            or (not costs and {"invest"} & set(roots_of(limit)))
        ):
            return [everyone]
        kinds = [k for k in free if attributes[k].unit == "$" and (attributes[k].kinds & figure.kinds)]
        if len(kinds) == 1:
            return (kinds[0],)
        money = [k for k in free if attributes[k].unit == "$"]
        wages = result.goal is not None and result.goal.sense == "minimize"
        if len(money) == 1 and ("profit" not in attributes[money[0]].kinds or wages):
            return (money[0],)
        if last_chance:
            wide = _widest(result, limit, [k for k in money if k not in objective] or money)
            if wide is not None:
                return (wide,)
        return None
    if shared_noun:
        return [everyone]
    said = figure.after | figure.before
    same = [k for k in free if same_unit(k) and attributes[k].unit != "$"]
    if not same and (
        figure.unit in units
        or (
            last_chance
            and figure.comparison is not None
            and figure.unit not in ("", "unit")
            and figure.unit not in stems("period")
        )
    ):
        return [everyone]
    wide = _widest(result, limit, same) if figure.unit not in ("", "unit") or not figure.head else None
    if wide is not None:
        return (wide,)
    fresh = [k for k in same if k not in bound and k not in objective]
    if (
        last_chance
        and len(fresh) == 1
        and (figure.unit or not attributes[fresh[0]].topic)
        and figure.noun not in stems("hypernym")
    ):
        return (fresh[0],)
    if figure.unit and figure.unit != "unit":
        if len(same) == 1:
            return (same[0],)
        words = limit.clause.words()
        others = [other for other in result.facts.limits if other.figure.unit == figure.unit and other is not limit]
        if len(same) > 1 and set(words) & {"each", "both", "either", "all"} and not limit.decisions and not others:
            return tuple(same)
        if figure.unit in units and last_chance:
            return [everyone]
        return None
    generic = figure.noun in stems("generic") and (not fresh or figure.unit == "")
    if limit.together or generic or (limit.decisions and not figure.noun):
        if len(limit.decisions) in (0, n):
            return [everyone]
    names = frozenset().union(*(d.words for d in result.slate.decisions))
    if figure.noun in names or figure.noun in units:
        return [everyone]
    if last_chance and figure.noun and _hypernym(limit):
        return [everyone]
    open_counts = [k for k in same if k not in bound and k not in objective]
    if last_chance and figure.comparison is not None and figure.noun and not open_counts and not limit.decisions:
        return [everyone]
    return None


def _of_each(limit: Limit) -> bool:
    """Whether a limit ends in "of each", with no noun behind."""
    tokens = limit.clause.tokens
    for k in range(limit.figure.quantity.last, min(limit.figure.quantity.last + 3, limit.clause.last - 1)):
        if tokens[k].lower == "of" and tokens[k + 1].lower == "each":
            after = tokens[k + 2] if k + 2 < limit.clause.last else None
            return after is None or after.kind != "word" or after.lower in plain("function")
    return False


def _whole_number(limit: Limit, result: Interpretation, units: set[str]) -> bool:
    """Whether the subject of a limit is "the total number of" the things decided, or of anything like them."""
    tokens = limit.clause.tokens
    names = frozenset().union(*(d.words for d in result.slate.decisions)) | result.slate.shared | units
    common = names | stems("generic") | stems("hypernym") | {"resourc"}
    for k in range(limit.clause.first, limit.figure.quantity.first - 3):
        if tokens[k].lower == "total" and tokens[k + 1].lower in ("number", "amount", "quantity"):
            noun = tokens[k + 3]
            topics = {word for attribute in result.attributes for word in attribute.topic}
            counted = noun.stem in common or limit.figure.unit in ("", "unit")
            return counted and not overlap({noun.root}, topics)
    return False


def _each_decision(limit: Limit, slate: Slate) -> bool:
    """Whether a limit holds for each of the decisions: "at least two units of each press"."""
    tokens = limit.clause.tokens
    names = slate.shared | {"sourc", "type", "typ", "product", "item", "option", "kind", "categori", "project", "on"}
    asks = (k for k in range(limit.figure.quantity.last, limit.clause.last) if tokens[k].lower in ("how", "what"))
    for k in range(limit.clause.first, next(asks, limit.clause.last) - 1):
        if tokens[k].lower == "each" and any(t.stem in names for t in tokens[k + 1 : k + 3]):
            return True
    return False


def _own_word(attributes: list[Attribute], index: int, several: list[int], said: frozenset[str]) -> bool:
    """Whether words that only this attribute has are among ``said``."""
    others = set().union(*(attributes[k].topic for k in several if k != index))
    return overlap(attributes[index].topic - others, said) > 0


def roots_of(limit: Limit) -> list[str]:
    """Return the roots of a limit's clause."""
    return [t.root for t in limit.clause.tokens[limit.clause.first : limit.clause.last]]


def _hypernym(limit: Limit) -> bool:
    words = set(limit.clause.words())
    together = words & {"total", "combined", "altogether", "overall", "together"}
    return bool(together) or limit.figure.noun in stems("hypernym")


def _widest(result: Interpretation, limit: Limit, choice: list[int]) -> int | None:
    """Return the attribute that shares most words with the clause of a limit, if one leads."""
    said = limit.figure.after | limit.figure.before
    scored = sorted(((overlap(said, result.attributes[k].topic), -k) for k in choice), reverse=True)
    if scored and scored[0][0] > 0 and (len(scored) == 1 or scored[0][0] > scored[1][0]):
        return -scored[0][1]
    return None


def _doubled(rows: list[Row]) -> bool:
    """Whether one resource, or one decision, has two limits of the same sense."""
    seen: dict[tuple[object, ...], Row] = {}
    for row in rows:
        if row.kind not in ("resource", "bound", "total"):
            continue
        key = (row.sense, tuple(sorted((k, t.value, id(t.source)) for k, t in row.terms.items())))
        other = seen.setdefault(key, row)
        said = all(f.comparison is not None for f in (*row.figures, *other.figures)) and row.sentence != other.sentence
        if other.constant != row.constant and not (row.kind == "bound" and said):
            return True
    return False


def _crossing(rows: list[Row]) -> bool:
    """Whether a lower limit of one sum of decisions is above an upper limit of the same sum."""
    low: dict[tuple[tuple[int, float], ...], float] = {}
    high: dict[tuple[tuple[int, float], ...], float] = {}
    for row in rows:
        key = tuple(sorted((k, t.value) for k, t in row.terms.items()))
        if row.sense in ("lower", "equal"):
            low[key] = max(low.get(key, row.constant), row.constant)
        if row.sense in ("upper", "equal"):
            high[key] = min(high.get(key, row.constant), row.constant)
    return any(value > high[key] for key, value in low.items() if key in high)


def _check(result: Interpretation, objective: set[int]) -> None:
    n = len(result.slate.decisions)
    facts = result.facts
    used: set[int] = set()
    for row in result.rows:
        used |= set(row.terms)
    rowed = {id(t.source) for row in result.rows for t in row.terms.values() if t.source is not None}
    idle = [
        c.figure
        for k, attribute in enumerate(result.attributes)
        if k not in objective
        for c in attribute.values.values()
        if id(c) not in rowed
    ]
    result.loose.extend(idle)
    if result.loose:
        result.failed.append("a number has no place")
    told_of = {
        k: len(result.named.get(k, ())) + sum(1 for c in facts.coefficients if c.decision == k) for k in range(n)
    }
    if min(told_of.values()) < 3:
        result.failed.append("a decision is named only once")
    apart = {k for row in result.rows if len(row.terms) < n or row.kind != "total" for k in row.terms}
    apart |= {k for k, t in result.objective.items() if t.source is not None}
    if len(apart) < n and result.objective:
        result.failed.append("nothing tells a decision from the others")
    if _doubled(result.rows):
        result.failed.append("two limits on one thing")
    if _crossing(result.rows):
        result.failed.append("limits contradict each other")
    if not result.rows:
        result.failed.append("no constraint")
    if len(used | set(result.objective)) < n:
        result.failed.append("a decision is in nothing")
    if result.goal is not None and result.rows:
        away = "lower" if result.goal.sense == "maximize" else "upper"
        if all(r.sense == away for r in result.rows):
            if all(r.relation is not None or all(f.comparison is not None for f in r.figures) for r in result.rows):
                result.notes.append("As the text stands, nothing keeps the objective from growing without end.")
            else:
                result.failed.append("nothing holds the objective")
    told = {id(c) for row in result.rows if row.told for c in (t.source for t in row.terms.values())}
    partial = [
        k
        for k, a in enumerate(result.attributes)
        if len(a.values) < n and k not in objective and not all(id(c) in told for c in a.values.values())
    ]
    if partial:
        result.failed.append("a resource leaves a decision out")
    result.score = result.slate.score - 3.0 * len(result.failed) - 0.7 * len(result.loose) + 0.1 * len(result.rows)
