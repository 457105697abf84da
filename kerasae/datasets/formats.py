"""Files of data in the formats in which people have them, read as arrays."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kerasae.datasets.idx import DatasetError

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
FORMATS = ".npz, .npy, .csv, .parquet, or a folder of images"
PARTS = ("x_train", "y_train", "x_test", "y_test")


def read(path, labels=None, only="", needed=True):
    """Read arrays as they are, by their names in `PARTS`.

    ``only`` those that start so; ``needed``: whether a table has to have the labels' column.
    """
    path = Path(path)
    if path.is_dir():
        return read_folder(path)
    if not path.is_file():
        raise DatasetError(f"{path} does not exist. Expected: {FORMATS}")
    try:
        match path.suffix.lower():
            case ".npz":
                return read_npz(path, only)
            case ".npy":
                return {} if only == "y" else {"x_train": np.load(path, allow_pickle=False)}
            case ".csv" | ".parquet":
                return read_table(path, labels, only, needed)
    except DatasetError:
        raise
    except Exception as error:  # a damaged file can fail in any way
        reason = str(error).strip().split("\n")[0]
        raise DatasetError(f"{path} cannot be read: {reason}") from error
    raise DatasetError(f"{path}: unknown format. Expected: {FORMATS}")


def read_npz(path, only):
    """Read the arrays of an ``.npz`` file."""
    with np.load(path, allow_pickle=False) as file:
        if not isinstance(file, Mapping) or "x_train" not in file:
            raise DatasetError(
                f"{path}: no array x_train. Expected some of {', '.join(PARTS)}. "
                f"Received: {', '.join(file) or 'none'}"
            )
        return {name: file[name] for name in PARTS if name in file and name.startswith(only)}


def read_table(path, labels, only, needed):
    """Read the rows of a table, and the column with the classes."""
    import pandas as pd

    known = [labels] if only == "y" else None
    if only == "y" and labels is None:
        return {}
    if path.suffix.lower() == ".csv":
        columns = pd.read_csv(path, nrows=0).columns
    else:
        import pyarrow.parquet

        columns = pyarrow.parquet.read_schema(path).names
    if labels not in columns and not needed:
        labels = None
    if labels is not None and labels not in columns:
        raise DatasetError(
            f"{path}: no column of that name for the labels. Expected one of "
            f"{', '.join(map(str, columns))}. Received: {labels}"
        )
    if path.suffix.lower() == ".csv":
        table = pd.read_csv(path, usecols=known)
    else:
        table = pd.read_parquet(path, columns=known)
    found = {} if labels is None else {"y_train": table.pop(labels).to_numpy()}
    if only == "y":
        return found
    words = [str(name) for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    if words:
        raise DatasetError(
            f"{path}: columns that hold no numbers: {', '.join(words)}. Name the one with the "
            "classes as labels in the configuration; encode or drop the others"
        )
    empty = [str(name) for name in table if table[name].isna().any()]
    if empty:
        raise DatasetError(
            f"{path}: columns with missing values: {', '.join(empty)}. Fill them in, or drop them"
        )
    return {**found, "x_train": table.to_numpy(np.float32)}


def subfolders(path):
    """Folders in a folder, in the order of their names; hidden ones do not count."""
    return sorted(part for part in path.iterdir() if part.is_dir() and part.name[0] != ".")


def pictures(folder):
    """Files with images in a folder, in the order of their names."""
    return [file for file in sorted(folder.iterdir()) if file.suffix.lower() in PICTURES]


def read_folder(path):
    """Read the images of a folder: grey if all are grey, else colour."""
    from PIL import Image, UnidentifiedImageError

    folders = subfolders(path)
    files = [(file, folder.name) for folder in folders or [path] for file in pictures(folder)]
    if not files:
        raise DatasetError(f"{path}: no images in it. Expected files with {', '.join(PICTURES)}")
    images, grey = [], True
    for file, _ in files:
        try:
            with Image.open(file) as image:
                grey &= image.mode in ("1", "L")
                images.append(image.convert("RGB"))
        except (UnidentifiedImageError, OSError) as error:
            raise DatasetError(f"{file} is no readable image: {error}") from error
        if images[-1].size != images[0].size:
            (width, height), (wide, high) = images[-1].size, images[0].size
            raise DatasetError(
                f"{path}: images of several sizes: {files[0][0].name} has {wide}×{high}, "
                f"{file.name} {width}×{height} pixels. Bring them to one size"
            )
    pixels = np.stack([np.asarray(image) for image in images])
    found = {"x_train": pixels[..., :1] if grey else pixels}
    return {**found, "y_train": np.array([name for _, name in files])} if folders else found


def samples(array, path):
    """Bring samples to images (n, H, W, C) or rows (n, d), uint8 images as they are."""
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
        array = array.astype(np.float32)
    broken = np.count_nonzero(~np.isfinite(array.reshape(len(array), -1)).all(axis=1))
    if broken:
        raise DatasetError(
            f"{path}: {broken} of {len(array)} samples hold values that are no finite numbers. "
            "Fill them in, or drop the samples"
        )
    return array
