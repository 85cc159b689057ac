"""``milpwright solve`` as a shell sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(sys.executable).parent / "milpwright"

# Both limits bind: 2 l + c = 40 and l + 2 c = 50 give 10 and 20; 5*10 + 7*20 = 190.
SAMPLE = ROOT / "docs" / "samples" / "bakery.txt"


def run(*arguments: str | Path, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([PROGRAM, *arguments], input=given, capture_output=True, timeout=280, check=False)


@pytest.fixture(scope="module")
def sample() -> dict:
    done = run("solve", SAMPLE, "--json")
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_the_sample_is_answered_with_its_optimum(sample):
    assert sample["status"] == "optimal"
    assert sample["objective"]["value"] == pytest.approx(190)
    assert {v["name"]: v["value"] for v in sample["variables"]} == {"loaves": 10, "cakes": 20}
    assert sample["confident"] is True
    assert sample["reader"] == "embedded"


def test_the_json_has_every_field_of_an_answer(sample):
    assert {
        "status", "termination", "objective", "variables", "constraints", "formulation", "pyomo", "lp", "checks",
        "confidence", "confident", "assumptions", "questions", "reader", "solver", "timings",
    } <= sample.keys()  # fmt: skip
    assert sample["termination"].keys() == {"reason", "limit", "detail"}
    assert sample["objective"].keys() == {"sense", "value", "unit", "description"}
    assert sample["variables"][0].keys() == {
        "name", "description", "unit", "index", "domain", "lower", "upper", "value",
    }  # fmt: skip
    family = sample["constraints"][0]
    assert {"name", "description", "expression", "evidence", "rows"} <= family.keys()
    assert {"binding", "slack", "dual"} <= family["rows"]["items"][0].keys()
    assert sample["solver"].keys() == {"name", "version", "time_s", "gap"}


def test_the_checks_say_what_was_run_and_what_was_not(sample):
    results = {check["name"]: check["result"] for check in sample["checks"]}
    assert results["renderer_agrees"] == "passed"
    assert results["solution_replayed"] == "passed"
    assert results["program_agrees"] == "not_run"


def test_the_evidence_of_a_constraint_points_into_the_text(sample):
    text = SAMPLE.read_text()
    for family in sample["constraints"]:
        assert family["evidence"], family["name"]
        for span in family["evidence"]:
            assert text[span["start"] : span["end"]].strip()


def test_the_model_and_the_program_are_written_where_asked(tmp_path):
    done = run("solve", SAMPLE, "--lp", tmp_path / "m.lp", "--pyomo", tmp_path / "m.py")
    assert done.returncode == 0
    assert "Maximize" in (tmp_path / "m.lp").read_text() or "maximize" in (tmp_path / "m.lp").read_text()
    alone = subprocess.run(
        [sys.executable, tmp_path / "m.py"], capture_output=True, text=True, timeout=280, check=False
    )
    assert alone.returncode == 0, alone.stderr
    assert "190" in alone.stdout


def test_standard_input_and_an_argument_are_read_alike(sample):
    text = SAMPLE.read_bytes()
    for done in (run("solve", "-", "--json", given=text), run("solve", text.decode(), "--json")):
        assert done.returncode == 0
        assert json.loads(done.stdout)["objective"]["value"] == sample["objective"]["value"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (b"", 3),
        (b" \n\t ", 3),
        (b"The moon rose late, and nobody counted the sheep.", 3),
        ("\u202e\u200f\x07 12 ".encode(), 3),
        (b"\xff\xfe\x00binary", 2),
        (b"12 " * 350_000, 3),
        (b"Maximize 1e400 chairs at most 3 tables.", 3),
    ],
    ids=["empty", "blank", "prose", "controls", "not text", "a megabyte", "too large a number"],
)
def test_bad_input_ends_with_its_code_and_without_a_trace(given, code):
    done = run("solve", "-", given=given)
    assert done.returncode == code, done.stdout.decode()[-500:] + done.stderr.decode()[-2000:]
    assert b"Traceback" not in done.stderr


def test_a_missing_file_is_a_usage_error():
    done = run("solve", "no/such/file.txt")
    assert done.returncode == 2
    assert b"no file" in done.stderr


def test_an_unknown_solver_is_a_usage_error_that_names_those_there_are():
    done = run("solve", SAMPLE, "--solver", "abacus")
    assert done.returncode == 2
    assert b"highs" in done.stderr


def test_a_file_that_cannot_be_written_is_said_without_a_trace(tmp_path):
    done = run("solve", SAMPLE, "--lp", tmp_path / "missing" / "m.lp")
    assert done.returncode == 1
    assert b"m.lp" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_question_is_answered_in_a_second_run(tmp_path):
    text = (
        "A farmer raises goats and ducks. He has room for 16 animals and wants no more than 10 goats. He spends $25 to "
        "raise a goat and $7 to raise a duck, and has $300 available. Each goat draws 80 visitors and each duck draws "
        "20 visitors. How many of each should he raise?"
    )
    first = run("solve", text, "--json")
    assert first.returncode == 3
    assert [question["id"] for question in json.loads(first.stdout)["questions"]] == ["objective"]
    assert b"--answer ID=TEXT" in run("solve", text).stdout
    earlier = tmp_path / "earlier.json"
    earlier.write_bytes(first.stdout)
    for more in ((), ("--earlier", earlier)):
        again = run("solve", text, "--json", "--answer", "objective=Maximize the visitors", *more)
        assert again.returncode == 0
        # 25 g + 7 d <= 300 and g + d <= 16: ten goats and six ducks, 10*80 + 6*20.
        assert json.loads(again.stdout)["objective"]["value"] == pytest.approx(920)


@pytest.mark.parametrize("arguments", [("--answer", "objective"), ("--answer", "=x"), ("--earlier", SAMPLE)])
def test_an_answer_that_is_none_is_a_usage_error(arguments):
    done = run("solve", SAMPLE, *arguments)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_total_or_each_is_settled_by_an_answer():
    text = (
        "A mill grinds rye and spelt. The profit is $4 per sack of rye and $6 per sack of spelt. A sack of rye takes 2 "
        "hours and a sack of spelt takes 3 hours on the mill. The mill runs for at most 90 hours. Rye and spelt must not "
        "exceed 25. How many sacks of each should be ground to maximize profit?"
    )
    asked = run("solve", text, "--json")
    assert asked.returncode == 3
    (question,) = json.loads(asked.stdout)["questions"]
    assert question["suggestions"] == ["the total", "of each"]
    # Of each: 90 hours are worth $180 either way. In total 25 sacks, so 25 of spelt, which take 75 hours: $150.
    for said, value in (("of each", 180), ("the total", 150)):
        done = json.loads(run("solve", text, "--json", "--answer", f"{question['id']}={said}").stdout)
        assert done["status"] == "optimal"
        assert done["objective"]["value"] == pytest.approx(value)


def test_an_infeasible_problem_is_told_what_conflicts_and_what_would_mend_it():
    # 30 scarves take 60 hours and there are 40: 60 hours, or 20 scarves, would do.
    text = (
        "A choir sells mugs and scarves. A mug earns $3 and a scarf $8. A mug takes 1 hour of work and a scarf takes 2 "
        "hours. At least 30 scarves must be made. There are only 40 hours of work. How many mugs and scarves should be "
        "made to earn the most?"
    )
    done = run("solve", text)
    assert done.returncode == 4
    shown = done.stdout.decode()
    assert "Why" in shown
    assert "raise work_limit from 40 to 60" in shown
    assert "lower scarves_need from 30 to 20" in shown
