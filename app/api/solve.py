"""``POST /v1/solve``: a problem in, its answer out."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Body, Request
from starlette.responses import Response

from app.api.dependencies import ClientNeeded, IdempotencyKey, ServiceNeeded
from app.api.examples import ANSWER_EXAMPLES, JOB_EXAMPLES, PROBLEM_EXAMPLES
from app.api.json import json_response
from app.api.problems import responses
from app.errors import FieldError, InvalidRequest, kind_of_status
from app.jobs.job import Job, JobState
from app.service import Submission
from app.wire import AnswerJson, JobIn, JobJson, SolveIn, job_text
from formulation.wire import WireError

router = APIRouter(tags=["solve"])


def submission(body: SolveIn | JobIn, key: str | None, request: Request) -> Submission:
    """Return what a body asks for. Raises `InvalidRequest`."""
    try:
        problem = body.problem()
    except ValueError as error:
        place = "/formulation" if isinstance(error, WireError) else "/tables"
        raise InvalidRequest(str(error), (FieldError(place, str(error)),)) from error
    return Submission(problem, body.time_limit_s, body.cost_limit, key, request.state.request_id)


def job_response(job: Job, status: int) -> Response:
    """Return a job, with its place."""
    headers = {"Location": f"/v1/jobs/{job.id}"}
    if not job.state.over:
        headers["Retry-After"] = "1"
    return json_response(job_text(job), status, headers)


@router.post(
    "/v1/solve",
    summary="Solve a problem given in plain words",
    response_model=None,
    responses={
        200: {
            "description": "The answer, whatever the problem ends with",
            "model": AnswerJson,
            "content": {"application/json": {"examples": ANSWER_EXAMPLES}},
        },
        202: {
            "description": "Not done within `wait_s`: the job goes on at `Location`",
            "model": JobJson,
            "content": {"application/json": {"examples": JOB_EXAMPLES}},
            "headers": {"Location": {"description": "The job", "schema": {"type": "string"}}},
        },
        **responses(400, 401, 403, 409, 413, 415, 422, 429, 500, 503),
    },
)
async def solve(
    body: Annotated[SolveIn, Body(openapi_examples=PROBLEM_EXAMPLES)],
    request: Request,
    service: ServiceNeeded,
    client: ClientNeeded,
    key: IdempotencyKey,
) -> Response:
    """Answer 200 whatever the problem ends with: `status` says what is held, errors are about the request.

    The work is a job like any other. It goes on where the caller hangs up, and `Location` names it.
    """
    submitted = await service.submit(client, submission(body, key, request))
    job = await service.wait(client, submitted.id, body.wait_s)
    if job.state is JobState.FINISHED and job.answer is not None:
        return json_response(job.answer, 200, {"Location": f"/v1/jobs/{job.id}"})
    if job.state is JobState.FAILED:
        error = json.loads(job.error or "{}")
        raise kind_of_status(error.get("status", 500))(f"{error.get('detail')} The job is {job.id}.")
    return job_response(job, 202)
