"""Uncertainty metrics against values by hand, and the gain of averaging many samples."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from kerasae.evaluation.metrics.uncertainty import (
    METRICS,
    accuracy,
    brier_score,
    calibration_error,
    error_auroc,
    negative_log_likelihood,
    scaled_calibration_error,
    tempered,
    uncertainty,
)

CODES = ("mean", "sample", "samples")


def two(*chances):
    """Probabilities (N, 2) of two classes, from those of class 0."""
    return np.stack([chances, 1 - np.array(chances)], axis=1)


def test_calibration_error_agrees_with_bins_by_hand():
    # Two bins of interest: (0.6, 0.8] with 0.7, 0.8 and one of two right; (0.8, 1] with 0.9 wrong
    probabilities, labels = two(0.7, 0.8, 0.9), np.array([0, 1, 1])
    expected = 2 / 3 * abs(0.75 - 0.5) + 1 / 3 * abs(0.9 - 0)
    assert calibration_error(probabilities, labels, bins=5) == pytest.approx(expected)
    assert calibration_error(np.eye(3), np.arange(3)) == 0
    assert calibration_error(np.eye(3), np.array([1, 2, 0])) == 1


def test_calibration_error_agrees_with_a_loop_over_intervals():
    rng = np.random.default_rng(0)
    probabilities, labels = rng.dirichlet(np.ones(4), 500), rng.integers(0, 4, 500)
    confidence, correct = probabilities.max(1), probabilities.argmax(1) == labels
    expected = 0
    for step in range(15):
        inside = (confidence > step / 15) & (confidence <= (step + 1) / 15)
        if inside.any():
            gap = abs(correct[inside].mean() - confidence[inside].mean())
            expected += inside.mean() * gap
    assert calibration_error(probabilities, labels) == pytest.approx(expected)


@pytest.mark.parametrize("power", [0.4, 1, 3])
def test_sampled_labels_are_calibrated_and_scaling_removes_what_a_temperature_adds(power):
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(5), 20000)
    labels = (rng.uniform(size=(20000, 1)) > probabilities.cumsum(axis=1)).sum(axis=1)
    scaled = tempered(probabilities, 1 / power)
    assert scaled_calibration_error(scaled, labels) < 0.015
    if power == 1:
        assert calibration_error(scaled, labels) < 0.015
    else:
        assert calibration_error(scaled, labels) > 0.1


def test_likelihood_brier_score_and_accuracy_are_those_by_hand():
    probabilities, labels = two(0.8, 0.4, 0.9), np.array([0, 0, 1])
    assert accuracy(probabilities, labels) == pytest.approx(1 / 3)
    expected = -np.mean(np.log([0.8, 0.4, 0.1]))
    assert negative_log_likelihood(probabilities, labels) == pytest.approx(expected)
    expected = np.mean([2 * 0.2**2, 2 * 0.6**2, 2 * 0.9**2])
    assert brier_score(probabilities, labels) == pytest.approx(expected)


def test_certain_errors_and_unknown_classes_cost_a_finite_amount():
    probabilities, labels = two(1.0, 1.0, 1.0), np.array([0, 1, -1])
    assert negative_log_likelihood(probabilities, labels) == pytest.approx(2 * 36 / 3)
    assert brier_score(probabilities, labels) == pytest.approx((0 + 2 + 2) / 3)
    assert scaled_calibration_error(probabilities, labels) <= 1


def test_errors_are_found_by_low_confidence_whatever_its_level():
    labels = np.array([0, 0, 1, 1])  # the last two are wrong
    assert error_auroc(two(0.59, 0.58, 0.56, 0.57), labels) == 1
    assert error_auroc(two(0.6, 0.7, 0.9, 0.8), labels) == 0
    assert error_auroc(two(0.9, 0.7, 0.8, 0.6), labels) == 0.75
    assert np.isnan(error_auroc(two(0.9, 0.8), np.array([0, 0])))


@pytest.fixture(scope="module")
def noisy():
    """A classifier, and codes of two classes as a VAE gives them, one image in four unsure.

    The sure ones lie nearer to the border: the posterior mean alone is no warning.
    """
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 3000)
    unsure = rng.uniform(size=(3000, 1)) < 0.25
    stds = np.where(unsure, 2, 0.1) * np.ones(3)
    truth = (2 * labels[:, None] - 1) * np.where(unsure, 1, 0.5) * [1.0, 0.5, 0.0]
    means, sure = truth + stds * rng.normal(size=(3000, 3)), ~unsure[:, 0]
    classifier = LogisticRegression().fit(means[sure], labels[sure])
    return classifier, means, np.log(stds), labels


def test_many_samples_are_better_calibrated_than_one_and_than_the_mean(noisy):
    values = uncertainty(*noisy, seed=1)
    assert set(values) == {(metric, code) for metric in METRICS for code in CODES}
    many = {metric: values[metric, "samples"] for metric in METRICS}
    for code in ("sample", "mean"):
        for metric in ("expected_calibration_error", "negative_log_likelihood", "brier_score"):
            assert many[metric] < 0.8 * values[metric, code] + 0.2 * many[metric], metric
        assert many["error_auroc"] > values["error_auroc", code]
    assert many["accuracy"] > values["accuracy", "sample"]


def test_the_seed_alone_decides_the_samples(noisy):
    first, again, other = (uncertainty(*noisy, seed=seed, samples=3) for seed in (1, 1, 2))
    assert first == again != other
    alone = uncertainty(*noisy, seed=1, samples=1)
    for metric in METRICS:
        assert first[metric, "mean"] == other[metric, "mean"]
        assert alone[metric, "samples"] == alone[metric, "sample"] == first[metric, "sample"]


class Sign:
    """A classifier that is certain of the sign of the only element."""

    classes_ = np.array([3, 7])

    def predict_proba(self, codes):
        return np.eye(2)[(codes[:, 0] > 0).astype(int)]


def test_the_confidence_of_averaged_samples_is_their_share():
    # P(z > 0) = Φ(2 / 2) = 0.8413 for all; 60 % of them are of class 7
    labels = np.repeat([3, 7], [800, 1200])
    means, log_stds = np.full((2000, 1), 2.0), np.full((2000, 1), np.log(2))
    values = uncertainty(Sign(), means, log_stds, labels, seed=0, samples=400)
    assert values["accuracy", "samples"] == pytest.approx(0.6)
    assert values["expected_calibration_error", "samples"] == pytest.approx(0.2413, abs=0.01)
    assert values["expected_calibration_error", "mean"] == pytest.approx(1 - 0.6)


def test_labels_are_classes_not_columns_and_an_unknown_one_is_missed():
    means, labels = np.array([[-9.0], [9], [9], [-9]]), np.array([3, 7, 5, 9], "uint8")
    values = uncertainty(Sign(), means, np.zeros((4, 1)), labels, seed=0, samples=2)
    assert [values["accuracy", code] for code in CODES] == [0.5] * 3
