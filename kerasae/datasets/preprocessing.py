"""Preprocessing, fitted to the training set and applied to test and new samples."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from kerasae.datasets.errors import DatasetError, join_names
from kerasae.datasets.files import read
from kerasae.datasets.values import (
    HALF_A_GREY_LEVEL,
    as_float32,
    checked_samples,
    column_name,
    differ,
    unresolved_column,
)
from kerasae.types import Beyond, Likelihood, Scale, StrPath

Scaling: TypeAlias = tuple[float, ...] | float | None

LARGEST = 1e15
"""Largest absolute value of a model input: sums of squares of such are float32 numbers."""
NO_DATA, FLATTENING = 1e20, 1e10
"""Values from the first on, which no integer of 64 bits reaches, stand for missing ones if others
in the column are smaller by the second, such as -3.4e38 in rasters: scaled with them, the others
would all be equal."""


@dataclass(frozen=True)
class Preprocessing:
    """Conversion of samples to model inputs, the same for training, test and new samples.

    Attributes
    ----------
    shape : tuple of int
        Shape of one input, (H, W, C) or (d,).
    likelihood : {"bernoulli", "gaussian"}
        Likelihood of the models; Bernoulli needs values in [0, 1].
    scale : {"none", "minmax", "standard"}
        Values become ``(value - offset) * factor``; with ``minmax`` and the Bernoulli likelihood
        they are clipped to [0, 1].
    offset, factor : tuple of float, float or None
        Per column for tables, one number for images; None without scaling.
    columns : tuple of str
        Input columns of a table, in the order of the inputs; empty for arrays and images.
    labels : str or None
        Column of a table with the classes, not an input.
    values : {"bytes", "floats"}
        Bytes are uint8 images, which the models divide by 255; floats are used unchanged.
    colours : {"", "L", "RGB", "I", "F"}
        Kind of the images in a folder, see `kerasae.datasets.images.read_folder`.
    pad : int
        Zero pixels on each side of the inputs; new samples may come with or without them.
    """

    shape: tuple[int, ...]
    likelihood: Likelihood = "bernoulli"
    scale: Scale = "none"
    offset: Scaling = None
    factor: Scaling = None
    columns: tuple[str, ...] = ()
    labels: str | None = None
    values: Literal["bytes", "floats"] = "floats"
    colours: str = ""
    pad: int = 0

    @classmethod
    def fit(
        cls,
        train: np.ndarray,
        likelihood: Likelihood = "bernoulli",
        scale: Scale = "none",
        path: StrPath = "training samples",
        **form: Any,
    ) -> Self:
        """Fit the preprocessing to training samples.

        Parameters
        ----------
        train : array of shape (n, H, W, C) or (n, d)
            Output of `kerasae.datasets.values.checked_samples`: uint8 images, or floats.
        likelihood, scale
            See the attributes.
        path : path-like, optional
            Origin of the samples, for messages.
        **form
            The attributes ``columns``, ``labels`` and ``colours``.

        Raises
        ------
        DatasetError
            If a column has values that stand for missing ones, or needs a scale to be float32.
        """
        _check_training(train, scale, form.get("columns"), path)
        offset, factor = _fit_scale(train, scale)
        train = as_float32(train)
        highest = train.max()
        is_bytes = train.dtype == np.uint8 and scale == "none" and highest != 1
        return cls(
            shape=tuple(train.shape[1:]),
            likelihood=likelihood,
            scale=scale,
            offset=offset,
            factor=factor,
            values="bytes" if is_bytes else "floats",
            **form,
        )

    @property
    def clip(self) -> bool:
        """Whether scaled values are clipped to [0, 1]."""
        return self.scale == "minmax" and self.likelihood == "bernoulli"

    def apply(
        self, array: ArrayLike, path: StrPath = "samples", beyond: Beyond = "clip"
    ) -> np.ndarray:
        """Convert samples to model inputs.

        Parameters
        ----------
        array : array of shape (n, H, W), (n, H, W, C) or (n, d)
            Unscaled samples; images with or without the zero pixels of ``pad``.
        path : path-like, optional
            Origin of the samples, for messages.
        beyond : {"clip", "warn", "refuse"}, optional
            What to do with values that are clipped to the range of the training samples. It may be
            these that make a sample anomalous.

        Returns
        -------
        numpy.ndarray of shape (n, *shape)
            uint8 if ``values`` is "bytes", else float32.

        Raises
        ------
        DatasetError
            If shape, type or range differ from those of the training samples.
        """
        dtype = np.asarray(array).dtype
        array = checked_samples(array, path, self.columns)
        if self.pad and array.ndim == 4:
            height, width, depth = self.shape
            if array.shape[1:] == (height - 2 * self.pad, width - 2 * self.pad, depth):
                array = np.pad(array, ((0, 0), *[(self.pad, self.pad)] * 2, (0, 0)))
        if array.shape[1:] != self.shape:
            raise DatasetError(
                f"{path}: samples of another shape than the training samples. "
                f"Expected: {self.shape}. Received: {array.shape[1:]}"
            )
        if self.values == "bytes":
            return _as_uint8(as_float32(array), dtype, path)
        return self._scaled(array, path, beyond)

    def _scaled(self, array: np.ndarray, path: StrPath, beyond: Beyond) -> np.ndarray:
        """Scale samples to float32, and check that the values fit the likelihood."""
        unscaled = array
        if self.scale != "none":
            offset, factor = np.asarray(self.offset, float), np.asarray(self.factor, float)
            with np.errstate(over="ignore"):
                array = (array.astype(np.float64) - offset) * factor
        if max(-float(array.min()), array.max()) > LARGEST:
            place = np.unravel_index(np.abs(array).argmax(), array.shape)
            where = _in_column(int(place[1]), self.shape, self.columns)
            hint = " Set scale: standard." if self.scale == "none" else ""
            raise DatasetError(
                f"{path}: values too large to be scaled. Expected numbers of at most {LARGEST:g} "
                f"after scale: {self.scale}.{hint} Fill in values that stand for missing ones, or "
                f"drop their rows. Received: {unscaled[place]:g}{where}"
            )
        if self.clip:
            if beyond != "clip":
                self._report_beyond(array, path, beyond)
            array = np.clip(array, 0, 1)
        array = array.astype(np.float32, copy=False)
        if self.likelihood == "bernoulli" and (array.min() < 0 or array.max() > 1):
            raise DatasetError(
                f"{path}: the Bernoulli likelihood needs values in [0, 1]. Set scale: minmax, or "
                f"likelihood: gaussian. Received: {array.min():g} to {array.max():g}"
            )
        return array

    def _report_beyond(self, array: np.ndarray, path: StrPath, beyond: Beyond) -> None:
        """Warn of scaled samples with values outside of [0, 1], or refuse them."""
        # Beyond half a grey level, as the scaling rounds
        outside = (array < -HALF_A_GREY_LEVEL) | (array > 1 + HALF_A_GREY_LEVEL)
        count = outside.reshape(len(array), -1).any(axis=1).sum()
        if not count:
            return
        fault = (
            f"{path}: {count} of {len(array)} samples have values outside of the range of the "
            "training samples, which may be what makes them anomalous"
        )
        if beyond == "refuse":
            raise DatasetError(
                f"{fault}. Set likelihood: gaussian, which keeps them: with the Bernoulli "
                "likelihood scale: minmax clips them"
            )
        warnings.warn(f"{fault}. They are clipped", stacklevel=2)

    def load(self, path: StrPath, beyond: Beyond = "warn") -> np.ndarray:
        """Read and preprocess the samples of a file or folder.

        Parameters
        ----------
        path : path-like
            Any format of `kerasae.datasets.load_own`. Table columns are matched by name, in any
            order; the column of labels is optional. The classes of a folder are ignored.
        beyond : {"clip", "warn", "refuse"}, optional
            See `apply`.

        Returns
        -------
        numpy.ndarray of shape (n, *shape)
            See `apply`.

        Raises
        ------
        DatasetError
            If the file cannot be read, or the samples do not match the training samples.
        """
        return self.load_named(path, beyond)[0]

    def load_named(
        self, path: StrPath, beyond: Beyond = "warn"
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Read and preprocess as `load`, and return the names of the samples, too.

        The names are row numbers of a CSV file, or paths of images; None for other files.
        """
        of_bytes = {1: "L", 3: "RGB"}.get(self.shape[-1]) if self.values == "bytes" else None
        raw = read(path, self.labels, needed=False, colours=self.colours or of_bytes)
        raw.check_one_set()
        array = raw.arrays["x_train"]
        if raw.columns and self.columns:
            array = array[:, self._column_indices(raw.columns, path)]
        return self.apply(array, path, beyond), raw.names

    def _column_indices(self, columns: Sequence[str], path: StrPath) -> list[int]:
        """Find the indices of the input columns among the columns of a table."""
        indices = {name: index for index, name in enumerate(columns)}
        missing = [name for name in self.columns if name not in indices]
        if missing:
            raise DatasetError(
                f"{path}: columns that the model needs are missing. "
                f"Expected: {join_names(missing)}. Received: {join_names(columns)}"
            )
        inputs = set(self.columns)
        extra = [name for name in columns if name not in inputs]
        if extra:
            also = f", and {self.labels} for the labels" if self.labels else ""
            raise DatasetError(
                f"{path}: columns that the model does not know. Drop them. "
                f"Expected: {join_names(self.columns)}{also}. Received: {join_names(extra)}"
            )
        return [indices[name] for name in self.columns]

    def to_config(self) -> dict[str, Any]:
        """Return the attributes as a dictionary of JSON types."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Restore from the output of `to_config`; raise `DatasetError` if it is damaged."""
        try:
            attributes: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value
                for key, value in config.items()
                if key != "numbers"  # which earlier versions stored
            }
            restored = cls(**attributes)
            is_sound = restored._is_sound()
        except (AttributeError, TypeError, ValueError):
            is_sound = False
        if not is_sound:
            raise DatasetError(
                "The preprocessing in the model's file is damaged. Train the model again. "
                f"Received: {str(config)[:200]}"
            )
        return restored

    def _is_sound(self) -> bool:
        """Tell whether `fit` can produce the attributes."""
        scaling = np.array([self.offset, self.factor], float)
        n_scales = self.shape[0] if len(self.shape) == 1 else 1
        return (
            self.likelihood in get_args(Likelihood)
            and self.scale in get_args(Scale)
            and (self.scale == "none" or bool(np.isfinite(scaling).all()))
            and (self.scale == "none" or scaling.size == 2 * n_scales)
            and self.values in ("bytes", "floats")
            and all(isinstance(number, int) for number in (*self.shape, self.pad))
            and isinstance(self.columns, tuple)
            and (not self.columns or len(set(self.columns)) == self.shape[0])
        )


