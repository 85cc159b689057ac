"""Runs speed benchmarks: each once, untimed, or timed with its peers as ratios."""

from __future__ import annotations

import gc
import json
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.speed.registry import OWN, Benchmark, benchmarks

_AT_LEAST_S = 0.002
"""A call shorter than this is repeated until it has taken as long."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The seconds of one call of a benchmark, over rounds; ``ratio`` is to our own in the same case and phase."""

    name: str
    median_s: float
    least_s: float
    rounds: int
    ratio: float | None


def run_speed(
    areas: Sequence[str],
    match: str | None,
    *,
    rounds: int,
    json_path: Path | None = None,
    echo: Callable[[str], object] = print,
) -> list[str]:
    """Run the chosen benchmarks and return the names of those that failed.

    ``rounds`` of 0 runs each once, untimed, without the large ones. Raises `BenchmarkError` where none is chosen.
    """
    chosen = benchmarks(tuple(areas), match)
    if not chosen:
        raise BenchmarkError("no benchmark has such an area and name")
    timings: list[Timing] = []
    failed: list[str] = []
    for _, group in groupby(chosen, key=lambda benchmark: benchmark.group):
        own: float | None = None
        for benchmark in group:
            if missing := benchmark.missing():
                echo(f"{benchmark.name:<58} not installed: {missing}")
                continue
            if not rounds and benchmark.large:
                continue
            try:
                seconds = measure(benchmark, rounds)
            except Exception as error:
                failed.append(benchmark.name)
                echo(f"{benchmark.name:<58} failed: {type(error).__name__}: {error}")
                continue
            if not seconds:
                echo(f"{benchmark.name:<58} runs")
                continue
            median = statistics.median(seconds)
            own = median if benchmark.driver == OWN else own
            ratio = median / own if own and benchmark.driver != OWN else None
            timings.append(Timing(benchmark.name, median, min(seconds), len(seconds), ratio))
            said = f"   {ratio:.2f} x ours" if ratio is not None else ""
            echo(f"{benchmark.name:<58} {1000 * median:10.3f} ms{said}")
    if json_path is not None:
        json_path.write_text(_as_json(timings), encoding="utf-8")
    return failed


def measure(benchmark: Benchmark, rounds: int) -> list[float]:
    """Return the seconds of one call in each round, after one untimed call; [] for no rounds."""
    with benchmark.prepare() as call:
        started = time.perf_counter()
        call()
        first = time.perf_counter() - started
        repeat = max(1, int(_AT_LEAST_S / max(first, 1e-9))) if first < _AT_LEAST_S else 1
        seconds = []
        for _ in range(rounds):
            gc.collect()
            started = time.perf_counter()
            for _ in range(repeat):
                call()
            seconds.append((time.perf_counter() - started) / repeat)
        return seconds


def _as_json(timings: Sequence[Timing]) -> str:
    rows = [
        {"name": t.name, "median_s": t.median_s, "least_s": t.least_s, "rounds": t.rounds, "ratio_to_ours": t.ratio}
        for t in timings
    ]
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return json.dumps({"machine": machine, "timings": rows}, indent=2) + "\n"
