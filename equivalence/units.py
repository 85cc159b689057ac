"""Whether two models whose variables share names differ whatever units the continuous ones are in."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from equivalence.certificate import Affine, Mapped
from equivalence.implication import Open, System
from equivalence.mapping import Pair, Refuted, try_bijection
from equivalence.maps import Names
from equivalence.verdict import UnknownReason

Range = tuple[Fraction | None, Fraction | None]


@dataclass(frozen=True, slots=True)
class UnitOutcome:
    """What became of the question, and the reason in words."""

    outcome: Mapped | Refuted | Open
    note: str


def same_in_any_unit(pair: Pair, names: Names, refuted: Refuted) -> UnitOutcome:
    """Return the map with the factors that the ranges force, or that no factors make the models equal.

    A change of unit ``x_A = s x_B``, s > 0, carries the exact range of a variable over the feasible set onto
    that of its namesake: that gives s, or shows that there is none, or leaves it open (ranges from 0 or minus
    infinity to infinity, of which every factor makes itself).
    """
    factors: dict[int, Fraction] = {}
    loose: list[str] = []
    for j, k in names.pairs:
        name = pair.a.linear.model.column_names[j]
        if pair.a.linear.whole[j] or pair.b.linear.whole[k]:
            factors[j] = Fraction(1)
            continue
        range_a, range_b = _range(pair.a, j), _range(pair.b, k)
        if isinstance(range_a, Open) or isinstance(range_b, Open):
            loose.append(name)
            continue
        ratios = set()
        for end_a, end_b in zip(range_a, range_b, strict=True):
            if (end_a is None) != (end_b is None) or (end_a is not None and (end_a == 0) != (end_b == 0)):
                return UnitOutcome(refuted, f"the range of {name} is no multiple of that of its namesake")
            if end_a and end_b:
                ratios.add(end_a / end_b)
        if len(ratios) > 1 or any(r <= 0 for r in ratios):
            return UnitOutcome(refuted, f"the range of {name} is no multiple of that of its namesake")
        if ratios:
            factors[j] = ratios.pop()
        elif all(end == 0 for end in range_a):
            factors[j] = Fraction(1)
        else:
            loose.append(name)
    if loose:
        detail = f"different in these units; other units of {', '.join(loose[:5])} were not ruled out"
        return UnitOutcome(Open(UnknownReason.NO_MAP, detail), "")
    if all(factor == 1 for factor in factors.values()):
        return UnitOutcome(refuted, "the ranges of all variables agree, so no unit has changed")
    onto = [Affine(()) for _ in range(pair.a.n)]
    back = [Affine(()) for _ in range(pair.b.n)]
    for j, k in names.pairs:
        onto[j] = Affine(((k, factors[j]),))
        back[k] = Affine(((j, 1 / factors[j]),))
    return UnitOutcome(try_bijection(pair, onto, back), "the ranges of the variables give their units")


def _range(system: System, j: int) -> Range | Open:
    ends: list[Fraction | None] = []
    for sign in (-1, 1):
        top = system.supremum(((j, Fraction(sign)),))
        if isinstance(top, Open):
            return top
        ends.append(None if top is None else sign * top)
    return ends[0], ends[1]
