"""What surrounds every request: its id, its log line, a limit on its body, security headers, and 500 for a bug."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, ClassVar

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from app.api.problems import problem_response
from app.errors import Fault, TooLarge
from app.observability import REQUEST_SECONDS, REQUESTS

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

log = structlog.get_logger("milpwright.http")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "Cache-Control": "no-store",
}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestContext:
    """The outermost layer: gives the request an id, logs it, and turns a bug into a 500 with that id.

    A client's ``X-Request-Id`` is kept where it is short and plain; the id is in the response's header, in every
    log line of the request, and in a problem document.
    """

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                route = getattr(scope.get("route"), "path", "none")
                REQUEST_SECONDS.labels(route).observe(time.perf_counter() - started)
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_headers)
            except Exception:
                log.exception("a bug answered a request with 500", path=scope["path"])
                if status:
                    raise
                fault = Fault("The service met a bug. Its log holds the cause under this request's id.")
                await problem_response(fault, scope)(scope, receive, send_with_headers)
            finally:
                elapsed_ms = round(1e3 * (time.perf_counter() - started), 1)
                route = getattr(scope.get("route"), "path", "none")
                REQUESTS.labels(scope["method"] if route != "none" else "any", route, status).inc()
                log.info("request", method=scope["method"], path=scope["path"], status=status, ms=elapsed_ms)


class BodyLimit:
    """Refuses a body over the limit with 413, by its declared length or while it arrives, and one that is late."""

    ARRIVAL_S: ClassVar[float] = 120.0

    def __init__(self, app: Application, *, max_bytes: int) -> None:
        self.app, self.max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request whose body is within the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdigit() and int(declared) > self.max_bytes:
            await problem_response(self._error(), scope)(scope, receive, send)
            return
        arrived, whole = 0, False
        deadline = asyncio.get_running_loop().time() + self.ARRIVAL_S

        async def limited_receive() -> Message:
            nonlocal arrived, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                late = f"The body has not arrived within {self.ARRIVAL_S:g} s. Send it at once."
                raise HTTPException(400, late, {"Connection": "close"}) from None
            whole = not message.get("more_body", False)
            arrived += len(message.get("body", b""))
            if arrived > self.max_bytes:
                # FastAPI takes any other error met while it reads a body for a malformed one.
                error = self._error()
                raise HTTPException(error.status, error.detail, error.headers)
            return message

        await self.app(scope, limited_receive, send)

    def _error(self) -> TooLarge:
        return TooLarge(
            f"The body is over the limit of {self.max_bytes} bytes. Send less, or raise MILPWRIGHT_MAX_BODY_BYTES.",
            headers={"Connection": "close"},
        )
