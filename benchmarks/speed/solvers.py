"""Persistent workers against plain highspy over files of MPS and LP: ``python -m benchmarks.speed.solvers FOLDER``.

Each file is read and solved twice in the same run: by plain highspy in a warm process (``readModel``, ``run``) and
by a `solvers.worker.Worker` (own reader, HiGHS, replay), with the same options. Counted are the files that HiGHS
accepts, that are well formed for the strict reader, and that HiGHS solves within the limit. Packed files are
unpacked beforehand, because this HiGHS cannot read them. Where the answers differ, plain highspy gets the model as the
strict reader read it, to tell a difference in reading from one in solving. The records go to a file, one line each, so
that a run can be made in pieces. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from solvers.errors import SolversError
from solvers.formats import read, save
from solvers.port import SolveOptions
from solvers.result import Solution
from solvers.worker import Worker

_PLAIN = """
import json, resource, sys, time
import highspy
for line in sys.stdin:
    asked = json.loads(line)
    started = time.perf_counter()
    h = highspy.Highs()
    for key, value in asked["options"].items():
        h.setOptionValue(key, value)
    status = str(h.readModel(asked["path"]))
    h.run()
    values = h.getSolution().col_value
    took = time.perf_counter() - started
    info = h.getInfo()
    print(json.dumps({
        "read": status.rpartition(".")[2], "status": h.modelStatusToString(h.getModelStatus()), "time_s": took,
        "objective": info.objective_function_value, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }), flush=True)
