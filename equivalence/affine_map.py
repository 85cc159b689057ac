"""An affine map between the variables of two models, as a caller gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

Image = tuple[Mapping[str, Fraction], Fraction]


@dataclass(frozen=True, slots=True, eq=False)
class AffineMap:
    """For each variable of A that is named: its value as coefficients on variables of B, and a constant.

    Variables of A that are not named stand for the variable of B with their name.
    """

    images: Mapping[str, Image]
