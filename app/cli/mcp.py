"""``milpwright mcp``: the tools for an agent, on standard input and output."""

from __future__ import annotations

import sys

import click


@click.command("mcp")
def command() -> None:
    """Serve the Model Context Protocol on standard input and output.

    \b
    Example (a client's configuration):
      {"command": "milpwright", "args": ["mcp"]}
    """
    try:
        import mcp  # noqa: F401 - asked for before anything is started
    except ModuleNotFoundError:
        click.echo("The MCP server needs an extra: pip install 'milpwright[mcp]'", err=True)
        sys.exit(1)
    from app.cli._interrupt import run
    from app.mcp import run_stdio
    from app.observability import configure_logs
    from app.service import Service
    from app.settings import settings

    chosen = settings()
    configure_logs(chosen.model_copy(update={"log_level": "error"}))
    run(run_stdio(Service(chosen)))
