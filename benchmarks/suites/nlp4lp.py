"""NLP4LP: longer problem descriptions, their parameters apart.

Two published forms: rows with ``description``, ``parameters`` and ``solution`` (JSON within JSON); and a folder a
problem with a description, ``data.json`` or ``parameters.json``, and ``solution.json`` with the objective.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.errors import SuiteError
from benchmarks.item import Item
from benchmarks.suites.parameters import tables_of
from benchmarks.suites.rows import Keys, Row, answer, first, rows_of, same_suite, value_item
from benchmarks.suites.suite import Label, Release, Suite

_DESCRIPTIONS = ("description.txt", "question.txt", "problem.txt", "desc.txt")
_PARAMETERS = ("parameters.json", "data.json", "params.json")


def parse(path: Path) -> list[Item]:
    """Return the items of a file of rows or of a folder of problem folders."""
    if path.is_dir():
        return [_folder_item(folder) for folder in problem_folders(path, _DESCRIPTIONS)]
    return [_item(place, row, number) for number, (place, row) in enumerate(rows_of(path))]


def problem_folders(path: Path, names: tuple[str, ...]) -> list[Path]:
    """Return the folders under a path that hold a file of one of the names, in the order of their numbers."""
    found = {file.parent for name in names for file in path.rglob(name)}
    return sorted(found, key=lambda folder: (len(folder.name), folder.as_posix()))


def _item(place: str, row: Row, number: int) -> Item:
    same_suite(place, row, "nlp4lp")
    if "solution" not in row:
        return value_item(place, row, "nlp4lp", number, Keys())
    text = first(row, ("description", "question"))
    if not isinstance(text, str) or not text.strip():
        raise SuiteError(f"{place} has a solution and no description")
    solution, parameters = _decoded(place, row["solution"]), _decoded(place, row.get("parameters"))
    value, statuses = answer(place, objective_of(solution))
    return Item(
        id=str(first(row, ("id", "_key", "name"), number)),
        suite="nlp4lp",
        text=text,
        value=value,
        statuses=statuses,
        tables=tables_of(values_of(parameters)),
        kind=str(row.get("kind", "")),
    )


def _folder_item(folder: Path) -> Item:
    text = next(file for name in _DESCRIPTIONS if (file := folder / name).exists()).read_text(encoding="utf-8")
    solution = _decoded(str(folder), _contents(folder / "solution.json"))
    parameters = next((_contents(file) for name in _PARAMETERS if (file := folder / name).exists()), None)
    value, statuses = answer(str(folder), objective_of(solution))
    decoded = _decoded(str(folder), parameters)
    return Item(folder.name, "nlp4lp", text, value, statuses=statuses, tables=tables_of(values_of(decoded)))


def objective_of(solution: Any) -> Any:
    """Return the objective that a solution object names, None where it names none."""
    if isinstance(solution, dict):
        return first(solution, ("objective", "objective_value", "optimal_value", "obj"))
    return solution


def values_of(parameters: Any) -> dict[str, Any]:
    """Return parameters by name, where each may be a value or an object with one."""
    if not isinstance(parameters, dict):
        return {}
    return {
        name: entry["value"] if isinstance(entry, dict) and "value" in entry else entry
        for name, entry in parameters.items()
    }


def _contents(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _decoded(place: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return json.loads(value)
    except ValueError as error:
        raise SuiteError(f"{place}: no whole JSON: {error}") from error


SUITE = Suite(
    name="nlp4lp",
    title="NLP4LP (AhmadiTeshnizi et al., with OptiMUS)",
    licence="stated by its release",
    size="269 (first release), 344 (with OptiMUS-0.3)",
    label=Label.VALUE,
    parse=parse,
    releases=(
        Release("rows with description, parameters and solution", "https://huggingface.co/datasets/udell-lab/NLP4LP"),
        Release("a folder a problem"),
    ),
)
