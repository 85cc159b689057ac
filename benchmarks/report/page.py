"""A report as one HTML page that needs nothing else: tables, plots, and every item behind each figure."""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.compare import Comparison, verdict
from benchmarks.record import Outcome, Record
from benchmarks.report.plots import cost_plot, latency_bin, latency_bins, latency_plot, reliability_plot, selective_plot
from benchmarks.report.summary import SOLVED
from benchmarks.report.write import Report, against_published, disagreements, overview, shared_items

_HERE = Path(__file__).parent
_SHORT = 90


def page(report: Report) -> str:
    """Return the page. A link ``#show=NAME`` leaves only the items that the named figure counts."""
    style = (_HERE / "page.css").read_text(encoding="utf-8")
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    title = f"{report.manifest.suite}: {report.name}"
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_text(title)}</title><style>{style}</style></head><body>",
            f"<header><h1>{_text(title)}</h1>{_facts(report)}</header><main>",
            *_sections(report),
            "</main>",
            f"<script>{script}</script></body></html>",
            "",
        ]
    )


def _facts(report: Report) -> str:
    m = report.manifest
    options = ", ".join(f"{name} {value}" for name, value in m.options.items())
    facts = [
        ("reader", f"{m.reader} ({options})" if options else m.reader),
        ("data", f"{m.data}, SHA-256 {m.data_sha256[:16]}"),
        ("licence", m.licence),
        ("items", f"{m.items}, {m.samples} sample(s) each, seed {m.seed}"),
        ("commit", m.commit),
        ("run", f"{m.started}, {m.machine}"),
        ("versions", ", ".join(f"{name} {version}" for name, version in m.versions.items() if version)),
    ]
    return "<dl>" + "".join(f"<dt>{_text(k)}</dt><dd>{_text(v)}</dd>" for k, v in facts if v) + "</dl>"


def _sections(report: Report) -> Iterable[str]:
    s = report.summary
    yield _outcome_bar(report)
    yield "<section><h2>Figures</h2>"
    yield "<p>Intervals are 95 % Wilson intervals. Click a figure to see its items.</p>"
    yield _table(
        ("figure", "share", "", "meaning"),
        (
            (_link(f"figure-{n}", f.name), _text(str(f.share)), _interval(f.share.interval), _text(f.meaning))
            for n, f in enumerate(s.figures)
            if f.share.total
        ),
    )
    yield _also(report) + "</section>"
    yield '<section><h2>Plots</h2><div class="plots">'
    yield reliability_plot(s.bins)
    yield selective_plot(s.selective)
    yield latency_plot([record.latency_s for record in s.records])
    yield cost_plot(report.spent)
    yield "</div></section>"
    if s.failures:
        yield "<section><h2>What went wrong</h2>"
        yield _table(
            ("class of failure", "items", ""),
            (
                (_link(f"failure-{name}", name), str(len(found)), _bar(len(found) / len(s.records)))
                for name, found in s.failures.items()
            ),
        )
        yield "</section>"
    if len(s.kinds) > 1:
        yield "<section><h2>By class</h2>"
        yield _table(
            ("class", "items", *(outcome.value for outcome in Outcome)),
            (
                (
                    _link(f"kind-{n}", name[:60]),
                    str(len(found)),
                    *(str(sum(r.outcome is outcome for r in found)) for outcome in Outcome),
                )
                for n, (name, found) in enumerate(s.kinds.items())
                if n < 40
            ),
        )
        yield "</section>"
    if doubts := disagreements(report):
        yield "<section><h2>Labels in doubt</h2>"
        yield _table(("item", "reason"), ((_link("doubt", i), _text(why)) for i, why in doubts)) + "</section>"
    if report.published:
        yield "<section><h2>Beside published figures</h2>"
        rows = (tuple(_text(cell) for cell in row) for row in against_published(report))
        yield _table(("system", "base model", "metric and key", "value", "source"), rows) + "</section>"
    for n, comparison in enumerate(report.comparisons):
        yield _comparison(n, comparison)
    if seen := overview(report):
        yield "<section><h2>All runs</h2>"
        yield _table(("run", "suite", "records", "right"), (tuple(map(_text, row)) for row in seen)) + "</section>"
    if groups := shared_items(report):
        yield "<section><h2>Items with the same text</h2><ul>"
        yield "".join(f"<li>{_text(', '.join(group))}</li>" for group in groups) + "</ul></section>"
    yield _items(report)


def _outcome_bar(report: Report) -> str:
    total = len(report.summary.records)
    parts = [
        f'<a href="#show=outcome-{name}" class="{name}" style="flex:{count}" title="{name}: {count}">'
        f"<span>{count} {name}</span></a>"
        for name, count in report.summary.outcomes.items()
        if count
    ]
    return f'<div class="outcomes" aria-label="{total} records">{"".join(parts)}</div>'


