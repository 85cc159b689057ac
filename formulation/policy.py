"""What to do next, decided from the state of the run alone. Nothing else orders the steps.

docs/effort.md says in words what this module says in code.
"""

from __future__ import annotations

from formulation.answer import Status
from formulation.clarification import open_questions
from formulation.events import (
    Agreement,
    AnalyseText,
    ClusterSamples,
    CompareProgram,
    CompareRendering,
    CompileFailed,
    CompileModel,
    FailureKind,
    FaultKind,
    Finish,
    FormulateText,
    MendModels,
    ModelSolved,
    PerturbData,
    ReadText,
    ReviewModel,
    SolveFailed,
    SolveModel,
    Step,
    WriteProgram,
)
from formulation.formulation import Formulation
from formulation.language import gettext
from formulation.problem import Effort
from formulation.reading import ReadingStatus
from formulation.state import State
from solvers.result import Reason, Solution

ROUNDS = {Effort.LOW: 1, Effort.MEDIUM: 3, Effort.HIGH: 4}
"""How often the debugger may be asked; at low effort only for a formulation that makes no model."""

PERTURBED_DRAWS = 5
OPINION_FROM = 0.8
"""The confidence from which the embedded reader's reading counts as one more opinion."""


def next_step(state: State) -> Step | Finish:
    """Return the next step, or `Finish` with what is held. Pure."""
    problem = state.problem
    if state.read is None:
        return ReadText(problem.text, problem.answers)
    if state.chat is not None and problem.text.strip() and not _chat_is_down(state):
        ahead = _formulating(state)
        if ahead is not None:
            return ahead
    formulation = state.draft
    if formulation is None:
        reading = state.read.reading
        if reading.status is not ReadingStatus.UNDERSTOOD or reading.formulation is None:
            return _not_read(state)
        formulation = reading.formulation
    if state.compiled is None:
        return CompileModel(formulation, problem.tables, problem.text)
    if isinstance(state.compiled, CompileFailed):
        fault = f"{state.compiled.element}: {state.compiled.reason}"
        mending = _mend(state, FaultKind.FORMULATION_FAILS, fault)
        return mending or _other_reading(state) or Finish(Status.ERROR, "no_model", detail=fault)
    ahead = _programming(state, formulation)
    if ahead is not None:
        return ahead
    if state.rendering is None:
        return CompareRendering(formulation, problem.tables, problem.text)
    if state.solved is None:
        options = problem.options
        return SolveModel(formulation, problem.tables, options.solver, options.time_limit_s, options.seed)
    if isinstance(state.solved, SolveFailed):
        return Finish(Status.ERROR, "failed", detail=state.solved.reason)
    return _implausible(state) or _doubting(state, formulation) or _finished(state)


def _chat_is_down(state: State) -> bool:
    """Whether no formulation can come from the chat model any more."""
    analyst = state.failure("analyst")
    return state.failure("formulator") is not None or (analyst is not None and analyst.kind is not FailureKind.REPLY)


def _formulating(state: State) -> Step | Finish | None:
    """Return what leads to a formulation of the chat model; None once there is one."""
    problem, chat = state.problem, state.chat
    if chat is None or (state.draft is not None and state.formulated is None):
        return None
    high = problem.options.effort is Effort.HIGH
    if high and state.analysed is None and state.failure("analyst") is None:
        return AnalyseText(problem.text, problem.tables, problem.answers)
    if state.formulated is None:
        first = problem.options.seed
        return FormulateText(
            problem.text,
            problem.tables,
            problem.answers,
            problem.formulation,
            state.analysed.notes if state.analysed else "",
            state.analysed.problem_class if state.analysed else "",
            tuple(range(first, first + chat.samples)) if high else (first,),
            second=high and chat.second,
        )
    questions = () if state.compiled is not None else open_questions(state)
    if questions:
        return Finish(Status.NEEDS_ANSWERS, "needs_answers", detail=questions[0].text)
    opinion = embedded_opinion(state)
    formulations = tuple(sample.formulation for sample in state.formulated.samples)
    if state.clustered is None and len(formulations) + (opinion is not None) > 1:
        return ClusterSamples((*formulations, *((opinion,) if opinion is not None else ())), problem.tables)
    return None


