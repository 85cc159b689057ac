"""The checks of a run, and the confidence that follows from them and from nothing else."""

from __future__ import annotations

from typing import assert_never

from formulation.answer import Check, CheckResult
from formulation.events import Agreement, CompileFailed, FaultKind, ModelCompiled, ModelSolved, SolveFailed
from formulation.explain import joined
from formulation.finding import LintCheck, Severity
from formulation.language import gettext, ngettext, number
from formulation.state import State
from solvers.result import Reason, Solution

CONFIDENT_FROM = 0.8
"""The confidence from which the service stands behind an answer."""

MUST_PASS = frozenset(
    {"reading", "model_built", "renderer_agrees", "solution_replayed", LintCheck.NAMES_DEFINED, LintCheck.INDICES_FIT}
)
"""Checks without which no answer is confident."""

FAILED_FACTOR = 0.4
UNKNOWN_FACTOR = 0.9
"""What one failed (or unknown) check other than those leaves of the confidence."""

CONFIRMED_FAILED_FACTOR = 0.85
CONFIRMED_UNKNOWN_FACTOR = 0.98
"""The same for the lint where an independent program agrees, by proof or in the optimum of every draw: a rule of thumb
weighs less than a derivation."""

ALONE = 0.75
"""A formulation of the chat model that nothing else confirms."""

READERS_AGREE = 0.9
"""It and the embedded reader, or most samples, make equivalent models; no program was compared."""

PROGRAM_AGREES = 0.95
"""A program written independently builds the same model, as both were written."""

DRAWS_AGREE = 0.93
"""Equivalence is undecided, and both have the same optimal value for the text's numbers and for every draw."""

OPTIMA_AGREE = 0.85
"""Equivalence is undecided, and both models have the same optimal value."""

SETTLED = 0.82
"""They agree after the debugger has settled a difference, or agree in their optimal value alone."""

DISSENT_FACTOR = 0.8
"""What is left where the readings do not agree with one another: no program can make such an answer confident, for the
program and the formulation may share a misreading of a sentence that has two."""

CONTRADICTED = 0.3
"""An independent program builds another model with another optimum."""

ASSUMED_AIM_FACTOR = 0.8
"""What is left where the aim rests on an assumption: two derivations may share it, so no program makes up for it."""

IMPLAUSIBLE_FACTOR = 0.7
"""What a model without an optimum leaves: a text seldom asks for one."""

AGREEMENTS = frozenset({"program_agrees", "optima_agree", "samples_agree", "readers_agree"})
"""Checks that make the base, and are not counted again as factors."""


def checks_of(state: State) -> tuple[Check, ...]:
    """Return what was checked in a run, in the order of the work; what was not run says so."""
    return (
        *_chat_model(state),
        _reading(state),
        *_aim(state),
        *_lint(state),
        _rendering(state),
        _program(state),
        *_agreements(state),
        _solution(state),
        *_plausible(state),
        *_perturbed(state),
        *_reviewed(state),
    )


def confidence_of(state: State, checks: tuple[Check, ...]) -> tuple[float, bool]:
    """Return the confidence (0 to 1) and whether the service stands behind the answer.

    Where the embedded reader read the text, it starts from that reader's own confidence; where a chat model
    did, from how far independent derivations agree (`ALONE` to `PROGRAM_AGREES`). Each failed check multiplies
    it by `FAILED_FACTOR`, each that stayed unknown by `UNKNOWN_FACTOR`, less for the lint where a program
    agrees by proof or in every draw; it is 0 where a check of `MUST_PASS` failed.
    """
    chat = state.draft is not None
    confidence = agreement_of(state) if chat else (state.read.reading.confidence if state.read else 0.0)
    confirmed = chat and _confirmed(state)
    stands = True
    for check in checks:
        if check.name in AGREEMENTS and chat:
            continue
        mild = (confirmed and check.name in LINT and check.name not in MUST_PASS) or check.name == "constraints_bite"
        if check.result is CheckResult.FAILED:
            if check.name in MUST_PASS:
                confidence = 0.0
            elif check.name == "optimum_plausible":
                confidence *= IMPLAUSIBLE_FACTOR
            else:
                confidence *= CONFIRMED_FAILED_FACTOR if mild else FAILED_FACTOR
            stands = stands and mild
        elif check.result is CheckResult.UNKNOWN and check.name == "aim_stated":
            confidence *= ASSUMED_AIM_FACTOR
        elif check.result is CheckResult.UNKNOWN:
            confidence *= CONFIRMED_UNKNOWN_FACTOR if mild else UNKNOWN_FACTOR
    return confidence, stands and confidence >= CONFIDENT_FROM


