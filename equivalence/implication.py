"""Whether a linear inequality holds on every feasible point of a model: a proof, or a point that breaks it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from equivalence.certificate import Affine, Farkas, Inclusion, Proof, Reference, Split, Terms
from equivalence.guided import Branch, Guide
from equivalence.linear import Inequality, Linear, add, negated, substitute
from equivalence.rational_lp import Empty, Optimal, Ray, maximise
from equivalence.refine import OutOfTime
from equivalence.verdict import UnknownReason
from equivalence.witness import ExactPoint
from solvers.milp import Milp

Guards = tuple[Inequality, ...]
NEVER: Inequality = ((), Fraction(-1))
_NODES = 4000
_DEPTH = 120
_LARGE_TABLE = 400_000
_GUIDED_FROM = 2_000
_IMPROVEMENTS = 100


@dataclass(frozen=True, slots=True)
class Violation:
    """A feasible point (n,) that breaks the inequality; exact."""

    point: ExactPoint


@dataclass(frozen=True, slots=True)
class Broken:
    """A feasible point whose image the target forbids, and what it misses there."""

    point: ExactPoint
    missed: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Open:
    """Not decided, and why."""

    reason: UnknownReason
    detail: str


def value(terms: Terms, point: Sequence[Fraction]) -> Fraction:
    """Return the value of a form at a point."""
    return sum((v * point[j] for j, v in terms), Fraction(0))


def _direction(terms: Terms) -> tuple[Terms, Fraction]:
    """Return the form divided by the size of its first coefficient, and that size."""
    size = abs(terms[0][1])
    return (terms if size == 1 else tuple((j, v / size) for j, v in terms)), size


class System:
    """A linear model prepared for questions about what it implies."""

    def __init__(self, model: Milp, *, deadline: float) -> None:
        self.linear = Linear(model)
        self.n, self.deadline = self.linear.n, deadline
        self.references: list[Reference] = list(self.linear.sides)
        self.inequalities: list[Inequality] = list(self.linear.sides.values())
        self.whole = [j for j in range(self.n) if self.linear.whole[j]]
        large = len(self.inequalities) * self.n >= _GUIDED_FROM
        self.guide = Guide(self.linear, deadline=deadline) if large else None
        self._parallel: dict[Terms, tuple[Fraction, Reference, Fraction]] = {}
        for reference, (terms, bound) in self.linear.sides.items():
            if terms:
                form, size = _direction(terms)
                known = self._parallel.get(form)
                if known is None or bound / size < known[0]:
                    self._parallel[form] = (bound / size, reference, 1 / size)

    def prove(self, goal: Inequality, guards: Guards = ()) -> Proof | Violation | Open:
        """Return a proof of the goal under the guards, a point that breaks it, or why neither was found."""
        if time.monotonic() > self.deadline:
            return Open(UnknownReason.BUDGET, "the budget ran out while testing an implied constraint")
        if (simple := self._by_inspection(goal)) is not None:
            return simple
        try:
            return _Tree(self, goal).prove(guards, 0)
        except OutOfTime:
            return Open(UnknownReason.BUDGET, "the budget ran out while testing an implied constraint")
        except _TooDeep as deep:
            return Open(deep.reason, "branch and bound did not end while testing an implied constraint")

    def _by_inspection(self, goal: Inequality) -> Proof | None:
        terms, bound = goal
        if not terms:
            return Farkas(()) if bound >= 0 else None
        form, size = _direction(terms)
        known = self._parallel.get(form)
        if known is not None and known[0] * size <= bound:
            return Farkas(((known[1], known[2] * size),))
        total, multipliers = Fraction(0), []
        for j, v in terms:
            reference: Reference = ("column", j, "upper" if v > 0 else "lower")
            side = self.linear.sides.get(reference)
            if side is None:
                return None
            total += abs(v) * side[1]
            multipliers.append((reference, abs(v)))
        return Farkas(tuple(multipliers)) if total <= bound else None

    def feasible(self, guards: Guards = ()) -> Proof | Violation | Open:
        """Return a feasible point as a `Violation` of ``0 <= -1``, or a proof that there is none."""
        return self.prove(NEVER, guards)

    def supremum(self, terms: Terms) -> Fraction | Open | None:
        """Return the exact maximum of a form over a model that has a feasible point; None where it has none."""
        try:
            if isinstance(maximise(terms, self.inequalities, self.n, deadline=self.deadline), Ray):
                # With rational data a ray of the relaxation is one of the model, once it has a point.
                return None
        except OutOfTime:
            return Open(UnknownReason.BUDGET, "the budget ran out while measuring a variable's range")
        best = self.feasible()
        for _ in range(_IMPROVEMENTS):
            if not isinstance(best, Violation):
                break
            at = value(terms, best.point)
            better = self.prove((terms, at))
            if isinstance(better, Open):
                return better
            if not isinstance(better, Violation):
                return at
            best = better
        return Open(UnknownReason.BUDGET, "a variable's range was not found")

    def inclusion(self, target: Linear, images: Sequence[Affine], guards: Guards = ()) -> Inclusion | Broken | Open:
        """Return a proof that the images carry each point (under the guards) into the target, or one that leaves."""
        proofs: list[Proof] = []
        left_open: Open | None = None
        for reference, (terms, bound) in target.sides.items():
            image = substitute(Affine(terms), images)
            outcome = self.prove((image.terms, bound - image.constant), guards)
            match outcome:
                case Violation():
                    return Broken(outcome.point, reference[:2])
                case Open():
                    left_open = left_open or outcome
                    if time.monotonic() > self.deadline:
                        return left_open
                case _:
                    proofs.append(outcome)
        whole: list[tuple[int, Affine, Proof, Proof]] = []
        for j, image in enumerate(images):
            if target.whole[j] and not self.linear.takes_whole_values(image):
                shown = self._whole(image, guards)
                if isinstance(shown, Violation):
                    return Broken(shown.point, ("whole", j))
                if isinstance(shown, Open):
                    left_open = left_open or shown
                else:
                    whole.append((j, *shown))
        return left_open or Inclusion(tuple(images), tuple(proofs), tuple(whole))

    def zero(self, form: Affine, guards: Guards = ()) -> tuple[Proof, ...] | Violation | Open:
        """Return the two proofs that a form is zero (none where it is by inspection), or a point where it is not."""
        if not form.terms and not form.constant:
            return ()
        found = []
        for goal in ((form.terms, -form.constant), (negated(form.terms), form.constant)):
            outcome = self.prove(goal, guards)
            if isinstance(outcome, Violation | Open):
                return outcome
            found.append(outcome)
        return tuple(found)

    def _whole(self, image: Affine, guards: Guards) -> tuple[Affine, Proof, Proof] | Violation | Open:
        """Return a form that is whole by inspection and equals the image, or a point where the image is not whole."""
        for form in self._whole_candidates(image):
            shown = self.zero(add((1, image), (-1, form)), guards)
            if isinstance(shown, tuple):
                low, high = shown if shown else (Farkas(()), Farkas(()))
                return form, low, high
        start = self.feasible(guards)
        if isinstance(start, Violation):
            fixed = self._fixed(start.point)
            ends = [start.point]
            for sign in (1, -1):
                at = value(image.terms, ends[0])
                goal = (tuple((j, sign * v) for j, v in image.terms), sign * at)
                moved = self.prove(goal, (*guards, *fixed))
                if isinstance(moved, Violation):
                    ends.append(moved.point)
            for end in ends:
                if (value(image.terms, end) + image.constant).denominator != 1:
                    return Violation(end)
            if len(ends) > 1:
                least, most = sorted(value(image.terms, end) + image.constant for end in ends[:2])
                share = min(Fraction(1, 2), (most - least) / 2) / (most - least)
                first, last = sorted(ends[:2], key=lambda end: value(image.terms, end))
                return Violation(tuple((1 - share) * p + share * q for p, q in zip(first, last, strict=True)))
        return Open(UnknownReason.NO_MAP, "whether the image of a whole variable is whole was not decided")

    def _fixed(self, point: ExactPoint) -> Guards:
        """Return the guards that hold the whole columns where they are."""
        unit = Fraction(1)
        return tuple(guard for j in self.whole for guard in ((((j, unit),), point[j]), (((j, -unit),), -point[j])))

    def _whole_candidates(self, image: Affine) -> list[Affine]:
        """Return forms that could equal the image: a constant, or what an equality row says of it."""
        found = []
        for i, terms in enumerate(self.linear.rows):
            upper = self.linear.sides.get(("row", i, "upper"))
            lower = self.linear.sides.get(("row", i, "lower"))
            if upper is None or lower is None or upper[1] != -lower[1]:
                continue
            row = dict(terms)
            for j, v in image.terms:
                if j in row and not self.linear.whole[j]:
                    form = add((1, image), (-v / row[j], Affine(terms, -upper[1])))
                    if self.linear.takes_whole_values(form):
                        found.append(form)
        for j, v in image.terms:
            upper, lower = (self.linear.sides.get(("column", j, side)) for side in ("upper", "lower"))
            if upper is not None and lower is not None and upper[1] == -lower[1]:
                form = add((1, image), (-v, Affine(((j, Fraction(1)),), -upper[1])))
                if self.linear.takes_whole_values(form):
                    found.append(form)
        return found


class _TooDeep(Exception):
    def __init__(self, reason: UnknownReason) -> None:
        self.reason = reason


class _Tree:
    """Branch and bound for one goal; each node an exact LP."""

    def __init__(self, system: System, goal: Inequality) -> None:
        self.system, self.goal, self.nodes = system, goal, 0
        self.form_is_whole = bool(goal[0]) and system.linear.takes_whole_values(Affine(goal[0]))

    def prove(self, guards: Guards, depth: int) -> Proof | Violation | Open:
        system, (terms, bound) = self.system, self.goal
        self.nodes += 1
        if time.monotonic() > system.deadline:
            raise OutOfTime
        if self.nodes > _NODES:
            raise _TooDeep(UnknownReason.BUDGET)
        if depth > _DEPTH:
            raise _TooDeep(UnknownReason.UNBOUNDED_INTEGER)
        if system.guide is not None:
            hint = system.guide.ask(self.goal, guards, search=depth == 0)
            match hint:
                case Farkas():
                    return hint
                case tuple():
                    return Violation(hint)
                case Branch():
                    if self.form_is_whole and depth == 0:
                        return self._split(terms, Fraction(math.floor(bound)), guards, depth)
                    unit = ((hint.column, Fraction(1)),)
                    return self._split(unit, Fraction(math.floor(hint.value)), guards, depth)
        outcome = self._solve(terms, guards)
        match outcome:
            case Empty():
                return self._leaf(outcome.multipliers)
            case Optimal() if outcome.value <= bound and terms:
                return self._leaf(outcome.multipliers)
            case Ray():
                return self._along(outcome, guards, depth)
        point = outcome.point
        loose = [j for j in system.whole if point[j].denominator != 1]
        if not loose:
            return Violation(point)
        if self.form_is_whole and depth == 0:
            return self._split(terms, Fraction(math.floor(bound)), guards, depth)
        j = max(loose, key=lambda k: min(point[k] % 1, 1 - point[k] % 1))
        return self._split(((j, Fraction(1)),), Fraction(math.floor(point[j])), guards, depth)

    def _split(self, form: Terms, at: Fraction, guards: Guards, depth: int) -> Proof | Violation | Open:
        sides = ((form, at), (negated(form), -(at + 1)))
        found: list[Proof] = []
        for side in sides:
            if side == (self.goal[0], Fraction(math.floor(self.goal[1]))):
                found.append(Farkas(((("guard", len(guards), "upper"), Fraction(1)),)))
                continue
            outcome = self.prove((*guards, side), depth + 1)
            if isinstance(outcome, Violation | Open):
                return outcome
            found.append(outcome)
        return Split(form, at, True, found[0], found[1])

    def _along(self, ray: Ray, guards: Guards, depth: int) -> Proof | Violation | Open:
        """The relaxation improves along a ray: a feasible point and the ray break the goal, or nothing is feasible."""
        start = _Tree(self.system, NEVER)
        start.nodes = self.nodes
        found = start.prove(guards, depth + 1)
        if not isinstance(found, Violation):
            return found
        step = math.lcm(1, *(v.denominator for v in ray.direction))
        terms, bound = self.goal
        gain = value(terms, ray.direction) * step
        times = max(0, math.floor((bound - value(terms, found.point)) / gain) + 1)
        return Violation(tuple(p + times * step * d for p, d in zip(found.point, ray.direction, strict=True)))

    def _solve(self, terms: Terms, guards: Guards) -> Optimal | Ray | Empty:
        system = self.system
        inequalities = [*system.inequalities, *guards]
        if len(inequalities) * system.n > _LARGE_TABLE:
            raise _TooDeep(UnknownReason.BUDGET)
        return maximise(terms, inequalities, system.n, deadline=system.deadline)

    def _leaf(self, multipliers: tuple[tuple[int, Fraction], ...]) -> Farkas:
        own = len(self.system.references)
        found: list[tuple[Reference, Fraction]] = []
        for i, v in multipliers:
            found.append((self.system.references[i] if i < own else ("guard", i - own, "upper"), v))
        return Farkas(tuple(found))
