"""The bucket key and the pictures."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from benchmarks.equivalence.rewriting import KEEPING, random_model
from equivalence.bucket import bucket_key
from equivalence.graph import to_networkx
from equivalence.picture import TooLarge, refinement_svg
from solvers.milp import Sense


@pytest.mark.parametrize("name", ["permute", "rename", "scale rows", "flip", "split", "slack"])
@pytest.mark.parametrize("seed", range(12))
def test_rewritten_models_share_a_bucket(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = random_model(rng, whole=seed % 2 == 0)
    other = KEEPING[name](model, rng)
    if other is not None:
        assert bucket_key(model) == bucket_key(other)


def test_the_key_is_the_same_in_every_version_and_on_every_platform(build) -> None:
    model = build([1, 2.5, 0], [([1, -1, 0], 0, 0), ([0.1, 0.3, 7], -3, 4.5)], upper=[1, 9, 4], whole=[0])
    assert bucket_key(model) == "23adcba90da0c54b93f35ea8159237b1"


def test_another_direction_is_another_bucket(build) -> None:
    model = build([1, 2], [([1, 1], 1, 4)], upper=[3, 3])
    assert bucket_key(model) != bucket_key(replace(model, sense=Sense.MAXIMIZE))


@pytest.mark.parametrize("seed", range(20))
def test_networkx_agrees_that_a_permuted_model_has_the_same_colours(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = random_model(rng, whole=True)
    hashes = [
        nx.weisfeiler_lehman_graph_hash(to_networkx(m), node_attr="label", edge_attr="weight", iterations=6)
        for m in (model, KEEPING["rename"](model, rng))
    ]
    assert hashes[0] == hashes[1]


def test_a_picture_shows_every_node_of_both_models(cover) -> None:
    a, b = cover([(0, 1), (1, 2)], True), cover([(0, 2), (1, 2)], True)
    picture = refinement_svg(a, b)
    rounds = picture.count("Round ")
    assert picture.count("<circle") == 6 * rounds
    assert "matched pairs" in picture


def test_a_first_difference_is_ringed(cover) -> None:
    assert "not isomorphic" in refinement_svg(cover([(0, 1), (1, 2)], True), cover([(0, 1), (1, 2)], False))


def test_names_are_escaped_in_a_picture(build) -> None:
    model = build([1], [([1], 0, 1)], names=["<script>"])
    assert "<script>" not in refinement_svg(model, model)


def test_a_large_model_is_not_drawn(build) -> None:
    model = build([1] * 300, [([1] * 300, 0, 1)])
    with pytest.raises(TooLarge):
        refinement_svg(model, model)
