"""``milpwright completion``: what a shell needs to complete commands, options and files."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the shell code that completes milpwright's commands, options and files.

    \b
    Example:
      milpwright completion bash

    To have it in every new shell: eval "$(milpwright completion bash)" in ~/.bashrc, the same with zsh in ~/.zshrc,
    and milpwright completion fish > ~/.config/fish/completions/milpwright.fish.
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None  # noqa: S101 - click knows the shells of the choice
    click.echo(made(ctx.find_root().command, {}, "milpwright", "_MILPWRIGHT_COMPLETE").source())
