"""Interpolation paths against values by hand, and their comparison with a cross-fade."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from kerasae.evaluation.metrics.interpolation import cross_fade, path_metrics

REAL = np.array([0, 255], np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 1), np.uint8)
FADE = np.linspace(0, 1, 5)[None, :, None, None, None] * np.ones((1, 1, 2, 2, 1))
CONFIDENCE, FADED = np.array([[1, 0.2, 0.4, 0.6, 0.8]]), np.array([[9, 0.1, 0.2, 0.3, 9]])


def test_a_fade_is_measured_between_its_ends_and_gains_nothing_over_itself():
    np.testing.assert_allclose(cross_fade(FADE), FADE, atol=1e-7)
    inside = (0.5 + 1 + 0.5) / 3  # over four pixels, the middle being 2 · 1/2 from both ends
    assert path_metrics(FADE, CONFIDENCE, FADED, REAL) == pytest.approx(
        {
            "confidence": 0.4, "end_confidence": 0.9, "confidence_over_fade": 0.2,
            "distance": inside, "end_distance": 0, "distance_over_fade": 0, "roughness": 1,
        }
    )  # fmt: skip


def test_detours_are_rough_and_jumps_stay_near_real_images():
    detour, jump = (FADE[:, order] for order in ([0, 2, 1, 3, 4], [0, 0, 0, 4, 4]))
    assert path_metrics(detour, CONFIDENCE, FADED, REAL)["roughness"] == pytest.approx(6 / 4)
    metrics = path_metrics(jump, CONFIDENCE, FADED, REAL)
    assert metrics["distance"] == 0
    assert metrics["distance_over_fade"] == pytest.approx(-2 / 3)


def test_the_blur_of_a_model_is_no_gain_over_a_fade(mnist):
    ends = mnist.x_train[:20].reshape(2, 10, 32, 32, 1) / 255
    blurred = gaussian_filter(ends, (0, 0, 1, 1, 0))
    real, confidence = mnist.x_train[20:1000], np.ones((10, 5))
    sharp, soft = (
        path_metrics(np.linspace(*pair, 5, axis=1), confidence, confidence, real)
        for pair in (ends, blurred)
    )
    assert soft["distance"] < sharp["distance"] - 0.1
    for metrics in (sharp, soft):
        assert metrics["distance_over_fade"] == pytest.approx(0, abs=1e-5)


def test_the_path_of_a_collapsed_model_has_no_roughness():
    frames, real = np.full((1, 3, 2, 2, 1), 0.5), np.zeros((1, 2, 2, 1), np.uint8)
    assert "roughness" not in path_metrics(frames, *np.ones((2, 1, 3)), real)
