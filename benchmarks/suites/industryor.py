"""IndustryOR: problems from industry; rows with ``en_question``, ``en_answer`` and ``difficulty``."""

from __future__ import annotations

from pathlib import Path

from benchmarks.item import Item
from benchmarks.suites.rows import value_items
from benchmarks.suites.suite import Label, Release, Suite


def parse(path: Path) -> list[Item]:
    """Return the items of a file of this suite."""
    return value_items(path, "industryor")


SUITE = Suite(
    name="industryor",
    title="IndustryOR (Tang et al., with ORLM)",
    licence="stated by its release; MIT (cleaned labels)",
    size="100",
    label=Label.VALUE,
    parse=parse,
    releases=(
        Release("IndustryOR.json", "https://huggingface.co/datasets/CardinalOperations/IndustryOR"),
        Release("cleaned labels", note="microsoft/OptiGuide, OptiMind"),
    ),
    note="the release has been corrected more than once; name the version with the figure",
)