def embedded_opinion(state: State) -> Formulation | None:
    """Return the embedded reader's formulation where it is confident enough to count."""
    if state.read is None:
        return None
    reading = state.read.reading
    confident = reading.status is ReadingStatus.UNDERSTOOD and reading.confidence >= OPINION_FROM
    return reading.formulation if confident else None


def _not_read(state: State) -> Finish:
    """Return how a run ends in which nobody could read the text."""
    failure = state.failure("formulator") or state.failure("analyst")
    if failure is not None:
        setting = " " + gettext("(setting {setting})").format(setting=failure.setting) if failure.setting else ""
        detail = failure.reason + setting
        limit = "budget" if failure.kind is FailureKind.BUDGET else None
        return Finish(Status.ERROR, failure.kind.value, limit, detail)
    assert state.read is not None  # noqa: S101
    reading = state.read.reading
    if reading.status is ReadingStatus.NEEDS_ANSWERS:
        return Finish(Status.NEEDS_ANSWERS, "needs_answers", detail=reading.questions[0].text)
    detail = "; ".join(failure.detail for failure in reading.failures[:3])
    return Finish(Status.NOT_UNDERSTOOD, "not_understood", detail=detail)


def _mend(state: State, kind: FaultKind, fault: str) -> MendModels | None:
    """Return a round of the debugger; None where it has had its rounds, has failed, or has said `neither`."""
    effort = state.problem.options.effort
    if state.chat is None or state.draft is None or len(state.mended) >= ROUNDS[effort]:
        return None
    if state.failure("debugger") is not None or (effort is Effort.LOW and kind is not FaultKind.FORMULATION_FAILS):
        return None
    last = state.mended[-1] if state.mended else None
    if last is not None and last.kind is kind and last.side == "neither":
        return None
    if last is not None and last.rolled_back:
        fault += f"\nAn earlier patch of the {last.side} was not kept: {last.rolled_back}"
    seed = state.problem.options.seed + len(state.mended)
    source = state.source or ""
    return MendModels(state.problem.text, state.draft, source, kind, fault, state.problem.tables, seed)


def _programming(state: State, formulation: Formulation) -> Step | None:
    """Return what leads to an independent program that was compared; None once there is nothing to gain."""
    problem = state.problem
    if state.chat is None or problem.options.effort is Effort.LOW:
        return None
    if state.draft is None:
        # The embedded reader's formulation stands; the program, where there is one, may confirm it.
        unheard = state.source is not None and state.compared is None
        return CompareProgram(formulation, state.source or "", problem.tables) if unheard else None
    if state.source is None:
        if state.failure("coder") is not None:
            return None
        return WriteProgram(problem.text, formulation, problem.tables, problem.answers, problem.options.seed)
    if state.compared is None:
        return CompareProgram(formulation, state.source, problem.tables)
    match state.compared.agreement:
        case Agreement.PROGRAM_FAILS:
            return _mend(state, FaultKind.PROGRAM_FAILS, state.compared.detail)
        case Agreement.DIFFERS:
            mending = _mend(state, FaultKind.MODELS_DIFFER, state.compared.detail)
            return mending or _drawing(state, formulation) or _third_opinion(state)
        case Agreement.UNDECIDED if state.compared.same_optimum is False:
            return _mend(state, FaultKind.MODELS_DIFFER, state.compared.detail) or _third_opinion(state)
        case Agreement.UNDECIDED if state.perturbed is not None and state.perturbed.agreed < state.perturbed.compared:
            return _mend(state, FaultKind.MODELS_DIFFER, f"{state.compared.detail}\n{state.perturbed.detail}")
        case Agreement.UNDECIDED:
            return _drawing(state, formulation)
        case _:
            return None


def _other_reading(state: State) -> CompileModel | None:
    """Return the embedded reader's confident reading in place of a draft that is given up; None without one."""
    opinion = embedded_opinion(state)
    if state.draft is None or opinion is None:
        return None
    return CompileModel(opinion, state.problem.tables, state.problem.text)


def _third_opinion(state: State) -> CompileModel | None:
    """Return the embedded reader's reading where formulation and program stay apart; high effort abstains there."""
    contradicted = state.compared is not None and state.compared.same_optimum is False
    confirmed = state.clustered is not None and 2 * len(state.clustered.clusters[0]) > sum(
        len(cluster) for cluster in state.clustered.clusters
    )
    medium = state.problem.options.effort is Effort.MEDIUM
    return _other_reading(state) if medium and contradicted and not confirmed else None


