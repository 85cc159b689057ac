"""The commands: modules of this package, found by their names.

A command is a module of this package with a `command` (a `click.Command`); ``solve_model.py`` is
``milpwright solve-model``. A module is imported only when its command runs or is listed.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
from typing import Any

import click

import app.cli


class CommandModules(click.Group):
    """A group whose commands are the modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, sorted."""
        names = (module.name for module in pkgutil.iter_modules(app.cli.__path__))
        return sorted(name.replace("_", "-") for name in names if not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module behind a command, and no other."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"app.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; Ctrl-C ends it with the exit code that shells give a process that SIGINT ends."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Cancelled.", err=True)
            ctx.exit(app.cli.INTERRUPTED)


@click.group(cls=CommandModules, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(importlib.metadata.version("milpwright"), prog_name="milpwright")
def root() -> None:
    """Decision problems in plain words, as checked, solved and explained MILPs."""
