"""The commands behind the figures, each on something small."""

from __future__ import annotations

import json

from benchmarks.speed.iis import measure as measure_cores
from benchmarks.speed.solvers import measure as measure_files
from benchmarks.speed.solvers import summary


def test_the_planted_core_is_found_exactly():
    found = measure_cores(300, 6, 2)
    assert found["found_exactly"] == 2


def test_files_are_compared_with_plain_highspy(tmp_path):
    (tmp_path / "a.lp").write_text("max 3 x + 2 y\nst\n c: x + y <= 4\nbounds\n x <= 3\nend\n")
    (tmp_path / "b.lp").write_text("min x\nst\n c: x >= 3\n d: x <= 2\nend\n")
    (tmp_path / "bad.lp").write_text("min x\nst\n c: x >= nan\nend\n")
    records = tmp_path / "records.jsonl"
    measure_files(tmp_path, 5.0, records, stop_after_s=0.0)
    assert records.read_text() == ""  # the time was up before the first file
    measure_files(tmp_path, 5.0, records)
    measure_files(tmp_path, 5.0, records)  # every file has its record: nothing is run again
    found = summary([json.loads(line) for line in records.read_text().splitlines()])
    assert found["files"] == 2
    assert found["same"] == 2
    assert found["left_out"] == {"highs_refuses": 1}


def test_a_difference_in_reading_is_told_from_one_in_solving(tmp_path):
    # plain highspy drops the constant on the left, and takes 9/10 for 9
    (tmp_path / "a.lp").write_text("min x\nst\n c: x - 1 >= 2\nend\n")
    (tmp_path / "b.mps").write_text("NAME\nROWS\n N z\n G c\nCOLUMNS\n x z 1 c 9/10\nRHS\n R c 9\nENDATA\n")
    records = tmp_path / "records.jsonl"
    measure_files(tmp_path, 5.0, records)
    found = summary([json.loads(line) for line in records.read_text().splitlines()])
    assert [row["differ_in"] for row in found["different"]] == ["reading", "reading"]
    assert [row["worker"][1] for row in found["different"]] == [3, 10]
