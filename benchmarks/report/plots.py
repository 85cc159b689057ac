"""Plots as SVG text, drawn by hand: small, self-contained, each mark a link to the items behind it."""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.intervals import Bin

_WIDTH, _HEIGHT = 460, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 26, 34, 48


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from ``low`` to ``high`` with its ticks and their words."""

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(slots=True)
class Plot:
    """A picture of two axes; marks are added in its coordinates."""

    title: str
    x: Axis
    y: Axis
    marks: list[str] = field(default_factory=list)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the point in pixels."""
        across = (x - self.x.low) / ((self.x.high - self.x.low) or 1.0)
        up = (y - self.y.low) / ((self.y.high - self.y.low) or 1.0)
        return (
            _LEFT + across * (_WIDTH - _LEFT - _RIGHT),
            _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM),
        )

    def line(self, points: Sequence[tuple[float, float]], style: str) -> None:
        """Add a line through points."""
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in (self.at(x, y) for x, y in points))
        self.marks.append(f'<polyline points="{path}" fill="none" class="{style}"/>')

    def dot(self, x: float, y: float, radius: float, said: str, link: str = "") -> None:
        """Add a dot that says something when pointed at."""
        px, py = self.at(x, y)
        mark = (
            f'<circle cx="{px:.1f}" cy="{py:.1f}" r="{radius:.1f}" class="dot"><title>{_escape(said)}</title></circle>'
        )
        self.marks.append(_linked(mark, link))

    def bar(self, x0: float, x1: float, y: float, said: str, link: str = "") -> None:
        """Add a bar from the lower edge up to y."""
        (left, top), (right, bottom) = self.at(x0, y), self.at(x1, self.y.low)
        width, height = max(right - left - 1.0, 1.0), max(bottom - top, 0.0)
        mark = (
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" class="bar">'
            f"<title>{_escape(said)}</title></rect>"
        )
        self.marks.append(_linked(mark, link))

    def words(self, x: float, y: float, text: str) -> None:
        """Add words to the right of a point, or to its left near the right edge."""
        px, py = self.at(x, y)
        end = px > _WIDTH * 0.62
        anchor = ' text-anchor="end"' if end else ""
        self.marks.append(f'<text x="{px + (-8 if end else 8):.1f}" y="{py + 4:.1f}"{anchor}>{_escape(text)}</text>')

    def svg(self) -> str:
        """Return the picture."""
        left, bottom = self.at(self.x.low, self.y.low)
        right, top = self.at(self.x.high, self.y.high)
        parts = [
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{_escape(self.title)}">',
            f'<text x="{_LEFT}" y="18" class="title">{_escape(self.title)}</text>',
        ]
        for value, word in self.y.ticks:
            _, py = self.at(self.x.low, value)
            parts.append(f'<line x1="{left}" y1="{py:.1f}" x2="{right}" y2="{py:.1f}" class="grid"/>')
            parts.append(f'<text x="{left - 6}" y="{py + 4:.1f}" text-anchor="end">{_escape(word)}</text>')
        for value, word in self.x.ticks:
            px, _ = self.at(value, self.y.low)
            parts.append(f'<text x="{px:.1f}" y="{bottom + 16:.1f}" text-anchor="middle">{_escape(word)}</text>')
        parts.append(f'<line x1="{left}" y1="{bottom}" x2="{right}" y2="{bottom}" class="axis"/>')
        middle = (left + right) / 2
        parts.append(f'<text x="{middle:.1f}" y="{_HEIGHT - 10}" text-anchor="middle">{_escape(self.x.label)}</text>')
        height = (top + bottom) / 2
        parts.append(
            f'<text x="14" y="{height:.1f}" text-anchor="middle" transform="rotate(-90 14 {height:.1f})">'
            f"{_escape(self.y.label)}</text>"
        )
        return "\n".join([*parts, *self.marks, "</svg>"])


_SHARES = tuple((k / 5, f"{20 * k} %") for k in range(6))


def reliability_plot(bins: Sequence[Bin]) -> str:
    """Return the reliability curve: how often answers of a confidence are right, with Wilson intervals."""
    axis = Axis("confidence", 0.0, 1.0, _SHARES)
    plot = Plot("Calibration", axis, Axis("right", 0.0, 1.0, _SHARES))
    plot.line([(0.0, 0.0), (1.0, 1.0)], "ideal")
    for number, found in enumerate(bins):
        if found.right.value is None or found.right.interval is None:
            continue
        low, high = found.right.interval
        plot.line([(found.mean_confidence, low), (found.mean_confidence, high)], "whisker")
        said = f"confidence {found.low:.1f} to {found.high:.1f}: {found.right}"
        plot.dot(found.mean_confidence, found.right.value, 5.0, said, f"#show=bin-{number}")
    return plot.svg()


