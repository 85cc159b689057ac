"""The agents beside the baseline: paired figures, and who is wrong without knowing it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.campaign import campaign_text, main, misses, paired_difference
from benchmarks.errors import RecordError
from benchmarks.record import Outcome, Record, RecordFile


def record(name: str, outcome: Outcome, *, confident: bool = True, calls: int = 2) -> Record:
    return Record(name, "numbers", outcome, "optimal", confident=confident, calls=calls, tokens=10 * calls)


def by_key(*records: Record) -> dict[tuple[str, str, int], Record]:
    return {each.key: each for each in records}


AGENTS = by_key(
    record("a", Outcome.RIGHT), record("b", Outcome.WRONG, confident=False), record("c", Outcome.RIGHT, calls=4)
)
BASELINE = by_key(
    *(
        record(name, outcome, calls=5)
        for name, outcome in (("a", Outcome.RIGHT), ("b", Outcome.WRONG), ("c", Outcome.WRONG))
    ),
    record("d", Outcome.RIGHT),
)


def test_only_items_of_both_are_counted_and_wrong_ones_are_named():
    said = campaign_text(AGENTS, BASELINE)
    assert "all items: 3" in said
    assert "1 better, 0 worse of 3" in said
    # Two of the agents' three answers are confident, and both are right; of the baseline's three, two are wrong.
    assert "agents   confident 66.7 % (2 of 3" in said
    assert "wrong of those 0.0 % (0 of 2" in said
    assert "wrong of those 66.7 % (2 of 3" in said
    assert "calls median 2, tokens median 20" in said
    assert "b: agents wrong, baseline wrong and confident: not read" in said


def test_runs_without_a_common_item_are_refused(tmp_path: Path, capsys):
    with pytest.raises(RecordError, match="no item in common"):
        campaign_text(AGENTS, {})
    assert main(["--agents", str(tmp_path), "--baseline", str(tmp_path)]) == 2
    assert "records.jsonl" in capsys.readouterr().err


def test_the_command_reads_several_folders(tmp_path: Path, capsys):
    for name, records in (("a", AGENTS), ("b", BASELINE)):
        (tmp_path / name).mkdir()
        with RecordFile(tmp_path / name / "records.jsonl") as file:
            for each in records.values():
                file.append(each)
    assert main(["--agents", str(tmp_path / "a"), "--baseline", str(tmp_path / "b")]) == 0
    assert "all items: 3" in capsys.readouterr().out


def test_every_miss_that_was_read_has_a_class_and_a_reason():
    assert {fault for fault, _ in misses().values()} <= {"ours", "label", "ambiguous"}
    assert all(why for _, why in misses().values())


def test_the_paired_interval_covers_as_often_as_it_says():
    # 40 pairs; A alone is right with 0.15, B alone with 0.05: the true difference is 0.1.
    draw, covered = random.Random(5), 0
    for _ in range(1000):
        kinds = [draw.random() for _ in range(40)]
        better, worse = sum(u < 0.15 for u in kinds), sum(0.15 <= u < 0.2 for u in kinds)
        low, high = paired_difference(better, worse, 40)
        covered += low <= 0.1 <= high
    assert 920 <= covered <= 990
    assert paired_difference(3, 1, 40) == pytest.approx([-bound for bound in reversed(paired_difference(1, 3, 40))])
    with pytest.raises(ValueError, match="no paired share"):
        paired_difference(1, 1, 1)
