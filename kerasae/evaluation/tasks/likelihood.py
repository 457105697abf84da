"""Marginal likelihood of models with a Gaussian posterior, by importance sampling.

    log p(x) ≥ E[ log 1/k Σ_i w_i ]        w_i = p(x | z_i) p(z_i) / q(z_i | x),  z_i ~ q(z | x)
    ELBO     = E[ 1/k Σ_i log w_i ]

q(z | x) is the posterior of the encoder, p(z) the standard Gaussian. The bound is exact for
k → ∞, and for any k where q is the true posterior. Burda, Grosse, Salakhutdinov: Importance
weighted autoencoders, ICLR 2016, equation 8. Differences from it: grey values are the targets of
the Bernoulli likelihood, as in training, so that its p(x | z) is not normalised over them.
"""

import math

import numpy as np

from kerasae.evaluation.metrics import Measure, Metric
from kerasae.evaluation.task import Measurement, Ranking, Task
from kerasae.seeds import derive

IMPORTANCE_SAMPLES = 100
"""k, samples of the posterior of each test sample."""
TOGETHER = 10_000
"""Codes that are decoded at a time."""


def log_weights(means, log_stds, noise, losses):
    """Logarithms of importance weights.

    Parameters
    ----------
    means, log_stds : array of shape (n, d)
        Parameters of the posterior of each sample.
    noise : array of shape (n, k, d)
        Of the standard Gaussian.
    losses : callable
        From codes (n, k, d) to -log p(x | z) (n, k), in nats.

    Returns
    -------
    numpy.ndarray of shape (n, k)
        log w, in nats.
    """
    codes = means[:, None] + np.exp(log_stds)[:, None] * noise  # (n, k, d)
    # The constants of both Gaussians cancel: log p(z) - log q(z | x)
    ratio = 0.5 * (noise**2 - codes**2).sum(axis=2) + log_stds.sum(axis=1)[:, None]
    return ratio - losses(codes)


def bounds(weights):
    """Bounds of log p(x) from the logarithms of importance weights.

    Parameters
    ----------
    weights : array of shape (n, k)
        log w, in nats.

    Returns
    -------
    dict of str to float
        ``log_likelihood``, the importance-weighted bound, and ``elbo``, never above it; in nats,
        means over the samples.
    """
    from scipy.special import logsumexp

    tight = logsumexp(weights, axis=1) - math.log(weights.shape[1])
    return {"log_likelihood": float(tight.mean()), "elbo": float(weights.mean())}


def evaluate(model, samples, seed, count=IMPORTANCE_SAMPLES):
    """Estimate the bounds of a trained model.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A stochastic one.
    samples : array of shape (N, ...)
        As the model takes them.
    seed : int
        Of the posterior samples.
    count : int, optional
        k of the bound.

    Returns
    -------
    dict of str to float
        See `bounds`.
    """
    from kerasae.nn.likelihoods import LIKELIHOODS

    rng, parts = np.random.default_rng(seed), []
    likelihood = LIKELIHOODS[model.likelihood]
    size = math.prod(samples.shape[1:])
    # The Gaussian loss lacks the constant of its density
    constant = size / 2 * math.log(2 * math.pi) if model.likelihood == "gaussian" else 0
    rows = max(TOGETHER // count, 1)
    for start in range(0, len(samples), rows):
        images = model.scale(samples[start : start + rows])
        parameters = model.distribution(model.encoder(images, training=False))
        means, log_stds = (part.numpy().astype(float) for part in parameters)
        targets = np.repeat(images.numpy(), count, axis=0)  # (n k, ...)

        def losses(codes, targets=targets):
            flat = codes.reshape(-1, codes.shape[-1]).astype(np.float32)
            outputs = model.decoder(flat, training=False)
            return likelihood.losses(targets, outputs).numpy().reshape(codes.shape[:2]) + constant

        noise = rng.standard_normal((len(means), count, means.shape[1]))
        parts.append(log_weights(means, log_stds, noise, losses))
    return bounds(np.concatenate(parts))


def measure(inputs):
    """Estimate the marginal likelihood of the test set; of VAEs only."""
    model = inputs["model"]
    if model.stochastic:
        found = evaluate(model, inputs["data"].x_test, derive(inputs.seed, "likelihood"))
        yield {}, {Measure(name): value for name, value in found.items()}


TASK = Task(
    name="likelihood",
    title="Marginal likelihood",
    text=(
        f"Bounds of the log-likelihood of the test set from {IMPORTANCE_SAMPLES} posterior samples "
        "of each sample, VAEs only. The prior is the standard Gaussian. With the Bernoulli "
        "likelihood, grey values are the targets, as in training."
    ),
    metrics=(
        Metric(
            "log_likelihood", "log p(x)",
            "importance-weighted bound of the log-likelihood of a test sample",
            better="higher", range="≥ ELBO", unit="nats", decimals=2,
            source="Burda et al.: Importance weighted autoencoders, ICLR 2016, equation 8",
        ),
        Metric(
            "elbo", "ELBO", "evidence lower bound of a test sample, by the same samples",
            better="higher", unit="nats", range="≤ log p(x)", decimals=2,
            source="Kingma and Welling: Auto-encoding variational Bayes, ICLR 2014",
        ),
    ),
    measurements=(Measurement("likelihood", measure, ("data", "model")),),
    leading=(Measure("log_likelihood"), Measure("elbo")),
    needs=("thorough",),
    rankings=(
        Ranking(
            "density estimation",
            (Measure("log_likelihood"),),
            "importance-weighted bound of the log-likelihood of the test set; VAEs only",
        ),
    ),
)  # fmt: skip
