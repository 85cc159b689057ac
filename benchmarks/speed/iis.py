"""The time of an irreducible core, in solves of the same LP: ``python -m benchmarks.speed.iis``.

Prints one JSON object. ``ratio`` is the core's time over the time that HiGHS takes for the infeasible LP by itself
without presolve; ``ratio_feasible`` over the LP's with one row of the core taken out, with presolve.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from dataclasses import replace

import numpy as np
from scipy import sparse

from solvers.backends.highs_session import Session
from solvers.iis import infeasible_core
from solvers.milp import Milp, Sense


def planted(rows: int, core: int, *, seed: int) -> tuple[Milp, set[int]]:
    """Return an infeasible LP, and the rows of its only irreducible core.

    The core is a cycle ``x1 <= x2 <= ... <= x1 - 0.01``. Every other row holds with room to spare at a point where
    the cycle's columns are equal, so that the LP is feasible without any one row of the cycle.
    """
    random = np.random.default_rng(seed)
    n = max(rows // 5, 2 * core)
    inside = random.uniform(2, 8, n)
    cycle = random.permutation(n)[:core]
    inside[cycle] = 5.0
    columns = (random.integers(0, n, (rows, 1)) + np.arange(4)) % n  # rows of neighbours, as models with periods have
    values = random.integers(1, 10, (rows, 4)) * random.choice([-1.0, 1.0], (rows, 4))
    at = random.permutation(rows)[:core]
    keep = np.ones(rows, dtype=bool)
    keep[at] = False
    i = np.repeat(np.arange(rows), 4).reshape(rows, 4)
    matrix = sparse.coo_array(
        (
            np.concatenate([values[keep].ravel(), np.tile([1.0, -1.0], core)]),
            (
                np.concatenate([i[keep].ravel(), np.repeat(at, 2)]),
                np.concatenate([columns[keep].ravel(), np.column_stack([cycle, np.roll(cycle, -1)]).ravel()]),
            ),
        ),
        shape=(rows, n),
    ).tocsr()
    upper = matrix @ inside + random.uniform(1, 5, rows)
    upper[at] = 0.0
    upper[at[-1]] = -0.01
    made = Milp(
        Sense.MINIMIZE,
        random.uniform(-1, 1, n),
        sparse.csr_array(matrix),
        np.full(rows, -np.inf),
        upper,
        np.zeros(n),
        np.full(n, 10.0),
        np.zeros(n, dtype=np.int8),
        [f"x{j}" for j in range(n)],
        [f"r{i}" for i in range(rows)],
    )
    return made, set(at.tolist())


def measure(rows: int, core: int, seeds: int) -> dict[str, object]:
    """Return the times and their ratios, medians over the seeds."""
    cores: list[float] = []
    plain: list[float] = []
    feasible: list[float] = []
    right = 0
    for seed in range(seeds):
        model, planted_rows = planted(rows, core, seed=seed)
        opened = model.row_upper.copy()
        opened[min(planted_rows)] = np.inf
        for made, presolve, into in ((model, False, plain), (replace(model, row_upper=opened), True, feasible)):
            started = time.perf_counter()
            Session(made, presolve=presolve).run()
            into.append(time.perf_counter() - started)
        started = time.perf_counter()
        found = infeasible_core(model)
        cores.append(time.perf_counter() - started)
        if found is not None and found.irreducible:
            right += {m.index for m in found.members if m.kind == "row"} == planted_rows
    return {
        "rows": rows,
        "core": core,
        "seeds": seeds,
        "found_exactly": right,
        "core_s": statistics.median(cores),
        "lp_infeasible_s": statistics.median(plain),
        "lp_feasible_s": statistics.median(feasible),
        "ratio": statistics.median(a / b for a, b in zip(cores, plain, strict=True)),
        "ratio_feasible": statistics.median(a / b for a, b in zip(cores, feasible, strict=True)),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--core", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    json.dump(measure(asked.rows, asked.core, asked.seeds), sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
