"""What the records of a run come to: counts, shares, and the items behind each figure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.intervals import Bin, Share, area_under, calibration_error, pass_at_k, reliability, selective_accuracy
from benchmarks.record import Outcome, Record, Structure
from benchmarks.scorers.declarations import accuracy

SOLVED = frozenset({"optimal", "feasible", "infeasible", "unbounded"})


@dataclass(frozen=True, slots=True)
class Figure:
    """A share with the records that it counts (``inside``) and those that it is of but does not count."""

    name: str
    meaning: str
    share: Share
    inside: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in figures. Shares leave out what they cannot judge; `figures` says of how many each is."""

    records: tuple[Record, ...]
    outcomes: dict[str, int]
    figures: tuple[Figure, ...]
    failures: dict[str, tuple[Record, ...]]
    kinds: dict[str, tuple[Record, ...]]
    bins: tuple[Bin, ...]
    calibration_error: float | None
    selective: tuple[tuple[float, float], ...]
    selective_area: float | None
    declaration_accuracy: float | None
    pass_at: dict[int, float] = field(default_factory=dict)
    agreement: float | None = None
    latency_s: dict[str, float] = field(default_factory=dict)
    calls: int = 0
    tokens: int = 0
    cost_usd: float = 0.0


def summarize(records: Sequence[Record]) -> Summary:
    """Return the summary of records, in any order. Calibration is over answers that were judged right or wrong."""
    ordered = tuple(sorted(records, key=lambda record: record.key))
    judged = [record for record in ordered if record.outcome in (Outcome.RIGHT, Outcome.WRONG)]
    answered = [record for record in judged if record.status in SOLVED]
    sure = [record.confidence for record in answered]
    right = [record.outcome is Outcome.RIGHT for record in answered]
    bins = tuple(reliability(sure, right))
    selective = tuple(selective_accuracy(sure, right))
    failures: dict[str, list[Record]] = defaultdict(list)
    kinds: dict[str, list[Record]] = defaultdict(list)
    for record in ordered:
        if record.failure:
            failures[record.failure].append(record)
        kinds[record.kind or "-"].append(record)
    latencies = sorted(record.latency_s for record in ordered)
    return Summary(
        records=ordered,
        outcomes={outcome.value: sum(r.outcome is outcome for r in ordered) for outcome in Outcome},
        figures=_figures(ordered),
        failures={name: tuple(found) for name, found in sorted(failures.items(), key=lambda e: -len(e[1]))},
        kinds={name: tuple(found) for name, found in sorted(kinds.items(), key=lambda e: -len(e[1]))},
        bins=bins,
        calibration_error=calibration_error(bins),
        selective=selective,
        selective_area=area_under(selective),
        declaration_accuracy=accuracy([r.declarations for r in ordered if r.declarations is not None]),
        pass_at=_pass_at(ordered),
        agreement=_agreement(ordered),
        latency_s={name: _quantile(latencies, q) for name, q in (("median", 0.5), ("p95", 0.95), ("most", 1.0))}
        if latencies
        else {},
        calls=sum(r.calls for r in ordered),
        tokens=sum(r.tokens for r in ordered),
        cost_usd=sum(r.cost_usd for r in ordered),
    )


def _figures(records: Sequence[Record]) -> tuple[Figure, ...]:
    def figure(name: str, meaning: str, of: Callable[[Record], bool], counts: Callable[[Record], bool]) -> Figure:
        whole = [record for record in records if of(record)]
        inside = tuple(record for record in whole if counts(record))
        return Figure(name, meaning, Share(len(inside), len(whole)), inside)

    def judged(record: Record) -> bool:
        return record.outcome in (Outcome.RIGHT, Outcome.WRONG)

    def right(record: Record) -> bool:
        return record.outcome is Outcome.RIGHT

    def every(_: Record) -> bool:
        return True

    def scored(record: Record) -> bool:
        return record.outcome is not Outcome.UNSCORED

    return (
        figure("right", "right, of all that could be judged, abstentions included as not right", scored, right),
        figure("right of answered", "right, of those answered and judged", judged, right),
        figure("abstained", "no answer, and it says so", every, lambda r: r.outcome is Outcome.ABSTAINED),
        figure(
            "wrong and confident",
            "wrong, of the answers the service stands behind",
            lambda r: judged(r) and r.confident,
            lambda r: not right(r),
        ),
        figure("unscored", "could not be judged", every, lambda r: r.outcome is Outcome.UNSCORED),
        figure("executes", "a model was built", lambda r: r.executes is not None, lambda r: r.executes is True),
        figure(
            "value within 1e-6",
            "objective value as expected, relative 1e-6",
            lambda r: r.expected is not None,
            lambda r: r.value_close is True,
        ),
        figure(
            "value within 5 %",
            "objective value as expected, relative 5 %",
            lambda r: r.expected is not None,
            lambda r: r.value_near is True,
        ),
        figure(
            "same model (ladder)",
            "equivalent to the reference model, of those decided",
            lambda r: r.structure in (Structure.EQUIVALENT, Structure.DIFFERENT),
            lambda r: r.structure is Structure.EQUIVALENT,
        ),
        figure(
            "same model (WL)",
            "equal to the reference model under colour refinement, of those decided",
            lambda r: r.structure_wl in (Structure.EQUIVALENT, Structure.DIFFERENT),
            lambda r: r.structure_wl is Structure.EQUIVALENT,
        ),
    )


def _by_item(records: Sequence[Record]) -> dict[tuple[str, str], list[Record]]:
    items: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        items[record.suite, record.id].append(record)
    return items


def _pass_at(records: Sequence[Record]) -> dict[int, float]:
    """Return pass@k, averaged over the items that have k judged samples or more (abstaining is not passing)."""
    items = list(_by_item(records).values())
    most = max((len(samples) for samples in items), default=0)
    if most < 2:
        return {}
    found = {}
    for k in sorted({1, 2, 3, 5, 10, most}):
        estimates = [
            pass_at_k(sum(r.outcome is Outcome.RIGHT for r in samples), len(samples), k)
            for samples in items
            if len(samples) >= k
        ]
        if estimates:
            found[k] = sum(estimates) / len(estimates)
    return found


def _agreement(records: Sequence[Record]) -> float | None:
    """Return the mean share of an item's samples that fall into its largest class of isomorphic models."""
    shares = []
    for samples in _by_item(records).values():
        if len(samples) > 1:
            classes = Counter(r.fingerprint for r in samples if r.fingerprint)
            shares.append(max(classes.values(), default=0) / len(samples))
    return sum(shares) / len(shares) if shares else None


def duplicates(records: Sequence[Record]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of items whose texts are the same but for case, spacing and signs."""
    groups: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if record.text_digest:
            groups[record.text_digest].add(f"{record.suite}/{record.id}")
    return tuple(sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1))


def _quantile(ordered: Sequence[float], q: float) -> float:
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def summary_text(summary: Summary) -> str:
    """Return the figures as lines for a terminal."""
    width = max(len(figure.name) for figure in summary.figures)
    lines = [f"{figure.name:<{width}}  {figure.share}" for figure in summary.figures if figure.share.total]
    if summary.declaration_accuracy is not None:
        lines.append(f"{'declarations':<{width}}  {summary.declaration_accuracy:.4f}")
    if summary.latency_s:
        times = ", ".join(f"{name} {1000 * value:.0f} ms" for name, value in summary.latency_s.items())
        lines.append(f"{'latency':<{width}}  {times}")
    return "\n".join(lines)
