"""Where a score comes from, and when a sample is anomalous."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from kerasae.evaluation.metrics.reconstruction import LOSS, element_losses, image_scores
from kerasae.evaluation.new_samples import (
    LEVELS,
    by_region,
    part_names,
    regions,
    score_samples,
    threshold,
)
from kerasae.networks.likelihoods import LIKELIHOODS


@pytest.mark.parametrize("likelihood", LOSS)
def test_the_loss_of_an_image_is_the_sum_over_its_pixels(likelihood):
    random = np.random.default_rng(0)
    images, outputs = random.random((5, 4, 3, 2)), random.normal(size=(5, 4, 3, 2))
    elements = element_losses(images, outputs, likelihood)
    assert elements.shape == images.shape
    assert (elements >= 0).all()
    trained = LIKELIHOODS[likelihood].losses(images.astype("float32"), outputs.astype("float32"))
    np.testing.assert_allclose(elements.sum(axis=(1, 2, 3)), trained, rtol=1e-5)
    metric = image_scores(images, outputs, likelihood)[LOSS[likelihood]]
    factor = 2 if likelihood == "gaussian" else 1  # the squared error
    np.testing.assert_allclose(metric, factor * elements.sum(axis=(1, 2, 3)))


def test_the_losses_of_a_pixel_are_those_by_hand():
    image, output = np.array([[0.25]]), np.array([[1.5]])
    probability = 1 / (1 + np.exp(-1.5))
    expected = -0.25 * np.log(probability) - 0.75 * np.log(1 - probability)
    assert element_losses(image, output, "bernoulli") == pytest.approx(expected)
    assert element_losses(image, output, "gaussian") == pytest.approx(1.25**2 / 2)


@pytest.mark.parametrize("shape", [(32, 32, 1), (5, 7, 3), (1, 1, 1), (3, 9, 1), (2, 100, 1)])
def test_regions_cover_every_pixel_once(shape):
    seen = np.zeros(shape[:2], int)
    for rows, columns in regions(shape):
        seen[rows, columns] += 1
    assert (seen == 1).all()
    assert len(regions(shape)) <= 16
    losses = np.random.default_rng(0).random((3, *shape))
    assert len(part_names(shape)) == by_region(losses).shape[1]
    np.testing.assert_allclose(by_region(losses).sum(axis=1), losses.sum(axis=(1, 2, 3)))


def test_the_losses_of_a_pixel_count_for_its_region():
    losses = np.zeros((1, 8, 8, 1))
    losses[0, 5, 7] = 1
    assert part_names((8, 8, 1))[by_region(losses).argmax()] == "rows 4-5, columns 6-7"


def test_columns_have_their_names_or_numbers():
    assert part_names((2,), ("a", "b")) == ["a", "b"]
    assert part_names((2,), ()) == ["column 0", "column 1"]


def test_the_threshold_leaves_the_wanted_share_of_the_training_above_it():
    scores = np.random.default_rng(0).gamma(2, size=5000)
    model = SimpleNamespace(metadata={"losses": np.quantile(scores, LEVELS).tolist()})
    for share in (0.01, 0.1, 0.333, 0.5):
        assert (scores > threshold(model, share)).mean() == pytest.approx(share, abs=0.002)
    assert threshold(SimpleNamespace(metadata={}), 0.1) is None


@pytest.mark.parametrize(
    "kept", ["x", 5, {}, [1.0], ["a"] * 401, [None] * 401, [float("nan")] * 401, [[1.0]] * 401,
             list(range(401, 0, -1))],
)  # fmt: skip
def test_what_is_no_list_of_quantiles_is_refused(kept):
    with pytest.raises(ValueError, match="Expected 401 ascending numbers"):
        threshold(SimpleNamespace(metadata={"losses": kept}), 0.1)


@pytest.mark.parametrize(("likelihood", "unit"), [("gaussian", 0.5), ("bernoulli", 1)])
def test_the_squared_errors_in_files_of_version_1_0_0_are_halved(likelihood, unit):
    model = SimpleNamespace(likelihood=likelihood, metadata={"scores": (8 * LEVELS).tolist()})
    assert threshold(model, 0.25) == pytest.approx(unit * 6)
    model.metadata["losses"] = LEVELS.tolist()
    assert threshold(model, 0.25) == pytest.approx(0.75)


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


def test_a_share_that_the_quantiles_do_not_resolve_is_refused():
    model = SimpleNamespace(metadata={"losses": LEVELS.tolist()})
    assert threshold(model, 0.0025) == pytest.approx(0.9975)
    with pytest.raises(ValueError, match=r"at least 0\.0025.* Received: 0\.001"):
        threshold(model, 0.001)
