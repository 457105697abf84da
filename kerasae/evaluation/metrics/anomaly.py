"""Anomaly detection: scores that find a held-out class in the test set, and their metrics."""

import math

from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from kerasae.datasets.splits import split
from kerasae.evaluation.detectors import detectors, neighbour_distance
from kerasae.evaluation.metrics.latent_space import kl_elements


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
    """Return the false and true positive rates of the ROC curve, each of shape (thresholds,)."""
    false_positives, true_positives, _ = roc_curve(anomalous, scores)
    return false_positives, true_positives


def average_precision(scores, anomalous):
    """Return the average precision of scores (N,) for anomalies (N,), 0 to 1; higher is better.

    Guessing reaches the share of anomalies.
    """
    return float(average_precision_score(anomalous, scores))


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


def _gaussian_loss(squares, outputs):
    """Return the Gaussian loss (N,) of squared errors (N,), less its constant, in nats."""
    size = math.prod(outputs.sampled.reconstructions.shape[1:])
    return squares / (2 * outputs.variance) + size / 2 * math.log(outputs.variance)


def anomaly_scores(outputs, rows):
    """Return scores (N,) of the test samples by name and kind of code; higher is more anomalous.

    `image_scores` of every kind of code; ``neighbours``, the distance of the mean codes to the
    nearest codes of the training ``rows``; ``elbo`` and ``likelihood`` of a VAE.
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
        loss = scores["bce"] if "bce" in scores else _gaussian_loss(scores["mse"], outputs)
        found["elbo", "sample"] = negative_elbo(loss, mean.test, outputs.log_stds)
        if outputs.log_likelihoods is not None:
            found["likelihood", "sample"] = -outputs.log_likelihoods
    return found


def anomaly_score(outputs, name, rows):
    """Return one of the `anomaly_scores` (N,), of posterior samples where a score has them."""
    if name in outputs.sampled.scores:
        return outputs.sampled.scores[name]
    return next(
        values for (score, _), values in anomaly_scores(outputs, rows).items() if score == name
    )


def training_rows(data, held_out, validation, seed):
    """Return the indices (m,) of the training samples of one seed's models.

    Validation samples and the class ``held_out`` (its token; see `Dataset.test`) are left out.
    """
    return split(data.y_train, validation, seed, data.class_index(held_out)).train


def detector_scores(data, held_out, validation, seed, chosen):
    """Yield the name, the detector and the scores (N,) of each detector that is ``chosen``.

    Each is fitted to `training_rows`; higher is more anomalous. If a detector fails, a ValueError
    names it.
    """
    test, _ = data.test(held_out)
    train = data.x_train[training_rows(data, held_out, validation, seed)]
    for score, detector in detectors(test, chosen):
        try:
            yield score, detector, detector.score(train, test, seed)
        except Exception as error:  # code of any library
            said = " ".join(str(error).split()) or type(error).__name__
            raise ValueError(f"detectors.{detector.variant}: {said}") from error
