"""The marginal likelihood against closed forms and a second implementation."""

import keras
import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from kerasae import build
from kerasae.evaluation.metrics.likelihood import bounds, importance_weights, log_weights

RNG = np.random.default_rng(0)
WEIGHTS = np.linalg.qr(RNG.normal(size=(6, 2)))[0] * [3.0, 0.5]  # orthogonal columns: (6, 2)
SHIFT = RNG.normal(size=6)
SAMPLES = RNG.normal(size=(40, 2)) @ WEIGHTS.T + SHIFT + RNG.normal(size=(40, 6))
EXACT = stats.multivariate_normal(SHIFT, WEIGHTS @ WEIGHTS.T + np.eye(6)).logpdf(SAMPLES)


def losses(codes):
    """-log N(x | W z + b, I) of each sample and code: (n, k)."""
    return -stats.norm.logpdf(SAMPLES[:, None], codes @ WEIGHTS.T + SHIFT).sum(axis=2)


def posterior():
    """Means and log σ (n, 2) of the true posterior, which is diagonal as W's columns are."""
    variances = 1 / (1 + (WEIGHTS**2).sum(axis=0))
    means = (SAMPLES - SHIFT) @ WEIGHTS * variances
    return means, np.broadcast_to(0.5 * np.log(variances), means.shape)


def test_with_the_true_posterior_of_a_linear_decoder_every_weight_is_the_likelihood():
    noise = RNG.normal(size=(40, 3, 2))
    weights = log_weights(*posterior(), noise, losses)
    np.testing.assert_allclose(weights, np.repeat(EXACT[:, None], 3, axis=1), rtol=1e-9)
    assert bounds(weights) == pytest.approx(
        {"log_likelihood": EXACT.mean(), "elbo": EXACT.mean()}, rel=1e-9
    )


def test_with_another_posterior_the_bound_rises_to_the_likelihood_and_the_elbo_does_not():
    means, log_stds = posterior()
    wide = means + 0.3, log_stds + 0.4
    weights = log_weights(*wide, RNG.normal(size=(40, 3000, 2)), losses)
    by_count = [bounds(weights.reshape(-1, k)) for k in (1, 10, 3000)]  # k samples at a time
    values = [of_k["log_likelihood"] for of_k in by_count]
    assert values[0] < values[1] < values[2] == pytest.approx(EXACT.mean(), abs=0.02)
    assert [of_k["elbo"] for of_k in by_count] == pytest.approx([values[0]] * 3)
    # The ELBO falls short by the divergence of the posterior used from the true one
    divergence = 0.5 * (np.exp(0.8) + (0.3 / np.exp(log_stds[0])) ** 2 - 1 - 0.8).sum()
    assert by_count[2]["elbo"] == pytest.approx(EXACT.mean() - divergence, abs=0.02)
    assert divergence > 0.1


@pytest.mark.parametrize(
    ("likelihood", "variance"), [("bernoulli", 1.0), ("gaussian", 1.0), ("gaussian", 0.5)]
)
def test_a_vae_has_the_bound_of_a_second_implementation(likelihood, variance):
    model = build(
        "vae", input_shape=(5,), latent_dim=2, widths=(8, 4), likelihood=likelihood, seed=3,
        decoder_variance=variance,
    )  # fmt: skip
    samples = np.random.default_rng(2).random((6, 5)).astype(np.float32)
    numbers = bounds(importance_weights(model, samples, seed=7, count=4))
    mean, log_std = (parameter.numpy() for parameter in model.distribution(model.encoder(samples)))
    noise = np.random.default_rng(7).standard_normal((6, 4, 2))
    weights = np.empty((6, 4))
    for row, number in np.ndindex(6, 4):
        std = np.exp(log_std[row].astype(float))
        code = mean[row] + std * noise[row, number]
        output = model.decoder(code[None].astype(np.float32)).numpy()[0]
        if likelihood == "bernoulli":
            pixels = -keras.ops.binary_crossentropy(samples[row], output, from_logits=True).numpy()
        else:
            pixels = stats.norm.logpdf(samples[row], output, variance**0.5)
        prior, proposal = stats.norm.logpdf(code), stats.norm.logpdf(code, mean[row], std)
        weights[row, number] = pixels.sum() + prior.sum() - proposal.sum()
    assert numbers["elbo"] == pytest.approx(weights.mean(), rel=1e-5)
    expected = (logsumexp(weights, axis=1) - np.log(4)).mean()
    assert numbers["log_likelihood"] == pytest.approx(expected, rel=1e-5)


def test_batches_of_samples_have_the_weights_of_all_at_once(monkeypatch):
    model = build("vae", input_shape=(5,), latent_dim=2, widths=(8, 4), seed=3)
    samples = np.random.default_rng(2).random((6, 5)).astype(np.float32)
    together = importance_weights(model, samples, seed=7, count=4)
    monkeypatch.setattr("kerasae.evaluation.metrics.likelihood.TOGETHER", 9)
    batches = importance_weights(model, samples, seed=7, count=4)
    np.testing.assert_allclose(batches, together, rtol=1e-5)
