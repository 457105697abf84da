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
    """Return the expected calibration error: Guo et al. 2017, equation 3.

    Images are binned by confidence, the largest probability, in intervals (a, b] of equal width.
    The error is the mean distance between confidence and accuracy of the bins, weighted by their
    images. Small bins bias it upwards: compare at the same number of images.
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
    true = np.where(labels >= 0, probabilities[np.arange(len(labels)), labels], 0)
    return np.maximum(np.log(np.maximum(true, np.exp(_LEAST))), _LEAST)


def negative_log_likelihood(probabilities, labels):
    """Return the mean negative log-probability of the true classes."""
    return float(-_log_likelihoods(probabilities, labels).mean())


def brier_score(probabilities, labels):
    """Return the mean squared distance of probabilities from the truth.

    Σ_k (p_k - y_k)², with y_k = 1 for the true class.
    """
    truth = np.arange(probabilities.shape[1]) == np.asarray(labels)[:, None]
    missed = np.asarray(labels) < 0  # of a class without a column
    return float((((probabilities - truth) ** 2).sum(axis=1) + missed).mean())


def error_auroc(probabilities, labels):
    """Return the AUROC of confidence for telling right from wrong; NaN if all or none are right."""
    confidence, correct = _top_predictions(probabilities, labels)
    if correct.all() or not correct.any():
        return np.nan
    return float(roc_auc_score(correct, confidence))


def tempered(probabilities, temperature):
    """Return p_k^(1/T), normalised: logits scaled by 1 / T. T above 1 is less confident."""
    return softmax(np.log(np.maximum(probabilities, np.exp(_LEAST))) / temperature, axis=1)


def scaled_calibration_error(probabilities, labels):
    """Return the calibration error after temperature scaling.

    The temperature of every second image has the largest likelihood on the other images, so that no
    image has an influence on its own temperature.
    """
    labels = np.asarray(labels)
    scaled = np.empty_like(probabilities, dtype=float)
    even, odd = slice(0, None, 2), slice(1, None, 2)
    for rows, others in ((even, odd), (odd, even)):

        def cost(log_temperature, others=others):
            scaled_others = tempered(probabilities[others], np.exp(log_temperature))
            return negative_log_likelihood(scaled_others, labels[others])

        best = minimize_scalar(cost, bounds=(-3, 3), method="bounded").x
        scaled[rows] = tempered(probabilities[rows], np.exp(best))
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

The column of a class that the classifier does not know is -1.
"""


def uncertainty(classifier, means, log_stds, labels, seed, samples=POSTERIOR_SAMPLES):
    """Return each of `METRICS` by kind of code: ``mean``, ``sample`` and ``samples``, without NaN.

    ``means`` and ``log_stds`` (N, d) describe the posteriors. A class that the classifier does not
    know counts as an error.
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
    values = {
        (metric, code): function(probabilities, truth)
        for code, probabilities in by_code.items()
        for metric, function in METRICS.items()
    }
    return {key: value for key, value in values.items() if not np.isnan(value)}
