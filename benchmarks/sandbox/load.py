"""Latency and throughput of small programs, several at once.

``python -m benchmarks.sandbox.load [RUNS [PARALLEL]]`` prints the median, the 99th percentile and runs a second;
``python -m benchmarks.sandbox.load overhead [RUNS]`` how much longer a transport problem of 10^5 variables takes than
the same program and export in this process, in turns.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.speed.sandbox import TRANSPORT, transport_confined, transport_data, transport_outside
from formulation.sandbox import Built, Sandbox


def _processor_s(sandbox: Sandbox) -> float:
    """Return the processor time of this process, the zygote and its children, which a busy machine leaves as it is."""
    fields = Path(f"/proc/{sandbox.zygote_pid}/stat").read_bytes().rpartition(b")")[2].split()
    return time.process_time() + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def overhead(runs: int, plants: int = 317) -> tuple[list[float], list[float]]:
    """Return the seconds of that many confined runs of a transport problem, and of as many outside, in turns."""
    confined: list[float] = []
    outside: list[float] = []
    with transport_confined(plants) as run, transport_outside(plants) as build:
        for _ in range(runs):
            for call, seconds in ((run, confined), (build, outside)):
                gc.collect()
                started = time.perf_counter()
                call()
                seconds.append(time.perf_counter() - started)
    return confined, outside


def _print_overhead(runs: int) -> None:
    confined, outside = overhead(runs)
    ratios = sorted(inside / out - 1 for inside, out in zip(confined, outside, strict=True))
    sys.stdout.write(
        f"confined {statistics.median(confined):.2f} s, outside {statistics.median(outside):.2f} s "
        f"(medians, n={runs}); overhead of a pair: median {statistics.median(ratios):.1%}, from {ratios[0]:.1%} "
        f"to {ratios[-1]:.1%}\n"
    )


def main(arguments: list[str]) -> int:
    """Run as many programs of 30 variables as the first argument says, as many at once as the second says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    if arguments[:1] == ["overhead"]:
        parser.add_argument("runs", nargs="?", type=int, default=9)
        _print_overhead(parser.parse_args(arguments[1:]).runs)
        return 0
    parser.add_argument("runs", nargs="?", type=int, default=400)
    parser.add_argument("parallel", nargs="?", type=int, default=4)
    chosen = parser.parse_args(arguments)
    runs, parallel = chosen.runs, chosen.parallel
    data = transport_data(6)
    data["shops"] = data["shops"][:5]

    def once(_: int) -> float:
        started = time.perf_counter()
        outcome = sandbox.run(TRANSPORT, data)
        if not isinstance(outcome, Built):
            raise TypeError(f"no model: {outcome}")
        return time.perf_counter() - started

    with Sandbox(parallel=parallel) as sandbox:
        once(0)
        cpu = _processor_s(sandbox)
        alone = [once(k) for k in range(min(runs, 100))]
        started = time.perf_counter()
        with ThreadPoolExecutor(parallel) as pool:
            together = list(pool.map(once, range(runs)))
        took = time.perf_counter() - started
        cpu = (_processor_s(sandbox) - cpu) / (len(alone) + runs)
        counters = sandbox.counters
    for name, seconds in (("one at a time", alone), (f"{parallel} at once", together)):
        cut = statistics.quantiles(seconds, n=100)
        sys.stdout.write(f"{name}: median {1000 * cut[49]:.1f} ms, p99 {1000 * cut[98]:.1f} ms (n={len(seconds)})\n")
    sys.stdout.write(
        f"{runs / took:.0f} runs a second with {parallel} at once; {1000 * cpu:.1f} ms of processor time each\n"
    )
    sys.stdout.write(f"zygote ready after {counters.zygote_start_s:.2f} s, probe {counters.probe_s:.3f} s\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
