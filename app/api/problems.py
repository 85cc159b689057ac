"""Errors as problem documents (RFC 9457) on the wire, and the pages their `type` leads to."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from app.errors import (
    MEDIA_TYPE,
    FieldError,
    InvalidRequest,
    MalformedRequest,
    NotFound,
    ServiceError,
    Unavailable,
    UnsupportedMediaType,
    kind_of_status,
    kinds,
)
from app.observability import redact
from app.wire import ProblemDocument

log = structlog.get_logger("milpwright.http")


class _ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE


def problem_response(error: ServiceError, scope: Mapping[str, Any]) -> Response:
    """Return the response for an error met by the request of this ASGI scope."""
    request_id = scope.get("state", {}).get("request_id", "")
    document = error.document(instance=scope["path"], request_id=request_id)
    return _ProblemResponse(document, error.status, headers=error.response_headers())


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries for the problem documents that a path may answer with."""
    schema = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
    return {
        status: {"description": kind_of_status(status).title, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Make every error of the application a problem document."""

    async def service_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, ServiceError)  # noqa: S101 - the registration below says so
        return problem_response(error, request.scope)

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        kind = kind_of_status(error.status_code)
        detail = error.detail
        if kind is NotFound:
            detail = f"Nothing is served at {request.url.path}; /docs lists what is."
        elif error.status_code == 405:
            detail = f"{request.url.path} does not answer {request.method}; /docs lists what it does."
        return problem_response(kind(detail, headers=dict(error.headers or {})), request.scope)

    async def validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return problem_response(invalid(error, request), request.scope)

    async def database_error(request: Request, error: Exception) -> Response:
        cause = redact(str(getattr(error, "orig", None) or type(error).__name__)).splitlines()[0]
        log.error("the database did not do what it was asked", error=cause, path=request.url.path)
        said = "its disk is full" if "full" in cause else "it does not answer"
        return problem_response(
            Unavailable(f"The database cannot be used just now: {said}. Ask again later.", retry_after_s=5),
            request.scope,
        )

    app.add_exception_handler(ServiceError, service_error)
    app.add_exception_handler(OperationalError, database_error)
    app.add_exception_handler(PoolTimeout, database_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, validation_error)


def invalid(error: RequestValidationError, request: Request) -> ServiceError:
    """Return the error for a request that FastAPI could not read: malformed, of the wrong type, or invalid."""
    found = error.errors()
    if any(entry["type"] == "json_invalid" for entry in found):
        context = found[0].get("ctx", {}).get("error", "")
        return MalformedRequest(f"The body is not JSON: {context or found[0]['msg']}. Send one JSON object.")
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if any(entry["loc"] == ("body",) for entry in found) and content_type and not content_type.endswith("json"):
        return UnsupportedMediaType(f"The body is {content_type!r}; send application/json.")
    errors = tuple(FieldError(_pointer(entry["loc"]), entry["msg"]) for entry in found)
    first = f"{errors[0].pointer or 'the body'}: {errors[0].detail}"
    return InvalidRequest(f"{first}{f' (and {len(errors) - 1} more)' if len(errors) > 1 else ''}", errors)


def _pointer(location: tuple[str | int, ...]) -> str:
    """Return a JSON pointer into the body (RFC 6901), or ``kind name`` for a parameter outside it."""
    if location and location[0] == "body":
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location[1:])
    return " ".join(str(part) for part in location)


router = APIRouter(include_in_schema=False)


@router.get("/problems/{code}", response_class=PlainTextResponse)
async def explain(code: str) -> str:
    """Return what an error means, in words: the page behind a problem document's `type`."""
    for kind in kinds():
        if kind.code == code:
            return f"{kind.title} ({kind.status})\n\n{inspect.cleandoc(kind.__doc__ or '')}\n"
    raise NotFound(f"There is no problem named {code!r}.")
