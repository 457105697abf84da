"""All that the tasks want to know of a trained model, as arrays: asked once."""

import numpy as np

from kerasae.seeds import derive
from kerasae.tasks.interpolation import path
from kerasae.tasks.reconstruction import image_scores

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
        `kerasae.tasks.reconstruction.image_scores` for the test images, (m,) each;
        ``reconstructions`` (16, H, W, C) of the first test images; ``frames``
        (steps, H, W, C) of the interpolation, straight between the encoder's outputs;
        ``samples`` (16, H, W, C), if the model is generative.
    """
    arrays = {}
    for sampled, prefix in ((True, ""), (False, "mean_")):
        if sampled or model.stochastic:
            arrays |= {
                prefix + name: array
                for name, array in answers(model, x_train, x_test, sampled).items()
            }
    start, end = model.encoder(model.scale(x_test[:2]), training=False).numpy()
    codes = model.bottleneck(path(start, end, steps), sampled=True)
    arrays["frames"] = model.decode(codes).numpy()
    if model.generative:
        arrays["samples"] = model.sample(SHOWN, seed=derive(seed, "samples")).numpy()
    return arrays


def answers(model, x_train, x_test, sampled):
    """Codes, scores and reconstructions with drawn codes, or with their means."""
    codes = [model.encode(images, sampled).numpy() for images in chunks(x_train)]
    parts = []
    for images in chunks(x_test):
        drawn = model.encode(images, sampled)
        logits = model.decoder(drawn, training=False).numpy()
        scores = image_scores(model.scale(images).numpy(), logits)
        parts.append({"codes_test": drawn.numpy(), **scores})
        if len(parts) == 1:
            shown = model.decode(drawn[:SHOWN]).numpy()
    test = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {"codes_train": np.concatenate(codes), **test, "reconstructions": shown}


def chunks(images, size=5000):
    """Cut images into pieces that fit into memory when they are float32."""
    return (images[start : start + size] for start in range(0, len(images), size))
