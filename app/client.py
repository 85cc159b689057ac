"""The service from Python, over HTTP: typed results, streaming, sync and async.

>>> from app.client import Client
>>> with Client("http://127.0.0.1:8000") as client:                      # doctest: +SKIP
...     answer = client.solve("A bakery ...")
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from app.wire import AnswerJson, JobJson, JobPageJson, ProblemDocument
from formulation.data import Table
from formulation.problem import Options

WAIT_S = 600.0
"""How long a solve may keep the connection before it comes back as a job, in seconds."""


class RequestRefused(Exception):
    """The service refused a request or could not take it; ``problem`` is its problem document."""

    def __init__(self, status: int, problem: ProblemDocument | None, text: str) -> None:
        self.status, self.problem = status, problem
        super().__init__(f"{status}: {problem.title}: {problem.detail}" if problem else f"{status}: {text[:200]}")


class StillRunning(Exception):
    """The answer is not there yet; ``job`` can be waited for."""

    def __init__(self, job: JobJson) -> None:
        self.job = job
        super().__init__(f"job {job.id} is {job.state}")


@dataclass(frozen=True, slots=True)
class StreamedEvent:
    """One event of a job: its number in the job, its kind, and its fields."""

    id: int
    kind: str
    fields: Mapping[str, Any]


def _request(text: str, tables: Iterable[Table], options: Options | None) -> dict[str, Any]:
    body: dict[str, Any] = {"text": text}
    body["tables"] = [{"name": t.name, "columns": {k: list(v) for k, v in t.columns.items()}} for t in tables]
    if options is not None:
        body["options"] = {
            "effort": options.effort.value,
            "solver": options.solver,
            "time_limit_s": options.time_limit_s,
            "seed": options.seed,
            "language": options.language,
        }
    return body


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        problem = ProblemDocument.model_validate_json(response.content)
    except ValueError:
        problem = None
    raise RequestRefused(response.status_code, problem, response.text)


def _answer(response: httpx.Response) -> AnswerJson:
    _checked(response)
    if response.status_code == httpx.codes.ACCEPTED:
        raise StillRunning(JobJson.model_validate_json(response.content))
    return AnswerJson.model_validate_json(response.content)


class _Events:
    """Server-sent events put together from their lines, as the HTML standard parses them."""

    def __init__(self) -> None:
        self._fields: dict[str, str] = {}

    def line(self, line: str) -> StreamedEvent | None:
        """Take a line in; return the event that it completes."""
        if line:
            name, _, value = line.partition(":")
            if name:
                value = value.removeprefix(" ")
                known = self._fields.get(name)
                self._fields[name] = f"{known}\n{value}" if name == "data" and known is not None else value
            return None
        fields, self._fields = self._fields, {}
        if "data" not in fields:
            return None
        told = json.loads(fields["data"])
        return StreamedEvent(int(fields.get("id", "0")), fields.get("event", "message"), told.get("event", told))


def _headers(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


class Client:
    """A client that waits. A context manager; ``key`` is an API key where the service asks for one."""

    def __init__(self, base_url: str = "http://127.0.0.1:8000", *, key: str | None = None) -> None:
        self._http = httpx.Client(base_url=base_url, headers=_headers(key), timeout=httpx.Timeout(30, read=WAIT_S + 30))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def solve(
        self, text: str, *, tables: Iterable[Table] = (), options: Options | None = None, wait_s: float = WAIT_S
    ) -> AnswerJson:
        """Return the answer to a problem. Raises `StillRunning` after ``wait_s``, and `RequestRefused`."""
        return _answer(self._http.post("/v1/solve", json={**_request(text, tables, options), "wait_s": wait_s}))

    def submit(self, text: str, *, tables: Iterable[Table] = (), options: Options | None = None) -> JobJson:
        """Return the job that works on a problem. Raises `RequestRefused`."""
        response = _checked(self._http.post("/v1/jobs", json=_request(text, tables, options)))
        return JobJson.model_validate_json(response.content)

    def job(self, job: str, *, wait_s: float = 0.0) -> JobJson:
        """Return where a job stands, once it is over or ``wait_s`` have passed. Raises `RequestRefused`."""
        response = _checked(self._http.get(f"/v1/jobs/{job}", params={"wait_s": wait_s}))
        return JobJson.model_validate_json(response.content)

    def jobs(self, *, before: str | None = None, limit: int = 50) -> JobPageJson:
        """Return a page of jobs, the newest first. Raises `RequestRefused`."""
        parameters = {"limit": limit} | ({"before": before} if before else {})
        return JobPageJson.model_validate_json(_checked(self._http.get("/v1/jobs", params=parameters)).content)

    def answer(self, job: str, answers: Mapping[str, str]) -> JobJson:
        """Answer a job's questions; it works on. Raises `RequestRefused`."""
        response = _checked(self._http.post(f"/v1/jobs/{job}/answers", json={"answers": dict(answers)}))
        return JobJson.model_validate_json(response.content)

    def cancel(self, job: str) -> None:
        """Cancel a job, or delete one that is over. Raises `RequestRefused`."""
        _checked(self._http.delete(f"/v1/jobs/{job}"))

    def artifact(self, job: str, name: str) -> str:
        """Return a file that a job has made, such as ``model.lp``. Raises `RequestRefused`."""
        return _checked(self._http.get(f"/v1/jobs/{job}/artifacts/{name}")).text

    def events(self, job: str, *, after: int = 0) -> Iterator[StreamedEvent]:
        """Yield a job's events after a number, as they come, until it is over. Raises `RequestRefused`."""
        parser = _Events()
        with self._http.stream("GET", f"/v1/jobs/{job}/events", params={"after": after}) as response:
            if not response.is_success:
                response.read()
            _checked(response)
            for line in response.iter_lines():
                if event := parser.line(line):
                    yield event


