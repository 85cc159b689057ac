"""What runs leave behind: processes, descriptors, files, memory.

``python -m benchmarks.sandbox.leak 10000`` makes that many runs of every kind of end and compares before and after.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from formulation.sandbox import Limits, Sandbox
from formulation.sandbox.self_check import children_of

_HEAD = "import pyomo.environ as pyo\nmodel = pyo.ConcreteModel()\nmodel.x = pyo.Var(bounds=(0, 1))\n"
PROGRAMS = (
    _HEAD + "model.o = pyo.Objective(expr=model.x)\n",
    _HEAD + "model.o = pyo.Objective(expr=model.y)\n",
    _HEAD + "model.o = pyo.Objective(expr=pyo.exp(model.x))\n",
    _HEAD + "open('file', 'w').write('x' * 10000)\nmodel.o = pyo.Objective(expr=model.x)\n",
    "import os\nos._exit(3)\n",
    "import os\nos.abort()\n",
)
SLOW = "while True: pass\n"
SLOW_EVERY = 500
LIMITS = Limits(wall_s=10.0)
SHORT = Limits(wall_s=0.1)
_SETTLE_S = 1.0


@dataclass(frozen=True, slots=True)
class Held:
    """What there is at one time: of this process, of the zygote, and on disk."""

    descriptors: int
    zygote_descriptors: int
    zygote_bytes: int
    children: int
    folders: int


def held(sandbox: Sandbox) -> Held:
    """Return what this process and the zygote hold now."""
    zygote, runs = sandbox.zygote_pid, sandbox.runs_folder
    if zygote is None or runs is None:
        raise RuntimeError("the sandbox has no zygote")
    pages = int(Path(f"/proc/{zygote}/statm").read_text().split()[1])
    return Held(
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
        zygote_descriptors=len(list(Path(f"/proc/{zygote}/fd").iterdir())),
        zygote_bytes=pages * 4096,
        children=len(children_of(zygote)),
        folders=len(list(Path(runs).iterdir())),
    )


def leak(runs: int, *, parallel: int = 4) -> tuple[Held, Held, float]:
    """Return what is held before and after that many runs, and the seconds they took."""
    with Sandbox(parallel=parallel) as sandbox, ThreadPoolExecutor(parallel) as pool:

        def once(k: int) -> None:
            if k % SLOW_EVERY == SLOW_EVERY - 1:
                sandbox.run(SLOW, limits=SHORT)
            else:
                sandbox.run(PROGRAMS[k % len(PROGRAMS)], limits=LIMITS)

        list(pool.map(once, range(40)))
        time.sleep(_SETTLE_S + 2.5)  # the zygote loads its larger packages when it is idle
        list(pool.map(once, range(40)))
        time.sleep(_SETTLE_S)
        before = held(sandbox)
        started = time.perf_counter()
        list(pool.map(once, range(runs)))
        took = time.perf_counter() - started
        time.sleep(_SETTLE_S)
        return before, held(sandbox), took


def main(arguments: list[str]) -> int:
    """Make the runs and print what is held before and after; 1 where something was left."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("runs", nargs="?", type=int, default=1000)
    runs = parser.parse_args(arguments).runs
    before, after, took = leak(runs)
    sys.stdout.write(f"before {before}\nafter  {after}\n{runs} runs in {took:.1f} s\n")
    same = (before.descriptors, before.zygote_descriptors, before.children, before.folders)
    left = same != (after.descriptors, after.zygote_descriptors, after.children, after.folders)
    grown = after.zygote_bytes > 1.05 * before.zygote_bytes
    sys.stdout.write("something is left\n" if left or grown else "nothing is left\n")
    return int(left or grown)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
