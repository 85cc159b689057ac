"""Bench4Opt: problem texts with their data apart; the label is a reference model as an LP file.

The release is archives ``LP.zip`` and ``MILP.zip`` with a folder an instance: the text (``*.md`` or ``*.txt``, the
concise one apart), ``data.json``, the program (``*.py``) and the model (``*.lp``). Give the unpacked folder, or rows.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.errors import SuiteError
from benchmarks.item import Item, LpGold
from benchmarks.suites.parameters import tables_of
from benchmarks.suites.rows import rows_of, same_suite
from benchmarks.suites.suite import Label, Release, Suite


def parse(path: Path) -> list[Item]:
    """Return the items of a file of rows or of an unpacked release."""
    if path.is_dir():
        return [_folder_item(path, model) for model in sorted(path.rglob("*.lp"))]
    items = []
    for number, (place, row) in enumerate(rows_of(path)):
        same_suite(place, row, "bench4opt")
        gold = row.get("gold")
        if not isinstance(gold, dict) or "lp" not in gold or not row.get("question"):
            raise SuiteError(f"{place} has no question with a reference model; is this the suite bench4opt?")
        items.append(
            Item(
                id=str(row.get("id", number)),
                suite="bench4opt",
                text=str(row["question"]),
                gold=LpGold(str(gold["lp"])),
                tables=tables_of(gold.get("data") or {}),
                kind=str(row.get("kind", "")),
                source=str(row.get("source", "")),
            )
        )
    return items


def _folder_item(root: Path, model: Path) -> Item:
    folder = model.parent
    texts = sorted(file for pattern in ("*.md", "*.txt") for file in folder.glob(pattern))
    whole = [file for file in texts if "concise" not in file.stem.lower()] or texts
    if not whole:
        raise SuiteError(f"{folder} holds a model and no text")
    data = folder / "data.json"
    try:
        parameters = json.loads(data.read_text(encoding="utf-8")) if data.exists() else {}
    except ValueError as error:
        raise SuiteError(f"{data}: no whole JSON: {error}") from error
    name = folder.relative_to(root).as_posix()
    return Item(
        id=name,
        suite="bench4opt",
        text=whole[0].read_text(encoding="utf-8"),
        gold=LpGold(model.read_text(encoding="utf-8")),
        tables=tables_of(parameters),
        kind=name.split("/")[0],
        source=name,
    )


SUITE = Suite(
    name="bench4opt",
    title="Bench4Opt (with ORGEval)",
    licence="MIT",
    size="394",
    label=Label.MODEL,
    parse=parse,
    releases=(Release("LP.zip, MILP.zip", "https://github.com/ZiweiZHU0513/Bench4Opt"),),
    note="no optimal value is given: an answer is right when its model is the reference model",
)
