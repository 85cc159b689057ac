"""``milpwright bench``: how well the service formulates, and how fast, on public suites and on its own problems."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from benchmarks.executor import Executor
    from benchmarks.record import Record

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_NEW = click.Path(file_okay=False, path_type=Path)
_SECONDS = click.FloatRange(min=0, min_open=True)


@contextmanager
def _clear_errors() -> Iterator[None]:
    from benchmarks.errors import BenchmarkError

    try:
        yield
    except BenchmarkError as error:
        raise click.ClickException(str(error)) from error


@click.group("bench")
def command() -> None:
    """Measure formulation quality and speed, so that a stranger can repeat it.

    \b
    Example:
      milpwright bench run own --out runs/own
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_suites(*, as_json: bool) -> None:
    """List the suites: size, kind of label, licence, published forms, labels in doubt.

    \b
    Example:
      milpwright bench list
    """
    from benchmarks.suites.registry import suites

    if as_json:
        rows = [
            {
                "name": suite.name,
                "title": suite.title,
                "licence": suite.licence,
                "size": suite.size,
                "label": suite.label.value,
                "releases": [{"version": r.version, "url": r.url, "note": r.note} for r in suite.releases],
                "known_bad": dict(suite.known_bad),
                "note": suite.note,
            }
            for suite in suites().values()
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Suites", show_lines=True)
    for heading in ("suite", "what", "size", "label", "licence", "forms"):
        table.add_column(heading, overflow="fold")
    for suite in suites().values():
        forms = "\n".join(release.version for release in suite.releases)
        title = f"{suite.title}\n[dim]{suite.note}[/dim]" if suite.note else suite.title
        table.add_row(suite.name, title, suite.size, suite.label.value, suite.licence, forms)
    Console().print(table)


@command.command("run")
@click.argument("suite")
@click.option("--data", "data", metavar="PATH|URL", help="The suite's file or folder, as its authors publish it.")
@click.option("--sha256", help="The SHA-256 that the data must have; a download without one is remembered by its own.")
@click.option(
    "--reader",
    default="embedded",
    show_default=True,
    help="What is tested: embedded, chat, baseline, baselinexK (the majority of K).",
)
@click.option("--effort", type=click.Choice(["low", "medium", "high"]), default="medium", show_default=True)
@click.option("--option", "extra", multiple=True, metavar="NAME=VALUE", help="A further option of the reader, as JSON.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many items.")
@click.option("--draw", is_flag=True, help="Shuffle the items by the seed before the limit.")
@click.option("--samples", type=click.IntRange(min=1), default=1, show_default=True, help="Attempts at each item.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--executor",
    type=click.Choice(["local", "jobs"]),
    default="local",
    show_default=True,
    help="Who performs the items: processes of this command, or every `milpwright worker` of MILPWRIGHT_DATABASE_URL.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="How many items at once: as many as there are cores by default, 32 with --executor jobs.",
)
@click.option(
    "--item-limit",
    "item_limit_s",
    type=click.FloatRange(min=0, min_open=True),
    default=300.0,
    show_default=True,
    help="Seconds for one item.",
)
@click.option("--budget-calls", type=click.IntRange(min=0), help="Stop before this many chat calls are passed.")
@click.option("--budget-tokens", type=click.IntRange(min=0), help="Stop before this many tokens are passed.")
@click.option("--budget-usd", type=click.FloatRange(min=0), help="Stop before this much money is passed.")
@click.option("--budget-time", "budget_s", type=click.FloatRange(min=0), help="Stop after this many seconds.")
@click.option("--unlabelled", is_flag=True, help="Let items without an answer through, as unscored.")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The run's folder; a part of the same run in it is continued.",
)
@click.option("--quiet", is_flag=True, help="No progress bar.")
@click.option("--json", "as_json", is_flag=True, help="Print how it ended as JSON; the records are in OUT.")
def run_suite(suite: str, out: Path, *, as_json: bool, **options: Any) -> None:
    """Run a suite and write OUT/run.json and OUT/records.jsonl, a line an item.

    Killed at any moment, the same command goes on where it stopped.

    \b
    Examples:
      milpwright bench run own --out runs/own
      milpwright bench run nl4opt --data dev.jsonl --out runs/nl4opt
      milpwright bench run nl4opt --data dev.jsonl --executor jobs --out runs/spread
    """
    from benchmarks.attempt import ReaderSpec
    from benchmarks.fetch import local_data
    from benchmarks.readers import open_reader, reader_options
    from benchmarks.record import read_records
    from benchmarks.runner import Budget, Plan, run
    from benchmarks.suites.registry import suite_named
    from benchmarks.suites.suite import load

    with _clear_errors():
        chosen = suite_named(suite)
        path = local_data(options["data"], options["sha256"], _download_progress) if options["data"] else None
        loaded = load(chosen, path, unlabelled=options["unlabelled"])
        given = reader_options(options["reader"], effort=options["effort"])
        spec = ReaderSpec(options["reader"], given | dict(map(_named, options["extra"])))
        open_reader(spec)
        plan = Plan(
            loaded,
            spec,
            seed=options["seed"],
            samples=options["samples"],
            limit=options["limit"],
            draw=options["draw"],
            item_limit_s=options["item_limit_s"],
            unlabelled=options["unlabelled"],
            budget=Budget(
                options["budget_calls"], options["budget_tokens"], options["budget_usd"], options["budget_s"]
            ),
        )
        executor = _executor(options["executor"], options["workers"], out)
        with _run_progress(quiet=options["quiet"]) as told:
            ended = run(plan, out, executor, told)
        if as_json:
            counts = Counter(record.outcome.value for record in read_records(out / "records.jsonl"))
            ending = {"records": ended.recorded, "of": ended.total, "stopped_by": ended.stopped_by, "outcomes": counts}
            click.echo(json.dumps({"folder": str(out), **ending}, indent=2))
            return
        _print_summary(out)
    if ended.stopped_by:
        click.echo(
            f"Stopped by the budget of {ended.stopped_by} with {ended.recorded} of {ended.total} records; the same "
            "command with a larger one goes on."
        )


