"""What one process bears: the overhead of a durable job, many jobs at once, memory over thousands, cancellation.

python -m benchmarks.service.load overhead|burst|memory|cancel [--database postgresql://...] [--jobs N]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.service.endpoint import ScriptedEndpoint
from benchmarks.service.endpoint import text_of as problem_of
from benchmarks.service.processes import Process, resident_mb, wait_ready

PORT = 18_765

TEXT = (
    "A farm grows beets and kale. A row of beets earns 3 dollars and a row of kale earns 2 dollars. A row of beets "
    "needs 2 litres of water and a row of kale needs 1 litre of water. At most {water} litres of water are available. "
    "The farm has room for at most {room} rows. How many rows of each should it grow to maximize its profit?"
)


def text_of(n: int) -> str:
    """Return the text of problem ``n``."""
    return TEXT.format(water=100 + n % 50, room=80 + n % 7)


def quantiles(seconds: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile, in milliseconds."""
    return {
        "n": len(seconds),
        "median_ms": round(1e3 * statistics.median(seconds), 1),
        "p95_ms": round(1e3 * statistics.quantiles(seconds, n=20)[-1], 1),
    }


def overhead(url: str, jobs: int) -> dict[str, Any]:
    """Return the time of a solve over HTTP beside that of its steps, and the time to the first event."""
    whole, around, first = [], [], []
    with httpx.Client(base_url=url, timeout=60.0) as client:
        for n in range(jobs + 5):
            began = time.perf_counter()
            response = client.post("/v1/solve", json={"text": text_of(n)})
            took = time.perf_counter() - began
            answer = response.raise_for_status().json()
            steps = sum(answer["timings"].values())
            if n >= 5:
                whole.append(took)
                around.append(took - steps)
        for n in range(jobs):
            began = time.perf_counter()
            place = client.post("/v1/jobs", json={"text": text_of(n)}).headers["location"]
            with client.stream("GET", f"{place}/events") as stream:
                for line in stream.iter_lines():
                    if line.startswith("data:"):
                        first.append(time.perf_counter() - began)
                        break
    return {
        "status": answer["status"],
        "solve": quantiles(whole),
        "around the steps": quantiles(around),
        "first event": quantiles(first),
    }


def burst(url: str, jobs: int) -> dict[str, Any]:
    """Return how many jobs a second are answered when all are submitted at once."""

    async def run() -> dict[str, Any]:
        limits = httpx.Limits(max_connections=40)
        async with httpx.AsyncClient(base_url=url, timeout=300.0, limits=limits) as client:
            began = time.perf_counter()
            taken = await asyncio.gather(*(client.post("/v1/jobs", json={"text": text_of(n)}) for n in range(jobs)))
            submitted = time.perf_counter() - began
            places = [response.headers["location"] for response in taken]
            over = await asyncio.gather(*(client.get(place, params={"wait_s": 300}) for place in places))
            seconds = time.perf_counter() - began
        answers = [response.json().get("answer") or {} for response in over]
        return {
            "jobs": jobs,
            "distinct": len(set(places)),
            "statuses": {
                status: sum(a.get("status") == status for a in answers) for status in {a.get("status") for a in answers}
            },
            "right": sum(_right(n, answer) for n, answer in enumerate(answers)),
            "submitted_s": round(submitted, 2),
            "seconds": round(seconds, 2),
            "jobs_a_second": round(jobs / seconds, 1),
        }

    return asyncio.run(run())


def _right(n: int, answer: dict[str, Any]) -> bool:
    # With b + k <= r and 2 b + k <= w, the corner b = w - r, k = 2 r - w earns 3 (w - r) + 2 (2 r - w) = w + r, and
    # adding the two constraints shows that nothing earns more.
    objective = answer.get("objective") or {}
    return objective.get("value") is not None and abs(objective["value"] - (100 + n % 50 + 80 + n % 7)) < 1e-6


def memory(url: str, jobs: int, pid: int) -> dict[str, Any]:
    """Return the resident memory of the process along a number of jobs, in MB."""
    seen = []
    step = max(jobs // 10, 1)
    for n in range(0, jobs, step):
        burst(url, step)
        seen.append(round(resident_mb(pid), 1))
        print(json.dumps({"jobs": n + step, "resident_mb": seen[-1]}), flush=True)  # noqa: T201
    settled = seen[len(seen) // 5 :]
    return {"resident_mb": seen, "change": round((max(settled) - min(settled)) / settled[0], 3)}


def cancel(url: str, jobs: int, endpoint: ScriptedEndpoint) -> dict[str, Any]:
    """Return how long jobs that wait for a chat model's reply take from the request to stop until they are over."""
    seconds = []
    with httpx.Client(base_url=url, timeout=180.0) as client:
        for n in range(jobs):
            place = client.post("/v1/jobs", json={"text": problem_of(n)}).headers["location"]
            while len(endpoint.calls) <= n:
                time.sleep(0.01)
            began = time.perf_counter()
            client.delete(place)
            over = client.get(place, params={"wait_s": 60}).json()
            seconds.append(time.perf_counter() - began)
            if over["state"] != "cancelled":
                raise RuntimeError(f"{place} is {over['state']}")
    return {**quantiles(seconds), "most_ms": round(1e3 * max(seconds), 1)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["overhead", "burst", "memory", "cancel"])
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    url = f"http://127.0.0.1:{PORT}"
    with tempfile.TemporaryDirectory(prefix="milpwright-load-") as name:
        database = asked.database or f"sqlite:///{name}/jobs.sqlite3"
        environment = {"MILPWRIGHT_DATABASE_URL": database, "MILPWRIGHT_LOG_LEVEL": "warning"}
        endpoint, worker = ScriptedEndpoint(seconds=3600.0), None
        if asked.what == "cancel":  # at a worker that is another process
            environment |= {
                "MILPWRIGHT_CHAT_BASE_URL": endpoint.base_url,
                "MILPWRIGHT_CHAT_MODEL": "scripted",
                "MILPWRIGHT_CHAT_API_KEY": "none",
            }
            worker = Process(["worker"], environment, Path(name) / "worker.log")
        alone = ["--no-worker"] if worker else []
        process = Process(["serve", "--port", str(PORT), *alone], environment, Path(name) / "log")
        try:
            wait_ready(url)
            if worker is None:
                burst(url, 5)
            match asked.what:
                case "cancel":
                    found = cancel(url, asked.jobs or 20, endpoint)
                case "overhead":
                    found = overhead(url, asked.jobs or 100)
                case "burst":
                    found = burst(url, asked.jobs or 500)
                case _:
                    found = memory(url, asked.jobs or 5000, process.pid)
        finally:
            process.terminate()
            if worker is not None:
                worker.terminate()
            endpoint.close()
    print(json.dumps(found, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
