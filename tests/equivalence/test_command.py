"""``milpwright compare``: exit codes, JSON, and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.compare import command

BASE = "Minimize\n obj: x + 2 y\nSubject To\n c: x + y >= 3\nBounds\n x <= 5\n y <= 5\nEnd\n"
TIGHTER = BASE.replace(">= 3", ">= 4")
SCALED = BASE.replace("x + y >= 3", "2 x + 2 y >= 6")


def run(tmp_path: Path, a: str, b: str, *options: str) -> Result:
    (tmp_path / "a.lp").write_text(a)
    (tmp_path / "b.lp").write_text(b)
    return CliRunner().invoke(command, [str(tmp_path / "a.lp"), str(tmp_path / "b.lp"), *options])


def test_the_exit_code_tells_the_verdict(tmp_path: Path) -> None:
    assert run(tmp_path, BASE, SCALED).exit_code == 0
    assert run(tmp_path, BASE, TIGHTER, "--map", "names").exit_code == 10
    assert run(tmp_path, BASE, TIGHTER).exit_code == 11


def test_the_json_has_the_documented_fields(tmp_path: Path) -> None:
    result = run(tmp_path, BASE, TIGHTER, "--map", "names", "--json", "--diff")
    document = json.loads(result.output)
    fields = {"verdict", "level", "relation", "scope", "reason", "certificate", "witness", "difference", "timings"}
    assert fields <= document.keys()
    assert document["verdict"] == "different"
    assert "'c'" in document["difference"]
    assert any(row["words"] == "lower side of 'c' is 3 in A, 4 in B" or row["words"] for row in document["rows"])


def test_the_diff_names_the_coefficient(tmp_path: Path) -> None:
    other = BASE.replace("x + y >= 3", "x + 8 y >= 3")
    result = run(tmp_path, BASE, other, "--map", "names", "--diff")
    assert "coefficient of y in 'c' is" in result.output


def test_a_map_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "map.json").write_text('{"x": {"terms": {"z": 1}, "constant": 0}}')
    renamed = BASE.replace("x", "z")
    assert run(tmp_path, BASE, renamed, "--map", str(tmp_path / "map.json")).exit_code == 0


def test_a_picture_is_written(tmp_path: Path) -> None:
    assert run(tmp_path, BASE, SCALED, "--picture", str(tmp_path / "p.svg")).exit_code == 0
    assert (tmp_path / "p.svg").read_text().startswith("<svg")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "this is no model",
        "Minimize\n obj: nan x\nSubject To\n c: x >= 1\nEnd\n",
        "Minimize\n obj: x\nSubject To\n c: x >= \nEnd\n",
    ],
)
def test_what_is_no_model_is_a_usage_error(tmp_path: Path, text: str) -> None:
    result = run(tmp_path, BASE, text)
    assert result.exit_code == 2
    assert "b.lp" in result.output


@pytest.mark.parametrize("content", ["no json", "[1]", '{"x": 1}', '{"x": {"terms": {"q": 1}}}'])
def test_a_map_that_is_none_is_a_usage_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "map.json").write_text(content)
    assert run(tmp_path, BASE, SCALED, "--map", str(tmp_path / "map.json")).exit_code == 2


def test_names_that_differ_only_in_case_are_different_names(tmp_path: Path) -> None:
    result = run(tmp_path, BASE, BASE.replace("y", "Y"), "--map", "names", "--exact-objective")
    assert result.exit_code == 11
