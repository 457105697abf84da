"""Images that a trained model generates: samples from several distributions, and interpolations.

Three samplers make models with and without a prior comparable: the model's own ``prior``; for
discrete codes a ``learned_prior``, see `kerasae.evaluation.prior`; for every model a ``mixture`` of
ten Gaussians fitted to its codes, from Ghosh et al.: From variational to deterministic
autoencoders, ICLR 2020, section 4.
"""

import numpy as np
from sklearn.mixture import GaussianMixture
from sklearn.utils import shuffle

from kerasae.datasets.values import by_batches
from kerasae.evaluation.feature_classifier import features_and_probabilities
from kerasae.evaluation.metrics.interpolation import cross_fade
from kerasae.evaluation.outputs import PAIRS, SHOWN, STEPS
from kerasae.evaluation.prior import fit_prior
from kerasae.seeds import derive

_COMPONENTS = 10
"""Gaussians of the mixture."""


def generated(model, outputs, images, classifier, count, seed):
    """Return a model's samples and interpolations, described by the feature classifier.

    ``samples``: sampler → ``features`` and ``probabilities`` of ``count`` samples, and the first
    `SHOWN` ``images``. ``paths``: kind of code → ``frames``, their ``confidence`` and the
    ``faded_confidence`` of their `cross_fade`. Take as many samples as held-out real images: the
    metrics depend on the number.
    """

    def described(images):
        features, probabilities = features_and_probabilities(classifier, images)
        return {"features": features, "probabilities": probabilities, "images": images[:SHOWN]}

    def confidence(frames):
        flat = frames.reshape(-1, *frames.shape[2:])
        probabilities = features_and_probabilities(classifier, flat)[1]
        return probabilities.max(axis=1).reshape(frames.shape[:2])

    return {
        "samples": {
            sampler: described(images) for sampler, images in samples(model, outputs, count, seed)
        },
        "paths": {
            code: {
                "frames": frames.astype(np.float16),
                "confidence": confidence(frames),
                "faded_confidence": confidence(cross_fade(frames)),
            }
            for code, frames in interpolations(model, images, seed)
        },
    }


def samples(model, outputs, count, seed):
    """Yield the name and ``count`` images (count, H, W, C) in [0, 1] of every sampler.

    ``prior`` of a generative model, ``learned_prior`` of discrete codes, ``mixture``.
    """
    if model.generative:
        yield "prior", _decode(model, model.sample_prior(count, derive(seed, "samples")).numpy())
    if model.discrete:
        codes = outputs.indices.astype("int32")
        prior = fit_prior(codes, derive(seed, "prior"), categories=model.categories)
        indices = prior.sample(count, derive(seed, "samples"))
        yield "learned_prior", _decode(model, by_batches(model.look_up, indices))
    codes = outputs.mean.train.astype(float)  # in float32 the weights may sum to more than 1
    mixture = GaussianMixture(_COMPONENTS, random_state=derive(seed, "mixture")).fit(codes)
    codes = mixture.sample(count)[0].astype("float32")
    codes = shuffle(codes, random_state=derive(seed, "samples"))  # sorted by component
    if model.discrete:
        codes = by_batches(lambda batch: model.look_up(model.nearest(batch)), codes)
    yield "mixture", _decode(model, codes)


def interpolations(model, images, seed):
    """Yield the kind and frames (pairs, steps, H, W, C), in [0, 1], of paths between random images.

    Paths are linear between the encoder's outputs, of the same pairs for all models of a seed.
    ``sample_per_frame``: stochastic models sample a code for every frame, as in the article.
    ``sample_per_path``, stochastic models only: the same noise for all frames of a path.
    """
    rng = np.random.default_rng(derive(seed, "interpolation"))
    pairs = min(PAIRS, len(images) // 2)
    ends = images[rng.permutation(len(images))[: 2 * pairs]]
    outputs = model.encoder(model.scale(ends), training=False).numpy()
    path = np.linspace(outputs[:pairs], outputs[pairs:], STEPS, axis=1, dtype=np.float32)
    flat = path.reshape(pairs * STEPS, -1)

    def frames(codes):
        return _decode(model, codes).reshape(pairs, STEPS, *images.shape[1:])

    if not model.stochastic:
        yield "sample_per_frame", frames(np.asarray(model.bottleneck(flat)))
        return
    mean, log_std = (parameter.numpy() for parameter in model.distribution(flat))
    noise = rng.standard_normal(mean.shape, dtype=np.float32)
    per_path = np.repeat(noise[:pairs], STEPS, axis=0)
    yield "sample_per_frame", frames(mean + np.exp(log_std) * noise)
    yield "sample_per_path", frames(mean + np.exp(log_std) * per_path)


def _decode(model, codes):
    """Return images (N, H, W, C) in [0, 1] of codes (N, latent_dim), decoded in batches."""
    return by_batches(model.decode, codes)
