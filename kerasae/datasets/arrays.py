"""Reader of NumPy files."""

import zipfile

import numpy as np
from numpy.lib import format as npy

from kerasae.datasets.errors import DatasetError
from kerasae.datasets.limits import check_memory

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
ALIASES = {"X": "x_train", "y": "y_train"}
"""Other names of arrays, for files without ``x_train``."""


def read_header(file):
    """Read the shape and the dtype of an array in ``.npy`` format."""
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    return shape, dtype


def read_headers(path):
    """Read shapes and dtypes of the arrays of a file; None for names not in `ARRAYS`."""
    if path.suffix.lower() == ".npy":
        with open(path, "rb") as file:
            return {"x_train": read_header(file)}
    with zipfile.ZipFile(path) as archive:
        stored = [entry.removesuffix(".npy") for entry in archive.namelist()]
        found = {}
        for name in stored:
            known = name_of(name, stored)
            found[known] = None
            if known in ARRAYS:
                with archive.open(f"{name}.npy") as file:
                    found[known] = read_header(file)
        return found


def name_of(name, stored):
    """Name in `ARRAYS` of a stored array; ``X`` and ``y`` are the samples and labels of a file."""
    return name if "x_train" in stored else ALIASES.get(name, name)


def read_arrays(path, only=""):
    """Read the arrays of an ``.npz`` or ``.npy`` file whose names start with ``only``."""
    headers = {
        name: header
        for name, header in checked_headers(path).items()
        if name in ARRAYS and name.startswith(only)
    }
    needed = sum(n_bytes(*header) for header in headers.values())
    shapes = (f"{name} {dtype} {shape}" for name, (shape, dtype) in headers.items())
    check_memory(path, needed, ", ".join(shapes))
    if path.suffix.lower() == ".npy":
        return {name: np.load(path, allow_pickle=False) for name in headers}
    with np.load(path, allow_pickle=False) as file:
        names = {name_of(name, file.files): name for name in file.files}
        return {name: file[names[name]] for name in ARRAYS if name in headers}


def checked_headers(path):
    """Read the headers of a file; raise `DatasetError` if it has no ``x_train``."""
    found = read_headers(path)
    if "x_train" not in found:
        raise DatasetError(
            f"{path}: no array x_train. Expected some of {', '.join(ARRAYS)}, or X and y. "
            f"Received: {', '.join(found) or 'none'}"
        )
    return found


def n_bytes(shape, dtype):
    """Size of an array in bytes."""
    count = dtype.itemsize
    for length in shape:  # Python's integers do not overflow
        count *= length
    return count
