"""The contestants: a registry, and the two ways to get a model, `build` and `load`.

Nothing here imports TensorFlow until a model is asked for.
"""

import hashlib
import importlib
import json
import shlex
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np

from kerasae.models.own import complete, own_class, own_code

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
    "contractive": "kerasae.models.contractive:Contractive",
    "rae": "kerasae.models.rae:RAE",
    "wae_mmd": "kerasae.models.wae_mmd:WAE",
    "adversarial": "kerasae.models.adversarial:Adversarial",
    "beta_tc_vae": "kerasae.models.beta_tc_vae:BetaTCVAE",
    "iwae": "kerasae.models.iwae:IWAE",
    "vq_ema": "kerasae.models.vq_ema:VQEMA",
    "conv_vanilla": "kerasae.models.conv_vanilla:ConvVanilla",
    "conv_vae": "kerasae.models.conv_vae:ConvVAE",
}
"""Name of a contestant → ``module:Class``: the article's nine, and others."""

ARTICLE = tuple(REGISTRY)[:9]
"""Names of the article's nine, which its claims are about."""

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
        A name of `REGISTRY` or `BASELINES`, or for one's own ``file.py:Class`` or
        ``module:Class``.

    Returns
    -------
    type
        A subclass of `kerasae.models.base.Autoencoder`.

    Raises
    ------
    ValueError
        If there is no such class, or it is no contestant; says what to do.
    """
    known = {**REGISTRY, **BASELINES}
    module, colon, class_name = known.get(name, name).rpartition(":")
    if not colon:
        raise ValueError(
            f"Unknown model. Expected one of {', '.join(known)}, or one of your own as "
            f"file.py:Class or module:Class. Received: {name}"
        )
    if name not in known:
        return own_class(name)
    importlib.import_module("keras")  # first, so that all contestants are registered with it
    return getattr(importlib.import_module(module), class_name)


def build(name, /, input_shape, latent_dim, **settings):
    """Make an untrained contestant.

    Parameters
    ----------
    name : str
        See `model_class`.
    input_shape : tuple of int
        Shape of one image, (H, W, C), or of one row of a table, (d,).
    latent_dim : int
        Size of a code.
    **settings
        What the class of the contestant takes besides, such as ``seed``, ``widths`` or
        ``beta``.

    Returns
    -------
    kerasae.models.base.Autoencoder
        With its weights, not yet compiled.

    Raises
    ------
    ValueError
        If there is no such model, or it does not take a setting or its value.

    Examples
    --------
    >>> model = build("vae", input_shape=(32, 32, 1), latent_dim=20)  # doctest: +SKIP
    >>> model.compile()  # doctest: +SKIP
    >>> model.fit(images)  # doctest: +SKIP
    """
    from kerasae.models.settings import check_settings

    kind = model_class(name)
    check_settings(kind, name, settings)
    with own_code(name):
        model = complete(kind(input_shape=input_shape, latent_dim=latent_dim, **settings))
    if name not in {**REGISTRY, **BASELINES}:
        model.metadata = {**model.metadata, "code": {"name": name, "sha256": code_digest(kind)}}
    return model


def code_digest(kind):
    """SHA-256 of the file that a class is in, in hexadecimal; empty if it is in none."""
    file = getattr(sys.modules[kind.__module__], "__file__", None)
    return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else ""


def load(path, name=None):
    """Read a trained model from a ``.keras`` file.

    The file is data: no code is taken from it, nor is a file executed that it names.

    Parameters
    ----------
    path : path-like
        A file that `keras.Model.save` wrote.
    name : str, optional
        The model that the file has to hold, see `model_class`. Needed for one of one's own,
        ``file.py:Class``, unless its class is registered with Keras already.

    Returns
    -------
    kerasae.models.base.Autoencoder
        The model as it was saved.

    Warns
    -----
    UserWarning
        If the code of a model of one's own changed after the training.

    Raises
    ------
    ValueError
        If the file is damaged, holds weights that are no numbers, is no autoencoder or another
        one than ``name``, or needs code that was not named.
    """
    import keras

    from kerasae.models.base import Autoencoder

    expected = model_class(name) if name else Autoencoder
    known = {keras.saving.get_registered_name(expected): expected}
    try:
        config = description(path)
        code = dict(config["config"].get("metadata", {}).get("code") or {})
        missing = None if name or located(config) else needed(path, config, code)
        if not missing:
            with keras.saving.custom_object_scope(known):  # before another class of that name
                model = keras.saving.load_model(Path(path))
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged file can fail in any way
        reason = str(error).strip().split("\n")[0]
        raise ValueError(
            f"{path} is not a readable model file ({reason}). Train the model again."
        ) from error
    if missing:
        raise ValueError(missing)
    if not isinstance(model, Autoencoder) or (name and type(model) is not expected):
        raise ValueError(
            f"{path} holds another model. Expected: {expected.__name__}. "
            f"Received: {type(model).__name__}"
        )
    for variable in model.weights:
        if not np.isfinite(variable.numpy()).all():
            raise ValueError(
                f"{path} holds weights that are no finite numbers. Train the model again. "
                f"Received: {variable.path}"
            )
    if name and code and code.get("sha256") != code_digest(expected):
        warnings.warn(f"{name} is not the code that {path} was trained with", stacklevel=2)
    return model


def description(path):
    """Read what a model file says of its model, and check that it is complete."""
    if Path(path).exists() and not Path(path).is_file():  # a pipe would block
        raise ValueError("no regular file")
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
        if damaged:
            raise zipfile.BadZipFile(f"{damaged} fails its checksum")
        return json.loads(archive.read("config.json"))


def located(config):
    """Whether the class of a model file's description is Keras's or registered with it."""
    import keras

    known = keras.saving.get_registered_object(config["registered_name"])
    return known is not None or str(config["module"]).split(".")[0] == "keras"


def needed(path, config, code):
    """Say which class of which file a model needs."""
    name = str(code.get("name") or f"FILE.py:{config['class_name']}")
    name = "".join(filter(str.isprintable, name))  # it comes from a file that anyone can write
    file, _, kind = name.rpartition(":")
    return (
        f"{path} needs the class {kind} of {file}, as it holds weights and no code. Add "
        f"--code {shlex.quote(name)}, in Python kerasae.load({str(path)!r}, {name!r}). "
        "Received: no code"
    )
