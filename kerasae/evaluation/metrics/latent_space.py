"""Metrics of the latent space."""

from itertools import combinations

import numpy as np
from scipy import stats
from scipy.special import entr
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kerasae.evaluation.metric import ScoreKey
from kerasae.evaluation.outputs import PAIRWISE_CODES
from kerasae.seeds import derive

_MINGLING_GROUPS = ((4, 7, 9), (3, 5, 8))
"""Groups of digits that mingle according to the article."""


def kl_elements(means, log_stds):
    """KL divergence of N(mean, std²) from N(0, 1), element by element.

    Kingma and Welling: Auto-encoding variational Bayes, ICLR 2014, appendix B.

    Parameters
    ----------
    means, log_stds : array of shape (N, d)
        Parameters of the posteriors.

    Returns
    -------
    numpy.ndarray of shape (N, d)
        In nats, ≥ 0.
    """
    means, log_stds = np.asarray(means, float), np.asarray(log_stds, float)
    return 0.5 * (np.expm1(2 * log_stds) - 2 * log_stds + means**2)


def kl_per_dimension(means, log_stds):
    """Average each element's KL divergence of N(mean, std²) from N(0, 1) over the images.

    Kingma and Welling: Auto-encoding variational Bayes, ICLR 2014, appendix B.

    Parameters
    ----------
    means, log_stds : array of shape (N, d)
        Parameters of the posteriors.

    Returns
    -------
    numpy.ndarray of shape (d,)
        In nats, ≥ 0; about 0 for an element without information about the image. The sum is
        the divergence in the VAE's objective.
    """
    return kl_elements(means, log_stds).mean(axis=0)


def active_units(means, least=0.01):
    """Count the elements whose posterior mean has a variance over the images above ``least``.

    Of VAEs only: ``least`` is a share of the prior's variance, and codes without a prior have no
    such scale. Burda, Grosse, Salakhutdinov: Importance weighted autoencoders, ICLR 2016.

    Parameters
    ----------
    means : array of shape (N, d)
        Posterior means.
    least : float, optional
        Variance of an active element, exclusive.

    Returns
    -------
    int
        From 0 (the posterior has collapsed onto the prior) to d (all elements are in use).
    """
    return int((np.var(means, axis=0, dtype=float) > least).sum())


def perplexity(codes):
    """Return the perplexity of the values of discrete codes (N, d), mean over the elements.

    exp(-Σ_k q_k log q_k) with q_k the share of value k: from 1 (collapsed) to the number of
    categories (equal shares). Meaningless for continuous codes, where it is N.
    """
    counts = [np.unique(element, return_counts=True)[1] for element in np.transpose(codes)]
    return float(np.mean([np.exp(entr(count / len(codes)).sum()) for count in counts]))


def _centred(codes):
    """Return codes (N, d) less their mean; constant elements become exactly 0."""
    codes = np.asarray(codes, float)
    codes = codes - codes[0]  # otherwise rounding could leave a constant element above 0
    return codes - codes.mean(axis=0)


def volume(codes):
    """Volume and spread of codes (N, d), in the unit of the codes.

    Returns
    -------
    dict of str to float
        ``log_volume``: half the log-determinant of the covariance, the log of the product of
        the standard deviations along the principal axes. It depends on scale and d: compare
        at the same d. -inf where an axis is flat within float64's precision, as the
        determinant would be rounding error. ``spread``: root mean squared distance from the
        mean code, ≥ 0.
    """
    offsets = _centred(codes)  # (N, d)
    variances = np.linalg.eigvalsh(offsets.T @ offsets / len(offsets))  # (d,), ascending
    flat = variances[0] <= len(variances) * np.finfo(float).eps * variances[-1]
    return {
        "log_volume": -np.inf if flat else float(0.5 * np.log(variances).sum()),
        "spread": float(np.sqrt((offsets**2).sum(axis=1).mean())),
    }


def linear_cka(one, other):
    """Linear centred kernel alignment of two sets of codes of the same images.

    Invariant to rotation and scale of the codes, but not to scaling single elements. Kornblith,
    Norouzi, Lee, Hinton: Similarity of neural network representations revisited, ICML 2019, in
    the form for features, which needs no (N, N) matrix.

    Parameters
    ----------
    one, other : array of shape (N, p), (N, q)
        Codes of the same images in the same order.

    Returns
    -------
    float
        From 0 (no linear relation; the limit of unrelated codes for large N) to 1 (equal up to
        rotation and scale). NaN if codes are constant.
    """
    one, other = _centred(one), _centred(other)
    scale = np.linalg.norm(one.T @ one) * np.linalg.norm(other.T @ other)
    if scale == 0:
        return np.nan
    return float(min(np.linalg.norm(one.T @ other) ** 2 / scale, 1))


