"""Which language a text is in, and numbers as languages write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulation.answer import Answer, AnsweredTermination, Check, CheckResult, Status
from formulation.clarification import settled
from formulation.explain import explain
from formulation.formulation import Constraint, Formulation, Objective, Parameter, Question, Span, Variable
from formulation.language import LANGUAGES, language_of, number, quantity, speaking, with_english_numbers
from formulation.lint import LintCheck, lint
from formulation.problem import Problem
from solvers.milp import Sense

TEXTS = {
    "de": ["Wie viele Stühle?", "Maximiere den Gewinn.", "Tische 30 Euro, Stühle 20 Euro, höchstens 40 Stunden Arbeit"],
    "fr": ["Maximiser le profit de deux produits.", "Combien de tables et de chaises ?"],
    "es": ["Una panadería hace panes y tortas.", "¿Cuántas mesas y sillas?"],
    "pt": ["Uma padaria faz pães e bolos.", "Quantas mesas e cadeiras?"],
    "it": ["Massimizzare il profitto.", "Quanti tavoli e quante sedie?"],
    "nl": ["Een bakkerij maakt brood en taart.", "Maximaliseer de winst."],
    "pl": ["Piekarnia piecze chleb i ciasta.", "Ile stołów i krzeseł?"],
    "zh": ["一家面包店生产面包和蛋糕。", "利润最大化。"],
    "ja": ["パン屋はパンとケーキを作ります。", "利益を最大化してください。"],
    "ar": ["مخبز يصنع الخبز والكعك. كم يجب أن يخبز؟"],
    "sv": ["Ett bageri gör bröd och kakor. Hur många ska det baka?"],
    "en": [
        "", "x", "12 34", "max 3x+2y", "How many tables and chairs?", "Maximize 3x + 2y subject to x + y <= 4",
        "Naïve café: each croissant costs $2 and each éclair $3; there are at most 40 croissants. Maximise profit.",
        "Ships Müller, Jürgen and Köln must go to München. Each trip costs 40. Minimize the total cost.",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in TEXTS.items() for text in texts])
def test_a_short_text_is_known_by_its_language(language, text):
    assert language_of(text) == language


@settings(deadline=None)
@given(st.text())
def test_any_text_has_a_language(text):
    assert re.fullmatch("[a-z]{2}", language_of(text))


@pytest.mark.parametrize(
    ("language", "value", "money"),
    [
        ("en", "1,234.5", "-$1,234.5"), ("de", "1.234,5", "-1.234,5\xa0$"), ("fr", "1\u202f234,5", "-1\u202f234,5\xa0$"),
        ("es", "1.234,5", "-1.234,5\xa0$"), ("pt", "1.234,5", "-$\xa01.234,5"), ("nl", "1.234,5", "-$\xa01.234,5"),
        ("pl", "1\xa0234,5", "-1\xa0234,5\xa0$"), ("ja", "1,234.5", "-$1,234.5"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_the_language_writes_it(language, value, money):
    with speaking(language):
        assert number(1234.5) == value
        assert quantity(-1234.5, "$") == money


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0"), (-0.0, "0"), (3.0, "3"), (2.99999999999, "3"), (0.12345, "0.1234"), (1e-5, "1E-5"), (1e15, "1E15")],
)
def test_a_number_is_written_short(value, written):
    assert number(value) == written


@pytest.mark.parametrize(
    ("written", "english"),
    [
        ("1.200 Stunden", "1,200 Stunden"), ("1,5 kg", "1.5 kg"), ("1.234.567,89", "1,234,567.89"), ("1.25", "1.25"),
        ("am 3.4.2025", "am 3.4.2025"), ("12, 13", "12, 13"), ("2\u202f100 m", "2,100 m"), ("1,2,3", "1,2,3"),
    ],
)  # fmt: skip
def test_the_numbers_of_a_language_with_a_decimal_comma_are_read_as_it_means_them(written, english):
    assert with_english_numbers(written, "de") == english
    assert with_english_numbers(written, "en") == written


@settings(deadline=None)
@given(st.text(alphabet="0123456789., \u202fa"), st.sampled_from([*LANGUAGES, "sv", "no such"]))
def test_numbers_are_rewritten_in_their_places(text, language):
    assert len(with_english_numbers(text, language)) == len(text)


# At most 1.200 hours: in a German text that is twelve hundred, and one and a half is 1,5.
GERMAN = (
    "Eine Werkstatt baut Stühle. Jeder Stuhl braucht 1,5 Stunden, höchstens 1.200 Stunden gibt es. Möglichst viele!"
)


def chairs(hours, limit, question=()):
    def span(words):
        return (Span(GERMAN.index(words), GERMAN.index(words) + len(words)),)

    return Formulation(
        parameters=(
            Parameter("hours", value=hours, unit="Stunden", evidence=span("1,5 Stunden")),
            Parameter("limit", value=limit, unit="Stunden", evidence=span("1.200 Stunden")),
        ),
        variables=(Variable("chairs", evidence=span("Stühle")),),
        objective=Objective(Sense.MAXIMIZE, "chairs", evidence=span("Möglichst viele")),
        constraints=(Constraint("time", "hours * chairs <= limit", evidence=span("höchstens")),),
        questions=question,
    )


def test_the_numbers_of_a_german_text_are_covered_by_what_they_mean():
    def uncovered(formulation):
        return [f for f in lint(formulation, GERMAN) if f.check is LintCheck.NUMBERS_COVERED]

    assert uncovered(chairs(1.5, 1200.0)) == []
    assert {finding.element for finding in uncovered(chairs(15.0, 1.2))} >= {"hours", "limit"}


def test_an_answer_in_a_german_problem_is_a_german_number():
    asked = chairs(None, 1200.0, (Question("q", "Wie lange?", "hours"),))
    done = settled(Problem(GERMAN, answers=(("q", "2,5 Stunden"),), formulation=asked))
    assert done is not None
    assert done.symbol("hours").value == 2.5


def test_english_in_place_of_a_language_without_catalog_is_said_once():
    answer = Answer(Status.INFEASIBLE, AnsweredTermination("infeasible"))
    told = explain(answer, "sv")
    assert told.language == "en"
    assert told.explanation.startswith("No choice of values")
    assert told.explanation.count("Swedish") == 1
    assert "xx" in explain(answer, "xx").explanation


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_happened_is_said_in_every_language_and_names_stay_as_they_are(language):
    check = Check("numbers_covered", CheckResult.FAILED, "{broken} %s")
    for status in Status:
        answer = Answer(status, AnsweredTermination("limit", "{time}", "{detail}"), checks=(check,))
        told = explain(answer, language)
        assert told.headline
        assert told.language == language
        assert told.checks[0].title
        assert told.checks[0].detail == "{broken} %s"
