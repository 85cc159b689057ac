"""``/v1/compare``, ``/v1/models`` and ``/v1/solvers``: models without a text."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from app.api.dependencies import ClientNeeded, ServiceNeeded
from app.api.examples import COMPARE_EXAMPLES, DIAGNOSE_EXAMPLES, SOLVE_MODEL_EXAMPLES
from app.api.problems import responses
from app.diagnosis_wire import DiagnoseIn, DiagnosisJson
from app.models_wire import CompareIn, SolveModelIn, SolversJson, VerdictJson
from app.wire import AnswerJson

router = APIRouter(tags=["models"])


@router.post(
    "/v1/compare",
    summary="Do two models say the same?",
    responses=responses(400, 401, 403, 413, 415, 422, 429, 500, 503),
)
async def compare(
    body: Annotated[CompareIn, Body(openapi_examples=COMPARE_EXAMPLES)], service: ServiceNeeded, client: ClientNeeded
) -> VerdictJson:
    """Return equivalent with a certificate, different with a witness, or unknown with the reason."""
    return await service.compare(client, body)


@router.post(
    "/v1/models/solve",
    summary="Solve a model",
    responses=responses(400, 401, 403, 413, 415, 422, 429, 500, 503),
)
async def solve_model(
    body: Annotated[SolveModelIn, Body(openapi_examples=SOLVE_MODEL_EXAMPLES)],
    service: ServiceNeeded,
    client: ClientNeeded,
) -> AnswerJson:
    """Return the answer that a problem in words gets, `formulation` and `reader` null; the point is replayed."""
    return await service.solve_model(client, body)


@router.post(
    "/v1/models/diagnose",
    summary="Why has a model no optimum?",
    responses=responses(400, 401, 403, 413, 415, 422, 429, 500, 503),
)
async def diagnose(
    body: Annotated[DiagnoseIn, Body(openapi_examples=DIAGNOSE_EXAMPLES)],
    service: ServiceNeeded,
    client: ClientNeeded,
) -> DiagnosisJson:
    """Return the conditions that conflict and the cheapest repairs, or the ray of an unbounded model."""
    return await service.diagnose(client, body)


@router.get("/v1/solvers", summary="List the solvers", responses=responses(401, 403, 429, 500, 503))
async def solvers(service: ServiceNeeded, client: ClientNeeded) -> SolversJson:
    """Return every solver that is known, and whether it can run here."""
    return await service.solvers(client)
