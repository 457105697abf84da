"""Reconstruction losses against NumPy, and the gradient of the cross-entropy."""

import math

import numpy as np
import pytest
import tensorflow as tf
from by_hand import cross_entropy
from scipy.stats import norm

from kerasae.networks.kernels import cross_entropy as cross_entropy_with_gradient
from kerasae.networks.likelihoods import bernoulli_losses, gaussian_losses


def reconstruction_loss(images, logits):
    return np.mean(bernoulli_losses(images, logits))


def test_the_loss_is_the_sum_over_pixels_and_the_mean_over_images():
    target = np.array([[1.0, 0.0], [1.0, 1.0]], "float32").reshape(2, 1, 2, 1)
    logits = np.full((2, 1, 2, 1), math.log(3), "float32")  # a brightness of 3/4
    first, second = -math.log(3 / 4) - math.log(1 / 4), -2 * math.log(3 / 4)
    assert float(reconstruction_loss(target, logits)) == pytest.approx((first + second) / 2)


def test_the_loss_agrees_with_numpy_for_any_batch_size(few):
    logits = np.random.default_rng(0).normal(0, 5, few.shape).astype("float32")
    expected = cross_entropy(few, logits)
    assert float(reconstruction_loss(few, logits)) == pytest.approx(expected, rel=1e-5)
    thrice = reconstruction_loss(np.tile(few, (3, 1, 1, 1)), np.tile(logits, (3, 1, 1, 1)))
    assert float(thrice) == pytest.approx(expected, rel=1e-5)


def test_gaussian_loss_is_the_log_density_less_its_constant(few):
    means = np.random.default_rng(0).normal(0, 5, few.shape).astype("float32")
    densities = norm.logpdf(few, means).reshape(len(few), -1) - norm.logpdf(0)
    np.testing.assert_allclose(gaussian_losses(few, means), -densities.sum(axis=1), rtol=1e-5)


def test_cross_entropy_and_its_gradients_agree_with_those_of_keras():
    logits = tf.constant([-90.0, -17.0, -1.0, -1e-6, 0.0, 0.3, 6.0, 17.0, 90.0] * 3)
    targets = tf.constant(np.repeat(np.array([0, 0.25, 1], "float32"), 9))
    values, slopes = [], []
    for function in (cross_entropy_with_gradient, tf.nn.sigmoid_cross_entropy_with_logits):
        with tf.GradientTape() as tape:
            tape.watch([targets, logits])
            values.append(function(targets, logits))
        slopes.append(tape.gradient(values[-1], [targets, logits]))
    np.testing.assert_allclose(*values, rtol=2e-6, atol=2e-7)
    np.testing.assert_allclose(*slopes, rtol=2e-6, atol=2e-7)
