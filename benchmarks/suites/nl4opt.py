"""NL4Opt: word problems of two or three variables, annotated declaration by declaration.

Three published forms: the competition's JSON lines, an object a line under a key of its own, with ``document`` and the
annotation; the corrected annotation with its canonical matrix; and the answer form of later papers, with an optimal
value a row.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.errors import SuiteError
from benchmarks.item import AnnotationGold, Item
from benchmarks.scorers.canonical import canonical, disagreement
from benchmarks.suites.rows import Keys, Row, first, rows_of, same_suite, value_item
from benchmarks.suites.suite import Label, Release, Suite

_DECLARED = ("obj_declaration", "const_declarations", "order_mapping")


def parse(path: Path) -> list[Item]:
    """Return the items of an NL4Opt file, in the annotation or in the answer form."""
    return [_item(place, row, number) for number, (place, row) in enumerate(rows_of(path))]


def _item(place: str, row: Row, number: int) -> Item:
    same_suite(place, row, "nl4opt")
    gold = row.get("gold")
    annotation: Row = gold if isinstance(gold, dict) else row
    if not all(key in annotation for key in _DECLARED):
        if any(key in annotation for key in _DECLARED):
            missing = ", ".join(key for key in _DECLARED if key not in annotation)
            raise SuiteError(f"{place}: the annotation lacks {missing}")
        return value_item(place, row, "nl4opt", number, Keys())
    text = first(row, ("question", "document"))
    if not isinstance(text, str) or not text.strip():
        raise SuiteError(f"{place} has an annotation and no document")
    declarations = {key: annotation[key] for key in (*_DECLARED, "canonical") if key in annotation}
    try:
        canonical(declarations)
    except SuiteError as error:
        raise SuiteError(f"{place}: {error}") from error
    return Item(
        id=str(first(row, ("id", "_key"), number)),
        suite="nl4opt",
        text=text,
        gold=AnnotationGold(declarations),
        kind=str(row.get("kind", "linear")),
        source=str(row.get("source", "")),
        doubt=disagreement(declarations),
    )


SUITE = Suite(
    name="nl4opt",
    title="NL4Opt, NeurIPS 2022 competition (Ramamonjison et al.)",
    licence="MIT (official release); Apache-2.0 (corrected annotation)",
    size="713 train, 99 dev, 289 test",
    label=Label.ANNOTATION,
    parse=parse,
    releases=(
        Release(
            "official annotation, dev",
            "https://raw.githubusercontent.com/nl4opt/nl4opt-competition/49f1e0d66b7f/generation_data/dev.jsonl",
        ),
        Release("corrected annotation with canonical rows, train", note="kostis-init/CP-LLMs-ICL"),
        Release("answer form", note="optimal values of later papers"),
    ),
    note="the annotation has no integrality, so structure is judged without; words that exclude a limit "
    "('more than') are right closed or shifted by one",
)
