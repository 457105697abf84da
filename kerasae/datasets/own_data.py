"""Load the user's own data, split and scaled, and new samples for a trained model."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kerasae.datasets.dataset import Dataset
from kerasae.datasets.errors import DatasetError
from kerasae.datasets.files import Raw, counting_of, read, test_size
from kerasae.datasets.labels import class_names, encode
from kerasae.datasets.preprocessing import Preprocessing
from kerasae.datasets.values import as_float32
from kerasae.seeds import derive
from kerasae.types import Likelihood, Scale, StrPath


def load_own(
    path: StrPath,
    labels: str | None = None,
    scale: Scale = "none",
    likelihood: Likelihood = "bernoulli",
    test_share: float = 0.2,
    anomalies: StrPath | None = None,
) -> Dataset:
    """Load the user's own data.

    Parameters
    ----------
    path : path-like
        An ``.npz`` file with ``x_train`` and optionally ``y_train``, ``x_test`` and ``y_test``;
        an ``.npy`` file; a ``.csv`` or ``.parquet`` table with one row per sample; or a folder of
        images, with one sub-folder per class, or flat without classes; the folder may have the
        training and the test set in two folders, ``train`` and ``test``.
    labels : str, optional
        Column of a table with the classes.
    scale : {"none", "minmax", "standard"}, optional
        Scaling, fitted to the training set, per column for tables and over all values for images:
        none; to [0, 1], with the Bernoulli likelihood test samples clipped; or to mean 0 and
        variance 1.
    likelihood : {"bernoulli", "gaussian"}, optional
        Likelihood of the models; Bernoulli needs values in [0, 1].
    test_share : float, optional
        Share of the samples to draw as test set, stratified by class, if the data have none.
    anomalies : path-like, optional
        Known anomalies for anomaly detection; same formats as ``path``.

    Returns
    -------
    Dataset
        Images (n, H, W, C), uint8 if unscaled bytes, else float32; or rows (n, d), float32.

    Raises
    ------
    DatasetError
        If the data cannot be read, differ in shape, contain values that are not finite numbers,
        or do not fit the likelihood.
    """
    return prepared(read(path, labels), scale, likelihood, test_share, anomalies)


def prepared(
    raw: Raw,
    scale: Scale = "none",
    likelihood: Likelihood = "bernoulli",
    test_share: float = 0.2,
    anomalies: StrPath | None = None,
) -> Dataset:
    """Check, split and scale what was read; parameters of `load_own`."""
    path, arrays = raw.path, raw.arrays
    classes = class_names(path, arrays.get("y_train"), arrays.get("y_test"))
    x_train, x_test = raw.samples(), arrays.get("x_test")
    y_train, y_test = (encode(arrays.get(name), classes) for name in ("y_train", "y_test"))
    if (x_test is None and y_test is not None) or (
        x_test is not None and y_test is None and classes
    ):
        raise DatasetError(
            f"{path}: expected both samples and labels of a test set, x_test and y_test, where "
            f"there are labels. Received: {', '.join(arrays)}"
        )
    if y_train is None:
        y_train = np.zeros(len(x_train), int)
    raw.check_labels(y_train)
    counting = counting_of(raw.names, "data" if x_test is None else "test set")
    named = np.atleast_1d(x_train if x_test is None else x_test)
    names = np.arange(len(named)) if raw.names is None else raw.names
    if x_test is None:
        x_train, x_test, y_train, y_test, _, names = _split_off_test(
            path, x_train, y_train, names, test_share
        )
    preprocessing = Preprocessing.fit(x_train, likelihood, scale, path, **raw.form())
    x_train, x_test = (preprocessing.apply(array, path) for array in (x_train, x_test))
    if y_test is None:
        y_test = np.zeros(len(x_test), int)
    if len(x_test) != len(y_test):
        raise DatasetError(
            f"{path}: expected one label per sample in the test set. "
            f"Received: {len(x_test)} samples, {len(y_test)} labels"
        )
    samples = None
    if anomalies is not None:
        samples, others = preprocessing.load_named(anomalies, beyond="refuse")
        file, sentence = Path(anomalies).absolute().name, counting_of(others)
        others = np.arange(len(samples)) if others is None else others
        names = np.concatenate([names.astype(str), [f"{name} of {file}" for name in others]])
        counting = counting if sentence == counting else f"{counting} In {file}: {sentence}"
    return Dataset(
        x_train, y_train, x_test, y_test, classes, samples, preprocessing, names, counting
    )  # fmt: skip


def load_samples(path: StrPath, labels: str | None = None) -> np.ndarray:
    """Load the samples of a file or folder unscaled, without the column of labels.

    Returns
    -------
    numpy.ndarray
        Images (n, H, W, C), uint8 or float32, or rows (n, d), float32.
    """
    raw = read(path, labels, needed=False)
    raw.check_one_set()
    return as_float32(raw.samples())


def _split_off_test(
    path: StrPath, x: np.ndarray, y: np.ndarray, names: np.ndarray, share: float
) -> list[np.ndarray]:
    """Draw a test set, stratified by class; return both parts of samples, classes and names."""
    from sklearn.model_selection import train_test_split

    counts = np.bincount(y)
    if len(x) < 4 or min(counts[counts > 0]) < 2:
        raise DatasetError(
            f"{path}: expected at least two samples of each class, and four in total, to draw a "
            f"test set. Received: {', '.join(map(str, counts))}"
        )
    test = test_size(len(x), int(np.count_nonzero(counts)), share)
    return train_test_split(
        x, y, names, test_size=test, stratify=y, random_state=derive(0, "test")
    )  # fmt: skip


class Samples(NamedTuple):
    """Preprocessed samples, ready for a model, with their names and the columns of a table.

    ``counting`` says how the names count, see `kerasae.datasets.files.Raw`.
    """

    values: np.ndarray
    names: list
    counting: str
    columns: tuple[str, ...]


def read_samples(model: Any, path: StrPath) -> Samples:
    """Read the samples of a file or folder for a model, with its stored preprocessing.

    A model without stored preprocessing takes bytes, or values that fit its likelihood.
    """
    columns: tuple[str, ...] = ()
    if model.preprocessing:
        preprocessing = Preprocessing.from_config(model.preprocessing)
        values, names = preprocessing.load_named(path)
        columns = preprocessing.columns
    else:
        raw = read(path)
        raw.check_one_set()
        values, names = as_float32(raw.samples()), raw.names
    if values.shape[1:] != model.image_shape:
        raise DatasetError(
            f"{path}: expected samples of the shape of the training samples, "
            f"{model.image_shape}. Received: {values.shape[1:]}"
        )
    if model.likelihood == "bernoulli" and values.dtype != np.uint8:
        low, high = values.min(), values.max()
        if low < 0 or high > 1:
            raise DatasetError(
                f"{path}: expected uint8 images, or values in [0, 1]: the model's file has no "
                f"scale for others. Received: {low:g} to {high:g}"
            )
    listed = list(range(len(values))) if names is None else names.tolist()
    return Samples(values, listed, counting_of(names), columns)


def check_differ(samples: np.ndarray, path: StrPath) -> None:
    """Raise `DatasetError` if all samples (n, ...) are equal, which leaves nothing to learn."""
    if (samples == samples[:1]).all():
        raise DatasetError(
            f"{path}: all samples are the same. Expected samples that differ. "
            f"Received: {len(samples)} samples"
        )
