"""Clustering against brute force, and on blobs that can be found."""

from itertools import combinations, permutations

import numpy as np
import pytest

from kerasae.evaluation.tasks.clustering import agreement, clustered, matched_accuracy


def test_accuracy_is_that_of_the_best_of_all_matchings():
    rng = np.random.default_rng(0)
    clusters, labels = rng.integers(0, 4, 60), rng.integers(0, 4, 60)
    best = max(np.mean(np.array(order)[clusters] == labels) for order in permutations(range(4)))
    assert matched_accuracy(clusters, labels) == pytest.approx(best)
    assert best < 0.6


def test_names_of_clusters_do_not_matter_and_one_cluster_gets_the_largest_class():
    labels = np.array([0, 0, 0, 1, 1, 2])
    assert agreement(labels[::-1].max() - labels, labels) == {"accuracy": 1, "nmi": 1, "ari": 1}
    alone = agreement(np.zeros(6, int), labels)
    assert alone == {"accuracy": 0.5, "nmi": 0, "ari": 0}


def test_adjusted_rand_index_counts_pairs():
    rng = np.random.default_rng(1)
    clusters, labels = rng.integers(0, 3, 30), rng.integers(0, 3, 30)
    pairs = list(combinations(range(30), 2))
    same = [(clusters[a] == clusters[b], labels[a] == labels[b]) for a, b in pairs]
    both, one, other = (np.sum(values) for values in (
        [c and t for c, t in same], [c for c, _ in same], [t for _, t in same]
    ))  # fmt: skip
    chance = one * other / len(pairs)
    expected = (both - chance) / ((one + other) / 2 - chance)
    assert agreement(clusters, labels)["ari"] == pytest.approx(expected)


def blobs(scale):
    rng, labels = np.random.default_rng(2), np.repeat([0, 1, 2], 60)
    points = rng.normal(size=(180, 2)) + 8 * np.array([[0, 0], [0, 1], [1, 0]])[labels]
    return points * scale, labels


@pytest.mark.parametrize("scale", [1, np.array([1e-3, 1e3])])
def test_blobs_are_found_whatever_the_scale_of_the_elements(scale):
    points, labels = blobs(scale)
    found = clustered(points[::2], points[1::2], 3, seed=1)
    assert set(found) == {"k_means", "gaussian_mixture"}
    for clusters in found.values():
        assert agreement(clusters, labels[1::2])["accuracy"] == 1


def test_the_same_seed_gives_the_same_clusters():
    points = np.random.default_rng(3).normal(size=(200, 5))
    first, again, other = (clustered(points, points, 4, seed) for seed in (1, 1, 2))
    for name, clusters in first.items():
        np.testing.assert_array_equal(clusters, again[name])
        assert not np.array_equal(clusters, other[name])
