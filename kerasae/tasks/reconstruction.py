"""Reconstruction: how much of an image is lost."""

import numpy as np


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
    pixels = np.logaddexp(0, logits) - images * logits
    return pixels.reshape(len(pixels), -1).sum(axis=1, dtype=np.float64)
