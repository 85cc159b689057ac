"""Contradictions: limits that no amounts meet together, found by narrowing what each decision may be."""

from __future__ import annotations

import math
from collections.abc import Iterator

from formulation.embedded.model import Row

_ROUNDS = 24
_TOLERANCE = 1e-9


def contradict(rows: list[Row], n: int) -> bool:
    """Whether some rows of ``n`` decisions leave nothing to one of them; False says nothing.

    Bounds are propagated through one row after another until none moves (Brearley, Mitra and Williams, Analysis of
    mathematical programming problems prior to applying the simplex algorithm, 1975).
    """
    low, high = [0.0] * n, [math.inf] * n
    at_most = [each for row in rows for each in _at_most(row)]
    for _ in range(_ROUNDS):
        before = [*low, *high]
        for terms, limit in at_most:
            least = {k: value * (low[k] if value > 0 else high[k]) for k, value in terms.items()}
            if sum(least.values()) > limit + _slack(limit):
                return True
            for k, value in terms.items():
                rest = sum(part for other, part in least.items() if other != k)
                if math.isinf(rest):
                    continue
                if value > 0:
                    high[k] = min(high[k], (limit - rest) / value)
                else:
                    low[k] = max(low[k], (limit - rest) / value)
                if low[k] > high[k] + _slack(high[k]):
                    return True
        if before == [*low, *high]:
            return False
    return False


def shares_exceed(rows: list[Row]) -> bool:
    """Whether least shares of the total add up to more than all of it, and some of it is needed."""
    least: dict[int, float] = {}
    for row in rows:
        relation = row.relation
        if relation is not None and relation.other < 0 and row.sense in ("lower", "equal") and not row.constant:
            share = 1.0 - row.terms[relation.target].value if relation.target in row.terms else 0.0
            least[relation.target] = max(least.get(relation.target, 0.0), share)
    needed = any(row.sense in ("lower", "equal") and row.constant > 0 for row in rows)
    return needed and sum(least.values()) > 1.0 + _TOLERANCE


def _at_most(row: Row) -> Iterator[tuple[dict[int, float], float]]:
    """Yield a row as sums that are at most a number."""
    terms = {k: term.value for k, term in row.terms.items() if term.value}
    if row.sense in ("upper", "equal"):
        yield terms, row.constant
    if row.sense in ("lower", "equal"):
        yield {k: -value for k, value in terms.items()}, -row.constant


def _slack(limit: float) -> float:
    return _TOLERANCE * max(1.0, abs(limit)) if math.isfinite(limit) else 0.0
