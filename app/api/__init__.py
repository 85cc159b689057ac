"""The REST interface: `create_app` makes the ASGI application."""

from __future__ import annotations

import importlib.metadata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware.cors import CORSMiddleware

from app import web
from app.api import jobs, mcp, models, operations, problems, programs, solve
from app.api.middleware import BodyLimit, RequestContext
from app.api.uploads import FORM, TableUploads
from app.api.uploads import PATHS as TABLE_PATHS
from app.service import Service
from app.settings import Settings
from app.settings import settings as process_settings
from app.wire import ProblemDocument

DESCRIPTION = """\
A decision problem in plain words becomes a mixed-integer linear program that is checked, solved and explained.

The service answers 200 for whatever a problem ends with; `status` in the answer says what is held. 4xx and 5xx are
for the request and the machinery, as problem documents (RFC 9457).
"""


def create_app(settings: Settings | None = None, service: Service | None = None) -> FastAPI:
    """Return the application. Its lifespan starts and stops the service."""
    settings = settings or process_settings()
    service = service or Service(settings)

    tools = mcp.endpoint(service)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            async with tools.running():
                yield
        finally:
            await service.stop()

    app = FastAPI(
        title="milpwright",
        version=importlib.metadata.version("milpwright"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.service = service
    for router in (solve.router, jobs.router, models.router, programs.router, operations.router, problems.router):
        app.include_router(router)
    tools.mount(app)
    web.mount(app)
    problems.install(app)
    app.add_middleware(TableUploads)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "X-Request-Id"],
            expose_headers=["Location", "Retry-After", "X-Request-Id"],
        )
    app.add_middleware(RequestContext)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = openapi_document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the application's paths."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    model = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    for path in TABLE_PATHS:
        document["paths"][path]["post"]["requestBody"]["content"]["multipart/form-data"] = FORM
    schemas.update(model.pop("$defs", {}))
    schemas[ProblemDocument.__name__] = model
    return document
