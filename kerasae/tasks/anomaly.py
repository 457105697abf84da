"""Anomaly detection: find the class that was left out of the training, by a score."""

from sklearn.metrics import roc_auc_score, roc_curve


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
