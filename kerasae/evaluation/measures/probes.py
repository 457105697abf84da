"""Classification that does not depend on the scale of the codes."""

from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kerasae.datasets.splits import split

PROBES = {
    "logistic accuracy": LogisticRegression(max_iter=1000),
    "neighbours accuracy": KNeighborsClassifier(5),
}
"""Metric → classifier: one trained to convergence, and one that needs no training."""


def standardised(classifier):
    """Put a standardisation of each element before a copy of a classifier."""
    return make_pipeline(StandardScaler(), clone(classifier))


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
        Share of the test codes that get their label, between 0 and 1, for each of `PROBES`. Where
        all labels are of one class, as with a rare one it can be, every code gets that.
    """
    if (labels == labels[0]).all():  # which the logistic regression refuses
        return dict.fromkeys(PROBES, float((test_labels == labels[0]).mean()))
    return {
        metric: float(standardised(classifier).fit(train, labels).score(test, test_labels))
        for metric, classifier in PROBES.items()
    }


def curve(train, labels, test, test_labels, counts, validation, seed):
    """Classify codes from few and from many labels; see `probe`.

    Parameters
    ----------
    train, test : array of shape (n, d), (N, d)
        Codes of all training images, and those to be classified.
    labels, test_labels : array of shape (n,), (N,)
        Their classes.
    counts : sequence of int or "all"
        How many labels are known; of a smaller number they are among those of a larger one.
    validation, seed : int
        Of the run, see `kerasae.datasets.split`: what is held out stays unlabelled.

    Returns
    -------
    dict of str to float
        Each metric of `PROBES`, ``... of 50 labels``, or ``... of all labels``.
    """
    found = {}
    for count in counts:
        number = len(labels) - validation if count == "all" else count
        known = split(labels, validation, seed, labelled=number).labelled
        for metric, accuracy in probe(train[known], labels[known], test, test_labels).items():
            found[f"{metric} of {count} labels"] = accuracy
    return found
