"""``milpwright bench`` from the shell."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.bench import command


def bench(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_the_own_problems_are_run_reported_and_compared(tmp_path: Path) -> None:
    done = bench("run", "own", "--reader", "reference", "--out", tmp_path / "a", "--workers", 1)
    assert done.exit_code == 0, done.output
    assert "right of answered    100.0 %" in done.output
    rows = [json.loads(line) for line in (tmp_path / "a" / "records.jsonl").read_text().splitlines()]
    named = {
        "id", "outcome", "status", "value", "expected", "structure", "confident", "latency_s", "calls", "tokens",
    }  # fmt: skip
    for row in rows:
        assert named <= row.keys()
        assert row["outcome"] in {"right", "wrong", "abstained", "unscored"}
        assert row["structure"] in {"equivalent", "different", "unknown", "none"}
    assert len(rows) == 32
    done = bench("report", tmp_path / "a", "--out", tmp_path / "r")
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "r").iterdir()} == {"report.md", "report.html"}
    done = bench("compare", tmp_path / "a", tmp_path / "a", "--json")
    assert json.loads(done.output)["p_value"] == 1.0


def test_a_budget_and_a_limit_are_kept(tmp_path: Path) -> None:
    done = bench("run", "own", "--reader", "reference", "--out", tmp_path / "a", "--limit", 3, "--budget-time", 0)
    assert done.exit_code == 0, done.output
    assert "Stopped by the budget of time with 0 of 3 records" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "crossword"), "no suite is called 'crossword'"),
        (("run", "nl4opt"), "needs --data PATH"),
        (("run", "nl4opt", "--data", "nowhere.jsonl"), "does not exist"),
        (("run", "own", "--reader", "crystal"), "no reader is called 'crystal'"),
        (("run", "own", "--data", __file__, "--sha256", "00"), "has the SHA-256"),
        (("run", "own", "--data", __file__), "no case lies under"),
    ],
)
def test_what_cannot_run_is_said_before_anything_is_performed(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = bench(*arguments, "--out", tmp_path / "a")
    assert done.exit_code == 1
    assert said in done.output
    assert not (tmp_path / "a").exists()


def test_the_suites_are_listed_with_their_licences() -> None:
    rows = json.loads(bench("list", "--json").output)
    assert {"name", "licence", "size", "label", "releases", "known_bad"} <= rows[0].keys()
    assert bench("list").exit_code == 0


def test_speed_runs_one_benchmark() -> None:
    done = bench("speed", "--match", "reading", "--rounds", 1)
    assert done.exit_code == 0, done.output
    assert " ms" in done.output
