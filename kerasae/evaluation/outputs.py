"""Outputs of a trained model: the inputs of the tasks."""

from typing import NamedTuple

import numpy as np

SHOWN = 16
"""Number of reconstructions, and of samples of each sampler, that are kept as pictures."""
PAIRS, STEPS = 64, 32
"""Number of paths between two test samples, and of frames of a path, both ends included."""
PAIRWISE_CODES = 5000
"""Most test codes in metrics that compare all pairs, a random choice."""
SCORE_SAMPLES = 20
"""Number of posterior samples of the anomaly score by the marginal likelihood."""
POSTERIOR_SAMPLES = 100
"""Number of posterior samples whose class probabilities are averaged."""


class Encoded(NamedTuple):
    """One kind of codes, and the reconstructions from them.

    Attributes
    ----------
    train, test : array of shape (n, latent_dim), (N, latent_dim)
        Codes of the training set and of the test set.
    scores : dict of str to array of shape (N,)
        `kerasae.evaluation.metrics.reconstruction.image_scores` of the test set.
    reconstructions : array of shape (16, ...)
        Reconstructions of the first test samples.
    """

    train: np.ndarray
    test: np.ndarray
    scores: dict
    reconstructions: np.ndarray


class Outputs(NamedTuple):
    """Outputs of a trained model.

    Attributes
    ----------
    sampled, mean : Encoded
        From a sample of the posterior and from its mean; the same object for a deterministic model.
    frames : array of shape (steps, ...)
        Interpolation between the first two test samples, linear between the encoder's outputs.
    log_stds : array of shape (N, latent_dim) or None
        Logarithms of the posterior's standard deviations on the test set; VAEs only.
    indices : array of int of shape (n, latent_dim) or None
        Categories of the training codes; discrete codes only.
    samples : array of shape (16, ...) or None
        Samples from the prior; generative models only.
    log_likelihoods : array of shape (N,) or None
        Importance-weighted bounds of the log-likelihood of the test set, in nats; VAEs only.
    variance : float
        Variance of the Gaussian likelihood.
    worst : array of int of shape (16,) or None
        Test samples with the highest reconstruction loss from the mean, the highest first.
    contributions : array of shape (16, ...) or None
        Reconstruction loss of each of their pixels or columns, at least 0.
    """

    sampled: Encoded
    mean: Encoded
    frames: np.ndarray
    log_stds: np.ndarray | None = None
    indices: np.ndarray | None = None
    samples: np.ndarray | None = None
    log_likelihoods: np.ndarray | None = None
    variance: float = 1.0
    worst: np.ndarray | None = None
    contributions: np.ndarray | None = None

    @property
    def stochastic(self):
        """Whether the codes have a posterior."""
        return self.log_stds is not None

    @property
    def kinds(self):
        """Kinds of codes, the article's first: ``sample`` and ``mean``, or None alone."""
        if self.stochastic:
            return {"sample": self.sampled, "mean": self.mean}
        return {None: self.sampled}

    @property
    def mean_code(self):
        """Name of the kind of `mean`, None for a deterministic model."""
        return "mean" if self.stochastic else None

    def save(self, file):
        """Write the outputs to an ``.npz`` file, which `Outputs.open` reads."""
        kinds = {"sampled": self.sampled._asdict()}
        if self.stochastic:
            kinds["mean"] = self.mean._asdict()
        write_arrays(file, {**self._asdict(), "mean": None, **kinds})

    @classmethod
    def open(cls, file):
        """Read outputs that `save` wrote."""
        values = read_arrays(file)
        values["sampled"] = Encoded(**values["sampled"])
        values["mean"] = Encoded(**values["mean"]) if "mean" in values else values["sampled"]
        return cls(**values)


def write_arrays(file, arrays):
    """Write a dict of arrays, or of dicts of arrays, to an ``.npz`` file, without None."""
    np.savez(file, **dict(_flattened(arrays)))


def _flattened(arrays, prefix=""):
    """Yield the path and the array of each array of a nested dict."""
    for name, value in arrays.items():
        if isinstance(value, dict):
            yield from _flattened(value, f"{prefix}{name}/")
        elif value is not None:
            yield f"{prefix}{name}", value


def read_arrays(file):
    """Read the nested dict that `write_arrays` wrote."""
    nested = {}
    with np.load(file, allow_pickle=False) as arrays:
        for path, array in arrays.items():
            *folders, name = path.split("/")
            folder = nested
            for part in folders:
                folder = folder.setdefault(part, {})
            folder[name] = array
    return nested
