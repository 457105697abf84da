"""Anomaly detection: find the class that was left out of the training.

All scores are higher for what is more anomalous.
"""

import numpy as np
from sklearn.metrics import roc_auc_score, roc_curve

from kerasae.tasks.reconstruction import summed_bce


def ink(images):
    """Total ink of each image (N, H, W, C): the sum of its grey values in [0, 1]."""
    return images.reshape(len(images), -1).sum(axis=1, dtype=np.float64)


def image_scores(images, logits):
    """Score images by their reconstructions.

    Parameters
    ----------
    images : array of shape (N, H, W, C)
        In [0, 1].
    logits : array of shape (N, H, W, C)
        Logits of their reconstructions.

    Returns
    -------
    dict of str to numpy.ndarray of shape (N,)
        ``bce``: the reconstruction loss. ``bce_per_ink``: the same per unit of ink; an image
        without ink has that of its loss. ``signed``: the signed sum of the residual Σ(x̂ - x),
        which the article's companion code used by mistake when the article appeared.
    """
    bce = summed_bce(images, logits)
    reconstructed = ink(1 / (1 + np.exp(-np.clip(logits, -80, 80))))
    total = ink(images)
    return {
        "bce": bce,
        "bce_per_ink": bce / np.where(total > 0, total, 1),
        "signed": reconstructed - total,
    }


def auc(scores, anomalous):
    """Area under the ROC curve.

    Parameters
    ----------
    scores : array of shape (N,)
        Higher = more anomalous.
    anomalous : array of bool of shape (N,)
        The truth.

    Returns
    -------
    float
        Between 0 and 1: the chance that an anomalous image has the higher score than a
        normal one. 0.5 is guessing; below that the score points the wrong way.
    """
    return float(roc_auc_score(anomalous, scores))


def roc(scores, anomalous):
    """ROC curve: false and true positive rates, each of shape (thresholds,)."""
    false_positives, true_positives, _ = roc_curve(anomalous, scores)
    return false_positives, true_positives
