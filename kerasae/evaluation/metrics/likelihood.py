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

from kerasae.datasets.values import by_batches
from kerasae.evaluation.outputs import SCORE_SAMPLES
from kerasae.seeds import derive

TOGETHER = 10_000
"""Codes that are decoded at a time."""


def log_weights(means, log_stds, noise, losses):
    """Return log w (n, k), in nats.

    Posteriors have ``means`` and ``log_stds`` (n, d), ``noise`` (n, k, d) or (1, k, d) is standard
    Gaussian, and ``losses`` maps codes (n, k, d) to -log p(x | z) (n, k).
    """
    codes = means[:, None] + np.exp(log_stds)[:, None] * noise  # (n, k, d)
    # The constants of both Gaussians cancel: log p(z) - log q(z | x)
    ratio = 0.5 * (noise**2 - codes**2).sum(axis=2) + log_stds.sum(axis=1)[:, None]
    return ratio - losses(codes)


def bounds(weights):
    """Return the bounds ``log_likelihood`` and ``elbo`` of log p(x) from log w (n, k), in nats."""
    return {
        "log_likelihood": float(log_likelihoods(weights).mean()),
        "elbo": float(weights.mean()),
    }


def importance_weights(model, samples, seed, count):
    """Return log w (N, k), in nats, of samples (N, ...) under a stochastic model.

    ``count`` is k, the posterior samples of each sample; ``seed`` fixes them.
    """
    rng = np.random.default_rng(seed)

    def weights(batch):
        return weights_of(model, batch, rng.standard_normal((len(batch), count, model.latent_dim)))

    return by_batches(weights, samples, max(TOGETHER // count, 1))


def weights_of(model, samples, noise):
    """Return log w (n, k), in nats, of a batch of n samples, by noise (n, k, d) or (1, k, d).

    Noise (1, k, d) is the same for all samples: the weights of a sample then do not depend on its
    place in the batch.
    """
    images = model.scale(samples)
    parameters = model.distribution(model.encoder(images, training=False))
    means, log_stds = (parameter.numpy().astype(float) for parameter in parameters)
    targets = np.repeat(images.numpy(), noise.shape[1], axis=0)  # (n k, ...)
    # The Gaussian loss lacks the constant of its density
    size = math.prod(samples.shape[1:])
    constant = size / 2 * math.log(2 * math.pi) if model.likelihood == "gaussian" else 0

    def losses(codes):
        flat = codes.reshape(-1, codes.shape[-1]).astype(np.float32)
        outputs = model.decoder(flat, training=False)
        return model.losses_of(targets, outputs).numpy().reshape(codes.shape[:2]) + constant

    return log_weights(means, log_stds, noise, losses)


def shared_noise(model):
    """Return noise (1, k, d) that is the same for all samples, by the model's seed."""
    rng = np.random.default_rng(derive(model.seed, "marginal likelihood"))
    return rng.standard_normal((1, SCORE_SAMPLES, model.latent_dim))


def log_likelihoods(weights):
    """Return importance-weighted bounds of log p(x) (n,) from log w (n, k), in nats."""
    from scipy.special import logsumexp

    return logsumexp(weights, axis=1) - math.log(weights.shape[1])
