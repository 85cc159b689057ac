"""``milpwright lessons``: what is known of problem classes, and what failed problems teach."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from formulation.lessons.learning import Known, Solve, Teach
    from formulation.sandbox import Sandbox

Result = TypeVar("Result")
_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("lessons")
def command() -> None:
    """List the lessons, learn new ones, drop those that misfire.

    \b
    Example:
      milpwright lessons list
    """


@command.command("list")
@click.option("--learned", type=_FOLDER, help="A folder of learned lessons.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_(learned: Path | None, *, as_json: bool) -> None:
    """Print each lesson's name, class, and when it applies.

    \b
    Example:
      milpwright lessons list --json
    """
    from formulation.lessons import Library

    lessons = Library.shipped(*((learned,) if learned else ())).lessons
    if as_json:
        fields = ("name", "title", "when", "learned", "helped", "misfired")
        click.echo(json.dumps([{f: getattr(lesson, f) for f in fields} for lesson in lessons], indent=2))
        return
    for lesson in lessons:
        counts = f"  [helped {lesson.helped}, misfired {lesson.misfired}]" if lesson.learned else ""
        click.echo(f"{lesson.name}: {lesson.title} (when {lesson.when}){counts}")


@command.command("learn")
@click.argument("results", type=_FILE)
@click.option("--problems", type=_FILE, required=True, multiple=True, help="JSON lines {id, question or text, answer}.")
@click.option("--into", type=_FOLDER, required=True, help="The folder for new lessons.")
@click.option("--most", type=click.IntRange(min=1), default=20, show_default=True, help="Failed problems to look at.")
def learn_(results: Path, problems: tuple[Path, ...], into: Path, most: int) -> None:
    """Turn problems that failed in RESULTS, and are solved now, into lessons that are verified.

    \b
    Example (asks the configured chat model):
      milpwright lessons learn runs/a/records.jsonl --problems dev.jsonl --into lessons
    """
    from formulation.lessons import Library
    from formulation.lessons.learning import learn, write

    known = {problem.id: problem for problem in _known(problems)}
    failed = [(known[i], why) for i, why in _failed(results).items() if i in known][:most]
    if not failed:
        raise click.ClickException(f"{results} names no failed problem that --problems has with its answer")

    async def work(solve: Solve, teach: Teach) -> None:
        for outcome in await learn(failed, Library.shipped(into), solve, teach):
            if outcome.lesson is not None:
                write(into, [outcome.lesson])
            click.echo(f"{outcome.id}: {outcome.lesson.name if outcome.lesson else 'nothing'}: {outcome.reason}")

    _consulting(work)


@command.command("prune")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--problems", type=_FILE, required=True, multiple=True, help="JSON lines {id, question or text, answer}.")
def prune_(folder: Path, problems: tuple[Path, ...]) -> None:
    """Try the lessons of FOLDER on problems they are shown with; delete those that misfire more than they help.

    \b
    Example (asks the configured chat model):
      milpwright lessons prune lessons --problems dev.jsonl
    """
    from formulation.lessons.learning import prune, remove, write
    from formulation.lessons.library import learned_lessons

    async def work(solve: Solve, _: Teach) -> None:
        kept, dropped = await prune(learned_lessons(folder), _known(problems), solve)
        write(folder, kept)
        remove(folder, dropped)
        for lesson in (*kept, *dropped):
            verb = "dropped" if lesson in dropped else "kept"
            click.echo(f"{verb} {lesson.name}: helped {lesson.helped}, misfired {lesson.misfired}")

    _consulting(work)


def _consulting(work: Callable[[Solve, Teach], Awaitable[None]]) -> None:
    """Run what needs a chat model and a sandbox."""
    from app.cli._interrupt import run
    from formulation.chat.errors import ChatError
    from formulation.sandbox import Sandbox

    with Sandbox() as sandbox:
        try:
            solve, teach = _ways(sandbox)
            run(_awaited(work(solve, teach)))
        except ChatError as error:
            raise click.ClickException(str(error)) from None


async def _awaited(work: Awaitable[None]) -> None:
    await work


def _ways(sandbox: Sandbox) -> tuple[Solve, Teach]:
    """Return how problems are solved and lessons are written with the configured chat model."""
    from formulation.agents import teacher
    from formulation.chat.errors import ChatUnavailable
    from formulation.chat.session import session_of
    from formulation.chat.settings import ChatSettings
    from formulation.formulation import Formulation
    from formulation.lessons import Library
    from formulation.lessons.learning import Solved
    from formulation.perform import Workshop
    from formulation.problem import Options, Problem
    from formulation.solve import solve_problem

    settings = ChatSettings.from_environment(os.environ)
    if settings is None:
        raise ChatUnavailable("no chat model is configured; set MILPWRIGHT_CHAT_BASE_URL")
    workshop = Workshop(sandbox)

    async def solve(problem: Known, library: Library, seed: int) -> Solved:
        task = Problem(problem.text, options=Options(seed=seed))
        answer = await solve_problem(task, workshop, chat=session_of(settings), library=library)
        value = answer.objective.value if answer.objective is not None else None
        return Solved(value, answer.formulation, f"{answer.status.value}, value {value}, known {problem.value}")

    async def teach(problem: Known, right: Formulation, went_wrong: str) -> teacher.TeacherReply:
        messages = teacher.messages(problem.text, right, went_wrong)
        return (await session_of(settings).ask(teacher.AGENT, messages, teacher.TeacherReply)).reply

    return solve, teach


def _known(paths: tuple[Path, ...]) -> list[Known]:
    """Return the problems that have a known value."""
    from formulation.lessons.learning import Known

    found = []
    for line in _lines(paths):
        text, value = line.get("text") or line.get("question"), line.get("answer")
        if isinstance(text, str) and isinstance(value, int | float) and "id" in line:
            found.append(Known(str(line["id"]), text, float(value)))
    return found


def _failed(results: Path) -> dict[str, str]:
    """Return how each problem of the results went wrong that was not right in its first record."""
    failed: dict[str, str] = {}
    for line in _lines((results,)):
        if line.get("outcome") in ("wrong", "abstained") and "id" in line:
            failed.setdefault(
                str(line["id"]), f"{line.get('status')}, value {line.get('value')}: {line.get('detail', '')}"
            )
    return failed


def _lines(paths: tuple[Path, ...]) -> list[dict[str, object]]:
    lines = []
    for path in paths:
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if text.strip():
                try:
                    line = json.loads(text)
                except ValueError as error:
                    raise click.ClickException(f"{path}:{number} is not JSON: {error}") from None
                if isinstance(line, dict):
                    lines.append(line)
    return lines
