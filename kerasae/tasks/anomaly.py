"""Anomaly detection: find the class that was left out of the training, by a score."""

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from sklearn.neighbors import NearestNeighbors

from kerasae.datasets.splits import as_floats
from kerasae.tasks.reconstruction import ink


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


def average_precision(scores, anomalous):
    """Average precision, the area under the curve of precision over recall.

    Parameters are those of `auc`. Between 0 and 1; guessing reaches the share of the anomalous
    images.
    """
    return float(average_precision_score(anomalous, scores))


def neighbour_distance(train, test, neighbours=5):
    """Score images by how far their codes lie from those of the training images.

    Parameters
    ----------
    train, test : array of shape (n, d), (N, d)
        Codes of what was trained on, and of what is to be scored.
    neighbours : int, optional
        How many of the nearest codes count.

    Returns
    -------
    numpy.ndarray of shape (N,)
        Mean distance to them, in the unit of the codes; higher = more anomalous.
    """
    search = NearestNeighbors(n_neighbors=min(neighbours, len(train))).fit(train)
    return search.kneighbors(test)[0].mean(axis=1)


def without_model(train, test):
    """Score samples without any model.

    Parameters
    ----------
    train, test : array of shape (n, ...), (N, ...)
        Images or rows: what was trained on, and what is to be scored.

    Returns
    -------
    name : str
        ``less_ink`` of images, ``far_from_mean`` of rows.
    scores : numpy.ndarray of shape (N,)
        Higher = more anomalous: the less ink, or the farther from the mean of the training rows.
    """
    if test.ndim > 2:
        return "less_ink", -ink(as_floats(test))
    return "far_from_mean", np.linalg.norm(test - train.mean(axis=0), axis=1)


def negative_elbo(loss, means, log_stds):
    """Score images by the negative evidence lower bound of a VAE.

    Parameters
    ----------
    loss : array of shape (N,)
        Reconstruction loss of a drawn code, in nats.
    means, log_stds : array of shape (N, d)
        Parameters of the distribution of each code.

    Returns
    -------
    numpy.ndarray of shape (N,)
        The loss plus the divergence of the code's distribution from the standard Gaussian, in
        nats, whatever weight the divergence had in training; higher = more anomalous.
    """
    return loss + 0.5 * (np.exp(2 * log_stds) + means**2 - 1 - 2 * log_stds).sum(axis=1)


def all_scores(arrays, trained_on):
    """Gather the scores of the test images.

    Parameters
    ----------
    arrays : mapping of str to array
        What `kerasae.embedding.embed` gave.
    trained_on : array of bool of shape (n,)
        Which training images are of the classes that were trained on.

    Returns
    -------
    dict of str to numpy.ndarray of shape (N,)
        Higher = more anomalous. Those of `image_scores`, for a stochastic model of a drawn
        code and (``... of the mean code``) of the mean one; ``neighbours``, of the mean code;
        ``elbo``, if the model is stochastic.
    """
    found = {}
    for prefix, suffix in (("", ""), ("mean_", " of the mean code")):
        for score in ("bce", "mse", "signed", "bce_per_ink"):
            if prefix + score in arrays:
                found[score + suffix] = arrays[prefix + score]
    stochastic = "mean_codes_test" in arrays
    prefix = "mean_" if stochastic else ""
    train, test = (arrays[f"{prefix}codes_{part}"] for part in ("train", "test"))
    found["neighbours"] = neighbour_distance(train[trained_on], test)
    if stochastic:
        loss = arrays["bce"] if "bce" in arrays else arrays["mse"] / 2
        found["elbo"] = negative_elbo(loss, test, arrays["log_stds_test"])
    return found
