"""What a path needs: the service, and the client who asks."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPBearer

from app.errors import FieldError, Forbidden, InvalidRequest, Unauthenticated
from app.keys import LOCAL, Client
from app.service import Service
from app.settings import Settings, is_loopback

_bearer = HTTPBearer(auto_error=False, bearerFormat="mw_...", description="Made by `milpwright keys create`.")


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceNeeded = Annotated[Service, Depends(_service)]


async def _client(request: Request, _documented: Annotated[object, Depends(_bearer)]) -> Client:
    return await client_of(request)


async def client_of(request: Request) -> Client:
    """Return who asks. Raises `Unauthenticated`, `Forbidden`, `TooManyRequests`."""
    settings: Settings = request.app.state.settings
    given = request.headers.get("authorization")
    if given is None and not settings.keys_required:
        _require_loopback_name(request)
        return LOCAL
    scheme, _, token = (given or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated(
            "Send a key as `Authorization: Bearer mw_...`; `milpwright keys create` makes one.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return await _service(request).client(token.strip())


ClientNeeded = Annotated[Client, Depends(_client)]


def _require_loopback_name(request: Request) -> None:
    """Refuse a request that reached this machine under a name of somebody else's (DNS rebinding)."""
    name = request.url.hostname or ""
    if not is_loopback(name) and name not in request.app.state.settings.allowed_hosts:
        raise Forbidden(f"Without API keys the service answers to localhost alone, not to {name!r}.")


_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def _idempotency_key(
    idempotency_key: Annotated[
        str | None, Header(description="Repeat a request with the same key and it is not done twice.")
    ] = None,
) -> str | None:
    if idempotency_key is not None and not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
        detail = "1 to 200 visible ASCII characters are allowed"
        raise InvalidRequest(f"Idempotency-Key: {detail}.", (FieldError("header Idempotency-Key", detail),))
    return idempotency_key


IdempotencyKey = Annotated[str | None, Depends(_idempotency_key)]
