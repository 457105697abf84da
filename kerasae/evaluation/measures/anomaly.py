"""Anomaly detection: find the class that was left out of the training, by a score."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from kerasae.datasets.splits import split
from kerasae.datasets.values import as_floats
from kerasae.evaluation.measures.reconstruction import ink
from kerasae.seeds import derive


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
    """Score vectors by the mean distance to their nearest training vectors.

    Parameters
    ----------
    train, test : array of shape (n, d), (N, d)
        Codes, pixels or columns: of what was trained on, and of what is to be scored.
    neighbours : int, optional
        How many of the nearest training vectors count; at most all.

    Returns
    -------
    numpy.ndarray of shape (N,)
        Mean Euclidean distance, in the unit of the vectors; higher = more anomalous.
    """
    search = NearestNeighbors(n_neighbors=min(neighbours, len(train))).fit(train)
    return search.kneighbors(test)[0].mean(axis=1)


def comparable(train, test):
    """Bring samples to float vectors whose Euclidean distances mean something.

    Parameters
    ----------
    train, test : array of shape (n, ...), (N, ...)
        Images (n, H, W, C) or rows (n, d).

    Returns
    -------
    tuple of numpy.ndarray of shape (n, d), (N, d)
        The pixels of images as they are, all being of one unit. The columns of rows
        standardised by the training rows, whether or not that was done before, as columns may
        have any units.
    """
    if test.ndim > 2:
        return tuple(as_floats(part).reshape(len(part), -1) for part in (train, test))
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


def less_ink(train, test, seed):
    """Score images by their lack of ink: the less, the more anomalous. Nothing is fitted."""
    return -ink(as_floats(test))


def far_from_mean(train, test, seed):
    """Score rows by their distance from the mean training row, in standardised columns."""
    return np.linalg.norm(comparable(train, test)[1], axis=1)


def far_from_neighbours(train, test, seed):
    """Score samples by the mean distance to the five nearest training samples."""
    return neighbour_distance(*comparable(train, test))


def easily_isolated(train, test, seed):
    """Score samples by how few random cuts separate them: Isolation Forest (Liu et al. 2008)."""
    train, test = comparable(train, test)
    forest = IsolationForest(random_state=derive(seed, "isolation forest")).fit(train)
    return -forest.score_samples(test)


class Detector(NamedTuple):
    """An anomaly detector that is no autoencoder, a baseline.

    Attributes
    ----------
    variant : str
        Its name among the variants in the scores.
    score : callable
        ``score(train, test, seed)`` fits it to the training samples (n, ...) and scores the test
        samples (N, ...): an array (N,), higher = more anomalous.
    takes : tuple of str
        ``"images"``, ``"rows"``, or both.
    fitted : bool
        Whether the scores depend on the training samples, and so on the seed of their split.
    """

    variant: str
    score: Callable
    takes: tuple = ("images", "rows")
    fitted: bool = True


DETECTORS = {
    "less_ink": Detector("no_model", less_ink, ("images",), fitted=False),
    "far_from_mean": Detector("no_model", far_from_mean, ("rows",)),
    "neighbours": Detector("nearest_neighbours", far_from_neighbours),
    "isolation": Detector("isolation_forest", easily_isolated),
}
"""Name of the score → detector. One more entry is one more baseline, in the scores, the table,
the rankings and the figure of areas."""


def detectors(samples):
    """Select the `DETECTORS` that take samples of this shape: (n, d) are rows, else images."""
    kind = "images" if samples.ndim > 2 else "rows"
    return {name: detector for name, detector in DETECTORS.items() if kind in detector.takes}


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
        What `kerasae.evaluation.inference.embed` gave.
    trained_on : array of int of shape (m,)
        Indices of the training samples that the model was trained on: `Split.train`, without
        validation samples and the held-out class.

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


def one_score(arrays, name, trained_on):
    """Get one of `all_scores`, (N,), and compute no other."""
    return arrays[name] if name in arrays else all_scores(arrays, trained_on)[name]


def evaluated(scores, anomalous):
    """Evaluate scores (N,) by name: a dict of ``auc_<name>`` and ``ap_<name>`` to float."""
    return {
        f"{metric}_{name}": measure(values, anomalous)
        for metric, measure in (("auc", auc), ("ap", average_precision))
        for name, values in scores.items()
    }


def trained_on(data, held_out, validation, seed):
    """Find the training samples that the models of one seed are trained on.

    Parameters
    ----------
    data : kerasae.datasets.Dataset
        The data set.
    held_out : str
        The held-out class, or what stands for none; see `Dataset.test`.
    validation, seed : int
        Of the run, see `kerasae.datasets.split`.

    Returns
    -------
    numpy.ndarray of int of shape (m,)
        Their indices: without validation samples and the held-out class.
    """
    return split(data.y_train, validation, seed, data.label(held_out)).train


def evaluate_detectors(data, held_out, validation, seed):
    """Fit the `DETECTORS` to what the models are trained on, and evaluate them on the test.

    Parameters are those of `trained_on`.

    Returns
    -------
    dict of str to dict of str to float
        For each score that fits the samples what `evaluated` gives.
    """
    test, anomalous = data.test(held_out)
    train = data.x_train[trained_on(data, held_out, validation, seed)]
    return {
        name: evaluated({name: detector.score(train, test, seed)}, anomalous)
        for name, detector in detectors(test).items()
    }
