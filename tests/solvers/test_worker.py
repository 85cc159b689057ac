"""Solvers in processes of their own: same answers, killed when they must be, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from solvers import solve
from solvers.errors import FormatError, Unsupported
from solvers.example_models import market_split
from solvers.formats import read
from solvers.port import Cancellation, Progress, SolveOptions
from solvers.portfolio import race, racers
from solvers.result import Reason
from solvers.worker import Worker

LP = "max 3 x + 2 y + 1\nst\n c: x + y <= 4\nbounds\n x <= 3\nend\n"  # 12 at (3, 1)


@pytest.fixture(scope="module")
def worker():
    with Worker() as made:
        yield made


def children() -> set[int]:
    text = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
    return {int(pid) for pid in text.split()}


def test_a_worker_answers_as_the_library_does(worker):
    for text in (LP, "min x\nst\n x >= 3\n y = 2\ngen\n x\nend", "max x\nst\n x - y <= 4\nend"):
        model = read(text, "lp")
        here, there = solve(model), worker.solve(model)
        assert here.termination == there.termination
        assert here.point is None or there.objective == pytest.approx(here.objective)
    there = worker.solve(read(LP, "lp"))
    assert there.duals is not None
    assert there.duals.rows == pytest.approx([2])


def test_a_worker_reads_and_solves_a_file(worker, tmp_path):
    path = tmp_path / "model.lp"
    path.write_text(LP)
    solved = worker.solve_file(path)
    assert solved.solution.objective == pytest.approx(12)
    assert solved.column_names == ("x", "y")


def test_a_bad_file_is_refused_with_its_line_and_the_worker_lives(worker, tmp_path):
    path = tmp_path / "model.lp"
    path.write_text("min x\nst\n c: x <= y\nend")
    with pytest.raises(FormatError) as caught:
        worker.solve_file(path)
    assert caught.value.line == 3
    assert worker.solve(read(LP, "lp")).objective == pytest.approx(12)


def test_what_a_backend_refuses_is_refused_here(worker):
    with pytest.raises(Unsupported, match="continuous"):
        worker.solve(read(LP, "lp"), solver="cp-sat")


def test_a_cancelled_solve_is_gone_and_the_worker_starts_again(worker):
    cancellation = Cancellation()
    threading.Timer(0.5, cancellation.request).start()
    started = time.monotonic()
    solution = worker.solve(market_split(5, 40, 1), SolveOptions(time_limit_s=60), cancellation=cancellation)
    assert solution.termination.reason is Reason.CANCELLED
    assert time.monotonic() - started < 30
    assert worker.solve(read(LP, "lp")).objective == pytest.approx(12)


def test_a_killed_process_is_a_failure_with_its_reason(worker):
    worker.start()
    worker._process.kill()
    worker._process.wait()
    with Worker() as other:
        other.start()
        timer = threading.Timer(0.5, other._process.kill)
        timer.start()
        solution = other.solve(market_split(5, 40, 1), SolveOptions(time_limit_s=60))
    assert solution.termination.reason is Reason.FAILED
    assert "process ended" in solution.termination.detail


def test_progress_passes_through(worker):
    seen: list[Progress] = []
    cancellation = Cancellation()

    def hear(progress: Progress) -> None:
        seen.append(progress)
        cancellation.request()

    options = SolveOptions(time_limit_s=60)
    solution = worker.solve(market_split(5, 40, 1), options, on_progress=hear, cancellation=cancellation)
    assert seen
    assert solution.termination.reason is Reason.CANCELLED


def test_a_race_takes_a_proven_answer_and_leaves_no_process():
    before = children()
    model = read("max 5 x + 4 y\nst\n 6 x + 4 y <= 24\n x + 2 y <= 6\nbounds\n x <= 9\n y <= 9\ngen\n x y\nend", "lp")
    assert {"highs", "cp-sat"} <= set(racers(model))
    solution = race(model, SolveOptions(time_limit_s=60))
    assert solution.termination.reason is Reason.OPTIMAL
    assert solution.objective == pytest.approx(20)
    assert children() == before


def test_a_race_that_is_cancelled_leaves_no_process():
    before = children()
    cancellation = Cancellation()
    asked: list[float] = []

    def ask() -> None:
        asked.append(time.monotonic())
        cancellation.request()

    threading.Timer(1.0, ask).start()
    solution = solve(
        market_split(5, 40, 1), SolveOptions(time_limit_s=60), solver="portfolio", cancellation=cancellation
    )
    assert solution.termination.reason is Reason.CANCELLED
    assert time.monotonic() - asked[0] < 30
    assert children() == before


def test_a_race_whose_own_process_is_killed_leaves_no_process():
    code = (
        "from solvers.example_models import market_split\n"
        "from solvers.portfolio import race\n"
        "race(market_split(5, 40, 1))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).resolve().parents[2])
    mine = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    assert until(lambda: len(mine.read_text().split()) >= 2)
    started = [int(pid) for pid in mine.read_text().split()]
    time.sleep(1)  # they solve, or still import
    process.kill()
    process.wait()
    assert until(lambda: not any(map(runs, started)))


def until(holds, patience_s: float = 60.0) -> bool:
    deadline = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def runs(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_race_keeps_its_time_limit_and_the_best_point():
    solution = race(market_split(5, 30, 2), SolveOptions(time_limit_s=4), solvers=["highs", "cp-sat"])
    assert solution.termination.reason in (Reason.LIMIT, Reason.OPTIMAL)
    assert solution.point is not None
