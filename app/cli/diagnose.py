"""``milpwright diagnose``: why a model has no optimum, and what would change that."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.cli._exit import ExitCode
from app.cli._interrupt import interruptible
from app.cli._model_file import model_from, solvers_errors


@click.command("diagnose")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--time-limit", "time_limit_s", type=click.FloatRange(min=0), default=60.0, help="Seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print the diagnosis as JSON.")
def command(file: Path, *, time_limit_s: float, as_json: bool) -> None:
    """Say which conditions of a model conflict and the cheapest repairs, or what leaves it unbounded.

    \b
    Example:
      milpwright diagnose docs/samples/overbooked.lp

    \b
    Exit codes: 0 the model has an optimum, 2 the file cannot be read, 4 infeasible or unbounded,
    5 stopped by a limit, 1 anything else.
    """
    model = model_from(file)
    from solvers.diagnose import diagnose
    from solvers.port import SolveOptions
    from solvers.result import Reason

    with solvers_errors():
        options = SolveOptions(time_limit_s=time_limit_s)
        found = interruptible(lambda stop: diagnose(model, options, cancellation=stop))
    if as_json:
        from app.diagnosis_wire import diagnosis_json

        click.echo(diagnosis_json(found).model_dump_json(indent=2))
    else:
        click.echo(found.words())
    codes = {
        Reason.OPTIMAL: ExitCode.HELD,
        Reason.INFEASIBLE: ExitCode.NO_OPTIMUM,
        Reason.UNBOUNDED: ExitCode.NO_OPTIMUM,
        Reason.INFEASIBLE_OR_UNBOUNDED: ExitCode.NO_OPTIMUM,
        Reason.LIMIT: ExitCode.STOPPED,
        Reason.CANCELLED: ExitCode.STOPPED,
    }
    sys.exit(codes.get(found.termination.reason, ExitCode.FAILED))
