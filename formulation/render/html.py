"""A formulation and an answer as HTML fragments, for notebooks; everything from a text or a user is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from formulation.answer import Answer
from formulation.explain import decision, number
from formulation.formulation import Formulation
from formulation.render import mathml

ROWS_SHOWN = 40


def formulation_html(formulation: Formulation) -> str:
    """Return the objective and the constraints as MathML, with the decisions and the open questions."""
    parts = [mathml.render(formulation)]
    decisions = [
        (v.label or v.name, v.domain.value, ", ".join(v.indices) or "–", v.unit) for v in formulation.variables
    ]
    parts.append(_table(("decision", "domain", "for each", "unit"), decisions))
    if formulation.questions:
        parts.append(_list("Open questions", (question.text for question in formulation.questions)))
    return "".join(parts)


def answer_html(answer: Answer) -> str:
    """Return what an answer holds: its status and objective, the decisions, the checks and what is open."""
    stands = "confident" if answer.confident else "not confident"
    parts = [f"<p><b>{escape(answer.status.value.replace('_', ' '))}</b> ({stands}, {answer.confidence:.2f})</p>"]
    if answer.explanation:
        parts.append(f"<p>{escape(answer.explanation)}</p>")
    if answer.formulation is not None:
        parts.append(mathml.render(answer.formulation))
    held = [v for v in answer.variables if v.value is not None]
    shown = (held if len(held) <= ROWS_SHOWN else [v for v in held if v.value])[:ROWS_SHOWN]
    if shown:
        parts.append(
            _table(("decision", "value", "unit"), ((decision(v), number(v.value or 0.0), v.unit) for v in shown))
        )
        if len(shown) < answer.variables_total:
            parts.append(f"<p>{len(shown)} of {answer.variables_total} decisions are shown.</p>")
    checks = ((check.result.value.replace("_", " "), check.name, check.detail) for check in answer.checks)
    parts.append(_table(("result", "check", "detail"), checks))
    for title, lines in (
        ("Questions", [question.text for question in answer.questions]),
        ("Assumed", [assumption.text for assumption in answer.assumptions]),
        ("Not understood", [unread.reason for unread in answer.unread]),
    ):
        if lines:
            parts.append(_list(title, lines))
    return "".join(parts)


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else ""


def _list(title: str, lines: Iterable[str]) -> str:
    return f"<p>{escape(title)}</p><ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
