"""A run's report, written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compare import Comparison, compare_records, load_run
from benchmarks.errors import RecordError
from benchmarks.manifest import Manifest, read_manifest
from benchmarks.published import Published, published
from benchmarks.record import Record
from benchmarks.report.plots import Spent
from benchmarks.report.summary import Summary, duplicates, summarize


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report shows: the run, the runs beside it, and what others have published."""

    name: str
    manifest: Manifest
    summary: Summary
    comparisons: tuple[Comparison, ...]
    others: tuple[tuple[str, Manifest, Summary], ...]
    published: tuple[Published, ...]

    @property
    def spent(self) -> list[Spent]:
        """The runs' places in the plot of cost against accuracy, an item's mean."""
        return [
            _spent(self.name, self.summary, "#show=figure-0"),
            *(_spent(name, summary, "") for name, _, summary in self.others),
        ]


def write_report(folder: Path, out: Path, others: Sequence[Path] = ()) -> list[Path]:
    """Write ``report.md`` and ``report.html`` and return their paths. Raises `RecordError`."""
    from benchmarks.report.markdown import markdown
    from benchmarks.report.page import page

    report = load_report(folder, others)
    written = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in (("report.md", markdown(report)), ("report.html", page(report))):
            path, part = out / name, out / f".{name}.{os.getpid()}"
            part.write_text(text, encoding="utf-8")
            part.replace(path)
            written.append(path)
    except OSError as error:
        raise RecordError(f"{out} cannot be written: {error.strerror}") from error
    return written


def load_report(folder: Path, others: Sequence[Path] = ()) -> Report:
    """Return what there is to report of a run, beside others. Raises `RecordError`."""
    manifest = read_manifest(folder)
    records = load_run(folder)
    if not records:
        raise RecordError(f"{folder} holds no record yet")
    beside = [(other, read_manifest(other), load_run(other)) for other in others]
    return Report(
        name=folder.resolve().name,
        manifest=manifest,
        summary=summarize(list(records.values())),
        comparisons=tuple(
            compare_records(other.resolve().name, theirs, folder.resolve().name, records)
            for other, _, theirs in beside
            if theirs.keys() & records.keys()
        ),
        others=tuple(
            (other.resolve().name, their_manifest, summarize(list(theirs.values())))
            for other, their_manifest, theirs in beside
        ),
        published=tuple(row for row in published() if row.suite == manifest.suite),
    )


def _spent(name: str, summary: Summary, link: str) -> Spent:
    n = len(summary.records) or 1
    latency = sum(record.latency_s for record in summary.records) / n
    accuracy = summary.figures[0].share.value or 0.0
    return Spent(name, summary.cost_usd / n, summary.tokens / n, latency, accuracy, link)


def overview(report: Report) -> list[tuple[str, str, str, str]]:
    """Return rows (run, suite, records, right) of this run and those beside it, and of all suites, each item once.

    An item is the same in two suites where the texts are the same but for case, spacing and signs; of runs of one
    suite the first counts. [] where there is nothing beside the run.
    """
    if not report.others:
        return []
    runs = [(report.name, report.manifest, report.summary), *report.others]
    rows = [
        (name, manifest.suite, str(len(summary.records)), str(summary.figures[0].share))
        for name, manifest, summary in runs
    ]
    once: dict[str, Record] = {}
    suites: set[str] = set()
    for _, manifest, summary in runs:
        if manifest.suite not in suites:
            suites.add(manifest.suite)
            for record in summary.records:
                once.setdefault(record.text_digest, record)
    if len(suites) > 1:
        total = summarize(list(once.values()))
        rows.append(("all suites, each item once", "", str(len(once)), str(total.figures[0].share)))
    return rows


def shared_items(report: Report) -> tuple[tuple[str, ...], ...]:
    """Return the groups of items, in this run and those beside it, that have the same text."""
    records = {record.key: record for record in report.summary.records}
    for _, _, summary in report.others:
        records.update({record.key: record for record in summary.records})
    return duplicates(list(records.values()))


OWN_METRICS = {
    "objective value": "value within 1e-6",
    "same model (WL)": "same model (WL)",
}
"""Which of our figures stands beside a published metric."""


def against_published(report: Report) -> list[tuple[str, str, str, str, str]]:
    """Return rows (system, base model, metric and key, value, source), our own figures first."""
    rows = []
    figures = {figure.name: figure for figure in report.summary.figures}
    for metric in sorted({row.metric for row in report.published}):
        if metric == "declaration accuracy":
            accuracy = report.summary.declaration_accuracy
            ours = f"{accuracy:.4f}" if accuracy is not None else "none"
        else:
            figure = figures.get(OWN_METRICS.get(metric, ""))
            ours = str(figure.share) if figure is not None and figure.share.total else "none"
        key = report.manifest.release or report.manifest.data
        rows.append((f"this run ({report.name})", report.manifest.reader, f"{metric}, {key}", ours, "this report"))
    for row in report.published:
        source = f"{row.source} (from memory, to be verified)" if row.from_memory else row.source
        rows.append((row.system, row.base_model, f"{row.metric}, {row.key}", f"{row.value:.4f}", source))
    return rows


def disagreements(report: Report) -> list[tuple[str, str]]:
    """Return (item, reason) where the answer key itself is in doubt.

    A label is in doubt where its suite says so, where an answer whose model is the reference model has another value
    than the labelled one, or where the relaxation of the reference model has no optimum.
    """
    found = []
    for record in report.summary.records:
        if record.doubt:
            found.append((record.id, record.doubt))
        elif record.structure.value == "equivalent" and record.value_close is False:
            found.append(
                (record.id, f"the model is the reference model, its value {record.value}, not {record.expected}")
            )
    return found
