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
        arrays = {name: array for name, array in self._asdict().items() if array is not None}
        kinds = {name: arrays.pop(name) for name in ("sampled", "mean")}
        if not self.stochastic:
            del kinds["mean"]
        for kind, encoded in kinds.items():
            parts = encoded._asdict()
            scores = parts.pop("scores")
            arrays |= {f"{kind}/{name}": array for name, array in parts.items()}
            arrays |= {f"{kind}/scores/{name}": array for name, array in scores.items()}
        np.savez(file, **arrays)

    @classmethod
    def open(cls, file):
        """Read outputs that `save` wrote."""
        with np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays if "/" not in name}
            for kind in ("sampled", "mean"):
                parts = {
                    name.removeprefix(f"{kind}/"): arrays[name]
                    for name in arrays
                    if name.startswith(f"{kind}/")
                }
                scores = {
                    name.removeprefix("scores/"): parts.pop(name)
                    for name in list(parts)
                    if name.startswith("scores/")
                }
                found[kind] = Encoded(**parts, scores=scores) if parts else found["sampled"]
        return cls(**found)
