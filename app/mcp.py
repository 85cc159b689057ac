"""The Model Context Protocol server: the service's abilities as tools that an agent calls, its jobs as resources.

Its tools answer the JSON that REST answers; a problem is worked on as a job like any other. What a problem ends with
is an answer; what the caller got wrong is an MCP tool error with the reason.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import Field, ValidationError
from starlette.types import ASGIApp

from app.artifacts import Artifact
from app.diagnosis_wire import DiagnoseIn
from app.errors import ServiceError
from app.jobs.job import Job, JobState
from app.keys import LOCAL, Client
from app.models_wire import CompareIn, ModelIn, SolveModelIn
from app.service import Service, Submission
from app.wire import formulation_json, job_text
from formulation.data import Table
from formulation.language.detect import LANGUAGE_TAG
from formulation.problem import Effort, Options, Problem
from formulation.tables import DataError, read_tables

INSTRUCTIONS = """\
milpwright turns a decision problem in plain words into a checked, solved and explained mixed-integer linear program.
Give solve_problem the user's own words and numbers. Look at `confident` before you pass an answer on: where it is
false, show the user the questions, the unread parts and the failed checks instead. Never fill in a missing number;
answer_questions takes what the user says. The resources milpwright://jobs/JOB and milpwright://jobs/JOB/FILE hold
what a job has made: model.py, model.lp, model.mps, model.tex, solution.csv, transcript.jsonl.
"""

PATH = "/mcp"
ModelFormat = Literal["lp", "mps", "json"]
Tables = Annotated[dict[str, str] | None, Field(description="Data tables as CSV text, by name.")]
Language = Annotated[
    str | None,
    Field(pattern=LANGUAGE_TAG, max_length=35, description="The language of the answer; null takes that of the text."),
]
Asked = Context[Any, Any]


def mcp_server(service: Service) -> MCPServer[Any]:
    """Return a server whose tools call the service; it starts and stops nothing."""
    server: MCPServer[Any] = MCPServer(
        "milpwright", instructions=INSTRUCTIONS, version=importlib.metadata.version("milpwright"), log_level="WARNING"
    )

    @server.tool(title="Solve a problem in words")
    async def solve_problem(
        text: str,
        ctx: Asked,
        effort: Literal["low", "medium", "high"] = "medium",
        time_limit_s: float = 60.0,
        tables: Tables = None,
        language: Language = None,
    ) -> dict[str, Any]:
        """Formulate, check, solve and explain a decision problem given in plain words."""
        options = Options(effort=Effort(effort), time_limit_s=time_limit_s, language=language)
        with _tool_errors():
            problem = Problem(text, tables=_tables(tables or {}), options=options)
            job = await service.submit(_client(ctx), Submission(problem))
            return await _followed(service, ctx, job)

    @server.tool(title="Answer the questions of a job")
    async def answer_questions(job: str, answers: dict[str, str], ctx: Asked) -> dict[str, Any]:
        """Give what the user says to a job's questions, by their ids, and return its new answer."""
        with _tool_errors():
            before = (await service.job(_client(ctx), job)).last_event
            return await _followed(service, ctx, await service.answer_questions(_client(ctx), job, answers), before)

    @server.tool(title="Formulate a problem in words, without solving it")
    async def formulate(text: str) -> dict[str, Any]:
        """Return what the embedded reader makes of an English text: the typed formulation and what is still open."""
        from formulation.embedded import read

        reading = await asyncio.to_thread(read, text)
        return {
            "status": reading.status.value,
            "formulation": formulation_json(reading.formulation) if reading.formulation else None,
            "confidence": reading.confidence,
            "questions": [{"id": q.id, "text": q.text, "suggestions": list(q.suggestions)} for q in reading.questions],
            "unread": [{"text": text[u.span.start : u.span.end], "reason": u.reason} for u in reading.unread],
        }

    @server.tool(title="Solve a model given as LP, MPS or JSON text")
    async def solve_model(
        model: str,
        ctx: Asked,
        format: ModelFormat = "lp",  # noqa: A002 - what a caller calls it
        solver: str = "auto",
        time_limit_s: float = 60.0,
    ) -> dict[str, Any]:
        """Return the solution of a model that is already written, its point replayed against the model."""
        with _tool_errors():
            asked = SolveModelIn(model=ModelIn(format=format, text=model), solver=solver, time_limit_s=time_limit_s)
            return (await service.solve_model(_client(ctx), asked)).model_dump(mode="json")

    @server.tool(title="Compare two models")
    async def compare_models(
        a: str,
        b: str,
        ctx: Asked,
        format: ModelFormat = "lp",  # noqa: A002 - what a caller calls it
        map: Literal["auto", "names"] = "auto",  # noqa: A002 - what a caller calls it
        level: Literal["L0", "L1", "L2"] = "L1",
    ) -> dict[str, Any]:
        """Say whether two models are equivalent, with a certificate, or how they differ, with a witness."""
        with _tool_errors():
            both = {side: ModelIn(format=format, text=text) for side, text in (("a", a), ("b", b))}
            asked = CompareIn.model_validate({**both, "map": map, "level": level})
            return (await service.compare(_client(ctx), asked)).model_dump(mode="json")

    @server.tool(title="Explain why a model has no optimum")
    async def explain_infeasibility(
        model: str,
        ctx: Asked,
        format: ModelFormat = "lp",  # noqa: A002 - what a caller calls it
        time_limit_s: float = 60.0,
    ) -> dict[str, Any]:
        """Say which conditions of a model conflict and the cheapest repairs, or what leaves it unbounded."""
        with _tool_errors():
            asked = DiagnoseIn(model=ModelIn(format=format, text=model), time_limit_s=time_limit_s)
            return (await service.diagnose(_client(ctx), asked)).model_dump(mode="json")

    @server.resource("milpwright://jobs/{job}", mime_type="application/json", title="A job with its answer")
    async def job_resource(job: str, ctx: Asked) -> str:
        """Return the job as REST gives it."""
        with _resource_errors():
            return job_text(await service.job(_client(ctx), job))

    @server.resource("milpwright://jobs/{job}/{file}", mime_type="text/plain", title="A file that a job has made")
    async def artifact_resource(job: str, file: str, ctx: Asked) -> str:
        """Return the model, the program, the solution or the transcript of a job."""
        with _resource_errors():
            if file not in [artifact.value for artifact in Artifact]:
                raise ResourceError(f"a job has no {file!r}; it has {', '.join(a.value for a in Artifact)}")
            return await service.artifact(_client(ctx), job, Artifact(file))

    return server


