"""Where the score of a new sample comes from, and when a sample is anomalous."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from kerasae.evaluation.new_samples import (
    LEVELS,
    by_region,
    part_names,
    regions,
    score_samples,
    threshold,
)


def model_with(**metadata):
    return SimpleNamespace(likelihood="gaussian", metadata=metadata)


@pytest.mark.parametrize("shape", [(32, 32, 1), (5, 7, 3), (1, 1, 1), (2, 100, 1)])
def test_regions_cover_every_pixel_once(shape):
    count = np.zeros(shape[:2], int)
    for rows, columns in regions(shape):
        count[rows, columns] += 1
    assert (count == 1).all()
    assert len(regions(shape)) <= 16
    losses = np.random.default_rng(0).random((3, *shape))
    np.testing.assert_allclose(by_region(losses).sum(axis=1), losses.sum(axis=(1, 2, 3)))


def test_regions_and_columns_have_names():
    losses = np.zeros((1, 8, 8, 1))
    losses[0, 5, 7] = 1
    assert part_names((8, 8, 1))[by_region(losses).argmax()] == "rows 4-5, columns 6-7"
    assert (part_names((2,), ("a", "b")), part_names((1,))) == (["a", "b"], ["column 0"])


def test_the_threshold_leaves_the_wanted_share_of_the_training_above_it():
    scores = np.random.default_rng(0).gamma(2, size=5000)
    model = model_with(losses=np.quantile(scores, LEVELS).tolist())
    for share in (0.01, 0.1, 0.333, 0.5):
        assert (scores > threshold(model, share)).mean() == pytest.approx(share, abs=0.002)
    assert threshold(model_with(), 0.1) is None


def test_a_share_that_the_quantiles_do_not_resolve_is_refused():
    model = model_with(losses=LEVELS.tolist())
    assert threshold(model, 0.0025) == pytest.approx(0.9975)
    with pytest.raises(ValueError, match=r"at least 0\.0025.* Received: 0\.001"):
        threshold(model, 0.001)


@pytest.mark.parametrize(
    "values", ["x", {}, [1.0], ["a"] * 401, [float("nan")] * 401, list(range(401, 0, -1))]
)
def test_what_is_no_list_of_quantiles_in_a_model_is_refused(values):
    with pytest.raises(ValueError, match="Expected 401 ascending numbers"):
        threshold(model_with(losses=values), 0.1)


@pytest.mark.parametrize(("likelihood", "unit"), [("gaussian", 0.5), ("bernoulli", 1)])
def test_the_squared_errors_in_files_of_version_1_0_0_are_halved(likelihood, unit):
    model = model_with(scores=(8 * LEVELS).tolist())
    model.likelihood = likelihood
    assert threshold(model, 0.25) == pytest.approx(unit * 6)


def test_samples_far_beyond_the_training_have_finite_scores():
    class Model:
        likelihood = "gaussian"
        encode = staticmethod(lambda rows: rows)
        scale = staticmethod(tf.convert_to_tensor)
        decoder = staticmethod(lambda codes, training: tf.zeros_like(codes))

    losses, scores, shares = score_samples(Model, np.array([[0, 1e25, 1], [0, 0, 2]], np.float32))
    np.testing.assert_allclose(losses, [5e49, 2], rtol=1e-6)
    np.testing.assert_allclose(scores["mse"], [1e50, 4], rtol=1e-6)
    np.testing.assert_allclose(shares, [[0, 1, 0], [0, 0, 1]], atol=1e-9)
