"""Every speed benchmark works: each is run once, untimed."""

from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.speed.registry import OWN, Benchmark, benchmarks
from benchmarks.speed.run import measure, run_speed

CHOSEN = [benchmark for benchmark in benchmarks() if not benchmark.large]


@pytest.mark.parametrize("benchmark_", CHOSEN, ids=lambda benchmark: benchmark.name)
@pytest.mark.filterwarnings("ignore")  # what a peer warns of is its own affair
def test_a_benchmark_runs(benchmark_: Benchmark) -> None:
    if missing := benchmark_.missing():
        pytest.skip(f"not installed: {missing}")
    assert measure(benchmark_, 0) == []


def test_every_area_has_a_benchmark_of_ours() -> None:
    areas = {benchmark.area for benchmark in benchmarks() if benchmark.driver == OWN}
    assert areas >= {"compile", "sandbox", "solve", "equivalence", "end_to_end"}


def test_ratios_are_to_our_own_in_the_same_run(tmp_path: Path) -> None:
    said: list[str] = []
    path = tmp_path / "speed.json"
    assert run_speed(("solve",), "10x10", rounds=2, json_path=path, echo=said.append) == []
    assert any("x ours" in line for line in said)
    assert "ratio_to_ours" in path.read_text()


def test_an_area_without_benchmarks_is_a_clear_error() -> None:
    with pytest.raises(BenchmarkError, match="no benchmark"):
        run_speed(("weather",), None, rounds=1)
