"""Persistent workers against plain highspy over files of MPS and LP: ``python -m benchmarks.speed.solvers FOLDER``.

Each file is read and solved twice in the same run: by plain highspy in a warm process (``readModel``, ``run``) and
by a `solvers.worker.Worker` (own reader, HiGHS, replay), with the same options. Counted are the files that HiGHS
accepts, that are well formed for the strict reader, and that HiGHS solves within the limit. Packed files are
unpacked beforehand, because this HiGHS cannot read them. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from solvers.errors import SolversError
from solvers.port import SolveOptions
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


def measure(folder: Path, limit_s: float, most: int | None) -> dict[str, object]:
    """Return how the worker compares with plain highspy, and each file on which they differ."""
    options: dict[str, object] = {
        "output_flag": False,
        "time_limit": limit_s,
        "mip_rel_gap": 1e-6,
        "small_matrix_value": 1e-12,
        "random_seed": 0,
    }
    rows: list[dict[str, Any]] = []
    left_out: dict[str, list[str]] = {"highs_refuses": [], "malformed": [], "over_the_limit": []}
    peaks = [0, 0]
    with tempfile.TemporaryDirectory() as place, Worker() as worker:
        plain = _Plain()
        for path in files_in(folder, Path(place))[:most]:
            theirs = plain.solve(path, options)
            peaks[0] = max(peaks[0], theirs["peak"])
            if theirs["read"] == "kError" or theirs["status"] in ("Model error", "Load error", "Not Set"):
                left_out["highs_refuses"].append(path.name)
                continue
            if theirs["status"] not in (*_STATUS, "Empty"):
                left_out["over_the_limit"].append(path.name)
                continue
            started = time.perf_counter()
            try:
                ours = worker.solve_file(path, SolveOptions(time_limit_s=2 * limit_s), solver="highs")
            except SolversError as error:
                left_out["malformed"].append(f"{path.name}: {error}")
                continue
            took = time.perf_counter() - started
            peaks[1] = max(peaks[1], ours.peak_bytes)
            rows.append(_row(path.name, theirs, took, ours.solution))
        plain.close()
    ratios = [row["ratio"] for row in rows]
    return {
        "files": len(rows),
        "limit_s": limit_s,
        "same": sum(row["same"] for row in rows),
        "plain_s": sum(row["plain_s"] for row in rows),
        "worker_s": sum(row["worker_s"] for row in rows),
        "total_ratio": sum(row["worker_s"] for row in rows) / max(sum(row["plain_s"] for row in rows), 1e-9),
        "median_ratio": statistics.median(ratios) if ratios else None,
        "memory_ratio": peaks[1] / max(peaks[0], 1),
        "peak_bytes": peaks,
        "different": [row for row in rows if not row["same"]],
        "slowest": sorted(rows, key=lambda row: row["plain_s"] - row["worker_s"])[:8],
        "left_out": {key: len(names) for key, names in left_out.items()},
        "left_out_names": left_out,
    }


def _row(name: str, theirs: dict[str, Any], took: float, solution: Any) -> dict[str, Any]:
    wanted = _STATUS.get(theirs["status"], "optimal")
    status = solution.termination.reason.value
    same = status == wanted or (wanted == "infeasible or unbounded" and status in ("infeasible", "unbounded"))
    if same and status == "optimal":
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
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for plain highspy on a file")
    parser.add_argument("--most", type=int, help="at most so many files")
    asked = parser.parse_args()
    json.dump(measure(asked.folder, asked.limit, asked.most), sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
