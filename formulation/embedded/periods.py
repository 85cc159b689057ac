"""Production over several periods: what is demanded, made and held in stock in each.

The text is read whole or not at all: every number has one role, and no word speaks of what the plain model has not
(backorders, set-ups, hiring).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from formulation.embedded.grids import Grid, grids
from formulation.embedded.lexicon import periods, stem
from formulation.embedded.objective import goals
from formulation.embedded.quantities import Quantity, QuantityKind
from formulation.embedded.series import (
    Figure,
    Label,
    Series,
    counts_periods,
    enter,
    figures,
    find_series,
    labels,
    nouns,
    span_of,
    spread,
    tabled,
)
from formulation.embedded.tokens import Token, sentences
from formulation.formulation import Span

ROLES = (
    "demand",
    "cost",
    "capacity",
    "least made",
    "overtime cost",
    "overtime",
    "holding cost",
    "room",
    "safety stock",
)
"""What a text may tell for each period."""

_PRICED = {"capacity": "cost", "overtime": "overtime cost"}


@dataclass(slots=True)
class Plan:
    """What a text tells of each period by role and place, and the stock at its two ends."""

    periods: Series
    told: dict[str, dict[int, Figure]] = field(default_factory=dict)
    initial: dict[str, Figure] = field(default_factory=dict)
    goal: Span = field(default_factory=lambda: Span(0, 0))
    unit: str = ""

    @property
    def whole(self) -> bool:
        """Whether every period has a demand, something is paid, and each role is told of every period."""
        n = len(self.periods.order)
        paid = {"cost", "holding cost"} & self.told.keys()
        overtime = ("overtime" in self.told) == ("overtime cost" in self.told)
        return bool(paid) and "demand" in self.told and overtime and all(len(v) == n for v in self.told.values())


@dataclass(frozen=True, slots=True)
class _Number:
    """A number of a sentence with the role that the words around it say, empty where they say none."""

    quantity: Quantity
    role: str
    figure: Figure


def find_plan(text: str) -> Plan | None:
    """Return the production plan that a text asks for; None where it asks for none, or is not read whole."""
    split = [sentence.tokens for sentence in sentences(text)]
    said = {token.stem for tokens in split for token in tokens}
    paid = said & _stems("price") or any(token.kind == "currency" for tokens in split for token in tokens)
    if not (said & _stems("held") and said & _stems("demand") and paid):
        return None
    if any(_otherwise(tokens) for tokens in split):
        return None
    tables = grids(text, counted=True)
    found = find_series(split, tables)
    aims = {goal.sense for goal in goals(split)}
    if found is None or len(tables) > 1 or aims != {"minimize"}:
        return None
    plan = Plan(found)
    goal = goals(split)[0]
    plan.goal = Span(goal.start, goal.end)
    inside = [range(table.start, table.end) for table in tables]
    role = ""
    for tokens in split:
        rest = tuple(t for t in tokens if not any(t.start in place for place in inside))
        if rest and (told := _tell(plan, rest, role)) is None:
            return None
        role = told if rest and told else ""
    if not all(_tell_table(plan, table) for table in tables):
        return None
    return plan if plan.whole else None


@cache
def _stems(name: str) -> frozenset[str]:
    return frozenset(stem(word) for word in periods()[name].split())


def _otherwise(tokens: tuple[Token, ...]) -> bool:
    """Whether a sentence speaks of something that the plain model has not, or forbids what it allows."""
    said = {token.stem for token in tokens}
    denied = bool(said & _stems("none"))
    other = said & _stems("other")
    if denied and other <= _stems("harmless") and (other or said & _stems("held")):
        return False
    return bool(other or (denied and not said & _stems("demand")))


def _tell_table(plan: Plan, table: Grid) -> bool:
    """Enter the columns of a table whose rows are the periods."""
    lying = tabled(table, plan.periods)
    if lying is None:
        return False
    grid, places = lying
    for k, heading in enumerate(grid.headings[1:], 1):
        words = sentences(heading.text)
        money = heading.text.count("$") + heading.text.count("€") + heading.text.count("£") > 0
        stems = {token.stem for sentence in words for token in sentence.tokens}
        role = _role(stems, stems, money=money or bool(stems & _stems("price")))
        if role not in ROLES:
            return False
        for place, row in zip(places, grid.rows, strict=True):
            value = row[k].value
            if value is None or not enter(
                plan.told.setdefault(role, {}), place, (value, Span(row[k].start, row[k].end))
            ):
                return False
    return True


def _tell(plan: Plan, tokens: tuple[Token, ...], role: str) -> str | None:
    """Enter the numbers of a sentence and return the role that its list continues; None where one is not understood.

    ``role`` is that of the list which the sentence before began.
    """
    named = [label for label in labels(tokens) if label.noun == plan.periods.noun]
    numbers = _numbers(plan, tokens, named)
    if not numbers:
        stems = {token.stem for token in tokens}
        money = bool(stems & _stems("price"))
        led = tokens[-1].text == ":" or {"follow", "following", "below"} & {t.lower for t in tokens}
        return _role(stems, stems, money=money) if led else ""
    run: list[_Number] = []
    for number in [*numbers, None]:
        current = run[-1].role if run else role
        if number is not None and (number.role in ("", current) or not run):
            mine = number.role or (current if run or named else "")
            if not mine:
                return None
            run.append(_Number(number.quantity, mine, number.figure))
            continue
        if not _enter_run(plan, tokens, run, named, numbers):
            return None
        if number is not None:
            run = [number]
    return numbers[-1].role or (role if named else "")


def _numbers(plan: Plan, tokens: tuple[Token, ...], named: list[Label]) -> list[_Number]:
    """Return the numbers of a sentence that say something, each with its role."""
    found: list[_Number] = []
    told = [q for q in figures(tokens, named) if not _idle(plan, tokens, q)]
    last = 0
    for k, q in enumerate(told):
        following = told[k + 1].first if k + 1 < len(told) else len(tokens)
        before = {t.stem for t in tokens[last : q.first]}
        said = _until_break(tokens[q.last : following])
        after = {t.stem for t in said}
        money = q.kind is QuantityKind.MONEY
        role = _role(before, after, money=money) if q.kind in (QuantityKind.PLAIN, QuantityKind.MONEY) else "unclear"
        if q.malformed:
            role = "unclear"
        cue = (before | after) & (_stems("held") | _stems("extra") | _stems("made"))
        if money and not cue and found:  # "up to 50 a month at $200 each"
            role = _PRICED.get(found[-1].role, role)
        found.append(_Number(q, role, (q.value, span_of(tokens, q))))
        last = q.last if q.last + len(said) == following else q.last + len(said)
        if not plan.unit and not money and q.last < len(tokens) and tokens[q.last].kind == "word":
            plan.unit = tokens[q.last].lower if tokens[q.last].lower.endswith("s") else ""
    return found


def _until_break(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return the words up to a comma, "and", "but" or "while", which begin what is said of the next number."""
    for k, token in enumerate(tokens):
        if token.lower in (",", ";", "and", "but", "while", "with", "plus"):
            return tokens[:k]
    return tokens


