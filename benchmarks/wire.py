"""An item as JSON, and back."""

from __future__ import annotations

from typing import Any, assert_never

from benchmarks.item import AnnotationGold, Gold, Item, LpGold, MpsGold
from formulation.data import Table


def item_to_json(item: Item) -> dict[str, Any]:
    """Return the item, label included, as a JSON object."""
    return {
        "id": item.id,
        "suite": item.suite,
        "text": item.text,
        "value": item.value,
        "gold": _gold_to_json(item.gold),
        "statuses": sorted(item.statuses),
        "tables": [
            {"name": table.name, "columns": {heading: list(cells) for heading, cells in table.columns.items()}}
            for table in item.tables
        ],
        "kind": item.kind,
        "source": item.source,
        "doubt": item.doubt,
    }


def item_from_json(data: dict[str, Any]) -> Item:
    """Return the item of a JSON object that `item_to_json` made."""
    tables = (
        Table(table["name"], {heading: tuple(cells) for heading, cells in table["columns"].items()})
        for table in data["tables"]
    )
    return Item(
        id=data["id"],
        suite=data["suite"],
        text=data["text"],
        value=data["value"],
        gold=_gold_from_json(data["gold"]),
        statuses=frozenset(data["statuses"]),
        tables=tuple(tables),
        kind=data["kind"],
        source=data["source"],
        doubt=data["doubt"],
    )


def _gold_to_json(gold: Gold | None) -> dict[str, Any] | None:
    match gold:
        case None:
            return None
        case LpGold(text=text):
            return {"form": "lp", "text": text}
        case MpsGold(text=text):
            return {"form": "mps", "text": text}
        case AnnotationGold(declarations=declarations):
            return {"form": "annotation", "declarations": dict(declarations)}
        case _:
            assert_never(gold)


def _gold_from_json(data: dict[str, Any] | None) -> Gold | None:
    if data is None:
        return None
    match data["form"]:
        case "lp":
            return LpGold(data["text"])
        case "mps":
            return MpsGold(data["text"])
        case "annotation":
            return AnnotationGold(data["declarations"])
        case form:
            raise ValueError(f"no reference model has the form {form!r}")