@command.command("report")
@click.argument("folder", metavar="RUN", type=_FOLDER)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where report.md and report.html go; the run's folder by default.",
)
@click.option("--against", "others", type=_FOLDER, multiple=True, help="Another run to set beside this one.")
@click.option("--json", "as_json", is_flag=True, help="Print the paths as JSON.")
def report_run(folder: Path, out: Path | None, others: tuple[Path, ...], *, as_json: bool) -> None:
    """Write report.md and a self-contained report.html: tables, intervals, plots, and every item behind them.

    \b
    Example:
      milpwright bench report runs/own
    """
    from benchmarks.report.write import write_report

    with _clear_errors():
        paths = [str(path) for path in write_report(folder, out or folder, others)]
    click.echo(json.dumps(paths) if as_json else "\n".join(paths))


@command.command("compare")
@click.argument("run_a", type=_FOLDER)
@click.argument("run_b", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare_runs(run_a: Path, run_b: Path, *, as_json: bool) -> None:
    """Say what got better and what got worse from one run to another, and whether chance explains it.

    \b
    Example:
      milpwright bench compare runs/own runs/own
    """
    from benchmarks.compare import compare_folders, comparison_json, comparison_text

    with _clear_errors():
        comparison = compare_folders(run_a, run_b)
    if as_json:
        click.echo(json.dumps(comparison_json(comparison), indent=2))
    else:
        click.echo(comparison_text(comparison))


@command.command("speed")
@click.option("--area", "areas", multiple=True, help="Only these areas, such as solve or equivalence.")
@click.option("--match", help="Only benchmarks with this in their name.")
@click.option("--once", is_flag=True, help="Run each once, untimed: do they work at all?")
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="Timed rounds of each.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def speed(areas: tuple[str, ...], match: str | None, once: bool, rounds: int, json_path: Path | None) -> None:  # noqa: FBT001 - click passes it by name
    """Time compile, sandbox, solve, equivalence and end to end, peers in the same run, as ratios.

    \b
    Example:
      milpwright bench speed --match reading --rounds 1
    """
    from benchmarks.speed.run import run_speed

    with _clear_errors():
        failed = run_speed(areas, match, rounds=0 if once else rounds, json_path=json_path, echo=click.echo)
    if failed:
        sys.exit(1)


def _executor(name: str, workers: int | None, folder: Path) -> Executor:
    if name == "local":
        from benchmarks.pool import LocalPool

        return LocalPool(workers or os.cpu_count() or 1)
    from app.jobs.benchmark import JobsExecutor
    from app.settings import settings

    chosen = settings()
    return JobsExecutor(chosen.database_url, folder, ahead=workers or 32, lease_s=chosen.lease_s)


def _named(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--option")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


@contextmanager
def _run_progress(*, quiet: bool) -> Iterator[Callable[[Record, int, int], None] | None]:
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    counts: Counter[str] = Counter()
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("", total=None)

        def told(record: Record, done: int, total: int) -> None:
            counts[record.outcome.value] += 1
            said = "  ".join(f"{name} {counts[name]}" for name in ("right", "wrong", "abstained", "unscored"))
            progress.update(bar, completed=done, total=total, description=said)

        yield told


def _download_progress(read: int, total: int | None) -> None:
    if sys.stderr.isatty():
        of = f" of {total / 1e6:.1f}" if total else ""
        click.echo(f"\r{read / 1e6:.1f}{of} MB", nl=False, err=True)


def _print_summary(folder: Path) -> None:
    from benchmarks.record import read_records
    from benchmarks.report.summary import summarize, summary_text

    click.echo(summary_text(summarize(list(read_records(folder / "records.jsonl")))))
    click.echo(f"{folder / 'records.jsonl'}")