def selective_plot(curve: Sequence[tuple[float, float]]) -> str:
    """Return the selective accuracy: of the surest answers, how many are right."""
    plot = Plot(
        "Selective accuracy", Axis("answered, the surest first", 0.0, 1.0, _SHARES), Axis("right", 0.0, 1.0, _SHARES)
    )
    steps: list[tuple[float, float]] = []
    before = 0.0
    for coverage, accuracy in curve:
        steps += [(before, accuracy), (coverage, accuracy)]
        before = coverage
    if steps:
        plot.line(steps, "curve")
    return plot.svg()


def latency_bins(seconds: Sequence[float], most: int = 24) -> list[tuple[float, float]]:
    """Return the edges of bins of equal ratio that hold all the latencies; [] of none."""
    positive = [max(value, 1e-6) for value in seconds]
    if not positive:
        return []
    low, high = math.log10(min(positive)), math.log10(max(positive))
    low, high = math.floor(low * 4) / 4, max(math.ceil(high * 4) / 4, math.floor(low * 4) / 4 + 0.25)
    count = min(most, max(4, round((high - low) * 8)))
    edges = [10 ** (low + (high - low) * k / count) for k in range(count + 1)]
    return list(itertools.pairwise(edges))


def latency_bin(value: float, bins: Sequence[tuple[float, float]]) -> int:
    """Return the number of the bin that holds a latency."""
    for number, (_, high) in enumerate(bins):
        if value < high:
            return number
    return len(bins) - 1


def latency_plot(seconds: Sequence[float]) -> str:
    """Return the histogram of latencies, on a logarithmic axis."""
    bins = latency_bins(seconds)
    counts = [0] * len(bins)
    for value in seconds:
        counts[latency_bin(value, bins)] += 1
    low, high = (math.log10(bins[0][0]), math.log10(bins[-1][1])) if bins else (0.0, 1.0)
    ticks = tuple((float(k), _seconds(10.0**k)) for k in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1))
    top = max(counts, default=1)
    plot = Plot(
        "Latency", Axis("time of the reader, log scale", low, high, ticks), Axis("items", 0.0, top, _counts(top))
    )
    for number, ((start, end), count) in enumerate(zip(bins, counts, strict=True)):
        if not count:
            continue
        said = f"{_seconds(start)} to {_seconds(end)}: {count}"
        plot.bar(math.log10(start), math.log10(end), count, said, f"#show=latency-{number}")
    return plot.svg()


@dataclass(frozen=True, slots=True)
class Spent:
    """A run's place in the plot of cost against accuracy."""

    name: str
    cost_usd: float
    tokens: float
    latency_s: float
    accuracy: float
    link: str = ""


def cost_plot(runs: Sequence[Spent]) -> str:
    """Return cost against accuracy, an item's mean: in dollars where a run cost money, else in tokens, else in time."""
    if any(run.cost_usd for run in runs):
        what, spent = "US dollars an item", [run.cost_usd for run in runs]
    elif any(run.tokens for run in runs):
        what, spent = "tokens an item", [run.tokens for run in runs]
    else:
        what, spent = "seconds an item (no chat model)", [run.latency_s for run in runs]
    top = max([*spent, 0.0]) * 1.1 or 1.0
    ticks = tuple((top * k / 4, f"{top * k / 4:.3g}") for k in range(5))
    plot = Plot("Cost and accuracy", Axis(what, 0.0, top, ticks), Axis("right", 0.0, 1.0, _SHARES))
    for run, used in zip(runs, spent, strict=True):
        plot.dot(used, run.accuracy, 6.0, f"{run.name}: {run.accuracy:.1%} at {used:.4g} {what}", run.link)
        plot.words(used, run.accuracy, run.name)
    return plot.svg()


def _counts(top: int) -> tuple[tuple[float, str], ...]:
    step = max(1, round(top / 4))
    return tuple((float(k), str(k)) for k in range(0, top + 1, step))


def _seconds(value: float) -> str:
    if value < 1e-3:
        return f"{value * 1e6:.3g} µs"
    return f"{value * 1e3:.3g} ms" if value < 1.0 else f"{value:.3g} s"


def _linked(mark: str, link: str) -> str:
    return f'<a href="{html.escape(link)}">{mark}</a>' if link else mark


def _escape(text: str) -> str:
    return html.escape(text)
