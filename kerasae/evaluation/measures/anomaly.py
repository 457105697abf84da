"""Anomaly detection: scores that find a held-out class in the test set, and their metrics."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from kerasae.datasets.splits import split
from kerasae.datasets.values import as_floats
from kerasae.evaluation.measures.latent_space import kl_elements
from kerasae.evaluation.measures.reconstruction import ink
from kerasae.seeds import derive


def auroc(scores, anomalous):
    """Area under the ROC curve.

    Parameters
    ----------
    scores : array of shape (N,)
        Higher = more anomalous.
    anomalous : array of bool of shape (N,)
        True for anomalies.

    Returns
    -------
    float
        Between 0 and 1: the probability that an anomalous image scores higher than a normal
        one. 0.5 is guessing; below, normal images score higher.
    """
    return float(roc_auc_score(anomalous, scores))


def roc(scores, anomalous):
    """ROC curve: false and true positive rates, each of shape (thresholds,)."""
    false_positives, true_positives, _ = roc_curve(anomalous, scores)
    return false_positives, true_positives


def average_precision(scores, anomalous):
    """Average precision, the area under the curve of precision over recall.

    Takes the parameters of `auroc`. Between 0 and 1; guessing reaches the share of anomalies.
    """
    return float(average_precision_score(anomalous, scores))


def neighbour_distance(train, test, neighbours=5):
    """Score vectors by the mean distance to their nearest training vectors.

    Parameters
    ----------
    train, test : array of shape (n, d), (N, d)
        Codes, pixels or columns of the training set, and of the samples to score.
    neighbours : int, optional
        Number of nearest training vectors, at most n.

    Returns
    -------
    numpy.ndarray of shape (N,)
        Mean Euclidean distance, in the unit of the vectors; higher = more anomalous.
    """
    search = NearestNeighbors(n_neighbors=min(neighbours, len(train))).fit(train)
    return search.kneighbors(test)[0].mean(axis=1)


def as_vectors(train, test):
    """Turn samples into float vectors with comparable elements.

    Parameters
    ----------
    train, test : array of shape (n, ...), (N, ...)
        Images (n, H, W, C) or rows (n, d).

    Returns
    -------
    tuple of numpy.ndarray of shape (n, d), (N, d)
        The pixels of images unchanged, as they share a unit; the columns of rows standardised
        by the training rows, as their units may differ.
    """
    if test.ndim > 2:
        return tuple(as_floats(part).reshape(len(part), -1) for part in (train, test))
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


def lack_of_ink(train, test, seed):
    """Score images by their lack of ink: less ink is more anomalous. Fits nothing."""
    return -ink(as_floats(test))


def distance_from_mean(train, test, seed):
    """Score rows by their distance from the mean training row, in standardised columns."""
    return np.linalg.norm(as_vectors(train, test)[1], axis=1)


def distance_from_neighbours(train, test, seed):
    """Score samples by the mean distance to the five nearest training samples."""
    return neighbour_distance(*as_vectors(train, test))


def isolation(train, test, seed):
    """Score samples with an isolation forest (Liu et al. 2008): fewer cuts, more anomalous."""
    train, test = as_vectors(train, test)
    forest = IsolationForest(random_state=derive(seed, "isolation forest")).fit(train)
    return -forest.score_samples(test)


class Detector(NamedTuple):
    """An anomaly detector that is a baseline, not an autoencoder.

    Attributes
    ----------
    variant : str
        Its variant in the scores.
    score : callable
        ``score(train, test, seed)`` fits the detector to training samples (n, ...) and returns
        the scores (N,) of test samples (N, ...); higher = more anomalous.
    takes : tuple of str
        ``"images"``, ``"rows"``, or both.
    fitted : bool
        Whether the scores depend on the training samples and therefore on the seed.
    """

    variant: str
    score: Callable
    takes: tuple = ("images", "rows")
    fitted: bool = True


DETECTORS = {
    "less_ink": Detector("no_model", lack_of_ink, ("images",), fitted=False),
    "far_from_mean": Detector("no_model", distance_from_mean, ("rows",)),
    "neighbours": Detector("nearest_neighbours", distance_from_neighbours),
    "isolation": Detector("isolation_forest", isolation),
}
"""Name of the score → detector. The task names the scores and variants again, as the workflow reads
it without scikit-learn."""


def detectors(samples):
    """Select the `DETECTORS` for samples of this shape: (n, d) are rows, others images."""
    kind = "images" if samples.ndim > 2 else "rows"
    return {name: detector for name, detector in DETECTORS.items() if kind in detector.takes}


def negative_elbo(loss, means, log_stds):
    """Score images by the negative evidence lower bound of a VAE.

    Parameters
    ----------
    loss : array of shape (N,)
        Reconstruction loss of a posterior sample, in nats.
    means, log_stds : array of shape (N, d)
        Parameters of the posteriors.

    Returns
    -------
    numpy.ndarray of shape (N,)
        Loss plus KL divergence of the posterior from the standard Gaussian, in nats, with weight
        1 whatever its weight in training; higher = more anomalous.
    """
    return loss + kl_elements(means, log_stds).sum(axis=1)


def anomaly_scores(outputs, rows):
    """Compute the anomaly scores of the test samples.

    Parameters
    ----------
    outputs : kerasae.evaluation.outputs.Outputs
        Outputs of a trained model.
    rows : array of int of shape (m,)
        From `training_rows`.

    Returns
    -------
    dict of (str, str or None) to numpy.ndarray of shape (N,)
        Name and kind of code → scores, higher = more anomalous. The scores of `image_scores` for
        every kind of code; ``neighbours``, the distance to the nearest training codes; ``elbo``,
        of a VAE.
    """
    found = {
        (score, code): encoded.scores[score]
        for code, encoded in outputs.kinds.items()
        for score in ("bce", "mse", "signed", "bce_per_ink")
        if score in encoded.scores
    }
    mean = outputs.mean
    found["neighbours", outputs.mean_code] = neighbour_distance(mean.train[rows], mean.test)
    if outputs.stochastic:
        scores = outputs.sampled.scores
        loss = scores["bce"] if "bce" in scores else scores["mse"] / 2
        found["elbo", "sample"] = negative_elbo(loss, mean.test, outputs.log_stds)
    return found


def anomaly_score(outputs, name, rows):
    """Get one of the `anomaly_scores` (N,), of posterior samples where a score has them."""
    if name in outputs.sampled.scores:
        return outputs.sampled.scores[name]
    return next(
        values for (score, _), values in anomaly_scores(outputs, rows).items() if score == name
    )


def training_rows(data, held_out, validation, seed):
    """Find the training samples of the models of one seed.

    Parameters
    ----------
    data : kerasae.datasets.Dataset
        The data set.
    held_out : str
        The held-out class, or the token for none; see `Dataset.test`.
    validation, seed : int
        Number of validation samples and seed of the run, see `kerasae.datasets.split`.

    Returns
    -------
    numpy.ndarray of int of shape (m,)
        Their indices, without validation samples and the held-out class.
    """
    return split(data.y_train, validation, seed, data.label(held_out)).train


def detector_scores(data, held_out, validation, seed):
    """Fit the `DETECTORS` to the training samples of the models, and score the test set.

    Takes the parameters of `training_rows`.

    Returns
    -------
    scores : dict of str to numpy.ndarray of shape (N,)
        Scores of every detector for such samples; higher = more anomalous.
    anomalous : numpy.ndarray of bool of shape (N,)
        True for anomalies.
    """
    test, anomalous = data.test(held_out)
    train = data.x_train[training_rows(data, held_out, validation, seed)]
    scores = {name: detector.score(train, test, seed) for name, detector in detectors(test).items()}
    return scores, anomalous
