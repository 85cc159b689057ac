"""Jobs under fire: API and workers killed at random while a scripted chat model is asked.

Every job must end with the right answer, no finished model call may be repeated, and no process may be left.

    python -m benchmarks.service.chaos --jobs 100 --kills 30 [--database postgresql://...] [--restart COMMAND]
"""

from __future__ import annotations

import argparse
import json
import random
import shlex
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from benchmarks.service.endpoint import ScriptedEndpoint, optimum_of, text_of
from benchmarks.service.processes import Process, orphans, wait_ready

PATIENCE_S = 5.0
"""How long a worker that has been drawn may be without a job before another process is drawn."""
CLOCK_S = 0.005
"""How far two readings of the clock may be apart: what is written is rounded to milliseconds."""


@dataclass(slots=True)
class ChaosReport:
    """What was done, and what came out.

    ``struck`` are the jobs that killed processes were working on, counted once for each kill.
    ``cut_off`` are model calls whose step had not been written down when a process died, and that had to be made
    again; ``repeated`` are those made after their step had been written down, or of a step that never was.
    """

    jobs: int
    kills: int = 0
    struck: int = 0
    restarts: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    doubled: int = 0
    calls: int = 0
    repeated: list[str] = field(default_factory=list)
    cut_off: int = 0
    orphans: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing was lost, doubled, repeated or left behind."""
        return self.right == self.jobs and not (self.wrong or self.doubled or self.repeated or self.orphans)


def chaos(
    *,
    jobs: int,
    kills: int,
    database: str,
    folder: Path,
    apis: int = 1,
    workers: int = 2,
    seed: int = 0,
    restart: list[str] | None = None,
    restarts: int = 2,
    call_seconds: float = 0.15,
    limit_s: float = 600.0,
) -> ChaosReport:
    """Return the report of one campaign. ``restart`` is a command that restarts the database server."""
    chance = random.Random(seed)  # noqa: S311 - chaos, not cryptography
    endpoint = ScriptedEndpoint(seconds=call_seconds)
    environment = {
        "MILPWRIGHT_DATABASE_URL": database,
        "MILPWRIGHT_CHAT_BASE_URL": endpoint.base_url,
        "MILPWRIGHT_CHAT_MODEL": "scripted",
        "MILPWRIGHT_CHAT_API_KEY": "none",
        "MILPWRIGHT_LOG_LEVEL": "warning",
        "MILPWRIGHT_SLOTS": "6",
    }
    ports = [_free_port() for _ in range(apis)]
    commands = [["serve", "--port", str(port), "--no-worker"] for port in ports] + [["worker"]] * workers
    processes = [Process(command, environment, folder / f"{k}.log") for k, command in enumerate(commands)]
    sessions = {process.pid for process in processes}
    report = ChaosReport(jobs)
    started = time.monotonic()
    ids: dict[int, str] = {}
    engine = _engine(database)
    try:
        for port in ports:
            wait_ready(f"http://127.0.0.1:{port}")
        due = threading.Semaphore(0)
        submitting = threading.Thread(target=_submit, args=(ports, jobs, ids, due, started + limit_s), daemon=True)
        submitting.start()
        restart_at = {round((k + 1) * kills / (restarts + 1)) for k in range(restarts)} if restart else set()
        for k in range(kills):
            due.release(jobs // kills)
            time.sleep(0.2 + 0.6 * chance.random())
            place, held = _one_at_work(processes, chance, engine, started + limit_s)
            processes[place].kill()
            report.kills += 1
            report.struck += held
            if k in restart_at and restart:
                subprocess.run(restart, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - the caller's command
                report.restarts += 1
            processes[place] = Process(commands[place], environment, folder / f"{place}.log")
            sessions.add(processes[place].pid)
        due.release(jobs)
        for port in ports:
            wait_ready(f"http://127.0.0.1:{port}")
        submitting.join(limit_s)
        _judge(report, ids, ports[0], started + limit_s)
    finally:
        for process in processes:
            process.terminate()
        report.seconds = round(time.monotonic() - started, 1)
        endpoint.close()
        engine.dispose()
    time.sleep(1.0)
    report.orphans = orphans(sessions)
    report.calls = sum(len(calls) for calls in endpoint.calls.values())
    _count_repeats(report, endpoint, ids, database)
    return report


def _one_at_work(processes: list[Process], chance: random.Random, engine: sa.Engine, until: float) -> tuple[int, int]:
    """Return the place of a process drawn by lot, once it works on jobs, and on how many it does.

    One that takes jobs in is always at work once it is ready. Where a worker gets none for a while, another process
    is drawn.
    """
    while time.monotonic() < until:
        place = chance.randrange(len(processes))
        drawn_until = min(time.monotonic() + PATIENCE_S, until)
        while time.monotonic() < drawn_until:
            for process in processes:
                if process.popen.poll() is not None:
                    raise RuntimeError(f"{process.arguments} ended by itself; see {process.log}")
            if processes[place].ready:
                held = _held(engine, processes[place].pid)
                if held or processes[place].arguments[0] == "serve":
                    return place, held
            time.sleep(0.02)
    raise TimeoutError("no process came to work")


def _held(engine: sa.Engine, pid: int) -> int:
    """Return the number of jobs that a process works on; 0 where the database cannot say."""
    query = "SELECT COUNT(*) FROM milpwright_jobs WHERE state = 'running' AND executor LIKE :executor"
    try:
        with engine.connect() as connection:
            return int(connection.execute(sa.text(query), {"executor": f"%-{pid}-%"}).scalar_one())
    except sa.exc.SQLAlchemyError:
        return 0


def _submit(ports: list[int], jobs: int, ids: dict[int, str], due: threading.Semaphore, until: float) -> None:
    """Submit every problem once, however often it takes: the idempotency key makes that safe."""
    for n in range(jobs):
        due.acquire()
        while n not in ids and time.monotonic() < until:
            try:
                response = httpx.post(
                    f"http://127.0.0.1:{ports[n % len(ports)]}/v1/jobs",
                    json={"text": text_of(n), "options": {"effort": "medium"}},
                    headers={"Idempotency-Key": f"problem-{n}"},
                    timeout=10.0,
                )
                if response.status_code == 202:
                    ids[n] = response.json()["id"]
                    continue
            except (httpx.HTTPError, ValueError):
                pass
            time.sleep(0.1)


def _judge(report: ChaosReport, ids: dict[int, str], port: int, until: float) -> None:
    for n in range(report.jobs):
        if n not in ids:
            report.wrong.append(f"problem {n} was never taken in")
            continue
        job: dict[str, Any] = {"state": "queued"}
        while job["state"] in ("queued", "running") and time.monotonic() < until:
            job = httpx.get(f"http://127.0.0.1:{port}/v1/jobs/{ids[n]}", params={"wait_s": 20}, timeout=180.0).json()
        answer = job.get("answer") or {}
        value = (answer.get("objective") or {}).get("value")
        if answer.get("status") == "optimal" and value == optimum_of(n):
            report.right += 1
        else:
            report.wrong.append(f"problem {n}: {job['state']} {answer.get('status')} {value}")
    listed: list[str] = []
    before: str | None = None
    while True:
        parameters = {"limit": "200", **({"before": before} if before else {})}
        page = httpx.get(f"http://127.0.0.1:{port}/v1/jobs", params=parameters, timeout=180.0).json()
        listed += [item["id"] for item in page["items"] if item["title"].startswith("Order ")]
        before = page["next"]
        if before is None:
            break
    report.doubled = len(listed) - len(set(ids.values()))


_STEPS = {"FormulatorReply": "FormulateText", "CoderReply": "WriteProgram"}


def _count_repeats(report: ChaosReport, endpoint: ScriptedEndpoint, ids: dict[int, str], database: str) -> None:
    """Sort the calls that came twice by whether the step had been written down when the last of them came."""
    engine = _engine(database)
    table = "dbos.operation_outputs" if engine.dialect.name == "postgresql" else "operation_outputs"
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text(f"SELECT workflow_uuid, function_name, completed_at_epoch_ms FROM {table}")  # noqa: S608
        ).all()
    engine.dispose()
    written = {(row[0].split(".")[0], row[1]): row[2] / 1000 for row in rows}
    for (n, kind), calls in endpoint.calls.items():
        at = written.get((ids.get(n, ""), _STEPS.get(kind, kind)))
        # The first call of all is no repetition; one that was made by nobody knows when came before it.
        again = sorted(times[0] for times in calls)[1:]
        late = [came for came in again if at is None or came > at + CLOCK_S]
        report.repeated += [f"problem {n}, {kind}: called at {came:.3f}, written at {at}" for came in late]
        report.cut_off += len(again) - len(late)


def _engine(database: str) -> sa.Engine:
    url = sa.make_url(database)
    postgres = url.get_backend_name() == "postgresql"
    return sa.create_engine(url.set(drivername="postgresql+psycopg") if postgres else url, pool_pre_ping=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Run a campaign and print its report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--database", default="", help="a URL; a SQLite file of its own where none is given")
    parser.add_argument("--restart", default="", help="a command that restarts the database server")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="milpwright-chaos-") as name:
        folder = Path(name)
        database = asked.database or f"sqlite:///{folder}/jobs.sqlite3"
        report = chaos(
            jobs=asked.jobs,
            kills=asked.kills,
            database=database,
            folder=folder,
            seed=asked.seed,
            restart=shlex.split(asked.restart) or None,
        )
    print(json.dumps(asdict(report), indent=1))  # noqa: T201
    raise SystemExit(0 if report.passed else 1)


if __name__ == "__main__":
    main()
