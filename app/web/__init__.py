"""The web page: static files of the project's own, held in memory, under a strict content security policy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.errors import NotFound

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

PAGES = {"/": "index.html", "/compare": "compare.html", "/docs": "api.html"}
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it is sent; the browser asks each time whether its tag still holds, so a new version shows at once."""

    body: bytes
    media_type: str
    tag: str

    def response(self, request: Request) -> Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "ETag": self.tag}
        if request.headers.get("if-none-match") == self.tag:
            return Response(status_code=304, headers=headers)
        return Response(self.body, media_type=self.media_type, headers=headers)


def _read(path: Path) -> _File:
    body = path.read_bytes()
    return _File(body, TYPES[path.suffix], f'"{hashlib.sha256(body).hexdigest()[:20]}"')


def mount(app: FastAPI) -> None:
    """Serve the pages, and their files under ``/static``."""
    files = {path.relative_to(STATIC).as_posix(): _read(path) for path in STATIC.rglob("*") if path.is_file()}

    async def page(held: _File, request: Request) -> Response:
        return held.response(request)

    async def file(request: Request) -> Response:
        found = files.get(request.path_params["path"])
        if found is None:
            raise NotFound("There is no such file; the pages are /, /compare and /docs.")
        return found.response(request)

    for path, name in PAGES.items():
        app.router.routes.append(Route(path, partial(page, files[name]), include_in_schema=False))
    app.router.routes.append(Route("/static/{path:path}", file, include_in_schema=False))