"""
_REPEATS = 3
_SHORT_S = 0.5
_STATUS = {
    "Optimal": "optimal",
    "Infeasible": "infeasible",
    "Unbounded": "unbounded",
    "Primal infeasible or unbounded": "infeasible or unbounded",
}


class _Plain:
    """A warm process with nothing but highspy."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _PLAIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def solve(self, path: Path, options: dict[str, object]) -> dict[str, Any]:
        assert self.process.stdin is not None  # noqa: S101
        assert self.process.stdout is not None  # noqa: S101
        self.process.stdin.write(json.dumps({"path": str(path), "options": options}) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("{"):  # HiGHS prints some remarks of its own, whatever it is told
                made: dict[str, Any] = json.loads(line)
                return made
        self.close()
        self.start()
        return {"read": "kError", "status": "crashed", "peak": 0}

    def close(self) -> None:
        self.process.communicate()


def files_in(folder: Path, unpacked: Path) -> list[Path]:
    """Return the MPS and LP files below a folder, packed ones unpacked into another."""
    found: list[Path] = []
    for path in sorted(folder.rglob("*")):
        if path.name.endswith((".mps", ".lp")):
            found.append(path)
        elif path.name.endswith((".mps.gz", ".lp.gz")):
            target = unpacked / path.name.removesuffix(".gz")
            target.write_bytes(gzip.decompress(path.read_bytes()))
            found.append(target)
    return found


def measure(folder: Path, limit_s: float, records: Path, stop_after_s: float = math.inf) -> None:
    """Append one record a file to ``records``, each file that has none yet, until all have or the time is up."""
    options: dict[str, object] = {
        "output_flag": False,
        "time_limit": limit_s,
        "mip_rel_gap": 1e-6,
        "small_matrix_value": 1e-12,
        "random_seed": 0,
    }
    done = {row["file"] for row in _rows(records)}
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as place, Worker() as worker, records.open("a") as file:
        plain = _Plain()
        for path in files_in(folder, Path(place)):
            if path.name in done:
                continue
            if time.monotonic() - started > stop_after_s:
                break
            file.write(json.dumps(_record(path, limit_s, options, plain, worker)) + "\n")
            file.flush()
        plain.close()


def _rows(records: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in records.read_text().splitlines()] if records.exists() else []


def _record(path: Path, limit_s: float, options: dict[str, object], plain: _Plain, worker: Worker) -> dict[str, Any]:
    """Return how both did on one file, each the best of three where it takes under half a second.

    A file that does not count has the reason under ``left_out``.
    """
    theirs = plain.solve(path, options)
    if theirs["read"] == "kError" or theirs["status"] in ("Model error", "Load error", "Not Set"):
        return {"file": path.name, "left_out": "highs_refuses"}
    if theirs["status"] not in (*_STATUS, "Empty"):
        return {"file": path.name, "left_out": "not_solved", "reason": theirs["status"]}
    times: list[float] = []
    while not times or (len(times) < _REPEATS and times[0] < _SHORT_S):
        if times:
            theirs["time_s"] = min(theirs["time_s"], plain.solve(path, options)["time_s"])
        started = time.perf_counter()
        try:
            ours = worker.solve_file(path, SolveOptions(time_limit_s=2 * limit_s), solver="highs")
        except SolversError as error:
            return {"file": path.name, "left_out": "malformed", "reason": str(error)}
        times.append(time.perf_counter() - started)
    row = _row(path.name, theirs, min(times), ours.solution) | {"peaks": [ours.peak_bytes, theirs["peak"]]}
    return row if row["same"] else row | {"differ_in": _differ_in(path, options, plain, ours.solution)}


def _differ_in(path: Path, options: dict[str, object], plain: _Plain, solution: Solution) -> str:
    """Return "reading" where plain highspy answers as we do once it gets the model as we read it, else "solving"."""
    with tempfile.TemporaryDirectory() as place:
        written = Path(place) / "as_read.mps"
        save(read(path), written)
        again = plain.solve(written, options)
    return "reading" if _row(path.name, again, 0.0, solution)["same"] else "solving"


def summary(rows: list[dict[str, Any]]) -> dict[str, object]:
    """Return how the worker compares with plain highspy, and each file on which they differ."""
    left_out = [row for row in rows if "left_out" in row]
    rows = [row for row in rows if "left_out" not in row]
    if not rows:
        return {"files": 0}
    plain_s, worker_s = sum(row["plain_s"] for row in rows), sum(row["worker_s"] for row in rows)
    peaks = [max(row["peaks"][k] for row in rows) for k in (0, 1)]
    return {
        "files": len(rows),
        "same": sum(row["same"] for row in rows),
        "plain_s": plain_s,
        "worker_s": worker_s,
        "total_ratio": worker_s / plain_s,
        "median_ratio": statistics.median(row["ratio"] for row in rows),
        "memory_ratio": peaks[0] / max(peaks[1], 1),
        "peak_bytes": peaks,
        "different": [row for row in rows if not row["same"]],
        "slowest": sorted(rows, key=lambda row: row["plain_s"] - row["worker_s"])[:8],
        "left_out": dict(Counter(row["left_out"] for row in left_out)),
        "left_out_files": {row["file"]: row.get("reason", row["left_out"]) for row in left_out},
    }


def _row(name: str, theirs: dict[str, Any], took: float, solution: Solution) -> dict[str, Any]:
    wanted = _STATUS.get(theirs["status"], "optimal")
    status = solution.termination.reason.value
    same = status == wanted or (wanted == "infeasible or unbounded" and status in ("infeasible", "unbounded"))
    if same and status == "optimal" and solution.point is not None:
        off = abs(solution.objective - theirs["objective"])
        same = off <= 1e-6 * max(1.0, abs(theirs["objective"]))
    return {
        "file": name,
        "same": same,
        "plain_s": theirs["time_s"],
        "worker_s": took,
        "ratio": took / theirs["time_s"],
        "plain": [theirs["status"], theirs["objective"]],
        "worker": [status, solution.point.objective if solution.point else None, solution.termination.detail],
    }


def main() -> None:
    """Measure what has no record yet, and print what the records say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for plain highspy on a file")
    parser.add_argument("--records", type=Path, required=True, help="one line a file; those there are not run again")
    parser.add_argument("--stop-after", type=float, default=math.inf, help="seconds; call again to go on")
    asked = parser.parse_args()
    measure(asked.folder, asked.limit, asked.records, asked.stop_after)
    json.dump(summary(_rows(asked.records)), sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
