"""The service as processes: killed, cut off, refused, drained, and its database full, backed up and restored."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from app.jobs.database import make_engine
from benchmarks.service import partition
from benchmarks.service.chaos import chaos
from benchmarks.service.endpoint import ScriptedEndpoint, optimum_of, text_of
from benchmarks.service.processes import Process, wait_ready

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def endpoint():
    scripted = ScriptedEndpoint(seconds=0.05)
    yield scripted
    scripted.close()


@pytest.fixture
def start(tmp_path, endpoint):
    """Starts processes of the service, and kills what is left of them in the end."""
    started = []

    def started_with(*arguments, **environment):
        given = {
            "MILPWRIGHT_CHAT_BASE_URL": endpoint.base_url,
            "MILPWRIGHT_CHAT_MODEL": "scripted",
            "MILPWRIGHT_CHAT_API_KEY": "none",
            "MILPWRIGHT_LOG_LEVEL": "warning",
            **environment,
        }
        process = Process([*arguments], given, tmp_path / f"{len(started)}.log")
        started.append(process)
        return process

    yield started_with
    for process in started:
        if process.popen.poll() is None:
            process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds=180):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_killed_processes_lose_no_job_and_repeat_no_finished_call(database_url, tmp_path):
    report = chaos(jobs=8, kills=3, database=database_url, folder=tmp_path, workers=2, call_seconds=0.4, limit_s=600)
    assert report.wrong == []
    assert (report.right, report.doubled, report.repeated, report.orphans) == (8, 0, [], [])


@pytest.mark.slow
@pytest.mark.postgres
def test_the_jobs_of_a_worker_that_is_cut_off_end_at_the_other(postgres, tmp_path):
    if reason := partition.refusal():
        pytest.skip(reason)
    with (postgres.data / "pg_hba.conf").open("a") as access:
        access.write("host all all 10.213.77.0/24 trust\n")
    with partition.namespaces(("mwa", "mwb")):
        postgres.stop("fast")
        postgres.start(f"{postgres.host},{partition.HUB}")
        try:
            url = postgres.new_database().replace(postgres.host, partition.HUB)
            report = partition.partition(url, tmp_path, port=free_port())
        finally:
            postgres.stop()
            postgres.start()
    assert report.held_at_cut > 0
    assert report.right == report.jobs


def test_another_address_is_not_served_before_there_is_a_key(start, tmp_path):
    url = f"sqlite:///{tmp_path}/jobs.sqlite3"
    refused = start("serve", "--host", "0.0.0.0", "--port", str(free_port()), MILPWRIGHT_DATABASE_URL=url)
    assert refused.popen.wait(180) == 2
    assert "milpwright keys create" in refused.log.read_text()


@pytest.mark.slow
def test_a_cancelled_job_of_another_process_stops_and_a_drained_one_goes_on(start, database_url):
    port = free_port()
    environment = {"MILPWRIGHT_DATABASE_URL": database_url, "MILPWRIGHT_DRAIN_S": "0"}
    slow = ScriptedEndpoint(seconds=600.0)
    environment["MILPWRIGHT_CHAT_BASE_URL"] = slow.base_url
    start("serve", "--no-worker", "--port", str(port), **environment)
    worker = start("worker", **environment)
    url = f"http://127.0.0.1:{port}"
    wait_ready(url)
    cancelled = httpx.post(f"{url}/v1/jobs", json={"text": text_of(1)}, timeout=180).headers["location"]
    drained = httpx.post(f"{url}/v1/jobs", json={"text": text_of(2)}, timeout=180).headers["location"]
    wait_for(lambda: len(slow.calls) == 2)
    httpx.delete(url + cancelled, timeout=180)
    assert httpx.get(url + cancelled, params={"wait_s": 150}, timeout=180).json()["state"] == "cancelled"
    slow.seconds = 0.0
    assert worker.terminate(180) == 0
    assert httpx.get(url + drained, timeout=180).json()["state"] in ("running", "queued")
    start("worker", **environment)
    job = httpx.get(url + drained, params={"wait_s": 150}, timeout=180).json()
    slow.close()
    assert job["answer"]["objective"]["value"] == optimum_of(2)


def test_a_full_disk_is_said_clearly_and_harms_nothing(start, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m", "none", disk], capture_output=True, check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("a small file system is mounted by root alone")
    try:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        start("serve", "--port", str(port), MILPWRIGHT_DATABASE_URL=f"sqlite:///{disk}/jobs.sqlite3")
        wait_ready(url)
        before = httpx.post(f"{url}/v1/solve", json={"text": text_of(3)}, timeout=180)
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        refused = httpx.post(f"{url}/v1/solve", json={"text": text_of(4)}, timeout=180)
        filler.unlink()
        after = httpx.post(f"{url}/v1/solve", json={"text": text_of(5)}, timeout=180)
    finally:
        held = sqlite3.connect(disk / "jobs.sqlite3")
        sound = held.execute("PRAGMA integrity_check").fetchone()[0]
        held.close()
        subprocess.run(["umount", "-l", disk], check=True)
    assert (before.status_code, refused.status_code, after.status_code) == (200, 503, 200)
    assert "disk" in refused.json()["detail"]
    assert after.json()["objective"]["value"] == optimum_of(5)
    assert sound == "ok"


def test_a_restored_backup_holds_the_answers_and_goes_on_with_the_rest(start, database_url, postgres_tools, tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    first = start("serve", "--no-worker", "--port", str(port), MILPWRIGHT_DATABASE_URL=database_url)
    wait_ready(url)
    place = httpx.post(f"{url}/v1/jobs", json={"text": text_of(6)}, timeout=180).headers["location"]
    restored = backed_up(database_url, postgres_tools, tmp_path)
    httpx.delete(url + place, timeout=180)
    first.terminate()
    start("serve", "--port", str(port), MILPWRIGHT_DATABASE_URL=restored)
    wait_ready(url)
    job = httpx.get(url + place, params={"wait_s": 150}, timeout=180).json()
    assert job["answer"]["objective"]["value"] == optimum_of(6)


@pytest.fixture
def postgres_tools(database_url, request):
    return request.getfixturevalue("postgres") if database_url.startswith("postgresql") else None


def backed_up(url, server, tmp_path):
    """Return the URL of a database restored from a backup of this one, as docs/operations.md says."""
    if server is None:
        copy = tmp_path / "copy.sqlite3"
        source, target = sqlite3.connect(sa.make_url(url).database), sqlite3.connect(copy)
        source.backup(target)
        source.close()
        target.close()
        return f"sqlite:///{copy}"
    dump = tmp_path / "copy.dump"
    subprocess.run([server.bin / "pg_dump", "--format=custom", f"--file={dump}", url], check=True)
    fresh = server.new_database()
    subprocess.run([server.bin / "pg_restore", f"--dbname={fresh}", dump], check=True)
    return fresh


def test_a_database_in_memory_is_refused():
    with pytest.raises(ValueError, match="lose every job"):
        make_engine("sqlite://")


def test_the_example_of_compose_and_the_dockerfile_keep_the_rules():
    root = Path(__file__).resolve().parents[2]
    checked = subprocess.run(
        [sys.executable, root / "scripts" / "container-check", "--lint"], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.slow
def test_the_service_keeps_to_its_own_document():
    script = Path(__file__).resolve().parents[2] / "scripts" / "schemathesis"
    held = subprocess.run([script, "100", "1"], capture_output=True, text=True, timeout=800)
    assert held.returncode == 0, held.stdout[-4000:]
