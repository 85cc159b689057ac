"""Rosters: people who work several consecutive days or shifts, as few as cover what each day or shift needs.

The text is read whole or not at all. The days of a week, or the shifts of a day and night, follow each other in a
circle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from formulation.embedded.grids import grids
from formulation.embedded.lexicon import rosters, stem
from formulation.embedded.objective import goals
from formulation.embedded.quantities import Quantity, QuantityKind
from formulation.embedded.series import Figure, Series, enter, figures, find_series, labels, span_of, spread, tabled
from formulation.embedded.tokens import Token, sentences
from formulation.formulation import (
    Assumption,
    Constraint,
    Formulation,
    IndexSet,
    Keys,
    Objective,
    Parameter,
    Span,
    Variable,
    VariableDomain,
)
from solvers.milp import Sense

_DAY_H = 24


@dataclass(slots=True)
class Roster:
    """The need of each period by its place, and for how many periods in a row each person works (``run``).

    ``hours`` is the length of a period, ``works`` for how many hours each person works, where the text says so;
    ``clock`` that it speaks of 24 hours.
    """

    periods: Series
    need: dict[int, Figure] = field(default_factory=dict)
    run: Figure = (0, Span(0, 0))
    pay: Figure | None = None
    hours: float = 0
    works: Figure = (0, Span(0, 0))
    clock: bool = False
    goal: Span = field(default_factory=lambda: Span(0, 0))


def find_roster(text: str) -> Roster | None:
    """Return the roster that a text asks for; None where it asks for none, or is not read whole."""
    split = [sentence.tokens for sentence in sentences(text)]
    said = {token.stem for tokens in split for token in tokens}
    if not (said & (_stems("row") | {stem("hour")})) or not said & _stems("people"):
        return None
    if said & _stems("other"):
        return None
    tables = grids(text, counted=True)
    found = find_series(split, tables)
    aims = goals(split)
    if found is None or len(tables) > 1 or {goal.sense for goal in aims} != {"minimize"}:
        return None
    roster = Roster(found, goal=Span(aims[0].start, aims[0].end))
    inside = [range(table.start, table.end) for table in tables]
    for tokens in split:
        rest = tuple(t for t in tokens if not any(t.start in place for place in inside))
        if rest and not _tell(roster, rest):
            return None
    if tables:
        lying = tabled(tables[0], found)
        if lying is None or len(lying[0].headings) != 2:
            return None
        for place, (_, cell) in zip(lying[1], lying[0].rows, strict=True):
            if cell.value is None or not enter(roster.need, place, (cell.value, Span(cell.start, cell.end))):
                return None
    n = len(found.order)
    length = _DAY_H / n if found.circular else roster.hours
    if roster.works[0] and length and not roster.run[0]:
        roster.run = (roster.works[0] / length, roster.works[1])
    circular = found.circular or roster.hours * n == _DAY_H or (roster.clock and not roster.hours)
    run = roster.run[0]
    whole = len(roster.need) == n and run == int(run) and 1 <= run < n
    return roster if whole and circular else None


@cache
def _stems(name: str) -> frozenset[str]:
    return frozenset(stem(word) for word in rosters()[name].split())


@cache
def _units() -> frozenset[str]:
    return _stems("day") | {stem("hour")}


def _tell(roster: Roster, tokens: tuple[Token, ...]) -> bool:
    """Enter what a sentence says; False where one of its numbers is not understood."""
    named = [label for label in labels(tokens) if label.noun == roster.periods.noun]
    left: list[Quantity] = []
    for q in figures(tokens, named):
        if q.malformed or q.kind not in (QuantityKind.PLAIN, QuantityKind.MONEY):
            return False
        near = {t.stem for t in tokens[q.last : q.last + 5]}
        led = {t.stem for t in tokens[max(0, q.first - 2) : q.first]}
        unit = next((t.stem for t in tokens[q.last : q.last + 3] if t.stem in _units() or t.kind == "number"), "")
        unit = unit if unit in _units() else ""
        if q.kind is QuantityKind.MONEY:
            if roster.pay is not None:
                return False
            roster.pay = (q.value, span_of(tokens, q))
        elif unit and (near | led) & _stems("rest") and not near & _stems("row"):
            if not roster.run[0] or roster.run[0] + q.value != len(roster.periods.order):
                return False
        elif unit and unit != stem("hour") and near & _stems("row"):
            if roster.run[0] and roster.run[0] != q.value:
                return False
            roster.run = (q.value, span_of(tokens, q))
        elif unit == stem("hour"):
            if not _tell_hours(roster, tokens, q):
                return False
        elif q.value == len(roster.periods.order) and (unit or _before_a_number(tokens, q)):
            continue
        elif unit or q.value != int(q.value):
            return False
        else:
            left.append(q)
    if not left:
        return True
    if "at most" in " ".join(t.lower for t in tokens):
        return False
    if not named and not {t.stem for t in tokens} & (_stems("need") | _stems("people")):
        return False
    told = spread(named, [(q.value, span_of(tokens, q)) for q in left], roster.periods.order)
    return told is not None and all(enter(roster.need, place, figure) for place, figure in told.items())


def _before_a_number(tokens: tuple[Token, ...], q: Quantity) -> bool:
    """Whether a number counts what another one measures: the six of "six 4-hour shifts"."""
    return q.last < len(tokens) and tokens[q.last].kind == "number"


def _tell_hours(roster: Roster, tokens: tuple[Token, ...], q: Quantity) -> bool:
    """Enter a number of hours: of the day, of a period ("4-hour shifts"), or that each works."""
    here = next(k for k in range(q.last, len(tokens)) if tokens[k].stem == stem("hour"))
    after = {t.stem for t in tokens[here + 1 : here + 3]}
    if q.value == _DAY_H:
        roster.clock = True
    elif {t.stem for t in tokens[: q.first]} & _stems("work"):
        if roster.works[0] not in (0, q.value):
            return False
        roster.works = (q.value, span_of(tokens, q))
    elif after & _stems("day") or tokens[here].joined:
        if roster.hours not in (0, q.value):
            return False
        roster.hours = q.value
    else:
        return False
    return True


def roster_formulation(roster: Roster) -> Formulation:
    """Return the covering model of cyclic rosters (Dantzig 1954; Baker 1976): who starts on each day."""
    names = roster.periods.names
    n, run = len(names), int(roster.run[0])
    duty: dict[Keys, float] = {(names[s], names[(s + k) % n]): 1.0 for s in range(n) for k in range(run)}
    need: dict[Keys, float] = {
        (name,): roster.need[place][0] for name, place in zip(names, roster.periods.order, strict=True)
    }
    spans = tuple(sorted({span for _, span in roster.need.values()}))
    pay = () if roster.pay is None else (Parameter("pay", roster.pay[0], label="pay", evidence=(roster.pay[1],)),)
    what = "day" if roster.periods.noun == "weekday" else roster.periods.noun
    return Formulation(
        sets=(IndexSet("days", names, f"{what}s", evidence=tuple(sorted(set(roster.periods.spans)))),),
        parameters=(
            Parameter("need", need, ("days",), label="need", evidence=spans),
            Parameter("duty", duty, ("days", "days"), 0.0, label="on duty", evidence=(roster.run[1],)),
            *pay,
        ),
        variables=(
            Variable(
                "start",
                ("days",),
                VariableDomain.INTEGER,
                label="start",
                description=f"how many begin their {run} {what}s in a row then",
                evidence=tuple(sorted(set(roster.periods.spans))),
            ),
        ),
        objective=Objective(
            Sense.MINIMIZE,
            f"{'pay * ' if pay else ''}sum(start[s] for s in days)",
            label="total pay" if pay else "number of people",
            evidence=(roster.goal,),
        ),
        constraints=(
            Constraint(
                "coverage",
                "sum(duty[s, d] * start[s] for s in days) >= need[d]",
                "d in days",
                "coverage",
                evidence=spans,
            ),
        ),
        assumptions=(
            Assumption(f"After the last {what} the first follows again, and every round is alike."),
            Assumption(f"Everyone works {run} {what}s in a row of {n}."),
        ),
        problem_class="rostering",
    )