def http_app(server: MCPServer[Any]) -> ASGIApp:
    """Return the server over streamable HTTP, without sessions: any process answers any request.

    Who may ask is decided before; `running` must be entered around it.
    """
    # The service itself refuses names of somebody else's, with its own settings.
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    return server.streamable_http_app(streamable_http_path=PATH, stateless_http=True, transport_security=security)


@asynccontextmanager
async def running(server: MCPServer[Any]) -> AsyncIterator[None]:
    """Answer HTTP while this is entered."""
    async with server.session_manager.run():
        yield


async def run_stdio(service: Service) -> None:
    """Serve standard input and output until the input ends."""
    await service.start()
    try:
        await mcp_server(service).run_stdio_async()
    finally:
        await service.stop()


def _client(ctx: Asked) -> Client:
    """Return who asks: over HTTP whom the key stands for, on standard input the user of this machine."""
    request = ctx.request_context.request
    if request is None:
        return LOCAL
    client: Client = request.state.client
    return client


def _tables(given: dict[str, str]) -> tuple[Table, ...]:
    """Return the tables of CSV texts. Raises `ToolError` for what is none, or what can be read in two ways."""
    found: list[Table] = []
    for name, text in given.items():
        try:
            read = read_tables(f"{name.removesuffix('.csv')}.csv", text.encode())
        except DataError as error:
            raise ToolError(f"the table {name!r}: {error}") from error
        if read.questions:
            raise ToolError(f"the table {name!r}: {read.questions[0].text}")
        found += read.tables
    return tuple(found)


async def _followed(service: Service, ctx: Asked, job: Job, after: int = 0) -> dict[str, Any]:
    """Return the answer of a job, each of its events told as progress; a call that is cancelled cancels the job."""
    client = _client(ctx)
    try:
        told = 0
        async for event in await service.events(client, job.id, after):
            told += 1
            await ctx.report_progress(told, message=event.kind.replace("_", " "))
        job = await service.wait(client, job.id, 0.0)
    except asyncio.CancelledError:
        await asyncio.shield(service.cancel(client, job.id))
        raise
    if job.state is not JobState.FINISHED or job.answer is None:
        said = json.loads(job.error).get("detail") if job.error else f"it is {job.state.value}"
        raise ToolError(f"The job {job.id} has no answer: {said}")
    return {"job": job.id, **json.loads(job.answer)}


class _tool_errors:  # noqa: N801 - reads as the statement that it is
    """Turns what the caller got wrong, and what is down, into the protocol's error with the reason."""

    kind: type[Exception] = ToolError

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, ServiceError):
            raise self.kind(str(error)) from error
        if isinstance(error, (ValidationError, ValueError)):
            raise self.kind(_first(error)) from error


class _resource_errors(_tool_errors):  # noqa: N801
    kind = ResourceError


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        return f"{'/'.join(map(str, found['loc']))}: {found['msg']}"
    return str(error)