def neighbour_confusion(train, labels, test, test_labels, neighbours=5):
    """Confusion matrix of a nearest-neighbour classifier on standardised elements.

    Parameters
    ----------
    train, test : array of shape (n, d), (N, d)
        Codes of labelled images, and codes to classify.
    labels, test_labels : array of int of shape (n,), (N,)
        Their classes, from 0.
    neighbours : int, optional
        Number of neighbours that vote.

    Returns
    -------
    numpy.ndarray of shape (classes, classes)
        Share of the images of a class (row) that are predicted as a class (column). Rows sum to
        1; the row of a class without test images is NaN.
    """
    classifier = make_pipeline(StandardScaler(), KNeighborsClassifier(neighbours))
    predicted = classifier.fit(train, labels).predict(test)
    classes = 1 + max(int(np.max(labels)), int(np.max(test_labels)))
    counts = np.zeros((classes, classes))
    np.add.at(counts, (test_labels, predicted), 1)
    with np.errstate(invalid="ignore"):
        return counts / counts.sum(axis=1, keepdims=True)


def mingling(confusion, group):
    """Return how much the classes of a group mingle, from 0 (separate) to 1.

    The share of the images of a class that are predicted as another class of the ``group``, mean
    over the group; ``confusion`` comes from `neighbour_confusion`.
    """
    group = sorted(set(group))
    inside = np.asarray(confusion)[np.ix_(group, group)]
    return float((inside.sum(axis=1) - inside.diagonal()).mean())


def similarities(codes):
    """Return the `linear_cka` of all pairs of variants, by variant and reference.

    The codes (N, d) are of the same images. Pairs with constant codes are left out.
    """
    found = {variant: {} for variant in codes}
    for one, other in combinations(codes, 2):
        alike = linear_cka(codes[one], codes[other])
        if not np.isnan(alike):
            found[one][other] = found[other][one] = alike
    return found


def plane_accuracy(plane, labels, neighbours=5):
    """Share of the points whose nearest other points in the plane vote for their class.

    Parameters
    ----------
    plane : array of shape (N, 2)
        N above ``neighbours``.
    labels : array of int of shape (N,)
        Classes.
    neighbours : int, optional
        Number of neighbours that vote; a tie goes to the smallest class.

    Returns
    -------
    float
        Between 0 and 1: how well the eye finds the classes in a map.
    """
    search = NearestNeighbors(n_neighbors=min(neighbours, len(plane) - 1)).fit(plane)
    votes = np.asarray(labels)[search.kneighbors(return_distance=False)]  # (N, neighbours)
    return float((stats.mode(votes, axis=1).mode == labels).mean())


def latent_metrics(outputs, labels, test_labels, plane, seed):
    """Return the value of each `ScoreKey` of a latent space.

    Every kind of codes has the metrics of `code_metrics`. ``plane`` (N, 2) has ``trustworthiness``
    and ``plane_accuracy``, a VAE ``active_units`` and ``kl``, discrete codes ``perplexity``. The
    seed chooses `PAIRWISE_CODES` test samples, the same for all models of a seed.
    """
    some = np.random.default_rng(derive(seed, "pairs")).permutation(len(plane))[:PAIRWISE_CODES]
    means, mean = outputs.mean.test, outputs.mean_code
    found = {
        ScoreKey("trustworthiness", mean): float(trustworthiness(means[some], plane[some])),
        ScoreKey("plane_accuracy", mean): plane_accuracy(plane, test_labels),
    }
    if outputs.stochastic:
        found[ScoreKey("active_units", mean)] = active_units(means)
        found[ScoreKey("kl", mean)] = float(kl_per_dimension(means, outputs.log_stds).sum())
    if outputs.indices is not None:
        found[ScoreKey("perplexity", mean)] = perplexity(outputs.indices)
    for code, encoded in outputs.kinds.items():
        of_code = code_metrics(encoded, labels, test_labels, some)
        found |= {measure._replace(code=code): value for measure, value in of_code.items()}
    return found


def code_metrics(encoded, labels, test_labels, some):
    """Return the value of each `ScoreKey` of one kind of codes, with the kind left blank.

    ``accuracy`` of the 5 nearest training codes, ``recall`` of each class, ``silhouette`` of the
    test codes ``some`` (m,), `volume`, and ``mingling`` of the `_MINGLING_GROUPS` present.
    """
    test = encoded.test
    confusion = neighbour_confusion(encoded.train, labels, test, test_labels)
    present, hits = np.unique(test_labels), np.diagonal(confusion)
    found = {
        ScoreKey("accuracy", probe="neighbours"): float(hits[test_labels].mean()),
        ScoreKey("silhouette"): float(silhouette_score(test[some], test_labels[some])),
        **{ScoreKey(name): value for name, value in volume(test).items()},
        **{ScoreKey("recall", classes=str(label)): float(hits[label]) for label in present},
    }
    for group in _MINGLING_GROUPS:
        if np.isin(group, present).all():
            found[ScoreKey("mingling", classes=" ".join(map(str, group)))] = mingling(
                confusion, group
            )
    return found
