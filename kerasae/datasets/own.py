"""Load the user's own data from a file or a folder, split and scaled."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasae.datasets.arrays import checked_headers
from kerasae.datasets.dataset import Dataset
from kerasae.datasets.errors import DatasetError
from kerasae.datasets.formats import (
    Raw,
    as_float32,
    call_reader,
    check_channels_last,
    checked_samples,
    counting_of,
    existing_path,
    only_samples,
    read,
    read_labels,
    sample_names,
)
from kerasae.datasets.images import list_images, read_image
from kerasae.datasets.labels import class_names, encode, one_line
from kerasae.datasets.preprocessing import Preprocessing
from kerasae.datasets.tables import checked_column_names, count_rows
from kerasae.hints import Likelihood, Scale, StrPath
from kerasae.seeds import derive


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
    return prepared(read(path, labels), path, labels, scale, likelihood, test_share, anomalies)


def prepared(
    raw: Raw,
    path: StrPath,
    labels: str | None,
    scale: Scale,
    likelihood: Likelihood,
    test_share: float,
    anomalies: StrPath | None,
) -> Dataset:
    """Check, split and scale what was read; parameters of `load_own`, ``path`` for messages."""
    arrays = raw.arrays
    classes = class_names(path, arrays.get("y_train"), arrays.get("y_test"))
    x_train = checked_samples(arrays["x_train"], path)
    y_train, y_test = (encode(arrays.get(f"y_{part}"), classes) for part in ("train", "test"))
    if y_train is not None and len(y_train) != len(x_train):
        raise DatasetError(
            f"{path}: expected one label per sample. "
            f"Received: {len(x_train)} samples, {len(y_train)} labels"
        )
    if y_train is None:
        y_train = np.zeros(len(x_train), int)
    names, counted = raw.names, counting_of(raw.names, "test set" if "x_test" in arrays else "data")
    if names is None:
        names = np.arange(len(np.atleast_1d(arrays.get("x_test", x_train))))
    if "x_test" not in arrays:
        if y_test is not None:
            raise DatasetError(
                f"{path}: expected x_test for y_test, or neither. Received: y_test without x_test"
            )
        x_train, x_test, y_train, y_test, _, names = split_off_test(
            path, x_train, y_train, names, test_share
        )
    else:
        x_test = arrays["x_test"]
        if y_test is None:
            if classes:
                raise DatasetError(
                    f"{path}: expected y_test for x_test, as there are labels in y_train. "
                    "Received: x_test without y_test"
                )
            y_test = np.zeros(len(np.atleast_1d(x_test)), int)
    preprocessing = Preprocessing.fit(
        x_train,
        likelihood,
        scale,
        path,
        columns=raw.columns,
        labels=labels if labels is None else one_line(labels, path, "column name"),
        colours=raw.colours,
    )
    x_train, x_test = (preprocessing.apply(array, path) for array in (x_train, x_test))
    known = None
    if anomalies is not None:
        known = preprocessing.load(anomalies, beyond="refuse")
        names, counted = with_names_of(anomalies, len(known), names, counted)
    data = Dataset(
        x_train, y_train, x_test, y_test, classes, known, preprocessing, names, counted
    )  # fmt: skip
    return data.check_lengths(path)


def with_names_of(
    anomalies: StrPath, count: int, names: np.ndarray, counted: str
) -> tuple[np.ndarray, str]:
    """Add the names of known anomalies, with that of their file, and how they count if unlike."""
    file, own = Path(anomalies).absolute().name, sample_names(anomalies)
    added = [f"{name} of {file}" for name in (range(count) if own is None else own)]
    said = counting_of(own)
    said = counted if said == counted else f"{counted} In {file}: {said}"
    return np.concatenate([names.astype(str), added]), said


def load_samples(path: StrPath, labels: str | None = None) -> np.ndarray:
    """Load the samples of a file or folder unscaled, without the column of labels.

    Returns
    -------
    numpy.ndarray
        Images (n, H, W, C), uint8 or float32, or rows (n, d), float32.
    """
    samples = only_samples(read(path, labels, needed=False), path)
    return as_float32(checked_samples(samples, path))


def read_classes(path: StrPath, labels: str | None = None) -> tuple[str, ...]:
    """Read only the names of the classes, empty without labels; see `load_own`."""
    return class_names(path, *read_labels(path, labels))


class Sizes(NamedTuple):
    """Size of a data set.

    Attributes
    ----------
    train, test : int
        Number of training and test samples.
    inputs : int
        Number of values per sample.
    classes : int
        Number of classes, 0 without labels.
    """

    train: int
    test: int
    inputs: int
    classes: int


def read_sizes(
    path: StrPath,
    labels: str | None = None,
    test_share: float = 0.2,
    classes: int | None = None,
) -> Sizes:
    """Read the size of the user's own data without keeping them in memory; see `load_own`.

    In a folder only the first image is opened: if it is grey, all are assumed to be.
    """
    path = existing_path(path)
    classes = len(read_classes(path, labels)) if classes is None else classes
    return call_reader(count_samples, path, labels, test_share, classes)


def count_samples(path: Path, labels: str | None, test_share: float, classes: int) -> Sizes:
    """Sizes of a file or folder, from its headers, rows or number of files."""
    test = None
    if path.is_dir():
        listing = list_images(path)
        inputs, train = read_image(listing.files[0])[1].size, listing.train
        test = len(listing.files) - train or None
    elif path.suffix.lower() in (".npz", ".npy"):
        found = checked_headers(path)
        (train, *shape), _ = found["x_train"]
        check_channels_last((train, *shape), path)
        inputs = int(np.prod(shape, dtype=object))
        test = found["x_test"][0][0] if "x_test" in found else None
    else:
        train, inputs = count_rows(path), len(checked_column_names(path)) - (labels is not None)
    if test is None:
        test = test_size(train, max(classes, 1), test_share)
        train -= test
    return Sizes(train, test, inputs, classes)


def test_size(count: int, classes: int, share: float) -> int:
    """Size of a drawn test set that leaves samples of each class on both sides."""
    return min(max(round(share * count), classes), count - classes)


def split_off_test(
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
    classes = int(np.count_nonzero(counts))
    test = test_size(len(x), classes, share)
    return train_test_split(
        x, y, names, test_size=test, stratify=y, random_state=derive(0, "test")
    )  # fmt: skip
