"""Two workers in network namespaces of their own share one PostgreSQL; one is cut off in the middle of its jobs.

Needs root and iproute2. The jobs of the one that is cut off must end at the other within 30 seconds.

    python -m benchmarks.service.partition --server /usr/lib/postgresql/15/bin
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.service.endpoint import ScriptedEndpoint, optimum_of, text_of
from benchmarks.service.processes import Process, wait_ready

HUB = "10.213.77.1"


@dataclass(slots=True)
class PartitionReport:
    """What happened: how the jobs were shared, and how long after the cut the last of them had ended elsewhere."""

    jobs: int
    shared: dict[str, int] = field(default_factory=dict)
    held_at_cut: int = 0
    right: int = 0
    seconds_after_cut: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether both workers had a share and everything ended right in time."""
        return (
            self.right == self.jobs and len(self.shared) == 2 and self.held_at_cut > 0 and self.seconds_after_cut < 30
        )


def refusal() -> str:
    """Return why this cannot be run here; empty where it can."""
    if os.geteuid() != 0:
        return "network namespaces are made by root alone"
    if shutil.which("ip") is None:
        return "iproute2 is not installed"
    made = subprocess.run(["ip", "netns", "add", "mwtry"], capture_output=True, check=False)  # noqa: S607
    if made.returncode != 0:
        return f"no network namespace can be made: {made.stderr.decode().strip()}"
    _ip("netns", "del", "mwtry")
    return ""


@contextmanager
def namespaces(names: tuple[str, ...]) -> Iterator[None]:
    """Hold namespaces that reach this one at `HUB`, each through a pair of interfaces of its own."""
    _ip("link", "add", "mwhub", "type", "bridge")
    try:
        _ip("addr", "add", f"{HUB}/24", "dev", "mwhub")
        _ip("link", "set", "mwhub", "up")
        for k, name in enumerate(names):
            _ip("netns", "add", name)
            _ip("link", "add", f"{name}o", "type", "veth", "peer", "name", f"{name}i")
            _ip("link", "set", f"{name}o", "master", "mwhub", "up")
            _ip("link", "set", f"{name}i", "netns", name)
            _ip("-n", name, "addr", "add", f"10.213.77.{k + 2}/24", "dev", f"{name}i")
            _ip("-n", name, "link", "set", f"{name}i", "up")
            _ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)  # noqa: S603, S607
        subprocess.run(["ip", "link", "del", "mwhub"], capture_output=True, check=False)  # noqa: S607


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)  # noqa: S603, S607


def partition(database: str, folder: Path, *, jobs: int = 16, port: int = 18_767) -> PartitionReport:
    """Return the report of one cut. The database must listen at `HUB`, and ``namespaces`` must be held."""
    endpoint = ScriptedEndpoint(HUB, seconds=1.5)
    environment = {
        "MILPWRIGHT_DATABASE_URL": database,
        "MILPWRIGHT_CHAT_BASE_URL": endpoint.base_url,
        "MILPWRIGHT_CHAT_MODEL": "scripted",
        "MILPWRIGHT_CHAT_API_KEY": "none",
        "MILPWRIGHT_CHAT_RETRIES": "0",
        "MILPWRIGHT_REFUSE_REAL_CALLS": "",  # the endpoint is this one, on an address of its own
        "MILPWRIGHT_LEASE_S": "5",
        "MILPWRIGHT_SLOTS": "4",
        "MILPWRIGHT_LOG_LEVEL": "warning",
    }
    url = f"http://127.0.0.1:{port}"
    api = Process(["serve", "--no-worker", "--port", str(port)], environment, folder / "api.log")
    workers = {
        name: Process(["worker"], environment, folder / f"{name}.log", prefix=("ip", "netns", "exec", name))
        for name in ("mwa", "mwb")
    }
    report = PartitionReport(jobs)
    try:
        wait_ready(url)
        deadline = time.monotonic() + 60
        while not all('"ready"' in worker.log.read_text() for worker in workers.values()):
            if time.monotonic() > deadline:
                raise TimeoutError("a worker is not ready")
            time.sleep(0.1)
        places = [
            httpx.post(f"{url}/v1/jobs", json={"text": text_of(n)}, timeout=20).headers["location"] for n in range(jobs)
        ]
        time.sleep(1.0)
        running = [job for job in _jobs(url, places) if job["state"] == "running"]
        holders = [_holder(url, job["id"]) for job in running]
        report.shared = {holder: holders.count(holder) for holder in set(holders)}
        _ip("link", "set", "mwao", "down")
        cut = time.monotonic()
        lost = _executor(workers["mwa"])
        report.held_at_cut = sum(holder == lost for holder in holders)
        for n, place in enumerate(places):
            job = httpx.get(url + place, params={"wait_s": 60}, timeout=90).json()
            value = ((job["answer"] or {}).get("objective") or {}).get("value")
            report.right += value == optimum_of(n)
        report.seconds_after_cut = round(time.monotonic() - cut, 1)
        _ip("link", "set", "mwao", "up")
    finally:
        for process in (*workers.values(), api):
            process.popen.kill()
            process.popen.wait()
        endpoint.close()
    return report


def _jobs(url: str, places: list[str]) -> list[dict[str, Any]]:
    return [httpx.get(url + place, timeout=20).json() for place in places]


def _holder(url: str, job: str) -> str:
    """Return the executor that was the last to begin the job."""
    holder = ""
    transcript = httpx.get(f"{url}/v1/jobs/{job}/artifacts/transcript.jsonl", timeout=20).text
    for line in transcript.splitlines():
        told = json.loads(line)
        if told["kind"] == "started":
            holder = told["event"]["executor"]
    return holder


def _executor(worker: Process) -> str:
    for line in worker.log.read_text().splitlines():
        if '"ready"' in line:
            executor: str = json.loads(line)["executor"]
            return executor
    return ""


def main() -> None:
    """Run one cut on a server of its own and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", type=Path, default=Path("/usr/lib/postgresql/15/bin"))
    parser.add_argument("--jobs", type=int, default=16)
    asked = parser.parse_args()
    if reason := refusal():
        raise SystemExit(reason)
    with tempfile.TemporaryDirectory(prefix="milpwright-partition-") as name, namespaces(("mwa", "mwb")):
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "server").mkdir()
        shutil.chown(folder / "server", "nobody")
        data = folder / "server" / "data"

        def server(*command: str) -> None:
            subprocess.run(  # noqa: S603
                [asked.server / command[0], *command[1:]],
                user="nobody",
                cwd=folder / "server",
                check=True,
                stdout=subprocess.DEVNULL,
            )

        server("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-N")
        with (data / "pg_hba.conf").open("a") as access:
            access.write("host all all 10.213.77.0/24 trust\n")
        options = f"-p 54377 -k {folder}/server -c listen_addresses={HUB} -F"
        server("pg_ctl", "-D", str(data), "-o", options, "-l", f"{folder}/server/log", "-w", "start")
        try:
            report = partition(f"postgresql://postgres@{HUB}:54377/postgres", folder, jobs=asked.jobs)
        finally:
            server("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    print(json.dumps({**asdict(report), "passed": report.passed}, indent=1))  # noqa: T201
    raise SystemExit(0 if report.passed else 1)


if __name__ == "__main__":
    main()