def _confirmed(state: State) -> bool:
    """Return whether an independent program says the same: by proof, or in the optimum of every draw of numbers."""
    compared, drawn = state.compared, state.perturbed
    if compared is None or compared.agreement is not Agreement.UNDECIDED:
        return compared is not None and compared.agreement is Agreement.AGREES
    return bool(compared.same_optimum) and drawn is not None and 0 < drawn.compared == drawn.agreed


def agreement_of(state: State) -> float:
    """Return the confidence that follows from the independent derivations alone; docs/trust.md has the table."""
    readers = _readers_agree(state)
    base = READERS_AGREE if readers else ALONE
    compared = state.compared
    if compared is not None:
        argued = any(m.kind is FaultKind.MODELS_DIFFER and not m.rolled_back for m in state.mended)
        match compared.agreement:
            case Agreement.AGREES:
                base = SETTLED if argued and not readers else PROGRAM_AGREES
            case Agreement.UNDECIDED | Agreement.DIFFERS if compared.same_optimum:
                undecided = compared.agreement is Agreement.UNDECIDED and not argued
                drawn = state.perturbed
                if drawn is not None and drawn.agreed < drawn.compared:
                    base = CONTRADICTED
                elif undecided and drawn is not None and drawn.compared:
                    base = DRAWS_AGREE
                else:
                    base = OPTIMA_AGREE if undecided or readers else SETTLED
            case Agreement.DIFFERS | Agreement.UNDECIDED if compared.same_optimum is False:
                base = CONTRADICTED
            case _:
                pass
    if readers is False:
        base *= DISSENT_FACTOR
    return base


def _readers_agree(state: State) -> bool | None:
    """Return whether more than half of the readings make the model that the run stands on; None without any."""
    if state.clustered is None:
        return None
    sizes = [len(cluster) for cluster in state.clustered.clusters]
    return 2 * sizes[0] > sum(sizes)


LINT = frozenset(name.value for name in LintCheck)


def _chat_model(state: State) -> list[Check]:
    """Return a check for each agent that could not do its part; what it would have added is missing, no more."""
    checks = [
        Check(f"{failure.agent}_replied", CheckResult.NOT_RUN, failure.reason + _named(failure.setting))
        for failure in state.failures
    ]
    if state.formulated is not None and state.draft is None and state.clustered is not None:
        checks.append(Check("formulator_replied", CheckResult.NOT_RUN, _set_aside(state)))
    return checks


def _set_aside(state: State) -> str:
    """Return why the embedded reader's reading stands in place of the chat model's formulation."""
    failed = next((event for event in reversed(state.events) if isinstance(event, CompileFailed)), None)
    if failed is not None:
        said = gettext("the chat model's formulation makes no model ({element}: {reason})")
        return said.format(element=failed.element, reason=failed.reason)
    return gettext("an independent program contradicts the chat model's formulation")


def _named(setting: str) -> str:
    return " " + gettext("(setting {setting})").format(setting=setting) if setting else ""


def _program(state: State) -> Check:
    name, compared = "program_agrees", state.compared
    if compared is None:
        failure = state.failure("coder")
        why = f": {failure.reason}" if failure is not None else ""
        said = gettext("no program was written independently of the formulation")
        return Check(name, CheckResult.NOT_RUN, said + why)
    match compared.agreement:
        case Agreement.AGREES:
            settled = "; " + gettext("a difference was settled by the debugger") if state.mended else ""
            return Check(name, CheckResult.PASSED, compared.detail + settled, compared.certificate)
        case Agreement.DIFFERS | Agreement.PROGRAM_FAILS:
            return Check(name, CheckResult.FAILED, compared.detail)
        case Agreement.UNDECIDED:
            return Check(name, CheckResult.UNKNOWN, compared.detail)
        case Agreement.NOT_RUN:
            return Check(name, CheckResult.NOT_RUN, compared.detail)
        case _:
            assert_never(compared.agreement)


