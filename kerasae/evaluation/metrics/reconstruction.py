"""Reconstruction: losses, anomaly scores from residuals, and bounds of the loss."""

import numpy as np
from scipy.special import entr, expit

from kerasae.datasets.values import HALF_A_GREY_LEVEL, as_floats, in_batches, white

LOSS = {"bernoulli": "bce", "gaussian": "mse"}
"""Likelihood → metric of the reconstruction loss; the squared error is twice the Gaussian loss."""


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
        In nats per image; lower is better. The minimum is the entropy of the grey values, not 0.
    """
    return summed(element_losses(images, logits, "bernoulli"))


def element_losses(images, outputs, likelihood):
    """Reconstruction loss of every pixel, or of every column of a row.

    The negative log-likelihood, for the Gaussian of variance 1 less its constant: half the squared
    error. A VAE's own variance of the likelihood is left out: it would scale all losses of the
    model alike.

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
        In nats, at least 0; lower is better.
    """
    if likelihood == "bernoulli":
        return np.logaddexp(0, outputs) - images * outputs
    return (outputs - images) ** 2 / 2


def summed(elements):
    """Return the sums (N,) of elements (N, ...), in double precision."""
    return elements.reshape(len(elements), -1).sum(axis=1, dtype=np.float64)


def ink(images):
    """Return the total ink (N,) of images (N, H, W, C): the sum of grey values in [0, 1]."""
    return summed(images)


def image_scores(images, outputs, likelihood="bernoulli"):
    """Score images by their reconstructions.

    Parameters
    ----------
    images : array of shape (N, ...)
        As floats.
    outputs : array of shape (N, ...)
        Outputs of the decoder: logits of the reconstructions; for the Gaussian likelihood the
        reconstructions themselves.
    likelihood : {"bernoulli", "gaussian"}, optional
        Of the model.

    Returns
    -------
    dict of str to numpy.ndarray of shape (N,)
        Higher = more anomalous. ``bce``: the reconstruction loss of the Bernoulli likelihood.
        ``mse``: the squared error Σ(x̂ - x)². ``bce_per_ink``: BCE per unit of ink; BCE itself for
        an image without ink. ``signed``: the signed sum of the residual Σ(x̂ - x), which the
        article's companion code used by mistake when the article appeared. ``mse`` and
        ``signed`` only for the Gaussian likelihood.
    """
    total = ink(images)
    reconstructed = expit(outputs) if likelihood == "bernoulli" else outputs
    found = {
        "mse": summed((reconstructed - images) ** 2),
        "signed": ink(reconstructed) - total,
    }
    if likelihood == "bernoulli":
        bce = summed_bce(images, outputs)
        found |= {"bce": bce, "bce_per_ink": bce / np.where(total > 0, total, 1)}
    return found


def entropy_floor(images):
    """Least possible cross-entropy of images (N, H, W, C), uint8 or float in [0, 1].

    The entropy of the grey values, each read as the probability of white, in nats per image:
    summed over the pixels, averaged over the images. 0 only if all pixels are black or white.
    """
    total = 0.0
    for part in in_batches(images, 1000):  # all at once would take gigabytes
        greys = np.divide(part, white(images), dtype=float)
        total += float(entr(greys).sum() + entr(1 - greys).sum())
    return total / len(images)


def mean_image_bce(train, test):
    """Cross-entropy of the mean image as the reconstruction of every image.

    Parameters
    ----------
    train, test : array of shape (N, H, W, C)
        Images to average, and images to reconstruct; uint8, or float in [0, 1].

    Returns
    -------
    float
        In nats per image, summed over the pixels and averaged over ``test``. The mean image is
        clipped to half a grey level from 0 and 1: otherwise a pixel that is black in all
        training images could have an infinite loss.
    """
    # The cross-entropy is linear in the targets: the mean target has the mean cross-entropy
    target = test.mean(axis=0, dtype=float) / white(test)  # (H, W, C)
    mean = train.mean(axis=0, dtype=float) / white(train)  # (H, W, C)
    mean = np.clip(mean, HALF_A_GREY_LEVEL, 1 - HALF_A_GREY_LEVEL)
    return float(-(target * np.log(mean) + (1 - target) * np.log1p(-mean)).sum())


def bounds(train, test, likelihood):
    """Return the bounds of the reconstruction loss: bound → name of the loss → value.

    ``mean_image``: the loss of the mean training image. ``entropy_floor``: the least possible loss,
    for the Bernoulli likelihood only. ``train`` and ``test`` (N, ...) are as stored.
    """
    if likelihood == "bernoulli":
        return {
            "entropy_floor": {"bce": entropy_floor(test)},
            "mean_image": {"bce": mean_image_bce(train, test)},
        }
    offsets = as_floats(test) - as_floats(train).mean(axis=0, dtype=float)
    return {"mean_image": {"mse": float((offsets**2).sum() / len(test))}}


def explained(loss, mean_image, floor):
    """Return the share of the gap between the mean image's loss and its floor that a model closes.

    1 for a perfect reconstruction, 0 for the mean image, negative for a larger loss. ``loss`` of
    the model, ``mean_image`` and ``floor`` (from `bounds`) are of the same images.
    """
    return (mean_image - loss) / (mean_image - floor)
