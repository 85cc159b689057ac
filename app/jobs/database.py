"""The database of the service: its engine, its tables, and migrations that go forward only.

One database holds our tables (``milpwright_*``) and those of dbos, so that a job and its place in the queue are
written in one transaction.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

SQLITE_BUSY_TIMEOUT_MS = 30_000
_MIGRATION_LOCK = 6_230_417

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE milpwright_jobs (
            id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            state TEXT NOT NULL,
            status TEXT,
            title TEXT NOT NULL,
            problem TEXT NOT NULL,
            answer TEXT,
            error TEXT,
            round INTEGER NOT NULL DEFAULT 0,
            tag BIGINT NOT NULL DEFAULT 0,
            version TEXT NOT NULL,
            executor TEXT,
            cancel_requested INTEGER NOT NULL DEFAULT 0,
            time_limit_s DOUBLE PRECISION NOT NULL,
            cost_limit DOUBLE PRECISION,
            cost DOUBLE PRECISION NOT NULL DEFAULT 0,
            last_event INTEGER NOT NULL DEFAULT 0,
            idempotency_key TEXT,
            request_hash TEXT,
            request_id TEXT,
            created_at DOUBLE PRECISION NOT NULL,
            started_at DOUBLE PRECISION,
            finished_at DOUBLE PRECISION
        )""",
        "CREATE INDEX milpwright_jobs_owner ON milpwright_jobs (owner, id)",
        "CREATE INDEX milpwright_jobs_state ON milpwright_jobs (state, tag)",
        "CREATE INDEX milpwright_jobs_waiting ON milpwright_jobs (state, owner, tag)",
        "CREATE INDEX milpwright_jobs_executor ON milpwright_jobs (executor, state)",
        "CREATE UNIQUE INDEX milpwright_jobs_idempotency ON milpwright_jobs (owner, idempotency_key)",
        """CREATE TABLE milpwright_events (
            job TEXT NOT NULL REFERENCES milpwright_jobs (id) ON DELETE CASCADE,
            seq INTEGER NOT NULL,
            round INTEGER NOT NULL,
            step INTEGER,
            kind TEXT NOT NULL,
            body TEXT NOT NULL,
            at DOUBLE PRECISION NOT NULL,
            PRIMARY KEY (job, seq)
        )""",
        "CREATE UNIQUE INDEX milpwright_events_step ON milpwright_events (job, round, step)",
        """CREATE TABLE milpwright_executors (
            id TEXT PRIMARY KEY,
            machine TEXT NOT NULL,
            pid BIGINT NOT NULL,
            role TEXT NOT NULL,
            version TEXT NOT NULL,
            started_at DOUBLE PRECISION NOT NULL,
            seen_at DOUBLE PRECISION NOT NULL
        )""",
        """CREATE TABLE milpwright_keys (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            hash TEXT NOT NULL,
            scopes TEXT NOT NULL,
            requests_per_minute INTEGER,
            cost_limit DOUBLE PRECISION,
            created_at DOUBLE PRECISION NOT NULL,
            expires_at DOUBLE PRECISION,
            revoked_at DOUBLE PRECISION
        )""",
    ),
    (
        """CREATE TABLE milpwright_rates (
            client TEXT PRIMARY KEY,
            level DOUBLE PRECISION NOT NULL,
            at DOUBLE PRECISION NOT NULL
        )""",
    ),
    (
        """CREATE TABLE milpwright_spent (
            owner TEXT PRIMARY KEY,
            cost DOUBLE PRECISION NOT NULL
        )""",
    ),
)
"""Each entry brings the schema one version further; entries are added and never changed."""

metadata = sa.MetaData()

