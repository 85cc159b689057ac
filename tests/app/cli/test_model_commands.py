"""``solve-model`` and ``diagnose``: what they print and how they exit."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from app.cli.diagnose import command as diagnose
from app.cli.solve_model import command as solve_model

OPTIMAL = "max 3 x + 2 y\nst\n c: x + y <= 4\nbounds\n x <= 3\nend\n"  # (3, 1): 11
CONFLICT = "min x\nst\n budget: 18 x <= 500\n need: x >= 30\nend\n"
ENDLESS = "max x\nst\n c: x - y <= 5\nend\n"


@pytest.mark.parametrize(
    ("text", "status", "code"), [(OPTIMAL, "optimal", 0), (CONFLICT, "infeasible", 4), (ENDLESS, "unbounded", 4)]
)
def test_a_model_is_answered_in_the_shape_of_every_answer(tmp_path, text, status, code):
    file = tmp_path / "model.lp"
    file.write_text(text)
    result = CliRunner().invoke(solve_model, [str(file), "--json"])
    assert result.exit_code == code
    answer = json.loads(result.output)
    assert answer["status"] == status
    assert answer["formulation"] is None
    assert answer["reader"] is None
    assert all(check["result"] != "failed" for check in answer["checks"])


@pytest.mark.parametrize("command", [solve_model, diagnose], ids=["solve-model", "diagnose"])
@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("bad.lp", "min x <= 3", "line 1"), ("bad.mps", "noise", "line 1"), ("bad.xls", "", "suffix")],
)
def test_a_file_that_cannot_be_read_exits_with_2_and_its_line(tmp_path, command, name, text, said):
    file = tmp_path / name
    file.write_text(text)
    result = CliRunner().invoke(command, [str(file)])
    assert result.exit_code == 2
    assert said in result.output


def test_a_missing_file_exits_with_2(tmp_path):
    assert CliRunner().invoke(solve_model, [str(tmp_path / "none.lp")]).exit_code == 2


def test_a_solver_that_does_not_take_the_model_says_so(tmp_path):
    file = tmp_path / "model.lp"
    file.write_text(OPTIMAL)
    result = CliRunner().invoke(solve_model, [str(file), "--solver", "cp-sat"])
    assert result.exit_code == 1
    assert "continuous" in result.output


def test_a_diagnosis_names_the_conflict_and_the_repair(tmp_path):
    file = tmp_path / "model.lp"
    file.write_text(CONFLICT)
    result = CliRunner().invoke(diagnose, [str(file), "--json"])
    assert result.exit_code == 4
    found = json.loads(result.output)
    assert found["core"] == {
        "relations": ["budget: 18 x <= 500", "need: x >= 30"],
        "irreducible": True,
        "needs_integrality": False,
    }
    assert "raise budget from 500 to 540" in [repair["text"] for repair in found["repairs"]]
