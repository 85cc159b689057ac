"""The JSON of a diagnosis: why a model has no optimum, and what would change that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from app.models_wire import ModelIn
from app.wire import TerminationJson

if TYPE_CHECKING:
    from solvers.diagnose import Diagnosis


class DiagnoseIn(BaseModel):
    """A model to be diagnosed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: ModelIn
    time_limit_s: Annotated[FiniteFloat, Field(gt=0, le=600)] = 60.0


class CoreJson(BaseModel):
    """Conditions that together exclude every point; `irreducible` where each was seen to be needed."""

    relations: list[str]
    irreducible: bool
    needs_integrality: bool


class ChangeJson(BaseModel):
    """One side of a row or of a column's bounds, moved from a number to another."""

    kind: str
    name: str
    side: str
    before: float
    after: float


class RepairJson(BaseModel):
    """Changes that together restore feasibility, and their cost relative to the numbers changed."""

    text: str
    cost: float
    verified: bool
    changes: list[ChangeJson]


class RayColumnJson(BaseModel):
    """How far a column moves along a ray, relative to the one that moves most."""

    name: str
    change: float


class RayJson(BaseModel):
    """A direction in which the objective improves without end."""

    columns: list[RayColumnJson]
    gain: float


class DiagnosisJson(BaseModel):
    """What was found; `words` says all of it in plain words."""

    termination: TerminationJson
    core: CoreJson | None
    repairs: list[RepairJson]
    ray: RayJson | None
    bounds_missing: list[str]
    doubts: list[str]
    words: str


def diagnosis_json(found: Diagnosis) -> DiagnosisJson:
    """Return the wire form of a diagnosis."""
    ended, core, ray = found.termination, None, None
    if found.core is not None:
        core = CoreJson(
            relations=list(found.core_relations),
            irreducible=found.core.irreducible,
            needs_integrality=found.core.needs_integrality,
        )
    if found.ray is not None:
        moves = [RayColumnJson(name=entry.column, change=entry.change) for entry in found.ray.entries]
        ray = RayJson(columns=moves, gain=found.ray.gain)
    limit = ended.limit.value if ended.limit else None
    return DiagnosisJson(
        termination=TerminationJson(reason=ended.reason.value, limit=limit, detail=ended.detail),
        core=core,
        repairs=[
            RepairJson(
                text=str(repair),
                cost=repair.cost,
                verified=repair.verified,
                changes=[
                    ChangeJson(
                        kind=change.member.kind,
                        name=change.name,
                        side=change.member.side,
                        before=change.before,
                        after=change.after,
                    )
                    for change in repair.changes
                ],
            )
            for repair in found.repairs
        ],
        ray=ray,
        bounds_missing=list(found.bounds_missing),
        doubts=list(found.doubts),
        words=found.words(),
    )
