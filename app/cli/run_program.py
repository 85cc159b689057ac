"""``milpwright run-program``: a Pyomo program of one's own, run confined, solved and answered."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import click

from app.cli._exit import ExitCode, exit_code
from app.cli._interrupt import interruptible

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_IMPORTS = re.compile(r"^\s*(?:import|from)\s+(\w+)", re.MULTILINE)


@click.command("run-program")
@click.argument("file", metavar="FILE.py|-", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--data", "data_files", multiple=True, type=_FILE, help="Data as .json or .csv; may be given again.")
@click.option("--solver", default="auto", show_default=True, help="The solver backend.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON, as REST gives it.")
@click.option(
    "--lp", type=click.Path(dir_okay=False, path_type=Path), help="Write the model in LP format to this file."
)
@click.option(
    "--time-limit", "time_limit_s", type=click.FloatRange(min=0, min_open=True), default=60.0, help="Seconds to solve."
)
@click.option(
    "--program-limit",
    "wall_s",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    help="Seconds to build the model.",
)
@click.option(
    "--memory", "memory_mib", type=click.IntRange(min=64), default=2048, help="MiB that the program may take."
)
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    data_files: tuple[Path, ...],
    *,
    solver: str,
    as_json: bool,
    lp: Path | None,
    time_limit_s: float,
    wall_s: float,
    memory_mib: int,
) -> None:
    """Run a Pyomo program in the sandbox, solve its model, and answer as `solve` does.

    The program defines build(data), or a top-level model; docs/program.md has the contract and the form of the
    data. A program that calls a solver itself is run up to that call.

    \b
    Example:
      milpwright run-program docs/samples/bakery_program.py --data docs/samples/bakery.json
    """
    source = _text(file)
    from formulation.sandbox import Limits, Sandbox
    from formulation.sandbox.preload import PRELOADABLE

    preload = sorted(set(_IMPORTS.findall(source)).intersection(PRELOADABLE))
    with Sandbox(preload=preload) as sandbox:
        # The sandbox warms up in a process of its own while this one imports what it needs.
        data = _data(data_files)
        from app.cli._render import render_answer
        from app.wire import answer_json
        from formulation.programs import ProgramsRefused, answer_program
        from solvers.errors import BackendUnavailable, OptionsError, SolverFault, Unsupported

        limits = Limits(wall_s=wall_s, cpu_s=wall_s, memory_bytes=memory_mib << 20)
        try:
            answer = interruptible(
                lambda stop: answer_program(
                    source, data, sandbox, limits=limits, solver=solver, time_limit_s=time_limit_s, cancellation=stop
                )
            )
        except OptionsError as error:
            raise click.UsageError(str(error)) from error
        except (ProgramsRefused, BackendUnavailable, SolverFault, Unsupported) as error:
            click.echo(str(error), err=True)
            ctx.exit(ExitCode.FAILED)
    if lp is not None:
        if answer.lp is None:
            click.echo(f"There is no model to write to {lp}.", err=True)
        else:
            lp.write_text(answer.lp, encoding="utf-8")
    if as_json:
        click.echo(answer_json(answer).model_dump_json(indent=2))
    else:
        render_answer(answer)
    ctx.exit(exit_code(answer.status))


def _text(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from None


def _data(files: tuple[Path, ...]) -> dict[str, Any] | None:
    from formulation.sandbox.data_files import read_data
    from formulation.sandbox.program_data import DataError

    if not files:
        return None
    try:
        return read_data(files)
    except DataError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{error.filename}: {error.strerror}") from error
