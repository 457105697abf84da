"""Anomaly detection: scores that find a held-out class in the test set, and their metrics."""

import math

from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from kerasae.datasets.splits import split
from kerasae.evaluation.detectors import detectors, neighbour_distance
from kerasae.evaluation.measures.latent_space import kl_elements


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


def gaussian_loss(squares, outputs):
    """Reconstruction loss (N,) of squared errors (N,), less its constant, in nats."""
    size = math.prod(outputs.sampled.reconstructions.shape[1:])
    return squares / (2 * outputs.variance) + size / 2 * math.log(outputs.variance)


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
        every kind of code; ``neighbours``, the distance to the nearest training codes; ``elbo``
        and ``likelihood``, of a VAE.
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
        loss = scores["bce"] if "bce" in scores else gaussian_loss(scores["mse"], outputs)
        found["elbo", "sample"] = negative_elbo(loss, mean.test, outputs.log_stds)
        if outputs.log_likelihoods is not None:
            found["likelihood", "sample"] = -outputs.log_likelihoods
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


def detector_scores(data, held_out, validation, seed, chosen):
    """Fit detectors to the training samples of the models, and score the test set.

    Parameters
    ----------
    data, held_out, validation, seed
        See `training_rows`.
    chosen : dict of str to dict
        See `kerasae.evaluation.detectors.detectors`.

    Yields
    ------
    score : str
        Name of the score.
    detector : kerasae.evaluation.detectors.Detector
        The detector.
    scores : numpy.ndarray of shape (N,)
        Higher = more anomalous.

    Raises
    ------
    ValueError
        If a detector fails; names it.
    """
    test, _ = data.test(held_out)
    train = data.x_train[training_rows(data, held_out, validation, seed)]
    for score, detector in detectors(test, chosen):
        try:
            yield score, detector, detector.score(train, test, seed)
        except Exception as error:  # code of any library
            said = " ".join(str(error).split()) or type(error).__name__
            raise ValueError(f"detectors.{detector.variant}: {said}") from error
