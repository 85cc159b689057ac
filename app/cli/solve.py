"""``milpwright solve``: a problem in words, answered."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli._exit import exit_code
from app.cli._interrupt import run

if TYPE_CHECKING:
    from formulation.data import Table
    from formulation.events import Event
    from formulation.formulation import Formulation
    from formulation.loop import Observe


def known_solver(_ctx: click.Context, _parameter: click.Parameter, name: str) -> str:
    """Return the name of a solver. Raises `click.BadParameter` with those there are."""
    from solvers.registry import names

    if name not in ("auto", "portfolio", *names()):
        raise click.BadParameter(f"no solver is called {name!r}; there are auto, portfolio, {', '.join(names())}")
    return name


def known_language(_ctx: click.Context, _parameter: click.Parameter, name: str | None) -> str | None:
    """Return the name of a language. Raises `click.BadParameter` for what has not the form of one."""
    from formulation.language.detect import LANGUAGE_TAG

    if name is not None and not re.match(LANGUAGE_TAG, name):
        raise click.BadParameter(f"{name!r} is no language; write its code, such as de, fr or zh")
    return name


@click.command("solve")
@click.argument("source", metavar="FILE|-|TEXT")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON, as REST gives it.")
@click.option(
    "--lp", type=click.Path(dir_okay=False, path_type=Path), help="Write the model in LP format to this file."
)
@click.option("--pyomo", type=click.Path(dir_okay=False, path_type=Path), help="Write the Pyomo program to this file.")
@click.option(
    "--effort",
    type=click.Choice(["low", "medium", "high"]),
    default="medium",
    show_default=True,
    help="How much a chat model is used for, where one is configured; see docs/effort.md.",
)
@click.option(
    "--solver", default="auto", show_default=True, callback=known_solver, help="A backend's name (see docs/solvers.md)."
)
@click.option(
    "--time-limit", "time_limit_s", type=click.FloatRange(min=0, min_open=True), default=60.0, help="Seconds."
)
@click.option(
    "--language",
    callback=known_language,
    help="The language of the answer, such as de; without it that of the text.",
)
@click.option(
    "--table",
    "table_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A data table as .csv, .xlsx or .json; may be given again.",
)
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="ID=TEXT",
    help="What you answer to a question of an earlier run, under the question's id; may be given again.",
)
@click.option(
    "--earlier",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The JSON of that earlier run, so that no model is asked again for what is settled.",
)
@click.pass_context
def command(
    ctx: click.Context,
    source: str,
    *,
    as_json: bool,
    lp: Path | None,
    pyomo: Path | None,
    effort: str,
    solver: str,
    time_limit_s: float,
    language: str | None,
    table_files: tuple[Path, ...],
    answers: tuple[str, ...],
    earlier: Path | None,
) -> None:
    """Read, formulate, run, solve, check and explain a decision problem.

    The problem is the text of a file, of standard input (-), or the argument itself. Where a run ends in questions,
    run it again with --answer.

    \b
    Examples:
      milpwright solve docs/samples/bakery.txt
      milpwright solve docs/samples/bakery.txt --json --lp model.lp
      milpwright solve docs/samples/bakery.txt --answer objective="Maximize the profit"
    """
    from formulation.sandbox import Sandbox

    # The sandbox warms up in a process of its own while this one imports what it needs.
    with Sandbox() as sandbox:
        text, tables = text_of(source), tables_of(table_files)
        from app.cli._render import render_answer, render_reasons
        from app.wire import answer_json
        from formulation.chat.configured import chat_from
        from formulation.chat.errors import ChatUnavailable
        from formulation.perform import Workshop
        from formulation.problem import Effort, Options, Problem
        from formulation.solve import solve_problem

        problem = Problem(
            text,
            tables,
            Options(Effort(effort), solver=solver, time_limit_s=time_limit_s, language=language),
            answers_of(answers),
            formulation_of(earlier),
        )
        try:
            chat, library = chat_from(os.environ)
        except ChatUnavailable as error:
            raise click.ClickException(str(error)) from None
        with live_progress() as observe:
            answer = run(solve_problem(problem, Workshop(sandbox), observe, chat=chat, library=library))
    for path, content, what in ((lp, answer.lp, "model"), (pyomo, answer.pyomo, "program")):
        if path is not None:
            write_file(path, content, what)
    if as_json:
        click.echo(answer_json(answer).model_dump_json(indent=2))
    else:
        render_answer(answer)
        render_reasons(answer)
    ctx.exit(exit_code(answer.status))


@contextmanager
def live_progress() -> Iterator[Observe | None]:
    """Show the latest event on a terminal while the work goes on; yield None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("Reading the problem ...") as status:
        yield lambda event: status.update(f"{words_of(event)} ...")


def words_of(event: Event) -> str:
    """Return the name of an event as words, ``TextRead`` → ``Text read``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(event).__name__).capitalize()


def tables_of(files: tuple[Path, ...]) -> tuple[Table, ...]:
    """Return the tables of the files. Raises `click.UsageError` for what is none, or can be read in two ways."""
    from formulation.tables import DataError, read_tables

    found: list[Table] = []
    for path in files:
        try:
            read = read_tables(path.name, path.read_bytes())
        except DataError as error:
            raise click.UsageError(f"{path}: {error}") from None
        except OSError as error:
            raise click.UsageError(f"{path}: {error.strerror}") from None
        if read.questions:
            raise click.UsageError(f"{path}: {read.questions[0].text}")
        found += read.tables
    return tuple(found)


def answers_of(given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return (id, answer) of each ``ID=TEXT``. Raises `click.UsageError` for what is none."""
    pairs = [each.partition("=") for each in given]
    for identifier, sign, said in pairs:
        if not (identifier.strip() and sign and said.strip()):
            raise click.UsageError(f"an answer is ID=TEXT, not {identifier + sign + said!r}")
    return tuple((identifier.strip(), said.strip()) for identifier, _, said in pairs)


def formulation_of(earlier: Path | None) -> Formulation | None:
    """Return the formulation in the JSON of an earlier answer. Raises `click.UsageError` where it holds none."""
    if earlier is None:
        return None
    from formulation.wire import from_json

    try:
        return from_json(json.loads(earlier.read_bytes())["formulation"])
    except OSError as error:
        raise click.UsageError(f"{earlier}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise click.UsageError(f"{earlier}: not the JSON of an answer with a formulation ({error})") from None


def write_file(path: Path, content: str | None, what: str) -> None:
    """Write what an answer holds to a file. Raises `click.FileError` where that fails."""
    if content is None:
        click.echo(f"There is no {what} to write to {path}.", err=True)
        return
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(path), error.strerror or "cannot be written") from None


def text_of(source: str) -> str:
    """Return the text that the argument means. Raises `click.UsageError` where it cannot be read."""
    try:
        if source == "-":
            data: bytes = sys.stdin.buffer.read()
        else:
            path = Path(source)
            if not _is_file(path):
                if len(source.split()) < 3 and ("/" in source or path.suffix):
                    raise click.UsageError(f"there is no file {source!r}; a problem in words goes in quotes")
                return source
            data = path.read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{source}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise click.UsageError(f"{source}: {error.strerror}") from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a text too long or too strange to be a path
        return False
