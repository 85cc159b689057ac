"""Published results, to be set beside a run's own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.errors import BenchmarkError

PATH = Path(__file__).with_name("published.toml")


@dataclass(frozen=True, slots=True)
class Published:
    """One published figure and where it comes from; ``from_memory`` where it was not looked up."""

    suite: str
    system: str
    base_model: str
    metric: str
    value: float
    key: str
    source: str
    from_memory: bool


@cache
def published(path: Path = PATH) -> tuple[Published, ...]:
    """Return all published results. Raises `BenchmarkError` for a row that says too little or too much."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["result"]
    try:
        results = tuple(Published(**row) for row in rows)
    except TypeError as error:
        raise BenchmarkError(f"{path}: {error}") from error
    wrong = [row for row in results if not 0.0 <= row.value <= 1.0]
    if wrong:
        raise BenchmarkError(f"{path}: {wrong[0].system} has the value {wrong[0].value}, which is no share")
    return results