def _idle(plan: Plan, tokens: tuple[Token, ...], q: Quantity) -> bool:
    """Whether a number only counts the periods, or is the one of "one unit for one month"."""
    if q.kind is not QuantityKind.PLAIN:
        return False
    after = tokens[q.last].stem if q.last < len(tokens) else ""
    if q.value == len(plan.periods.order) and (after in nouns() or counts_periods(tokens, q)):
        return True
    return q.value == 1 and (q.worded or after in nouns() | {"unit"})


def _role(before: set[str], after: set[str], *, money: bool) -> str:
    """Return what a number is by the stems before and after it; "" where they say nothing of it."""
    near = before | after
    extra, held, made = near & _stems("extra"), near & _stems("held"), near & (_stems("made") | _stems("made_only"))
    priced = money or bool(before & _stems("price"))
    if priced:
        if extra:
            return "overtime cost"
        if before & _stems("held") or (after & _stems("held") and not before & _stems("made")):
            return "holding cost"
        if made or before & _stems("price") or after & {"each", "unit"}:
            return "cost"
        return "" if not (near - nouns()) & _stems("price") else "cost"
    if extra:
        return "overtime"
    if held:
        return _stock(near)
    if near & _stems("demand") and not (made and near & {"can", "capaciti", "most"}):
        return "demand"
    if made:
        return "least made" if near & {"least", "minimum"} else "capacity"
    return "demand" if near & _stems("demand") else ""


def _stock(near: set[str]) -> str:
    """Return which stock a number is of: at the start, at the end, the room for it, or what must always be there."""
    if near & _stems("start"):
        return "initial stock"
    every = bool(near & {"each", "everi"})
    if near & _stems("end") and not every:
        return "final stock"
    if near & {"least", "minimum", "safeti"}:
        return "safety stock"
    if near & {"most", "maximum", "capaciti", "up", "more", "room", "limit", "only", "exceed"}:
        return "room"
    return "initial stock" if near & {"hand", "now"} else "unclear"


def _enter_run(
    plan: Plan, tokens: tuple[Token, ...], run: list[_Number], named: list[Label], numbers: list[_Number]
) -> bool:
    """Enter the numbers of one role that stand together, with the names of periods between their neighbours."""
    role = run[0].role
    k = numbers.index(next(n for n in numbers if n.quantity is run[0].quantity))
    first = numbers[k - 1].quantity.last if k else 0
    beyond = k + len(run)
    last = numbers[beyond].quantity.first if beyond < len(numbers) else len(tokens)
    if beyond < len(numbers):  # names between two runs belong to the one whose numbers they follow on
        last = next((j for j in range(run[-1].quantity.last, last) if tokens[j].lower in (";", "but", "while")), last)
    mine = [label for label in named if first <= label.first < last]
    if role in ("initial stock", "final stock"):
        return len(run) == 1 and enter(plan.initial, role, run[0].figure)
    if role not in ROLES:
        return False
    held = plan.told.setdefault(role, {})
    if len(run) == 1 and not mine:
        alike = role != "demand" or bool({t.lower for t in tokens} & {"each", "every", "per"})
        return alike and all(enter(held, place, run[0].figure) for place in plan.periods.order)
    told = spread(mine, [number.figure for number in run], plan.periods.order)
    return told is not None and all(enter(held, place, figure) for place, figure in told.items())
