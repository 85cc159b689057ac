"""Processes of the service, started and killed as an operator's machinery or bad luck would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

MILPWRIGHT = Path(sys.executable).parent / "milpwright"


class Process:
    """One process of the service in a session of its own, its log in a file."""

    def __init__(
        self, arguments: list[str], environment: Mapping[str, str], log: Path, *, prefix: tuple[str, ...] = ()
    ) -> None:
        self.arguments, self.log = arguments, log
        with log.open("ab") as stream:
            self.popen = subprocess.Popen(  # noqa: S603 - our own commands
                [*prefix, str(MILPWRIGHT), *arguments],
                env={**os.environ, **environment},
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The id of the process, which is that of its session."""
        return self.popen.pid

    @property
    def ready(self) -> bool:
        """Whether the process has said in its log that it works."""
        said = self.log.read_text(encoding="utf-8", errors="replace")
        return f"-{self.pid}-" in said

    def kill(self) -> None:
        """SIGKILL, which no process can prepare for."""
        self.popen.kill()
        self.popen.wait()

    def terminate(self, seconds: float = 180.0) -> int:
        """SIGTERM, and return the exit code once the process has drained."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(seconds)


def wait_ready(url: str, seconds: float = 180.0) -> None:
    """Return once the service takes work. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", timeout=2.0).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{url} is not ready after {seconds} s")


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def orphans(sessions: set[int]) -> list[tuple[int, str]]:
    """Return the processes that are left of these sessions, with their commands."""
    left = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text(encoding="utf-8").rsplit(")", 1)[-1].split()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[3]) in sessions:
            left.append((int(entry.name), command.strip()[:100]))
    return left