def _agreements(state: State) -> list[Check]:
    checks = []
    compared = state.compared
    if compared is not None and compared.same_optimum is not None:
        result = CheckResult.PASSED if compared.same_optimum else CheckResult.FAILED
        both = ""
        if compared.optima is not None:
            both = gettext("{one} and {other}").format(one=number(compared.optima[0]), other=number(compared.optima[1]))
        checks.append(Check("optima_agree", result, both))
    if state.clustered is not None:
        agree = _readers_agree(state)
        total = sum(len(cluster) for cluster in state.clustered.clusters)
        largest = len(state.clustered.clusters[0])
        many = state.formulated is not None and len(state.formulated.samples) > 1
        said = ngettext(
            "{count} of {total} readings makes the same model",
            "{count} of {total} readings make the same model",
            largest,
        )
        detail = said.format(count=largest, total=total)
        if state.clustered.difference:
            detail += f": {state.clustered.difference}"
        result = CheckResult.PASSED if agree else CheckResult.FAILED
        checks.append(Check("samples_agree" if many else "readers_agree", result, detail))
    return checks


def _plausible(state: State) -> list[Check]:
    """Return whether the optimum is one that a text would ask for; only said where a chat model wrote the model."""
    if state.draft is None or not isinstance(state.solved, ModelSolved):
        return []
    solution = state.solved.solution
    reason = solution.termination.reason
    if reason in (Reason.INFEASIBLE, Reason.UNBOUNDED, Reason.INFEASIBLE_OR_UNBOUNDED):
        return [Check("optimum_plausible", CheckResult.FAILED, _without_optimum(reason))]
    if solution.point is None:
        return [Check("optimum_plausible", CheckResult.NOT_RUN, gettext("no point is held"))]
    if not solution.point.values.any():
        return [Check("optimum_plausible", CheckResult.UNKNOWN, gettext("every decision is zero"))]
    said = gettext("the optimum is bounded, and not everything is zero")
    return [Check("optimum_plausible", CheckResult.PASSED, said)]


def _without_optimum(reason: Reason) -> str:
    match reason:
        case Reason.INFEASIBLE:
            return gettext("the model is infeasible")
        case Reason.UNBOUNDED:
            return gettext("the model is unbounded")
        case _:
            return gettext("the model is infeasible or unbounded")


def _perturbed(state: State) -> list[Check]:
    event = state.perturbed
    if event is None:
        return []
    name = "perturbed_data_agrees"
    if event.compared == 0:
        return [Check(name, CheckResult.NOT_RUN, event.detail)]
    passed = event.agreed == event.compared
    checks = [Check(name, CheckResult.PASSED if passed else CheckResult.FAILED, event.detail)]
    idle = joined(list(event.idle))
    detail = gettext("each constraint is active in some draw")
    if idle:
        detail = gettext("active in no draw of other numbers: {names}").format(names=idle)
    return [*checks, Check("constraints_bite", CheckResult.UNKNOWN if idle else CheckResult.PASSED, detail)]


def _reviewed(state: State) -> list[Check]:
    failure = state.failure("reviewer")
    if failure is not None:
        return [Check("reviewer", CheckResult.NOT_RUN, failure.reason)]
    if state.reviewed is None:
        return []
    wrong = [f"{part}: {reason}" for part, ruling, reason in state.reviewed.rulings if ruling == "mismatch"]
    doubtful = [f"{part}: {reason}" for part, ruling, reason in state.reviewed.rulings if ruling == "missing"]
    unsaid = gettext("not expressed: {sentence}")
    doubtful += [unsaid.format(sentence=sentence) for sentence in state.reviewed.uncovered]
    if wrong:
        return [Check("reviewer", CheckResult.FAILED, "; ".join(wrong))]
    if doubtful:
        return [Check("reviewer", CheckResult.UNKNOWN, "; ".join(doubtful))]
    count = len(state.reviewed.rulings)
    said = ngettext("{count} part read back and found right", "{count} parts read back and found right", count)
    return [Check("reviewer", CheckResult.PASSED, said.format(count=count))]


