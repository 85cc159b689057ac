"""A budget that runs out: `unknown(budget)` from every rung, on a clock of the test's own."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.equivalence.speed import bin_packing
from equivalence import Different, Unknown, UnknownReason, compare


def test_wherever_the_budget_runs_out_the_answer_is_unknown_or_already_right(monkeypatch) -> None:
    # every look at the clock takes a second: the budget ends after so many looks, at another place each time
    a = bin_packing(4, np.random.default_rng(0))
    names = [f"x{j}" for j in range(a.n_columns)]
    a = replace(a, column_names=names, row_names=[f"r{i}" for i in range(a.n_rows)])
    upper = a.row_upper.copy()
    upper[-1] += 1.0
    b = replace(a, row_upper=upper)
    seen = set()
    for budget in range(0, 60, 3):
        looks = iter(range(10**9))
        with monkeypatch.context() as patched:
            patched.setattr(time, "monotonic", lambda looks=looks: float(next(looks)))
            verdict = compare(a, b, mapping="names", budget_s=float(budget))
        assert isinstance(verdict, Different | Unknown)
        if isinstance(verdict, Unknown):
            assert verdict.reason is UnknownReason.BUDGET
        seen.add(verdict.verdict)
    assert "unknown" in seen


@pytest.mark.parametrize("mapping", ["names", "auto"])
def test_without_a_limit_the_same_pair_is_decided(mapping: str) -> None:
    a = bin_packing(3, np.random.default_rng(0))
    a = replace(a, column_names=[f"x{j}" for j in range(a.n_columns)])
    verdict = compare(a, replace(a, objective=-a.objective), mapping=mapping, budget_s=float("inf"))
    assert isinstance(verdict, Different)
