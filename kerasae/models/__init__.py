"""The contestants: a registry, and the two ways to get a model, `build` and `load`.

Nothing here imports TensorFlow until a model is asked for.
"""

import importlib
import importlib.util
import sys
import zipfile
import zlib
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
    importlib.import_module("keras")  # first, so that all contestants are registered with it
    if name in known:
        return getattr(importlib.import_module(module), class_name)
    found = getattr(own_module(module, name), class_name, None)
    base = importlib.import_module("kerasae.models.base").Autoencoder
    if not isinstance(found, type) or not issubclass(found, base):
        raise ValueError(f"Expected a class that derives from Autoencoder. Received: {name}")
    return found


def own_module(module, name):
    """Import a module, or a file, with a contestant of one's own."""
    if not module.endswith(".py"):
        sys.path.insert(0, str(Path.cwd()))
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            raise ValueError(f"{error}. Received: {name}") from error
        finally:
            sys.path.remove(str(Path.cwd()))
    path = Path(module).absolute()
    if not path.is_file():
        raise ValueError(f"No such file: {module}. Received: {name}")
    unique = f"{path.stem}_{zlib.crc32(str(path).encode())}"
    if unique not in sys.modules:
        spec = importlib.util.spec_from_file_location(unique, path)
        sys.modules[unique] = importlib.util.module_from_spec(spec)
        sys.path.insert(0, str(path.parent))  # what lies beside it can be imported
        try:
            spec.loader.exec_module(sys.modules[unique])
        except BaseException:
            del sys.modules[unique]
            raise
        finally:
            sys.path.remove(str(path.parent))
    return sys.modules[unique]


def build(name, input_shape, latent_dim, **settings):
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

    expected = model_class(name) if name else Autoencoder
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged:
            raise zipfile.BadZipFile(f"{damaged} fails its checksum")
        model = keras.saving.load_model(Path(path), custom_objects={expected.__name__: expected})
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged file can fail in any way
        reason = str(error).strip().split("\n")[0]
        raise ValueError(
            f"{path} is not a readable model file ({reason}). Delete it and train again."
        ) from error
    if not isinstance(model, Autoencoder) or (name and type(model) is not expected):
        raise ValueError(
            f"{path} holds another model. Expected: {expected.__name__}. "
            f"Received: {type(model).__name__}"
        )
    return model
