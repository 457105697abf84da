"""Classification that does not depend on the scale of the codes."""

from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

PROBES = {
    "logistic accuracy": LogisticRegression(max_iter=1000),
    "neighbours accuracy": KNeighborsClassifier(5),
}
"""Metric → classifier: one trained to convergence, and one that needs no training."""


def probe(train, labels, test, test_labels):
    """Classify codes, each element standardised on the labelled ones.

    Parameters
    ----------
    train, test : array of shape (n, d)
        Codes: those of the labelled images, and those to be classified.
    labels, test_labels : array of shape (n,)
        Their classes.

    Returns
    -------
    dict of str to float
        Share of the test codes that get their label, between 0 and 1, for each of `PROBES`.
    """
    return {
        metric: float(
            make_pipeline(StandardScaler(), clone(classifier))
            .fit(train, labels)
            .score(test, test_labels)
        )
        for metric, classifier in PROBES.items()
    }
