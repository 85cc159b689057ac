"""Level L0: isomorphism, decided and verified."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy import sparse

from benchmarks.equivalence.rewriting import BREAKING, rename
from benchmarks.equivalence.rewriting import random_model as tiny_model
from equivalence import Different, Equivalent, Level, Relation, Unknown
from equivalence import compare as compare_within
from equivalence.certificate import Permutation
from equivalence.checker import Refuted, replay
from equivalence.witness import NotIsomorphic
from solvers.milp import Milp, Sense

compare = partial(compare_within, budget_s=math.inf)  # so that no verdict hangs on the load

INF = float("inf")
CYCLE = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)]
TRIANGLES = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)]


def scrambled(model: Milp, rng: np.random.Generator) -> Milp:
    columns, rows = rng.permutation(model.n_columns), rng.permutation(model.n_rows)
    factors = rng.choice([1.0, -1.0, 2.0, -4.0, 0.5], size=model.n_rows)
    matrix = sparse.csr_array(sparse.diags_array(factors) @ model.matrix[rows][:, columns])
    lower, upper = model.row_lower[rows] * factors, model.row_upper[rows] * factors
    return replace(
        model,
        objective=model.objective[columns] * 8,
        matrix=matrix,
        row_lower=np.minimum(lower, upper),
        row_upper=np.maximum(lower, upper),
        column_lower=model.column_lower[columns],
        column_upper=model.column_upper[columns],
        domains=model.domains[columns],
        column_names=[f"y{k}" for k in range(model.n_columns)],
        row_names=[f"s{k}" for k in range(model.n_rows)],
    )


def random_model(rng: np.random.Generator, n: int, m: int, values: list[float]) -> Milp:
    dense = rng.choice([0.0, *values], size=(m, n))
    lower = rng.choice([0.0, -1.0], size=n)
    return Milp(
        sense=Sense.MAXIMIZE if rng.random() < 0.5 else Sense.MINIMIZE,
        objective=rng.choice([0.0, 1.0, 2.5], size=n),
        matrix=sparse.csr_array(dense),
        row_lower=np.where(rng.random(m) < 0.5, -INF, 0.0),
        row_upper=rng.choice([0.0, 3.0, 4.5], size=m),
        column_lower=lower,
        column_upper=np.where(rng.random(n) < 0.5, INF, 4.0),
        domains=rng.integers(0, 2, size=n).astype(np.int8),
        column_names=[f"x{k}" for k in range(n)],
        row_names=[f"r{k}" for k in range(m)],
        constant=1.5,
    )


@pytest.mark.parametrize("seed", range(60))
def test_a_scrambled_copy_is_equivalent_and_its_certificate_replays(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = [[1.0], [1.0, -1.0], [0.1, 0.3, -2.5, 7.0]][seed % 3]
    a = random_model(rng, int(rng.integers(1, 12)), int(rng.integers(0, 12)), values)
    b = scrambled(a, rng)
    verdict = compare(a, b, level="L0")
    assert isinstance(verdict, Equivalent), verdict
    replay(a, b, verdict.certificate)


@pytest.mark.parametrize("binary", [True, False])
def test_a_six_cycle_is_not_two_triangles(cover, binary: bool) -> None:
    verdict = compare(cover(CYCLE, binary), cover(TRIANGLES, binary), level="L0")
    assert isinstance(verdict, Different)
    assert verdict.level is Level.L0


def test_a_six_cycle_of_equalities_is_not_two_triangles(cover) -> None:
    a, b = (replace(cover(edges, False), row_upper=np.ones(6)) for edges in (CYCLE, TRIANGLES))
    assert isinstance(compare(a, b, level="L0"), Different)


def test_colour_refinement_alone_leaves_the_six_cycle_open(cover) -> None:
    verdict = compare(cover(CYCLE, True), cover(TRIANGLES, True), method="wl")
    assert isinstance(verdict, Unknown)
    assert "no proof" in verdict.notes[0]


@pytest.mark.parametrize("method", ["wl", "ladder"])
def test_models_whose_nodes_all_look_different_are_still_told_apart_by_their_coefficients(build, method: str) -> None:
    a = build([1, 2], [([6, 1], -INF, 10)])
    b = build([1, 2], [([8, 1], -INF, 10)])
    verdict = compare(a, b, level="L0", method=method)
    assert isinstance(verdict, Different)
    assert isinstance(verdict.witness, NotIsomorphic)
    assert verdict.witness.how == "colours"


def test_true_of_the_plain_test_is_a_proof_on_random_pairs() -> None:
    rng = np.random.default_rng(8)
    said = {True: 0, False: 0}
    for _ in range(400):
        a = tiny_model(rng, whole=True)
        changed = list(BREAKING.values())[int(rng.integers(len(BREAKING)))](a, rng)
        b = a if changed is None or rng.random() < 0.3 else changed
        verdict = compare(a, rename(b, rng), method="wl")
        says = "says True" in verdict.notes[0]
        said[says] += 1
        assert says == isinstance(verdict, Equivalent)
    assert min(said.values()) > 50


def test_equal_bins_are_symmetric_decomposable(build) -> None:
    # two bins y with one item each: x0 <= y0, x1 <= y1
    rows = [([1, 0, -1, 0], -INF, 0), ([0, 1, 0, -1], -INF, 0)]
    a = build([0, 0, 1, 1], rows, upper=[1] * 4, whole=range(4))
    verdict = compare(a, a, method="wl")
    assert isinstance(verdict, Equivalent)
    assert "is a proof" in verdict.notes[0]


def test_the_direction_of_the_objective_is_part_of_the_model(build) -> None:
    a = build([1, 1], [([1, 1], 1, 4)], upper=[3, 3])
    assert isinstance(compare(a, replace(a, sense=Sense.MAXIMIZE), level="L0"), Different)
    turned = replace(a, sense=Sense.MAXIMIZE, objective=-a.objective)
    assert isinstance(compare(a, turned, level="L0"), Equivalent)


def test_sums_of_weights_do_not_stand_for_multisets(build) -> None:
    objective = [1, 1, 3, 3]
    a = build(objective, [([2, 0, 2, 0], 3, INF), ([0, 2, 0, 2], 3, INF)], upper=[1] * 4, whole=range(4))
    b = build(objective, [([1, 1, 2, 0], 3, INF), ([1, 1, 0, 2], 3, INF)], upper=[1] * 4, whole=range(4))
    assert isinstance(compare(a, b, level="L0"), Different)


@pytest.mark.parametrize(("one", "other"), [([1, 1, 2], [1, 2, 2]), ([1, 2, 2], [1, 1, 2])])
def test_the_number_of_nodes_of_a_colour_counts(build, one: list[float], other: list[float]) -> None:
    row = [([1, 1, 1], 1, INF)]
    verdict = compare(build(one, row, upper=[1] * 3), build(other, row, upper=[1] * 3), level="L0")
    assert isinstance(verdict, Different)


@pytest.mark.parametrize(("one", "other"), [(1e-7, 2e-7), (2.0**24, 2.0**24 + 1), (1e-20, 2e-20), (1e25, 3e25)])
def test_tiny_and_large_coefficients_are_told_apart(build, one: float, other: float) -> None:
    a, b = (build([1, 1], [([value, 1], -INF, 1)], upper=[9, 9]) for value in (one, other))
    assert isinstance(compare(a, b, level="L0"), Different)
    assert isinstance(compare(a, a, level="L0"), Equivalent)


def test_a_row_that_is_its_own_negative_has_no_sign(build) -> None:
    a = build([1, 1, 2], [([1, -1, 0], 0, 0), ([1, 1, 1], 3, INF)])
    b = build([1, 1, 2], [([-1, 1, 0], 0, 0), ([1, 1, 1], 3, INF)])
    verdict = compare(a, b)
    assert isinstance(verdict, Equivalent)
    assert verdict.relation is Relation.RESCALED
    replay(a, b, verdict.certificate)


def test_rounding_noise_in_a_scaled_row_is_no_difference_and_is_reported(build) -> None:
    a = build([1, 1], [([0.1, 0.7], -INF, 0.3)])
    b = build([1, 1], [([0.1 * 3, 0.7 * 3], -INF, 0.3 * 3)])
    verdict = compare(a, b)
    assert isinstance(verdict, Equivalent)
    assert not verdict.exact


def test_a_doubled_objective_is_refused_where_the_objective_must_be_the_same(build) -> None:
    a = build([1, 1], [([1, 1], 1, 4)], upper=[3, 3])
    b = replace(a, objective=2 * a.objective)
    assert isinstance(compare(a, b, mapping="names"), Equivalent)
    assert not isinstance(compare(a, b, mapping="names", exact_objective=True), Equivalent)


def test_a_swap_of_names_is_refused_where_the_objective_must_be_the_same(build) -> None:
    a = build([1, 2], [([1, 1], 1, 4)], upper=[3, 3])
    b = build([2, 1], [([1, 1], 1, 4)], upper=[3, 3])
    assert isinstance(compare(a, b, mapping="names"), Equivalent)
    assert not isinstance(compare(a, b, mapping="names", exact_objective=True), Equivalent)


def test_the_checker_refutes_a_wrong_permutation(build) -> None:
    a = build([1, 2], [([1, 1], 1, 4)], upper=[3, 3])
    verdict = compare(a, a)
    assert isinstance(verdict, Equivalent)
    assert isinstance(verdict.certificate, Permutation)
    with pytest.raises(Refuted):
        replay(a, a, replace(verdict.certificate, columns=(1, 0)))
    with pytest.raises(Refuted):
        replay(a, a, replace(verdict.certificate, factor=verdict.certificate.factor * 2))


def test_a_self_negating_equality_is_not_isomorphic_to_two_inequalities(build) -> None:
    a = build([1, 1], [([1, -1], 0, 0)], upper=[1, 2])
    b = build([1, 1], [([1, -1], 0, INF), ([1, -1], -INF, 0)], upper=[1, 2])
    assert isinstance(compare(a, b, level="L0"), Different)
    verdict = compare(a, b)
    assert isinstance(verdict, Equivalent)
    assert verdict.relation is Relation.REFORMULATED
    replay(a, b, verdict.certificate)


def test_equal_self_negating_rows_may_be_paired_in_any_way(build) -> None:
    row = ([1, -1, 0], 0, 0)
    a = build([1, 1, 1], [row, row, ([0, 1, -1], -3, 3)])
    b = build([1, 1, 1], [([0, 1, -1], -3, 3), ([-1, 1, 0], 0, 0), row])
    verdict = compare(a, b, level="L0")
    assert isinstance(verdict, Equivalent)
    replay(a, b, verdict.certificate)


def test_large_values_wide_rows_and_many_rows_are_verified_alike() -> None:
    # rows out of column order in the copy, numbers of 32 and of more bits, more rows than are verified at once
    rng = np.random.default_rng(3)
    for values in ([1.0, 2.5, -3.0], [1.0, 2.0**40 + 1, -7.0]):
        a = random_model(rng, 300, 400, values)
        b = scrambled(a, rng)
        verdict = compare(a, b, level="L0")
        assert isinstance(verdict, Equivalent)
        replay(a, b, verdict.certificate)
        matrix = b.matrix.copy()
        matrix.data[-1] += 1.0
        assert isinstance(compare(a, replace(b, matrix=matrix), level="L0"), Different)
