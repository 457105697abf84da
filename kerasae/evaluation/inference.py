"""All that the tasks want to know of a trained model, as arrays: asked once."""

import numpy as np

from kerasae.datasets.values import by_batches, in_batches
from kerasae.evaluation.measures.interpolation import path
from kerasae.evaluation.measures.reconstruction import image_scores
from kerasae.seeds import derive

SHOWN = 16
"""How many reconstructions and samples are kept as pictures."""


def embed(model, x_train, x_test, steps, seed):
    """Encode, reconstruct, sample and interpolate.

    A stochastic model draws its codes, as the article has it; what its mean codes give is
    kept beside it, with ``mean_`` in front of the name.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A trained model.
    x_train, x_test : array of shape (n, H, W, C)
        uint8, or float in [0, 1].
    steps : int
        Pictures of the interpolation between the first two test images.
    seed : int
        Root seed of the run, for the samples.

    Returns
    -------
    dict of str to numpy.ndarray
        ``codes_train`` (n, latent_dim), ``codes_test`` (m, latent_dim); the scores of
        `kerasae.evaluation.measures.reconstruction.image_scores` for the test images, (m,) each;
        ``reconstructions`` (16, H, W, C) of the first test images; ``frames``
        (steps, H, W, C) of the interpolation, straight between the encoder's outputs;
        ``samples`` (16, H, W, C), if the model is generative; ``log_stds_test``
        (m, latent_dim), if it is stochastic; ``indices_train`` (n, latent_dim), if its codes
        are made of categories.
    """
    arrays = {}
    for sampled, prefix in ((True, ""), (False, "mean_")):
        if sampled or model.stochastic:
            arrays |= {
                prefix + name: array
                for name, array in answers(model, x_train, x_test, sampled).items()
            }
    if model.stochastic:
        arrays["log_stds_test"] = by_batches(lambda part: log_stds(model, part), x_test)
    if model.discrete:
        arrays["indices_train"] = by_batches(model.indices, x_train).astype(np.int16)
    start, end = model.encoder(model.scale(x_test[:2]), training=False).numpy()
    codes = model.bottleneck(path(start, end, steps), sampled=True)
    arrays["frames"] = model.decode(codes).numpy()
    if model.generative:
        arrays["samples"] = model.sample(SHOWN, seed=derive(seed, "samples")).numpy()
    return arrays


def answers(model, x_train, x_test, sampled):
    """Codes, scores and reconstructions with drawn codes, or with their means."""
    codes = by_batches(lambda images: model.encode(images, sampled), x_train)
    parts = []
    for images in in_batches(x_test):
        drawn = model.encode(images, sampled)
        outputs = model.decoder(drawn, training=False).numpy()
        scores = image_scores(model.scale(images).numpy(), outputs, model.likelihood)
        parts.append({"codes_test": drawn.numpy(), **scores})
        if len(parts) == 1:
            shown = model.decode(drawn[:SHOWN]).numpy()
    test = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {"codes_train": codes, **test, "reconstructions": shown}


def log_stds(model, images):
    """Give log σ (N, latent_dim) of a stochastic model's codes."""
    return model.distribution(model.encoder(model.scale(images), training=False))[1]
