"""``milpwright run-program``: what it prints and what it tells the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli._root import root

SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
HEAD = "import pyomo.environ as pyo\nmodel = pyo.ConcreteModel()\nmodel.x = pyo.Var(bounds=(0, 1))\n"


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(root, ["run-program", *arguments], input=text, prog_name="milpwright")


def test_a_program_and_its_data_are_answered_as_json_and_as_lp(tmp_path: Path) -> None:
    lp = tmp_path / "model.lp"
    result = run(str(SAMPLES / "bakery_program.py"), "--data", str(SAMPLES / "bakery.json"), "--json", "--lp", str(lp))
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["status"], answer["objective"]["value"]) == ("optimal", 462)
    assert (answer["formulation"], answer["reader"]) == (None, None)
    assert "batches" in lp.read_text()


@pytest.mark.parametrize(
    ("program", "arguments", "code", "word"),
    [
        (HEAD + "model.o = pyo.Objective(expr=model.x)\n", [], 0, "optimal"),
        (HEAD + "model.o = pyo.Objective(expr=model.y)\n", [], 1, "line 4: AttributeError"),
        (
            HEAD + "model.o = pyo.Objective(expr=model.x)\nmodel.c = pyo.Constraint(expr=model.x >= 2)\n",
            [],
            4,
            "infeasible",
        ),
        ("while True: pass\n", ["--program-limit", "0.5"], 5, "longer than 0.5 s"),
        (HEAD, ["--solver", "abacus"], 2, "Usage"),
    ],
)
def test_the_exit_code_says_what_is_held(program: str, arguments: list[str], code: int, word: str) -> None:
    if "abacus" in arguments:
        program += "model.o = pyo.Objective(expr=model.x)\n"
    result = run("-", *arguments, text=program)
    assert result.exit_code == code, result.output
    assert word in result.output


def test_data_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    result = run("-", "--data", str(bad), text=HEAD)
    assert result.exit_code == 2
    assert "bad.json: not JSON" in result.output