def _in_column(at: int, shape: tuple[int, ...], columns: Sequence[str] | None) -> str:
    """Name a column of rows of a shape, for messages; empty for images."""
    return "" if len(shape) > 1 else f" in {column_name(at, columns)}"


def as_rows(samples: np.ndarray) -> np.ndarray:
    """Bring samples to rows whose columns are scaled together: values of images are one column."""
    return samples if samples.ndim == 2 else samples.reshape(-1, 1)


def _check_training(
    train: np.ndarray, scale: Scale, columns: Sequence[str] | None, path: StrPath
) -> None:
    """Raise `DatasetError` for values that would make others equal; see `Preprocessing.fit`."""
    if train.dtype == np.uint8:
        return
    rows = as_rows(train)
    low, high = rows.min(axis=0), rows.max(axis=0)
    for column in map(int, np.flatnonzero(np.maximum(-low, high) >= NO_DATA)):
        sizes = np.abs(rows[:, column])
        small = sizes[sizes < sizes.max() / FLATTENING]
        if small.any() or (small.size and (sizes[sizes > 0] == sizes.max()).all()):
            value = max(low[column], high[column], key=abs)
            where = _in_column(column, train.shape[1:], columns)
            raise DatasetError(
                f"{path}: what looks like a no-data value, far larger than the others. Fill it in, "
                f"or drop its row. Received: {value:g}{where}"
            )
    at = unresolved_column(rows) if scale == "none" else None
    if at is not None:
        raise DatasetError(
            f"{path}: values that differ by less than float32 resolves. Set scale: standard, or "
            f"scale: minmax. Received: {low[at]:.10g} to {high[at]:.10g}"
            f"{_in_column(at, train.shape[1:], columns)}"
        )


