"""Ten thousand random pairs against a brute-force oracle that knows nothing of `equivalence`."""

from __future__ import annotations

import pytest

from benchmarks.equivalence.random_pairs import run


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_verdict_on_ten_thousand_random_pairs_is_wrong_and_few_are_open() -> None:
    tally = run(10_000, seed=0)
    assert not tally.wrong, tally.wrong[0]
    assert tally.decided(tally.kept) >= 0.95
    assert tally.decided(tally.broken) >= 0.95
    assert tally.confirmed > 1000  # of 4,000 mutations; the others change nothing, or infeasible models


def test_no_verdict_on_a_few_other_random_pairs_is_wrong() -> None:
    tally = run(300, seed=20260)
    assert not tally.wrong, tally.wrong[0]
