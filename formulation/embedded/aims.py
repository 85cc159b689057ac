"""The row of numbers that the objective speaks of, or the number of all decisions."""

from __future__ import annotations

from itertools import combinations

from formulation.embedded.attributes import Attribute, overlap
from formulation.embedded.failed import Check
from formulation.embedded.lexicon import plain, roots, stems
from formulation.embedded.model import TOTAL, Choice, Interpretation, Term
from formulation.embedded.objective import Goal


def choose_objective(result: Interpretation, goals: list[Goal], units: set[str], choice: Choice) -> set[int]:
    """Fill in the objective; return the indices of the attributes it uses."""
    if not goals:
        implied = _implied(result, None)
        if implied is None:
            result.failed.append(Check.NO_OBJECTIVE)
            return set()
        return implied
    strong = [g for g in goals if g.strong]
    if len({g.sense for g in strong}) > 1 or any(_apart(one, two) for one, two in combinations(strong, 2)):
        result.failed.append(Check.TWO_OBJECTIVES)
        return set()
    n = len(result.slate.decisions)
    ranked = strong or goals
    if choice.objective == TOTAL:
        result.goal, result.objective, result.objective_label = ranked[0], {k: Term(1.0) for k in range(n)}, "total"
        return set()
    if choice.objective is not None and choice.objective < len(result.attributes):
        k = choice.objective
        result.goal, result.objective = ranked[0], terms_of(result.attributes[k])
        result.objective_label = " ".join(w.text for w in ranked[0].words)
        return {k}
    for goal in ranked:
        if not goal.strong and {w.stem for w in goal.words} & stems("plan", "objective"):
            implied = _implied(result, goal)
            if implied is not None:
                return implied
        hit = _goal_attributes(result, goal, units)
        if hit is None:
            continue
        used, terms, label = hit
        result.goal, result.objective, result.objective_label = goal, terms, label
        if len(terms) < n:
            result.failed.append(Check.NO_CONTRIBUTION)
        return used
    implied = _implied(result, ranked[0])
    if implied is not None:
        return implied
    result.goal = ranked[0]
    result.failed.append(Check.OBJECTIVE_WITHOUT_NUMBERS)
    return set()


def _apart(one: Goal, two: Goal) -> bool:
    """Whether one sentence asks for two things at once: "minimize the cost and minimize the number of trips"."""
    idle = roots("empty") - roots("cost", "money")
    first, second = (
        {w.root for w in goal.words if w.root not in idle and w.lower not in plain("function")} for goal in (one, two)
    )
    return one.sentence == two.sentence and bool(first and second) and not overlap(first, second)


def _implied(result: Interpretation, goal: Goal | None) -> set[int] | None:
    """Take the one money that is earned as the objective of "how many should be made?", None where none is alone.

    With a goal that names nothing ("the best plan", "to make the most") the money need not be called a profit.
    """
    if goal is not None and (goal.sense == "minimize" or _speaks(result, goal)):
        return None
    earned = {"profit", "revenue"}
    money = [k for k, a in enumerate(result.attributes) if a.unit == "$" or (a.unit == "" and a.kinds & earned)]
    if len(money) != 1 or any(limit.figure.unit == "$" for limit in result.facts.limits):
        money = [k for k in money if result.attributes[k].kinds & earned and not limited(result, k)]
    whole = [k for k in money if len(result.attributes[k].values) == len(result.slate.decisions)]
    if len(money) != 1 or not whole:
        return None
    attribute = result.attributes[whole[0]]
    if not attribute.kinds & earned and (goal is None or attribute.kinds):
        return None
    result.goal = goal or Goal("maximize", (), 0, 0, 0, strong=False)
    result.objective, result.objective_label = terms_of(attribute), "profit"
    result.notes.append("Nothing else says what is to be best: what is earned is made as large as possible.")
    return {whole[0]}


def _speaks(result: Interpretation, goal: Goal) -> bool:
    """Whether a goal names an attribute, so that it is not simply "the best"."""
    said = frozenset(w.root for w in goal.words if w.root not in roots("empty"))
    return any(overlap(said, a.topic) or {w.stem for w in goal.words} & {a.unit} for a in result.attributes)


