"""Likelihoods of images, and the density of Gaussians."""

import math
from collections.abc import Callable
from typing import NamedTuple

from keras import ops

from kerasae.networks.kernels import cross_entropy


def bernoulli_losses(images, logits):
    """Return the binary cross-entropy (N,) of images (N, ...) in [0, 1], summed over pixels.

    ``logits`` are those of the reconstruction. In nats; lower is better.
    """
    size = math.prod(images.shape[1:])
    flat = (ops.reshape(array, (-1, size)) for array in (images, logits))  # (N, pixels) each
    # a product, because XLA's sum over all elements takes three times as long on a CPU
    return ops.reshape(ops.matmul(cross_entropy(*flat), ops.ones((size, 1))), (-1,))


def gaussian_losses(images, means):
    """Return half the squared error (N,) of images (N, ...), summed over pixels.

    This is the negative log-likelihood of Gaussians of variance 1, less its constant, for any
    numbers. In nats, ≥ 0; lower is better.
    """
    size = math.prod(images.shape[1:])
    squares = ops.square(ops.reshape(images - means, (-1, size)))  # (N, pixels)
    return 0.5 * ops.sum(squares, axis=1)


class Likelihood(NamedTuple):
    """Distribution of images given the outputs of a decoder."""

    losses: Callable  # images and outputs (N, ...) → negative log-likelihoods (N,)
    mean: Callable  # outputs → reconstructions


LIKELIHOODS = {
    "bernoulli": Likelihood(bernoulli_losses, ops.sigmoid),
    "gaussian": Likelihood(gaussian_losses, lambda outputs: outputs),
}
"""Name → likelihood: Bernoulli for values in [0, 1], the decoder giving logits; Gaussian, of
variance 1, for any numbers."""


def log_normal(codes, means, log_stds):
    """Compute the log-density of each element of codes under Gaussians; shapes broadcast."""
    standard = (codes - means) * ops.exp(-log_stds)
    return -0.5 * (ops.square(standard) + math.log(2 * math.pi)) - log_stds
