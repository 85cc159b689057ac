"""``milpwright solve-model``: a model in a file, solved."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli._exit import exit_code
from app.cli._interrupt import interruptible
from app.cli._model_file import model_from, solvers_errors
from app.cli.solve import known_solver

if TYPE_CHECKING:
    from formulation.answer import Check
    from solvers.audit import Audit


@click.command("solve-model")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--solver", default="auto", show_default=True, callback=known_solver, help="A backend's name, auto or portfolio."
)
@click.option("--time-limit", "time_limit_s", type=click.FloatRange(min=0), default=60.0, help="Seconds.")
@click.option("--gap", "mip_gap", type=click.FloatRange(min=0), help="Stop at this relative gap, such as 0.01.")
@click.option("--seed", type=click.IntRange(min=0, max=2**31 - 1), default=0, help="Random seed of the solver.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON, as REST gives it.")
def command(file: Path, *, solver: str, time_limit_s: float, mip_gap: float | None, seed: int, as_json: bool) -> None:
    """Solve a model in LP, MPS or JSON format (each also .gz), and check the answer against it.

    \b
    Example:
      milpwright solve-model docs/samples/bakery.lp

    \b
    Exit codes: 0 a point is held, 2 the file cannot be read, 4 infeasible or unbounded,
    5 stopped by a limit with nothing held, 1 anything else.
    """
    model = model_from(file)
    from formulation.assemble import model_answer
    from solvers.audit import audit
    from solvers.port import SolveOptions
    from solvers.solving import solve

    options = SolveOptions(time_limit_s=time_limit_s, mip_gap=mip_gap, seed=seed)
    with solvers_errors():
        solution = interruptible(lambda stop: solve(model, options, solver=solver, cancellation=stop))
    checks = tuple(_check(found) for found in audit(model, solution) if found.name != "point_feasible")
    answer = model_answer(model, solution, checks=checks)
    if as_json:
        from app.wire import answer_json

        click.echo(answer_json(answer).model_dump_json(indent=2))
    else:
        from app.cli._render import render_answer

        render_answer(answer)
    sys.exit(exit_code(answer.status))


def _check(found: Audit) -> Check:
    from formulation.answer import Check, CheckResult

    return Check(found.name, CheckResult(found.outcome.value), found.detail)
