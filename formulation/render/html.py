"""A formulation and an answer as HTML fragments, for notebooks; everything from a text or a user is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from formulation.answer import Answer
from formulation.explain import decision, title
from formulation.formulation import Formulation
from formulation.language import gettext, number, speaking
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
    with speaking(answer.language):
        return f'<div lang="{escape(answer.language)}" dir="auto">{_answer_html(answer)}</div>'


def _answer_html(answer: Answer) -> str:
    stands = gettext("confident") if answer.confident else gettext("not confident")
    said = answer.headline or answer.status.value.replace("_", " ")
    parts = [f"<p><b>{escape(said)}</b> ({stands}, {number(round(answer.confidence, 2))})</p>"]
    if answer.explanation:
        parts.append(f"<p>{escape(answer.explanation)}</p>")
    if answer.formulation is not None:
        parts.append(mathml.render(answer.formulation))
    held = [v for v in answer.variables if v.value is not None]
    shown = (held if len(held) <= ROWS_SHOWN else [v for v in held if v.value])[:ROWS_SHOWN]
    if shown:
        parts.append(
            _table(
                (gettext("decision"), gettext("value"), gettext("unit")),
                ((decision(v), number(v.value or 0.0), v.unit) for v in shown),
            )
        )
        if len(shown) < answer.variables_total:
            said = gettext("{count} of {total} decisions are shown.")
            parts.append(f"<p>{said.format(count=number(len(shown)), total=number(answer.variables_total))}</p>")
    checks = ((check.result.value.replace("_", " "), title(check.name), check.detail) for check in answer.checks)
    parts.append(_table((gettext("result"), gettext("check"), gettext("detail")), checks))
    for heading, lines in (
        (gettext("Questions"), [question.text for question in answer.questions]),
        (gettext("Assumed"), [assumption.text for assumption in answer.assumptions]),
        (gettext("Not understood"), [unread.reason for unread in answer.unread]),
    ):
        if lines:
            parts.append(_list(heading, lines))
    return "".join(parts)


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else ""


def _list(title: str, lines: Iterable[str]) -> str:
    return f"<p>{escape(title)}</p><ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