class AsyncClient:
    """A client for an event loop. An async context manager; ``key`` as for `Client`."""

    def __init__(self, base_url: str = "http://127.0.0.1:8000", *, key: str | None = None) -> None:
        timeout = httpx.Timeout(30, read=WAIT_S + 30)
        self._http = httpx.AsyncClient(base_url=base_url, headers=_headers(key), timeout=timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def solve(
        self, text: str, *, tables: Iterable[Table] = (), options: Options | None = None, wait_s: float = WAIT_S
    ) -> AnswerJson:
        """Return the answer to a problem. Raises `StillRunning` after ``wait_s``, and `RequestRefused`."""
        return _answer(await self._http.post("/v1/solve", json={**_request(text, tables, options), "wait_s": wait_s}))

    async def submit(self, text: str, *, tables: Iterable[Table] = (), options: Options | None = None) -> JobJson:
        """Return the job that works on a problem. Raises `RequestRefused`."""
        response = _checked(await self._http.post("/v1/jobs", json=_request(text, tables, options)))
        return JobJson.model_validate_json(response.content)

    async def job(self, job: str, *, wait_s: float = 0.0) -> JobJson:
        """Return where a job stands, once it is over or ``wait_s`` have passed. Raises `RequestRefused`."""
        response = _checked(await self._http.get(f"/v1/jobs/{job}", params={"wait_s": wait_s}))
        return JobJson.model_validate_json(response.content)

    async def answer(self, job: str, answers: Mapping[str, str]) -> JobJson:
        """Answer a job's questions; it works on. Raises `RequestRefused`."""
        response = _checked(await self._http.post(f"/v1/jobs/{job}/answers", json={"answers": dict(answers)}))
        return JobJson.model_validate_json(response.content)

    async def cancel(self, job: str) -> None:
        """Cancel a job, or delete one that is over. Raises `RequestRefused`."""
        _checked(await self._http.delete(f"/v1/jobs/{job}"))

    async def jobs(self, *, before: str | None = None, limit: int = 50) -> JobPageJson:
        """Return a page of jobs, the newest first. Raises `RequestRefused`."""
        parameters = {"limit": limit} | ({"before": before} if before else {})
        response = _checked(await self._http.get("/v1/jobs", params=parameters))
        return JobPageJson.model_validate_json(response.content)

    async def artifact(self, job: str, name: str) -> str:
        """Return a file that a job has made, such as ``model.lp``. Raises `RequestRefused`."""
        return _checked(await self._http.get(f"/v1/jobs/{job}/artifacts/{name}")).text

    async def events(self, job: str, *, after: int = 0) -> AsyncIterator[StreamedEvent]:
        """Yield a job's events after a number, as they come, until it is over. Raises `RequestRefused`."""
        parser = _Events()
        async with self._http.stream("GET", f"/v1/jobs/{job}/events", params={"after": after}) as response:
            if not response.is_success:
                await response.aread()
            _checked(response)
            async for line in response.aiter_lines():
                if event := parser.line(line):
                    yield event
