"""What a comparison of two models ends with: equivalent, different or unknown, each with its ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from html import escape
from typing import Literal

from equivalence.certificate import Certificate
from equivalence.witness import Witness


class Level(StrEnum):
    """What exactly is claimed; see docs/equivalence.md.

    L0: the same rows and columns up to their order, row factors and a positive objective factor.
    L1: an affine bijection between the feasible sets that keeps the objective up to ``a f + b``, a > 0.
    L2: one model is an extended formulation of the other under a declared projection that is onto.
    """

    L0 = "L0"
    L1 = "L1"
    L2 = "L2"


class Relation(StrEnum):
    """How the two texts relate where they are equivalent."""

    IDENTICAL = "identical"
    PERMUTED = "permuted"
    RESCALED = "rescaled"
    REFORMULATED = "reformulated"


class Scope(StrEnum):
    """Under which maps between the variables a verdict holds."""

    BY_NAME = "by_name"
    GIVEN_MAP = "given_map"
    FOUND_MAP = "found_map"
    ANY_MAP = "any_map"


class UnknownReason(StrEnum):
    """Why a comparison was left open. The list is closed."""

    BUDGET = "budget"
    TIME = "time"
    TOLERANCE = "tolerance"
    NO_MAP = "no_map"
    PROJECTION_ONLY = "projection_only"
    UNBOUNDED_INTEGER = "unbounded_integer"
    INEXACT_DATA = "inexact_data"
    UNSUPPORTED_CLASS = "unsupported_class"


Timings = Mapping[str, float]


class _Shown:
    """How a notebook shows a verdict."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        said = []
        for name in ("level", "relation", "scope", "reason", "detail", "objective_factor", "objective_constant"):
            value = getattr(self, name, None)
            if value is not None and value != "":
                said.append(f"<li>{name.replace('_', ' ')}: {escape(str(value))}</li>")
        said += [f"<li>{escape(note)}</li>" for note in getattr(self, "notes", ())]
        proof = next((name for name in ("certificate", "witness") if hasattr(self, name)), None)
        if proof is not None:
            said.append(f"<li>{proof}: {escape(type(getattr(self, proof)).__name__)}</li>")
        return f"<p><b>{escape(str(getattr(self, 'verdict', '')))}</b></p><ul>{''.join(said)}</ul>"


@dataclass(frozen=True, slots=True, eq=False)
class Equivalent(_Shown):
    """The models are equivalent at ``level``; ``certificate`` proves it to `equivalence.checker.replay`.

    ``f_B = objective_factor f_A + objective_constant`` under the map, both written as minimisation.
    ``units`` names the columns of B whose unit the map changed, with ``x_A = factor x_B + shift``.
    """

    level: Level
    relation: Relation
    scope: Scope
    certificate: Certificate
    objective_factor: Fraction = Fraction(1)
    objective_constant: Fraction = Fraction(0)
    exact: bool = True
    units: Mapping[str, tuple[Fraction, Fraction]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    timings: Timings = field(default_factory=dict)
    verdict: Literal["equivalent"] = "equivalent"

    @property
    def same_objective(self) -> bool:
        """Whether the objectives agree as they stand: factor 1, constant 0."""
        return self.objective_factor == 1 and self.objective_constant == 0


@dataclass(frozen=True, slots=True, eq=False)
class Different(_Shown):
    """The models differ at ``level`` under every map of ``scope``; ``witness`` shows where."""

    level: Level
    scope: Scope
    witness: Witness
    exact: bool = True
    notes: tuple[str, ...] = ()
    timings: Timings = field(default_factory=dict)
    verdict: Literal["different"] = "different"


@dataclass(frozen=True, slots=True, eq=False)
class Unknown(_Shown):
    """Neither was proved; ``reason`` says why, ``detail`` what would help or what was proved on the way."""

    level: Level
    reason: UnknownReason
    detail: str = ""
    notes: tuple[str, ...] = ()
    timings: Timings = field(default_factory=dict)
    verdict: Literal["unknown"] = "unknown"


Verdict = Equivalent | Different | Unknown
