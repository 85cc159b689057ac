"""The JSON of the service: requests and answers as pydantic models, apart from the domain's own types.

REST, ``milpwright solve --json`` and MCP write the same `AnswerJson`. Later versions add fields and rename none.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat

from app.jobs.job import Job, JobState
from formulation.answer import Answer, CheckResult, Status
from formulation.data import Table
from formulation.formulation import Formulation
from formulation.language.detect import LANGUAGE_TAG
from formulation.problem import Effort, Options, Problem
from solvers.milp import Sense


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True, ser_json_inf_nan="null")


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SpanJson(_Out):
    """A half-open range of character offsets in the problem text."""

    start: int
    end: int


class TerminationJson(_Out):
    """Why the work stopped; `limit` is null unless a limit stopped it."""

    reason: str
    limit: str | None = None
    detail: str = ""


class ObjectiveJson(_Out):
    """The objective; `value` is null where no solution is held."""

    sense: Sense
    value: float | None
    unit: str = ""
    description: str = ""


class VariableJson(_Out):
    """One decision and its value; absent bounds are null."""

    name: str
    description: str
    unit: str
    index: list[str | int]
    domain: str
    lower: float | None
    upper: float | None
    value: float | None


class RowJson(_Out):
    """One row of a constraint family at the solution held."""

    name: str
    index: list[str | int]
    lower: float | None
    upper: float | None
    activity: float | None = None
    slack: float | None = None
    binding: bool | None = None
    dual: float | None = None


class RowPageJson(_Out):
    """Some of a family's rows, from `offset`, of `total`."""

    total: int
    offset: int
    items: list[RowJson]


class ConstraintJson(_Out):
    """A family of constraints as the formulation states it."""

    name: str
    description: str
    expression: str
    evidence: list[SpanJson]
    rows: RowPageJson


def _parsed(proof: object) -> object:
    return (json.loads(proof) if proof else None) if isinstance(proof, str) else proof


ProofJson = Annotated[dict[str, Any] | None, BeforeValidator(_parsed)]
"""A certificate; the domain has it as JSON text."""


class CheckJson(_Out):
    """Something that was really checked."""

    name: str
    result: CheckResult
    detail: str = ""
    certificate: ProofJson = Field(None, description="The proof of an equivalence, as `/v1/compare` gives it.")
    title: str = Field("", description="What the check is called, in the language of the answer.")


class AssumptionJson(_Out):
    """Something taken for granted that the text does not say."""

    text: str
    element: str = ""
    evidence: list[SpanJson] = Field(default_factory=list)


class QuestionJson(_Out):
    """Something that only the user can say."""

    id: str
    text: str
    element: str = ""
    suggestions: list[str] = Field(default_factory=list)
    evidence: list[SpanJson] = Field(default_factory=list)


class UnreadJson(_Out):
    """A stretch of the text that could not be used, and why."""

    span: SpanJson
    reason: str


class SolverJson(_Out):
    """Which solver answered, and how."""

    name: str
    version: str
    time_s: float
    gap: float | None


class UsageJson(_Out):
    """What one agent used: model calls, tokens, cost in the currency of the prices, seconds waited."""

    agent: str
    calls: int = 0
    prompt_tokens: int = 0
    reply_tokens: int = 0
    cost: float = 0.0
    time_s: float = 0.0


class AnswerJson(_Out):
    """The answer to a problem: what is held, why it stopped, what was checked, what is still open."""

    status: Status
    termination: TerminationJson
    objective: ObjectiveJson | None = None
    variables: list[VariableJson] = Field(default_factory=list)
    variables_total: int = 0
    constraints: list[ConstraintJson] = Field(default_factory=list)
    formulation: dict[str, Any] | None = None
    pyomo: str | None = None
    lp: str | None = None
    checks: list[CheckJson] = Field(default_factory=list)
    confidence: float = Field(default=0.0, ge=0.0, le=1.0)
    confident: bool = False
    assumptions: list[AssumptionJson] = Field(default_factory=list)
    questions: list[QuestionJson] = Field(default_factory=list)
    unread: list[UnreadJson] = Field(default_factory=list)
    reader: str | None = None
    solver: SolverJson | None = None
    timings: dict[str, float] = Field(default_factory=dict)
    usage: list[UsageJson] = Field(default_factory=list)
    explanation: str = ""
    text: str | None = None
    language: str = Field("en", description="The ISO 639 code of the language of the product's sentences in it.")
    headline: str = Field("", description="The status in a few words of that language.")
    mathml: dict[str, str] = Field(
        default_factory=dict, description="The objective (under `objective`) and each constraint as MathML, by name."
    )


def answer_json(answer: Answer) -> AnswerJson:
    """Return the wire form of an answer."""
    fields = {name: getattr(answer, name) for name in AnswerJson.model_fields if hasattr(answer, name)}
    if answer.formulation is not None:
        from formulation.render.mathml import rows

        fields["formulation"] = formulation_json(answer.formulation)
        fields["mathml"] = {row.name: row.mathml for row in rows(answer.formulation)}
    return AnswerJson.model_validate(fields, from_attributes=True)


def formulation_json(formulation: Formulation) -> dict[str, Any]:
    """Return the wire form of a formulation."""
    from formulation.wire import to_json

    return to_json(formulation)


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"character {error.start} is half of a surrogate pair, which is no character") from error
    return text


