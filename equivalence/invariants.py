"""What every map that keeps a model's meaning must keep: it can refute, never confirm."""

from __future__ import annotations

from equivalence.enumeration import difference, profile
from equivalence.linear import Linear
from equivalence.verdict import Level
from equivalence.witness import ProfileWitness


def refuted_by_counting(a: Linear, b: Linear, level: Level) -> ProfileWitness | None:
    """Return a witness that no map makes two small all-whole models equivalent; None where counting finds none.

    At L1 the number of points of each objective value must agree up to an affine map of the values; at L2
    only the values must, since a projection may fold many points into one.
    """
    profile_a = profile(a)
    if profile_a is None:
        return None
    profile_b = profile(b)
    if profile_b is None:
        return None
    counted = level is not Level.L2
    detail = difference(profile_a, profile_b, counted=counted)
    return None if detail is None else ProfileWitness(counted, detail)