def _also(report: Report) -> str:
    s = report.summary
    rows: list[tuple[str, str]] = []
    if s.declaration_accuracy is not None:
        rows.append(("declaration-level accuracy", f"{s.declaration_accuracy:.4f}"))
    rows += [(f"pass@{k}", f"{value:.4f}") for k, value in s.pass_at.items()]
    if s.agreement is not None:
        rows.append(("agreement of samples", f"{s.agreement:.4f}"))
    if s.calibration_error is not None:
        rows.append(("expected calibration error", f"{s.calibration_error:.4f}"))
    if s.selective_area is not None:
        rows.append(("area under selective accuracy", f"{s.selective_area:.4f}"))
    rows += [(f"latency, {name}", f"{value * 1000:.1f} ms") for name, value in s.latency_s.items()]
    rows += [("calls, tokens, cost", f"{s.calls}, {s.tokens}, {s.cost_usd:.4f} US dollars")]
    return _table(("also", "value"), ((_text(a), _text(b)) for a, b in rows))


def _comparison(number: int, comparison: Comparison) -> str:
    c = comparison
    rows = [
        (_item(change.after), change.before.outcome.value, change.after.outcome.value, _text(change.after.failure))
        for change in (*c.better, *c.worse)
    ]
    return (
        f"<section><h2>Against {_text(c.name_a)}</h2><p>{_text(c.name_a)}: right {_text(str(c.right_a))}. "
        f"{_text(c.name_b)}: right {_text(str(c.right_b))}. Of {c.both} items in both, {len(c.better)} got better and "
        f"{len(c.worse)} worse: {_text(verdict(c))}. {_link(f'change-{number}', 'Show them')}.</p>"
        + _table(("item", "before", "after", "failure"), rows)
        + "</section>"
    )


def _items(report: Report) -> str:
    shows = _shows(report)
    rows = []
    for record in report.summary.records:
        name = f"{record.suite}/{record.id}/{record.sample}"
        cells = (
            _item(record),
            record.outcome.value,
            _text(record.status),
            _number(record.value),
            _number(record.expected),
            record.structure.value,
            f"{record.confidence:.2f}{' ✓' if record.confident else ''}",
            f"{record.latency_s * 1000:.0f}",
            _why(record),
        )
        said = " ".join(shows[record.key])
        rows.append(
            f'<tr id="{html.escape(name)}" class="{record.outcome.value}" data-show="{said}">'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
        )
    headings = ("item", "outcome", "status", "value", "expected", "structure", "confidence", "ms", "why")
    head = "".join(f"<th>{heading}</th>" for heading in headings)
    return (
        '<section id="items"><h2>Items <span id="showing"></span></h2>'
        f'<div class="scroll"><table class="items"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody>'
        "</table></div>"
        "</section>"
    )


def _why(record: Record) -> str:
    if len(record.detail) <= _SHORT:
        return f"{_text(record.failure)} <small>{_text(record.detail)}</small>"
    return f"<details><summary>{_text(record.failure)}</summary><small>{_text(record.detail)}</small></details>"


def _shows(report: Report) -> dict[tuple[str, str, int], list[str]]:
    """Return, by record, the names under which it is shown."""
    s = report.summary
    shows: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for number, figure in enumerate(s.figures):
        for record in figure.inside:
            shows[record.key].append(f"figure-{number}")
    for name, found in s.failures.items():
        for record in found:
            shows[record.key].append(f"failure-{name}")
    for number, found in enumerate(s.kinds.values()):
        for record in found:
            shows[record.key].append(f"kind-{number}")
    for number, comparison in enumerate(report.comparisons):
        for change in (*comparison.better, *comparison.worse):
            shows[change.after.key].append(f"change-{number}")
    doubted = {item for item, _ in disagreements(report)}
    latencies = latency_bins([record.latency_s for record in s.records])
    for record in s.records:
        shows[record.key].append(f"outcome-{record.outcome.value}")
        shows[record.key].append(f"latency-{latency_bin(record.latency_s, latencies)}")
        if record.id in doubted:
            shows[record.key].append("doubt")
        if record.outcome in (Outcome.RIGHT, Outcome.WRONG) and record.status in SOLVED:
            for number, found_bin in enumerate(s.bins):
                last = found_bin.high >= 1.0
                if found_bin.low <= record.confidence and (record.confidence < found_bin.high or last):
                    shows[record.key].append(f"bin-{number}")
                    break
    return shows


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{_text(heading)}</th>" for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _item(record: Record) -> str:
    name = f"{record.suite}/{record.id}/{record.sample}"
    return f'<a href="#{html.escape(name)}">{_text(record.id)}</a>'


def _interval(bounds: tuple[float, float] | None) -> str:
    if bounds is None:
        return ""
    low, high = bounds
    return f'<span class="interval"><i style="left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></i></span>'


def _bar(share: float) -> str:
    return f'<span class="interval"><i style="left:0;width:{100 * share:.1f}%"></i></span>'


def _link(show: str, text: str) -> str:
    return f'<a href="#show={html.escape(show)}">{_text(text)}</a>'


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.8g}"


def _text(text: str) -> str:
    return html.escape(str(text), quote=False)
