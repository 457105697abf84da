"""Data of one's own: read from a file or a folder, split, and brought to the range wanted."""

from typing import NamedTuple

import numpy as np

from kerasae.datasets.arrays import checked_headers
from kerasae.datasets.dataset import Dataset
from kerasae.datasets.errors import DatasetError
from kerasae.datasets.formats import as_short, existing, guarded, read, read_labels, samples
from kerasae.datasets.labels import class_names, encode, plain_text
from kerasae.datasets.pictures import kind, opened, picture_files
from kerasae.datasets.preprocessing import Preprocessing
from kerasae.datasets.tables import checked_header, count_rows
from kerasae.seeds import derive


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
    arrays = raw.arrays
    classes = class_names(path, arrays.get("y_train"), arrays.get("y_test"))
    x_train = samples(arrays["x_train"], path)
    y_train, y_test = (encode(arrays.get(f"y_{part}"), classes) for part in ("train", "test"))
    if y_train is not None and len(y_train) != len(x_train):
        raise DatasetError(
            f"{path}: samples and labels do not match. "
            f"Received: {len(x_train)} samples, {len(y_train)} labels"
        )
    if y_train is None:
        y_train = np.zeros(len(x_train), int)
    if "x_test" not in arrays:
        if y_test is not None:
            raise DatasetError(f"{path}: y_test comes without x_test. Give both, or neither")
        x_train, y_train, x_test, y_test = parted(path, x_train, y_train, test_share)
    else:
        x_test = arrays["x_test"]
        if y_test is None:
            if classes:
                raise DatasetError(f"{path}: y_train comes without y_test. Give both, or neither")
            y_test = np.zeros(len(np.atleast_1d(x_test)), int)
    preprocessing = Preprocessing.fit(
        x_train,
        likelihood,
        scale,
        columns=raw.columns,
        labels=labels if labels is None else plain_text(labels, path, "column name"),
        colours=raw.colours,
    )
    x_train, x_test = (preprocessing.apply(array, path) for array in (x_train, x_test))
    others = None if anomalies is None else preprocessing.load(anomalies)
    return Dataset(x_train, y_train, x_test, y_test, classes, others, preprocessing).checked(path)


def load_samples(path, labels=None):
    """Load all samples of a file or folder as they are, without a column of labels, if any.

    Returns
    -------
    numpy.ndarray
        Images (n, H, W, C), uint8 or float32, or rows (n, d), float32.
    """
    return as_short(samples(read(path, labels, needed=False).arrays["x_train"], path))


def classes_of(path, labels=None):
    """Read the names of the classes alone, none if there are no labels; see `load_own`."""
    return class_names(path, *read_labels(path, labels))


class Sizes(NamedTuple):
    """How large a data set is.

    Attributes
    ----------
    train, test : int
        Samples.
    inputs : int
        Numbers in one sample.
    classes : int
        Classes, 0 without labels.
    """

    train: int
    test: int
    inputs: int
    classes: int


def sizes_of(path, labels=None, test_share=0.2):
    """Tell how large data of one's own are without keeping them in memory; see `load_own`.

    Of a folder the first image alone is opened: grey ones among coloured ones are taken for grey.
    """
    path = existing(path)
    classes = len(classes_of(path, labels))
    return guarded(counted, path, labels, test_share, classes)


def counted(path, labels, test_share, classes):
    """Count the samples of a file or folder by its headers, rows or files."""
    test = None
    if path.is_dir():
        files, _ = picture_files(path)
        with opened(files[0]) as image:
            inputs = image.width * image.height * (3 if kind(image) == "RGB" else 1)
        train = len(files)
    elif path.suffix.lower() in (".npz", ".npy"):
        found = checked_headers(path)
        (train, *shape), _ = found["x_train"]
        inputs = int(np.prod(shape, dtype=object))
        test = found["x_test"][0][0] if "x_test" in found else None
    else:
        train, inputs = count_rows(path), len(checked_header(path)) - (labels is not None)
    if test is None:
        test = test_size(train, max(classes, 1), test_share)
        train -= test
    return Sizes(train, test, inputs, classes)


def test_size(count, classes, share):
    """Tell how many samples are drawn for the test: some of each class in both parts."""
    return min(max(round(share * count), classes), count - classes)


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
    test = test_size(len(x), classes, share)
    x_train, x_test, y_train, y_test = train_test_split(
        x, y, test_size=test, stratify=y, random_state=derive(0, "test")
    )
    return x_train, y_train, x_test, y_test
