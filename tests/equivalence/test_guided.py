"""Proofs found by HiGHS and made exact: never wrong, whatever the solver says."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse

from benchmarks.equivalence.random_pairs import run
from equivalence import Different, Equivalent, compare, guided, implication
from equivalence.checker import replay
from equivalence.witness import PointWitness
from equivalence.witness_checker import replay_witness
from solvers.milp import Milp, Sense
from solvers.registry import backend

INF = math.inf


@pytest.fixture
def guided_only(monkeypatch) -> None:
    """Every linear program goes to HiGHS, none to the exact simplex method."""
    monkeypatch.setattr(implication, "_GUIDED_FROM", 0)
    monkeypatch.setattr(implication, "_LARGE_TABLE", 0)


def transport(k: int, *, whole: bool) -> Milp:
    """k sources to k sinks: supply rows ``<=``, demand rows ``>=``, uneven numbers."""
    i, j = np.divmod(np.arange(k * k), k)
    rows = np.concatenate([i, k + j])
    columns = np.concatenate([np.arange(k * k)] * 2)
    supply, demand = 10.5 + np.arange(k) % 3, 7.0 + np.arange(k) % 4
    return Milp(
        sense=Sense.MINIMIZE,
        objective=1.0 + (3 * i + 5 * j) % 7,
        matrix=sparse.csr_array((np.ones(2 * k * k), (rows, columns)), shape=(2 * k, k * k)),
        row_lower=np.concatenate([np.full(k, -INF), demand]),
        row_upper=np.concatenate([supply, np.full(k, INF)]),
        column_lower=np.zeros(k * k),
        column_upper=np.full(k * k, INF),
        domains=np.full(k * k, int(whole), dtype=np.int8),
        column_names=[f"x{a}_{b}" for a, b in zip(i, j, strict=True)],
        row_names=[f"r{a}" for a in range(2 * k)],
    )


def with_total(model: Milp, side: float) -> Milp:
    """The model with a further row: the sum of all columns is at most ``side``."""
    total = sparse.csr_array(np.ones((1, model.n_columns)))
    return replace(
        model,
        matrix=sparse.csr_array(sparse.vstack([model.matrix, total])),
        row_lower=np.append(model.row_lower, -INF),
        row_upper=np.append(model.row_upper, side),
        row_names=[*model.row_names, "total"],
    )


@pytest.mark.usefixtures("guided_only")
def test_a_row_implied_by_many_is_proved_and_one_a_millionth_tighter_is_refuted() -> None:
    a = transport(12, whole=False)
    supply = float(a.row_upper[:12].sum())
    same = compare(a, with_total(a, supply), mapping="names", budget_s=INF)
    assert isinstance(same, Equivalent), same
    replay(a, with_total(a, supply), same.certificate)
    tighter = with_total(a, supply - 1e-6)
    verdict = compare(a, tighter, mapping="names", budget_s=INF)
    assert isinstance(verdict, Different), verdict
    replay_witness(a, tighter, verdict.witness)


@pytest.mark.usefixtures("guided_only")
def test_rounding_on_many_whole_columns_is_proved_by_a_split_and_refuted_by_a_whole_point() -> None:
    # whole supplies of 10.5, 11.5 and 12.5 leave 10, 11 and 12; one less is a difference
    a = transport(8, whole=True)
    rounded = replace(a, row_upper=np.floor(a.row_upper))
    verdict = compare(a, rounded, mapping="names", budget_s=INF)
    assert isinstance(verdict, Equivalent), verdict
    replay(a, rounded, verdict.certificate)
    less = replace(rounded, row_upper=np.where(np.arange(16) == 0, 9.0, rounded.row_upper))
    refuted = compare(a, less, mapping="names", budget_s=INF)
    assert isinstance(refuted, Different), refuted
    assert isinstance(refuted.witness, PointWitness)
    assert all(v.denominator == 1 for v in refuted.witness.point)
    replay_witness(a, less, refuted.witness)


def test_as_many_random_pairs_are_decided_as_without_a_solver(monkeypatch) -> None:
    plain = run(100, seed=11)
    monkeypatch.setattr(implication, "_GUIDED_FROM", 0)
    asked = run(100, seed=11)
    assert not asked.wrong, asked.wrong[0]
    assert asked.kept["unknown"] <= plain.kept["unknown"] + 2
    assert asked.broken["unknown"] <= plain.broken["unknown"] + 2


class Liar:
    """A solver that answers with another model's numbers."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def solve(self, model: Milp, options: object) -> object:
        true = backend("highs").solve(model, options)  # type: ignore[arg-type]
        n, m = model.n_columns, model.n_rows
        noise = self.rng.choice([0.0, 0.0, 1.0, -1.0, 1e-7], size=n + m)
        point = true.point and replace(true.point, values=true.point.values + noise[:n])
        duals = true.duals and replace(true.duals, rows=true.duals.rows + noise[n:])
        farkas = None if true.farkas is None else true.farkas + noise[n:]
        return replace(true, point=point, duals=duals, farkas=farkas)


@pytest.mark.parametrize("seed", range(3))
def test_a_solver_that_lies_makes_no_verdict_wrong(monkeypatch, seed: int) -> None:
    monkeypatch.setattr(implication, "_GUIDED_FROM", 0)
    liar = Liar(seed)
    monkeypatch.setattr(guided, "backend", lambda _: liar)
    tally = run(60, seed=seed)
    assert not tally.wrong, tally.wrong[0]


def test_equations_aresolved_exactly_and_a_contradiction_is_seen() -> None:
    third = Fraction(1, 3)
    equations = [({0: Fraction(3), 1: Fraction(1)}, Fraction(2)), ({1: Fraction(1)}, Fraction(1))]
    assert guided.solved(equations, {0: Fraction(0), 1: Fraction(0), 2: Fraction(7)}) == {
        0: third,
        1: Fraction(1),
        2: Fraction(7),
    }
    assert guided.solved([*equations, ({0: Fraction(1)}, Fraction(1))], {}) is None
