"""``/mcp``: the tools of `app.mcp` over streamable HTTP, with the keys of the rest; absent without the extra."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext

from fastapi import FastAPI
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.dependencies import client_of
from app.service import Service


class McpEndpoint:
    """An ASGI application that finds out who asks, and leaves the rest to the protocol's."""

    def __init__(self, service: Service) -> None:
        from app.mcp import http_app, mcp_server

        self._server = mcp_server(service)
        self._app: ASGIApp = http_app(self._server)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Return what to enter while it answers."""
        from app.mcp import running

        return running(self._server)

    def mount(self, app: FastAPI) -> None:
        """Answer at the protocol's path."""
        from app.mcp import PATH

        app.router.routes.append(Route(PATH, self, include_in_schema=False))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises `Unauthenticated`, `Forbidden`, `TooManyRequests`."""
        request = Request(scope)
        request.state.client = await client_of(request)
        await self._app(scope, receive, send)


class _Absent:
    def running(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def mount(self, app: FastAPI) -> None:
        """Nothing is there to be mounted."""


def endpoint(service: Service) -> McpEndpoint | _Absent:
    """Return what answers at `/mcp`: nothing where the protocol's package is not installed."""
    try:
        return McpEndpoint(service)
    except ModuleNotFoundError as error:
        if error.name != "mcp":
            raise
        return _Absent()
