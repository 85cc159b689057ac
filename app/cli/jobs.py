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
    """Look at the jobs of the database, and stop them.

    \b
    Example:
      milpwright jobs list --state finished
    """


@command.command("list")
@click.option("--state", type=click.Choice(["queued", "running", "finished", "cancelled", "failed"]))
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_(state: str | None, limit: int, *, as_json: bool) -> None:
    """List jobs, the newest first.

    \b
    Example:
      milpwright jobs list --json
    """
    from app.jobs.job import JobState
    from app.wire import summary_json

    page = _store().page(owner=None, state=JobState(state) if state else None, limit=limit)
    if as_json:
        click.echo(json.dumps([summary_json(job).model_dump(mode="json") for job in page], indent=2))
        return
    if not page:
        click.echo("There is no such job.", err=True)
    for job in page:
        made = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(job.created_at))
        click.echo(f"{job.id}  {made}  {job.state.value:<9}  {job.status or '-':<14}  {job.title[:60]}")


@command.command("show")
@click.argument("job")
def show(job: str) -> None:
    """Print a job with its answer, as REST gives it: as JSON.

    \b
    Example:
      milpwright jobs show 0193f0c2a5e87c41b2d34e5f60718293
    """
    from app.errors import NotFound
    from app.wire import job_text

    try:
        click.echo(json.dumps(json.loads(job_text(_store().get(job))), indent=2))
    except NotFound as error:
        _fail(error)


@command.command("cancel")
@click.argument("job")
@click.option("--json", "as_json", is_flag=True, help="Print the job as JSON.")
def cancel(job: str, *, as_json: bool) -> None:
    """Tell a job to stop; the process that works on it does so within a second.

    \b
    Example:
      milpwright jobs cancel 0193f0c2a5e87c41b2d34e5f60718293
    """
    from app.errors import NotFound
    from app.wire import summary_json

    try:
        found = _store().request_cancel(job, None)
    except NotFound as error:
        _fail(error)
    else:
        if as_json:
            click.echo(summary_json(found).model_dump_json(indent=2))
            return
        click.echo(f"job {job} is {found.state.value}" + (" and has been told to stop" if not found.state.over else ""))


def _fail(error: Exception) -> None:
    click.echo(f"milpwright jobs: {error}", err=True)
    sys.exit(ExitCode.FAILED)
