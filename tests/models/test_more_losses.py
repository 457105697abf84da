"""The losses of the models beyond the article's, by hand, closed forms and numpy."""

import math

import numpy as np
import pytest
import tensorflow as tf
from by_hand import SHAPE, build, cross_entropy, evaluate
from scipy.special import expit, log_expit, logsumexp
from scipy.stats import multivariate_normal, norm

from kerasae.models.beta_tc_vae import decomposed
from kerasae.models.wae_mmd import SCALES, discrepancy

# Contractive


def test_contraction_of_a_linear_encoder_is_the_squared_norm_of_its_matrix(few, monkeypatch):
    model = build("contractive", weight=2.0)
    rng = np.random.default_rng(0)
    kernel = rng.normal(0, 0.1, (1024, 2)).astype("float32")
    kernel[:, 1] -= kernel[:, 0] * (kernel[:, 0] @ kernel[:, 1]) / (kernel[:, 0] @ kernel[:, 0])
    monkeypatch.setattr(
        model, "encoder", lambda x, training: tf.matmul(tf.reshape(x, (-1, 1024)), kernel)
    )
    # With orthogonal columns ‖Kv‖² is the same for all v in {-1, 1}²
    terms = evaluate(model, few)
    assert terms["contraction"] == pytest.approx((kernel**2).sum(), rel=1e-4)
    assert terms["loss"] - terms["reconstruction"] == pytest.approx(
        2 * terms["contraction"], rel=1e-3
    )


def test_contraction_is_right_in_the_mean_over_the_draws(few, monkeypatch):
    model = build("contractive")
    kernel = np.random.default_rng(0).normal(0.05, 0.1, (1024, 2)).astype("float32")
    monkeypatch.setattr(
        model, "encoder", lambda x, training: tf.matmul(tf.reshape(x, (-1, 1024)), kernel)
    )
    draws = [evaluate(model, few)["contraction"] for _ in range(60)]
    assert np.std(draws) > 0
    assert np.mean(draws) == pytest.approx((kernel**2).sum(), rel=0.1)


def test_contraction_of_the_whole_encoder_agrees_with_finite_differences(few):
    model = build("contractive")
    images = few[:2]
    step = 1e-2
    codes = model.encoder(images, training=False).numpy().astype("float64")
    total = 0.0
    pixels = [(12, 12), (16, 14), (20, 16)]
    with tf.GradientTape(persistent=True) as tape:
        x = tf.constant(images)
        tape.watch(x)
        z = model.encoder(x, training=False)
    jacobian = tape.batch_jacobian(z, x, experimental_use_pfor=False).numpy()
    for row, column in pixels:
        moved = images.copy()
        moved[:, row, column] += step
        slope = (model.encoder(moved, training=False).numpy() - codes) / step
        np.testing.assert_allclose(jacobian[:, :, row, column, 0], slope, atol=0.02)
    total = (jacobian**2).sum(axis=(1, 2, 3, 4)).mean()
    draws = [evaluate(model, images)["contraction"] for _ in range(60)]
    assert np.mean(draws) == pytest.approx(total, rel=0.15)


def test_contractive_codes_have_variance_one_in_training(few):
    codes = build("contractive").encoder(few, training=True).numpy()
    np.testing.assert_allclose(codes.std(axis=0), 1, rtol=1e-2)


# WAE


def test_discrepancy_of_two_pairs_by_hand():
    codes, others = np.array([[0.0], [1.0]], "float32"), np.array([[0.0], [2.0]], "float32")

    def k(distance):
        return sum(2 * s / (2 * s + distance**2) for s in SCALES)

    by_hand = k(1) + k(2) - 2 * (k(0) + k(2) + k(1) + k(1)) / 4
    assert float(discrepancy(codes, others)) == pytest.approx(by_hand, rel=1e-5)


def test_discrepancy_is_zero_in_the_mean_for_one_distribution_and_grows_with_the_distance():
    rng = np.random.default_rng(0)

    def mean(shift):
        return np.mean(
            [
                discrepancy(*(rng.normal(m, 1, (64, 3)).astype("float32") for m in (shift, 0)))
                for _ in range(40)
            ]
        )

    none, little, much = mean(0), mean(0.5), mean(2)
    assert abs(none) < 0.05
    assert none + 0.1 < little < much


def test_discrepancy_of_a_single_code_tells_nothing():
    assert float(discrepancy(np.ones((1, 2), "float32"), np.zeros((1, 2), "float32"))) == 0


def test_wae_weighs_its_discrepancy(few):
    terms = evaluate(build("wae_mmd", weight=300), few)
    assert terms["loss"] - terms["reconstruction"] == pytest.approx(300 * terms["mmd"], rel=1e-3)


# RAE


