"""MIPLIB-NL: instances of MIPLIB told as problems, with their data in CSV files.

The release is a folder an instance: ``instance.json`` (``abstract_problem`` with parameters in braces, ``parameters``,
``files``, ``optimal_value``) and ``data/*.csv``. An ``answer.json`` beside it is not needed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from benchmarks.errors import SuiteError
from benchmarks.item import Item
from benchmarks.suites.parameters import csv_table
from benchmarks.suites.rows import answer
from benchmarks.suites.suite import Label, Release, Suite
from formulation.data import Table


def parse(path: Path) -> list[Item]:
    """Return the items of a folder of instances, or of one instance."""
    if not path.is_dir():
        raise SuiteError(f"{path} is a file; miplib_nl is a folder with an instance.json a problem")
    return [_item(file) for file in sorted(path.rglob("instance.json"))]


def _item(path: Path) -> Item:
    try:
        instance: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        template, parameters = str(instance["abstract_problem"]), dict(instance.get("parameters") or {})
        files = dict(instance.get("files") or {})
    except (ValueError, KeyError, TypeError) as error:
        raise SuiteError(f"{path}: no instance: {type(error).__name__}: {error}") from error
    value, statuses = answer(str(path), instance.get("optimal_value"))
    # str.format would trip over braces that are part of the text
    text = re.sub(r"\{(\w+)\}", lambda match: str(parameters.get(match[1], match[0])), template)
    tables: list[Table] = []
    lines = [text]
    for name, entry in files.items():
        tables.append(_file_table(path, name, entry))
        lines.append(f"Table {name}: {entry.get('description', '')}")
    unnamed = {name: value for name, value in parameters.items() if f"{{{name}}}" not in template}
    if unnamed:
        lines.append("Parameters: " + ", ".join(f"{name} = {value}" for name, value in unnamed.items()) + ".")
    return Item(
        id=path.parent.name,
        suite="miplib_nl",
        text="\n\n".join(lines),
        value=value,
        statuses=statuses,
        tables=tuple(tables),
        source=path.parent.name,
    )


def _file_table(path: Path, name: str, entry: Any) -> Table:
    relative = Path(str(entry["path"]))
    file = (path.parent / relative).resolve()
    if path.parent.resolve() not in file.parents:
        raise SuiteError(f"{path}: the file {relative} lies outside the instance")
    if not file.exists():
        raise SuiteError(f"{path}: the file {relative} is missing")
    return csv_table(file, name)


SUITE = Suite(
    name="miplib_nl",
    title="MIPLIB-NL (OptSuite)",
    licence="CC-BY-SA-4.0",
    size="223",
    label=Label.VALUE,
    parse=parse,
    releases=(Release("dataset/", "https://github.com/optsuite/MIPLIB-NL"),),
)
