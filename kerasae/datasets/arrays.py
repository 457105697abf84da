"""Reader of NumPy's files."""

import zipfile

import numpy as np
from numpy.lib import format as npy

from kerasae.datasets.errors import DatasetError
from kerasae.datasets.limits import check_memory

PARTS = ("x_train", "y_train", "x_test", "y_test")


def header(file):
    """Read shape and type of an array from the start of an ``.npy`` file."""
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    return shape, dtype


def headers(path):
    """Read shape and type of the arrays in an ``.npz`` or ``.npy`` file; None of other names."""
    if path.suffix.lower() == ".npy":
        with open(path, "rb") as file:
            return {"x_train": header(file)}
    with zipfile.ZipFile(path) as archive:
        found = dict.fromkeys(entry.removesuffix(".npy") for entry in archive.namelist())
        for name in PARTS:
            if name in found:
                with archive.open(f"{name}.npy") as file:
                    found[name] = header(file)
        return found


def read_arrays(path, only=""):
    """Read the arrays of an ``.npz`` or ``.npy`` file whose names start with ``only``."""
    found = {
        name: shape
        for name, shape in checked_headers(path).items()
        if name in PARTS and name.startswith(only)
    }
    needed = sum(size(*described) for described in found.values())
    shapes = (f"{name} {dtype} {shape}" for name, (shape, dtype) in found.items())
    check_memory(path, needed, ", ".join(shapes))
    if path.suffix.lower() == ".npy":
        return {name: np.load(path, allow_pickle=False) for name in found}
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in PARTS if name in found}


def checked_headers(path):
    """Read the headers of a file that has samples, else say what it has."""
    found = headers(path)
    if "x_train" not in found:
        raise DatasetError(
            f"{path}: no array x_train. Expected some of {', '.join(PARTS)}. "
            f"Received: {', '.join(found) or 'none'}"
        )
    return found


def size(shape, dtype):
    """Bytes of an array of some shape."""
    count = dtype.itemsize
    for length in shape:  # Python's integers do not overflow
        count *= length
    return count
