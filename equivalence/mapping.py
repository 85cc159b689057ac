"""A map between two models tested: inclusions, objective and inverse, each proved or broken by a point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast

from equivalence.certificate import Affine, BothEmpty, Mapped, Proof, Section, SectionLeaf
from equivalence.implication import Broken, Open, System, Violation, value
from equivalence.linear import add, negated, substitute, unit
from equivalence.verdict import UnknownReason
from equivalence.witness import ExactPoint, FeasibilityWitness, ObjectiveWitness, PointWitness, Which

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Pair:
    """The two models as systems."""

    a: System
    b: System

    def of(self, which: Which) -> System:
        """Return one of the two."""
        return self.a if which == "a" else self.b


@dataclass(frozen=True, slots=True)
class Feasibility:
    """A feasible point of each model, or the proof that there is none, or why that is open."""

    a: Proof | Violation | Open
    b: Proof | Violation | Open

    def verdict(self) -> BothEmpty | FeasibilityWitness | None:
        """Return what feasibility alone decides."""
        match self.a, self.b:
            case (Violation() as there, proof) if not isinstance(proof, Violation | Open):
                return FeasibilityWitness("a", there.point, proof)
            case (proof, Violation() as there) if not isinstance(proof, Violation | Open):
                return FeasibilityWitness("b", there.point, proof)
            case (one, other) if not isinstance(one, Violation | Open) and not isinstance(other, Violation | Open):
                return BothEmpty(one, other)
        return None


def feasibility(pair: Pair) -> Feasibility:
    """Return whether each model has a feasible point."""
    return Feasibility(pair.a.feasible(), pair.b.feasible())


Refuted = PointWitness | ObjectiveWitness
Sections = Callable[[System, System, Sequence[Affine]], Section | Open]


def try_bijection(
    pair: Pair,
    onto: Sequence[Affine],
    back: Sequence[Affine],
    *,
    extended: Which = "b",
    exact_objective: bool = False,
) -> Mapped | Refuted | Open:
    """Return the certificate of an affine bijection, a witness that this map is none, or why it stays open.

    ``onto`` gives the columns of the base over those of the extended model, ``back`` the reverse; they must
    be inverse by inspection or on the feasible sets.
    """
    big, small = pair.of(extended), pair.of("a" if extended == "b" else "b")
    inverse = all(substitute(form, onto) == unit(j) for j, form in enumerate(back))
    inverse = inverse and all(substitute(form, back) == unit(j) for j, form in enumerate(onto))
    down = big.inclusion(small.linear, onto)
    if isinstance(down, Broken) and inverse:
        return _broken(extended, down, onto)
    up = small.inclusion(big.linear, back)
    if isinstance(up, Broken) and inverse:
        return _broken("a" if extended == "b" else "b", up, back)
    for outcome in (down, up):
        if isinstance(outcome, Open):
            return outcome
    if isinstance(down, Broken | Open) or isinstance(up, Broken | Open):
        return Open(UnknownReason.NO_MAP, "the map tried does not carry one model into the other")
    objective = try_objective(pair, onto, back, extended=extended, exact_objective=exact_objective)
    if not isinstance(objective, tuple):
        return objective if inverse or isinstance(objective, Open) else _no_bijection()
    factor, constant, proofs = objective
    returned = _returns(small, onto, back)
    inverted = _returns(big, back, onto)
    if isinstance(returned, Open) or isinstance(inverted, Open):
        return _no_bijection()
    return Mapped(extended, down, SectionLeaf(up, returned), factor, constant, proofs, inverted)


def _no_bijection() -> Open:
    return Open(UnknownReason.NO_MAP, "the map tried is no bijection that keeps the objective")


def _broken(inside: Which, outcome: Broken, images: Sequence[Affine]) -> PointWitness:
    missed = cast(tuple[Literal["row", "column", "whole"], int], outcome.missed)
    return PointWitness(inside, outcome.point, tuple(images), missed)


def _returns(
    system: System, there: Sequence[Affine], back: Sequence[Affine]
) -> tuple[tuple[int, Proof, Proof], ...] | Open:
    """Return the proofs that there-and-back is the identity on the system, where it is not by inspection."""
    found: list[tuple[int, Proof, Proof]] = []
    for j, form in enumerate(there):
        shown = system.zero(add((1, substitute(form, back)), (-1, unit(j))))
        if isinstance(shown, Violation | Open):
            return _no_bijection()
        if shown:
            found.append((j, shown[0], shown[1]))
    return tuple(found)


def try_objective(
    pair: Pair,
    onto: Sequence[Affine],
    back: Sequence[Affine],
    *,
    extended: Which,
    exact_objective: bool,
) -> tuple[Fraction, Fraction, tuple[Proof, ...]] | ObjectiveWitness | Open:
    """Return factor > 0, constant and proofs of ``f_extended = factor f_base(onto) + constant``, or a witness.

    A witness holds points of A; it is one only where both models hold the same points under the map.
    """
    big, small = pair.of(extended), pair.of("a" if extended == "b" else "b")
    f_big, f_small = big.linear.objective, substitute(small.linear.objective, onto)
    points: list[ExactPoint] = []

    def witness() -> ObjectiveWitness:
        at_a = points if extended == "a" else [_image(onto, p) for p in points]
        return ObjectiveWitness(tuple(at_a), tuple(back if extended == "b" else onto), exact_objective)

    factor = constant = Fraction(0)
    if exact_objective:
        factor = ONE
    elif f_small.terms:
        lead = dict(f_big.terms).get(f_small.terms[0][0], Fraction(0)) / f_small.terms[0][1]
        if lead > 0 and add((1, f_big), (-lead, f_small)).terms == ():
            return lead, f_big.constant - lead * f_small.constant, ()
        start = big.feasible()
        if not isinstance(start, Violation):
            return start if isinstance(start, Open) else (ONE, Fraction(0), (start, start))
        points.append(start.point)
        for sign in (1, -1):
            goal_terms = f_small.terms if sign == 1 else negated(f_small.terms)
            moved = big.prove((goal_terms, value(goal_terms, start.point)))
            if isinstance(moved, Open):
                return moved
            if isinstance(moved, Violation):
                points.append(moved.point)
                break
        if len(points) == 2:
            rise = [value(f.terms, points[1]) - value(f.terms, points[0]) for f in (f_big, f_small)]
            factor = rise[0] / rise[1]
            if factor <= 0:
                return witness()
    if factor == 0:
        factor = ONE
    if not exact_objective:
        if not points:
            start = big.feasible()
            if not isinstance(start, Violation):
                return start if isinstance(start, Open) else (ONE, Fraction(0), (start, start))
            points.append(start.point)
        at = points[0]
        constant = value(f_big.terms, at) + f_big.constant - factor * (value(f_small.terms, at) + f_small.constant)
    shown = big.zero(add((1, f_big), (-factor, f_small), (-1, Affine((), constant))))
    match shown:
        case tuple():
            return factor, constant, shown
        case Violation():
            points.append(shown.point)
            if exact_objective:
                del points[:-1]
            return witness()
    return shown


def _image(images: Sequence[Affine], point: ExactPoint) -> ExactPoint:
    return tuple(value(form.terms, point) + form.constant for form in images)


def try_projection(
    pair: Pair,
    onto: Sequence[Affine],
    sections: Sections,
    *,
    extended: Which,
) -> Mapped | Open:
    """Return the certificate that the extended model projects onto the base (level L2), or why that is open."""
    big, small = pair.of(extended), pair.of("a" if extended == "b" else "b")
    down = big.inclusion(small.linear, onto)
    if isinstance(down, Broken):
        return Open(UnknownReason.NO_MAP, "the projection tried leaves the base model")
    if isinstance(down, Open):
        return down
    objective = try_objective(pair, onto, (), extended=extended, exact_objective=False)
    if not isinstance(objective, tuple):
        return objective if isinstance(objective, Open) else _no_bijection()
    section = sections(small, big, onto)
    if isinstance(section, Open):
        name = {"a": "A", "b": "B"}
        other = name["a" if extended == "b" else "b"]
        detail = f"each point of {name[extended]} projects into {other} with its objective; the converse is open"
        return Open(UnknownReason.PROJECTION_ONLY, detail)
    factor, constant, proofs = objective
    return Mapped(extended, down, section, factor, constant, proofs, None)
