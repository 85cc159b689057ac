"""A formulation written out: programs that run, mathematics that is well-formed, words that people read."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from formulation.formulation import (
    Constraint,
    Formulation,
    IndexSet,
    Objective,
    Parameter,
    Span,
    Variable,
    VariableDomain,
)
from formulation.render import latex, mathml, pyomo, words
from solvers.milp import Sense

TEXT = "Two kilns fire bricks and tiles. A brick takes 2 hours and brings $3.\nSell at most 40 tiles."

PLAIN = Formulation(
    parameters=(Parameter("gain", 3.0, unit="$", label="gain per brick", evidence=(Span(66, 68),)), Parameter("most", 40.0)),
    variables=(
        Variable("bricks", label="bricks", upper="5", evidence=(Span(15, 21),)),
        Variable("tiles", domain=VariableDomain.INTEGER, label="roof tiles", unit="tiles"),
    ),
    objective=Objective(Sense.MAXIMIZE, "gain * bricks + 1 * tiles", "$", "income"),
    constraints=(
        Constraint("market", "tiles <= most", label="market", evidence=(Span(70, 93),)),
        Constraint("mix", "tiles - (bricks - 2) / 4 <= -(1 - most)"),
    ),
    title="Kilns",
)  # fmt: skip

INDEXED = Formulation(
    sets=(IndexSet("sites", ("a", "b")), IndexSet("weeks", (1, 2, 3))),
    parameters=(Parameter("cost", {("a",): 1.0, ("b",): 2.0}, ("sites",)), Parameter("need", {(2,): 4.0}, ("weeks",), default=1.0)),
    variables=(Variable("make", ("sites", "weeks"), upper="9 * cost"), Variable("stock", ("weeks",))),
    objective=Objective(Sense.MINIMIZE, "sum(cost[i] * make[i, t] for i in sites, t in weeks) + sum(stock[t] for t in weeks)"),
    constraints=(
        Constraint("flow", "sum(make[i, t] for i in sites) + (stock[prev(t)] if t > 1 else 0) == need[t] + stock[t]", "t in weeks"),
        Constraint("few", "sum(make[i, t] for t in weeks if t > ord(i)) <= 8", "i in sites if i != 'b' or card(sites) > 1"),
    ),
)  # fmt: skip

HOSTILE = '"""\n</math><script>alert(1)</script> \\input{x} $ % & _ \u202e # import os'


def test_a_program_quotes_the_text_and_keeps_the_names():
    source = pyomo.render(PLAIN, text=TEXT)
    assert '# "Sell at most 40 tiles."' in source
    assert "model.market = pyo.Constraint(expr=model.tiles <= most)" in source
    assert "model.bricks = pyo.Var(domain=pyo.Reals, bounds=(0, 5))" in source


@pytest.mark.parametrize(("formulation", "value"), [(PLAIN, 54.0), (INDEXED, 6.0)])
def test_a_program_solves_itself_when_it_is_run(tmp_path, formulation, value):
    # PLAIN: 5 bricks bring 15; mix lets tiles reach 39 + (5 - 2) / 4 = 39.75, whole 39: 3 * 5 + 39 = 54.
    # INDEXED: 1 + 4 + 1 = 6 units at site a, each in its own week, within 8 from week 2 on.
    program = tmp_path / "model.py"
    program.write_text(pyomo.render(formulation), encoding="utf-8")
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60, check=True)
    assert re.search(rf"^objective = {value:g}", done.stdout, re.MULTILINE), done.stdout


def test_words_of_a_stranger_stay_in_comments_and_text():
    hostile = Formulation(
        variables=(Variable("x", label=HOSTILE, description=HOSTILE, unit=HOSTILE, upper="1"),),
        objective=Objective(Sense.MAXIMIZE, "x", HOSTILE, HOSTILE, HOSTILE, (Span(0, len(HOSTILE)),)),
        constraints=(Constraint("c", "x <= 1", label=HOSTILE, description=HOSTILE),),
        title=HOSTILE,
    )
    source = pyomo.render(hostile, text=HOSTILE)
    assert not [line for line in source.splitlines() if "import os" in line and not line.lstrip().startswith("#")]
    compile(source, "model.py", "exec")
    html = mathml.render(hostile)
    assert "<script" not in html
    ElementTree.fromstring(html)
    assert "\\input" not in latex.render(hostile)
    assert words.render(hostile)


@pytest.mark.parametrize("formulation", [PLAIN, INDEXED])
def test_mathematics_is_well_formed(formulation):
    for row in mathml.rows(formulation):
        element = ElementTree.fromstring(row.mathml)
        assert element.tag == "math"
        assert element.get("alttext")
    source = latex.render(formulation)
    bare = re.sub(r"\\[{}]", "", source)
    assert bare.count("{") == bare.count("}")
    assert source.count("\\left") == source.count("\\right")


def test_plain_algebra_reads_as_a_person_would_write_it():
    assert words.render(PLAIN).splitlines() == [
        "Maximize income [$]",
        "  3 × bricks + roof tiles",
        "subject to",
        "  market: roof tiles ≤ 40",
        "  mix:    roof tiles − (bricks − 2) / 4 ≤ −(1 − 40)",
        "with",
        "  0 ≤ bricks ≤ 5",
        "  roof tiles ≥ 0, whole [tiles]",
    ]


def test_a_sum_in_a_product_stands_in_brackets():
    formulation = Formulation(
        sets=(IndexSet("s", (1, 2)),),
        variables=(Variable("x", ("s",)),),
        objective=Objective(Sense.MINIMIZE, "sum(x[i] for i in s) * 2 + sum(x[i] + 1 for i in s)"),
    )
    assert words.render(formulation).splitlines()[1] == (
        "  (sum over i in s of x[i]) × 2 + (sum over i in s of (x[i] + 1))"
    )
    assert r"\left(\sum_{i \in s} x_{i}\right) \cdot 2 + \sum_{i \in s} \left(x_{i} + 1\right)" in latex.render(
        formulation
    )


def test_an_expression_that_cannot_be_read_stands_as_it_was_written():
    broken = Formulation(
        variables=(Variable("x", upper="(("),),
        objective=Objective(Sense.MINIMIZE, "x +"),
        constraints=(Constraint("c", "x <", "i in"),),
    )
    assert "x +" in words.render(broken)
    assert "x +" in latex.render(broken)
    assert "x +" in mathml.render(broken)
