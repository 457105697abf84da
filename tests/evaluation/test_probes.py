"""The probes do not see the scale of the codes, and classify what can be classified."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from kerasae.evaluation.metrics.probes import PROBES, probe


@pytest.fixture(scope="module")
def codes(mnist):
    """Codes and labels of 550 and 1,000 images of real digits: principal components."""
    rows = mnist.x_train[:1550].reshape(1550, -1) / 255
    return PCA(20, random_state=0).fit_transform(rows), mnist.y_train[:1550]


def accuracies(codes, labels):
    return probe(codes[:550], labels[:550], codes[550:], labels[550:])


def test_probes_classify_digits_from_principal_components(codes):
    found = accuracies(*codes)
    assert set(found) == set(PROBES)
    assert min(found.values()) > 0.75  # guessing is 0.1


@pytest.mark.parametrize("factor", [0.01, 100])
def test_scale_of_the_codes_does_not_matter(codes, factor):
    points, labels = codes
    before, after = accuracies(points, labels), accuracies(factor * points + 7, labels)
    for metric in PROBES:
        assert after[metric] == pytest.approx(before[metric], abs=0.001)


def test_elements_of_other_scales_do_not_drown_the_rest(codes):
    points, labels = codes
    before, after = accuracies(points, labels), accuracies(points * np.logspace(-3, 3, 20), labels)
    for metric in PROBES:
        assert after[metric] == pytest.approx(before[metric], abs=0.001)


def test_codes_without_information_are_guessed():
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(1550, 5)), rng.integers(0, 10, 1550)
    for accuracy in accuracies(points, labels).values():
        assert accuracy == pytest.approx(0.1, abs=0.04)


def test_all_get_the_one_class_that_is_among_the_labels(codes):
    points, labels = codes
    known = np.flatnonzero(labels == 3)[:20]
    found = probe(points[known], labels[known], points[550:], labels[550:])
    assert found == dict.fromkeys(PROBES, np.mean(labels[550:] == 3))


def test_constant_elements_are_harmless(codes):
    points, labels = codes
    constant = np.hstack([points, np.full((len(points), 2), 3.0)])
    assert accuracies(constant, labels) == pytest.approx(accuracies(points, labels), abs=0.001)
