"""Grounds on which two models are called different, as data: replayed by `equivalence.checker`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from equivalence.certificate import Affine, Proof

Which = Literal["a", "b"]
ExactPoint = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class PointWitness:
    """A point feasible in ``inside`` whose image (``images``, over the inside model) the other model forbids.

    ``missed`` names what it misses there: a row, a column's bound, or a column's integrality.
    """

    inside: Which
    point: ExactPoint
    images: tuple[Affine, ...]
    missed: tuple[Literal["row", "column", "whole"], int]


@dataclass(frozen=True, slots=True)
class ObjectiveWitness:
    """Points of A, feasible in both under ``images``, whose objective pairs lie on no line of positive slope.

    ``identity`` asks for the line ``f_B = f_A`` itself.
    """

    points: tuple[ExactPoint, ...]
    images: tuple[Affine, ...]
    identity: bool


@dataclass(frozen=True, slots=True)
class NotIsomorphic:
    """No renaming of rows and columns makes the light normal forms equal (level L0).

    ``how``: "counts" (shapes differ), "colours" (colour refinement after ``rounds`` rounds differs), or
    "search" (every individualisation was tried), "bliss" (igraph's BLISS finds none).
    """

    how: Literal["counts", "colours", "search", "bliss"]
    rounds: int
    detail: str


@dataclass(frozen=True, slots=True)
class FeasibilityWitness:
    """``feasible`` has the point given; the other has none, by ``proof`` of ``0 <= -1``."""

    feasible: Which
    point: ExactPoint
    proof: Proof


@dataclass(frozen=True, slots=True)
class ProfileWitness:
    """The enumerated feasible points differ in number, or their objectives by more than an affine map.

    All columns of both models are whole and bounded; the checker enumerates again. ``counted`` says that the
    number of points of each value was compared (level L1), not the values alone (level L2).
    """

    counted: bool
    detail: str


Witness = PointWitness | ObjectiveWitness | NotIsomorphic | FeasibilityWitness | ProfileWitness
