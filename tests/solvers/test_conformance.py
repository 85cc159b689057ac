"""Every registered backend passes the conformance suite, but for what is listed as known."""

from __future__ import annotations

import pytest

from solvers.registry import backends
from solvers.self_check import CASES, KNOWN_DEVIATIONS, Verdict, check


@pytest.mark.parametrize("backend", backends(), ids=lambda b: b.name)
def test_a_backend_passes_the_conformance_suite(backend):
    availability = backend.availability()
    if not availability.available:
        pytest.skip(availability.reason)
    findings = list(check(backend, patience_s=30))
    failed = [f"{f.case}: {f.detail}" for f in findings if f.verdict is Verdict.FAILED]
    assert not failed, "\n".join(failed)
    assert len(findings) > len(CASES)
    assert sum(f.verdict is Verdict.PASSED for f in findings) >= 15


def test_known_deviations_name_cases_and_backends_that_exist():
    names = {case.name for case in CASES}
    for backend, case in KNOWN_DEVIATIONS:
        assert backend in {b.name for b in backends()}
        assert case in names or "cancel" in case or "progress" in case or "seed" in case