jobs = sa.Table(
    "milpwright_jobs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *(
        sa.Column(name, sa.Text)
        for name in (
            *("owner", "state", "status", "title", "problem", "answer", "error", "version", "executor"),
            *("idempotency_key", "request_hash", "request_id"),
        )
    ),
    *(sa.Column(name, sa.Integer) for name in ("round", "cancel_requested", "last_event")),
    sa.Column("tag", sa.BigInteger),
    *(
        sa.Column(name, sa.Double)
        for name in ("time_limit_s", "cost_limit", "cost", "created_at", "started_at", "finished_at")
    ),
)
events = sa.Table(
    "milpwright_events",
    metadata,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("round", sa.Integer),
    sa.Column("step", sa.Integer),
    sa.Column("kind", sa.Text),
    sa.Column("body", sa.Text),
    sa.Column("at", sa.Double),
)
executors = sa.Table(
    "milpwright_executors",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("machine", "role", "version")),
    sa.Column("pid", sa.BigInteger),
    *(sa.Column(name, sa.Double) for name in ("started_at", "seen_at")),
)
keys = sa.Table(
    "milpwright_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("name", "hash", "scopes")),
    sa.Column("requests_per_minute", sa.Integer),
    *(sa.Column(name, sa.Double) for name in ("cost_limit", "created_at", "expires_at", "revoked_at")),
)
rates = sa.Table(
    "milpwright_rates",
    metadata,
    sa.Column("client", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Double) for name in ("level", "at")),
)
spent = sa.Table(
    "milpwright_spent", metadata, sa.Column("owner", sa.Text, primary_key=True), sa.Column("cost", sa.Double)
)


class SchemaTooNew(RuntimeError):
    """The database was written by a later version of milpwright; migrations go forward only."""


def make_engine(url: str, *, pool_size: int = 20, name: str = "milpwright") -> sa.Engine:
    """Return an engine for a ``sqlite:///`` or ``postgresql://`` URL. Connects to nothing yet.

    PostgreSQL knows its connections by ``name``, of which it keeps 63 bytes.
    SQLite runs in WAL mode with a full sync at each commit, so that what was answered is on the disk.
    Raises `ValueError` for another database.
    """
    parsed = sa.make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            if parsed.database in (None, "", ":memory:"):
                raise ValueError("a SQLite database in memory would lose every job; give sqlite:///path/to/file")
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
            engine = sa.create_engine(parsed, pool_size=pool_size, max_overflow=0, pool_timeout=30)
            event.listen(engine, "connect", _prepare_sqlite)
            return engine
        case "postgresql":
            engine = sa.create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                pool_size=pool_size,
                max_overflow=0,
                pool_timeout=30,
                pool_pre_ping=True,
                connect_args={"application_name": name, "connect_timeout": 5, **_KEEPALIVES},
            )
            event.listen(engine, "connect", _prepare_postgresql)
            return engine
        case other:
            raise ValueError(f"{other!r} is no database of this service: give a sqlite:/// or postgresql:// URL")


# A peer that is cut off is noticed within about five seconds, not after the kernel's two hours.
_KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}


# The same for the server: a worker that is cut off in a transaction holds its locks until the server lets it go.
_SERVER_PATIENCE = {
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "5000",
    "idle_in_transaction_session_timeout": "10000",
}


def _prepare_postgresql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        for name, value in _SERVER_PATIENCE.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
    connection.commit()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Writers take the lock when they begin, so that no transaction fails half-way for want of it.
    connection.isolation_level = "IMMEDIATE"
    connection.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def now(connection: sa.Connection) -> float:
    """Return the seconds since the epoch by the database's clock, which all of its processes share.

    Machines differ in their clocks; on SQLite all processes are on one machine.
    """
    if connection.dialect.name != "postgresql":
        return time.time()
    return float(connection.execute(sa.text("SELECT EXTRACT(EPOCH FROM clock_timestamp())")).scalar_one())


def migrate(engine: sa.Engine) -> int:
    """Bring the schema to this version and return it; safe when several processes do so at once.

    Raises `SchemaTooNew` where the database is ahead.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK:d})"))
        else:
            connection.execute(sa.text("BEGIN IMMEDIATE"))
        connection.execute(
            sa.text(
                "CREATE TABLE IF NOT EXISTS milpwright_schema"
                " (version INTEGER PRIMARY KEY, at DOUBLE PRECISION NOT NULL)"
            )
        )
        version = connection.execute(sa.text("SELECT MAX(version) FROM milpwright_schema")).scalar() or 0
        if version > len(MIGRATIONS):
            raise SchemaTooNew(
                f"the database has schema version {version}, this milpwright knows {len(MIGRATIONS)}; "
                "run the newer version, or restore a backup from before the upgrade"
            )
        for number, statements in enumerate(MIGRATIONS[version:], version + 1):
            for statement in statements:
                connection.execute(sa.text(statement))
            connection.execute(
                sa.text("INSERT INTO milpwright_schema (version, at) VALUES (:version, :at)"),
                {"version": number, "at": time.time()},
            )
        return len(MIGRATIONS)
