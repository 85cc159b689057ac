"""The probe at start: the quick attempts to get out, made once inside a child before any program is run."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import formulation
from formulation.sandbox import attempts
from formulation.sandbox.attempt import program as program_of
from formulation.sandbox.limits import Limits
from formulation.sandbox.outcome import Built, Outcome, SandboxUnavailable

LIMITS = Limits(wall_s=20, cpu_s=20, memory_bytes=1 << 30, printed_characters=1 << 20)
_QUICK = tuple(attempt for attempt in attempts.CONTAINED if attempt.quick)


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._from = time.monotonic()

    def elapsed_s(self) -> float:
        """Return the seconds since it was made."""
        return time.monotonic() - self._from


def program(zygote_pid: int, runs: Path, *, planted: str = "/etc", port: int = 9) -> tuple[str, Mapping[str, Any]]:
    """Return the probe's program and what it is told of its surroundings."""
    return program_of(_QUICK), surroundings(zygote_pid, str(runs), planted=planted, port=port)


def surroundings(zygote_pid: int, runs: str, *, planted: str, port: int) -> dict[str, Any]:
    """Return the data of an attempt: whom and what to go for."""
    return {
        "server_pid": os.getpid(),
        "zygote_pid": zygote_pid,
        "runs": runs,
        "planted": planted,
        "package": str(Path(formulation.__file__).parent),
        "port": port,
    }


def verdicts(printed: str) -> dict[str, tuple[str, str]]:
    """Return the verdict and the detail of each attempt from what its program printed."""
    found = {}
    for line in printed.splitlines():
        parts = line.split("\t")
        if len(parts) == 4 and parts[0] == "attempt":
            found[parts[1]] = (parts[2], parts[3])
    return found


def refusal(outcome: Outcome) -> SandboxUnavailable | None:
    """Return why no program may be run after this probe, or None where every attempt was stopped."""
    if isinstance(outcome, SandboxUnavailable):
        return outcome
    if not isinstance(outcome, Built):
        return SandboxUnavailable("probe", f"the attempts to get out could not be made: {outcome}")
    found = verdicts(outcome.printed)
    through = [name for name, (verdict, _) in found.items() if verdict == "ESCAPED"]
    if through:
        return SandboxUnavailable("probe", f"the confinement does not hold: a program could {'; '.join(through)}")
    verdict_of = {attempt.name: found.get(attempt.name, ("broken", "no verdict")) for attempt in _QUICK}
    missing = [f"{name} ({detail})" for name, (verdict, detail) in verdict_of.items() if verdict == "broken"]
    if missing:
        return SandboxUnavailable("probe", f"attempts to get out did not come to an end: {'; '.join(missing)}")
    return None
