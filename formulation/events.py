"""Everything that can happen while a problem is worked on, and the steps that make it happen.

A run is a list of events: the transcript, the progress stream and the audit trail are this one list. A step
carries all that its performer needs, so that it can be performed anywhere, and again after a crash. Models
are not in events: the compiler makes the same one from the same formulation and tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from formulation.answer import AgentUsage, CheckResult, Status
from formulation.data import Table
from formulation.finding import Finding
from formulation.formulation import Formulation, Question
from formulation.reading import Reading
from solvers.result import Solution


@dataclass(frozen=True, slots=True)
class ReadText:
    """Read the text with the embedded reader, with what the user answered to its questions."""

    text: str
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TextRead:
    """The embedded reader's reading."""

    reading: Reading
    time_s: float


@dataclass(frozen=True, slots=True)
class CompileModel:
    """Compile a formulation with its tables, and lint it against the text."""

    formulation: Formulation
    tables: tuple[Table, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ModelCompiled:
    """The formulation's model exists, of this size; ``findings`` are what the lint had to say."""

    formulation: Formulation
    rows: int
    columns: int
    nonzeros: int
    linear: bool
    findings: tuple[Finding, ...]
    time_s: float


@dataclass(frozen=True, slots=True)
class CompileFailed:
    """The formulation makes no model: which element, and why."""

    formulation: Formulation
    element: str
    reason: str
    findings: tuple[Finding, ...]
    time_s: float


@dataclass(frozen=True, slots=True)
class CompareRendering:
    """Render the formulation as a Pyomo program, run it, and compare its model with the compiled one.

    ``text`` is the problem's, whose words the program quotes.
    """

    formulation: Formulation
    tables: tuple[Table, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class RenderingCompared:
    """Whether the rendered program builds the compiled model. This checks the renderer, not the reading.

    ``certificate`` is the JSON text of the proof, empty where there is none or it is too long.
    """

    source: str
    result: CheckResult
    detail: str
    time_s: float
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class SolveModel:
    """Compile and solve; ``solver`` is a backend's name or auto."""

    formulation: Formulation
    tables: tuple[Table, ...]
    solver: str
    time_limit_s: float
    seed: int


@dataclass(frozen=True, slots=True)
class ModelSolved:
    """What the solver ended with, its point replayed against the model."""

    solution: Solution
    time_s: float


@dataclass(frozen=True, slots=True)
class SolveFailed:
    """No backend could take the model, or its answer did not stand up to the replay."""

    reason: str
    time_s: float


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing more to do: ``status`` is held, for this reason."""

    status: Status
    reason: str
    limit: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AgentFailed:
    """An agent could not do its part: the model is unavailable, the budget spent, or no reply usable.

    ``setting`` names the setting to look at where the machinery is down.
    """

    agent: str
    kind: FailureKind
    reason: str
    spent: AgentUsage
    setting: str = ""


class FailureKind(StrEnum):
    """Why an agent failed; who acts next differs."""

    UNAVAILABLE = "chat_unavailable"
    BUDGET = "budget_spent"
    REPLY = "no_usable_reply"


@dataclass(frozen=True, slots=True)
class AnalyseText:
    """Have the analyst say what kind of problem it is, what is asked and what is missing."""

    text: str
    tables: tuple[Table, ...]
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TextAnalysed:
    """The analyst's notes, and what is missing from the text."""

    notes: str
    problem_class: str
    questions: tuple[Question, ...]
    spent: AgentUsage


@dataclass(frozen=True, slots=True)
class FormulateText:
    """Have the formulator model the text, once for each seed; ``second`` asks another model once more."""

    text: str
    tables: tuple[Table, ...]
    answers: tuple[tuple[str, str], ...]
    previous: Formulation | None
    analysis: str
    problem_class: str
    seeds: tuple[int, ...]
    second: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """One formulation of the text; ``lost_quotes`` are (element, quote) pairs that are not in the text."""

    formulation: Formulation
    questions: tuple[Question, ...]
    lost_quotes: tuple[tuple[str, str], ...]
    reader: str


@dataclass(frozen=True, slots=True)
class TextFormulated:
    """The samples that could be used; ``failures`` says why others could not."""

    samples: tuple[Sample, ...]
    failures: tuple[str, ...]
    spent: AgentUsage


@dataclass(frozen=True, slots=True)
class ClusterSamples:
    """Sort formulations into classes that say the same; the last ones may be those of other readers."""

    formulations: tuple[Formulation, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class SamplesClustered:
    """Classes of equivalent formulations, largest first, as positions; ``difference`` is between the first two."""

    clusters: tuple[tuple[int, ...], ...]
    difference: str
    time_s: float


@dataclass(frozen=True, slots=True)
class WriteProgram:
    """Have the coder write a program from the text and the formulation's names."""

    text: str
    formulation: Formulation
    tables: tuple[Table, ...]
    answers: tuple[tuple[str, str], ...]
    seed: int


@dataclass(frozen=True, slots=True)
class ProgramWritten:
    """The coder's program, as it came."""

    source: str
    spent: AgentUsage


class Agreement(StrEnum):
    """How an independent program stands to the formulation."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNDECIDED = "undecided"
    PROGRAM_FAILS = "program_fails"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class CompareProgram:
    """Run a program and compare its model with the formulation's."""

    formulation: Formulation
    source: str
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class ProgramCompared:
    """Whether the program builds the formulation's model, by equivalence, and whether the optima agree.

    ``detail`` is the verdict, the difference or the error in words; ``optima`` holds both optimal values
    where both were found (the formulation's first); ``certificate`` is the JSON text of the proof that they agree,
    empty where there is none or it is too long.
    """

    agreement: Agreement
    detail: str
    same_optimum: bool | None
    optima: tuple[float, float] | None
    time_s: float
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class MendModels:
    """Have the debugger settle a fault: an error of one side, or a difference between the two."""

    text: str
    formulation: Formulation
    source: str
    kind: FaultKind
    fault: str
    tables: tuple[Table, ...]
    seed: int


class FaultKind(StrEnum):
    """What the debugger is given."""

    FORMULATION_FAILS = "formulation_fails"
    PROGRAM_FAILS = "program_fails"
    MODELS_DIFFER = "models_differ"
    IMPLAUSIBLE = "implausible"


@dataclass(frozen=True, slots=True)
class ModelsMended:
    """Both sides after the debugger's patch; equal to what they were where it was rolled back or none was made.

    ``side`` is formulation, program or neither; ``rolled_back`` says why a patch was not kept.
    """

    kind: FaultKind
    side: str
    diagnosis: str
    formulation: Formulation
    source: str
    question: str
    rolled_back: str
    spent: AgentUsage


@dataclass(frozen=True, slots=True)
class PerturbData:
    """Draw other numbers, build both models with each draw, and compare their optima."""

    formulation: Formulation
    source: str
    tables: tuple[Table, ...]
    draws: int
    seed: int


@dataclass(frozen=True, slots=True)
class DataPerturbed:
    """How many draws could be compared and how many agreed; ``idle`` are constraints active in none."""

    compared: int
    agreed: int
    idle: tuple[str, ...]
    detail: str
    time_s: float


@dataclass(frozen=True, slots=True)
class ReviewModel:
    """Have the reviewer read the model back without its sentences, and rule on each part."""

    formulation: Formulation
    text: str


@dataclass(frozen=True, slots=True)
class ModelReviewed:
    """The rulings as (part, match | mismatch | missing, reason), and the sentences that no part covers."""

    rulings: tuple[tuple[str, str, str], ...]
    uncovered: tuple[str, ...]
    spent: AgentUsage


TrustedStep = ReadText | CompileModel | CompareRendering | SolveModel
"""Steps that need no chat model and no program of a chat model."""

AgentStep = AnalyseText | FormulateText | WriteProgram | MendModels | ReviewModel
"""Steps that a chat model takes part in."""

CheckStep = ClusterSamples | CompareProgram | PerturbData
"""Steps in which trusted code judges what a chat model wrote."""

Step = TrustedStep | AgentStep | CheckStep

Event = (
    TextRead
    | ModelCompiled
    | CompileFailed
    | RenderingCompared
    | ModelSolved
    | SolveFailed
    | AgentFailed
    | TextAnalysed
    | TextFormulated
    | SamplesClustered
    | ProgramWritten
    | ProgramCompared
    | ModelsMended
    | DataPerturbed
    | ModelReviewed
)
