"""``milpwright serve``: the REST interface and the web page on uvicorn."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

import click

from app.cli._exit import ExitCode

if TYPE_CHECKING:
    import uvicorn


@click.command("serve")
@click.option("--host", default=None, help="The address to bind [default: MILPWRIGHT_HOST or 127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65_535), default=None, help="The port to bind [default: 8000].")
@click.option("--no-worker", is_flag=True, help="Take jobs in and leave the work to `milpwright worker` processes.")
def command(host: str | None, port: int | None, no_worker: bool) -> None:  # noqa: FBT001 - click calls by name
    """Serve the REST interface, the web page and, at /mcp, the tools for agents.

    \b
    Example:
      milpwright serve --port 8080

    On a loopback address anybody on this machine may use it; elsewhere requests need an API key, and the server
    refuses to start before one has been made.
    """
    import uvicorn

    from app.api import create_app
    from app.api.protocol import PatientProtocol
    from app.jobs.runtime import Role
    from app.observability import configure_logs
    from app.service import Service
    from app.settings import settings
    from app.tracing import configure_tracing

    given = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    chosen = settings().model_copy(update=given)
    configure_logs(chosen)
    configure_tracing()
    service = Service(chosen, role=Role.API if no_worker else Role.ALL)
    if chosen.keys_required and not service.keys_exist():
        click.echo(
            f"milpwright serve: {chosen.host} is reached from other machines, and there is no API key yet. "
            "Make one with `milpwright keys create NAME`, or bind 127.0.0.1.",
            err=True,
        )
        sys.exit(ExitCode.USAGE)
    config = uvicorn.Config(
        create_app(chosen, service),
        host=chosen.host,
        port=chosen.port,
        http=PatientProtocol,
        access_log=False,
        log_config=None,
        server_header=False,
        # Longer than clients keep idle connections, so that none is closed under a request that is on its way.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=round(chosen.drain_s) + 5,
    )
    server = _draining(config, service.begin_drain)
    server.run()


def _draining(config: uvicorn.Config, begin_drain: object) -> uvicorn.Server:
    """Return a server that tells the service of a signal at once, so that open streams end and it can stop."""
    import uvicorn

    class DrainingServer(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if callable(begin_drain):
                begin_drain()
            super().handle_exit(signal.Signals(sig), frame)

    return DrainingServer(config)
