"""The latent space in numbers, and how much of an image there is to be known from it."""

import numpy as np
from scipy.special import entr
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kerasae.datasets.values import HALF_A_GREY_LEVEL, as_floats, in_batches, white

COMPARED = 5000
"""Test codes that are compared each with each."""
MINGLING = ((4, 7, 9), (3, 5, 8))
"""Groups of digits of which the article says that they mingle."""


def kl_per_dimension(means, log_stds):
    """Average each element's divergence of N(mean, std²) from N(0, 1) over the images.

    Kingma and Welling: Auto-encoding variational Bayes, ICLR 2014, appendix B.

    Parameters
    ----------
    means, log_stds : array of shape (N, d)
        Parameters of the distribution of each code.

    Returns
    -------
    numpy.ndarray of shape (d,)
        In nats, ≥ 0: about 0 where the element tells nothing of the image. The sum is the
        divergence in the VAE's objective.
    """
    means, log_stds = np.asarray(means, float), np.asarray(log_stds, float)
    return 0.5 * (np.expm1(2 * log_stds) - 2 * log_stds + means**2).mean(axis=0)


def active_units(means, least=0.01):
    """Count the elements whose mean varies over the images by more than ``least``.

    For VAEs alone: ``least`` is a share of the prior's variance, and other codes have no such
    scale. Burda, Grosse, Salakhutdinov: Importance weighted autoencoders, ICLR 2016.

    Parameters
    ----------
    means : array of shape (N, d)
        Means of the distributions of the codes.
    least : float, optional
        Variance that an element has to exceed.

    Returns
    -------
    int
        From 0 (the posterior has collapsed onto the prior) to d (all elements are in use).
    """
    return int((np.var(means, axis=0, dtype=float) > least).sum())


def perplexity(codes):
    """Perplexity of the values in use, averaged over the elements of discrete codes (N, d).

    exp(-Σ_k q_k log q_k) with q_k the share of value k: from 1 (collapsed) to the number of
    categories (all used alike). Of continuous codes it is N, and
    means nothing.
    """
    counts = [np.unique(element, return_counts=True)[1] for element in np.transpose(codes)]
    return float(np.mean([np.exp(entr(count / len(codes)).sum()) for count in counts]))


def centred(codes):
    """Take the mean off each element of codes (N, d); what is constant becomes exactly 0."""
    codes = np.asarray(codes, float)
    codes = codes - codes[0]  # else rounding leaves a constant that passes for a direction
    return codes - codes.mean(axis=0)


def volume(codes):
    """Space that codes (N, d) take, in the unit of the codes.

    Returns
    -------
    dict of str to float
        ``log volume``: half the log-determinant of the covariance, which is the log of the
        product of the standard deviations along the principal axes. It moves with scale and
        with d, so it is to be compared at the same d. -inf where an axis is flat as far as
        float64 can tell: the determinant would then be rounding errors.
        ``spread``: the root of the mean squared distance from the mean code, ≥ 0.
    """
    offsets = centred(codes)  # (N, d)
    variances = np.linalg.eigvalsh(offsets.T @ offsets / len(offsets))  # (d,), ascending
    flat = variances[0] <= len(variances) * np.finfo(float).eps * variances[-1]
    return {
        "log volume": -np.inf if flat else float(0.5 * np.log(variances).sum()),
        "spread": float(np.sqrt((offsets**2).sum(axis=1).mean())),
    }


def linear_cka(one, other):
    """Similarity of two codes of the same images, by centred kernel alignment.

    Rotating or scaling all of a code changes nothing; stretching single elements does.
    Kornblith, Norouzi, Lee, Hinton: Similarity of neural network representations revisited,
    ICML 2019. By its equation for features: no (N, N) matrix is needed.

    Parameters
    ----------
    one, other : array of shape (N, p), (N, q)
        Codes of the same images in the same order.

    Returns
    -------
    float
        From 0 (nothing linear in common; unrelated codes reach it as N grows) to 1 (the
        same but for rotation and scale). NaN where a code does not vary at all.
    """
    one, other = centred(one), centred(other)
    scale = np.linalg.norm(one.T @ one) * np.linalg.norm(other.T @ other)
    if scale == 0:
        return np.nan
    return float(min(np.linalg.norm(one.T @ other) ** 2 / scale, 1))


def neighbour_confusion(train, labels, test, test_labels, neighbours=5):
    """Tell who is taken for whom by the nearest neighbours, each element standardised.

    Parameters
    ----------
    train, test : array of shape (n, d)
        Codes: those of the labelled images, and those to be classified.
    labels, test_labels : array of int of shape (n,)
        Their classes, counted from 0.
    neighbours : int, optional
        How many vote.

    Returns
    -------
    numpy.ndarray of shape (classes, classes)
        Share of the images of a class (row) that are taken for a class (column). Each row
        adds up to 1; that of a class without test images is NaN.
    """
    classifier = make_pipeline(StandardScaler(), KNeighborsClassifier(neighbours))
    predicted = classifier.fit(train, labels).predict(test)
    classes = 1 + max(int(np.max(labels)), int(np.max(test_labels)))
    counts = np.zeros((classes, classes))
    np.add.at(counts, (test_labels, predicted), 1)
    with np.errstate(invalid="ignore"):
        return counts / counts.sum(axis=1, keepdims=True)


