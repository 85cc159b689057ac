"""A report says what its records say, every figure leads to its items, and it is quick."""

import random
import re
import resource
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from benchmarks.compare import compare_folders, comparison_json, comparison_text
from benchmarks.errors import RecordError
from benchmarks.manifest import Manifest, write_manifest
from benchmarks.published import published
from benchmarks.record import Outcome, Record, RecordFile, Structure
from benchmarks.report.plots import latency_bin, latency_bins
from benchmarks.report.summary import summarize, summary_text
from benchmarks.report.write import load_report, overview, shared_items, write_report
from benchmarks.suites.registry import suites


def stored(folder: Path, records: list[Record], suite: str = "nl4opt") -> Path:
    folder.mkdir(parents=True)
    manifest = Manifest(suite, "dev.jsonl", "0" * 64, len(records), "embedded", {"effort": "low"}, 0, 1, None, 300.0)
    write_manifest(folder, manifest)
    with RecordFile(folder / "records.jsonl") as file:
        for record in records:
            file.append(record)
    return folder


def drawn(count: int, seed: int = 1, suite: str = "nl4opt") -> list[Record]:
    draw = random.Random(seed)
    found = []
    for k in range(count):
        outcome = draw.choice(list(Outcome))
        answered = outcome is not Outcome.ABSTAINED
        found.append(
            Record(
                id=f'item <{k}> & "co"',
                suite=suite,
                outcome=outcome,
                status="optimal" if answered else "needs_answers",
                value=float(k) if answered else None,
                expected=float(k),
                structure=Structure.EQUIVALENT if outcome is Outcome.RIGHT else Structure.DIFFERENT,
                confident=draw.random() < 0.5,
                confidence=draw.random(),
                latency_s=draw.lognormvariate(-3, 1),
                kind=draw.choice(["lp", "milp"]),
                failure="" if outcome is Outcome.RIGHT else draw.choice(["other_value", "needs_answers"]),
                detail="<script>alert(1)</script> " * draw.randrange(6),
                executes=answered,
                value_close=answered,
                value_near=answered,
                text_digest=f"{k:016x}",
            )
        )
    return found


