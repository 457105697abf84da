"""The quantisers: nearest values, loss terms and their gradients, perplexity, moving vectors."""

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


def test_nearest_takes_the_first_category_where_two_tie_compiled_or_not(quantiser):
    model, outputs = quantiser
    np.testing.assert_array_equal(model.nearest(outputs), [[0, 1], [2, 0]])
    np.testing.assert_array_equal(tf.function(model.nearest)(outputs), [[0, 1], [2, 0]])
    np.testing.assert_array_equal(model.bottleneck(outputs), [[-1, 1], [2, 0]])
    many = np.random.default_rng(0).normal(0, 2, (1000, 2)).astype("float32")
    found = model.nearest(many)
    assert found.dtype == "int32"
    np.testing.assert_array_equal(tf.function(model.nearest)(tf.constant(many)), found)


def test_least_is_the_minimum_of_the_last_axis_of_any_size():
    for size in (1, 2, 3, 7, 512):
        values = np.random.default_rng(size).normal(size=(4, 3, size)).astype("float32")
        expected = values.min(axis=2, keepdims=True)
        np.testing.assert_array_equal(least(tf.constant(values)), expected)


def test_vq_and_commitment_loss_match_values_by_hand(quantiser, few):
    terms = evaluate(quantiser[0], few[:2])
    assert terms["vq"] == terms["commitment"] == ((0.5**2 + 0) + (3**2 + 2**2)) / 2


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


# Vectors, moved by averages


@pytest.fixture
def moving(monkeypatch):
    """Two positions of one number each, a book of (0, 1, 4), and codes given by hand."""
    model = build("vq_ema", categories=3, width=1, beta=0.5, decay=0.9)
    model.sums.assign([[0.0], [1.0], [4.0]])
    outputs = np.array([[0.2, 3.0], [1.4, 0.4]], "float32")
    monkeypatch.setattr(model, "encoder", lambda images, training: tf.identity(outputs))
    return model, outputs


def test_each_position_is_committed_to_the_nearest_vector(moving, few):
    model, outputs = moving
    np.testing.assert_array_equal(model.nearest(outputs), [[0, 2], [1, 0]])
    np.testing.assert_allclose(model.bottleneck(outputs), [[0, 4], [1, 0]], atol=1e-4)
    terms = evaluate(model, few[:2])
    by_hand = (0.2**2 + 1**2 + 0.4**2 + 0.4**2) / 2
    assert terms["commitment"] == pytest.approx(by_hand, rel=1e-3)
    assert terms["loss"] - terms["reconstruction"] == pytest.approx(0.5 * by_hand, rel=1e-2)


def test_vectors_move_towards_the_mean_of_their_codes_in_training_only(moving, few):
    model, _ = moving
    evaluate(model, few[:2])
    np.testing.assert_array_equal(model.counts, [1, 1, 1])
    evaluate(model, few[:2], training=True)
    np.testing.assert_allclose(model.counts, [0.9 + 0.2, 0.9 + 0.1, 0.9 + 0.1], rtol=1e-5)
    sums = [0.1 * (0.2 + 0.4), 0.9 + 0.1 * 1.4, 3.6 + 0.1 * 3]
    np.testing.assert_allclose(model.sums[:, 0], sums, rtol=1e-5)
    np.testing.assert_allclose(model.codebook[:, 0], [sums[0] / 1.1, sums[1], sums[2]], rtol=1e-4)
