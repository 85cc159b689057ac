"""The file of pairs with known verdicts, where it lies beside the checkout."""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path

import pytest

from equivalence import Different, Equivalent
from equivalence import compare as compare_within
from equivalence.checker import replay
from equivalence.witness_checker import replay_witness
from solvers import formats

compare = partial(compare_within, budget_s=math.inf)  # so that no verdict hangs on the load

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "equivalence" / "cases.jsonl"


@pytest.mark.shared
@pytest.mark.skipif(not CASES.exists(), reason="the development data is not beside the checkout")
def test_no_verdict_on_the_known_pairs_is_wrong_and_at_least_42_of_45_are_decided() -> None:
    decided, total = 0, 0
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        a, b = formats.read(case["lp_a"], "lp"), formats.read(case["lp_b"], "lp")
        verdict = compare(a, b, level="L2", units=True, mapping="names")
        total += 1
        assert verdict.verdict in (case["verdict"], "unknown"), case["id"]
        decided += verdict.verdict != "unknown"
        if isinstance(verdict, Equivalent):
            replay(a, b, verdict.certificate)
        if isinstance(verdict, Different):
            replay_witness(a, b, verdict.witness)
    assert total - decided <= 3
