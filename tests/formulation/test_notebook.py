"""What a notebook shows of formulations, answers and verdicts."""

from __future__ import annotations

from html.parser import HTMLParser

import milpwright
from equivalence import compare
from formulation.embedded import read
from formulation.formulation import Constraint, Formulation, Objective, Variable
from solvers.formats import read as read_model
from solvers.milp import Sense

HOSTILE = "<img src=x onerror=alert(1)>"
MODEL = "max\n 2 x + y\nst\n c: x + y <= 4\nbounds\n x <= 3\nend\n"


class Balanced(HTMLParser):
    """Fails on a tag that is closed before it was opened, and counts what was opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        if tag != "mspace":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag != "mspace":
            assert self.open.pop() == tag


def hostile():
    return Formulation(
        variables=(Variable("x", label=HOSTILE, unit=HOSTILE),),
        objective=Objective(Sense.MAXIMIZE, "x", label=HOSTILE),
        constraints=(Constraint("limit", "x <= 3", label=HOSTILE),),
    )


def test_a_formulation_shows_its_rows_and_nothing_of_it_is_markup():
    shown = hostile()._repr_html_()
    assert "img" not in Balanced(shown).seen
    assert "math" in Balanced(shown).seen
    assert hostile()._repr_latex_().startswith(r"\begin{align*}")


def test_an_answer_shows_its_value_and_its_checks():
    from pathlib import Path

    answer = milpwright.solve((Path(__file__).parents[2] / "docs" / "samples" / "bakery.txt").read_text())
    shown = answer._repr_html_()
    assert {"table", "math"} <= set(Balanced(shown).seen)
    assert "190" in shown
    assert "solution replayed" in shown


def test_a_verdict_shows_its_ground():
    a = read_model(MODEL, "lp")
    same = compare(a, read_model(MODEL.replace(" x", " z"), "lp"))
    other = compare(a, read_model(MODEL.replace("4", "5"), "lp"), mapping="names")
    for verdict, word in ((same, "equivalent"), (other, "different")):
        shown = verdict._repr_html_()
        Balanced(shown)
        assert f"<b>{word}</b>" in shown


def test_a_text_of_another_language_is_refused_with_what_to_do():
    german = (
        "Eine Bäckerei backt Brote und Torten. Jedes Brot braucht 2 kg Mehl und bringt 5 Euro, jede Torte braucht 1 kg "
        "Mehl und bringt 7 Euro. Es gibt 40 kg Mehl. Wie viele soll sie backen, um am meisten zu verdienen?"
    )
    for text in (german, "面包店每天制作面包和蛋糕，需要两公斤面粉"):
        reading = read(text)
        assert reading.formulation is None or reading.formulation.objective is None
        assert any("chat model" in failure.detail for failure in reading.failures)
