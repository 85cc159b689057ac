"""The JSON of models, solutions and verdicts: what is asked about a model without a text."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from app.wire import SolverName, Text
from equivalence.proof_json import proof_json
from equivalence.verdict import Different, Equivalent, Level, Relation, Scope, UnknownReason, Verdict

MAX_MODEL_CHARACTERS = 8_000_000


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelIn(_In):
    """A model as text: LP or free MPS format, or this project's JSON."""

    format: Literal["lp", "mps", "json"]
    text: Annotated[Text, Field(min_length=1, max_length=MAX_MODEL_CHARACTERS)]


class CompareIn(_In):
    """Two models, and under which maps and at which level they are compared."""

    a: ModelIn
    b: ModelIn
    map: Literal["auto", "names"] = Field("auto", description="`auto` finds the map; `names` pairs by name first.")
    level: Level = Level.L1
    units: bool = Field(False, description="Whether continuous variables may differ in their unit.")
    picture: bool = Field(False, description="Whether to draw the two models as graphs, where that is possible.")
    budget_s: Annotated[FiniteFloat, Field(gt=0, le=120)] = 10.0


class VerdictJson(BaseModel):
    """What the comparison ends with. Rational numbers are texts such as `3/2`."""

    verdict: Literal["equivalent", "different", "unknown"]
    level: Level
    relation: Relation | None = None
    scope: Scope | None = None
    reason: UnknownReason | None = None
    detail: str = ""
    difference: str | None = Field(None, description="What tells the models apart, in words.")
    objective_factor: str | None = None
    objective_constant: str | None = None
    exact: bool = True
    units: dict[str, list[str]] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)
    certificate: Any = None
    witness: Any = None
    picture: str | None = Field(None, description="An SVG in base64, where one was asked for and could be drawn.")
    timings: dict[str, float] = Field(default_factory=dict)


class SolveModelIn(_In):
    """A model to be solved."""

    model: ModelIn
    solver: SolverName = "auto"
    time_limit_s: Annotated[FiniteFloat, Field(gt=0, le=600)] = 60.0
    mip_gap: Annotated[FiniteFloat | None, Field(ge=0, lt=1)] = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class SolverInfoJson(BaseModel):
    """A solver, whether it can run here, and if not, what to do."""

    name: str
    available: bool
    version: str | None = None
    reason: str = ""
    classes: list[str]


class SolversJson(BaseModel):
    """The solvers that this service knows."""

    solvers: list[SolverInfoJson]


def verdict_json(verdict: Verdict, difference: str | None, picture: str | None = None) -> VerdictJson:
    """Return the wire form of a verdict; ``difference`` is what tells the models apart, in words.

    ``picture`` is an SVG in base64.
    """
    common: dict[str, Any] = {
        "verdict": verdict.verdict,
        "level": verdict.level,
        "notes": list(verdict.notes),
        "timings": dict(verdict.timings),
        "picture": picture,
    }
    match verdict:
        case Equivalent():
            return VerdictJson(
                **common,
                relation=verdict.relation,
                scope=verdict.scope,
                exact=verdict.exact,
                objective_factor=str(verdict.objective_factor),
                objective_constant=str(verdict.objective_constant),
                units={name: [str(number) for number in pair] for name, pair in verdict.units.items()},
                certificate=proof_json(verdict.certificate),
            )
        case Different():
            return VerdictJson(
                **common,
                scope=verdict.scope,
                exact=verdict.exact,
                witness=proof_json(verdict.witness),
                difference=difference,
            )
        case _:
            return VerdictJson(**common, reason=verdict.reason, detail=verdict.detail)