def _fit_scale(train: np.ndarray, scale: Scale) -> tuple[Scaling, Scaling]:
    """Fit offset and factor of a scale, per column of a table or over all values of images."""
    if scale == "none":
        return None, None
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    rows = as_rows(train).astype(np.float64)
    low, high = rows.min(axis=0), rows.max(axis=0)
    scaler = {"minmax": MinMaxScaler, "standard": StandardScaler}[scale]().fit(rows)
    if scale == "minmax":
        offset, factor, spread = scaler.data_min_, scaler.scale_, scaler.data_range_
    else:
        offset, factor, spread = scaler.mean_, 1 / scaler.scale_, np.sqrt(scaler.var_)
    offset = np.where(low == high, low, offset)
    # scikit-learn takes columns for constant that differ by more than their rounding
    for at in np.flatnonzero((factor == 1) & (spread != 1) & differ(low, high)):
        shares = (rows[:, at] - low[at]) / (high[at] - low[at])
        factor[at] = 1 / (high[at] - low[at])
        if scale == "standard":
            offset[at] = low[at] + shares.mean() * (high[at] - low[at])
            factor[at] /= shares.std()
    offset, factor = offset.tolist(), factor.tolist()
    return (tuple(offset), tuple(factor)) if train.ndim == 2 else (offset[0], factor[0])


def _as_uint8(array: np.ndarray, dtype: np.dtype, path: StrPath) -> np.ndarray:
    """Convert images to uint8 without loss: integers in [0, 255], or multiples of 1/255.

    ``array`` (n, H, W, C) is uint8 or float32, ``dtype`` the original type of the images.
    """
    if array.dtype == np.uint8:
        return array
    low, high = array.min(), array.max()
    whole = low >= 0 and bool((array == np.round(array)).all())
    if whole and (1 < high <= 255 or high == 0 or (high == 1 and dtype.kind in "iu")):
        return array.astype(np.uint8)
    scaled = array * 255
    if not whole and low >= 0 and high <= 1 and np.allclose(scaled, np.round(scaled), 0, 1e-3):
        return np.round(scaled).astype(np.uint8)
    raise DatasetError(
        f"{path}: the training images are bytes. Expected whole numbers from 0 to 255, or "
        "multiples of 1/255 that are not all 0 or 1: convert the images to uint8. "
        f"Received: {dtype} from {low:g} to {high:g}"
    )