def _drawing(state: State, formulation: Formulation) -> PerturbData | None:
    """Return draws of other numbers where the optima agree on the text's own; None once they were made."""
    if state.source is None or state.perturbed is not None or state.compared is None or not state.compared.same_optimum:
        return None
    options = state.problem.options
    return PerturbData(formulation, state.source, state.problem.tables, PERTURBED_DRAWS, options.seed)


def _implausible(state: State) -> Step | None:
    """Return one round of the debugger for a model without an optimum, which a text seldom means."""
    if not isinstance(state.solved, ModelSolved) or any(m.kind is FaultKind.IMPLAUSIBLE for m in state.mended):
        return None
    reason = state.solved.solution.termination.reason
    if reason not in (Reason.INFEASIBLE, Reason.UNBOUNDED, Reason.INFEASIBLE_OR_UNBOUNDED):
        return None
    fault = f"The formulation's model is {reason.value.replace('_', ' ')}."
    if state.compared is not None and state.compared.agreement is Agreement.AGREES:
        fault += " The program, written independently, builds the same model."
    return _mend(state, FaultKind.IMPLAUSIBLE, fault)


def _doubting(state: State, formulation: Formulation) -> Step | None:
    """Return what high effort adds once there is a solution: perturbed data, and the reviewer."""
    problem = state.problem
    if state.chat is None or state.draft is None or problem.options.effort is not Effort.HIGH:
        return None
    if state.perturbed is None and state.source is not None and _comparable(state):
        return PerturbData(formulation, state.source, problem.tables, PERTURBED_DRAWS, problem.options.seed)
    if state.reviewed is None and state.failure("reviewer") is None:
        return ReviewModel(formulation, problem.text)
    return None


def _comparable(state: State) -> bool:
    return state.compared is not None and state.compared.agreement in (Agreement.AGREES, Agreement.UNDECIDED)


def _finished(state: State) -> Finish:
    """Return what the solution amounts to; at high effort only where independent derivations agree."""
    assert isinstance(state.solved, ModelSolved)  # noqa: S101
    if state.chat is not None and state.draft is not None and state.problem.options.effort is Effort.HIGH:
        doubt = disagreement(state)
        if doubt:
            questions = open_questions(state)
            if questions:
                return Finish(Status.NEEDS_ANSWERS, "no_agreement", detail=f"{questions[0].text} ({doubt})")
            return Finish(Status.NOT_UNDERSTOOD, "no_agreement", detail=doubt)
    return finish_of(state.solved.solution)


def disagreement(state: State) -> str:
    """Return why the independent derivations do not agree; empty where they do."""
    compared = state.compared
    if compared is None:
        failure = state.failure("coder")
        said = gettext("no independent program confirms the formulation: {reason}")
        return said.format(reason=failure.reason if failure else gettext("none was written"))
    held = compared.agreement is Agreement.AGREES
    if compared.agreement is Agreement.UNDECIDED and compared.same_optimum:
        held = state.perturbed is not None and 0 < state.perturbed.compared == state.perturbed.agreed
    if not held:
        said = gettext("the independent program and the formulation do not agree: {difference}")
        return said.format(difference=compared.detail)
    if state.clustered is not None and state.formulated is not None:
        total = sum(len(cluster) for cluster in state.clustered.clusters)
        if 2 * len(state.clustered.clusters[0]) <= total:
            said = gettext("the readings of the text do not agree: {difference}")
            return said.format(difference=state.clustered.difference)
    wrong = [
        f"{part}: {reason}"
        for part, ruling, reason in (state.reviewed.rulings if state.reviewed else ())
        if ruling == "mismatch"
    ]
    return gettext("the reviewer finds a mismatch: {parts}").format(parts="; ".join(wrong)) if wrong else ""


def finish_of(solution: Solution) -> Finish:
    """Return what a solution amounts to."""
    termination = solution.termination
    limit = termination.limit.value if termination.limit else None
    match termination.reason:
        case Reason.OPTIMAL:
            status = Status.OPTIMAL
        case Reason.INFEASIBLE:
            status = Status.INFEASIBLE
        case Reason.UNBOUNDED:
            status = Status.UNBOUNDED
        case Reason.FAILED | Reason.NUMERICAL if solution.point is None:
            status = Status.ERROR
        case _:
            status = Status.FEASIBLE if solution.point else Status.NO_SOLUTION
    return Finish(status, termination.reason.value, limit, termination.detail)