def test_rae_weighs_codes_and_last_weights(few):
    model = build("rae", beta=3.0, decay=0.5)
    terms = evaluate(model, few)
    codes, kernel = model.encode(few).numpy(), model.decoder.layers[-2].get_weights()[0]
    assert terms["size"] == pytest.approx(0.5 * (codes**2).sum(axis=1).mean(), rel=1e-5)
    assert terms["decay"] == pytest.approx((kernel**2).sum(), rel=1e-5)
    rest = 3 * terms["size"] + 0.5 * terms["decay"]
    assert terms["loss"] - terms["reconstruction"] == pytest.approx(rest, rel=1e-3)


# Beta-TC-VAE


def test_parts_of_the_divergence_agree_with_scipy_s_densities():
    rng = np.random.default_rng(0)
    means, log_stds = rng.normal(size=(5, 2)), rng.normal(-1, 0.3, (5, 2))
    codes = means + np.exp(log_stds) * rng.normal(size=(5, 2))
    own = [
        multivariate_normal(m, np.diag(np.exp(2 * s))).logpdf(z)
        for z, m, s in zip(codes, means, log_stds, strict=True)
    ]
    single = norm.logpdf(codes[:, None], means[None], np.exp(log_stds)[None])  # (5, 5, 2)
    joint = logsumexp(single.sum(axis=2), axis=1) - math.log(5)
    product = (logsumexp(single, axis=1) - math.log(5)).sum(axis=1)
    prior = norm.logpdf(codes).sum(axis=1)
    expected = [np.mean(own - joint), np.mean(joint - product), np.mean(product - prior)]
    found = decomposed(*(a.astype("float32") for a in (codes, means, log_stds)))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_independent_elements_have_no_total_correlation_and_equal_ones_have_much():
    rng = np.random.default_rng(0)
    std = np.full((400, 2), math.log(0.1), "float32")

    def correlation(means):
        codes = means + 0.1 * rng.normal(size=means.shape)
        return float(decomposed(codes.astype("float32"), means.astype("float32"), std)[1])

    apart, together = rng.normal(size=(400, 2)), np.repeat(rng.normal(size=(400, 1)), 2, axis=1)
    assert abs(correlation(apart)) < 0.5
    # two copies of N(0, 1) seen with a deviation of 0.1 share about log(10) nats
    assert correlation(together) == pytest.approx(math.log(10), abs=0.5)


def test_beta_counts_the_total_correlation_alone(few):
    terms = evaluate(build("beta_tc_vae", beta=7.0), few)
    rest = terms["information"] + 7 * terms["correlation"] + terms["distance"]
    assert terms["loss"] - terms["reconstruction"] == pytest.approx(rest, rel=1e-3, abs=1e-3)


# IWAE


def fixed(model, monkeypatch, mean, log_std):
    """Let the encoder give one distribution for every image."""
    outputs = tf.constant([[*mean, *log_std]], tf.float32)
    monkeypatch.setattr(model, "encoder", lambda x, training: tf.repeat(outputs, len(x), axis=0))


def test_bound_of_one_draw_is_the_loss_and_the_log_ratio_of_that_draw(few):
    terms = evaluate(build("iwae", draws=1), few)
    total = terms["reconstruction"] + terms["divergence"]
    assert terms["loss"] == pytest.approx(total, rel=1e-5)


def test_bound_agrees_with_densities_of_scipy(few, monkeypatch):
    model, drawn = build("iwae", draws=3), []
    fixed(model, monkeypatch, (0.5, -0.5), (-1.0, 0.2))
    whole = model.bottleneck

    def bottleneck(outputs, sampled=False):
        drawn.append(whole(outputs, sampled))
        return drawn[-1]

    monkeypatch.setattr(model, "bottleneck", bottleneck)
    terms = evaluate(model, few[:4])
    codes = drawn[0].numpy().astype("float64")  # (12, 2)
    logits = model.decoder(drawn[0], training=False).numpy().reshape(12, -1)
    x = np.repeat(few[:4].reshape(4, -1), 3, axis=0)
    likely = (x * log_expit(logits) + (1 - x) * log_expit(-logits)).sum(axis=1)
    own = norm.logpdf(codes, [0.5, -0.5], np.exp([-1.0, 0.2])).sum(axis=1)
    weights = (likely + norm.logpdf(codes).sum(axis=1) - own).reshape(4, 3)
    expected = -(logsumexp(weights, axis=1) - math.log(3)).mean()
    assert terms["loss"] == pytest.approx(expected, rel=1e-5)
    assert terms["reconstruction"] == pytest.approx(-likely.mean(), rel=1e-5)


def test_more_draws_tighten_the_bound(few):
    one, many = (
        np.mean([evaluate(build("iwae", draws=draws, seed=s), few)["loss"] for s in range(5)])
        for draws in (1, 50)
    )
    assert many < one


# Adversarial


