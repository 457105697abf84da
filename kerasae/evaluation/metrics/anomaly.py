"""Anomaly detection: scores that find anomalies in the test set, and their metrics."""

import math

from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from kerasae.datasets.splits import split
from kerasae.evaluation.detectors import detectors, neighbour_distance
from kerasae.evaluation.metrics.latent_space import kl_elements


def auroc(scores, anomalous):
    """Return the area under the ROC curve of scores (N,) for anomalies (N,)."""
    return float(roc_auc_score(anomalous, scores))


def roc(scores, anomalous):
    """Return the false and true positive rates of the ROC curve, each of shape (thresholds,)."""
    false_positives, true_positives, _ = roc_curve(anomalous, scores)
    return false_positives, true_positives


def average_precision(scores, anomalous):
    """Return the average precision of scores (N,) for anomalies (N,)."""
    return float(average_precision_score(anomalous, scores))


def negative_elbo(loss, means, log_stds):
    """Return the negative evidence lower bound (N,) of samples under a VAE, in nats.

    ``loss`` (N,) is the reconstruction loss of posterior samples, ``means`` and ``log_stds`` (N, d)
    describe the posteriors. The KL divergence has the weight 1, whatever its weight in training.
    """
    return loss + kl_elements(means, log_stds).sum(axis=1)


def _gaussian_loss(squares, outputs):
    """Return the Gaussian loss (N,) of squared errors (N,) in nats, without log(2π) / 2."""
    size = math.prod(outputs.sampled.reconstructions.shape[1:])
    return squares / (2 * outputs.variance) + size / 2 * math.log(outputs.variance)


def anomaly_scores(outputs, rows):
    """Return scores (N,) of the test samples by name and kind of code; higher is more anomalous.

    `image_scores` of every kind of code; ``neighbours``, the distance of the mean codes to the
    nearest codes of the training ``rows``; ``elbo`` and ``likelihood`` of a VAE.
    """
    scores = {
        (score, code): encoded.scores[score]
        for code, encoded in outputs.kinds.items()
        for score in ("bce", "mse", "signed", "bce_per_ink")
        if score in encoded.scores
    }
    mean = outputs.mean
    scores["neighbours", outputs.mean_code] = neighbour_distance(mean.train[rows], mean.test)
    if outputs.stochastic:
        losses = outputs.sampled.scores
        loss = losses["bce"] if "bce" in losses else _gaussian_loss(losses["mse"], outputs)
        scores["elbo", "sample"] = negative_elbo(loss, mean.test, outputs.log_stds)
        if outputs.log_likelihoods is not None:
            scores["likelihood", "sample"] = -outputs.log_likelihoods
    return scores


def anomaly_score(outputs, name, rows):
    """Return one of the `anomaly_scores` (N,), of posterior samples where a score has them."""
    if name in outputs.sampled.scores:
        return outputs.sampled.scores[name]
    scores = anomaly_scores(outputs, rows)
    return next(values for (score, _), values in scores.items() if score == name)


def training_rows(data, held_out, validation, seed):
    """Return the indices (m,) of the samples that the models of a seed are trained on.

    Validation samples and the class with the token ``held_out`` are left out.
    """
    return split(data.y_train, validation, seed, data.class_index(held_out)).train


def detector_scores(data, held_out, validation, seed, chosen):
    """Yield name of the score, detector and scores (N,) of each of the `detectors`.

    Each detector is fitted to the `training_rows`. If one fails, a ValueError names it.
    """
    test, _ = data.test(held_out)
    train = data.x_train[training_rows(data, held_out, validation, seed)]
    for score, detector in detectors(test, chosen):
        try:
            yield score, detector, detector.score(train, test, seed)
        except Exception as error:  # code of any library
            message = " ".join(str(error).split()) or type(error).__name__
            raise ValueError(f"detectors.{detector.variant}: {message}") from error
