"""Uncertainty: calibration of a classifier that is averaged over posterior samples.

    p(y | x) = 1/S Σ_s p(y | z_s)        z_s = μ + σ ε_s,  ε_s ~ N(0, I)

μ and σ are the outputs of a VAE's encoder for image x. Where posterior samples are classified
differently, the mean probabilities spread over the classes, and the confidence falls. The article
suggests the idea without testing it.
"""

from functools import partial

import numpy as np

from kerasae.evaluation.outputs import POSTERIOR_SAMPLES


def top_predictions(probabilities, labels):
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
    confidence, correct = top_predictions(probabilities, labels)
    edges = np.linspace(0, 1, bins + 1)[1:-1]
    gaps = np.bincount(np.digitize(confidence, edges, right=True), weights=confidence - correct)
    return float(np.abs(gaps).sum() / len(confidence))


def accuracy_at_rejection(probabilities, labels, rejected=0.1):
    """Accuracy without the images of the least confidence.

    Parameters
    ----------
    probabilities : array of shape (N, classes)
        Rows add up to 1.
    labels : array of int of shape (N,)
        Columns of the true classes.
    rejected : float, optional
        Share of the images to reject, between 0 and 1; at least one image remains.

    Returns
    -------
    float
        Between 0 and 1; higher is better. Where equal confidences leave a choice of images to
        reject, the mean over all choices.
    """
    confidence, correct = top_predictions(probabilities, labels)
    kept = max(len(confidence) - round(rejected * len(confidence)), 1)
    threshold = np.sort(confidence)[-kept]
    sure, tied = confidence > threshold, confidence == threshold
    hits = correct[sure].sum() + (kept - sure.sum()) * correct[tied].mean()
    return float(hits / kept)


METRICS = {
    "accuracy": partial(accuracy_at_rejection, rejected=0),
    "expected_calibration_error": calibration_error,
    "accuracy_at_rejection": accuracy_at_rejection,
}
"""Metric → function of probabilities (N, classes) and columns (N,) of the true classes."""


def uncertainty(classifier, means, log_stds, labels, seed, samples=POSTERIOR_SAMPLES):
    """Evaluate a classifier on the posterior mean, on one posterior sample and on many.

    Parameters
    ----------
    classifier : estimator of scikit-learn
        Fitted on codes, with ``predict_proba``. Results depend on the kind of codes that it was
        fitted on: posterior means do not show it the spread of posterior samples.
    means, log_stds : array of shape (N, d)
        Parameters of the posteriors.
    labels : array of shape (N,)
        True classes; a class that the classifier does not know counts as an error.
    seed : int
        Seed of the posterior samples.
    samples : int, optional
        Posterior samples of each code; ``sample`` is the first.

    Returns
    -------
    dict of (str, str) to float
        Metric and kind of code → value: each of `METRICS` for ``mean``, ``sample`` and ``samples``.
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
    return {
        (metric, code): function(probabilities, truth)
        for code, probabilities in by_code.items()
        for metric, function in METRICS.items()
    }
