"""Numbers with rounding noise: no difference by itself, and never hidden."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy import sparse

from benchmarks.equivalence.redraws import run
from benchmarks.equivalence.rewriting import random_model
from equivalence import Different, Equivalent
from equivalence import compare as compare_within
from equivalence.checker import replay
from equivalence.exact import read, settled
from equivalence.witness_checker import replay_witness
from solvers.milp import Milp

compare = partial(compare_within, budget_s=math.inf)  # so that no verdict hangs on the load


def rough(model: Milp, rng: np.random.Generator) -> Milp:
    matrix = model.matrix.copy()
    matrix.data = matrix.data * rng.uniform(0.5, 2.0, size=matrix.data.size)
    return replace(model, matrix=matrix, objective=model.objective * rng.uniform(0.5, 2.0, size=model.n_columns))


def scaled(model: Milp, factors: np.ndarray) -> Milp:
    return replace(
        model,
        matrix=sparse.csr_array(sparse.diags_array(factors) @ model.matrix),
        row_lower=model.row_lower * factors,
        row_upper=model.row_upper * factors,
    )


@pytest.mark.parametrize("seed", range(80))
def test_a_copy_scaled_in_floating_point_is_equivalent_and_a_changed_number_is_not(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = rough(random_model(rng, whole=False), rng)
    b = scaled(a, rng.choice([3.0, 0.1, 7.0, 1 / 3, 1e3], size=a.n_rows))
    verdict = compare(a, b)
    assert isinstance(verdict, Equivalent), verdict
    replay(a, b, verdict.certificate)
    matrix = b.matrix.copy()
    matrix.data[0] *= 1 + 1e-6
    if a.matrix[[0]].nnz > 1 or np.isfinite([a.row_lower[0], a.row_upper[0]]).any():
        changed = compare(a, replace(b, matrix=matrix), level="L0")
        single_zero = a.matrix[[0]].nnz == 1 and not np.any(
            np.nan_to_num([a.row_lower[0], a.row_upper[0]], posinf=0, neginf=0)
        )
        assert single_zero or isinstance(changed, Different)


@pytest.mark.parametrize(
    ("value", "number", "exact"),
    [
        (0.1, "1/10", True),
        (0.1 * 3, "3/10", False),
        (1 / 3, "1/3", False),
        (2.0**-30, "1/1073741824", True),
        (2.0**53 - 1, "9007199254740991", True),
        (21.823847999999998, "21823848/1000000", False),
        (1e-7, "1/10000000", True),
        (1e22, "10000000000000000000000", True),
    ],
)
def test_a_float_is_read_as_what_was_written(value: float, number: str, exact: bool) -> None:
    from fractions import Fraction

    assert read(value) == (Fraction(number), exact)


def test_exact_models_are_left_as_they_are(build) -> None:
    a = build([1, 0.5], [([0.1, 0.7], -np.inf, 0.3)])
    assert settled(a, a) == (a, a)


def test_a_campaign_of_redraws_gives_the_same_verdict_each_time() -> None:
    rng = np.random.default_rng(5)
    models = {f"m{k}": random_model(rng, whole=False) for k in range(6)}
    campaign = run(models, redraws=3, seed=1)
    assert campaign.scrambled == {"equivalent": 24}


def test_another_cost_beside_rounding_noise_is_a_difference_and_noise_in_the_cost_is_none(build) -> None:
    a = build([0.1, 0.7, 1], [([1 / 3, 0.7, 1], 1, 3)], upper=[3, 3, 3])
    for cost in ([0.1, 0.9, 1], [0.1, 0.7, -1], [0, 0.7, 1]):
        verdict = compare(a, replace(a, objective=np.array(cost)), mapping="names")
        assert isinstance(verdict, Different), verdict
        replay_witness(a, replace(a, objective=np.array(cost)), verdict.witness)
    noisy = replace(a, objective=np.array([0.1 * 3, 0.7 * 3, 3.0]))
    assert isinstance(compare(a, noisy, mapping="names"), Equivalent)
    nearly = replace(a, objective=a.objective * np.array([1, 1 + 1e-9, 1]))
    assert not isinstance(compare(a, nearly, mapping="names"), Different)
