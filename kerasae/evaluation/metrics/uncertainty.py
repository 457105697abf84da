"""Uncertainty: calibration of a classifier that is averaged over posterior samples.

    p(y | x) = 1/S Σ_s p(y | z_s)        z_s = μ + σ ε_s,  ε_s ~ N(0, I)

μ and σ are the outputs of a VAE's encoder for image x. Where posterior samples are classified
differently, the mean probabilities spread over the classes, and the confidence falls. The article
suggests the idea without testing it.
"""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from sklearn.metrics import roc_auc_score

from kerasae.evaluation.outputs import POSTERIOR_SAMPLES

_LEAST = -36.0
"""Least log-probability, that of the resolution of float64: certain errors stay finite."""


def _top_predictions(probabilities, labels):
    """Return the largest probabilities (N,), and whether their classes are the true ones (N,)."""
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == labels


def calibration_error(probabilities, labels, bins=15):
    """Compute the expected calibration error.

    Images are binned by confidence, the largest probability, in intervals (a, b] of equal width.
    The error is the mean distance between confidence and accuracy of the bins, weighted by their
    images. Guo, Pleiss, Sun, Weinberger: On calibration of modern neural networks, ICML 2017,
    equation 3.

    Parameters
    ----------
    probabilities : array of shape (N, classes)
        Rows add up to 1.
    labels : array of int of shape (N,)
        Columns of the true classes.
    bins : int, optional
        Number of intervals between 0 and 1.

    Returns
    -------
    float
        Between 0 and 1; lower is better. Small bins bias it upwards: compare at the same N.
    """
    confidence, correct = _top_predictions(probabilities, labels)
    edges = np.linspace(0, 1, bins + 1)[1:-1]
    gaps = np.bincount(np.digitize(confidence, edges, right=True), weights=confidence - correct)
    return float(np.abs(gaps).sum() / len(confidence))


def accuracy(probabilities, labels):
    """Return the share of images whose largest probability (N, classes) is in the true column."""
    return float(_top_predictions(probabilities, labels)[1].mean())


def _log_likelihoods(probabilities, labels):
    """Return the log-probabilities (N,) of the true classes, at least `_LEAST`."""
    known = labels >= 0
    true = np.where(known, probabilities[np.arange(len(labels)), np.where(known, labels, 0)], 0)
    return np.maximum(np.log(np.maximum(true, np.exp(_LEAST))), _LEAST)


def negative_log_likelihood(probabilities, labels):
    """Return the mean negative log-probability of the true classes, in nats; lower is better."""
    return float(-_log_likelihoods(probabilities, labels).mean())


def brier_score(probabilities, labels):
    """Return the mean squared distance of probabilities from the truth, 0 to 2; lower is better.

    Σ_k (p_k - y_k)², with y_k = 1 for the true class. Brier: Verification of forecasts expressed in
    terms of probability, Monthly Weather Review 78 (1950).
    """
    truth = np.arange(probabilities.shape[1]) == np.asarray(labels)[:, None]
    missed = np.asarray(labels) < 0  # of a class without a column
    return float((((probabilities - truth) ** 2).sum(axis=1) + missed).mean())


def error_auroc(probabilities, labels):
    """Return the AUROC of confidence for telling right from wrong; NaN if all or none are right.

    Between 0 and 1: the probability that a correct prediction is more confident than a wrong one.
    Unlike calibration and likelihood it ignores how high the confidences are.
    """
    confidence, correct = _top_predictions(probabilities, labels)
    if correct.all() or not correct.any():
        return np.nan
    return float(roc_auc_score(correct, confidence))


def tempered(probabilities, temperature):
    """Return p_k^(1/T), normalised: logits scaled by 1 / T. T above 1 is less confident."""
    return softmax(np.log(np.maximum(probabilities, np.exp(_LEAST))) / temperature, axis=1)


def scaled_calibration_error(probabilities, labels):
    """Return the calibration error after temperature scaling: no constant over-confidence.

    The temperature of every second image is the one of the largest likelihood on the others, so
    that no image has an influence on its own.
    """
    labels = np.asarray(labels)
    scaled = np.empty_like(probabilities, dtype=float)
    for part, rest in (
        (slice(0, None, 2), slice(1, None, 2)),
        (slice(1, None, 2), slice(0, None, 2)),
    ):

        def cost(log_temperature, rest=rest):
            found = tempered(probabilities[rest], np.exp(log_temperature))
            return negative_log_likelihood(found, labels[rest])

        best = minimize_scalar(cost, bounds=(-3, 3), method="bounded").x
        scaled[part] = tempered(probabilities[part], np.exp(best))
    return calibration_error(scaled, labels)


METRICS = {
    "accuracy": accuracy,
    "negative_log_likelihood": negative_log_likelihood,
    "brier_score": brier_score,
    "error_auroc": error_auroc,
    "expected_calibration_error": calibration_error,
    "scaled_calibration_error": scaled_calibration_error,
}
"""Metric → function of probabilities (N, classes) and columns (N,) of the true classes.

A column is -1 for a class that the classifier does not know.
"""


def uncertainty(classifier, means, log_stds, labels, seed, samples=POSTERIOR_SAMPLES):
    """Return each of `METRICS` by kind of code: ``mean``, ``sample`` and ``samples``, without NaN.

    ``means`` and ``log_stds`` (N, d) describe the posteriors. ``sample`` is one posterior sample. A
    classifier fitted on posterior means has not seen the spread of posterior samples. A class that
    the classifier does not know counts as an error.
    """
    columns = {label: column for column, label in enumerate(classifier.classes_)}
    truth = np.array([columns.get(label, -1) for label in labels])  # (N,)
    rng = np.random.default_rng(seed)
    stds = np.exp(log_stds)  # (N, d)
    total = 0
    for number in range(samples):  # one by one, to save memory
        codes = means + stds * rng.standard_normal(stds.shape)  # (N, d)
        probabilities = classifier.predict_proba(codes)  # (N, classes)
        if number == 0:
            single = probabilities
        total = total + probabilities
    by_code = {
        "mean": classifier.predict_proba(means),
        "sample": single,
        "samples": total / samples,
    }
    found = {
        (metric, code): function(probabilities, truth)
        for code, probabilities in by_code.items()
        for metric, function in METRICS.items()
    }
    return {key: value for key, value in found.items() if not np.isnan(value)}
