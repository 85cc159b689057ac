"""API keys: made once, shown once, kept only as a hash; and the client that a key stands for."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

import sqlalchemy as sa

from app.errors import Forbidden, NotFound, Unauthenticated
from app.jobs.database import keys

_TOKEN = re.compile(r"mw_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class Scope(StrEnum):
    """What a key allows."""

    SOLVE = "solve"  # submit, follow, answer and cancel one's own jobs; compare and solve models
    READ = "read"  # look at one's own jobs
    METRICS = "metrics"
    ADMIN = "admin"  # everything, for the jobs of all clients


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks. ``cost_limit`` is in US dollars over all of the client's jobs."""

    id: str
    name: str
    scopes: frozenset[Scope]
    requests_per_minute: int | None = None
    cost_limit: float | None = None

    def require(self, scope: Scope) -> None:
        """Raise `Forbidden` unless the client's scopes cover this one."""
        covered = self.scopes & {scope, Scope.ADMIN} or (scope is Scope.READ and Scope.SOLVE in self.scopes)
        if not covered:
            raise Forbidden(f"The key {self.name!r} lacks the scope {scope.value!r}. Use a key that has it.")

    @property
    def owner(self) -> str | None:
        """Whose jobs the client sees: its own; None stands for everybody's."""
        return None if Scope.ADMIN in self.scopes else self.id


LOCAL = Client("local", "this machine", frozenset({Scope.ADMIN}))
"""The client behind every request while the service is open to this machine alone."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept; times are seconds since the epoch."""

    id: str
    name: str
    hash: str
    scopes: str
    created_at: float
    requests_per_minute: int | None = None
    cost_limit: float | None = None
    expires_at: float | None = None
    revoked_at: float | None = None

    @property
    def state(self) -> str:
        """Whether the key counts: active, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= time.time():
            return "expired"
        return "active"

    def client(self) -> Client:
        """Return the client that this key stands for."""
        scopes = frozenset(Scope(scope) for scope in self.scopes.split())
        return Client(self.id, self.name, scopes, self.requests_per_minute, self.cost_limit)


class KeyRing:
    """The keys of a database."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def create(
        self,
        name: str,
        scopes: Iterable[Scope],
        *,
        expires_at: float | None = None,
        requests_per_minute: int | None = None,
        cost_limit: float | None = None,
    ) -> tuple[str, Key]:
        """Return a new key's token, which is not kept and cannot be shown again, and the key."""
        # 256 random bits cannot be guessed however fast the hash is, so a plain SHA-256 is enough.
        secret = secrets.token_urlsafe(32)
        key = Key(
            id=secrets.token_hex(6),
            name=name,
            hash=_hash(secret),
            scopes=" ".join(sorted(scope.value for scope in scopes)),
            created_at=time.time(),
            requests_per_minute=requests_per_minute,
            cost_limit=cost_limit,
            expires_at=expires_at,
        )
        with self.engine.begin() as connection:
            connection.execute(keys.insert().values(asdict(key)))
        return f"mw_{key.id}_{secret}", key

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def all(self) -> list[Key]:
        """Return every key, the oldest first."""
        with self.engine.connect() as connection:
            return [Key(**row._asdict()) for row in connection.execute(sa.select(keys).order_by(keys.c.created_at))]

    def any_active(self) -> bool:
        """Return whether anybody could get in."""
        return any(key.state == "active" for key in self.all())

    def revoke(self, key: str) -> None:
        """Make a key count no more, at once. Raises `NotFound`."""
        with self.engine.begin() as connection:
            changed = connection.execute(
                keys.update().where(keys.c.id == key, keys.c.revoked_at.is_(None)).values(revoked_at=time.time())
            )
        if changed.rowcount == 0:
            raise NotFound(f"There is no key {key!r} that could be revoked; `milpwright keys list` shows them.")

    def counts(self, client: Client) -> bool:
        """Return whether a client whose key was accepted is still let in."""
        if client is LOCAL:
            return True
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(keys).where(keys.c.id == client.id)).first()
        return row is not None and Key(**row._asdict()).state == "active"

    def client(self, token: str) -> Client:
        """Return the client of a token. Raises `Unauthenticated`, which never says what was wrong with it."""
        parts = _TOKEN.fullmatch(token)
        row = None
        if parts is not None:
            with self.engine.connect() as connection:
                row = connection.execute(sa.select(keys).where(keys.c.id == parts[1])).first()
        given = _hash(parts[2] if parts is not None else "")
        if row is None or not hmac.compare_digest(given, row.hash) or (key := Key(**row._asdict())).state != "active":
            raise _UNKNOWN
        return key.client()


_UNKNOWN = Unauthenticated(
    "Send a valid key as `Authorization: Bearer mw_...`; `milpwright keys create` makes one.",
    headers={"WWW-Authenticate": "Bearer"},
)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
