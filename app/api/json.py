"""JSON responses whose text is written already."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response


def json_response(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response that carries a JSON text."""
    return Response(text, status, headers, "application/json")
