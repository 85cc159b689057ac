"""Proofs that two models are equivalent, as data: replayed by `equivalence.checker`, made elsewhere.

A proof that ``g x <= h`` holds on a model is a tree. A leaf holds multipliers >= 0 on the model's
inequalities (and on the guards above the leaf) whose sum is ``g x <= h`` or ``0 <= negative`` (Farkas).
A node splits on a linear form: ``form <= at`` or ``form >= at + 1`` where the form is whole on the model,
``form <= at`` or ``form >= at`` otherwise. This covers Chvátal-Gomory rounding and branch-and-bound alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Terms = tuple[tuple[int, Fraction], ...]
"""A sparse linear form: (column, coefficient), columns ascending, no zeros."""

Side = Literal["lower", "upper"]
Reference = tuple[Literal["row", "column", "guard"], int, Side]
"""One inequality: a side of a row or column of the model, or of a guard (numbered from the root)."""


@dataclass(frozen=True, slots=True)
class Affine:
    """``terms x + constant``."""

    terms: Terms
    constant: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Farkas:
    """Multipliers >= 0 on inequalities."""

    multipliers: tuple[tuple[Reference, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Split:
    """A case distinction on ``form``; ``whole`` says that the form takes whole values only."""

    form: Terms
    at: Fraction
    whole: bool
    low: Proof
    high: Proof


Proof = Farkas | Split


@dataclass(frozen=True, slots=True)
class Permutation:
    """Column ``j`` of A is column ``columns[j]`` of B, row ``i`` is row ``rows[i]``; see the checker.

    ``f_B = factor f_A + constant`` with both objectives as minimisation.
    """

    columns: tuple[int, ...]
    rows: tuple[int, ...]
    factor: Fraction
    constant: Fraction


@dataclass(frozen=True, slots=True)
class BothEmpty:
    """Neither model has a feasible point: proofs of ``0 <= -1`` on each."""

    a: Proof
    b: Proof


@dataclass(frozen=True, slots=True)
class Inclusion:
    """An affine map from one model into another.

    ``images[k]`` is column ``k`` of the target over the columns of the source. ``proofs`` holds one proof on
    the source for each finite side of each row and column of the target, in the order of
    `checker.sides`. ``whole`` gives for each integer column of the target a form over the source that is
    whole by inspection, with the proofs that it equals the image (<= and >=).
    """

    images: tuple[Affine, ...]
    proofs: tuple[Proof, ...]
    whole: tuple[tuple[int, Affine, Proof, Proof], ...]


@dataclass(frozen=True, slots=True)
class SectionLeaf:
    """An inclusion that is a right inverse of the projection, on this leaf's part of the model.

    ``identity`` holds for each column of the base that does not return by inspection the two proofs
    (<= and >=) that it returns on the base.
    """

    inclusion: Inclusion
    identity: tuple[tuple[int, Proof, Proof], ...]


@dataclass(frozen=True, slots=True)
class SectionSplit:
    """A case distinction on the base model, with a section on either side."""

    form: Terms
    at: Fraction
    whole: bool
    low: Section
    high: Section


Section = SectionLeaf | SectionSplit


@dataclass(frozen=True, slots=True)
class Mapped:
    """``onto`` maps the extended model onto the base; ``section`` maps the base back.

    ``extended`` says which of the two models is the extended one. ``objective`` holds the two proofs, on
    the extended model, that ``f_extended - factor f_base(onto) - constant`` is <= 0 and >= 0 (empty where it
    is zero by inspection); here ``factor`` and ``constant`` are those of extended over base.
    ``inverse`` is given at L1: for each column of the extended model that does not return by inspection
    from ``section after onto``, the two proofs that it does; the section then is one leaf.
    """

    extended: Literal["a", "b"]
    onto: Inclusion
    section: Section
    factor: Fraction
    constant: Fraction
    objective: tuple[Proof, ...]
    inverse: tuple[tuple[int, Proof, Proof], ...] | None


Certificate = Permutation | BothEmpty | Mapped
