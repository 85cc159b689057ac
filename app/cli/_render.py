"""An answer on the terminal."""

from __future__ import annotations

import re
import textwrap

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from formulation.answer import Answer, Check, CheckResult, ConstraintFamily, Status
from formulation.explain import decision, title
from formulation.language import gettext, ngettext, number, speaking

ROWS_LISTED = 40
"""How many rows of a table the terminal shows before it counts the rest."""

REASONS_S = 10.0
"""How long the reasons of an answer without an optimum may be looked for."""

STYLES = {
    CheckResult.PASSED: "green",
    CheckResult.FAILED: "red",
    CheckResult.UNKNOWN: "yellow",
    CheckResult.NOT_RUN: "dim",
}


def _mark(result: CheckResult) -> str:
    return {
        CheckResult.PASSED: gettext("passed"),
        CheckResult.FAILED: gettext("FAILED"),
        CheckResult.UNKNOWN: gettext("unknown"),
        CheckResult.NOT_RUN: gettext("not run"),
    }[result]


def render_answer(answer: Answer, console: Console | None = None) -> None:
    """Print an answer for people: the model, the solution, what binds, what was checked, what is open."""
    with speaking(answer.language):
        _render(answer, console or Console(highlight=False))


def _render(answer: Answer, out: Console) -> None:
    if answer.formulation is not None:
        from formulation.render.words import render

        _heading(out, gettext("Model"))
        for line in render(answer.formulation).splitlines():
            out.print(Text(_wrapped(line, out.width)))
    _heading(out, gettext("Answer: {status}").format(status=_status(answer.status)))
    out.print(Text(answer.explanation))
    if answer.status in (Status.OPTIMAL, Status.FEASIBLE):
        if any(variable.value is not None for variable in answer.variables):
            _solution(out, answer)
        _constraints(out, answer.constraints)
    _unread(out, answer)
    if answer.questions:
        _heading(out, gettext("Questions"))
        for question in answer.questions:
            choices = f" ({' / '.join(question.suggestions)})" if question.suggestions else ""
            out.print(Text(f"  {question.id}: {question.text}{choices}"))
        again = gettext("Run it again with --answer ID=TEXT for each that you can answer.")
        out.print(Text(f"\n  {again}"))
    if answer.assumptions:
        _heading(out, gettext("Assumed"))
        for assumption in answer.assumptions:
            out.print(Text(f"  {assumption.text}"))
    _checks(out, answer.checks)
    confident = (
        gettext("Confident: yes ({confidence})") if answer.confident else gettext("Confident: no ({confidence})")
    )
    reader = gettext("Reader: {reader}").format(reader=answer.reader or gettext("none"))
    out.print(Text(f"\n{confident.format(confidence=number(round(answer.confidence, 2)))}   {reader}"))


def render_reasons(answer: Answer, console: Console | None = None) -> None:
    """Print which conditions conflict and what would mend it, or what grows without end; nothing for other answers."""
    if answer.status not in (Status.INFEASIBLE, Status.UNBOUNDED) or answer.lp is None:
        return
    from app.cli._interrupt import interruptible
    from solvers.diagnose import diagnose
    from solvers.errors import SolversError
    from solvers.formats import read
    from solvers.port import SolveOptions

    model, options = read(answer.lp, "lp"), SolveOptions(time_limit_s=REASONS_S)
    out = console or Console(highlight=False)
    try:
        found = interruptible(lambda stop: diagnose(model, options, cancellation=stop))
    except SolversError:
        return  # the answer stands without its reasons
    with speaking(answer.language):
        _heading(out, gettext("Why"))
    out.print(Text(found.words()))


def _status(status: Status) -> str:
    return {
        Status.OPTIMAL: gettext("optimal"),
        Status.FEASIBLE: gettext("feasible"),
        Status.INFEASIBLE: gettext("infeasible"),
        Status.UNBOUNDED: gettext("unbounded"),
        Status.NO_SOLUTION: gettext("no solution"),
        Status.NOT_UNDERSTOOD: gettext("not understood"),
        Status.NEEDS_ANSWERS: gettext("needs answers"),
        Status.ERROR: gettext("error"),
    }[status]


def _heading(out: Console, title: str) -> None:
    out.print(Text(f"\n{title}", style="bold"))


def _wrapped(line: str, width: int) -> str:
    """Return a line of the model folded to the width, its continuation set in under its expression."""
    margin = len(line) - len(line.lstrip())
    head = re.match(r"[^:]*: +", line[: width // 2 + 2])
    under = head.end() if head else margin + 2
    return textwrap.fill(
        line, width, subsequent_indent=" " * max(under, margin + 2), break_long_words=False, break_on_hyphens=False
    )


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), show_edge=False)
    for k, column in enumerate(columns):
        table.add_column(escape(column), justify="left" if k == 0 else "right", overflow="fold")
    return table


def _solution(out: Console, answer: Answer) -> None:
    _heading(out, gettext("Solution"))
    table = _table(gettext("decision"), gettext("value"), gettext("unit"))
    nonzero = [v for v in answer.variables if v.value]
    shown = (list(answer.variables) if len(answer.variables) <= ROWS_LISTED else nonzero)[:ROWS_LISTED]
    for variable in shown:
        table.add_row(Text(decision(variable)), number(variable.value or 0.0), Text(variable.unit))
    out.print(table)
    if len(shown) < answer.variables_total:
        said = ngettext(
            "... of {total} decisions, {count} of them not zero",
            "... of {total} decisions, {count} of them not zero",
            len(nonzero),
        )
        out.print(Text("  " + said.format(total=number(answer.variables_total), count=number(len(nonzero)))))


def _constraints(out: Console, families: tuple[ConstraintFamily, ...]) -> None:
    rows = [(family, row) for family in families for row in family.rows.items]
    if not rows:
        return
    _heading(out, gettext("Constraints"))
    table = _table(gettext("constraint"), gettext("used"), gettext("limit"), gettext("left"), "")
    for family, row in rows[:ROWS_LISTED]:
        index = f"[{', '.join(str(key) for key in row.index)}]" if row.index else ""
        sides = [f"≥ {number(row.lower)}" if row.lower is not None and row.lower != row.upper else ""]
        if row.upper is not None:
            sides.append(f"{'=' if row.lower == row.upper else '≤'} {number(row.upper)}")
        table.add_row(
            Text(family.name + index),
            number(row.activity) if row.activity is not None else "",
            " ".join(side for side in sides if side),
            number(row.slack) if row.slack is not None else "",
            gettext("binds") if row.binding else "",
        )
    out.print(table)
    total = sum(family.rows.total for family in families)
    if total > min(len(rows), ROWS_LISTED):
        out.print(Text("  " + ngettext("... of {count} row", "... of {count} rows", total).format(count=number(total))))


def _unread(out: Console, answer: Answer) -> None:
    if not answer.unread:
        return
    _heading(out, gettext("Not understood"))
    for unread in answer.unread:
        words = (answer.text or "")[unread.span.start : unread.span.end].strip()
        out.print(Text(f"  “{words}”: {unread.reason}" if words else f"  {unread.reason}"))


def _checks(out: Console, checks: tuple[Check, ...]) -> None:
    _heading(out, gettext("Checks"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        table.add_row(
            Text(_mark(check.result), style=STYLES[check.result]), Text(title(check.name)), Text(check.detail)
        )
    out.print(table)
