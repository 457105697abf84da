"""The contestants: a registry, and the two ways to get a model, `build` and `load`.

Nothing here imports TensorFlow until a model is asked for.
"""

import importlib
import zipfile
from pathlib import Path

REGISTRY = {
    "shallow": "kerasae.models.shallow:Shallow",
    "vanilla": "kerasae.models.vanilla:Vanilla",
    "stacked": "kerasae.models.stacked:Stacked",
    "sparse": "kerasae.models.sparse:Sparse",
    "denoising": "kerasae.models.denoising:Denoising",
    "vae": "kerasae.models.vae:VAE",
    "beta_vae_strict": "kerasae.models.beta_vae:StrictBetaVAE",
    "beta_vae_loose": "kerasae.models.beta_vae:LooseBetaVAE",
    "vq": "kerasae.models.vq:VQ",
}
"""Name of a contestant → ``module:Class``."""

BASELINES = {
    "pca": "kerasae.models.baselines:PCA",
    "random_projection": "kerasae.models.baselines:RandomProjection",
    "untrained": "kerasae.models.baselines:Untrained",
}
"""Name of a baseline, which learns nothing by gradients → ``module:Class``."""


def model_class(name):
    """Import the class of a contestant.

    Parameters
    ----------
    name : str
        A name of `REGISTRY` or `BASELINES`.

    Returns
    -------
    type
        A subclass of `kerasae.models.base.Autoencoder`.
    """
    known = {**REGISTRY, **BASELINES}
    if name not in known:
        raise ValueError(f"Unknown model. Expected one of {', '.join(known)}. Received: {name}")
    importlib.import_module("keras")  # first, so that all contestants are registered with it
    module, class_name = known[name].split(":")
    return getattr(importlib.import_module(module), class_name)


def build(name, input_shape, latent_dim, **settings):
    """Make an untrained contestant.

    Parameters
    ----------
    name : str
        A name of `REGISTRY` or `BASELINES`.
    input_shape : tuple of int
        Shape of one image, (H, W, C).
    latent_dim : int
        Size of a code.
    **settings
        What the class of the contestant takes besides, such as ``seed``, ``widths`` or
        ``beta``.

    Returns
    -------
    kerasae.models.base.Autoencoder
        With its weights, not yet compiled.

    Examples
    --------
    >>> model = build("vae", input_shape=(32, 32, 1), latent_dim=20)  # doctest: +SKIP
    >>> model.compile()  # doctest: +SKIP
    >>> model.fit(images)  # doctest: +SKIP
    """
    return model_class(name)(input_shape=input_shape, latent_dim=latent_dim, **settings)


def load(path, name=None):
    """Read a trained contestant from a ``.keras`` file.

    Parameters
    ----------
    path : path-like
        A file that `keras.Model.save` wrote.
    name : str, optional
        The contestant that the file has to hold.

    Returns
    -------
    kerasae.models.base.Autoencoder
        The model as it was saved.

    Raises
    ------
    ValueError
        If the file is damaged, is no contestant, or is another one than ``name``.
    """
    import keras

    from kerasae.models.base import Autoencoder

    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged:
            raise zipfile.BadZipFile(f"{damaged} fails its checksum")
        model = keras.saving.load_model(Path(path))
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged file can fail in any way
        reason = str(error).strip().split("\n")[0]
        raise ValueError(
            f"{path} is not a readable model file ({reason}). Delete it and train again."
        ) from error
    expected = model_class(name) if name else Autoencoder
    if not isinstance(model, Autoencoder) or (name and type(model) is not expected):
        raise ValueError(
            f"{path} holds another model. Expected: {expected.__name__}. "
            f"Received: {type(model).__name__}"
        )
    return model
