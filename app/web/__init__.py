"""The web page: static files of the project's own, served under a strict content security policy."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""No inline script or style, nothing from elsewhere."""

HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}

router = APIRouter(include_in_schema=False)


@router.get("/")
def solve_page() -> FileResponse:
    """The page that takes a problem."""
    return FileResponse(STATIC / "index.html", headers=HEADERS)


@router.get("/compare")
def compare_page() -> FileResponse:
    """The page that compares two models."""
    return FileResponse(STATIC / "compare.html", headers=HEADERS)


@router.get("/docs")
def reference_page() -> FileResponse:
    """The page that shows the OpenAPI document."""
    return FileResponse(STATIC / "api.html", headers=HEADERS)


class _Static(StaticFiles):
    """Static files that the browser asks about again, so that a new version shows at once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in message["headers"]}
                added = [(k.lower().encode(), v.encode()) for k, v in HEADERS.items()]
                message["headers"] = [*message["headers"], *(pair for pair in added if pair[0] not in names)]
            await send(message)

        await super().__call__(scope, receive, send_with_headers)


def mount(app: FastAPI) -> None:
    """Serve the page at ``/`` and its files under ``/static``."""
    app.include_router(router)
    app.mount("/static", _Static(directory=STATIC), name="static")
