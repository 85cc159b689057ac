"""``milpwright worker``: a process that works on jobs and serves nothing."""

from __future__ import annotations

import click


@click.command("worker")
def command() -> None:
    """Work on the jobs of the database until SIGTERM, then hand over what is not done.

    \b
    Example:
      milpwright worker

    Any number of workers on any number of machines share the jobs of one PostgreSQL database
    (MILPWRIGHT_DATABASE_URL); on one machine they may share a SQLite file.
    """
    import asyncio
    import signal

    from app.cli._interrupt import run
    from app.jobs.runtime import Role
    from app.observability import configure_logs
    from app.service import Service
    from app.settings import settings
    from app.tracing import configure_tracing

    chosen = settings()
    configure_logs(chosen)
    configure_tracing()

    async def work() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        service = Service(chosen, role=Role.WORKER)
        await service.start()
        await stop.wait()
        await service.stop()

    run(work())
