"""The checker of differences: replays a witness in exact arithmetic, without matcher or solver."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import assert_never

from equivalence.certificate import Affine
from equivalence.checker import prove
from equivalence.enumeration import difference, profile
from equivalence.exact import settled
from equivalence.linear import Linear, objective_of, require
from equivalence.refutation import is_isomorphic
from equivalence.witness import (
    ExactPoint,
    FeasibilityWitness,
    NotIsomorphic,
    ObjectiveWitness,
    PointWitness,
    ProfileWitness,
    Witness,
)
from solvers.milp import Milp


def replay_witness(a: Milp, b: Milp, witness: Witness) -> None:
    """Return if the witness tells the models apart as it says; raise `Refuted` if it does not.

    A refutation of isomorphism is refined, and searched where need be, once more in exact arithmetic by
    `equivalence.refutation`, which shares nothing with the matcher.
    """
    a, b = settled(a, b)
    match witness:
        case PointWitness():
            inside, other = (a, b) if witness.inside == "a" else (b, a)
            require(holds=_feasible(Linear(inside), witness.point), otherwise="the point is not feasible")
            image = [_at(form, witness.point) for form in witness.images]
            require(holds=not _feasible(Linear(other), image), otherwise="the other model allows the point too")
        case ObjectiveWitness():
            _objectives(a, b, witness)
        case FeasibilityWitness():
            feasible, empty = (a, b) if witness.feasible == "a" else (b, a)
            require(holds=_feasible(Linear(feasible), witness.point), otherwise="the point is not feasible")
            prove(Linear(empty), (), ((), Fraction(-1)), witness.proof)
        case ProfileWitness():
            profiles = profile(Linear(a)), profile(Linear(b))
            counted = profiles[0] is not None and profiles[1] is not None
            require(holds=counted, otherwise="the models cannot be counted out")
            if profiles[0] is not None and profiles[1] is not None:
                found = difference(profiles[0], profiles[1], counted=witness.counted)
                require(holds=found is not None, otherwise="the counts agree")
        case NotIsomorphic():
            require(holds=not is_isomorphic(a, b), otherwise="the models are isomorphic")
        case _:
            assert_never(witness)


def _at(form: Affine, point: Sequence[Fraction]) -> Fraction:
    return sum((v * point[j] for j, v in form.terms), form.constant)


def _feasible(model: Linear, point: Sequence[Fraction]) -> bool:
    return (
        len(point) == model.n
        and all(point[j].denominator == 1 for j in range(model.n) if model.whole[j])
        and all(_at(Affine(terms), point) <= bound for terms, bound in model.sides.values())
    )


def clearly_missed(inside: Linear, other: Linear, witness: PointWitness, share: Fraction) -> bool:
    """Return whether the point's image misses the other model by more than ``share`` of the terms involved."""
    if not _feasible(inside, witness.point):
        return False
    image = [_at(form, witness.point) for form in witness.images]
    for j, value in enumerate(image):
        if other.whole[j] and abs(value - round(value)) > share:
            return True
    for terms, bound in other.sides.values():
        scale = max([abs(bound), *(abs(v * image[j]) for j, v in terms)])
        if _at(Affine(terms), image) - bound > share * scale:
            return True
    return False


Interval = tuple[Fraction, Fraction]


def clearly_unequal(a: Milp, b: Milp, witness: ObjectiveWitness, share: Fraction) -> bool:
    """Return whether the objectives stay apart though each value may be off by ``share`` of its largest term."""

    def around(form: Affine, at: Sequence[Fraction]) -> Interval:
        off = share * max([abs(form.constant), *(abs(v * at[j]) for j, v in form.terms)])
        return _at(form, at) - off, _at(form, at) + off

    boxes: list[tuple[Interval, Interval]] = []
    for point in witness.points:
        image = [_at(form, point) for form in witness.images]
        boxes.append((around(objective_of(a), point), around(objective_of(b), image)))
    if witness.identity:
        return any(_apart(f, g) for f, g in boxes)
    (f, g), *_, (f_last, g_last) = sorted(boxes)
    rise, gain = _less(f_last, f), _less(g_last, g)
    if rise[0] <= 0:  # the objective of A stays where it is, for sure only where nothing can be off
        return not any(rise) and any(_apart(g, other) for _, other in boxes)
    slopes = [q / p for p in rise for q in gain]
    if max(slopes) <= 0:
        return True
    for f_other, g_other in boxes:
        ends = [slope * step for slope in (min(slopes), max(slopes)) for step in _less(f_other, f)]
        if _apart(g_other, (g[0] + min(ends), g[1] + max(ends))):
            return True
    return False


def _less(one: Interval, other: Interval) -> Interval:
    return one[0] - other[1], one[1] - other[0]


def _apart(one: Interval, other: Interval) -> bool:
    return one[0] > other[1] or other[0] > one[1]


def _objectives(a: Milp, b: Milp, witness: ObjectiveWitness) -> None:
    model_a, model_b = Linear(a), Linear(b)
    pairs = []
    for point in witness.points:
        image: ExactPoint = tuple(_at(form, point) for form in witness.images)
        both = _feasible(model_a, point) and _feasible(model_b, image)
        require(holds=both, otherwise="a point of the witness is not feasible in both models")
        pairs.append((_at(objective_of(a), point), _at(objective_of(b), image)))
    if witness.identity:
        require(holds=any(f != g for f, g in pairs), otherwise="the objectives agree on the points given")
    else:
        require(holds=not _on_a_rising_line(pairs), otherwise="the objectives fit a factor > 0 and a constant")


def _on_a_rising_line(pairs: Sequence[tuple[Fraction, Fraction]]) -> bool:
    """Return whether some a > 0 and b give ``g = a f + b`` for all pairs."""
    (f, g), *rest = pairs
    moved = [(p - f, q - g) for p, q in rest]
    slopes = {q / p for p, q in moved if p}
    return all(q == 0 for p, q in moved if not p) and len(slopes) <= 1 and all(s > 0 for s in slopes)
