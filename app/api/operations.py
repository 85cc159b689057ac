"""``/healthz``, ``/readyz`` and ``/metrics``: what an operator's machinery asks."""

from __future__ import annotations

from typing import Literal

import prometheus_client
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from app.api.dependencies import ClientNeeded, ServiceNeeded
from app.api.problems import responses
from app.errors import Unavailable
from app.keys import Scope
from app.observability import JOBS, RUNNING

router = APIRouter(tags=["operations"])


class HealthJson(BaseModel):
    """The process is alive."""

    status: Literal["ok"] = "ok"


@router.get("/healthz", summary="Whether the process is alive", responses=responses(500))
async def healthz() -> HealthJson:
    """Answer 200 while the process serves, whatever the state of what it depends on."""
    return HealthJson()


class ReadyJson(HealthJson):
    """The process can take work; `programs` says whether Pyomo programs are among it."""

    programs: str = "run"


@router.get("/readyz", summary="Whether the process can take work", responses=responses(500, 503))
async def readyz(service: ServiceNeeded) -> ReadyJson:
    """Answer 200 while the database answers and the process is not shutting down, else 503.

    Where programs are not run, `programs` says which layer of their confinement is missing; problems are still
    read, solved and checked without them.
    """
    if service.jobs.draining:
        raise Unavailable("The process is shutting down.")
    try:
        await service.jobs.io(service.jobs.store.counts)
    except SQLAlchemyError as error:
        raise Unavailable("The database does not answer.") from error
    refusal = service.workbench.sandbox.refusal
    return ReadyJson(programs="run" if refusal is None else str(refusal))


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=PlainTextResponse,
    responses={
        200: {"description": "Prometheus text format", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **responses(401, 403, 429, 500, 503),
    },
)
async def metrics(service: ServiceNeeded, client: ClientNeeded) -> Response:
    """Return the counters of this process and the number of jobs in each state."""
    client.require(Scope.METRICS)
    for state, count in (await service.jobs.io(service.jobs.store.counts)).items():
        JOBS.labels(state).set(count)
    RUNNING.set(len(service.jobs.running))
    return Response(prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST)
