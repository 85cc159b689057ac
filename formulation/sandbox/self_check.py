"""Every attempt to get out, made for real: the check that the confinement holds on this machine.

Run by the tests, by `milpwright doctor`, and by hand: ``python -m formulation.sandbox.self_check [--json]``.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import stat
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import formulation
from formulation.sandbox import attempts, probe
from formulation.sandbox.attempt import Attempt, program
from formulation.sandbox.limits import LimitKind, Limits
from formulation.sandbox.outcome import Built, LimitHit, Outcome, ProgramError, SandboxUnavailable
from formulation.sandbox.sandbox import Sandbox

LIMITS = Limits(
    wall_s=1.5,
    cpu_s=5,
    memory_bytes=512 << 20,
    output_bytes=32 << 20,
    file_bytes=8 << 20,
    disk_bytes=32 << 20,
    threads=16,
)
_QUICK = replace(LIMITS, wall_s=20.0)  # an attempt that ends by itself
_GRACE_S = 0.5
_SETTLE_S = 30.0
_PLANTED_VARIABLE = "MILPWRIGHT_PLANTED"
_ELSEWHERE = ("/tmp/milpwright-planted", "/dev/shm/milpwright-planted")  # noqa: S108 - where attempts try to write


@dataclass(frozen=True, slots=True)
class Finding:
    """What one attempt, or one look at the machine afterwards, came to."""

    name: str
    held: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """Every finding, the layers that were there, and why nothing could be run where that is so."""

    findings: tuple[Finding, ...]
    layers: tuple[dict[str, Any], ...]
    unavailable: str = ""

    @property
    def held(self) -> bool:
        """Whether every attempt was stopped."""
        return not self.unavailable and all(finding.held for finding in self.findings)

    def lines(self) -> Iterator[str]:
        """Return the report in words, what failed first."""
        if self.unavailable:
            yield self.unavailable
        for finding in sorted(self.findings, key=lambda finding: finding.held):
            yield f"{'held  ' if finding.held else 'FAILED'}  {finding.name}: {finding.detail}"
        for layer in self.layers:
            kind = "required" if layer["required"] else "optional"
            detail = f": {layer['detail']}" if layer["detail"] else ""
            yield f"layer   {layer['name']} ({kind}) {'holds' if layer['holds'] else 'is missing'}{detail}"
        stopped = sum(finding.held for finding in self.findings)
        yield f"{stopped} of {len(self.findings)} held"


def run(chosen: tuple[Attempt, ...] = attempts.ALL, *, parallel: int = 2, grace_s: float = _GRACE_S) -> Report:
    """Make each attempt in a child of its own, then look at what the machine shows; takes about a quarter minute.

    A run that ends more than ``grace_s`` after its wall limit counts as not held; a busy machine needs more of it.
    """
    with _planted_secret() as secret, Sandbox(parallel=parallel) as sandbox, _listener() as (port, connections):
        refused = sandbox.unavailable()
        pid, runs = sandbox.zygote_pid, sandbox.runs_folder
        if refused is not None or pid is None or runs is None:
            return Report((), sandbox.counters.layers, str(refused))
        planted = _plant(Path(runs), secret)
        before = _picture(planted)
        sandbox.run(f"tenant = {secret!r}", {"other": secret})
        data = probe.surroundings(pid, runs, planted=str(planted), port=port)

        def made(attempt: Attempt) -> Finding:
            started = time.monotonic()
            limits = LIMITS if attempt.ends else _QUICK
            outcome = sandbox.run(program((attempt,)), data, limits)
            return judge(attempt, outcome, time.monotonic() - started - limits.wall_s - grace_s)

        quick = [attempt for attempt in chosen if not attempt.ends]
        slow = [attempt for attempt in chosen if attempt.ends]
        with ThreadPoolExecutor(parallel) as pool:
            findings = [*pool.map(made, quick), *pool.map(made, slow)]
        _settle(Path(runs))
        findings += [
            Finding("the zygote is still the same", sandbox.zygote_pid == pid, f"process {pid}"),
            _equal("what was planted is as it was", before, _picture(planted)),
            _equal("nobody connected", [], connections),
            _equal("no run's folder is left", [planted.name], sorted(entry.name for entry in Path(runs).iterdir())),
            _equal("no process is left", [], children_of(pid)),
            _equal("nothing was written elsewhere", [], [path for path in _ELSEWHERE if Path(path).exists()]),
        ]
        return Report(tuple(findings), sandbox.counters.layers)


def judge(attempt: Attempt, outcome: Outcome, late_s: float) -> Finding:
    """Return whether the sandbox held against the attempt, judged by what its run came to, and how late (if > 0)."""
    printed = "" if isinstance(outcome, (LimitHit, SandboxUnavailable)) else outcome.printed
    verdict, detail = probe.verdicts(printed).get(attempt.name, ("", ""))
    if verdict == "ESCAPED":
        return Finding(attempt.name, held=False, detail=f"it got through: {detail}")
    if isinstance(outcome, SandboxUnavailable):
        return Finding(attempt.name, held=False, detail=f"its run took the sandbox down: {outcome}")
    if late_s > 0:
        return Finding(attempt.name, held=False, detail=f"it ended {late_s:.2f} s too late")
    if attempt.ends:
        held = isinstance(outcome, LimitHit) and outcome.which in (*attempt.ends, LimitKind.WALL, LimitKind.CPU)
        held = held or verdict == "stopped" or (attempt.crash and isinstance(outcome, ProgramError))
        words = str(outcome) if isinstance(outcome, (LimitHit, ProgramError)) else f"it ran to its end ({detail})"
        return Finding(attempt.name, held, words)
    if attempt.crash:
        words = str(outcome) if isinstance(outcome, (LimitHit, ProgramError)) else f"it changed nothing ({detail})"
        return Finding(attempt.name, verdict != "broken", words)
    held = isinstance(outcome, Built) and verdict in ("stopped", "absent")
    return Finding(attempt.name, held, f"{verdict}: {detail}" if verdict else f"no verdict: {outcome}")


def _settle(runs: Path) -> None:
    """Wait until the folders of runs that were killed have been emptied, or a while has passed."""
    until = time.monotonic() + _SETTLE_S
    while time.monotonic() < until and len(list(runs.iterdir())) > 1:
        time.sleep(0.05)


def children_of(pid: int) -> list[int]:
    """Return the processes whose parent is ``pid``."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                if int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1]) == pid:
                    found.append(int(entry.name))
    return found


