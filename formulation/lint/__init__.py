"""Checks of a formulation against its text that need no chat model."""

from __future__ import annotations

from collections.abc import Iterable

from formulation.data import Table
from formulation.finding import Finding, LintCheck, Severity
from formulation.formulation import Formulation
from formulation.language import gettext
from formulation.lint.coverage import numbers_unused, unstated, untraced
from formulation.lint.directions import contradicted
from formulation.lint.expressions import expressions
from formulation.lint.symbols import undefined_and_misfitting, unused
from formulation.lint.units import not_adding_up
from solvers.milp import Milp
from solvers.nonlinear import Nonlinear

__all__ = ["Finding", "LintCheck", "Severity", "lint"]


def lint(
    formulation: Formulation, text: str = "", tables: Iterable[Table] = (), *, model: Milp | Nonlinear | None = None
) -> list[Finding]:
    """Return what speaks against a formulation, in the order of the checks; nothing found proves nothing more.

    Each finding names its element and, where there is any, the text behind it. Checks against the text are
    left out where no text is given. ``model`` is the compiled formulation, where the caller has it already;
    without it the formulation is compiled to see whether a variable can grow for ever.
    """
    stated = expressions(formulation)
    findings = [*undefined_and_misfitting(formulation, stated)]
    if text:
        findings += numbers_unused(formulation, stated, text)
        findings += untraced(formulation, text)
        findings += unstated(formulation, text)
    findings += not_adding_up(formulation, stated)
    if text:
        findings += contradicted(formulation, stated, text)
    findings += unused(formulation, stated)
    findings += _bounded(formulation, tables, model)
    return findings


def _bounded(formulation: Formulation, tables: Iterable[Table], model: Milp | Nonlinear | None) -> list[Finding]:
    from formulation.compile import CompileError, compile_formulation
    from formulation.lint.bounded import unbounded

    if model is None:
        try:
            model = compile_formulation(formulation, tables)
        except CompileError as error:
            return [
                Finding(
                    LintCheck.BOUNDED,
                    Severity.WARNING,
                    error.element,
                    gettext("there is no model to look at: {reason}").format(reason=error.reason),
                )
            ]
    if not isinstance(model, Milp):
        detail = gettext("the model is not linear, so no column was looked at")
        return [Finding(LintCheck.BOUNDED, Severity.WARNING, "objective", detail)]
    return list(unbounded(formulation, model))
