"""Probes: classifiers of standardised codes, independent of their scale."""

from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kerasae.datasets.splits import split

PROBES = {
    "logistic": LogisticRegression(max_iter=1000),
    "neighbours": KNeighborsClassifier(5),
}
"""Probe → classifier: one trained to convergence, one without training."""


def standardised(classifier):
    """Return a copy of a classifier that first standardises each element."""
    return make_pipeline(StandardScaler(), clone(classifier))


def probe(train, labels, test, test_labels):
    """Return the test accuracy of each of the `PROBES`, trained on standardised codes (n, d).

    If all labels are of one class, as can happen with a rare class, every code is predicted as this
    class.
    """
    if (labels == labels[0]).all():  # the logistic regression requires two classes
        return dict.fromkeys(PROBES, float((test_labels == labels[0]).mean()))
    return {
        metric: float(standardised(classifier).fit(train, labels).score(test, test_labels))
        for metric, classifier in PROBES.items()
    }


def curve(train, labels, test, test_labels, counts, validation, seed):
    """Return the test accuracy of each `probe` and number of labels.

    ``counts`` has numbers, or "all" for all but the validation samples. The labelled samples of
    a smaller number are among the samples of a larger one.
    """
    accuracies = {}
    for count in counts:
        number = len(labels) - validation if count == "all" else count
        rows = split(labels, validation, seed, labelled=number).labelled
        for name, accuracy in probe(train[rows], labels[rows], test, test_labels).items():
            accuracies[name, number] = accuracy
    return accuracies