def terms_of(attribute: Attribute) -> dict[int, Term]:
    """Return the row of an attribute."""
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
    if not kind and goal.sense == "maximize" and any(w.lower in plain("currency", "money") for w in goal.words):
        kind = "profit"
    if (
        kind == "cost"
        and any(w.stem in ("tim", "hour", "day", "minut") for w in goal.words)
        and not any(w.stem in ("cost", "expens", "money") for w in goal.words)
    ):
        kind = ""
    of_kind = {
        name: [k for k, a in enumerate(attributes) if name in a.kinds or (name == "profit" and "loss" in a.kinds)]
        for name in ("profit", "revenue", "cost")
    }
    full = [k for k, a in enumerate(attributes) if len(a.values) == n]
    if kind and not any(of_kind.values()) and not any(a.unit in ("$", "%") for a in attributes):
        if any(overlap(frozenset(w.root for w in goal.words), a.topic) for a in attributes):
            kind = ""  # "the yield of fish": no money is spoken of
    if kind == "profit":
        if of_kind["profit"]:
            k = _first_full(attributes, of_kind["profit"], n)
            return {k}, terms_of(attributes[k]), "profit"
        if of_kind["revenue"]:
            k = _first_full(attributes, of_kind["revenue"], n)
            costs = [c for c in of_kind["cost"] if c in full]
            if costs and k in full and len(costs) == 1:
                pairs = [(attributes[k].values[d], attributes[costs[0]].values[d]) for d in range(n)]
                terms = {d: Term(price.value - cost.value, price, cost) for d, (price, cost) in enumerate(pairs)}
                result.notes.append("Profit is what is sold less what it costs.")
                return {k, costs[0]}, terms, "profit"
            if len(costs) > 1:
                result.failed.append(Check.SEVERAL_COSTS)
            return {k}, terms_of(attributes[k]), "revenue"
    if kind == "revenue":
        for name in ("revenue", "profit"):
            if of_kind[name]:
                k = _first_full(attributes, of_kind[name], n)
                return {k}, terms_of(attributes[k]), "revenue"
    if kind == "cost" and of_kind["cost"]:
        words = frozenset(w.root for w in goal.words)
        k = max(of_kind["cost"], key=lambda k: (len(attributes[k].values) == n, overlap(words, attributes[k].topic)))
        return {k}, terms_of(attributes[k]), "cost"
    topic = frozenset(
        w.root for w in goal.words if w.root not in roots("empty") and (len(w.root) > 2 or w.root.endswith("_"))
    )
    topic |= frozenset(w.root for w in goal.words if w.lower == "times")
    counted = any(w.lower == "number" for w in goal.words[:4])
    if any(w.stem == "tim" for w in goal.words[:4]) and units & {"hour", "day", "minut", "week", "shift"}:
        if not any(a.unit in stems("period") for a in attributes):
            return set(), {k: Term(1.0) for k in range(n)}, "total time"
    scored = sorted(
        ((overlap(topic, attributes[k].topic), -k) for k in full if not counted or attributes[k].unit in ("", "unit")),
        reverse=True,
    )
    if scored and scored[0][0] > 0 and not kind:
        k = -scored[0][1]
        return {k}, terms_of(attributes[k]), " ".join(w.text for w in goal.words)
    if kind:
        plain_ones = [k for k in full if attributes[k].unit in ("unit", "") and not limited(result, k)]
        if len(plain_ones) == 1 and not any(a.unit in ("$", "%") for a in attributes):
            return {plain_ones[0]}, terms_of(attributes[plain_ones[0]]), kind
        money = [k for k, a in enumerate(attributes) if a.unit in ("$", "%") and k in full]
        if len(money) == 1 and not (
            kind == "profit" and "cost" in attributes[money[0]].kinds and goal.sense == "maximize"
        ):
            return {money[0]}, terms_of(attributes[money[0]]), kind
        return None
    stems_said = {w.stem for w in goal.words}
    measured = stems_said | ({"hour", "minut", "day"} if "tim" in stems_said else set())
    unit_attributes = [k for k in full if attributes[k].unit and attributes[k].unit in measured]
    if stems_said & stems("power"):
        unit_attributes += [k for k in full if attributes[k].topic & roots("power_unit")]
    if len(unit_attributes) == 1:
        k = unit_attributes[0]
        return {k}, terms_of(attributes[k]), "time"
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
            return {idle[0]}, terms_of(attributes[idle[0]]), " ".join(w.text for w in goal.words)
        return set(), {k: Term(1.0) for k in range(n)}, "total"
    limits = [limit.figure for limit in result.facts.limits]
    idle = [
        k for k in full if not any(overlap(f.after, attributes[k].topic) for f in limits) and attributes[k].unit != "$"
    ]
    used = {f.unit for f in limits} - {"", "unit"}
    idle = [k for k in idle if attributes[k].unit not in used]
    if counted:  # a number of something is no amount of time
        idle = [k for k in idle if attributes[k].unit not in stems("period")]
    if len(idle) == 1 and (goal.sense == "maximize" or kind):
        return {idle[0]}, terms_of(attributes[idle[0]]), " ".join(w.text for w in goal.words)
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
