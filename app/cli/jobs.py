"""``milpwright jobs``: look at the jobs of the database, stop and delete them."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import click

from app.cli._exit import ExitCode

if TYPE_CHECKING:
    from app.jobs.store import Store


def _store() -> Store:
    from app.jobs.database import make_engine, migrate
    from app.jobs.store import Store
    from app.settings import settings

    engine = make_engine(settings().database_url)
    migrate(engine)
    return Store(engine)


@click.group("jobs")
def command() -> None:
    """Look at the jobs of the database, stop and delete them."""


@command.command("list")
@click.option("--state", type=click.Choice(["queued", "running", "finished", "cancelled", "failed"]))
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
def list_(state: str | None, limit: int) -> None:
    """List jobs, the newest first."""
    from app.jobs.job import JobState

    for job in _store().page(owner=None, state=JobState(state) if state else None, limit=limit):
        made = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(job.created_at))
        click.echo(f"{job.id}  {made}  {job.state.value:<9}  {job.status or '-':<14}  {job.title[:60]}")


@command.command("show")
@click.argument("job")
def show(job: str) -> None:
    """Print a job with its answer, as REST gives it."""
    from app.errors import NotFound
    from app.wire import job_text

    try:
        click.echo(json.dumps(json.loads(job_text(_store().get(job))), indent=2))
    except NotFound as error:
        _fail(error)


@command.command("cancel")
@click.argument("job")
def cancel(job: str) -> None:
    """Tell a job to stop; the process that works on it does so within a second."""
    from app.errors import NotFound

    try:
        found = _store().request_cancel(job, None)
    except NotFound as error:
        _fail(error)
    else:
        click.echo(f"job {job} is {found.state.value}" + (" and has been told to stop" if not found.state.over else ""))


def _fail(error: Exception) -> None:
    click.echo(f"milpwright jobs: {error}", err=True)
    sys.exit(ExitCode.FAILED)