class Parsed(HTMLParser):
    """The rows, links, identities and tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.shows: list[set[str]] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.outside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "tr" and "data-show" in given:
            self.shows.append(set(given["data-show"].split()))
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        self.outside += [given[name] for name in ("src", "href") if given.get(name, "#").startswith(("http", "//"))]


def test_every_figure_leads_to_as_many_items_as_it_counts(tmp_path: Path) -> None:
    run = stored(tmp_path / "a", drawn(80))
    write_report(run, run, [stored(tmp_path / "b", drawn(80, seed=2))])
    parsed = Parsed((run / "report.html").read_text())
    report = load_report(run)
    assert len(parsed.shows) == 80
    for number, figure in enumerate(report.summary.figures):
        assert sum(f"figure-{number}" in shows for shows in parsed.shows) == figure.share.count
    for name, count in report.summary.outcomes.items():
        assert sum(f"outcome-{name}" in shows for shows in parsed.shows) == count
    for number, found in enumerate(report.summary.bins):
        assert sum(f"bin-{number}" in shows for shows in parsed.shows) == found.right.total
    for link in parsed.links:
        assert link.startswith("#")
        if link.startswith("#show="):
            assert any(link.removeprefix("#show=") in shows for shows in parsed.shows) or "figure" in link
        else:
            assert link[1:] in parsed.ids


def test_the_page_needs_nothing_else_and_runs_no_code_of_its_items(tmp_path: Path) -> None:
    run = stored(tmp_path / "a", drawn(40))
    write_report(run, run)
    text = (run / "report.html").read_text()
    assert Parsed(text).outside == []
    assert text.count("<script>") == 1
    assert "@import" not in text
    assert "url(" not in text


def test_the_markdown_links_every_figure_to_its_items(tmp_path: Path) -> None:
    run = stored(tmp_path / "a", drawn(40))
    write_report(run, run)
    text = (run / "report.md").read_text()
    assert re.search(r"\[right\]\(report\.html#show=figure-0\) \| [\d.]+ % \(\d+ of \d+; 95 %: ", text)
    assert "other_value" in text
    assert "from memory" in text


def test_abstained_and_unscored_are_neither_right_nor_wrong() -> None:
    records = [
        Record(id=str(k), suite="s", outcome=outcome, status="optimal")
        for k, outcome in enumerate(
            [Outcome.RIGHT] * 3 + [Outcome.WRONG] + [Outcome.ABSTAINED] * 2 + [Outcome.UNSCORED]
        )
    ]
    figures = {figure.name: figure.share for figure in summarize(records).figures}
    assert (figures["right"].count, figures["right"].total) == (3, 6)
    assert (figures["right of answered"].count, figures["right of answered"].total) == (3, 4)
    assert (figures["unscored"].count, figures["unscored"].total) == (1, 7)
    assert "75.0 % (3 of 4" in summary_text(summarize(records))


def test_pass_at_k_and_agreement_are_over_samples() -> None:
    marks = {"a": [True, False], "b": [False, False]}
    records = [
        Record(
            id=name,
            suite="s",
            sample=n,
            outcome=Outcome.RIGHT if mark else Outcome.WRONG,
            status="optimal",
            fingerprint=f"{name}{mark}",
        )
        for name, found in marks.items()
        for n, mark in enumerate(found)
    ]
    summary = summarize(records)
    assert summary.pass_at == {1: 0.25, 2: 0.5}
    assert summary.agreement == pytest.approx((0.5 + 1.0) / 2)


def test_items_shared_between_suites_are_found_and_counted_once(tmp_path: Path) -> None:
    first, second = drawn(10), drawn(10, seed=3, suite="industryor")
    run = stored(tmp_path / "a", first)
    report = load_report(run, [stored(tmp_path / "b", second, "industryor")])
    assert len(shared_items(report)) == 10
    assert overview(report)[-1][:3] == ("all suites, each item once", "", "10")
    assert report.comparisons == ()


def test_a_report_of_ten_thousand_records_takes_less_than_twenty_seconds_and_500_mb(tmp_path: Path) -> None:
    run = stored(tmp_path / "a", drawn(200))
    line = (run / "records.jsonl").read_text().splitlines()
    with (run / "records.jsonl").open("w") as file:
        for k in range(10_000):
            file.write(line[k % 200].replace('"id": "item', f'"id": "{k} item') + "\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    write_report(run, run)
    assert time.process_time() - started < 20.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


def test_a_comparison_says_what_got_better_and_worse(tmp_path: Path) -> None:
    def run(name: str, outcomes: str) -> Path:
        kinds = {"r": Outcome.RIGHT, "w": Outcome.WRONG, "a": Outcome.ABSTAINED, "u": Outcome.UNSCORED}
        records = [
            Record(id=str(k), suite="s", outcome=kinds[o], status="optimal", text_digest=str(k))
            for k, o in enumerate(outcomes)
        ]
        return stored(tmp_path / name, records)

    a, b = run("a", "rrwwwwwwwau"), run("b", "rwrrrrrrrwr")
    found = compare_folders(a, b)
    assert [change.after.id for change in found.better] == ["2", "3", "4", "5", "6", "7", "8"]
    assert [change.after.id for change in found.worse] == ["1"]
    assert [change.after.id for change in found.other] == ["9"]
    assert [change.after.id for change in found.newly_wrong] == ["1", "9"]
    assert found.both == 10
    # seven against one: 2 (1 + 8) / 2^8
    assert found.p_value == pytest.approx(18 / 256)
    assert "no difference beyond chance" in comparison_text(found)
    assert comparison_json(found)["right_b"]["count"] == 8


def test_runs_without_a_common_item_are_not_compared(tmp_path: Path) -> None:
    a, b = stored(tmp_path / "a", drawn(3)), stored(tmp_path / "b", drawn(3, suite="own"), "own")
    with pytest.raises(RecordError, match="no item in common"):
        compare_folders(a, b)


def test_a_folder_without_a_run_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"no run\.json"):
        load_report(tmp_path)


def test_every_latency_lies_in_its_bin() -> None:
    draw = random.Random(5)
    values = [draw.lognormvariate(-3, 2) for _ in range(200)]
    bins = latency_bins(values)
    for value in values:
        low, high = bins[latency_bin(value, bins)]
        assert low <= value <= high


def test_published_figures_name_their_suite_source_and_key() -> None:
    for row in published():
        assert row.suite in suites()
        assert row.source
        assert row.key
        assert row.base_model
