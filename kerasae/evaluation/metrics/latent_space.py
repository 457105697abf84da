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
    """Return the KL divergence (N, d) of N(mean, std²) from N(0, 1), element by element, in nats.

    Kingma and Welling: Auto-encoding variational Bayes, ICLR 2014, appendix B.
    """
    means, log_stds = np.asarray(means, float), np.asarray(log_stds, float)
    return 0.5 * (np.expm1(2 * log_stds) - 2 * log_stds + means**2)


def kl_per_dimension(means, log_stds):
    """Return the mean (d,) of `kl_elements` over the images.

    It is about 0 for an element without information about the image. The sum is the divergence in
    the VAE's objective.
    """
    return kl_elements(means, log_stds).mean(axis=0)


def active_units(means, least=0.01):
    """Count the elements of posterior means (N, d) with a variance above ``least``.

    ``least`` is a share of the prior's variance: codes without a prior have no such scale.
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
    """Return ``log_volume`` and ``spread`` of codes (N, d), in the unit of the codes.

    The log volume is the log of the product of the standard deviations along the principal axes. It
    depends on scale and d: compare at the same d. It is -inf where an axis is flat within float64's
    precision, as the determinant would be rounding error.
    """
    offsets = _centred(codes)  # (N, d)
    variances = np.linalg.eigvalsh(offsets.T @ offsets / len(offsets))  # (d,), ascending
    flat = variances[0] <= len(variances) * np.finfo(float).eps * variances[-1]
    return {
        "log_volume": -np.inf if flat else float(0.5 * np.log(variances).sum()),
        "spread": float(np.sqrt((offsets**2).sum(axis=1).mean())),
    }


def linear_cka(first, second):
    """Return the linear centred kernel alignment of codes (N, p) and (N, q) of the same images.

    It is 0 without a linear relation, and 1 for codes that are equal up to rotation and scale. It
    depends on the scale of single elements. NaN if codes are constant. Kornblith, Norouzi, Lee,
    Hinton: Similarity of neural network representations revisited, ICML 2019, in the form for
    features, which needs no (N, N) matrix.
    """
    first, second = _centred(first), _centred(second)
    scale = np.linalg.norm(first.T @ first) * np.linalg.norm(second.T @ second)
    if scale == 0:
        return np.nan
    return float(min(np.linalg.norm(first.T @ second) ** 2 / scale, 1))


def neighbour_confusion(train, labels, test, test_labels, neighbours=5):
    """Return the confusion matrix (classes, classes) of a nearest-neighbour classifier.

    It is fitted to the standardised elements of ``train`` (n, d) with ``labels`` (n,) from 0, and
    classifies ``test`` (N, d). Rows are true classes, columns predicted ones. A row sums to 1; the
    row of a class without test images is NaN.
    """
    classifier = make_pipeline(StandardScaler(), KNeighborsClassifier(neighbours))
    predicted = classifier.fit(train, labels).predict(test)
    classes = 1 + max(int(np.max(labels)), int(np.max(test_labels)))
    counts = np.zeros((classes, classes))
    np.add.at(counts, (test_labels, predicted), 1)
    with np.errstate(invalid="ignore"):
        return counts / counts.sum(axis=1, keepdims=True)


def mingling(confusion, group):
    """Return the share of the images of a class predicted as another class of the ``group``.

    It is the mean over the group; ``confusion`` comes from `neighbour_confusion`.
    """
    group = sorted(set(group))
    inside = np.asarray(confusion)[np.ix_(group, group)]
    return float((inside.sum(axis=1) - inside.diagonal()).mean())


def similarities(codes):
    """Return the `linear_cka` of all pairs of variants, by variant and reference.

    The codes (N, d) are of the same images. Pairs with constant codes are left out.
    """
    values = {variant: {} for variant in codes}
    for first, second in combinations(codes, 2):
        value = linear_cka(codes[first], codes[second])
        if not np.isnan(value):
            values[first][second] = values[second][first] = value
    return values


def plane_accuracy(plane, labels, neighbours=5):
    """Return the share of points (N, 2) whose nearest other points vote for their class.

    It tells how well the eye finds the classes in a map. A tie goes to the smallest class.
    """
    search = NearestNeighbors(n_neighbors=min(neighbours, len(plane) - 1)).fit(plane)
    votes = np.asarray(labels)[search.kneighbors(return_distance=False)]  # (N, neighbours)
    return float((stats.mode(votes, axis=1).mode == labels).mean())


def latent_metrics(outputs, labels, test_labels, plane, seed):
    """Return the value of each `ScoreKey` of a latent space, with its ``plane`` (N, 2).

    The seed chooses `PAIRWISE_CODES` test samples, the same for all models of a seed.
    """
    some = np.random.default_rng(derive(seed, "pairs")).permutation(len(plane))[:PAIRWISE_CODES]
    means, mean = outputs.mean.test, outputs.mean_code
    values = {
        ScoreKey("trustworthiness", mean): float(trustworthiness(means[some], plane[some])),
        ScoreKey("plane_accuracy", mean): plane_accuracy(plane, test_labels),
    }
    if outputs.stochastic:
        values[ScoreKey("active_units", mean)] = active_units(means)
        values[ScoreKey("kl", mean)] = float(kl_per_dimension(means, outputs.log_stds).sum())
    if outputs.indices is not None:
        values[ScoreKey("perplexity", mean)] = perplexity(outputs.indices)
    for code, encoded in outputs.kinds.items():
        metrics = code_metrics(encoded, labels, test_labels, some)
        values |= {key._replace(code=code): value for key, value in metrics.items()}
    return values


def code_metrics(encoded, labels, test_labels, some):
    """Return the value of each `ScoreKey` of one kind of codes, with the kind left blank.

    The silhouette is that of the test codes ``some`` (m,).
    """
    test = encoded.test
    confusion = neighbour_confusion(encoded.train, labels, test, test_labels)
    present, hits = np.unique(test_labels), np.diagonal(confusion)
    values = {
        ScoreKey("accuracy", probe="neighbours"): float(hits[test_labels].mean()),
        ScoreKey("silhouette"): float(silhouette_score(test[some], test_labels[some])),
        **{ScoreKey(name): value for name, value in volume(test).items()},
        **{ScoreKey("recall", classes=str(label)): float(hits[label]) for label in present},
    }
    for group in _MINGLING_GROUPS:
        if np.isin(group, present).all():
            key = ScoreKey("mingling", classes=" ".join(map(str, group)))
            values[key] = mingling(confusion, group)
    return values