def _reading(state: State) -> Check:
    if state.draft is not None:
        return _quoted(state)
    if state.read is None:
        return Check("reading", CheckResult.NOT_RUN)
    failures = state.read.reading.failures
    if failures:
        return Check("reading", CheckResult.FAILED, " ".join(_sentence(f.detail) for f in failures))
    said = gettext("every sentence and number of the text was used or set aside by name")
    return Check("reading", CheckResult.PASSED, said)


def _sentence(detail: str) -> str:
    return detail if detail.endswith((".", "。")) else f"{detail}."


def _aim(state: State) -> list[Check]:
    """Return whether the text itself says what is optimised; only said where a chat model wrote the formulation."""
    if state.draft is None:
        return []
    assumed = [assumption.text for assumption in state.draft.assumptions if assumption.element == "objective"]
    if assumed:
        said = gettext("the objective rests on an assumption: {assumed}").format(assumed="; ".join(assumed))
        return [Check("aim_stated", CheckResult.UNKNOWN, said)]
    return [Check("aim_stated", CheckResult.PASSED, gettext("the objective rests on no assumption"))]


def _quoted(state: State) -> Check:
    """Return whether the words that the chat model quoted are in the text."""
    samples = state.formulated.samples if state.formulated else ()
    chosen = [sample for sample in samples if sample.formulation == state.draft] or list(samples)
    lost = [f"{element}: {quote!r}" for sample in chosen[:1] for element, quote in sample.lost_quotes]
    if lost:
        said = gettext("quoted, but not in the text: {quotes}").format(quotes="; ".join(lost[:5]))
        return Check("reading", CheckResult.UNKNOWN, said)
    return Check("reading", CheckResult.PASSED, gettext("what the chat model quotes is in the text"))


def _lint(state: State) -> list[Check]:
    compiled = state.compiled
    if compiled is None:
        return [Check(name.value, CheckResult.NOT_RUN) for name in LintCheck]
    checks = []
    for name in LintCheck:
        found = [finding for finding in compiled.findings if finding.check is name]
        detail = "; ".join(
            f"{finding.element}: {finding.detail}" if finding.element else finding.detail for finding in found
        )
        if any(finding.severity is Severity.ERROR for finding in found):
            checks.append(Check(name.value, CheckResult.FAILED, detail))
        else:
            checks.append(Check(name.value, CheckResult.UNKNOWN if found else CheckResult.PASSED, detail))
    match compiled:
        case CompileFailed(element=element, reason=reason):
            checks.append(Check("model_built", CheckResult.FAILED, f"{element}: {reason}" if element else reason))
        case ModelCompiled(rows=rows, columns=columns):
            checks.append(Check("model_built", CheckResult.PASSED, _size(columns, rows)))
    return checks


def _size(columns: int, rows: int) -> str:
    wide = ngettext("{count} column", "{count} columns", columns).format(count=columns)
    return joined([wide, ngettext("{count} row", "{count} rows", rows).format(count=rows)])


def _rendering(state: State) -> Check:
    if state.rendering is None:
        return Check("renderer_agrees", CheckResult.NOT_RUN)
    rendering = state.rendering
    return Check("renderer_agrees", rendering.result, rendering.detail, rendering.certificate)


def _solution(state: State) -> Check:
    match state.solved:
        case None:
            return Check("solution_replayed", CheckResult.NOT_RUN)
        case SolveFailed(reason=reason):
            return Check("solution_replayed", CheckResult.FAILED, reason)
        case ModelSolved(solution=solution):
            return solution_check(solution)


def solution_check(solution: Solution) -> Check:
    """Return what the replay of a solution's point says; `solvers.solve` passes on no point that failed it."""
    name = "solution_replayed"
    if solution.point is None:
        reason = solution.termination.reason
        if reason in (Reason.INFEASIBLE, Reason.UNBOUNDED, Reason.INFEASIBLE_OR_UNBOUNDED):
            return Check(name, CheckResult.NOT_RUN, _without_optimum(reason))
        return Check(name, CheckResult.NOT_RUN, gettext("no point is held"))
    detail = gettext("the point meets every row, bound and integrality of the model")
    if solution.termination.reason is not Reason.OPTIMAL:
        detail += "; " + gettext("that it is the best was not proved")
    return Check(name, CheckResult.PASSED, detail)
