"""Reconstruction: how much of an image is lost, and what else it tells of the image."""

import numpy as np
from scipy.special import expit

LOSS = {"bernoulli": "bce", "gaussian": "mse"}
"""Likelihood → name of the score that is the reconstruction loss, of the Gaussian one twice it."""


def summed_bce(images, logits):
    """Binary cross-entropy of each image, summed over its pixels.

    Parameters
    ----------
    images : array of shape (N, H, W, C)
        The targets, in [0, 1].
    logits : array of shape (N, H, W, C)
        Logits of the reconstructions.

    Returns
    -------
    numpy.ndarray of shape (N,)
        In nats per image; lower is better. The least possible is the entropy of the grey
        values, not 0.
    """
    return summed(element_losses(images, logits, "bernoulli"))


def element_losses(images, outputs, likelihood):
    """Reconstruction loss of every pixel, or of every column of a row.

    Parameters
    ----------
    images : array of shape (N, ...)
        As floats.
    outputs : array of shape (N, ...)
        Outputs of the decoder, see `image_scores`.
    likelihood : {"bernoulli", "gaussian"}
        Of the model.

    Returns
    -------
    numpy.ndarray of shape (N, ...)
        At least 0, lower is better; their sum over an image is its score `LOSS` of `image_scores`:
        binary cross-entropies in nats, or squared errors.
    """
    if likelihood == "bernoulli":
        return np.logaddexp(0, outputs) - images * outputs
    return (outputs - images) ** 2


def summed(elements):
    """Sum over each image: (N, ...) to (N,), in double precision."""
    return elements.reshape(len(elements), -1).sum(axis=1, dtype=np.float64)


def ink(images):
    """Total ink of each image (N, H, W, C): the sum of its grey values in [0, 1]."""
    return summed(images)


def image_scores(images, outputs, likelihood="bernoulli"):
    """Score images by their reconstructions.

    Parameters
    ----------
    images : array of shape (N, ...)
        As floats.
    outputs : array of shape (N, ...)
        What the decoder gave: logits of the reconstructions, with the Gaussian likelihood the
        reconstructions themselves.
    likelihood : {"bernoulli", "gaussian"}, optional
        Of the model.

    Returns
    -------
    dict of str to numpy.ndarray of shape (N,)
        Higher = more anomalous. ``bce``: the reconstruction loss of the Bernoulli likelihood.
        ``mse``: the squared error Σ(x̂ - x)². ``bce_per_ink``: the loss per unit of ink; an image
        without ink has that of its loss. ``signed``: the signed sum of the residual Σ(x̂ - x),
        which the article's companion code used by mistake when the article appeared. With the
        Gaussian likelihood ``mse`` and ``signed`` alone.
    """
    total = ink(images)
    reconstructed = expit(outputs) if likelihood == "bernoulli" else outputs
    found = {
        "mse": summed(element_losses(images, reconstructed, "gaussian")),
        "signed": ink(reconstructed) - total,
    }
    if likelihood == "bernoulli":
        bce = summed_bce(images, outputs)
        found |= {"bce": bce, "bce_per_ink": bce / np.where(total > 0, total, 1)}
    return found
