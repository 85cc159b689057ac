"""A model's file as the commands read it, and their errors as exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from solvers.milp import Milp


def model_from(path: Path) -> Milp:
    """Return the model in a file. Raises `click.UsageError` (exit code 2) where it cannot be read."""
    from solvers.errors import FormatError
    from solvers.formats import read

    try:
        return read(path)
    except FormatError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror or 'cannot be read'}") from None


@contextmanager
def solvers_errors() -> Iterator[None]:
    """Turn what a solver refuses into a message: options are usage, the rest is exit code 1."""
    from solvers.errors import BackendUnavailable, OptionsError, SolversError, Unsupported

    try:
        yield
    except OptionsError as error:
        raise click.UsageError(str(error)) from None
    except (Unsupported, BackendUnavailable, SolversError) as error:
        raise click.ClickException(str(error)) from None
