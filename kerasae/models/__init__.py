"""The models: a registry, and the two ways to get a model, `build` and `load`.

Nothing here imports TensorFlow until a model is asked for.
"""

import difflib
import hashlib
import importlib
import inspect
import json
import math
import shlex
import sys
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasae.custom.load import check_complete, check_settings, load_class, no_exit
from kerasae.datasets.values import are_channels_first
from kerasae.models.quiet import import_keras
from kerasae.types import StrPath

if TYPE_CHECKING:  # Keras takes seconds
    from kerasae.models.base import Autoencoder

REGISTRY: dict[str, str] = {
    "shallow": "kerasae.models.shallow:Shallow",
    "vanilla": "kerasae.models.vanilla:Vanilla",
    "stacked": "kerasae.models.stacked:Stacked",
    "sparse": "kerasae.models.sparse:Sparse",
    "denoising": "kerasae.models.denoising:Denoising",
    "vae": "kerasae.models.vae:VAE",
    "beta_vae": "kerasae.models.beta_vae:BetaVAE",
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
"""Name of a model → ``module:Class``."""

ARTICLE: dict[str, dict[str, Any]] = {
    "shallow": {"model": "shallow"},
    "vanilla": {"model": "vanilla"},
    "stacked": {"model": "stacked", "target": "codes"},
    "sparse": {"model": "sparse", "p": 0.25, "beta": 1.0},
    "denoising": {"model": "denoising", "noise": 0.5, "noise_is": "variance"},
    "vae": {"model": "vae"},
    "beta_vae_strict": {"model": "beta_vae", "beta": 2.0},
    "beta_vae_loose": {"model": "beta_vae", "beta": 0.5},
    "vq": {"model": "vq", "categories": 512, "beta": 1.0},
}
"""Name of a variant of the article → its model and settings: what is trained by default."""

BASELINES: dict[str, str] = {
    "pca": "kerasae.models.baselines:PCA",
    "random_projection": "kerasae.models.baselines:RandomProjection",
    "untrained": "kerasae.models.baselines:Untrained",
}
"""Name of a baseline, which is not trained by gradients → ``module:Class``."""


MISSING: Any = inspect.Parameter.empty
"""Default of an argument that must be given; a signature shows it without one."""


def variant(name: str) -> dict[str, Any]:
    """Return ``model`` and its settings by the name of a variant.

    ``name`` is one of `ARTICLE`, whose settings are its defaults under this name, or that of a
    model, see `entry`.
    """
    return {**ARTICLE.get(name, {"model": name})}


def entry(name: str) -> str:
    """Find the code of a model, ``module:Class`` or ``file.py:Class``.

    ``name`` is one of `REGISTRY`, `BASELINES` or `ARTICLE`, or that code of an own model. Raise a
    ValueError that lists the known models if there is no such model.
    """
    model = variant(name)["model"]
    code = {**REGISTRY, **BASELINES}.get(model, model)
    if ":" not in code:
        names = dict.fromkeys((*REGISTRY, *ARTICLE, *BASELINES))
        close = difflib.get_close_matches(name, names, n=1)
        guess = f"Did you mean {close[0]}? " if close else ""
        raise ValueError(
            f"Unknown model. {guess}Expected one of {', '.join(names)}, or one of your own as "
            f"file.py:Class or module:Class. Received: {name}"
        )
    return code


def model_class(name: str) -> "type[Autoencoder]":
    """Import the class of a model by its name, see `entry`.

    Raise a ValueError that says what to do if there is no such class, or it is no model.
    """
    code = entry(name)
    import_keras()
    if code == name:
        from kerasae.models.base import Autoencoder

        return load_class(name, Autoencoder)
    module, _, class_name = code.rpartition(":")
    return getattr(importlib.import_module(module), class_name)


def build(
    name: str,
    /,
    input_shape: Sequence[int] = MISSING,
    latent_dim: int = MISSING,
    **settings: Any,
) -> "Autoencoder":
    """Make an untrained model.

    Parameters
    ----------
    name : str
        See `entry`. That of a variant of the article brings its settings.
    input_shape : tuple of int
        Shape of one image, (H, W, C), or of one row of a table, (d,).
    latent_dim : int
        Size of a code.
    **settings
        Further parameters of the model's class, such as ``seed``, ``widths`` or ``beta``.

    Returns
    -------
    kerasae.models.base.Autoencoder
        Initialised, not yet compiled.

    Warns
    -----
    UserWarning
        If a code is not smaller than a sample.

    Raises
    ------
    TypeError
        If the shape or the size of a code is missing.
    ValueError
        If there is no such model, or it does not take a setting or its value.

    Examples
    --------
    >>> model = build("vae", input_shape=(32, 32, 1), latent_dim=20)  # doctest: +SKIP
    >>> model.compile()  # doctest: +SKIP
    >>> model.fit(images)  # doctest: +SKIP
    """
    needed: dict[str, Any] = {"input_shape": input_shape, "latent_dim": latent_dim}
    if missing := [key for key, value in needed.items() if value is MISSING]:
        raise TypeError(
            f"build needs {' and '.join(missing)}, for example kerasae.build({name!r}, "
            "input_shape=(32, 32, 1), latent_dim=20), for a table of 13 columns input_shape=(13,)"
        )
    kind, defaults = model_class(name), variant(name)
    settings = {key: defaults[key] for key in defaults if key != "model"} | settings
    elsewhere = {key: [other for other in ARTICLE if key in ARTICLE[other]] for key in settings}
    check_settings(kind, name, settings, elsewhere)
    with no_exit():
        model = kind.from_config({**needed, **settings})
        check_complete(model)
    if are_channels_first(model.image_shape):
        channels, height, width = model.image_shape
        raise ValueError(
            "Expected the shape of an image as (H, W, C), the channels last: "
            f"({height}, {width}, {channels}). Received: {model.image_shape}"
        )
    size = math.prod(model.image_shape)
    if model.latent_dim >= size:
        warnings.warn(
            f"latent_dim ({model.latent_dim}) should be smaller than the number of values per "
            f"sample ({size}), as a model can copy what it does not compress",
            stacklevel=2,
        )
    if ":" in name:
        model.metadata = {**model.metadata, "code": {"name": name, "sha256": _code_digest(kind)}}
    return model


def _code_digest(kind: type) -> str:
    """Return the hexadecimal SHA-256 of the file that a class is in; empty if it is in none."""
    file = getattr(sys.modules[kind.__module__], "__file__", None)
    return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else ""


def load(path: StrPath, name: str | None = None) -> "Autoencoder":
    """Read a trained model from a ``.keras`` file.

    The file is data: no code is taken from it, nor is a file executed that it names.

    Parameters
    ----------
    path : path-like
        A file that `keras.Model.save` wrote.
    name : str, optional
        The model expected in the file, see `entry`. Needed for an own model,
        ``file.py:Class``, unless its class is registered with Keras already.

    Returns
    -------
    kerasae.models.base.Autoencoder
        The model as it was saved.

    Warns
    -----
    UserWarning
        If the code of an own model changed after the training.

    Raises
    ------
    ValueError
        If the file is damaged, holds weights that are not finite, holds no autoencoder or
        another one than ``name``, or needs code that was not named.
    """
    keras = import_keras()
    _register()

    from kerasae.models.base import Autoencoder

    expected = model_class(name) if name else Autoencoder
    classes = {keras.saving.get_registered_name(expected): expected}
    try:
        config = _description(path)
        code = dict(config["config"].get("metadata", {}).get("code") or {})
        missing = None if name or _is_registered(config) else _needed_code(path, config, code)
        if not missing:
            # Keras prefers these classes to others with the same name
            with keras.saving.custom_object_scope(classes):
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
                f"{path} holds weights that are not finite. Train the model again. "
                f"Received: {variable.path}"
            )
    if name and code and code.get("sha256") != _code_digest(expected):
        warnings.warn(f"{name} is not the code that {path} was trained with", stacklevel=2)
    return model