def _equal(name: str, expected: object, found: object) -> Finding:
    return Finding(name, expected == found, "as it should be" if expected == found else f"found {found}")


def _plant(runs: Path, secret: str) -> Path:
    folder = runs / "another"
    folder.mkdir(mode=0o755)
    (folder / "secret").write_text(secret)
    (folder / "open").write_text("as it was")
    folder.chmod(0o777)
    (folder / "open").chmod(0o666)
    return folder


def _picture(folder: Path) -> list[tuple[str, int, int, str]]:
    picture = []
    for path in sorted([*folder.iterdir(), Path(formulation.__file__)]):
        status = path.stat()
        picture.append((path.name, stat.S_IMODE(status.st_mode), status.st_mtime_ns, path.read_text()))
    return picture


@contextmanager
def _planted_secret() -> Iterator[str]:
    """Plant a secret in this process's environment, as a server's keys are."""
    secret = f"PLANTED-{secrets.token_hex(16)}"
    os.environ[_PLANTED_VARIABLE] = secret
    try:
        yield secret
    finally:
        del os.environ[_PLANTED_VARIABLE]


@contextmanager
def _listener() -> Iterator[tuple[int, list[object]]]:
    """Listen on the loopback; give the port and the list of who has connected."""
    connections: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    channel, address = server.accept()
                    connections.append(address)
                    channel.close()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], connections
        server.shutdown(socket.SHUT_RDWR)


def main(arguments: list[str]) -> int:
    """Print the report, as JSON where asked; 0 where everything held. ``--patient`` is for a busy machine."""
    report = run(grace_s=60.0 if "--patient" in arguments else _GRACE_S)
    if "--json" in arguments:
        document = {"held": report.held, "unavailable": report.unavailable, "layers": list(report.layers)}
        text = json.dumps({**document, "findings": [asdict(finding) for finding in report.findings]}, indent=1)
    else:
        text = "\n".join(report.lines())
    sys.stdout.write(text + "\n")
    return 0 if report.held else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
