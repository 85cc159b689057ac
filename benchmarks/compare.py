"""Two runs side by side: what got better, what got worse, and whether chance explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import RecordError
from benchmarks.intervals import Share, mcnemar
from benchmarks.manifest import read_manifest
from benchmarks.record import Outcome, Record, read_records

Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """One item whose outcome is another in the second run."""

    before: Record
    after: Record


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs A and B over the items that both have judged.

    ``better`` became right, ``worse`` were right; ``other`` changed between outcomes that are not right. ``p_value``
    is McNemar's exact test over better and worse. ``changed_texts`` are ids whose text is not the same in both, which
    are left out; ``warnings`` say what else makes the runs hard to compare.
    """

    name_a: str
    name_b: str
    both: int
    right_a: Share
    right_b: Share
    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    other: tuple[Change, ...]
    p_value: float
    newly_wrong: tuple[Change, ...]
    only_a: int
    only_b: int
    changed_texts: tuple[str, ...]
    warnings: tuple[str, ...]


def load_run(folder: Path) -> dict[Key, Record]:
    """Return a run's records by key. Raises `RecordError`."""
    path = folder / "records.jsonl"
    if not path.exists():
        raise RecordError(f"{folder} holds no records.jsonl")
    return {record.key: record for record in read_records(path)}


def compare_folders(a: Path, b: Path) -> Comparison:
    """Return the comparison of two runs' folders. Raises `RecordError` where they have no item in common."""
    first, second = read_manifest(a), read_manifest(b)
    warnings = []
    if first.data_sha256 != second.data_sha256:
        warnings.append("the data of the two runs are not the same file")
    if first.seed != second.seed:
        warnings.append(f"the seeds differ: {first.seed} and {second.seed}")
    comparison = compare_records(a.name, load_run(a), b.name, load_run(b), tuple(warnings))
    if not comparison.both:
        raise RecordError(f"{a} and {b} have no item in common")
    return comparison


def compare_records(
    name_a: str, a: Mapping[Key, Record], name_b: str, b: Mapping[Key, Record], warnings: tuple[str, ...] = ()
) -> Comparison:
    """Return the comparison of records by key; what either left unscored does not enter."""
    shared = [key for key in a if key in b]
    changed = tuple(f"{s}/{i}" for s, i, n in shared if a[s, i, n].text_digest != b[s, i, n].text_digest)
    pairs = [
        Change(a[key], b[key])
        for key in sorted(shared)
        if a[key].text_digest == b[key].text_digest and Outcome.UNSCORED not in (a[key].outcome, b[key].outcome)
    ]
    better = tuple(p for p in pairs if p.after.outcome is Outcome.RIGHT and p.before.outcome is not Outcome.RIGHT)
    worse = tuple(p for p in pairs if p.before.outcome is Outcome.RIGHT and p.after.outcome is not Outcome.RIGHT)
    other = tuple(
        p
        for p in pairs
        if p.before.outcome is not p.after.outcome and Outcome.RIGHT not in (p.before.outcome, p.after.outcome)
    )
    return Comparison(
        name_a=name_a,
        name_b=name_b,
        both=len(pairs),
        right_a=Share(sum(p.before.outcome is Outcome.RIGHT for p in pairs), len(pairs)),
        right_b=Share(sum(p.after.outcome is Outcome.RIGHT for p in pairs), len(pairs)),
        better=better,
        worse=worse,
        other=other,
        p_value=mcnemar(len(better), len(worse)),
        newly_wrong=tuple(
            p for p in pairs if p.after.outcome is Outcome.WRONG and p.before.outcome is not Outcome.WRONG
        ),
        only_a=len(a) - len(shared),
        only_b=len(b) - len(shared),
        changed_texts=changed,
        warnings=warnings,
    )


def verdict(comparison: Comparison, level: float = 0.05) -> str:
    """Return in words whether the runs differ by more than chance."""
    if comparison.p_value < level:
        direction = "better" if len(comparison.better) > len(comparison.worse) else "worse"
        return f"{comparison.name_b} is {direction} than {comparison.name_a} (p = {comparison.p_value:.4f})"
    return f"no difference beyond chance (p = {comparison.p_value:.4f})"


def comparison_text(comparison: Comparison) -> str:
    """Return the comparison as lines for a terminal."""
    c = comparison
    lines = [
        f"{c.name_a}: right {c.right_a}",
        f"{c.name_b}: right {c.right_b}",
        f"better {len(c.better)}, worse {len(c.worse)}, newly wrong {len(c.newly_wrong)}, of {c.both} items in both",
        f"McNemar's exact test: {verdict(c)}",
    ]
    lines += [f"warning: {warning}" for warning in c.warnings]
    if c.only_a or c.only_b:
        lines.append(f"not compared: {c.only_a} records of {c.name_a} and {c.only_b} of {c.name_b} alone")
    if c.changed_texts:
        lines.append(f"not compared, their text has changed: {', '.join(c.changed_texts[:10])}")
    for heading, changes in (("better", c.better), ("worse", c.worse), ("changed, not right in either", c.other)):
        if changes:
            lines.append(f"{heading}:")
            lines += [f"  {line}" for line in map(_line, changes)]
    return "\n".join(lines)


def _line(change: Change) -> str:
    why = f" ({change.after.failure}: {change.after.detail[:80]})" if change.after.failure else ""
    return f"{change.after.id}: {change.before.outcome.value} -> {change.after.outcome.value}{why}"


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as a JSON object."""

    def ids(changes: tuple[Change, ...]) -> list[dict[str, Any]]:
        return [
            {
                "suite": c.after.suite,
                "id": c.after.id,
                "sample": c.after.sample,
                "before": c.before.outcome.value,
                "after": c.after.outcome.value,
            }
            for c in changes
        ]

    def share(s: Share) -> dict[str, Any]:
        return {"count": s.count, "total": s.total, "share": s.value, "interval": s.interval}

    return {
        "a": comparison.name_a,
        "b": comparison.name_b,
        "both": comparison.both,
        "right_a": share(comparison.right_a),
        "right_b": share(comparison.right_b),
        "better": ids(comparison.better),
        "worse": ids(comparison.worse),
        "other": ids(comparison.other),
        "newly_wrong": ids(comparison.newly_wrong),
        "p_value": comparison.p_value,
        "only_a": comparison.only_a,
        "only_b": comparison.only_b,
        "changed_texts": list(comparison.changed_texts),
        "warnings": list(comparison.warnings),
    }
