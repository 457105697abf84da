"""Data of one's own: read from a file or a folder, split, and brought to the range wanted."""

import re
from pathlib import Path

import numpy as np

from kerasae.datasets.formats import pictures, read, samples, subfolders
from kerasae.datasets.idx import DatasetError
from kerasae.datasets.splits import GIVEN, Dataset
from kerasae.seeds import derive

MOST = 2**53
"""Up to which floats can tell whole numbers apart."""


def load_own(
    path, labels=None, scale="none", likelihood="bernoulli", test_share=0.2, anomalies=None
):
    """Load data of one's own.

    Parameters
    ----------
    path : path-like
        An ``.npz`` file with ``x_train`` and, as far as there are any, ``y_train``, ``x_test``
        and ``y_test``; an ``.npy`` file; a ``.csv`` or ``.parquet`` table, a row a sample; or a
        folder of images, in one sub-folder a class, or flat without classes.
    labels : str, optional
        The column of a table that holds the classes.
    scale : {"none", "minmax", "standard"}, optional
        How values are changed, each column of a table by itself, images as a whole, by what the
        training part tells: not at all; to [0, 1], the test clipped to it; or to mean 0 and
        variance 1.
    likelihood : {"bernoulli", "gaussian"}, optional
        What the models will assume; Bernoulli needs values in [0, 1].
    test_share : float, optional
        Share of the samples that become the test, drawn at random within each class, where the
        data come without a test.
    anomalies : path-like, optional
        Samples of what is to be found in anomaly detection; formats as those of ``path``.

    Returns
    -------
    Dataset
        Images (n, H, W, C), uint8 as they came or else float32, or rows (n, d), float32.

    Raises
    ------
    DatasetError
        If the data cannot be read, are not of one shape, hold what is no number, or do not fit
        the likelihood; says what to do.
    """
    raw = read(path, labels)
    classes = class_names(path, raw)
    x_train, x_test = (samples(raw.get(f"x_{part}"), path) for part in ("train", "test"))
    y_train, y_test = (encode(raw.get(f"y_{part}"), classes) for part in ("train", "test"))
    if y_train is not None and len(y_train) != len(x_train):
        raise DatasetError(
            f"{path}: samples and labels do not match. "
            f"Received: {len(x_train)} samples, {len(y_train)} labels"
        )
    if y_train is None:
        y_train = np.zeros(len(x_train), int)
    if x_test is None:
        x_train, y_train, x_test, y_test = parted(path, x_train, y_train, test_share)
    elif y_test is None:
        if classes:
            raise DatasetError(f"{path}: y_train comes without y_test. Give both, or neither")
        y_test = np.zeros(len(x_test), int)
    others = None
    if anomalies is not None:
        others = load_samples(anomalies, labels)
    arrays = {path: x_test, **({anomalies: others} if others is not None else {})}
    for source, array in arrays.items():
        if array.shape[1:] != x_train.shape[1:]:
            raise DatasetError(
                f"{source}: samples of another shape than those to train on. "
                f"Expected: {x_train.shape[1:]}. Received: {array.shape[1:]}"
            )
    scaled = rescaled(scale, x_train, x_test, others)
    if likelihood == "bernoulli":
        for array in filter(lambda array: array is not None, scaled):
            within_unit(path, array)
    return Dataset(scaled[0], y_train, scaled[1], y_test, classes, scaled[2]).checked(path)


def load_samples(path, labels=None):
    """Load all samples of a file or folder as they are, without a column of labels, if any.

    Returns
    -------
    numpy.ndarray
        Images (n, H, W, C), uint8 or float32, or rows (n, d), float32.
    """
    return samples(read(path, labels, needed=False)["x_train"], path)


def classes_of(path, labels=None):
    """Read the names of the classes alone, none if there are no labels; see `load_own`."""
    path = Path(path)
    if path.is_dir():
        folders = [folder.name for folder in subfolders(path) if pictures(folder)]
        return class_names(path, {"y_train": folders} if folders else {})
    return class_names(path, read(path, labels, only="y"))


