"""ComplexOR: problems with their data apart.

The release is a folder a problem with ``description.txt`` and ``sample.json`` (a list of ``input`` and ``output``, the
optimal value first); rows with a text and an answer are read as well.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.errors import SuiteError
from benchmarks.item import Item
from benchmarks.suites.nlp4lp import problem_folders
from benchmarks.suites.parameters import tables_of
from benchmarks.suites.rows import answer, value_items
from benchmarks.suites.suite import Label, Release, Suite


def parse(path: Path) -> list[Item]:
    """Return the items of a folder of problem folders, one item a sample, or of a file of rows."""
    if not path.is_dir():
        return value_items(path, "complexor")
    return [item for folder in problem_folders(path, ("description.txt",)) for item in _items(folder)]


def _items(folder: Path) -> list[Item]:
    text = (folder / "description.txt").read_text(encoding="utf-8")
    source = folder / "sample.json"
    try:
        samples = json.loads(source.read_text(encoding="utf-8"))
        if not isinstance(samples, list) or not all({"input", "output"} <= set(sample) for sample in samples):
            raise ValueError("no list of input and output")
    except (OSError, ValueError, TypeError) as error:
        raise SuiteError(f"{source}: {error}") from error
    items = []
    for number, sample in enumerate(samples):
        output = sample["output"]
        value, statuses = answer(str(source), output[0] if isinstance(output, list) and output else output)
        name = folder.name if len(samples) == 1 else f"{folder.name}#{number}"
        items.append(Item(name, "complexor", text, value, statuses=statuses, tables=tables_of(sample["input"])))
    return items


SUITE = Suite(
    name="complexor",
    title="ComplexOR (Xiao et al., with Chain-of-Experts)",
    licence="stated by its release",
    size="37 (first release); later papers use 18 to 21 of them",
    label=Label.VALUE,
    parse=parse,
    releases=(Release("dataset/ComplexOR", "https://github.com/xzymustbexzy/Chain-of-Experts"),),
)
