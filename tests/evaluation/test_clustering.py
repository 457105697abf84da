"""Clustering against brute force, and on blobs that can be found."""

from itertools import permutations

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
    assert agreement(2 - labels, labels) == {"accuracy": 1, "nmi": 1, "ari": 1}
    assert agreement(np.zeros(6, int), labels) == {"accuracy": 0.5, "nmi": 0, "ari": 0}


@pytest.mark.parametrize("scale", [1, np.array([1e-3, 1e3])])
def test_blobs_are_found_whatever_the_scale_of_the_elements(scale):
    labels = np.repeat([0, 1, 2], 60)
    centres = 8 * np.array([[0, 0], [0, 1], [1, 0]])[labels]
    points = (np.random.default_rng(2).normal(size=(180, 2)) + centres) * scale
    clusters = clustered(points[::2], points[1::2], 3, seed=1)
    again = clustered(points[::2], points[1::2], 3, seed=1)
    assert set(clusters) == {"k_means", "gaussian_mixture"}
    for method in clusters:
        assert agreement(clusters[method], labels[1::2])["accuracy"] == 1
        np.testing.assert_array_equal(clusters[method], again[method])
