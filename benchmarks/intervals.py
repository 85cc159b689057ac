"""How sure a share is, and whether two runs differ by more than chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``total``, with its 95 % Wilson score interval (Wilson 1927)."""

    count: int
    total: int

    @property
    def value(self) -> float | None:
        """The share, None of nothing."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval, between 0 and 1; None of nothing."""
        return wilson(self.count, self.total) if self.total else None

    def __str__(self) -> str:
        if self.interval is None:
            return "none"
        low, high = self.interval
        percent = 100 * self.count / self.total
        return f"{percent:.1f} % ({self.count} of {self.total}; 95 %: {100 * low:.1f} to {100 * high:.1f})"


def wilson(count: int, total: int, z: float = _Z95) -> tuple[float, float]:
    """Return the Wilson score interval of ``count`` of ``total``. Raises `ValueError` where that is no share."""
    if not 0 <= count <= total or total == 0:
        raise ValueError(f"no share: {count} of {total}")
    p, z2 = count / total, z * z
    middle = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = z / (1 + z2 / total) * math.sqrt(p * (1 - p) / total + z2 / (4 * total * total))
    # At the ends the bound is exact; arithmetic would miss it by a rounding error.
    return (0.0 if count == 0 else middle - half), (1.0 if count == total else middle + half)


def mcnemar(better: int, worse: int) -> float:
    """Return the two-sided p-value of McNemar's exact test: is ``better`` against ``worse`` a fair coin?

    Items on which both runs agree do not enter (McNemar 1947, exact binomial form).
    """
    n, k = better + worse, min(better, worse)
    if n == 0:
        return 1.0
    tail = sum(math.comb(n, i) for i in range(k + 1))
    return min(1.0, float(2 * tail / 2**n))


def pass_at_k(right: int, samples: int, k: int) -> float:
    """Return the unbiased estimate of the chance that one of k samples is right (Chen et al. 2021).

    Raises `ValueError` unless 1 <= k <= samples.
    """
    if not 1 <= k <= samples:
        raise ValueError(f"pass@{k} of {samples} samples")
    return 1.0 - math.comb(samples - right, k) / math.comb(samples, k)


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose confidence lies in ``[low, high)`` (the last bin holds 1): how many, how sure, how many right."""

    low: float
    high: float
    mean_confidence: float
    right: Share


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> list[Bin]:
    """Return the bins of a reliability curve that hold any answer."""
    found = []
    for b in range(bins):
        inside = [i for i, c in enumerate(confidences) if min(int(c * bins), bins - 1) == b]
        if inside:
            mean = sum(confidences[i] for i in inside) / len(inside)
            found.append(Bin(b / bins, (b + 1) / bins, mean, Share(sum(right[i] for i in inside), len(inside))))
    return found


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return the expected calibration error over the bins, None of none."""
    total = sum(b.right.total for b in bins)
    if not total:
        return None
    return sum(b.right.total * abs(b.mean_confidence - b.right.count / b.right.total) for b in bins) / total


def selective_accuracy(confidences: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """Return (coverage, accuracy) as answers are taken from the surest on; equally sure ones enter together."""
    order = sorted(range(len(right)), key=lambda i: -confidences[i])
    curve: list[tuple[float, float]] = []
    correct = 0
    for taken, i in enumerate(order, start=1):
        correct += right[i]
        if taken == len(order) or confidences[order[taken]] != confidences[i]:
            curve.append((taken / len(order), correct / taken))
    return curve


def area_under(curve: Sequence[tuple[float, float]]) -> float | None:
    """Return the area under a selective accuracy curve, as steps from the left; None of no curve."""
    if not curve:
        return None
    area, before = 0.0, 0.0
    for coverage, accuracy in curve:
        area += (coverage - before) * accuracy
        before = coverage
    return area
