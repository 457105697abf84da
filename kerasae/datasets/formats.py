"""Files of data in the formats in which people have them, read as arrays."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from kerasae.datasets.arrays import read_arrays
from kerasae.datasets.errors import DatasetError
from kerasae.datasets.limits import check_regular
from kerasae.datasets.pictures import picture_files, read_folder
from kerasae.datasets.tables import read_table

FORMATS = ".npz, .npy, .csv, .parquet, or a folder of images"


@dataclass(frozen=True)
class Raw:
    """What a file or folder holds, as it is.

    Attributes
    ----------
    arrays : dict of str to numpy.ndarray
        By their names in `PARTS`.
    columns : tuple of str
        Names of the columns of a table's ``x_train``; empty for other data.
    colours : str
        What the images of a folder hold, see `kerasae.datasets.pictures.read_folder`.
    """

    arrays: dict = field(default_factory=dict)
    columns: tuple = ()
    colours: str = ""


def existing(path):
    """Give a path, or say that nothing that can be read is there."""
    path = Path(path)
    try:
        check_regular(path)
        found = path.exists()
    except OSError as error:  # no right to look, or a name that is too long
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    if not found:
        raise DatasetError(f"{path} does not exist. Expected: {FORMATS}")
    if not path.is_dir() and path.suffix.lower() not in (".npz", ".npy", ".csv", ".parquet"):
        raise DatasetError(f"{path}: unknown format. Expected: {FORMATS}")
    return path


def guarded(function, path, *arguments, **options):
    """Call a reader; a damaged file can fail in any way, and is said to be."""
    try:
        return function(path, *arguments, **options)
    except DatasetError:
        raise
    except Exception as error:
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        raise DatasetError(f"{path} cannot be read: {reason}") from error


def read(path, labels=None, needed=True, colours=None):
    """Read a file or folder as it is.

    Parameters
    ----------
    path : path-like
        See `kerasae.datasets.load_own`.
    labels : str, optional
        Column of a table with the classes.
    needed : bool, optional
        Whether a table has to have that column.
    colours : str, optional
        What the images of a folder are brought to.

    Returns
    -------
    Raw
    """
    path = existing(path)
    if path.is_dir():
        arrays, colours = guarded(read_folder, path, colours)
        return Raw(arrays, colours=colours)
    if path.suffix.lower() in (".npz", ".npy"):
        return Raw(guarded(read_arrays, path))
    return Raw(*guarded(read_table, path, labels, needed=needed))


def read_labels(path, labels=None):
    """Read the labels of the training and of the test samples alone, None where there are none."""
    path = existing(path)
    if path.is_dir():
        classes = guarded(picture_files, path)[1]
        return np.array(classes) if classes else None, None
    if path.suffix.lower() in (".npz", ".npy"):
        found = guarded(read_arrays, path, only="y")
    else:
        found = guarded(read_table, path, labels, only="y")[0]
    return found.get("y_train"), found.get("y_test")


def as_short(array):
    """Bring floats to 32 bits; uint8 stays as it is."""
    with np.errstate(over="ignore"):
        return array if array.dtype == np.uint8 else array.astype(np.float32, copy=False)


def samples(array, path):
    """Bring samples to images (n, H, W, C) or rows (n, d).

    uint8 images stay as they are; else floats of 32 bits, or of 64 where the values may need them
    until they are scaled: numbers that are large beside their differences, such as times.
    """
    if array is None:
        return None
    array = np.asarray(array)
    if array.dtype.kind not in "buif" or array.ndim not in (2, 3, 4) or 0 in array.shape:
        raise DatasetError(
            f"{path}: expected numbers of shape (n, d), (n, H, W) or (n, H, W, C), none of them 0. "
            f"Received: {array.dtype} of shape {array.shape}"
        )
    if array.ndim == 3:
        array = array[..., np.newaxis]
    if array.dtype != np.uint8 or array.ndim == 2:
        array = array.astype(np.result_type(array, np.float32), copy=False)
        array = array.astype(np.float64, copy=False) if array.itemsize > 8 else array
    finite = np.isfinite(as_short(array).reshape(len(array), -1)).all(axis=1)
    broken = np.count_nonzero(~finite)
    if broken:
        raise DatasetError(
            f"{path}: {broken} of {len(array)} samples hold values that are no finite numbers. "
            "Fill them in, or drop the samples"
        )
    return array
