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
    """Prepend the standardisation of each element to a copy of a classifier."""
    return make_pipeline(StandardScaler(), clone(classifier))


def probe(train, labels, test, test_labels):
    """Train the `PROBES` on labelled codes, standardised by element, and test them.

    Parameters
    ----------
    train, test : array of shape (n, d), (N, d)
        Labelled codes, and codes to classify.
    labels, test_labels : array of shape (n,), (N,)
        Their classes.

    Returns
    -------
    dict of str to float
        Probe → test accuracy, between 0 and 1. If all labels are of one class, as can happen with
        a rare class, every code is predicted as that class.
    """
    if (labels == labels[0]).all():  # the logistic regression requires two classes
        return dict.fromkeys(PROBES, float((test_labels == labels[0]).mean()))
    return {
        metric: float(standardised(classifier).fit(train, labels).score(test, test_labels))
        for metric, classifier in PROBES.items()
    }


def curve(train, labels, test, test_labels, counts, validation, seed):
    """Train and test the `PROBES` by number of labels; see `probe`.

    Parameters
    ----------
    train, test : array of shape (n, d), (N, d)
        Codes of the training set, and codes to classify.
    labels, test_labels : array of shape (n,), (N,)
        Their classes.
    counts : sequence of int or "all"
        Numbers of labels; smaller sets of labelled samples are nested in larger ones. ``"all"``:
        all but the validation samples.
    validation, seed : int
        Number of validation samples, which stay unlabelled, and seed of the run; see
        `kerasae.datasets.split`.

    Returns
    -------
    dict of (str, int) to float
        Probe and number of labels → accuracy.
    """
    found = {}
    for count in counts:
        number = len(labels) - validation if count == "all" else count
        known = split(labels, validation, seed, labelled=number).labelled
        for name, accuracy in probe(train[known], labels[known], test, test_labels).items():
            found[name, number] = accuracy
    return found
