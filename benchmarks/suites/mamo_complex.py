"""MAMO, the complex linear programs: rows with ``Question`` and ``Answer``."""

from __future__ import annotations

from pathlib import Path

from benchmarks.item import Item
from benchmarks.suites.rows import value_items
from benchmarks.suites.suite import Label, Release, Suite


def parse(path: Path) -> list[Item]:
    """Return the items of a file of this suite."""
    return value_items(path, "mamo_complex")


SUITE = Suite(
    name="mamo_complex",
    title="MAMO ComplexLP (Huang et al.)",
    licence="CC-BY-SA-4.0",
    size="211",
    label=Label.VALUE,
    parse=parse,
    releases=(
        Release(
            "mamo_complex_lp.jsonl",
            "https://raw.githubusercontent.com/FreedomIntelligence/Mamo/2c91069dee5c/data/optimization/Complex_LP/mamo_complex_lp.jsonl",
        ),
        Release("cleaned labels", note="microsoft/OptiGuide, OptiMind"),
    ),
    note="values are often rounded in the label",
)