def _register() -> None:
    """Import all models of the package: Keras finds only classes that are registered with it."""
    for code in (*REGISTRY.values(), *BASELINES.values()):
        importlib.import_module(code.partition(":")[0])


def _description(path: StrPath) -> dict[str, Any]:
    """Read the configuration in a model file, and check that the file is complete."""
    if Path(path).exists() and not Path(path).is_file():  # a pipe would block
        raise ValueError("no regular file")
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
        if damaged:
            raise zipfile.BadZipFile(f"{damaged} fails its checksum")
        return json.loads(archive.read("config.json"))


def _is_registered(config: Mapping[str, Any]) -> bool:
    """Tell whether the class of a model file's description is Keras's or registered with it."""
    import keras

    registered = keras.saving.get_registered_object(config["registered_name"])
    return registered is not None or str(config["module"]).split(".")[0] == "keras"


def _needed_code(path: StrPath, config: Mapping[str, Any], code: Mapping[str, Any]) -> str:
    """Say which class of which file a model needs."""
    name = str(code.get("name") or f"FILE.py:{config['class_name']}")
    name = "".join(filter(str.isprintable, name))  # it comes from a file that anyone can write
    file, _, kind = name.rpartition(":")
    return (
        f"{path} needs the class {kind} of {file}, as it holds weights and no code. Add "
        f"--code {shlex.quote(name)}, in Python kerasae.load({str(path)!r}, {name!r}). "
        "Received: no code"
    )


if "keras" in sys.modules:  # then `keras.saving.load_model` may come next
    _register()
