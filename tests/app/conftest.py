from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from app.jobs.codec import encode
from app.jobs.job import NewJob
from app.settings import Settings
from formulation.answer import Answer, AnsweredTermination, Status
from formulation.events import SolveFailed, SolveModel
from formulation.formulation import Formulation
from formulation.problem import Problem


class PostgresServer:
    """A PostgreSQL server of its own, in a directory of its own, on a free port of the loopback."""

    def __init__(self, bin_dir: Path, host: str = "127.0.0.1"):
        self.bin = bin_dir
        self.host = host
        self.user = "nobody" if os.getuid() == 0 else None
        self.directory = Path(tempfile.mkdtemp(prefix="milpwright-pg-", dir="/tmp"))
        if self.user:
            shutil.chown(self.directory, self.user)
        with socket.socket() as probe:
            probe.bind((host, 0))
            self.port = probe.getsockname()[1]
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8")
        self.start()

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def _run(self, program, *arguments, check=True):
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self.directory)}
        return subprocess.run(
            [self.bin / program, *arguments],
            check=check,
            cwd=self.directory,
            env=environment,
            user=self.user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def start(self, addresses=None):
        options = (
            f"-p {self.port} -k {self.directory} -c listen_addresses={addresses or self.host} -c max_connections=300 -F"
        )
        self._run("pg_ctl", "-D", self.data, "-o", options, "-l", self.directory / "log", "-w", "start")

    def stop(self, mode="immediate"):
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop", check=False)

    def restart(self):
        self.stop()
        self.start()

    def new_database(self) -> str:
        name = f"test_{time.time_ns()}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@{self.host}:{self.port}/{database}"

    def close(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        pytest.skip("no PostgreSQL server is installed; on Debian: apt-get install postgresql")
    server = PostgresServer(Path(found[-1] if found else on_path).parent)
    yield server
    server.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/jobs.sqlite3"
    return request.getfixturevalue("postgres").new_database()


@pytest.fixture
def settings(database_url):
    return Settings(database_url=database_url, drain_s=0.5, queue_poll_s=0.01, log_level="error")


class Script:
    """A run of steps that a test steers: how many there are, how long each takes, and what was performed."""

    def __init__(self):
        self.steps = 3
        self.seconds = 0.0
        self.held_from = None  # the first step that does not end before this is None again
        self.performed = []
        self.cancelled = []
        self.recorded = []

    def begin(self, running):
        if "no beginning" in running.job.problem:
            raise RuntimeError("a bug, with a secret")
        return ScriptedRun(self, running)


class ScriptedRun:
    def __init__(self, script, running):
        self.script, self.running = script, running

    def recorded(self, event):
        self.script.recorded.append(event.reason)

    async def answer(self, problem, perform):
        if problem.text == "bug":
            raise RuntimeError("a bug, with a secret")
        if problem.text == "question" and not problem.answers:
            return Answer(Status.NEEDS_ANSWERS, AnsweredTermination("needs_answers"), text=problem.text)
        for k in range(self.script.steps):
            await perform(SolveModel(Formulation(title=problem.text), (), "auto", 1.0, k))
        said = " ".join(answer for _, answer in problem.answers)
        return Answer(Status.INFEASIBLE, AnsweredTermination("infeasible"), explanation=said, text=problem.text)

    async def perform(self, step):
        self.script.performed.append((step.formulation.title, step.seed))
        try:
            await asyncio.sleep(self.script.seconds)
            while self.script.held_from is not None and step.seed >= self.script.held_from:
                await asyncio.sleep(0.005)
        except asyncio.CancelledError:
            self.script.cancelled.append((step.formulation.title, step.seed))
            raise
        self.running.progress({"incumbent": float(step.seed)})
        return SolveFailed(f"step {step.seed}", self.script.seconds)


@pytest.fixture
def script():
    return Script()


@pytest.fixture
def new_job():
    def new(text="a problem", owner="me", **fields):
        problem = json.dumps(encode(Problem(text)))
        return NewJob(owner, text, problem, fields.pop("time_limit_s", 60.0), **fields)

    return new