def class_names(path, raw):
    """Name the classes in their order, with what is no letter or digit replaced by ``_``."""
    known = [np.asarray(raw[name]) for name in ("y_train", "y_test") if raw.get(name) is not None]
    if not known:
        return ()
    values = np.unique(np.concatenate([plain_labels(path, np.ravel(part)) for part in known]))
    names = tuple(map(class_name, values))
    if len(set(names)) < len(names) or {"", "none", GIVEN} & set(names):
        raise DatasetError(
            f"{path}: names of classes that cannot be told apart, or are none. Expected letters "
            f"and digits, and neither 'none' nor '{GIVEN}'. Received: {', '.join(map(str, values))}"
        )
    return names


def class_name(label):
    """Name a class so that it can be part of a file's name."""
    return re.sub(r"\W", "_", str(label), flags=re.ASCII)


def plain_labels(path, labels):
    """Bring labels to whole numbers or text, or say why they are no classes."""
    labels = np.asarray(labels)
    if labels.dtype.kind == "O":
        missing = [label is None or label != label for label in labels]
        if any(missing):
            raise DatasetError(f"{path}: {sum(missing)} labels are missing. Fill them in")
        labels = labels.astype(str)
    if labels.dtype.kind == "f":
        if not np.isfinite(labels).all():
            missing = int((~np.isfinite(labels)).sum())
            raise DatasetError(f"{path}: {missing} labels are missing. Fill them in")
        broken = labels[(labels != np.round(labels)) | (abs(labels) > MOST)]
        if broken.size:
            raise no_classes(path, broken[0])
        labels = labels.astype(np.int64)
    if labels.dtype.kind not in "biuUS":
        raise no_classes(path, labels.dtype)
    return labels


def no_classes(path, received):
    """Say what labels have to be."""
    return DatasetError(
        f"{path}: labels have to be classes, whole numbers or words. Received: {received}"
    )


def encode(labels, classes):
    """Turn labels (n,) into the numbers of their classes, from 0."""
    if labels is None:
        return None
    labels = plain_labels("labels", np.ravel(labels))
    numbers = {name: number for number, name in enumerate(classes)}
    return np.array([numbers[class_name(label)] for label in labels])


def parted(path, x, y, share):
    """Draw a test from samples, within each class."""
    from sklearn.model_selection import train_test_split

    counts = np.bincount(y)
    if len(x) < 4 or min(counts[counts > 0]) < 2:
        raise DatasetError(
            f"{path}: too few samples to draw a test from: at least two of each class, and four "
            f"in all. Received: {', '.join(map(str, counts))}"
        )
    classes = np.count_nonzero(counts)
    test = min(max(round(share * len(x)), classes), len(x) - classes)  # some of each in both
    x_train, x_test, y_train, y_test = train_test_split(
        x, y, test_size=test, stratify=y, random_state=derive(0, "test")
    )
    return x_train, y_train, x_test, y_test


def rescaled(scale, train, *others):
    """Scale arrays by what the training samples tell; see `load_own`."""
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    if scale == "none":
        return train, *others
    columns = train.shape[1] if train.ndim == 2 else 1
    scaler = {"minmax": MinMaxScaler(clip=True), "standard": StandardScaler()}[scale]
    scaler.fit(train.reshape(-1, columns).astype(np.float64))

    def change(array):
        rows = scaler.transform(array.reshape(-1, columns).astype(np.float64))
        return rows.reshape(array.shape).astype(np.float32)

    return tuple(None if array is None else change(array) for array in (train, *others))


def within_unit(path, array):
    """Refuse values that a Bernoulli likelihood has no place for."""
    if array.dtype != np.uint8 and (array.min() < 0 or array.max() > 1):
        raise DatasetError(
            f"{path}: the Bernoulli likelihood needs values in [0, 1]. Received: "
            f"{array.min():g} to {array.max():g}. Set scale: minmax, or likelihood: gaussian"
        )
