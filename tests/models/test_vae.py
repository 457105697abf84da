"""The VAEs: divergence, draws and variance, total correlation, and the bound of several draws."""

import math

import numpy as np
import pytest
import tensorflow as tf
from by_hand import build, evaluate
from scipy.integrate import quad
from scipy.special import log_expit, logsumexp
from scipy.stats import multivariate_normal, norm

import kerasae
from kerasae.models.beta_tc_vae import decomposed
from kerasae.models.vae import kl_divergence


def kl(mean, log_std):
    return float(kl_divergence(np.array(mean, "float32"), np.array(log_std, "float32")))


def test_divergence_matches_values_by_hand():
    assert kl([[0, 0, 0]], [[0, 0, 0]]) == 0  # where the article's printed form gives 0.5
    assert kl([[1, 2]], [[0, 0]]) == pytest.approx(2.5)
    assert kl([[0]], [[math.log(2)]]) == pytest.approx(0.5 * (4 - 1) - math.log(2), rel=1e-5)
    assert kl([[1, 2], [0, 0]], [[0, 0], [0, 0]]) == pytest.approx(1.25)  # mean over images


def test_divergence_matches_the_integral_that_defines_it():
    def element(x):
        return norm.pdf(x, 0.7, 0.4) * (norm.logpdf(x, 0.7, 0.4) - norm.logpdf(x))

    integral, _ = quad(element, 0.7 - 8 * 0.4, 0.7 + 8 * 0.4)
    assert kl([[0.7]], [[math.log(0.4)]]) == pytest.approx(integral, rel=1e-5)


def test_the_divergence_is_that_of_the_heads_of_the_encoder(few):
    model = build("vae")
    mean, log_std = np.split(model.encoder(few, training=False).numpy(), 2, axis=1)
    expected = 0.5 * (np.exp(2 * log_std) + mean**2 - 1 - 2 * log_std).sum(axis=1).mean()
    assert evaluate(model, few)["kl"] == pytest.approx(expected, rel=1e-4)


def test_log_std_is_clipped_at_10():
    mean, log_std = build("vae").distribution(tf.constant([[40.0, -40.0, 50, 3], [0, 0, -50, 0]]))
    np.testing.assert_array_equal(mean, [[40, -40], [0, 0]])
    np.testing.assert_array_equal(log_std, [[10, 3], [-10, 0]])


def test_codes_are_drawn_with_the_mean_and_spread_of_the_heads():
    model, count = build("vae"), 20000
    outputs = tf.tile([[1.0, -3.0, math.log(2), math.log(0.1)]], (count, 1))
    codes = model.bottleneck(outputs, sampled=True).numpy()
    error = np.array([2, 0.1]) / math.sqrt(count)
    assert (abs(codes.mean(axis=0) - [1, -3]) < 5 * error).all()
    np.testing.assert_allclose(codes.std(axis=0), [2, 0.1], rtol=0.03)
    assert abs(np.corrcoef(codes.T)[0, 1]) < 5 / math.sqrt(count)
    np.testing.assert_array_equal(model.bottleneck(outputs)[0], [1, -3])


# The variance of the Gaussian likelihood


def gaussian_vae(name="vae", columns=6, latent_dim=2, **settings):
    gaussian = {"likelihood": "gaussian", "seed": 3, "widths": (16, 8)}
    return kerasae.build(name, (columns,), latent_dim, **gaussian, **settings)


@pytest.mark.parametrize("variance", [1.0, 0.25, 3.0])
def test_the_loss_is_the_log_density_with_the_variance(variance):
    rng = np.random.default_rng(0)
    rows, means = rng.normal(0, 2, (2, 7, 6)).astype("float32")
    densities = norm.logpdf(rows, means, math.sqrt(variance)) - norm.logpdf(0)
    for settings in ({}, {"learn_variance": True}):
        model = gaussian_vae(decoder_variance=variance, **settings)
        assert model.gaussian_variance == pytest.approx(variance, rel=1e-4)
        np.testing.assert_allclose(model.losses_of(rows, means), -densities.sum(axis=1), rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "std"),
    [("vae", 0.3), ("vae", 1.0), pytest.param("beta_tc_vae", 0.3, marks=pytest.mark.slow)],
)
def test_a_learned_variance_becomes_the_mean_squared_error_of_the_training(name, std):
    rng = np.random.default_rng(5)
    plane = np.linalg.qr(rng.normal(size=(6, 2)))[0] * 3  # rows on it, and Gaussian noise
    rows = rng.normal(size=(1500, 2)) @ plane.T + rng.normal(0, std, (1500, 6))
    model = gaussian_vae(name, learn_variance=True)
    model.compile(jit_compile=False)
    history = model.fit(rows.astype("float32"), epochs=30, batch_size=64, verbose=0)
    loss, variance = history.history["reconstruction"][-1], model.gaussian_variance
    error = (loss - 3 * math.log(variance)) * variance / 3  # of a value, 6 a row
    assert variance == pytest.approx(error, rel=0.1)
    assert std**2 * 4 / 6 < variance < max(1, 2 * std**2)


def test_a_learned_variance_has_a_lower_limit_where_all_errors_are_0():
    model = gaussian_vae(learn_variance=True, decoder_variance=1e-9)
    assert 0.9 * math.exp(-12) < model.gaussian_variance < 1.1 * math.exp(-12)
    rows = np.zeros((2, 6), "float32")
    assert np.isfinite(model.losses_of(rows, rows)).all()


def test_a_learned_variance_is_kept_with_the_model(tmp_path):
    model = gaussian_vae(learn_variance=True, decoder_variance=0.4)
    model.log_variance.assign(-0.02)
    model.save(tmp_path / "model.keras")
    again = kerasae.load(tmp_path / "model.keras")
    assert again.gaussian_variance == pytest.approx(math.exp(-0.6), rel=1e-3)


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


# IWAE


def test_the_bound_agrees_with_densities_of_scipy(few, monkeypatch):
    model, drawn = build("iwae", draws=3), []
    outputs = tf.constant([[0.5, -0.5, -1.0, 0.2]], tf.float32)  # one distribution for all images
    monkeypatch.setattr(model, "encoder", lambda x, training: tf.repeat(outputs, len(x), axis=0))
    draw = model.bottleneck
    monkeypatch.setattr(
        model, "bottleneck", lambda *how, **more: drawn.append(draw(*how, **more)) or drawn[-1]
    )
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
    single, many = (
        [evaluate(build("iwae", draws=draws, seed=s), few) for s in range(5)] for draws in (1, 50)
    )
    for terms in single:  # the bound of a single draw
        total = terms["reconstruction"] + terms["divergence"]
        assert terms["loss"] == pytest.approx(total, rel=1e-5)
    assert np.mean([t["loss"] for t in many]) < np.mean([t["loss"] for t in single])
