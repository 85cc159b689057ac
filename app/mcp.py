"""The Model Context Protocol server: the service's abilities as tools that an agent calls.

Its tools answer the JSON that REST answers. What a problem ends with is an answer; what the caller got wrong is
an MCP tool error with the reason.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
from typing import Any, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from app.wire import answer_json, formulation_json
from formulation.events import Event
from formulation.perform import Workshop
from formulation.problem import Effort, Options, Problem
from formulation.solve import solve_problem as solve_in_words

INSTRUCTIONS = """\
milpwright turns a decision problem in plain words into a checked, solved and explained mixed-integer linear program.
Give solve_problem the user's own words and numbers. Look at `confident` before you pass an answer on: where it is
false, show the user the questions, the unread parts and the failed checks instead. Never fill in a missing number.
"""

ModelFormat = Literal["lp", "mps", "json"]


def mcp_server(workshop: Workshop) -> MCPServer[Any]:
    """Return a server whose tools work in this process, with the given workshop."""
    server: MCPServer[Any] = MCPServer(
        "milpwright", instructions=INSTRUCTIONS, version=importlib.metadata.version("milpwright"), log_level="WARNING"
    )

    @server.tool(title="Solve a problem in words")
    async def solve_problem(
        text: str,
        ctx: Context[Any, Any],
        effort: Literal["low", "medium", "high"] = "medium",
        time_limit_s: float = 60.0,
    ) -> dict[str, Any]:
        """Formulate, check, solve and explain a decision problem given in plain words."""
        told: asyncio.Queue[Event | None] = asyncio.Queue()
        telling = asyncio.create_task(_tell(told, ctx))
        try:
            problem = Problem(text, options=Options(effort=Effort(effort), time_limit_s=time_limit_s))
            answer = await solve_in_words(problem, workshop, told.put_nowait)
        finally:
            told.put_nowait(None)
            await telling
        return answer_json(answer).model_dump(mode="json")

    @server.tool(title="Formulate a problem in words, without solving it")
    async def formulate(text: str) -> dict[str, Any]:
        """Return the typed formulation, what was assumed, and what is still open; nothing is solved."""
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
        format: ModelFormat = "lp",  # noqa: A002 - what a caller calls it
        solver: str = "auto",
        time_limit_s: float = 60.0,
    ) -> dict[str, Any]:
        """Return the solution of a model that is already written, its point replayed against the model."""

        def work() -> dict[str, Any]:
            from formulation.assemble import model_answer
            from solvers import solve
            from solvers.errors import SolversError
            from solvers.formats import read
            from solvers.port import SolveOptions

            try:
                milp = read(model, format)
                solution = solve(milp, SolveOptions(time_limit_s=time_limit_s), solver=solver)
            except SolversError as error:
                raise ToolError(str(error)) from error
            return answer_json(model_answer(milp, solution)).model_dump(mode="json")

        return await asyncio.to_thread(work)

    @server.tool(title="Compare two models")
    async def compare_models(
        a: str,
        b: str,
        format: ModelFormat = "lp",  # noqa: A002 - what a caller calls it
        map: Literal["auto", "names"] = "auto",  # noqa: A002 - what a caller calls it
        level: Literal["L0", "L1", "L2"] = "L1",
    ) -> dict[str, Any]:
        """Say whether two models are equivalent, with a certificate, or how they differ, with a witness."""

        def work() -> dict[str, Any]:
            from app.models_wire import verdict_json
            from equivalence import compare
            from equivalence.explain import verdict_in_words
            from solvers.errors import SolversError
            from solvers.formats import read

            try:
                first, second = read(a, format), read(b, format)
                verdict = compare(first, second, level=level, mapping=map)
            except (SolversError, ValueError) as error:
                raise ToolError(str(error)) from error
            words = verdict_in_words(first, second, verdict)
            document = verdict_json(verdict, words if verdict.verdict == "different" else None)
            return {**document.model_dump(mode="json"), "in_words": words}

        return await asyncio.to_thread(work)

    return server


async def _tell(told: asyncio.Queue[Event | None], ctx: Context[Any, Any]) -> None:
    """Report each event of a run as progress, until the None that ends it."""
    done = 0
    while (event := await told.get()) is not None:
        done += 1
        await ctx.report_progress(done, message=type(event).__name__)
