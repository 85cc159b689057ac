"""What a request can meet that is no answer: each error is one RFC 9457 problem document.

ServiceError
├── MalformedRequest      400  the body is not what its media type says
├── Unauthenticated       401  no key, or one that does not count (any more)
├── Forbidden             403  the key's scopes do not cover this
├── NotFound              404  no such thing, or not this client's
├── MethodNotAllowed      405  the path has no such method
├── Conflict              409  the thing is not in a state that allows this
├── Gone                  410  it was there and has been deleted
├── TooLarge              413  the body, or what it unpacks to, is over the limit
├── UnsupportedMediaType  415  a body of another media type
├── InvalidRequest        422  well-formed, but a field is not what it must be
├── TooManyRequests       429  a rate, queue or cost limit; says when to come again
├── Unavailable           503  the machinery is down; says which part
└── Fault                 500  a bug; carries the request's id and nothing else

What a problem ends with (infeasible, not understood, stopped by a limit) is an answer and no error. A message
says what, why, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is not what it must be: a JSON pointer (or parameter name), and why."""

    pointer: str
    detail: str


@dataclass(slots=True)
class ServiceError(Exception):
    """The root: ``detail`` is for the caller to read and act on."""

    detail: str
    errors: tuple[FieldError, ...] = ()
    retry_after_s: float | None = None
    headers: dict[str, str] = field(default_factory=dict)

    status: ClassVar[int] = 500
    code: ClassVar[str] = "fault"
    title: ClassVar[str] = "Something went wrong"

    def __str__(self) -> str:
        return self.detail

    def document(self, *, instance: str, request_id: str) -> dict[str, Any]:
        """Return the problem document (RFC 9457), with `request_id` and, where fields are wrong, `errors`."""
        document: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "request_id": request_id,
        }
        if self.errors:
            document["errors"] = [{"pointer": error.pointer, "detail": error.detail} for error in self.errors]
        return document

    def response_headers(self) -> dict[str, str]:
        """Return the headers that go with the document."""
        headers = dict(self.headers)
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(max(1, round(self.retry_after_s)))
        return headers


class MalformedRequest(ServiceError):
    """The body cannot be parsed as what its media type says."""

    status, code, title = 400, "malformed-request", "The request cannot be parsed"


class Unauthenticated(ServiceError):
    """There is no key, or it is unknown, revoked or expired."""

    status, code, title = 401, "unauthenticated", "A valid API key is needed"


class Forbidden(ServiceError):
    """The key is valid, but its scopes do not cover the request."""

    status, code, title = 403, "forbidden", "The API key does not allow this"


class NotFound(ServiceError):
    """There is no such thing, or it belongs to another client, which looks the same."""

    status, code, title = 404, "not-found", "There is no such thing here"


class MethodNotAllowed(ServiceError):
    """The path exists, the method does not."""

    status, code, title = 405, "method-not-allowed", "The path has no such method"


class Conflict(ServiceError):
    """The thing is in a state that does not allow the request."""

    status, code, title = 409, "conflict", "The request does not fit the state of things"


class TooLarge(ServiceError):
    """The body, or what it unpacks to, is larger than the service takes."""

    status, code, title = 413, "too-large", "The request is too large"


class UnsupportedMediaType(ServiceError):
    """The body has a media type that the path does not take."""

    status, code, title = 415, "unsupported-media-type", "The path takes no body of this media type"


class InvalidRequest(ServiceError):
    """The request is well-formed, but a field is not what it must be."""

    status, code, title = 422, "invalid-request", "A field of the request is not what it must be"


class TooManyRequests(ServiceError):
    """A limit of rate, queue or cost was reached; ``retry_after_s`` says when to come again."""

    status, code, title = 429, "too-many-requests", "A limit was reached; come again later"


class Fault(ServiceError):
    """A bug. Its document carries the id under which the log holds the rest."""

    status, code, title = 500, "fault", "Something went wrong on the service's side"


class Unavailable(ServiceError):
    """A part of the machinery is down."""

    status, code, title = 503, "unavailable", "A part of the service is not available"


def kinds() -> Iterator[type[ServiceError]]:
    """Yield every kind of error, by status."""
    yield from sorted(ServiceError.__subclasses__(), key=lambda kind: kind.status)


def kind_of_status(status: int) -> type[ServiceError]:
    """Return the kind for an HTTP status; the nearest general one where there is none of its own."""
    for kind in kinds():
        if kind.status == status:
            return kind
    return MalformedRequest if 400 <= status < 500 else Fault
