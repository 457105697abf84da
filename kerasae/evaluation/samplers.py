"""Images that a trained model makes: samples of several distributions of codes, and ways between.

So that those without a prior can take part, and those with one be compared to what is fitted
to their codes, there are three samplers: the model's own ``prior``; for categories one that was
``learned``, see `kerasae.evaluation.prior`; and for every model a ``mixture`` of Gaussians, fitted
to its codes. The last is from Ghosh et al.: From variational to deterministic autoencoders, ICLR
2020, section 4, ten components there as here.
"""

import numpy as np
from sklearn.mixture import GaussianMixture
from sklearn.utils import shuffle

from kerasae.datasets.values import by_batches
from kerasae.evaluation.prior import fit_prior
from kerasae.seeds import derive

SHOWN = 16
"""How many samples are kept as pictures."""
COMPONENTS = 10
"""Gaussians of the mixture."""
PAIRS, STEPS = 64, 32
"""Ways between two images, and images on a way, both ends included."""


def samples(model, arrays, count, seed):
    """Yield the samples of every sampler.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A trained model.
    arrays : mapping of str to array
        What `kerasae.evaluation.inference.embed` gave of it.
    count : int
        How many samples.
    seed : int
        Root seed of the run.

    Yields
    ------
    sampler : str
        ``prior``, if the model is generative; ``learned``, if its codes are categories;
        ``mixture``.
    images : numpy.ndarray of shape (count, H, W, C)
        In [0, 1].
    """
    if model.generative:
        yield "prior", decoded(model, model.sample_prior(count, derive(seed, "samples")).numpy())
    if model.discrete:
        known = arrays["indices_train"].astype("int32")
        prior = fit_prior(known, derive(seed, "prior"), categories=model.categories)
        indices = prior.sample(count, derive(seed, "samples"))
        yield "learned", decoded(model, by_batches(model.look_up, indices))
    codes = arrays["mean_codes_train" if model.stochastic else "codes_train"]
    codes = codes.astype(float)  # in float32 the weights may add up to more than 1
    mixture = GaussianMixture(COMPONENTS, random_state=derive(seed, "mixture")).fit(codes)
    codes = mixture.sample(count)[0].astype("float32")
    codes = shuffle(codes, random_state=derive(seed, "samples"))  # they come component by component
    if model.discrete:
        codes = by_batches(lambda part: model.look_up(model.nearest(part)), codes)
    yield "mixture", decoded(model, codes)


def ways(model, images, seed):
    """Yield interpolations between pairs of images, straight between the encoder's outputs.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A trained model.
    images : array of shape (N, H, W, C)
        Both ends of a way are drawn from them.
    seed : int
        Root seed of the run. Models of the same seed get the same pairs.

    Yields
    ------
    way : str
        ``fresh``: a stochastic model draws its code anew at every step, as in the article;
        ``one_draw``, of stochastic models alone: with the same noise all along a way.
    frames : numpy.ndarray of shape (pairs, steps, H, W, C)
        In [0, 1].
    """
    rng = np.random.default_rng(derive(seed, "interpolation"))
    pairs = min(PAIRS, len(images) // 2)
    ends = images[rng.permutation(len(images))[: 2 * pairs]]
    outputs = model.encoder(model.scale(ends), training=False).numpy()
    path = np.linspace(outputs[:pairs], outputs[pairs:], STEPS, axis=1, dtype=np.float32)
    flat = path.reshape(pairs * STEPS, -1)

    def frames(codes):
        return decoded(model, codes).reshape(pairs, STEPS, *images.shape[1:])

    if not model.stochastic:
        yield "fresh", frames(np.asarray(model.bottleneck(flat)))
        return
    mean, log_std = (part.numpy() for part in model.distribution(flat))
    noise = rng.standard_normal(mean.shape, dtype=np.float32)
    yield "fresh", frames(mean + np.exp(log_std) * noise)
    yield "one_draw", frames(mean + np.exp(log_std) * np.repeat(noise[:pairs], STEPS, axis=0))


def decoded(model, codes):
    """Decode codes (N, latent_dim) by pieces to images (N, H, W, C) in [0, 1]."""
    return by_batches(model.decode, codes)
