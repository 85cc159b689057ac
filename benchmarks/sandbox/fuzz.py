"""Mutated messages for the parser that reads what a confined child sends.

``python -m benchmarks.sandbox.fuzz 10000000`` makes that many; every one must be read or refused, in bounded
time and memory. The seed is printed, so that a failure can be made again.
"""

from __future__ import annotations

import argparse
import random
import struct
import sys
import time
import tracemalloc
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import numpy as np

from formulation.sandbox import message
from formulation.sandbox.message import MalformedMessage, MatrixArrays, ModelArrays

_NUMBERS = (0, 1, 2, 255, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**63, 2**64 - 1)
_REALS = (float("nan"), float("inf"), float("-inf"), -0.0, 5e-324, 1.7976931348623157e308)
_MEMORY_EVERY = 997


@dataclass(frozen=True, slots=True)
class Report:
    """How many inputs there were, how many were refused, the slowest in seconds, the most memory one took."""

    inputs: int
    refused: int
    slowest_s: float
    peak_bytes: int


@cache
def samples() -> tuple[bytes, ...]:
    """Return one frame of each kind, small and varied."""
    matrix = MatrixArrays(np.array([0, 2, 3]), np.array([0, 2, 1], dtype=np.int32), np.array([1.0, -2.0, 3.5]))
    square = MatrixArrays(np.array([0, 1, 1, 2]), np.array([0, 2], dtype=np.int32), np.array([2.0, 4.0]))
    model = ModelArrays(
        maximize=True,
        constant=4.0,
        name="plan",
        objective=np.array([1.0, 2.0, 3.0]),
        column_lower=np.array([0.0, -np.inf, 1.0]),
        column_upper=np.array([1.0, np.inf, 9.0]),
        domains=np.array([1, 0, 2], dtype=np.int8),
        row_lower=np.array([-np.inf, 2.0]),
        row_upper=np.array([5.0, 2.0]),
        matrix=matrix,
        quadratic=square,
        column_names=["x[a]", "x[b]", "y"],
        row_names=["limit", "balance"],
    )
    frames = (
        message.frame_milp(model, "printed\n"),
        message.frame_nonlinear("g3 1 1 0\n", "x\n", "c\n", ""),
        message.frame_error("KeyError", "'steel'", 12, ["steel", "cost"], "line\n"),
        message.frame_memory("a"),
    )
    return tuple(b"".join(parts) for parts in frames)


def mutated(rng: random.Random, frames: tuple[bytes, ...]) -> bytes:
    """Return one of the frames with up to eight changes: bytes, lengths, cuts, doublings, splices, numbers."""
    raw = bytearray(frames[min(int(rng.expovariate(1.0)), len(frames) - 1)])
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(raw)) if raw else 0
        match rng.randrange(8):
            case 0 if raw:
                raw[at] ^= 1 << rng.randrange(8)
            case 1 if raw:
                raw[at] = rng.randrange(256)
            case 2:
                raw[at : at + 8] = struct.pack("<Q", rng.choice(_NUMBERS))
            case 3:
                raw[at : at + 8] = struct.pack("<d", rng.choice(_REALS))
            case 4:
                del raw[at : at + rng.randint(1, 16)]
            case 5:
                raw[at:at] = raw[at : at + rng.randint(1, 64)]
            case 6:
                other = rng.choice(frames)
                cut = rng.randrange(len(other))
                raw[at:] = other[cut:]
            case _:
                raw[at:at] = rng.randbytes(rng.randint(1, 16))
    return bytes(raw)


def fuzz(count: int, *, seed: int) -> Report:
    """Parse ``count`` mutated messages. What the parser raises besides `MalformedMessage` passes through."""
    rng = random.Random(seed)  # noqa: S311 - it must repeat, not surprise
    frames = samples()
    refused, slowest, peak = 0, 0.0, 0
    for raw in frames:  # what is imported at the first message is not its own time
        message.parse(raw[message.HEADER_BYTES :])
    for k in range(count):
        raw = mutated(rng, frames)
        measured = k % _MEMORY_EVERY == 0
        if measured:
            tracemalloc.start()
        started = time.perf_counter()
        with suppress(MalformedMessage):
            message.body_length(raw[: message.HEADER_BYTES])
        try:
            message.parse(raw[message.HEADER_BYTES :])
        except MalformedMessage:
            refused += 1
        slowest = max(slowest, time.perf_counter() - started)
        if measured:
            peak = max(peak, tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    return Report(count, refused, slowest, peak)


def main(arguments: list[str]) -> int:
    """Fuzz as often as the first argument says (default 100,000), with the second as seed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("count", nargs="?", type=int, default=100_000)
    parser.add_argument("seed", nargs="?", type=int, default=random.SystemRandom().randrange(2**32))
    chosen = parser.parse_args(arguments)
    count, seed = chosen.count, chosen.seed
    sys.stdout.write(f"seed {seed}\n")
    started = time.perf_counter()
    report = fuzz(count, seed=seed)
    took = time.perf_counter() - started
    sys.stdout.write(
        f"{report.inputs} inputs in {took:.1f} s, {report.refused} refused, the rest read; slowest "
        f"{report.slowest_s * 1000:.2f} ms, most memory {report.peak_bytes / 1024:.0f} KiB (1 in {_MEMORY_EVERY})\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
