"""The one façade that REST, the command line and MCP call."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from sqlalchemy.exc import SQLAlchemyError

from app.artifacts import Artifact, artifact_text
from app.diagnosis_wire import DiagnoseIn, DiagnosisJson, diagnosis_json
from app.errors import FieldError, InvalidRequest, TooManyRequests, Unavailable
from app.jobs.codec import decode, encode
from app.jobs.database import migrate
from app.jobs.job import Job, JobEvent, JobState, NewJob
from app.jobs.running import Work
from app.jobs.runtime import Role, Runtime
from app.keys import Client, KeyRing, Scope
from app.limits import RateLimit
from app.models_wire import (
    CompareIn,
    ModelIn,
    SolveModelIn,
    SolverInfoJson,
    SolversJson,
    VerdictJson,
    verdict_json,
)
from app.programs_wire import ProgramIn
from app.settings import Settings
from app.wire import AnswerJson, answer_json
from app.workbench import Workbench
from formulation.problem import Problem
from formulation.wire import from_json
from solvers.milp import Milp
from solvers.port import Cancellation, SolveOptions

TITLE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Submission:
    """A problem, and how it is to be worked on as a job."""

    problem: Problem
    time_limit_s: float | None = None
    cost_limit: float | None = None
    idempotency_key: str | None = None
    request_id: str | None = None

    def request_hash(self) -> str:
        """Return what two submissions share if they ask for the same."""
        asked = [encode(self.problem), self.time_limit_s, self.cost_limit]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


class Service:
    """What milpwright does, apart from how it is asked. Each method that takes a client checks what it may do."""

    def __init__(self, settings: Settings, *, role: Role = Role.ALL, work: Work | None = None) -> None:
        self.settings = settings
        self.workbench = Workbench(settings)
        self.jobs = Runtime(settings, work or self.workbench, role=role)
        self.keys = KeyRing(self.jobs.engine)
        self.rates = RateLimit(self.jobs.engine)

    async def start(self) -> None:
        """Connect, and begin to work."""
        if self.jobs.works:
            # The first program waits for the sandbox where it is not warm yet.
            self.workbench.sandbox.start()
        await self.jobs.start()

    async def stop(self) -> None:
        """Let what runs end for a while, hand the rest over, and leave."""
        await self.jobs.stop()
        self.workbench.close()

    def begin_drain(self) -> None:
        """Take nothing more in and end open streams; safe in a signal handler of the loop's thread."""
        self.jobs.begin_drain()

    def keys_exist(self) -> bool:
        """Return whether anybody could get in with a key. Migrates the database; for before `start`."""
        migrate(self.jobs.engine)
        return self.keys.any_active()

    # Jobs

    async def submit(self, client: Client, submission: Submission) -> Job:
        """Return the job that works on a problem. Raises `Conflict`, `TooManyRequests`, `Unavailable`."""
        client.require(Scope.SOLVE)
        await self._require_credit(client)
        # The data may be large, and nobody else shall wait for it to be written.
        job, _ = await self.jobs.submit(await self.jobs.io(self._new_job, client, submission))
        return job

    def _new_job(self, client: Client, submission: Submission) -> NewJob:
        problem, settings = submission.problem, self.settings
        limits = (limit for limit in (submission.cost_limit, settings.job_cost_limit) if limit is not None)
        return NewJob(
            owner=client.id,
            title=title_of(problem.text),
            problem=json.dumps(encode(problem), separators=(",", ":")),
            time_limit_s=min(submission.time_limit_s or settings.job_time_limit_s, settings.job_time_limit_s),
            cost_limit=min(limits, default=None),
            idempotency_key=submission.idempotency_key,
            request_hash=submission.request_hash() if submission.idempotency_key else None,
            request_id=submission.request_id,
        )

    async def _require_credit(self, client: Client) -> None:
        limit = client.cost_limit
        if limit is not None and await self.jobs.io(self.jobs.store.spent, client.id) >= limit:
            raise TooManyRequests(
                f"The key {client.name!r} has spent its limit of {limit:g} dollars.", retry_after_s=3600
            )

    async def wait(self, client: Client, job: str, seconds: float) -> Job:
        """Return the job once it is over, or as it stands after so many seconds. Raises `NotFound`."""
        client.require(Scope.READ)
        return await self.jobs.wait(job, client.owner, seconds)

    async def job(self, client: Client, job: str) -> Job:
        """Return a job of the client. Raises `NotFound`."""
        client.require(Scope.READ)
        return await self.jobs.io(self.jobs.store.get, job, client.owner)

    async def page(
        self, client: Client, *, state: JobState | None, status: str | None, before: str | None, limit: int
    ) -> list[Job]:
        """Return some of the client's jobs, the newest first."""
        client.require(Scope.READ)
        return await self.jobs.io(
            self.jobs.store.page, owner=client.owner, state=state, status=status, before=before, limit=limit
        )

    async def cancel(self, client: Client, job: str) -> Job:
        """Ask a job to stop, and return it. Raises `NotFound`."""
        client.require(Scope.SOLVE)
        return await self.jobs.cancel(job, client.owner)

    async def delete(self, client: Client, job: str) -> None:
        """Delete a job that is over, with all that is kept of it. Raises `NotFound`."""
        client.require(Scope.SOLVE)
        await self.jobs.delete([await self.job(client, job)])

    async def answer_questions(self, client: Client, job: str, answers: dict[str, str]) -> Job:
        """Return the job, which works on with what its questions were answered.

        Raises `NotFound`, `Conflict`, `TooManyRequests`.
        """
        client.require(Scope.SOLVE)
        found = await self.job(client, job)
        await self._require_credit(client)
        problem = decode(Problem, json.loads(found.problem))
        given = {**dict(problem.answers), **answers}
        earlier = json.loads(found.answer).get("formulation") if found.answer else None
        formulation = problem.formulation if earlier is None else from_json(earlier)
        problem = replace(problem, answers=tuple(given.items()), formulation=formulation)
        return await self.jobs.answer_questions(found, problem, answers)

    async def events(self, client: Client, job: str, after: int) -> AsyncIterator[JobEvent]:
        """Return the job's events after a number, as they come, while the client's key counts. Raises `NotFound`.

        A number that the job has not come to is none of its own, or one that a restored backup has lost: then all
        events are told.
        """
        client.require(Scope.READ)
        found = await self.job(client, job)

        async def told() -> AsyncIterator[JobEvent]:
            async for event in self.jobs.follow(job, after if after <= found.last_event else 0):
                try:
                    if not await self.jobs.io(self.keys.counts, client):
                        return
                except SQLAlchemyError:
                    return  # who follows comes back once the database answers
                yield event

        return told()

    async def artifact(self, client: Client, job: str, artifact: Artifact) -> str:
        """Return the text of a file that the job has made. Raises `NotFound`."""
        found = await self.job(client, job)
        told = await self.jobs.io(self.jobs.store.events, job, 0, 1_000_000)
        return await self.jobs.io(artifact_text, found, told, artifact)

    # Models

    async def compare(self, client: Client, asked: CompareIn) -> VerdictJson:
        """Return whether two models say the same. Raises `InvalidRequest` for a text that is no model."""
        client.require(Scope.SOLVE)

        def compared() -> VerdictJson:
            from equivalence import compare
            from equivalence.explain import difference_in_words
            from equivalence.verdict import Different

            a, b = read_model(asked.a, "/a"), read_model(asked.b, "/b")
            verdict = compare(a, b, level=asked.level, mapping=asked.map, units=asked.units, budget_s=asked.budget_s)
            words = difference_in_words(a, b, verdict) if isinstance(verdict, Different) else None
            return verdict_json(verdict, words, _picture(a, b) if asked.picture else None)

        return await self.workbench.in_turn(compared)

    async def solve_model(self, client: Client, asked: SolveModelIn) -> AnswerJson:
        """Return what a solver ends with. Raises `InvalidRequest`. Cancelling the task stops the solver."""
        client.require(Scope.SOLVE)
        cancellation = Cancellation()

        def solved() -> AnswerJson:
            from formulation.assemble import model_answer
            from solvers import solve
            from solvers.errors import BackendUnavailable, OptionsError, Unsupported

            model = read_model(asked.model, "/model")
            options = SolveOptions(time_limit_s=asked.time_limit_s, mip_gap=asked.mip_gap, seed=asked.seed)
            try:
                solution = solve(model, options, solver=asked.solver, cancellation=cancellation)
            except (OptionsError, Unsupported, BackendUnavailable) as error:
                raise InvalidRequest(str(error), (FieldError("/solver", str(error)),)) from error
            return answer_json(model_answer(model, solution))

        try:
            return await self.workbench.in_turn(solved)
        except asyncio.CancelledError:
            cancellation.request()
            raise

    async def diagnose(self, client: Client, asked: DiagnoseIn) -> DiagnosisJson:
        """Return why a model has no optimum. Raises `InvalidRequest`. Cancelling the task stops the solver."""
        client.require(Scope.SOLVE)
        cancellation = Cancellation()

        def diagnosed() -> DiagnosisJson:
            from solvers.diagnose import diagnose
            from solvers.errors import BackendUnavailable, Unsupported

            model = read_model(asked.model, "/model")
            try:
                found = diagnose(model, SolveOptions(time_limit_s=asked.time_limit_s), cancellation=cancellation)
            except (Unsupported, BackendUnavailable) as error:
                raise InvalidRequest(str(error), (FieldError("/model", str(error)),)) from error
            return diagnosis_json(found)

        try:
            return await self.workbench.in_turn(diagnosed)
        except asyncio.CancelledError:
            cancellation.request()
            raise

    async def solve_program(self, client: Client, asked: ProgramIn) -> AnswerJson:
        """Return the answer to the model that a program builds, run confined.

        Raises `InvalidRequest`, and `Unavailable` where no program is run here. Cancelling the task ends it.
        """
        client.require(Scope.SOLVE)
        cancellation = Cancellation()

        def solved() -> AnswerJson:
            from formulation.programs import ProgramsRefused, answer_program
            from formulation.sandbox import Limits
            from formulation.sandbox.program_data import DataError, from_document
            from solvers.errors import BackendUnavailable, OptionsError, Unsupported

            limits = Limits(wall_s=asked.program_time_limit_s, cpu_s=asked.program_time_limit_s)
            try:
                data = None if asked.data is None else from_document(asked.data)
                answer = answer_program(
                    asked.source,
                    data,
                    self.workbench.sandbox,
                    limits=limits,
                    solver=asked.solver,
                    time_limit_s=asked.time_limit_s,
                    cancellation=cancellation,
                )
            except DataError as error:
                raise InvalidRequest(str(error), (FieldError("/data", str(error)),)) from error
            except ProgramsRefused as error:
                raise Unavailable(str(error)) from error
            except (OptionsError, Unsupported, BackendUnavailable) as error:
                raise InvalidRequest(str(error), (FieldError("/solver", str(error)),)) from error
            return answer_json(answer)

        try:
            return await self.workbench.in_turn(solved)
        except asyncio.CancelledError:
            cancellation.request()
            raise

    async def solvers(self, client: Client) -> SolversJson:
        """Return the solvers that are known, and whether each can run here."""
        client.require(Scope.READ)

        def known() -> SolversJson:
            from solvers.registry import backends

            found = []
            for backend in backends():
                here = backend.availability()
                found.append(
                    SolverInfoJson(
                        name=backend.name,
                        available=here.available,
                        version=backend.version() if here.available else None,
                        reason=here.reason,
                        classes=sorted(kind.value for kind in backend.classes),
                    )
                )
            return SolversJson(solvers=found)

        return await asyncio.to_thread(known)

    # Keys

    async def client(self, token: str) -> Client:
        """Return whom a token stands for. Raises `Unauthenticated`, and `TooManyRequests` where it asks too often."""
        return await self.jobs.io(self._counted, token)

    def _counted(self, token: str) -> Client:
        client = self.keys.client(token)
        self.rates.take(client)
        return client


def read_model(given: ModelIn, pointer: str) -> Milp:
    """Return the model of a text. Raises `InvalidRequest`, which names the line."""
    from solvers.errors import FormatError, ModelError
    from solvers.formats import read

    try:
        return read(given.text, given.format)
    except (FormatError, ModelError) as error:
        field = FieldError(f"{pointer}/text", str(error))
        raise InvalidRequest(f"{pointer.lstrip('/')}: {error}", (field,)) from error


def _picture(a: Milp, b: Milp) -> str | None:
    """Return the two models as coloured graphs, an SVG in base64; None where they are too large to be drawn."""
    from equivalence.picture import TooLarge, refinement_svg

    try:
        return base64.b64encode(refinement_svg(a, b).encode()).decode()
    except TooLarge:
        return None


def title_of(text: str) -> str:
    """Return the beginning of a text on one line, without characters that databases and terminals do not take."""
    beginning = text[: 4 * TITLE_LENGTH]
    return " ".join("".join(c if c.isprintable() else " " for c in beginning).split())[:TITLE_LENGTH]
