"""Values of samples: checks, bytes, which stand for 0 to 1, and floats; and arrays in batches."""

from collections.abc import Callable, Iterator, Sequence
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from kerasae.datasets.errors import DatasetError, join_names
from kerasae.types import StrPath, Tensor

HALF_A_GREY_LEVEL = 0.5 / 255
"""Half the distance of two neighbouring bytes in [0, 1]."""

MERGED = (
    "expected integers that float64 tells apart. Subtract an offset, or drop the column if it is "
    "an id. Received: integers beyond 2^53 that become equal in"
)


def is_positive_integer(value: object) -> bool:
    """Tell whether a value is a whole number from 1, of Python or of another library."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1


def are_channels_first(shape: Sequence[int]) -> bool:
    """Tell whether an image's shape is (C, H, W), as PyTorch has it, rather than (H, W, C).

    An image with more than four channels is hardly one to four pixels high, and wider than that.
    """
    return len(shape) == 3 and shape[0] <= 4 < shape[2] and shape[0] < shape[1]


def white(images: np.ndarray | Tensor) -> int:
    """Return the value of a white pixel in an array or tensor: 255 for integers, 1 for floats."""
    dtype = getattr(images.dtype, "as_numpy_dtype", images.dtype)
    return 255 if np.issubdtype(dtype, np.integer) else 1


def as_floats(images: np.ndarray) -> np.ndarray:
    """Bring images to float32: whole numbers are divided by 255, floats are kept."""
    return images.astype(np.float32) / 255 if white(images) == 255 else images


def refuse_masked(values: object, path: StrPath) -> None:
    """Raise `DatasetError` for a masked array with masked values."""
    if np.ma.is_masked(values):
        raise DatasetError(
            f"{path}: expected a value everywhere. Fill in the masked values: filled(...). "
            f"Received: {np.ma.count_masked(values)} masked values"
        )


def check_channels_last(shape: Sequence[int], path: StrPath) -> None:
    """Raise `DatasetError` for the shape (n, C, H, W) of images as PyTorch has them."""
    if are_channels_first(shape[1:]):
        raise DatasetError(
            f"{path}: the channels come first. Expected images (n, H, W, C), the channels last: "
            f"x = np.moveaxis(x, 1, -1). Received: shape {tuple(shape)}"
        )


def checked_samples(array: ArrayLike, path: StrPath, columns: Sequence[str] = ()) -> np.ndarray:
    """Check samples and bring them to the shape of images (n, H, W, C) or rows (n, d).

    uint8 images keep their dtype. Others become float32, or float64 where scaling needs the
    precision: for values that are large compared to their differences, such as times.
    """
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
            raise DatasetError(f"{path}: {MERGED} {column_name(merged)}")
    if array.ndim == 3:
        array = array[..., np.newaxis]
    if array.dtype == np.uint8 and array.ndim == 4:
        return array
    array = array.astype(np.result_type(array, np.float32), copy=False)
    array = array.astype(np.float64, copy=False) if array.itemsize > 8 else array
    broken = ~np.isfinite(as_float32(array).reshape(len(array), -1))
    if broken.any():
        if array.ndim == 2:
            faults = join_names(
                f"{array[broken[:, at], at][0]:g} in {column_name(at, columns)} "
                f"({np.count_nonzero(broken[:, at])} of {len(array)} rows)"
                for at in map(int, np.flatnonzero(broken.any(axis=0)))
            )
        else:
            faults = f"others in {np.count_nonzero(broken.any(axis=1))} of {len(array)} images"
        raise DatasetError(
            f"{path}: expected finite numbers. Fill in these values, which may stand for missing "
            f"ones, or drop their samples or columns. Received: {faults}"
        )
    return array


def column_name(at: int, columns: Sequence[str] | None = None) -> str:
    """Return the name of the column at a position, for messages."""
    return columns[at] if columns else f"column {at}, counted from 0"


def as_float32(array: np.ndarray) -> np.ndarray:
    """Convert an array to float32; uint8 is returned unchanged."""
    with np.errstate(over="ignore"):
        return array if array.dtype == np.uint8 else array.astype(np.float32, copy=False)


def differ(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Tell whether numbers differ by more than the rounding of float64."""
    rounding = 8 * np.spacing(np.maximum(np.abs(low), np.abs(high)))
    return high - low > np.maximum(rounding, np.finfo(np.float64).tiny)


def merged_column(integers: np.ndarray) -> int | None:
    """Find a column of integers (n, d) of which float64 keeps at most half of the values."""
    largest = np.maximum(-integers.min(axis=0).astype(float), integers.max(axis=0))
    for at in map(int, np.flatnonzero(largest > 2**53)):
        distinct = np.unique(integers[:, at])
        if 2 * len(np.unique(distinct.astype(float))) <= len(distinct):
            return at
    return None


def unresolved_column(rows: np.ndarray) -> int | None:
    """Find a column of rows (n, d) whose values differ, but by less than float32 resolves.

    This is the first column of which float32 rounds a value by more than a hundredth of the
    standard deviation, or half of the values by more than a hundredth of the interquartile range,
    which no outlier widens. A column that is constant up to the rounding of float64 is none.
    """
    if rows.dtype.kind != "f" or rows.itemsize <= 4:
        return None
    rounding = np.abs(rows - rows.astype(np.float32))
    lost = rounding.max(axis=0) > 0.01 * rows.std(axis=0)
    lost &= differ(rows.min(axis=0), rows.max(axis=0))
    lower, upper = np.quantile(rows, [0.25, 0.75], axis=0)
    lost |= differ(lower, upper) & (np.median(rounding, axis=0) > 0.01 * (upper - lower))
    return int(np.argmax(lost)) if lost.any() else None


def in_batches(array: np.ndarray, size: int = 5000) -> Iterator[np.ndarray]:
    """Cut an array (n, ...) into batches, of which the last may be smaller.

    By default a batch is as many images as fit into memory as float32.
    """
    for start in range(0, len(array), size):
        yield array[start : start + size]


def by_batches(
    function: Callable[[np.ndarray], ArrayLike], array: np.ndarray, size: int = 5000
) -> np.ndarray:
    """Apply a function to the batches of an array, and join what it returns along the rows."""
    return np.concatenate([np.asarray(function(batch)) for batch in in_batches(array, size)])
