"""Uncertainty: whether classifying many draws of a code says better how sure one may be.

    p(y | x) = 1/S Σ_s p(y | z_s)        z_s = μ + σ ε_s,  ε_s ~ N(0, I)

μ and σ are the two heads of a VAE's encoder for image x. Where the classes change from draw to
draw the averaged probabilities are spread over them, and the confidence falls. The article
leaves the idea for others to try.
"""

from functools import partial

import numpy as np


def judged(probabilities, labels):
    """Give the confidence, the largest probability, and whether its class is true: (N,) each."""
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == labels


def calibration_error(probabilities, labels, bins=15):
    """Measure how far confidence and accuracy are apart: expected calibration error.

    Images are binned by confidence, the largest probability, in intervals (a, b] of the same
    width; the distances between the mean confidence and the accuracy of the bins are averaged,
    each weighted by its images. Guo, Pleiss, Sun, Weinberger: On calibration of modern neural
    networks, ICML 2017, equation 3.

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
        Between 0 and 1; lower is better. Few images in a bin look worse calibrated than
        they are, so it is to be compared at the same N.
    """
    confidence, correct = judged(probabilities, labels)
    edges = np.linspace(0, 1, bins + 1)[1:-1]
    gaps = np.bincount(np.digitize(confidence, edges, right=True), weights=confidence - correct)
    return float(np.abs(gaps).sum() / len(confidence))


def accuracy_at_rejection(probabilities, labels, rejected=0.1):
    """Accuracy on what remains when the images with the least confidence are refused.

    Parameters
    ----------
    probabilities : array of shape (N, classes)
        Rows add up to 1.
    labels : array of int of shape (N,)
        Columns of the true classes.
    rejected : float, optional
        The share to be refused, between 0 and 1; one image remains at least.

    Returns
    -------
    float
        Between 0 and 1; higher is better. Of images with the same confidence, of which only
        some are to be refused, any may be: it is the mean over all choices.
    """
    confidence, correct = judged(probabilities, labels)
    kept = max(len(confidence) - round(rejected * len(confidence)), 1)
    threshold = np.sort(confidence)[-kept]
    sure, tied = confidence > threshold, confidence == threshold
    hits = correct[sure].sum() + (kept - sure.sum()) * correct[tied].mean()
    return float(hits / kept)


METRICS = {
    "accuracy": partial(accuracy_at_rejection, rejected=0),
    "calibration error": calibration_error,
    "accuracy at 10 % rejected": accuracy_at_rejection,
}
"""Metric → function of probabilities (N, classes) and the columns (N,) of the true ones."""


def uncertainty(classifier, means, log_stds, labels, seed, draws=100):
    """Judge a classifier on the mean code, on one draw and on the average of many.

    Parameters
    ----------
    classifier : estimator of scikit-learn
        Fitted on codes, with ``predict_proba``. One that was fitted on mean codes has not
        seen how far draws stray; compare ways with what it was fitted on in mind.
    means, log_stds : array of shape (N, d)
        Parameters of the distribution of each code.
    labels : array of shape (N,)
        True classes; one that the classifier does not know counts as missed.
    seed : int
        Of the draws.
    draws : int, optional
        Draws of each code; the first is the one of "of one draw".

    Returns
    -------
    dict of str to float
        Each of `METRICS`, "of the mean code", "of one draw" and "of many draws".
    """
    columns = {label: column for column, label in enumerate(classifier.classes_)}
    truth = np.array([columns.get(label, -1) for label in labels])  # (N,)
    rng = np.random.default_rng(seed)
    stds = np.exp(log_stds)  # (N, d)
    total = 0
    for draw in range(draws):  # one by one: all draws at once would fill the memory
        codes = means + stds * rng.standard_normal(stds.shape)  # (N, d)
        probabilities = classifier.predict_proba(codes)  # (N, classes)
        if draw == 0:
            single = probabilities
        total = total + probabilities
    ways = {
        "of the mean code": classifier.predict_proba(means),
        "of one draw": single,
        "of many draws": total / draws,
    }
    return {
        f"{metric} {way}": function(probabilities, truth)
        for way, probabilities in ways.items()
        for metric, function in METRICS.items()
    }
