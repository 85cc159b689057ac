"""``milpwright keys``: make, list and revoke API keys."""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from app.cli._exit import ExitCode

if TYPE_CHECKING:
    from app.keys import Key, KeyRing

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
SCOPES = ("solve", "read", "metrics", "admin")


def _ring() -> KeyRing:
    from app.jobs.database import make_engine, migrate
    from app.keys import KeyRing
    from app.settings import settings

    engine = make_engine(settings().database_url)
    migrate(engine)
    return KeyRing(engine)


@click.group("keys")
def command() -> None:
    """Make, list and revoke API keys.

    \b
    Example:
      milpwright keys create ann --scope solve --days 90
    """


@command.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="What it allows [default: solve].")
@click.option("--days", type=click.FloatRange(min=0, min_open=True), help="Expires after so many days.")
@click.option("--per-minute", type=click.IntRange(1), help="The most requests a minute.")
@click.option("--cost-limit", type=click.FloatRange(min=0), help="The most its jobs may cost, in US dollars.")
@_JSON
def create(
    name: str,
    scopes: tuple[str, ...],
    days: float | None,
    per_minute: int | None,
    cost_limit: float | None,
    *,
    as_json: bool,
) -> None:
    """Make a key and print it: the only time that it is shown.

    \b
    Example:
      milpwright keys create ann --scope solve --days 90
    """
    from app.keys import Scope

    ring = _ring()
    with closing(ring):
        token, key = ring.create(
            name,
            [Scope(scope) for scope in scopes or ("solve",)],
            expires_at=time.time() + 86_400 * days if days else None,
            requests_per_minute=per_minute,
            cost_limit=cost_limit,
        )
    if as_json:
        click.echo(json.dumps({**_shown(key), "token": token}, indent=2))
        return
    click.echo(token)
    click.echo(f"key {key.id} ({key.name}): {key.scopes}; keep it, it cannot be shown again", err=True)


@command.command("list")
@_JSON
def list_(*, as_json: bool) -> None:
    """List the keys; what was kept of them lets nobody in.

    \b
    Example:
      milpwright keys list --json
    """
    ring = _ring()
    with closing(ring):
        if as_json:
            click.echo(json.dumps([_shown(key) for key in ring.all()], indent=2))
            return
        for key in ring.all():
            made = time.strftime("%Y-%m-%d", time.gmtime(key.created_at))
            until = time.strftime("%Y-%m-%d", time.gmtime(key.expires_at)) if key.expires_at else "-"
            click.echo(f"{key.id}  {key.state:<8}  {made}  {until:<10}  {key.scopes:<14}  {key.name}")


@command.command("revoke")
@click.argument("key")
@_JSON
def revoke(key: str, *, as_json: bool) -> None:
    """Make a key count no more, at once.

    \b
    Example:
      milpwright keys revoke 4f1d2c3b5a69
    """
    from app.errors import NotFound

    ring = _ring()
    with closing(ring):
        try:
            ring.revoke(key)
        except NotFound as error:
            click.echo(f"milpwright keys: {error}", err=True)
            sys.exit(ExitCode.FAILED)
    click.echo(json.dumps({"id": key, "state": "revoked"}) if as_json else f"key {key} counts no more")


def _shown(key: Key) -> dict[str, object]:
    """Return what may be shown of a key: everything but its hash."""
    return {**{name: value for name, value in asdict(key).items() if name != "hash"}, "state": key.state}