def test_the_losses_of_the_game_are_cross_entropies_of_the_discriminator(few, monkeypatch):
    model = build("adversarial", weight=5.0)
    prior = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")
    monkeypatch.setattr("kerasae.models.adversarial.gaussian", lambda *_: tf.constant(prior))
    terms = evaluate(model, few)
    ours, theirs = (
        expit(model.discriminator(z).numpy().astype("float64")) for z in (model.encode(few), prior)
    )
    assert terms["generator"] == pytest.approx(-np.log(ours).mean(), rel=1e-5)
    assert terms["discriminator"] == pytest.approx(
        -np.log(theirs).mean() - np.log(1 - ours).mean(), rel=1e-5
    )
    assert terms["loss"] - terms["reconstruction"] == pytest.approx(
        5 * terms["generator"], rel=1e-3
    )


def test_each_player_is_moved_by_its_own_loss(few):
    model = build("adversarial", weight=0.0)
    model.compile(jit_compile=False)
    alone = build("vanilla")
    alone.compile(jit_compile=False)
    before = [v.numpy() for v in model.discriminator.trainable_variables]
    for one in (model, alone):
        one.train_batch(few)
    for ours, theirs in zip(model.encoder.weights, alone.encoder.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    after = [v.numpy() for v in model.discriminator.trainable_variables]
    assert not any(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


# Vectors, moved by averages


@pytest.fixture
def quantiser(monkeypatch):
    """Two positions of one number each, a book of (0, 1, 4), and codes given by hand."""
    model = build("vq_ema", categories=3, width=1, beta=0.5, decay=0.9)
    model.sums.assign([[0.0], [1.0], [4.0]])
    outputs = np.array([[0.2, 3.0], [1.4, 0.4]], "float32")
    monkeypatch.setattr(model, "encoder", lambda images, training: tf.identity(outputs))
    return model, outputs


def test_each_position_takes_the_nearest_vector(quantiser):
    model, outputs = quantiser
    np.testing.assert_array_equal(model.nearest(outputs), [[0, 2], [1, 0]])
    np.testing.assert_allclose(model.bottleneck(outputs), [[0, 4], [1, 0]], atol=1e-4)


def test_commitment_is_the_squared_distance_to_the_vectors(quantiser, few):
    terms = evaluate(quantiser[0], few[:2])
    by_hand = (0.2**2 + 1**2 + 0.4**2 + 0.4**2) / 2
    assert terms["commitment"] == pytest.approx(by_hand, rel=1e-3)
    assert terms["loss"] - terms["reconstruction"] == pytest.approx(0.5 * by_hand, rel=1e-2)


def test_vectors_move_towards_the_mean_of_their_codes(quantiser, few):
    model, _ = quantiser
    evaluate(model, few[:2])
    np.testing.assert_array_equal(model.counts, [1, 1, 1])  # judging moves nothing
    evaluate(model, few[:2], training=True)
    np.testing.assert_allclose(model.counts, [0.9 + 0.2, 0.9 + 0.1, 0.9 + 0.1], rtol=1e-5)
    sums = [0.1 * (0.2 + 0.4), 0.9 + 0.1 * 1.4, 3.6 + 0.1 * 3]
    np.testing.assert_allclose(model.sums[:, 0], sums, rtol=1e-5)
    np.testing.assert_allclose(model.codebook[:, 0], [sums[0] / 1.1, sums[1], sums[2]], rtol=1e-4)


def test_a_width_that_does_not_divide_the_code_is_refused():
    with pytest.raises(ValueError, match=r"must divide latent_dim, which is 2\. Received: 3"):
        build("vq_ema", width=3)


# Convolutions


@pytest.mark.parametrize("shape", [(32, 32, 1), (9, 14, 3)])
def test_convolutions_take_images_of_any_shape(shape):
    import kerasae

    images = np.random.default_rng(0).random((5, *shape)).astype("float32")
    for name in ("conv_vanilla", "conv_vae"):
        model = kerasae.build(name, shape, 3, widths=(4, 8))
        assert model.reconstruct(images).shape == (5, *shape)
        assert evaluate(model, images)["reconstruction"] > 0


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("contractive", {"weight": -1}, "weight must not be negative"),
        ("wae_mmd", {"weight": -1}, "weight must not be negative"),
        ("adversarial", {"weight": -1}, "weight must not be negative"),
        ("rae", {"beta": -1}, "beta and decay must not be negative"),
        ("beta_tc_vae", {"beta": -1}, "beta must not be negative"),
        ("iwae", {"draws": 0}, "draws must be at least 1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(name, settings, words):
    with pytest.raises(ValueError, match=words):
        build(name, **settings)


def test_reconstruction_of_every_one_is_the_cross_entropy(few):
    for name in ("contractive", "wae_mmd", "rae", "adversarial"):
        model = build(name)
        logits = model.decoder(model.encoder(few, training=False), training=False)
        expected = cross_entropy(few, logits.numpy())
        assert evaluate(model, few)["reconstruction"] == pytest.approx(expected, rel=1e-5)
    assert few.shape[1:] == SHAPE
