"""Reconstruction: losses, anomaly scores from residuals, and bounds of the loss."""

import numpy as np
from scipy.special import entr, expit

from kerasae.datasets.values import HALF_A_GREY_LEVEL, as_floats, in_batches, white

LOSS = {"bernoulli": "bce", "gaussian": "mse"}
"""Likelihood → metric of the reconstruction loss; the squared error is twice the Gaussian loss."""


def summed_bce(images, logits):
    """Return the cross-entropy (N,) of images (N, ...) in [0, 1], summed over pixels, in nats."""
    return summed(element_losses(images, logits, "bernoulli"))


def element_losses(images, outputs, likelihood):
    """Return the reconstruction loss (N, ...) of every pixel or column, in nats, at least 0.

    ``images`` (N, ...) are floats, ``outputs`` (N, ...) those of the decoder: logits, or for the
    Gaussian likelihood reconstructions. The Gaussian loss is half the squared error: it lacks the
    constant of the density, and a VAE's own variance, which would scale all losses alike.
    """
    if likelihood == "bernoulli":
        return np.logaddexp(0, outputs) - images * outputs
    return (outputs - images) ** 2 / 2


def summed(elements):
    """Return the sums (N,) of elements (N, ...), in double precision."""
    return elements.reshape(len(elements), -1).sum(axis=1, dtype=np.float64)


def ink(images):
    """Return the ink (N,) of images (N, H, W, C): the sum of their grey values in [0, 1]."""
    return summed(images)


def image_scores(images, outputs, likelihood="bernoulli"):
    """Return anomaly scores (N,) of images by name; higher is more anomalous.

    For ``images`` and ``outputs`` see `element_losses`. ``mse``: the squared error Σ(x̂ - x)².
    ``signed``: the sum of the residual Σ(x̂ - x), which the article's companion code used by mistake
    when the article appeared. Only for the Bernoulli likelihood: ``bce``, the reconstruction loss,
    and ``bce_per_ink``, the loss per unit of ink, or the loss itself for an image without ink.
    """
    total = ink(images)
    reconstructed = expit(outputs) if likelihood == "bernoulli" else outputs
    scores = {
        "mse": summed((reconstructed - images) ** 2),
        "signed": ink(reconstructed) - total,
    }
    if likelihood == "bernoulli":
        bce = summed_bce(images, outputs)
        scores |= {"bce": bce, "bce_per_ink": bce / np.where(total > 0, total, 1)}
    return scores


def entropy_floor(images):
    """Return the least possible cross-entropy of images (N, H, W, C), in nats per image.

    It is the entropy of the grey values, each read as the probability of white.
    """
    total = 0.0
    for batch in in_batches(images, 1000):  # all at once would take gigabytes
        greys = np.divide(batch, white(images), dtype=float)
        total += float(entr(greys).sum() + entr(1 - greys).sum())
    return total / len(images)


def mean_image_bce(train, test):
    """Return the cross-entropy of the mean image of ``train`` for ``test``, in nats per image.

    The mean image is clipped to half a grey level from 0 and 1: otherwise a pixel that is black in
    all training images could have an infinite loss.
    """
    # The cross-entropy is linear in the targets: the mean target has the mean cross-entropy
    target = test.mean(axis=0, dtype=float) / white(test)  # (H, W, C)
    mean = train.mean(axis=0, dtype=float) / white(train)  # (H, W, C)
    mean = np.clip(mean, HALF_A_GREY_LEVEL, 1 - HALF_A_GREY_LEVEL)
    return float(-(target * np.log(mean) + (1 - target) * np.log1p(-mean)).sum())


def bounds(train, test, likelihood):
    """Return the bounds of the reconstruction loss: bound → name of the loss → value.

    ``train`` and ``test`` (N, ...) are as stored. Only the Bernoulli likelihood has an
    ``entropy_floor``.
    """
    if likelihood == "bernoulli":
        return {
            "entropy_floor": {"bce": entropy_floor(test)},
            "mean_image": {"bce": mean_image_bce(train, test)},
        }
    offsets = as_floats(test) - as_floats(train).mean(axis=0, dtype=float)
    return {"mean_image": {"mse": float((offsets**2).sum() / len(test))}}


def explained(loss, mean_image, floor):
    """Return the share of the gap between ``mean_image`` and ``floor`` that a loss closes."""
    return (mean_image - loss) / (mean_image - floor)
