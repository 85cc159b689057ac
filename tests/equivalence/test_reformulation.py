"""Levels L1 and L2: rewritings proved by a map, differences shown by a point."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from scipy import sparse

from equivalence import AffineMap, Different, Equivalent, Level, Relation, Scope, Unknown, UnknownReason
from equivalence import compare as compare_within
from equivalence.certificate import BothEmpty, Mapped
from equivalence.checker import Refuted, replay
from equivalence.explain import difference_in_words
from equivalence.witness import FeasibilityWitness, ObjectiveWitness, PointWitness, ProfileWitness
from equivalence.witness_checker import replay_witness
from solvers.milp import Milp, Sense

compare = partial(compare_within, budget_s=math.inf)  # so that no verdict hangs on the load

INF = float("inf")


def equivalent(a: Milp, b: Milp, **options: object) -> Equivalent:
    verdict = compare(a, b, **options)  # type: ignore[arg-type]
    assert isinstance(verdict, Equivalent), verdict
    replay(a, b, verdict.certificate)
    return verdict


def different(a: Milp, b: Milp, **options: object) -> Different:
    verdict = compare(a, b, **options)  # type: ignore[arg-type]
    assert isinstance(verdict, Different), verdict
    replay_witness(a, b, verdict.witness)
    return verdict


def test_a_row_that_follows_from_two_others_changes_nothing(build) -> None:
    # 3x + 4y <= 17 is the sum of x + 2y <= 8 and 2x + 2y <= 9
    a = build([-2, -1], [([1, 2], -INF, 8), ([2, 2], -INF, 9)])
    b = build([-2, -1], [([1, 2], -INF, 8), ([2, 2], -INF, 9), ([3, 4], -INF, 17)])
    verdict = equivalent(a, b, mapping="names")
    assert (verdict.level, verdict.relation) == (Level.L1, Relation.REFORMULATED)


def test_a_forged_multiplier_is_refuted(build) -> None:
    a = build([-2, -1], [([1, 2], -INF, 8), ([2, 2], -INF, 9)])
    b = build([-2, -1], [([1, 2], -INF, 8), ([2, 2], -INF, 9), ([3, 4], -INF, 17)])
    certificate = equivalent(a, b, mapping="names").certificate
    tighter = replace(b, row_upper=np.array([8.0, 9.0, 16.0]))
    with pytest.raises(Refuted):
        replay(a, tighter, certificate)


def test_rounding_on_whole_variables_is_proved_by_a_split(build) -> None:
    # 2x + 2y <= 7 and x + y <= 3 hold the same whole points, no bounds above
    a = build([-1, -1], [([2, 2], -INF, 7)], whole=[0, 1])
    b = build([-1, -1], [([1, 1], -INF, 3)], whole=[0, 1])
    equivalent(a, b, mapping="names")
    relaxed = [replace(m, domains=np.zeros(2, dtype=np.int8)) for m in (a, b)]
    assert isinstance(different(*relaxed, mapping="names").witness, PointWitness)


def test_a_slack_is_found_and_its_row_may_be_a_range(build) -> None:
    a = build([1, 3], [([1, 1], 3, 4)])
    b = build([1, 3, 0], [([1, 1, 1], 4, 4)], upper=[INF, INF, 1], names=["x0", "x1", "s"])
    assert equivalent(a, b).level is Level.L1


def test_a_renamed_model_with_a_redundant_row_and_a_fixed_variable_is_found(build) -> None:
    a = build([1, 2], [([1, 2], 2, INF), ([3, -1], -INF, 5)], upper=[4, 4])
    b = build(
        [1, 2, 5],
        [([3, -1, 0], -INF, 5), ([1, 2, 1], 3, INF), ([2, 4, 0], 4, INF)],
        lower=[0, 0, 1],
        upper=[4, 4, 1],
        names=["u", "v", "w"],
    )
    assert equivalent(a, b).objective_constant == 5


def test_a_sum_of_two_variables_needs_level_two(build) -> None:
    a = build([3, 1], [([1, 1], -INF, 7)], upper=[5, INF], sense=Sense.MAXIMIZE, names=["x", "y"])
    b = build(
        [3, 3, 1],
        [([1, 1, 1], -INF, 7), ([1, 1, 0], -INF, 5)],
        sense=Sense.MAXIMIZE,
        names=["p", "q", "y"],
    )
    assert equivalent(a, b, level="L2").level is Level.L2
    assert isinstance(compare(a, b, level="L1"), Unknown)


def test_a_projection_that_is_not_onto_is_no_equivalence(build) -> None:
    # x in [0, 1]^2 against the same with x = y: averaging and inclusion map each into the other
    a = build([1, 1], [([1, 1], -INF, 2)], upper=[1, 1], sense=Sense.MAXIMIZE)
    b = build([1, 1], [([1, -1], 0, 0)], upper=[1, 1], sense=Sense.MAXIMIZE)
    for level in ("L1", "L2"):
        assert not isinstance(compare(a, b, level=level), Equivalent)


def test_two_infeasible_models_are_equivalent_vacuously(build) -> None:
    a = build([1, 1], [([1, 1], 3, INF), ([1, 1], -INF, 2)])
    b = build([1, 7], [([2, 2], 3, 3)], upper=[9, 9], whole=[0, 1])
    verdict = equivalent(a, b)
    assert isinstance(verdict.certificate, BothEmpty)
    assert verdict.relation is Relation.REFORMULATED


def test_an_infeasible_model_differs_from_a_feasible_one_under_any_map(build) -> None:
    a = build([1, 1], [([1, 1], 3, INF), ([1, 1], -INF, 2)])
    b = build([1], [([1], 0, 1)], names=["z"])
    verdict = different(a, b)
    assert isinstance(verdict.witness, FeasibilityWitness)
    assert verdict.scope is Scope.ANY_MAP


def test_counting_refutes_every_renaming(build) -> None:
    # two whole variables: 3 points against 4
    a = build([1, 1], [([1, 1], -INF, 1)], upper=[1, 1], whole=[0, 1], names=["u", "v"])
    b = build([1, 1], [([1, 1], -INF, 2)], upper=[1, 1], whole=[0, 1])
    verdict = different(a, b)
    assert isinstance(verdict.witness, ProfileWitness)
    assert verdict.scope is Scope.ANY_MAP


def test_a_change_of_unit_is_no_equivalence_unless_asked_for(build) -> None:
    a = build([4, 3], [([1, 1], 2000, INF), ([1, -1], -INF, 500)], upper=[5000, 5000])
    b = build([4000, 3000], [([1, 1], 2, INF), ([1, -1], -INF, 0.5)], upper=[5, 5])
    assert not isinstance(compare(a, b, mapping="names"), Equivalent)
    verdict = equivalent(a, b, mapping="names", units=True)
    assert verdict.units == {"x0": (Fraction(1000), 0), "x1": (Fraction(1000), 0)}


def test_wrong_data_is_not_explained_by_a_unit_unless_asked_for(build) -> None:
    # x + y >= 2 and x + y >= 3 over x, y >= 0 are one model in two units
    a, b = (build([1, 1], [([1, 1], side, INF)]) for side in (2, 3))
    assert isinstance(different(a, b, mapping="names").witness, PointWitness)
    assert not isinstance(compare(a, b, mapping="names", units=True), Different)


def test_a_given_map_is_proved_or_refuted(build) -> None:
    a = build([1, 2], [([1, 1], 4, INF)], upper=[9, 9], names=["x", "y"])
    b = build([2, 2], [([2, 1], 4, INF)], upper=[4.5, 9], names=["z", "y"])
    double = AffineMap({"x": ({"z": Fraction(2)}, Fraction(0))})
    assert equivalent(a, b, mapping=double).scope is Scope.GIVEN_MAP
    triple = AffineMap({"x": ({"z": Fraction(3)}, Fraction(0))})
    assert different(a, b, mapping=triple).scope is Scope.GIVEN_MAP
    with pytest.raises(ValueError, match="no variable"):
        compare(a, b, mapping=AffineMap({"q": ({"z": Fraction(1)}, Fraction(0))}))


def test_a_difference_of_one_in_sixteen_million_is_found(build) -> None:
    a, b = (build([1], [([1, 1][:1], -INF, side)], whole=[0]) for side in (2.0**24, 2.0**24 + 1))
    assert isinstance(different(a, b, mapping="names").witness, PointWitness)


def test_an_objective_that_agrees_on_the_equalities_is_the_same(build) -> None:
    # x + y = 4 makes 2x + y and x + 4 the same
    a = build([2, 1], [([1, 1], 4, 4)], upper=[3, 3])
    b = build([1, 0], [([1, 1], 4, 4)], upper=[3, 3], constant=4)
    assert equivalent(a, b, mapping="names", exact_objective=True).objective_factor == 1


def test_opposite_directions_are_different_objectives(build) -> None:
    a = build([1, 1], [([1, 2], -INF, 4), ([2, 1], -INF, 4)], sense=Sense.MAXIMIZE)
    verdict = different(a, replace(a, sense=Sense.MINIMIZE), mapping="names")
    assert isinstance(verdict.witness, ObjectiveWitness)
    assert "A maximises and B minimises" in difference_in_words(a, replace(a, sense=Sense.MINIMIZE), verdict)


def test_the_difference_is_told_by_the_names_of_the_models(build) -> None:
    a = build([1, 1], [([1, 1], -INF, 50)], names=["tables", "chairs"])
    b = replace(
        build([1, 1], [([1, 1], -INF, 50), ([2, 0], -INF, 40)], names=["tables", "chairs"]),
        row_names=["wood", "labour"],
    )
    words = difference_in_words(a, b, different(a, b, mapping="names"))
    assert "tables" in words
    assert "'labour'" in words
    assert "at most 40" in words


def test_an_added_binary_level_that_is_never_needed_projects_away(build) -> None:
    a = build([1, 1], [([1, 2], 3, INF)])
    b = build([1, 1, 0], [([1, 2, 0], 3, INF)], upper=[INF, INF, 1], whole=[2], names=["x0", "x1", "w"])
    verdict = equivalent(a, b, level="L2")
    assert isinstance(verdict.certificate, Mapped)


def test_a_quadratic_objective_is_compared_by_renaming_only(build) -> None:
    a = replace(build([1, 2], [([1, 1], 1, 4)]), quadratic=sparse.csr_array(np.diag([2.0, 4.0])))
    assert isinstance(compare(a, a), Equivalent)
    b = replace(a, quadratic=sparse.csr_array(np.diag([2.0, 5.0])))
    verdict = compare(a, b)
    assert isinstance(verdict, Unknown)
    assert verdict.reason is UnknownReason.UNSUPPORTED_CLASS


def test_a_budget_of_nothing_is_unknown(build, cover) -> None:
    rng = np.random.default_rng(0)
    edges = [(i, int(j)) for i in range(40) for j in rng.choice(40, 3) if i != j]
    verdict = compare(cover(edges, True), cover(edges[:-1], True), mapping="auto", budget_s=0.0)
    assert isinstance(verdict, Unknown)


def test_matched_by_name_a_turned_objective_is_not_explained_by_counting_down(build) -> None:
    # max x and min x over 0..2 are one problem under x -> 2 - x, but x is named x in both
    a = build([1], [([1], 0, 2)], upper=[2], whole=[0], sense=Sense.MAXIMIZE)
    b = replace(a, sense=Sense.MINIMIZE)
    assert isinstance(compare(a, b, mapping="names"), Unknown)
    assert equivalent(a, b, mapping="auto").scope is Scope.FOUND_MAP


def test_matched_by_name_a_slack_of_another_size_is_no_equivalence(build) -> None:
    # y = 4 - x against y = (4 - x) / 2: the same x, but another y
    a = build([1, 0], [([1, 1], 4, 4)], upper=[4, INF], names=["x", "y"])
    b = build([1, 0], [([1, 2], 4, 4)], upper=[4, INF], names=["x", "y"])
    assert not isinstance(compare(a, b, mapping="names"), Equivalent)


def test_a_scaled_quadratic_objective_without_linear_part_is_the_same(build) -> None:
    a = replace(build([0, 0], [([1, 1], 1, 4)]), quadratic=sparse.csr_array(np.diag([2.0, 4.0])))
    b = replace(a, quadratic=-10 * a.quadratic, sense=Sense.MAXIMIZE)
    assert equivalent(a, b).objective_factor == 10
