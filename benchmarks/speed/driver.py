"""The speed benchmarks under pytest-benchmark: ``pytest benchmarks/speed/driver.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.speed.registry import Benchmark, benchmarks


@pytest.mark.parametrize("chosen", benchmarks(), ids=lambda chosen: chosen.name)
def test_speed(chosen: Benchmark, benchmark: Callable[..., Any]) -> None:
    """Time one registered benchmark, in the group of its peers."""
    if missing := chosen.missing():
        pytest.skip(f"not installed: {missing}")
    benchmark.group = "/".join(chosen.group)  # type: ignore[attr-defined]
    with chosen.prepare() as call:
        benchmark(call)
