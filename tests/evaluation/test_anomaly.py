"""Anomaly scores and their metrics against values by hand."""

import numpy as np
import pytest

from kerasae.evaluation.detectors import neighbour_distance
from kerasae.evaluation.metrics.anomaly import (
    anomaly_score,
    anomaly_scores,
    auroc,
    average_precision,
    negative_elbo,
    roc,
)
from kerasae.evaluation.metrics.reconstruction import ink
from kerasae.evaluation.outputs import Encoded, Outputs


def test_auroc_is_the_share_of_pairs_in_the_right_order():
    scores = np.array([0.1, 0.4, 0.35, 0.8])
    anomalous = np.array([False, False, True, True])
    assert auroc(scores, anomalous) == 3 / 4
    assert auroc(-scores, anomalous) == 1 / 4
    assert np.trapezoid(*reversed(roc(scores, anomalous))) == 3 / 4


def test_less_ink_alone_finds_the_ones_as_the_protocol_says(mnist):
    area = auroc(-ink(mnist.x_test / 255), mnist.y_test == 1)
    assert area == pytest.approx(0.925, abs=0.001)


def test_average_precision_is_the_mean_precision_at_the_anomalies():
    scores, anomalous = np.array([4.0, 3, 2, 1]), np.array([True, False, True, False])
    assert average_precision(scores, anomalous) == pytest.approx((1 + 2 / 3) / 2)


def test_neighbour_distance_is_the_mean_distance_to_the_nearest_training_codes():
    train = np.array([[0.0, 0], [0, 2], [9, 9], [9, 10]])
    distances = neighbour_distance(train, np.array([[0.0, 0], [0, 1]]), neighbours=2)
    np.testing.assert_allclose(distances, [(0 + 2) / 2, (1 + 1) / 2])


def test_the_negative_elbo_adds_the_divergence_of_each_code():
    means, log_stds = np.array([[0.0, 0], [1, 2]]), np.array([[0.0, 0], [0, np.log(2)]])
    divergence = 0.5 * (1 + (4 + 4 - 1 - 2 * np.log(2)))
    elbo = negative_elbo(np.array([10.0, 20]), means, log_stds)
    np.testing.assert_allclose(elbo, [10, 20 + divergence])


def test_the_gaussian_elbo_has_the_variance_of_the_decoder():
    encoded = Encoded(
        np.zeros((5, 1)), np.zeros((1, 1)), {"mse": np.array([6.0])}, np.zeros((1, 3))
    )
    outputs = Outputs(encoded, encoded, None, log_stds=np.zeros((1, 1)), variance=0.5)
    elbo = anomaly_scores(outputs, np.arange(5))["elbo", "sample"]
    assert elbo == pytest.approx([6 / (2 * 0.5) + 3 / 2 * np.log(0.5)])


def test_held_out_samples_do_not_count_as_neighbours():
    scores = {score: np.zeros(1) for score in ("bce", "mse", "signed", "bce_per_ink")}
    encoded = Encoded(np.array([[0.0], [5]]), np.array([[5.0]]), scores, None)
    outputs, rows = Outputs(encoded, encoded, None), np.array([0])
    found = anomaly_scores(outputs, rows)
    assert found["neighbours", None] == anomaly_score(outputs, "neighbours", rows) == [5]
    assert set(found) == {(score, None) for score in (*scores, "neighbours")}
