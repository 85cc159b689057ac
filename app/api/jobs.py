"""``/v1/jobs``: problems worked on in the background, their events, questions and artifacts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Body, Header, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from app.api.dependencies import ClientNeeded, IdempotencyKey, ServiceNeeded
from app.api.examples import ANSWERS_EXAMPLES, EVENTS_EXAMPLE, JOB_EXAMPLES, PROBLEM_EXAMPLES
from app.api.json import json_response
from app.api.problems import responses
from app.api.solve import job_response, submission
from app.artifacts import Artifact
from app.jobs.job import JobEvent, JobState
from app.wire import AnswersIn, JobIn, JobJson, JobPageJson, job_text, summary_json
from formulation.answer import Status

router = APIRouter(tags=["jobs"])

KEEP_ALIVE_S = 15.0
_EVENT_SCHEMA = {
    "type": "object",
    "description": "One event of the stream; `data` is JSON with `at`, in seconds since the epoch, and `event`.",
    "properties": {name: {"type": "string"} for name in ("id", "event", "data")},
}
_JOB = {"model": JobJson, "content": {"application/json": {"examples": JOB_EXAMPLES}}}
JobId = Annotated[str, Path(description="The id of a job.", max_length=64, pattern="^[0-9a-f]+$")]


@router.post(
    "/v1/jobs",
    summary="Submit a problem as a job",
    status_code=202,
    response_model=None,
    responses={
        202: {"description": "The job, at `Location`", **_JOB},
        **responses(400, 401, 403, 409, 413, 415, 422, 429, 500, 503),
    },
)
async def submit(
    body: Annotated[JobIn, Body(openapi_examples=PROBLEM_EXAMPLES)],
    request: Request,
    service: ServiceNeeded,
    client: ClientNeeded,
    key: IdempotencyKey,
) -> Response:
    """Take a problem in and return at once; the job's events tell how it goes."""
    return job_response(await service.submit(client, submission(body, key, request)), 202)


@router.get(
    "/v1/jobs",
    summary="List jobs, the newest first",
    responses=responses(401, 403, 422, 429, 500, 503),
)
async def page(
    service: ServiceNeeded,
    client: ClientNeeded,
    state: Annotated[JobState | None, Query(description="Only jobs that stand there.")] = None,
    status: Annotated[Status | None, Query(description="Only jobs whose answer has this status.")] = None,
    before: Annotated[
        str | None, Query(description="`next` of the page before.", max_length=64, pattern="^[0-9a-f]+$")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JobPageJson:
    """Return a page of the client's own jobs."""
    found = await service.page(
        client, state=state, status=status.value if status else None, before=before, limit=limit + 1
    )
    more = len(found) > limit
    items = [summary_json(job) for job in found[:limit]]
    return JobPageJson(items=items, next=items[-1].id if more else None)


@router.get(
    "/v1/jobs/{job}",
    summary="Look at a job",
    response_model=None,
    responses={200: {"description": "The job", **_JOB}, **responses(401, 403, 404, 422, 429, 500, 503)},
)
async def look(
    job: JobId,
    service: ServiceNeeded,
    client: ClientNeeded,
    wait_s: Annotated[float, Query(ge=0, le=600, description="Wait so long for the job's end.")] = 0.0,
) -> Response:
    """Return where the job stands, with its answer once there is one."""
    found = await (service.wait(client, job, wait_s) if wait_s else service.job(client, job))
    return json_response(job_text(found))


@router.delete(
    "/v1/jobs/{job}",
    summary="Cancel a job, or delete one that is over",
    status_code=202,
    response_model=None,
    responses={
        202: {"description": "The job has been told to stop", **_JOB},
        204: {"description": "The job was over and has been deleted"},
        **responses(401, 403, 404, 422, 429, 500, 503),
    },
)
async def cancel(job: JobId, service: ServiceNeeded, client: ClientNeeded) -> Response:
    """Stop the job's solver and child processes within a second; a second call deletes the job."""
    found = await service.job(client, job)
    if found.state.over:
        await service.delete(client, job)
        return Response(status_code=204)
    return job_response(await service.cancel(client, job), 202)


@router.post(
    "/v1/jobs/{job}/answers",
    summary="Answer a job's questions",
    status_code=202,
    response_model=None,
    responses={
        202: {"description": "The job works on", **_JOB},
        **responses(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503),
    },
)
async def answer(
    job: JobId,
    body: Annotated[AnswersIn, Body(openapi_examples=ANSWERS_EXAMPLES)],
    service: ServiceNeeded,
    client: ClientNeeded,
) -> Response:
    """Give what the job asked for; it works on under the same id."""
    return job_response(await service.answer_questions(client, job, body.answers), 202)


@router.get(
    "/v1/jobs/{job}/events",
    summary="Follow a job's events",
    response_class=StreamingResponse,
    response_model=None,
    responses={
        200: {
            "description": "Server-sent events until the job is over",
            "content": {"text/event-stream": {"schema": _EVENT_SCHEMA, "example": EVENTS_EXAMPLE}},
        },
        204: {"description": "The job is over and everything has been told"},
        **responses(401, 403, 404, 422, 429, 500, 503),
    },
)
async def events(
    job: JobId,
    service: ServiceNeeded,
    client: ClientNeeded,
    last_event_id: Annotated[str | None, Header(description="The id of the last event that arrived.")] = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="The same, for those who cannot send headers.")] = 0,
) -> Response:
    """Send each event with its id, from the first or after the last that arrived, as they come."""
    if last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit():
        after = min(int(last_event_id), 2**31 - 1)
    found = await service.job(client, job)
    if found.state.over and after == found.last_event:
        # A browser's EventSource stops asking again only at this.
        return Response(status_code=204)
    stream = _server_sent(await service.events(client, job, after))
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _server_sent(told: AsyncIterator[JobEvent]) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    following = aiter(told)
    coming = asyncio.ensure_future(anext(following, None))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=KEEP_ALIVE_S)
            if not done:
                yield ": still here\n\n"
                continue
            event = coming.result()
            if event is None:
                return
            yield f'id: {event.seq}\nevent: {event.kind}\ndata: {{"at":{event.at:.3f},"event":{event.body}}}\n\n'
            coming = asyncio.ensure_future(anext(following, None))
    finally:
        coming.cancel()


@router.get(
    "/v1/jobs/{job}/artifacts/{artifact}",
    summary="Fetch what a job has made",
    response_model=None,
    responses={
        200: {
            "description": "The file",
            "content": {kind: {"schema": {"type": "string"}} for kind in sorted({a.media_type for a in Artifact})},
        },
        **responses(401, 403, 404, 422, 429, 500, 503),
    },
)
async def artifact(
    job: JobId,
    artifact: Annotated[Artifact, Path(description="Which file.")],
    service: ServiceNeeded,
    client: ClientNeeded,
) -> Response:
    """Return the program, the model in a format, the solution, or the transcript."""
    text = await service.artifact(client, job, artifact)
    headers = {"Content-Disposition": f'attachment; filename="{artifact.value}"'}
    return Response(text, media_type=f"{artifact.media_type}; charset=utf-8", headers=headers)
