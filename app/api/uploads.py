"""Data tables sent as files: a form with the request's JSON and CSV, XLSX or JSON files beside it.

The form becomes the JSON that the path takes, so that a path knows of one form of request alone.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem_response
from app.errors import FieldError, InvalidRequest, MalformedRequest, ServiceError, kind_of_status
from formulation.tables import DataError, read_tables

PATHS = ("/v1/solve", "/v1/jobs")
MAX_FILES = 20
FORM = {
    "schema": {
        "type": "object",
        "required": ["request"],
        "properties": {
            "request": {"type": "string", "description": "The request's JSON, without `tables` or with more of them."},
            "tables": {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": MAX_FILES},
        },
    }
}
"""The media type's entry in the OpenAPI document."""


class TableUploads:
    """Turns a ``multipart/form-data`` request into the JSON request that it stands for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; anything but a form for a path that takes tables passes through."""
        is_form = (
            scope["type"] == "http"
            and scope["method"] == "POST"
            and scope["path"] in PATHS
            and Headers(scope=scope).get("content-type", "").lower().startswith("multipart/form-data")
        )
        if not is_form:
            await self.app(scope, receive, send)
            return
        try:
            body = await _json_of(Request(scope, receive))
        except ServiceError as error:
            await problem_response(error, scope)(scope, receive, send)
            return
        except HTTPException as error:
            refused = kind_of_status(error.status_code)(error.detail, headers=dict(error.headers or {}))
            await problem_response(refused, scope)(scope, receive, send)
            return
        kept = [(k, v) for k, v in scope["headers"] if k not in (b"content-type", b"content-length")]
        added = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        sent = False

        async def receive_json() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app({**scope, "headers": [*kept, *added]}, receive_json, send)


async def _json_of(request: Request) -> bytes:
    """Return the JSON that a form stands for. Raises `MalformedRequest` and `InvalidRequest`."""
    async with request.form(max_files=MAX_FILES, max_fields=2, max_part_size=8 * 1024 * 1024) as form:
        given = form.get("request")
        if not isinstance(given, str):
            raise InvalidRequest("The form has no field `request` with the request's JSON.")
        try:
            document = json.loads(given)
        except ValueError as error:
            raise MalformedRequest(f"The form's field `request` is not JSON: {error}.") from error
        if not isinstance(document, dict):
            raise InvalidRequest("The form's field `request` is no JSON object.")
        tables: list[Any] = list(document.get("tables") or [])
        for file in form.getlist("tables"):
            if not isinstance(file, UploadFile):
                raise InvalidRequest("The form's field `tables` holds files alone.")
            name = file.filename or "table.csv"
            content = await file.read()
            try:
                read = await asyncio.to_thread(read_tables, name, content)
            except DataError as error:
                raise InvalidRequest(str(error), (FieldError("/tables", str(error)),)) from error
            if read.questions:
                # Taking one of two readings of a number would be a guess; the file can say which one is meant.
                said = f"{name}: {read.questions[0].text}"
                raise InvalidRequest(said, tuple(FieldError("/tables", question.text) for question in read.questions))
            tables += [
                {"name": table.name, "columns": {heading: list(cells) for heading, cells in table.columns.items()}}
                for table in read.tables
            ]
        return json.dumps({**document, "tables": tables}).encode()
