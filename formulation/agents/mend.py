"""A debugger's patch applied and judged: one that breaks what held before is rolled back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from formulation.agents.debugger import DebuggerReply, PatchError, patched_formulation, patched_program
from formulation.agreement import failure_of, text_data
from formulation.answer import AgentUsage
from formulation.compile import CompileError
from formulation.events import Agreement, FaultKind, MendModels, ModelsMended
from formulation.finding import LintCheck, Severity
from formulation.formulation import Formulation

if TYPE_CHECKING:
    from formulation.perform import Workshop


def mended(step: MendModels, reply: DebuggerReply, workshop: Workshop) -> Callable[[AgentUsage], ModelsMended]:
    """Return the event of a patch: what it left of both sides, and why it was rolled back where it was."""
    formulation, source, why = step.formulation, step.source, ""
    try:
        match reply.side:
            case "formulation":
                candidate = patched_formulation(step.formulation, reply.formulation_edits, step.text)
                why = broken_formulation(step, candidate, workshop)
                formulation = step.formulation if why else candidate
            case "program":
                changed = patched_program(step.source, reply.program_edits)
                why = broken_program(step, changed, workshop)
                source = step.source if why else changed
            case "neither":
                pass
    except PatchError as error:
        why = str(error)
    return lambda spent: ModelsMended(
        step.kind, reply.side, reply.diagnosis, formulation, source, reply.question.strip(), why, spent
    )


def broken_formulation(step: MendModels, candidate: Formulation, workshop: Workshop) -> str:
    """Return which check the patched formulation fails that the old one passed; empty where none."""
    before, was = _standing(step, step.formulation, workshop)
    after, now = _standing(step, candidate, workshop)
    if now and (not was or now == was):
        return f"the patched formulation makes no model: {now}"
    fresh = sorted(after - before)
    return f"the patch breaks a check that passed: {', '.join(fresh)}" if fresh and not was else ""


def _standing(step: MendModels, formulation: Formulation, workshop: Workshop) -> tuple[set[LintCheck], str]:
    """Return the lint checks that a formulation fails, and why it makes no model where it makes none."""
    from formulation.lint import lint

    findings = lint(formulation, step.text, step.tables)
    failed = {finding.check for finding in findings if finding.severity is Severity.ERROR}
    try:
        workshop.model(formulation, step.tables)
    except CompileError as error:
        return failed, f"{error.element}: {error.reason}"
    return failed, ""


def broken_program(step: MendModels, source: str, workshop: Workshop) -> str:
    """Return why the patched program builds no model where the old one did; empty where that is no news."""
    if workshop.sandbox is None or step.kind is FaultKind.PROGRAM_FAILS:
        return ""
    failure = failure_of(workshop.sandbox.run(source, text_data(step.formulation, step.tables)))
    if failure is None or failure[0] is not Agreement.PROGRAM_FAILS:
        return ""
    return f"the patched program fails: {failure[1]}"
