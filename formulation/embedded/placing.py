"""Limits made rows of the model: those whose words say enough first, then the rest."""

from __future__ import annotations

from formulation.embedded import blends
from formulation.embedded.aims import terms_of
from formulation.embedded.answers import EACH
from formulation.embedded.attributes import overlap
from formulation.embedded.facts import Limit
from formulation.embedded.figures import Figure
from formulation.embedded.model import Choice, Interpretation, Row, Term
from formulation.embedded.quantities import QuantityKind
from formulation.embedded.targets import target_of


def place_limits(result: Interpretation, objective: set[int], units: set[str], choice: Choice) -> None:
    """Add the rows of the limits; those that find no place are loose. ``choice.pairs`` are placed as it says."""
    waiting: list[Limit] = []
    bound: set[int] = set()
    placed = _respectively(result, bound) | blends.place(result)
    shares = dict(choice.shares)
    for limit in result.facts.limits:
        for sentence, first, k in choice.pairs:
            if limit.figure.place == (sentence, first) and k < len(result.attributes):
                _place(result, limit, (k,), bound)
                placed.add(id(limit))
    for limit in result.facts.limits:
        for k, attribute in enumerate(result.attributes):
            if attribute.resource == limit.figure.resource >= 0:
                _place(result, limit, (k,), bound)
                placed.add(id(limit))
    for limit in result.facts.limits:
        if id(limit) in placed:
            continue
        said = shares.get(limit.clause.tokens[limit.figure.quantity.first].start)
        if said is not None:
            ids = limit.decisions if len(limit.decisions) > 1 else tuple(range(len(result.slate.decisions)))
            each = [{k: Term(1.0)} for k in ids]
            _place(result, limit, each if said == EACH else [{k: Term(1.0) for k in ids}], bound)
            continue
        if limit.unclear:
            result.unclear.append(limit.figure)
            continue
        if limit.figure.quantity.kind in (QuantityKind.PERCENT, QuantityKind.MULTIPLE) or (
            limit.figure.quantity.kind == QuantityKind.FRACTION
        ):
            result.loose.append(limit.figure)
            continue
        target = _narrowed(result, limit, target_of(result, limit, objective, units, bound))
        if target is None or _is_taken(result, target):
            waiting.append(limit)
            continue
        _place(result, limit, target, bound)
    for limit in waiting:
        target = _narrowed(result, limit, target_of(result, limit, objective, units, bound, last_chance=True))
        if target is None or _is_taken(result, target):
            result.loose.append(limit.figure)
        else:
            _place(result, limit, target, bound)


_Target = list[dict[int, Term]] | tuple[int, ...] | None


def _narrowed(result: Interpretation, limit: Limit, target: _Target) -> _Target:
    """Return a target, that of one decision where the words of a limit of all name it: "12 kilograms of granules"."""
    if isinstance(target, list) and len(target) == 1 and len(target[0]) == len(result.slate.decisions):
        tokens, first = limit.clause.tokens, limit.figure.quantity.last
        if first + 2 < limit.clause.last and tokens[first].measure and tokens[first + 1].lower == "of":
            first += 2
        said = {token.stem for token in tokens[first : first + 1]}  # the text may end with the number
        own = [k for k, decision in enumerate(result.slate.decisions) if said & decision.own]
        alone = not any(t.lower in ("and", "or", ",", "&") for t in tokens[first + 1 : first + 3])
        if len(own) == 1 and alone and not limit.together:
            return [{own[0]: Term(1.0)}]
    return target


def _is_taken(result: Interpretation, target: _Target) -> bool:
    """Whether a target is a resource whose numbers elimination has shared out already."""
    return isinstance(target, tuple) and any(result.attributes[k].resource >= 0 for k in target)


def name_of(figure: Figure) -> str:
    """Return what a figure is called in names: its own words, what money it is, or its unit."""
    return figure.label or next(iter(sorted(figure.kinds)), "") or figure.unit_word or "amount"


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
        rows = [(terms_of(result.attributes[k]), "resource") for k in target]
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
                told=any(overlap(limit.figure.after | limit.figure.before, s.figure.after) for s in sources),
            )
        )
