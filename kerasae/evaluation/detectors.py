"""Registry of the baselines of anomaly detection.

Libraries are imported inside the functions, as the workflow reads the registry to plan.
"""

import functools
import importlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from kerasae.datasets.values import as_floats
from kerasae.seeds import derive


def neighbour_distance(train: np.ndarray, test: np.ndarray, neighbours: int = 5) -> np.ndarray:
    """Return the mean Euclidean distance (N,) of ``test`` (N, d) to its nearest ``train`` (n, d).

    It averages over the ``neighbours`` nearest vectors, at most n.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=min(neighbours, len(train))).fit(train)
    return search.kneighbors(test)[0].mean(axis=1)


def as_vectors(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return samples (n, ...) and (N, ...) as float vectors (n, d) and (N, d).

    Pixels of images stay unchanged, as they share a unit. Columns of rows are standardised by the
    training rows, as their units may differ.
    """
    if test.ndim > 2:
        train, test = (as_floats(images).reshape(len(images), -1) for images in (train, test))
        return train, test
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


def _lack_of_ink(train: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
    """Return the negative ink (N,) of test images: less ink is more anomalous. Fits nothing."""
    from kerasae.evaluation.metrics.reconstruction import ink

    return -ink(as_floats(test))


def _distance_from_mean(train: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
    """Return distances (N,) of test rows from the mean training row, in standardised columns."""
    return np.linalg.norm(as_vectors(train, test)[1], axis=1)


def _distance_from_neighbours(train: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
    """Return the mean distances (N,) of test samples to the five nearest training samples."""
    return neighbour_distance(*as_vectors(train, test))


def _isolation(train: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
    """Return scores (N,) of an isolation forest (Liu et al. 2008): fewer cuts, more anomalous."""
    from sklearn.ensemble import IsolationForest

    train, test = as_vectors(train, test)
    forest = IsolationForest(random_state=derive(seed, "isolation forest")).fit(train)
    return -forest.score_samples(test)


def _estimator_scores(
    train: np.ndarray, test: np.ndarray, seed: int, *, estimator: str, **parameters: Any
) -> np.ndarray:
    """Return scores (N,) of test samples by the estimator ``module:Class``.

    The class has ``fit``, and ``score_samples`` (higher is more normal) or PyOD's
    ``decision_function`` (higher is more anomalous).
    """
    train, test = as_vectors(train, test)
    module, _, name = estimator.partition(":")
    try:
        detector = getattr(importlib.import_module(module), name)(**parameters)
    except (ImportError, AttributeError, TypeError) as error:
        raise ValueError(
            f"Expected a class that can be imported, and its parameters. Received: {estimator} "
            f"with {', '.join(parameters) or 'no parameters'}: {error}"
        ) from error
    settable = detector.get_params() if hasattr(detector, "get_params") else {}
    if "random_state" not in parameters and "random_state" in settable:
        # As a number of 32 bits, which all libraries take
        detector.set_params(random_state=derive(seed, "detector") % 2**32)
    detector.fit(train)
    if hasattr(detector, "decision_scores_"):  # PyOD's, whatever other methods it has
        scores = np.asarray(detector.decision_function(test), float)
    elif hasattr(detector, "score_samples"):
        scores = -np.asarray(detector.score_samples(test), float)
    else:
        raise ValueError(f"Expected an estimator with score_samples. Received: {estimator}")
    if scores.shape != (len(test),) or not np.isfinite(scores).all():
        raise ValueError(
            f"Expected a finite score for each of {len(test)} samples from {estimator}. "
            f"Received: {np.count_nonzero(np.isfinite(scores))} finite ones, shape {scores.shape}"
        )
    return scores


class Detector(NamedTuple):
    """A baseline of anomaly detection.

    Attributes
    ----------
    variant : str
        Its variant in the scores.
    score : callable
        ``score(train, test, seed)`` fits the detector to training samples (n, ...) and returns
        the scores (N,) of test samples (N, ...). Higher is more anomalous.
    takes : tuple of str
        ``"images"``, ``"rows"``, or both.
    fitted : bool
        Whether the scores depend on the training samples and therefore on the seed.
    """

    variant: str
    score: Callable[[np.ndarray, np.ndarray, int], np.ndarray]
    takes: tuple[str, ...] = ("images", "rows")
    fitted: bool = True


DETECTORS: dict[str, Detector] = {
    "less_ink": Detector("no_model", _lack_of_ink, ("images",), fitted=False),
    "far_from_mean": Detector("no_model", _distance_from_mean, ("rows",)),
    "neighbours": Detector("nearest_neighbours", _distance_from_neighbours),
    "isolation": Detector("isolation_forest", _isolation),
}
"""Name of the score → detector. A new baseline is a new entry."""

ESTIMATOR_SCORE = "score_samples"
"""Name of the score of the estimators in the configuration."""


def detectors(
    samples: np.ndarray, chosen: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, Detector]]:
    """Return the names of the scores and the detectors for images (n, H, W, C) or rows (n, d).

    ``chosen`` maps a variant to settings: none for one of `DETECTORS`, else the arguments of
    `_estimator_scores`.
    """
    kind = "images" if samples.ndim > 2 else "rows"
    registered = [
        (score, detector)
        for score, detector in DETECTORS.items()
        if kind in detector.takes and detector.variant in chosen
    ]
    estimators = [
        (ESTIMATOR_SCORE, Detector(name, functools.partial(_estimator_scores, **settings)))
        for name, settings in chosen.items()
        if "estimator" in settings
    ]
    return registered + estimators
