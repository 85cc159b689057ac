"""The answer as the terminal shows it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from app.cli._render import _wrapped, render_answer
from formulation.answer import Answer, AnsweredTermination, Check, CheckResult, Status
from formulation.formulation import Question, Span
from formulation.reading import Unread


def shown(answer: Answer, width: int = 100) -> str:
    out = io.StringIO()
    render_answer(answer, Console(file=out, width=width, highlight=False))
    return out.getvalue()


def test_what_was_not_understood_is_quoted_from_the_text():
    text = "Bake ½ of the 1e400 loaves."
    answer = Answer(
        Status.NOT_UNDERSTOOD,
        AnsweredTermination("not_understood"),
        unread=(Unread(Span(14, 19), "no such number"),),
        text=text,
    )
    assert "“1e400”: no such number" in shown(answer)


def test_markup_in_the_users_words_is_shown_and_not_obeyed():
    answer = Answer(
        Status.NEEDS_ANSWERS,
        AnsweredTermination("needs_answers"),
        questions=(Question("q1", "Is [bold red]500[/] the total?", suggestions=("of [all]", "of each")),),
        checks=(Check("reading", CheckResult.FAILED, "[link=x]y[/link]"),),
    )
    out = shown(answer)
    assert "Is [bold red]500[/] the total? (of [all] / of each)" in out
    assert "[link=x]y[/link]" in out


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_a_long_line_is_folded_without_losing_a_word(width):
    line = "  oven limit: " + " + ".join(f"{k} × loaves of kind {k}" for k in range(30)) + " ≤ 600"
    assert _wrapped(line, width).split() == line.split()
