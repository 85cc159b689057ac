"""A report as Markdown: the tables; the pictures and all items are in the page beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.compare import verdict
from benchmarks.record import Record
from benchmarks.report.write import Report, against_published, disagreements, overview, shared_items

_NAMED = 12


def markdown(report: Report) -> str:
    """Return the report; every figure names its items or links to them in ``report.html``."""
    m, s = report.manifest, report.summary
    parts = [
        f"# {m.suite}: {report.name}",
        f"Reader `{m.reader}`, options `{dict(m.options)}`, seed {m.seed}, {m.samples} sample(s) an item. "
        f"Data `{m.data}` (SHA-256 `{m.data_sha256[:16]}`, {m.licence or 'licence not stated'}), {m.items} items, "
        f"{len(s.records)} records. Commit `{m.commit or 'unknown'}`, {m.started}, {m.machine}.",
        "Intervals are 95 % Wilson intervals. Abstained and unscored are neither right nor wrong.",
        "## Figures",
        _table(
            ("figure", "share", "meaning"),
            (
                (f"[{f.name}](report.html#show=figure-{n})", str(f.share), f.meaning)
                for n, f in enumerate(s.figures)
                if f.share.total
            ),
        ),
    ]
    more = []
    if s.declaration_accuracy is not None:
        more.append(("declaration-level accuracy", f"{s.declaration_accuracy:.4f}"))
    more += [(f"pass@{k}", f"{value:.4f}") for k, value in s.pass_at.items()]
    if s.agreement is not None:
        more.append(("agreement of samples (largest class of isomorphic models)", f"{s.agreement:.4f}"))
    if s.calibration_error is not None:
        more.append(("expected calibration error", f"{s.calibration_error:.4f}"))
    if s.selective_area is not None:
        more.append(("area under selective accuracy", f"{s.selective_area:.4f}"))
    more += [(f"latency, {name}", f"{value:.4f} s") for name, value in s.latency_s.items()]
    more += [("chat calls", str(s.calls)), ("tokens", str(s.tokens)), ("cost", f"{s.cost_usd:.4f} US dollars")]
    parts.append(_table(("also", "value"), more))
    if len(s.kinds) > 1:
        kinds = list(s.kinds.items())[:30]
        parts += [
            "## By class",
            _table(
                ("class", "items", "right", "wrong", "abstained", "unscored"),
                (
                    (name, str(len(found)), *(str(sum(r.outcome.value == o for r in found)) for o in _OUTCOMES))
                    for name, found in kinds
                ),
            ),
        ]
    if s.failures:
        parts += [
            "## What went wrong",
            _table(
                ("class of failure", "items", "which"),
                ((name, str(len(found)), _ids(found)) for name, found in s.failures.items()),
            ),
        ]
    if doubts := disagreements(report):
        parts += ["## Labels in doubt", _table(("item", "reason"), doubts)]
    if report.published:
        parts += [
            "## Beside published figures",
            _table(("system", "base model", "metric and key", "value", "source"), against_published(report)),
        ]
    for comparison in report.comparisons:
        parts += [
            f"## Against {comparison.name_a}",
            f"{comparison.name_a}: right {comparison.right_a}. {comparison.name_b}: right {comparison.right_b}. "
            f"Over {comparison.both} items in both, {len(comparison.better)} got better and "
            f"{len(comparison.worse)} worse: "
            f"{verdict(comparison)}.",
            _table(
                ("item", "before", "after"),
                (
                    (c.after.id, c.before.outcome.value, c.after.outcome.value)
                    for c in (*comparison.better, *comparison.worse)
                ),
            ),
        ]
    if rows := overview(report):
        parts += ["## All runs", _table(("run", "suite", "records", "right"), rows)]
    if groups := shared_items(report):
        parts += ["## Items with the same text", "\n".join(f"- {', '.join(group)}" for group in groups)]
    return "\n\n".join(parts) + "\n"


_OUTCOMES = ("right", "wrong", "abstained", "unscored")


def _ids(records: Sequence[Record]) -> str:
    named = ", ".join(f"[{r.id}](report.html#{r.suite}/{r.id}/{r.sample})" for r in records[:_NAMED])
    return f"{named} and {len(records) - _NAMED} more" if len(records) > _NAMED else named


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")
