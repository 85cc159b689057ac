"""The answer to a problem: what is held, why it stopped, what was checked, what is still open.

Its fields are the fields of the JSON that REST, the command line and MCP give (`app.wire` writes it); later
versions add fields and rename none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from formulation.formulation import Assumption, Evidence, Formulation, Keys, Question
from formulation.reading import Unread
from solvers.milp import Sense


class Status(StrEnum):
    """What is held when the work ends."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    NO_SOLUTION = "no_solution"
    NOT_UNDERSTOOD = "not_understood"
    NEEDS_ANSWERS = "needs_answers"
    ERROR = "error"


class CheckResult(StrEnum):
    """How a check ended. Unknown is neither passed nor failed."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class Check:
    """Something that was really checked, how it ended, and on what ground.

    ``certificate`` is the JSON text of a proof of equivalence, empty where there is none or it is too long;
    ``title`` is what the check is called in the answer's language.
    """

    name: str
    result: CheckResult
    detail: str = ""
    certificate: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredTermination:
    """Why the work stopped; ``limit`` is given only where a limit stopped it."""

    reason: str
    limit: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredObjective:
    """The objective: ``value`` is None where no point is held."""

    sense: Sense
    value: float | None
    unit: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredVariable:
    """One decision and its value; ``index`` holds the set elements of an indexed one."""

    name: str
    description: str
    unit: str
    index: Keys
    domain: str
    lower: float | None
    upper: float | None
    value: float | None


@dataclass(frozen=True, slots=True)
class ConstraintRow:
    """One row of a family at the point held. Infinite sides are None; ``dual`` is None where there is none."""

    name: str
    index: Keys
    lower: float | None
    upper: float | None
    activity: float | None = None
    slack: float | None = None
    binding: bool | None = None
    dual: float | None = None


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some of a family's rows: ``items`` start at ``offset`` of ``total``."""

    total: int
    offset: int
    items: tuple[ConstraintRow, ...]


@dataclass(frozen=True, slots=True)
class ConstraintFamily:
    """A constraint as the formulation states it, with its rows."""

    name: str
    description: str
    expression: str
    evidence: Evidence
    rows: RowPage


@dataclass(frozen=True, slots=True)
class SolverRun:
    """Which solver answered, and how."""

    name: str
    version: str
    time_s: float
    gap: float | None


@dataclass(frozen=True, slots=True)
class AgentUsage:
    """What one agent used: model calls made, tokens, cost in the currency of the prices, seconds waited."""

    agent: str
    calls: int = 0
    prompt_tokens: int = 0
    reply_tokens: int = 0
    cost: float = 0.0
    time_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that is known at the end. Absent parts are None or empty, never invented.

    ``language`` is the ISO 639 code of the language that the product's own sentences in it are in.
    """

    status: Status
    termination: AnsweredTermination
    objective: AnsweredObjective | None = None
    variables: tuple[AnsweredVariable, ...] = ()
    variables_total: int = 0
    constraints: tuple[ConstraintFamily, ...] = ()
    formulation: Formulation | None = None
    pyomo: str | None = None
    lp: str | None = None
    checks: tuple[Check, ...] = ()
    confidence: float = 0.0
    confident: bool = False
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()
    unread: tuple[Unread, ...] = ()
    reader: str | None = None
    solver: SolverRun | None = None
    timings: dict[str, float] = field(default_factory=dict)
    usage: tuple[AgentUsage, ...] = ()
    explanation: str = ""
    text: str | None = None
    language: str = "en"
    headline: str = ""

    def _repr_html_(self) -> str:
        from formulation.render.html import answer_html

        return answer_html(self)
