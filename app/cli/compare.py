"""``milpwright compare``: do two models say the same?"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from app.cli._exit import ExitCode

if TYPE_CHECKING:
    from equivalence import AffineMap, Verdict
    from formulation.compare import Symbolic, SymbolicVerdict
    from solvers.milp import Milp

EQUIVALENT, DIFFERENT, UNKNOWN = 0, 10, 11
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("compare")
@click.argument("a", metavar="A", type=_FILE)
@click.argument("b", metavar="B", type=_FILE)
@click.option("--map", "mapping", default="auto", show_default=True, help="names, auto, or a JSON file with a map.")
@click.option("--method", type=click.Choice(["ladder", "wl"]), default="ladder", show_default=True)
@click.option("--level", type=click.Choice(["L0", "L1", "L2"]), default="L1", show_default=True)
@click.option("--units", is_flag=True, help="Admit a change of unit of continuous variables.")
@click.option("--exact-objective", is_flag=True, help="Admit no factor and no constant between the objectives.")
@click.option(
    "--budget-s", type=click.FloatRange(min=0), default=10.0, show_default=True, help="Seconds before giving up."
)
@click.option("--data", "data_files", multiple=True, type=_FILE, help="Data for .py programs, as .json or .csv.")
@click.option(
    "--draws",
    type=click.IntRange(min=0),
    default=8,
    show_default=True,
    help="Of two programs or formulations: on how many draws of other numbers to compare them too.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of the draws.")
@click.option("--diff", is_flag=True, help="Also print the rows of both models side by side.")
@click.option(
    "--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw the refinement of both as SVG, here."
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict with its proof as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    a: Path,
    b: Path,
    *,
    mapping: str,
    method: str,
    level: str,
    units: bool,
    exact_objective: bool,
    budget_s: float,
    data_files: tuple[Path, ...],
    draws: int,
    seed: int,
    diff: bool,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Say whether two models are equivalent, with a proof, or how they differ.

    A and B are models (.lp, .mps, .json, each also .gz), Pyomo programs (.py, run in the sandbox) or
    formulations (.json). Two programs or formulations are compared on their own numbers and on draws of others.
    The exit code is 0 for equivalent, 10 for different, 11 for unknown. docs/equivalence.md says what each level
    claims.

    \b
    Example:
      milpwright compare docs/samples/bakery.lp docs/samples/bakery_rewritten.lp
    """
    from equivalence import compare
    from formulation.compare import NotBuilt, SymbolicProgram, compare_symbolic
    from solvers.milp import Milp

    sides = _side(ctx, a, data_files), _side(ctx, b, data_files)
    options: dict[str, Any] = {
        "level": level,
        "mapping": mapping if mapping in ("names", "auto") else _map_file(mapping),
        "units": units,
        "exact_objective": exact_objective,
        "budget_s": budget_s,
    }
    together: SymbolicVerdict | None = None
    try:
        if draws and method == "ladder" and not isinstance(sides[0], Milp) and not isinstance(sides[1], Milp):
            together = compare_symbolic(sides[0], sides[1], draws=draws, seed=seed, **options)
            first, second, verdict = together.decisive.a, together.decisive.b, together.decisive.verdict
        else:
            first, second = (side if isinstance(side, Milp) else side.build(None) for side in sides)
            verdict = compare(first, second, method=method, **options)  # type: ignore[arg-type]
    except NotBuilt as error:
        if any(isinstance(side, SymbolicProgram) for side in sides):
            _failed(ctx, str(error))
        raise click.UsageError(str(error)) from None
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if picture is not None:
        _draw(first, second, picture)
    _print(first, second, verdict, (a.name, b.name), together, as_json=as_json, diff=diff)
    ctx.exit({"equivalent": EQUIVALENT, "different": DIFFERENT, "unknown": UNKNOWN}[verdict.verdict])


def _print(
    a: Milp,
    b: Milp,
    verdict: Verdict,
    names: tuple[str, str],
    together: SymbolicVerdict | None,
    *,
    as_json: bool,
    diff: bool,
) -> None:
    from equivalence.diff import aligned_rows, as_text, rows_json
    from equivalence.explain import verdict_in_words

    name_a, name_b = names
    words = verdict_in_words(a, b, verdict, name_a=name_a, name_b=name_b)
    if as_json:
        from app.models_wire import verdict_json

        document = verdict_json(verdict, words if verdict.verdict == "different" else None).model_dump(mode="json")
        if diff:
            document["rows"] = rows_json(aligned_rows(a, b))
        if together is not None:
            document["draws"] = {
                "seed": together.seed,
                "drawn": list(together.drawn),
                "verdicts": [draw.verdict.verdict for draw in together.draws],
                "failed": together.failed,
            }
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(words)
    if together is not None:
        click.echo(f"  {together.in_words()}")
    for note in verdict.notes:
        click.echo(f"  {note}")
    if diff:
        click.echo(as_text(aligned_rows(a, b), name_a, name_b))


def _draw(a: Milp, b: Milp, path: Path) -> None:
    from equivalence.picture import TooLarge, refinement_svg

    try:
        path.write_text(refinement_svg(a, b), encoding="utf-8")
    except TooLarge as error:
        raise click.UsageError(str(error)) from None


def _side(ctx: click.Context, path: Path, data_files: tuple[Path, ...]) -> Milp | Symbolic:
    from solvers import formats
    from solvers.errors import SolversError

    try:
        if path.suffix == ".py":
            return _program(ctx, path, data_files)
        if path.suffix == ".json":
            document = _json(path)
            if isinstance(document, dict) and document.get("kind") == "formulation":
                return _formulation(document)
        return formats.read(path)
    except (SolversError, OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, RecursionError) as error:
        raise click.UsageError(f"{path}: this is no JSON: {error}") from None


def _formulation(document: dict[str, Any]) -> Symbolic:
    from formulation.compare import SymbolicFormulation
    from formulation.wire import WireError, from_json

    try:
        return SymbolicFormulation(from_json(document))
    except WireError as error:
        raise click.UsageError(f"the formulation: {error}") from None


def _program(ctx: click.Context, path: Path, data_files: tuple[Path, ...]) -> Symbolic:
    from formulation.compare import SymbolicProgram
    from formulation.sandbox import Sandbox
    from formulation.sandbox.data_files import read_data
    from formulation.sandbox.program_data import DataError

    try:
        data = read_data(data_files) if data_files else None
    except DataError as error:
        raise click.UsageError(str(error)) from None
    return SymbolicProgram(path.read_text(encoding="utf-8"), data, ctx.with_resource(Sandbox()))


def _failed(ctx: click.Context, message: str) -> NoReturn:
    click.echo(message, err=True)
    ctx.exit(ExitCode.FAILED)


def _map_file(name: str) -> AffineMap:
    """Return the map of a file: ``{"x": {"terms": {"p": 1, "q": "1/2"}, "constant": 0}}``, x of A over B."""
    from equivalence import AffineMap

    path = Path(name)
    if not path.is_file():
        raise click.UsageError(f"--map {name}: neither 'names' nor 'auto', and no such file")
    document = _json(path)
    try:
        images = {
            str(variable): (
                {str(k): Fraction(str(v)) for k, v in image["terms"].items()},
                Fraction(str(image.get("constant", 0))),
            )
            for variable, image in document.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        form = '{"x": {"terms": {"p": 1}, "constant": 0}}'
        raise click.UsageError(f"--map {name}: not of the form {form}: {error!r}") from None
    return AffineMap(images)