Text = Annotated[str, AfterValidator(_encodable)]
"""Text that can be written as UTF-8; JSON can also carry halves of surrogate pairs, which cannot."""


def _known_solver(name: str) -> str:
    from solvers.registry import names

    if name not in ("auto", "portfolio", *names()):
        raise ValueError(f"no solver is called {name!r}; there are auto, portfolio, {', '.join(names())}")
    return name


SolverName = Annotated[Text, Field(max_length=40), AfterValidator(_known_solver)]
"""A registered solver, ``auto`` or ``portfolio``."""

CellJson = Text | bool | int | FiniteFloat | None


class TableIn(_In):
    """A data table given as columns of equal length, each under its heading."""

    name: Annotated[Text, Field(min_length=1, max_length=200, examples=["plants"])]
    columns: dict[Text, list[CellJson]]

    def table(self) -> Table:
        """Return the domain's table. Raises `ValueError` where the lengths differ."""
        return Table(self.name, {heading: tuple(cells) for heading, cells in self.columns.items()})


class OptionsIn(_In):
    """How the problem is to be worked on."""

    effort: Effort = Effort.MEDIUM
    solver: SolverName = "auto"
    time_limit_s: Annotated[FiniteFloat, Field(gt=0, le=86_400)] = 60.0
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    language: Annotated[
        str | None,
        Field(
            pattern=LANGUAGE_TAG,
            max_length=35,
            description="The language of the answer, such as `de`; null takes that of the text.",
        ),
    ] = None

    def options(self) -> Options:
        """Return the domain's options."""
        return Options(self.effort, self.solver, self.time_limit_s, self.seed, self.language)


class ProblemIn(_In):
    """A decision problem in plain words, with its data tables."""

    text: Annotated[Text, Field(description="The problem in plain words.")]
    tables: Annotated[list[TableIn], Field(max_length=50)] = Field(default_factory=list)
    options: OptionsIn = Field(default_factory=OptionsIn)
    answers: Annotated[dict[Text, Text], Field(max_length=100)] = Field(
        default_factory=dict, description="What the questions of an earlier answer were answered, by their ids."
    )
    formulation: Annotated[
        dict[str, Any] | None, Field(description="The formulation of that earlier answer, which the answers complete.")
    ] = None

    def problem(self) -> Problem:
        """Return the domain's problem. Raises `ValueError` for a table or a formulation that is none."""
        from formulation.wire import from_json

        return Problem(
            self.text,
            tuple(table.table() for table in self.tables),
            self.options.options(),
            tuple(self.answers.items()),
            None if self.formulation is None else from_json(self.formulation),
        )


class FieldErrorJson(BaseModel):
    """One field that is not what it must be."""

    pointer: str
    detail: str


class ProblemDocument(BaseModel):
    """An error, as RFC 9457 has it; `type` can be fetched and says what to do."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[FieldErrorJson] | None = None


class SolveIn(ProblemIn):
    """A problem to be solved while the caller waits."""

    wait_s: Annotated[FiniteFloat, Field(ge=0, le=600, description="After this long the answer is 202 and a job.")] = (
        60.0
    )
    time_limit_s: Annotated[FiniteFloat | None, Field(gt=0, description="The longest that the job may run.")] = None
    cost_limit: Annotated[FiniteFloat | None, Field(ge=0, description="The most it may cost, in US dollars.")] = None


class JobIn(ProblemIn):
    """A problem to be worked on as a job."""

    time_limit_s: Annotated[FiniteFloat | None, Field(gt=0, description="The longest that the job may run.")] = None
    cost_limit: Annotated[FiniteFloat | None, Field(ge=0, description="The most it may cost, in US dollars.")] = None


class AnswersIn(_In):
    """What the job's questions are answered with: each question's id, and the answer in words."""

    answers: Annotated[dict[Text, Text], Field(min_length=1, max_length=100, examples=[{"q1": "at most 40 hours"}])]


class JobSummaryJson(BaseModel):
    """Where a job stands."""

    id: str
    state: JobState = Field(description="Where the job stands; what it holds when finished is `status`.")
    status: Status | None = Field(None, description="The status of the answer, once there is one.")
    title: str
    round: int = Field(description="How many times its questions have been answered.")
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    cost: float = Field(0.0, description="What it has cost so far, in US dollars.")


class JobJson(JobSummaryJson):
    """A job with its answer, or the problem document of what ended it."""

    answer: AnswerJson | None = None
    error: ProblemDocument | None = None


class JobPageJson(BaseModel):
    """Some jobs, the newest first; `next` is the `before` of the next page, null on the last one."""

    items: list[JobSummaryJson]
    next: str | None = None


def summary_json(job: Job) -> JobSummaryJson:
    """Return where a job stands."""
    return JobSummaryJson(
        id=job.id,
        state=job.state,
        status=Status(job.status) if job.status else None,
        title=job.title,
        round=job.round,
        created_at=_moment(job.created_at),
        started_at=_moment(job.started_at) if job.started_at else None,
        finished_at=_moment(job.finished_at) if job.finished_at else None,
        cost=job.cost,
    )


def job_text(job: Job) -> str:
    """Return the JSON text of a `JobJson`; the answer in it was validated when it was written."""
    head = summary_json(job).model_dump_json()
    return f'{head[:-1]},"answer":{job.answer or "null"},"error":{job.error or "null"}}}'


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