def leak(confusion, group):
    """Tell how much the classes of a group mingle, from 0 (apart) to 1.

    It is the share of the images of a class that are taken for another class of the group,
    averaged over the ``group`` (iterable of int); ``confusion`` is of `neighbour_confusion`.
    """
    group = sorted(set(group))
    inside = np.asarray(confusion)[np.ix_(group, group)]
    return float((inside.sum(axis=1) - inside.diagonal()).mean())


def latent_numbers(arrays, labels, test_labels, plane):
    """All numbers of one latent space, of a stochastic model's those of the mean codes.

    Parameters
    ----------
    arrays : mapping of str to array
        What `kerasae.evaluation.inference.embed` gave.
    labels, test_labels : array of int of shape (n,), (N,)
        Classes of the training and of the test images.
    plane : array of shape (N, 2)
        The test codes laid out in a plane.

    Returns
    -------
    dict of str to float
        ``neighbours accuracy`` of the 5 nearest of all training codes, and ``recall of`` each
        class; ``silhouette`` of the classes, -1 to 1, and ``trustworthiness`` of the plane, 0
        to 1, of the first `COMPARED` test codes; what `volume` gives; of a stochastic model
        ``active units`` and ``kl``, of categories their ``perplexity``; ``mingling of`` the
        groups of `MINGLING`, where there are such classes.
    """
    stochastic = "mean_codes_test" in arrays
    train, test = (arrays[f"{'mean_' * stochastic}codes_{part}"] for part in ("train", "test"))
    confusion = neighbour_confusion(train, labels, test, test_labels)
    present = np.unique(test_labels)
    some, classes = test[:COMPARED], test_labels[:COMPARED]
    hits = np.diagonal(confusion)
    found = {
        "neighbours accuracy": float(hits[test_labels].mean()),
        "silhouette": float(silhouette_score(some, classes)),
        "trustworthiness": float(trustworthiness(some, plane[:COMPARED])),
        **volume(test),
        **{f"recall of {label}": float(hits[label]) for label in present},
    }
    if stochastic:
        found["active units"] = active_units(test)
        found["kl"] = float(kl_per_dimension(test, arrays["log_stds_test"]).sum())
    if "indices_train" in arrays:
        found["perplexity"] = perplexity(arrays["indices_train"])
    for group in MINGLING:
        if np.isin(group, present).all():
            found[f"mingling of {' '.join(map(str, group))}"] = leak(confusion, group)
    return found


def entropy_floor(images):
    """Least possible cross-entropy of images (N, H, W, C), uint8 or float in [0, 1].

    The entropy of the grey values, each taken as the chance of white, in nats per image: summed
    over the pixels and averaged over the images. 0 only if all are black or white.
    """
    total = 0.0
    for part in in_batches(images, 1000):  # all at once would take gigabytes
        greys = np.divide(part, white(images), dtype=float)
        total += float(entr(greys).sum() + entr(1 - greys).sum())
    return total / len(images)


def mean_image_bce(train, test):
    """Cross-entropy of images of which each is reconstructed as the mean image.

    Parameters
    ----------
    train, test : array of shape (N, H, W, C)
        Images the mean is taken of, and those to be reconstructed; uint8, or float in [0, 1].

    Returns
    -------
    float
        In nats per image, summed over the pixels and averaged over ``test``. The mean counts
        as no nearer to 0 or 1 than half a grey level: a pixel that was never lit in the
        training would otherwise cost infinitely much.
    """
    # The cross-entropy is linear in the targets, so that of their mean is the mean
    target = test.mean(axis=0, dtype=float) / white(test)  # (H, W, C)
    mean = train.mean(axis=0, dtype=float) / white(train)  # (H, W, C)
    mean = np.clip(mean, HALF_A_GREY_LEVEL, 1 - HALF_A_GREY_LEVEL)
    return float(-(target * np.log(mean) + (1 - target) * np.log1p(-mean)).sum())


def bounds(train, test, likelihood):
    """Bound the reconstruction loss.

    Parameters
    ----------
    train, test : array of shape (N, ...)
        As stored, uint8 or float.
    likelihood : {"bernoulli", "gaussian"}
        Of the models.

    Returns
    -------
    dict of str to dict of str to float
        ``mean_image``: every image reconstructed as the mean of the training images; and, where
        it is not 0, ``entropy_floor``, the least possible. Each with the name of the loss.
    """
    if likelihood == "bernoulli":
        return {
            "entropy_floor": {"bce": entropy_floor(test)},
            "mean_image": {"bce": mean_image_bce(train, test)},
        }
    offsets = as_floats(test) - as_floats(train).mean(axis=0, dtype=float)
    return {"mean_image": {"mse": float((offsets**2).sum() / len(test))}}


def explained(loss, trivial, floor):
    """Share of the explicable loss that a model explains.

    1 for the perfect reconstruction, 0 for the mean image, negative for worse. ``loss`` is that
    of the model, ``trivial`` the `mean_image_bce` and ``floor`` the `entropy_floor`, all of the
    same images, in nats per image.
    """
    return (trivial - loss) / (trivial - floor)
