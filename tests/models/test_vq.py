"""The quantiser: nearest values, its loss terms and their gradients, its perplexity."""

import math

import numpy as np
import pytest
import tensorflow as tf
from by_hand import build, evaluate
from scipy.stats import entropy

from kerasae.models.vq import Perplexity, least


@pytest.fixture
def quantiser(monkeypatch):
    model = build("vq", categories=3, beta=0.5)
    model.codebook.assign([[-1, 0, 2], [0, 1, 1]])
    outputs = tf.Variable([[-0.5, 1.0], [5.0, -2.0]])
    monkeypatch.setattr(model, "encoder", lambda images, training: tf.identity(outputs))
    return model, outputs


@pytest.mark.parametrize("compiled", [False, True])
def test_nearest_takes_the_first_category_where_two_tie(quantiser, compiled):
    model, outputs = quantiser
    nearest = tf.function(model.nearest) if compiled else model.nearest
    np.testing.assert_array_equal(nearest(outputs), [[0, 1], [2, 0]])
    np.testing.assert_array_equal(model.bottleneck(outputs), [[-1, 1], [2, 0]])


def test_nearest_is_the_same_in_a_compiled_step_and_outside_of_one(quantiser):
    model, _ = quantiser
    outputs = np.random.default_rng(0).normal(0, 2, (1000, 2)).astype("float32")
    found = model.nearest(outputs)
    assert found.dtype == "int32"
    np.testing.assert_array_equal(tf.function(model.nearest)(tf.constant(outputs)), found)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 512])
def test_least_is_the_minimum_of_the_last_axis_of_any_size(size):
    values = np.random.default_rng(size).normal(size=(4, 3, size)).astype("float32")
    np.testing.assert_array_equal(least(tf.constant(values)), values.min(axis=2, keepdims=True))


def test_vq_and_commitment_loss_match_values_by_hand(quantiser, few):
    terms = evaluate(quantiser[0], few[:2])
    squared = (0.5**2 + 0) + (3**2 + 2**2)
    assert terms["vq"] == terms["commitment"] == squared / 2
    expected = terms["reconstruction"] + 1.5 * squared / 2
    assert terms["loss"] == pytest.approx(expected, rel=1e-6)


def test_vq_terms_move_only_their_own_side(quantiser, few):
    model, outputs = quantiser
    with tf.GradientTape(persistent=True) as tape:
        terms = model.objective(few[:2], training=False)
    sides = [outputs, model.codebook.value]
    to_outputs, to_codebook = tape.gradient(terms["vq"], sides)
    assert to_outputs is None
    # 2 (ẑ - z) / N for the categories in use
    expected = [[-0.5, 0, -3], [2, 0, 0]]
    np.testing.assert_allclose(tf.convert_to_tensor(to_codebook), expected)
    to_outputs, to_codebook = tape.gradient(terms["commitment"], sides)
    assert to_codebook is None
    np.testing.assert_allclose(to_outputs, [[0.5, 0], [3, -2]])


def test_reconstruction_gradient_passes_straight_through_the_quantiser(quantiser, few):
    model, outputs = quantiser
    codes = tf.Variable([[-1.0, 1.0], [2.0, 0.0]])
    with tf.GradientTape(persistent=True) as tape:
        through = model.objective(few[:2], training=False)["reconstruction"]
        direct = model.reconstruction_loss(few[:2], model.decoder(codes, training=False))
    assert float(through) == pytest.approx(float(direct), rel=1e-6)
    expected = tape.gradient(direct, codes).numpy()
    assert (expected != 0).all()
    np.testing.assert_allclose(tape.gradient(through, outputs), expected, rtol=1e-4)
    assert tape.gradient(through, model.codebook.value) is None


def test_perplexity_is_that_of_the_epoch_not_the_mean_of_the_batches():
    metric = Perplexity(2, 4)  # averaged over two codebooks
    metric.update_state(np.array([[0, 2]] * 8))
    assert float(metric.result()) == pytest.approx(1)
    metric.update_state(np.array([[1, 2]] * 8))
    assert float(metric.result()) == pytest.approx((2 + 1) / 2)
    metric.reset_state()
    metric.update_state(np.array([[0, 0], [0, 1], [1, 2], [3, 3]]))
    expected = (math.exp(entropy([2, 1, 1])) + 4) / 2
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)
