"""Two workers in network namespaces of their own share one PostgreSQL; one is cut off in the middle of its jobs.

Needs root and iproute2. The jobs of the one that is cut off must end at the other within 30 seconds. The cut comes
at the worst moment: while the worker has changed rows and not committed, so that the server holds their locks for it.

    python -m benchmarks.service.partition --server /usr/lib/postgresql/15/bin
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx
import psycopg

from benchmarks.service.endpoint import ScriptedEndpoint, optimum_of, text_of
from benchmarks.service.processes import Process, wait_ready

HUB, CUT_OFF = "10.213.77.1", "10.213.77.2"


@dataclass(slots=True)
class PartitionReport:
    """What happened: how the jobs were shared, and how long after the cut the last of them had ended elsewhere."""

    jobs: int
    shared: dict[str, int] = field(default_factory=dict)
    held_at_cut: int = 0
    uncommitted_at_cut: int = 0
    right: int = 0
    seconds_after_cut: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether both workers had a share and everything ended right in time."""
        return (
            self.right == self.jobs
            and len(self.shared) == 2
            and min(self.held_at_cut, self.uncommitted_at_cut) > 0
            and self.seconds_after_cut < 30
        )


def refusal() -> str:
    """Return why this cannot be run here; empty where it can."""
    if os.geteuid() != 0:
        return "network namespaces are made by root alone"
    if shutil.which("ip") is None:
        return "iproute2 is not installed"
    name = f"mwtry{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)  # noqa: S603, S607
    if made.returncode != 0:
        return f"no network namespace can be made: {made.stderr.decode().strip()}"
    _ip("netns", "del", name)
    return ""


@contextmanager
def namespaces(names: tuple[str, ...]) -> Iterator[None]:
    """Hold namespaces that reach this one at `HUB`, each through a pair of interfaces of its own.

    One run at a time on a machine; a second one waits. What a killed run has left is removed first.
    """
    with Path(tempfile.gettempdir(), "milpwright-partition.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _remove(names)
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
            _remove(names)


def _remove(names: tuple[str, ...]) -> None:
    # A namespace outlives its name while a connection in it has not been given up: its interface goes by itself.
    for name in names:
        subprocess.run(["ip", "link", "del", f"{name}o"], capture_output=True, check=False)  # noqa: S603, S607
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
        deadline = time.monotonic() + 180
        while not all('"ready"' in worker.log.read_text() for worker in workers.values()):
            if time.monotonic() > deadline:
                raise TimeoutError("a worker is not ready")
            time.sleep(0.1)
        places = [
            httpx.post(f"{url}/v1/jobs", json={"text": text_of(n)}, timeout=120).headers["location"]
            for n in range(jobs)
        ]
        held = _stop_in_a_transaction(workers["mwa"], database, report)
        _ip("link", "set", "mwao", "down")
        workers["mwa"].popen.send_signal(signal.SIGCONT)
        cut = time.monotonic()
        for place in sorted(places, key=lambda place: place.rpartition("/")[2] not in held):
            job = httpx.get(url + place, params={"wait_s": 150}, timeout=180).json()
            value = ((job["answer"] or {}).get("objective") or {}).get("value")
            report.right += value == optimum_of(places.index(place))
            if job["id"] in held:
                report.seconds_after_cut = round(time.monotonic() - cut, 1)
        _ip("link", "set", "mwao", "up")
    finally:
        for process in (*workers.values(), api):
            process.popen.kill()
            process.popen.wait()
        endpoint.close()
    return report


def _stop_in_a_transaction(worker: Process, database: str, report: PartitionReport) -> set[str]:
    """Stop the worker while it holds uncommitted changes of its jobs and return the jobs that it works on.

    After some seconds in which it was never met with any, it is stopped with none. Raises `TimeoutError` where the
    worker gets no job.
    """
    executor = _executor(worker)
    began = time.monotonic()
    with psycopg.connect(database, autocommit=True) as look:
        while True:
            worker.popen.send_signal(signal.SIGSTOP)
            time.sleep(0.02)  # what is under way at the server ends
            running = look.execute("SELECT executor, id FROM milpwright_jobs WHERE state = 'running'").fetchall()
            held = {str(job) for holder, job in running if holder == executor}
            report.uncommitted_at_cut = len(look.execute(_UNCOMMITTED, (CUT_OFF,)).fetchall())
            waited = time.monotonic() - began
            if held and (report.uncommitted_at_cut or waited > 10.0):
                holders = [str(holder) for holder, _ in running]
                report.shared = {holder: holders.count(holder) for holder in set(holders)}
                report.held_at_cut = len(held)
                return held
            worker.popen.send_signal(signal.SIGCONT)
            if waited > 180.0:
                raise TimeoutError("the worker gets no job")
            time.sleep(0.005)


_UNCOMMITTED = """SELECT pid FROM pg_stat_activity
    WHERE client_addr = %s AND backend_xid IS NOT NULL AND state = 'idle in transaction'
    AND query NOT LIKE '%%milpwright_executors%%'"""


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
