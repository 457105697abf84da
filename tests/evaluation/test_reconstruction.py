"""Reconstruction losses, anomaly scores from residuals and bounds, by hand and in closed form."""

import numpy as np
import pytest

from kerasae.evaluation.metrics.reconstruction import (
    LOSS,
    element_losses,
    entropy_floor,
    explained,
    image_scores,
    mean_image_bce,
    summed_bce,
)
from kerasae.networks.likelihoods import LIKELIHOODS


def test_the_losses_of_a_pixel_are_those_by_hand():
    image, output = np.array([[0.25]]), np.array([[1.5]])
    probability = 1 / (1 + np.exp(-1.5))
    expected = -0.25 * np.log(probability) - 0.75 * np.log(1 - probability)
    assert element_losses(image, output, "bernoulli") == pytest.approx(expected)
    assert element_losses(image, output, "gaussian") == pytest.approx(1.25**2 / 2)


@pytest.mark.parametrize("likelihood", LOSS)
@pytest.mark.parametrize("scale", [1, 30])
def test_the_loss_of_an_image_is_that_of_the_training(likelihood, scale):
    random = np.random.default_rng(0)
    images, outputs = random.random((5, 4, 3, 2)), scale * random.normal(size=(5, 4, 3, 2))
    losses = element_losses(images, outputs, likelihood).sum(axis=(1, 2, 3))
    trained = LIKELIHOODS[likelihood].losses(images.astype("float32"), outputs.astype("float32"))
    np.testing.assert_allclose(losses, trained, rtol=1e-5)
    metric = image_scores(images, outputs, likelihood)[LOSS[likelihood]]
    factor = 2 if likelihood == "gaussian" else 1  # the squared error
    np.testing.assert_allclose(metric, factor * losses)


def test_scores_of_an_image_are_those_by_hand():
    images = np.array([[[[0.25], [0.75]]]])
    logits = np.log([[[[0.5 / 0.5], [0.9 / 0.1]]]])
    scores = image_scores(images, logits)
    assert scores["signed"] == pytest.approx([(0.5 + 0.9) - (0.25 + 0.75)])
    assert scores["mse"] == pytest.approx([0.25**2 + 0.15**2])
    expected = -(np.log(0.5) + 0.75 * np.log(0.9) + 0.25 * np.log(0.1))
    assert scores["bce"] == pytest.approx([expected])
    assert scores["bce_per_ink"] == pytest.approx([expected / 1.0])
    empty = image_scores(np.zeros((1, 2, 2, 1)), np.full((1, 2, 2, 1), -200.0))
    assert all(np.isfinite(score).all() for score in empty.values())


def test_the_entropy_floor_is_ln_2_for_each_grey_pixel_and_0_for_black_and_white():
    images = np.array([0, 1, 0.5, 0.5]).reshape(2, 1, 2, 1)
    assert entropy_floor(images) == pytest.approx(2 * np.log(2) / 2)
    assert entropy_floor(np.array([0, 255], "uint8").reshape(1, 1, 2, 1)) == 0


def test_the_entropy_floor_is_the_cross_entropy_of_the_perfect_reconstruction(mnist):
    images = mnist.x_test[:1200]  # more than one batch
    inside = np.clip(images / 255, 1e-12, 1 - 1e-12)
    perfect = summed_bce(inside, np.log(inside / (1 - inside))).mean()
    assert entropy_floor(images) == pytest.approx(perfect, rel=1e-6)
    assert entropy_floor((images / 255).astype("float32")) == pytest.approx(perfect, rel=1e-6)


def test_a_pixel_that_was_never_lit_costs_the_log_of_half_a_grey_level():
    dark, lit = np.zeros((3, 1, 1, 1)), np.ones((2, 1, 1, 1))
    assert mean_image_bce(dark, lit) == pytest.approx(np.log(510))
    assert mean_image_bce(lit, dark) == pytest.approx(np.log(510))
    assert mean_image_bce(dark, dark) == pytest.approx(-np.log(1 - 1 / 510))


def test_the_mean_digit_costs_the_known_plateau_of_mnist(mnist):
    mean_image = mean_image_bce(mnist.x_train[:10000], mnist.x_test)
    assert 0 < entropy_floor(mnist.x_test) < mean_image == pytest.approx(206, abs=2)


def test_the_explained_share_runs_from_the_mean_image_to_the_floor():
    shares = [explained(bce, mean_image=200, floor=50) for bce in (50, 125, 200, 275)]
    assert shares == [1, 0.5, 0, -0.5]
