"""Read files and folders of all supported formats into arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from kerasae.datasets.arrays import read_arrays
from kerasae.datasets.errors import DatasetError
from kerasae.datasets.images import list_images, read_folder
from kerasae.datasets.limits import check_regular
from kerasae.datasets.tables import read_table, record_numbers
from kerasae.datasets.values import MERGED, are_channels_first, merged_column
from kerasae.hints import StrPath

T = TypeVar("T")
FORMATS = ".npz, .npy, .csv, .parquet, or a folder of images"


@dataclass(frozen=True)
class Raw:
    """Unprocessed content of a file or folder.

    Attributes
    ----------
    arrays : dict of str to numpy.ndarray
        Arrays by their names in `kerasae.datasets.arrays.ARRAYS`.
    columns : tuple of str
        Column names of ``x_train`` if it is a table, else empty.
    colours : str
        Kind of the images in a folder, see `kerasae.datasets.images.read_folder`.
    names : numpy.ndarray or None
        Names of the samples of ``x_test``, or of ``x_train`` without it, see `sample_names`.
    """

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    colours: str = ""
    names: np.ndarray | None = None


def existing_path(path: StrPath) -> Path:
    """Return a path; raise `DatasetError` unless it exists and has a supported format."""
    path = Path(path)
    try:
        check_regular(path)
        found = path.exists()
    except OSError as error:  # no permission, or a name that is too long
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    if not found:
        raise DatasetError(f"{path} does not exist. Expected: {FORMATS}. Received: no such file")
    if not path.is_dir() and path.suffix.lower() not in (".npz", ".npy", ".csv", ".parquet"):
        raise DatasetError(
            f"{path}: unknown format. Expected: {FORMATS}. Received: {path.suffix or 'no ending'}"
        )
    return path


def call_reader(function: Callable[..., T], path: StrPath, *arguments: Any, **options: Any) -> T:
    """Call a reader and turn any error into a `DatasetError`."""
    try:
        return function(path, *arguments, **options)
    except DatasetError:
        raise
    except Exception as error:  # a damaged file can fail in any way
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        raise DatasetError(f"{path} cannot be read: {reason}") from error


def read(
    path: StrPath,
    labels: str | None = None,
    needed: bool = True,
    colours: str | None = None,
) -> Raw:
    """Read a file or folder.

    Parameters
    ----------
    path : path-like
        See `kerasae.datasets.load_own`.
    labels : str, optional
        Column of a table with the classes.
    needed : bool, optional
        Whether a table must have that column.
    colours : str, optional
        Kind to convert the images of a folder to, see `kerasae.datasets.images.read_folder`.

    Returns
    -------
    Raw
    """
    path = existing_path(path)
    if path.is_dir():
        arrays, colours = call_reader(read_folder, path, colours)
        return Raw(arrays, colours=colours, names=sample_names(path))
    if path.suffix.lower() in (".npz", ".npy"):
        return Raw(call_reader(read_arrays, path))
    arrays, columns = call_reader(read_table, path, labels, needed=needed)
    return Raw(arrays, columns, names=sample_names(path))


def sample_names(path: StrPath) -> np.ndarray | None:
    """Name the samples of a file or folder, in the order of `read`; if it has a split, to test on.

    Returns
    -------
    numpy.ndarray of shape (n,) or None
        Row numbers of a CSV file as a spreadsheet shows them, or paths of images within the
        folder. None for other files, whose samples are numbered from 0.
    """
    path = existing_path(path)
    if path.is_dir():
        listing = call_reader(list_images, path)
        files = listing.files[listing.train :] or listing.files
        names = [file.relative_to(path).as_posix() for file in files]
        # A name that is no text in UTF-8 could not be written to any page
        return np.array([name.encode("utf-8", "replace").decode() for name in names])
    if path.suffix.lower() == ".csv":
        return np.array(call_reader(record_numbers, path)[1:])
    return None


def counting_of(names: np.ndarray | None, samples: str = "data") -> str:
    """Say in a sentence how `sample_names` counts."""
    if names is None:
        return f"Samples are numbered from 0, in the order of the {samples}."
    if names.dtype.kind == "U":
        return "Images are named by their files."
    return "Rows are numbered as in a spreadsheet: the header is row 1."


def read_labels(
    path: StrPath, labels: str | None = None
) -> tuple[ArrayLike | None, ArrayLike | None]:
    """Read only the labels of training and test samples; None for those without labels."""
    path = existing_path(path)
    if path.is_dir():
        listing = call_reader(list_images, path)
        train, test = listing.classes[: listing.train], listing.classes[listing.train :]
        return train or None, test or None
    if path.suffix.lower() in (".npz", ".npy"):
        found = call_reader(read_arrays, path, only="y")
    else:
        found = call_reader(read_table, path, labels, only="y")[0]
    return found.get("y_train"), found.get("y_test")


def only_samples(raw: Raw, path: StrPath) -> np.ndarray:
    """Return the samples of a file or folder; raise `DatasetError` if it has a test set, too."""
    if "x_test" not in raw.arrays:
        return raw.arrays["x_train"]
    if raw.colours:
        raise DatasetError(
            f"{path}: expected one set of images: name one of the two folders. "
            "Received: train and test"
        )
    raise DatasetError(
        f"{path}: expected one array of samples: save it as an .npy file. "
        "Received: x_train and x_test"
    )


def as_float32(array: np.ndarray) -> np.ndarray:
    """Convert an array to float32; uint8 is returned unchanged."""
    with np.errstate(over="ignore"):
        return array if array.dtype == np.uint8 else array.astype(np.float32, copy=False)


def check_channels_last(shape: Sequence[int], path: StrPath) -> None:
    """Raise `DatasetError` for the shape (n, C, H, W) of images as PyTorch has them."""
    if are_channels_first(shape[1:]):
        raise DatasetError(
            f"{path}: the channels come first. Expected images (n, H, W, C), the channels last: "
            f"x = np.moveaxis(x, 1, -1). Received: shape {tuple(shape)}"
        )


def refuse_masked(values: object, path: StrPath) -> None:
    """Raise `DatasetError` for a masked array with masked values."""
    if np.ma.is_masked(values):
        raise DatasetError(
            f"{path}: expected a value everywhere. Fill in the masked values: filled(...). "
            f"Received: {np.ma.count_masked(values)} masked values"
        )


def checked_samples(array: ArrayLike, path: StrPath) -> np.ndarray:
    """Check samples and bring them to the shape of images (n, H, W, C) or rows (n, d).

    uint8 images keep their dtype. Others become float32, or float64 where scaling needs the
    precision: for values that are large compared to their differences, such as times.
    """
    if array is None:
        return None
    refuse_masked(array, path)
    array = np.asarray(array)
    if array.dtype.kind not in "buif" or array.ndim not in (2, 3, 4) or 0 in array.shape:
        raise DatasetError(
            f"{path}: expected numbers of shape (n, d), (n, H, W) or (n, H, W, C), none of them 0. "
            f"Received: {array.dtype} of shape {array.shape}"
        )
    check_channels_last(array.shape, path)
    if array.dtype.kind in "iu":
        merged = merged_column(array.reshape(len(array), -1))
        if merged is not None:
            raise DatasetError(f"{path}: {MERGED} column {merged}, counted from 0")
    if array.ndim == 3:
        array = array[..., np.newaxis]
    if array.dtype != np.uint8 or array.ndim == 2:
        array = array.astype(np.result_type(array, np.float32), copy=False)
        array = array.astype(np.float64, copy=False) if array.itemsize > 8 else array
    broken = ~np.isfinite(as_float32(array).reshape(len(array), -1))
    if broken.any():
        at = ", ".join(map(str, np.flatnonzero(broken.any(axis=0))[:20]))
        where = f" (columns {at}, counted from 0)" if array.ndim == 2 else ""
        raise DatasetError(
            f"{path}: expected finite numbers. Fill in missing values, or drop these samples. "
            f"Received: {broken.any(axis=1).sum()} of {len(array)} samples with other values, such "
            f"as {array.reshape(broken.shape)[broken][0]:g}{where}"
        )
    return array
