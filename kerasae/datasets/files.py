"""Which reader reads which file or folder, and what it returns."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import ArrayLike

from kerasae.datasets.errors import DatasetError
from kerasae.datasets.images import check_regular, list_images, read_folder, read_image
from kerasae.datasets.labels import class_names
from kerasae.datasets.tables import count_table, read_table
from kerasae.datasets.values import check_channels_last, checked_samples
from kerasae.types import StrPath

_FORMATS = ".npz, .npy, .csv, .parquet, or a folder of images"
ARRAYS = ("x_train", "y_train", "x_test", "y_test")
_ALIASES = {"X": "x_train", "y": "y_train"}
"""Other names of arrays, for files without ``x_train``."""


@dataclass(frozen=True)
class Raw:
    """Unprocessed content of a file or folder, or of memory."""

    path: StrPath  # origin, for messages
    arrays: dict[str, np.ndarray]  # by their names in `ARRAYS`
    columns: tuple[str, ...] = ()  # column names of ``x_train`` if it is a table, else empty
    labels: str | None = None  # column of a table with the classes
    colours: str = ""  # kind of the images in a folder, see `kerasae.datasets.images.read_folder`
    # Names of the samples of ``x_test``, or of ``x_train`` without it: row numbers of a CSV file as
    # a spreadsheet shows them, or paths of images within the folder. None for other files, whose
    # samples are numbered from 0.
    names: np.ndarray | None = None

    def samples(self) -> np.ndarray:
        """Return the checked samples to train on."""
        return checked_samples(self.arrays["x_train"], self.path, self.columns)

    def check_one_set(self) -> None:
        """Raise `DatasetError` if there is a test set, too."""
        if "x_test" in self.arrays:
            raise DatasetError(
                f"{self.path}: expected one set of samples: name one of the two folders, or save "
                "one array as an .npy file. Received: a training and a test set"
            )

    def check_labels(self, labels: np.ndarray) -> None:
        """Raise `DatasetError` unless there is one label per sample to train on."""
        count = len(self.arrays["x_train"])
        if len(labels) != count:
            raise DatasetError(
                f"{self.path}: expected one label per sample. "
                f"Received: {count} samples, {len(labels)} labels"
            )

    def form(self) -> dict[str, Any]:
        """Return ``columns``, ``labels`` and ``colours`` of `Preprocessing`."""
        labels = None if self.labels is None else self.labels.strip()
        return {"columns": self.columns, "labels": labels, "colours": self.colours}


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


def existing_path(path: StrPath) -> Path:
    """Return a path; raise `DatasetError` unless it exists and has a supported format."""
    path = Path(path)
    try:
        check_regular(path)
        exists = path.exists()
    except OSError as error:  # no permission, or a name that is too long
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    if not exists:
        raise DatasetError(f"{path} does not exist. Expected: {_FORMATS}. Received: no such file")
    if not path.is_dir() and path.suffix.lower() not in (".npz", ".npy", ".csv", ".parquet"):
        raise DatasetError(
            f"{path}: unknown format. Expected: {_FORMATS}. Received: {path.suffix or 'no ending'}"
        )
    return path


def read(
    path: StrPath,
    labels: str | None = None,
    needed: bool = True,
    colours: str | None = None,
) -> Raw:
    """Read a file or folder; ``path`` and ``labels`` are those of `kerasae.datasets.load_own`.

    ``needed``: a table must have the column of labels. ``colours``: the kind that the images of a
    folder are converted to, see `kerasae.datasets.images.read_folder`.
    """
    path = existing_path(path)
    if path.is_dir():
        arrays, kind, names = _call(read_folder, path, colours)
        return Raw(path, arrays, labels=labels, colours=kind, names=names)
    if path.suffix.lower() in (".npz", ".npy"):
        return Raw(path, _call(_read_arrays, path), labels=labels)
    arrays, columns, names = _call(read_table, path, labels, needed)
    return Raw(path, arrays, columns, labels, names=names)


def counting_of(names: np.ndarray | None, samples: str = "data") -> str:
    """Say in a sentence how the names of samples count, see `Raw`."""
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
        listing = _call(list_images, path)
        train, test = listing.classes[: listing.train], listing.classes[listing.train :]
        return train or None, test or None
    if path.suffix.lower() in (".npz", ".npy"):
        arrays = _call(_read_arrays, path, ARRAYS[1::2])
    else:
        arrays = {} if labels is None else _call(read_table, path, labels, only_labels=True)[0]
    return arrays.get("y_train"), arrays.get("y_test")


def read_classes(path: StrPath, labels: str | None = None) -> tuple[str, ...]:
    """Read only the names of the classes, empty without labels; see `load_own`."""
    return class_names(path, *read_labels(path, labels))


def read_sizes(
    path: StrPath,
    labels: str | None = None,
    test_share: float = 0.2,
    classes: int | None = None,
) -> Sizes:
    """Read the size of the user's own data from headers, rows or the number of files.

    In a folder only the first image is opened: if it is grey, all are assumed to be.
    """
    path = existing_path(path)
    classes = len(read_classes(path, labels)) if classes is None else classes
    train, test, inputs = _call(_count_samples, path, labels)
    if test is None:
        test = test_size(train, max(classes, 1), test_share)
        train -= test
    return Sizes(train, test, inputs, classes)


def test_size(count: int, classes: int, share: float) -> int:
    """Return the size of a drawn test set that leaves samples of each class on both sides."""
    return min(max(round(share * count), classes), count - classes)


def _call(reader: Callable[..., Any], path: Path, *arguments: Any, **options: Any) -> Any:
    """Call a reader and turn any error into a `DatasetError`."""
    try:
        return reader(path, *arguments, **options)
    except DatasetError:
        raise
    except Exception as error:  # a damaged file can fail in any way
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        raise DatasetError(f"{path} cannot be read: {reason}") from error


def _count_samples(path: Path, labels: str | None) -> tuple[int, int | None, int]:
    """Count the training samples, those of a test set if there is one, and values per sample."""
    if path.is_dir():
        listing = list_images(path)
        test = len(listing.files) - listing.train
        return listing.train, test or None, read_image(listing.files[0])[1].size
    if path.suffix.lower() in (".npz", ".npy"):
        shapes = _shapes(path)
        check_channels_last(shapes["x_train"], path)
        train, *shape = shapes["x_train"]
        test = shapes["x_test"][0] if "x_test" in shapes else None
        return train, test, int(np.prod(shape, dtype=object))
    rows, columns = count_table(path)
    return rows, None, columns - (labels is not None)


def _read_arrays(path: Path, wanted: tuple[str, ...] = ARRAYS) -> dict[str, np.ndarray]:
    """Read the arrays of an ``.npz`` or ``.npy`` file that are ``wanted``."""
    if path.suffix.lower() == ".npy":
        return {"x_train": np.load(path, allow_pickle=False)} if "x_train" in wanted else {}
    with np.load(path, allow_pickle=False) as file:
        names = _array_names(path, file.files)
        return {name: file[names[name]] for name in names if name in wanted}


def _array_names(path: Path, stored: list[str]) -> dict[str, str]:
    """Return the names in `ARRAYS` of the arrays of a file → their names in the file."""
    aliases = {} if "x_train" in stored else _ALIASES
    names = {aliases.get(name, name): name for name in stored}
    if "x_train" not in names:
        raise DatasetError(
            f"{path}: no array x_train. Expected some of {', '.join(ARRAYS)}, or X and y. "
            f"Received: {', '.join(stored) or 'none'}"
        )
    return {name: names[name] for name in ARRAYS if name in names}


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Read the shapes of the arrays of a file from their headers."""
    if path.suffix.lower() == ".npy":
        return {"x_train": np.load(path, mmap_mode="r", allow_pickle=False).shape}
    shapes = {}
    with zipfile.ZipFile(path) as archive:
        names = _array_names(path, [entry.removesuffix(".npy") for entry in archive.namelist()])
        for name, stored in names.items():
            with archive.open(f"{stored}.npy") as file:
                is_first = npy.read_magic(file) == (1, 0)
                read_header = npy.read_array_header_1_0 if is_first else npy.read_array_header_2_0
                shapes[name] = read_header(file)[0]
    return shapes
