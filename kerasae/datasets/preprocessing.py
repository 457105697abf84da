"""What the training set decided about values, to be applied to the test and to new samples."""

from dataclasses import asdict, dataclass, fields

import numpy as np

from kerasae.datasets.errors import DatasetError
from kerasae.datasets.formats import as_short, existing, guarded, read, samples
from kerasae.datasets.pictures import picture_files
from kerasae.datasets.tables import some


@dataclass(frozen=True)
class Preprocessing:
    """How samples become the inputs of a model: the same for training, test and new samples.

    Attributes
    ----------
    shape : tuple of int
        Of one input: (H, W, C) or (d,).
    likelihood : {"bernoulli", "gaussian"}
        What the models assume; Bernoulli needs values in [0, 1].
    scale : {"none", "minmax", "standard"}
        Values become ``(value - offset) * factor``; with ``minmax`` they are clipped to [0, 1].
    offset, factor : tuple of float, float or None
        For each column of a table, or for all values of images; None without a scale.
    columns : tuple of str
        Names of a table's input columns, in the order of the inputs; empty for arrays and images.
    labels : str or None
        The column of a table that holds the classes, and is no input.
    values : {"bytes", "floats"}
        Bytes are uint8 images, which the models divide by 255; floats are taken as they are.
    numbers : {"whole", "unit", "any"}
        What the training values were: whole numbers beyond 1, within [0, 1], or others.
    colours : {"", "L", "RGB", "I", "F"}
        What the images of a folder were, see `kerasae.datasets.pictures.read_folder`.
    pad : int
        Zero pixels at each side of the inputs, which samples may have or lack.
    """

    shape: tuple
    likelihood: str = "bernoulli"
    scale: str = "none"
    offset: tuple | float | None = None
    factor: tuple | float | None = None
    columns: tuple = ()
    labels: str | None = None
    values: str = "floats"
    numbers: str = "any"
    colours: str = ""
    pad: int = 0

    @classmethod
    def fit(cls, train, likelihood="bernoulli", scale="none", **how):
        """Decide by the training samples.

        Parameters
        ----------
        train : array of shape (n, H, W, C) or (n, d)
            As `kerasae.datasets.formats.samples` gives them: uint8 images, or floats.
        likelihood, scale
            As the attributes.
        **how
            Further attributes: ``columns``, ``labels``, ``colours``.
        """
        offset, factor = fitted(train, scale)
        train = as_short(train)
        highest = train.max()
        is_bytes = train.dtype == np.uint8 and scale == "none" and highest != 1
        if how.get("columns"):
            numbers = "any"
        elif highest > 1 and is_whole(train):
            numbers = "whole"
        else:
            is_unit = train.ndim > 2 and train.min() >= 0 and 0 < highest <= 1
            numbers = "unit" if is_unit else "any"
        return cls(
            shape=tuple(train.shape[1:]),
            likelihood=likelihood,
            scale=scale,
            offset=offset,
            factor=factor,
            values="bytes" if is_bytes else "floats",
            numbers=numbers,
            **how,
        )

    @property
    def clip(self):
        """Whether scaled values are clipped to [0, 1]."""
        return self.scale == "minmax"

    def apply(self, array, path="samples"):
        """Bring samples to the form that the model takes.

        Parameters
        ----------
        array : array of shape (n, H, W), (n, H, W, C) or (n, d)
            Samples as the training samples were before scaling; images with or without the
            zero pixels of ``pad``.
        path : path-like, optional
            Where they are from, for the messages.

        Returns
        -------
        numpy.ndarray of shape (n, *shape)
            uint8 where ``values`` are bytes, else float32.

        Raises
        ------
        DatasetError
            If shape, type or range differ from those of the training samples.
        """
        given = np.asarray(array)
        array = samples(given, path)
        if self.pad and array.ndim == 4:
            height, width, depth = self.shape
            if array.shape[1:] == (height - 2 * self.pad, width - 2 * self.pad, depth):
                array = np.pad(array, ((0, 0), *[(self.pad, self.pad)] * 2, (0, 0)))
        if array.shape[1:] != self.shape:
            raise DatasetError(
                f"{path}: samples of another shape than those to train on. "
                f"Expected: {self.shape}. Received: {array.shape[1:]}"
            )
        if self.values == "bytes":
            return as_bytes(as_short(array), given.dtype, path)
        self.check_numbers(as_short(array), path)
        return self.scaled(array, path)

    def check_numbers(self, array, path):
        """Refuse values that are scaled in another way than those of the training were."""
        low, high = array.min(), array.max()
        if self.numbers == "whole" and low >= 0 and high <= 1 and not is_whole(array):
            raise DatasetError(
                f"{path}: values on another scale than those to train on, which are whole numbers "
                f"beyond 1. Undo the scaling. Received: {low:g} to {high:g}"
            )
        if self.numbers == "unit" and high > 1 and is_whole(array):
            raise DatasetError(
                f"{path}: values on another scale than those to train on, which are in [0, 1]. "
                f"Divide them, bytes by 255. Received: whole numbers from {low:g} to {high:g}"
            )

    def scaled(self, array, path):
        """Scale samples to float32, and check that the likelihood has a place for them."""
        if self.scale == "none":
            array = array.astype(np.float32, copy=False)
        else:
            with np.errstate(over="ignore"):
                array = (array.astype(np.float64) - self.offset) * self.factor
                if self.clip:
                    array = np.clip(array, 0, 1)
                array = array.astype(np.float32)
            if not np.isfinite(array).all():
                raise DatasetError(
                    f"{path}: values too large to be scaled. Expected finite numbers of 32 bits "
                    f"after scale: {self.scale}. Received: infinite ones"
                )
        if self.likelihood == "bernoulli" and (array.min() < 0 or array.max() > 1):
            raise DatasetError(
                f"{path}: the Bernoulli likelihood needs values in [0, 1]. Received: "
                f"{array.min():g} to {array.max():g}. Set scale: minmax, or likelihood: gaussian"
            )
        return array

    def load(self, path):
        """Read samples from a file or folder, and apply this.

        Parameters
        ----------
        path : path-like
            Of any format that `kerasae.datasets.load_own` reads. The columns of a table are
            found by their names, in any order; the labels' column may be there or not. The
            classes of a folder do not matter.

        Returns
        -------
        numpy.ndarray of shape (n, *shape)
            See `apply`.

        Raises
        ------
        DatasetError
            If it cannot be read, or differs from the training samples; says in what.
        """
        raw = read(path, self.labels, needed=False, colours=self.wanted_colours())
        if "x_test" in raw.arrays:
            raise DatasetError(
                f"{path}: both x_train and x_test. Expected one array of samples: save those "
                "wanted as an .npy file"
            )
        array = raw.arrays["x_train"]
        if raw.columns and self.columns:
            array = array[:, self.places(raw.columns, path)]
        return self.apply(array, path)

    def wanted_colours(self):
        """Give what the images of a folder are brought to; None where arrays were trained on."""
        if not self.colours and self.values == "bytes":
            return {1: "L", 3: "RGB"}.get(self.shape[-1])
        return self.colours or None

    def places(self, columns, path):
        """Find where the input columns are among those of a table."""
        missing = [name for name in self.columns if name not in set(columns)]
        if missing:
            raise DatasetError(f"{path}: columns that the model needs are missing: {some(missing)}")
        extra = [name for name in columns if name not in set(self.columns)]
        if extra:
            but = f", and {self.labels} for the labels" if self.labels else ""
            raise DatasetError(
                f"{path}: columns that the model does not know: {some(extra)}. Drop them. "
                f"Expected: {some(self.columns)}{but}"
            )
        place = {name: number for number, name in enumerate(columns)}
        return [place[name] for name in self.columns]

    def names(self, path):
        """Name the samples of a file or folder, in the order in which `load` gives them.

        Returns
        -------
        list of str or of int
            The images of a folder by their paths in it; else the numbers of the rows, from 0.
        """
        path = existing(path)
        if path.is_dir():
            files, _ = guarded(picture_files, path)
            return [file.relative_to(path).as_posix() for file in files]
        return list(range(len(read(path, self.labels, needed=False).arrays["x_train"])))

    def to_config(self):
        """Give the attributes as a dictionary of JSON types."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_config(cls, config):
        """Make it from what `to_config` gave."""
        known = {part.name for part in fields(cls)}
        if not set(config) <= known:
            raise DatasetError(
                f"preprocessing: unknown keys. Expected some of {some(sorted(known))}. "
                f"Received: {some(sorted(set(config) - known))}"
            )
        found = cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in config.items()})
        for name, good in found.rules().items():
            if not good:
                raise DatasetError(
                    f"preprocessing: {name} is none that a training leaves. "
                    f"Received: {str(getattr(found, name))[:80]!r}"
                )
        return found

    def rules(self):
        """Tell of each attribute whether it is one that `fit` gives: a file can hold anything."""
        sizes = isinstance(self.shape, tuple) and len(self.shape) in (1, 3)
        shape = sizes and all(is_count(size) and size for size in self.shape)
        amount = self.shape[0] if shape and len(self.shape) == 1 else None
        names = isinstance(self.columns, tuple) and all(isinstance(n, str) for n in self.columns)
        few = not self.columns or (names and len(set(self.columns)) == amount == len(self.columns))
        return {
            "shape": shape,
            "likelihood": self.likelihood in ("bernoulli", "gaussian"),
            "scale": self.scale in ("none", "minmax", "standard"),
            "offset": self.scale == "none" or is_scale(self.offset, amount),
            "factor": self.scale == "none" or is_scale(self.factor, amount),
            "columns": names and few,
            "labels": self.labels is None or isinstance(self.labels, str),
            "values": self.values in ("bytes", "floats"),
            "numbers": self.numbers in ("whole", "unit", "any"),
            "colours": self.colours in ("", "L", "RGB", "I", "F"),
            "pad": is_count(self.pad),
        }


def is_count(value):
    """Whether a value is a whole number from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_scale(value, amount):
    """Whether a value is a finite number, or for rows as many as a row has columns."""
    several = isinstance(value, tuple)
    parts = value if several else (value,)
    numbers = all(isinstance(part, int | float) and np.isfinite(part) for part in parts)
    return numbers and (len(parts) == amount if several else amount is None)


def is_whole(array):
    """Whether all values are whole numbers."""
    return array.dtype.kind in "bui" or bool((array == np.round(array)).all())


def fitted(train, scale):
    """Find offset and factor of a scale, for each column or for images as a whole."""
    if scale == "none":
        return None, None
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    columns = train.shape[1] if train.ndim == 2 else 1
    scaler = {"minmax": MinMaxScaler, "standard": StandardScaler}[scale]()
    scaler.fit(train.reshape(-1, columns).astype(np.float64))
    if scale == "minmax":
        offset, factor = scaler.data_min_, scaler.scale_
    else:
        offset, factor = scaler.mean_, 1 / scaler.scale_
    offset, factor = offset.tolist(), factor.tolist()
    return (tuple(offset), tuple(factor)) if train.ndim == 2 else (offset[0], factor[0])


def as_bytes(array, dtype, path):
    """Bring images to bytes where this changes no value, or where they are bytes over 255.

    Parameters
    ----------
    array : array of shape (n, H, W, C)
        uint8 or float32.
    dtype : numpy.dtype
        Of the images as they came.
    path : path-like
        For the messages.
    """
    if array.dtype == np.uint8:
        return array
    low, high = array.min(), array.max()
    whole = is_whole(array) and low >= 0
    if whole and (1 < high <= 255 or high == 0 or (high == 1 and dtype.kind in "iu")):
        return array.astype(np.uint8)
    scaled = array * 255
    if not whole and low >= 0 and high <= 1 and np.allclose(scaled, np.round(scaled), 0, 1e-3):
        return np.round(scaled).astype(np.uint8)
    raise DatasetError(
        f"{path}: images of another kind than those to train on, which are bytes. Expected whole "
        "numbers from 0 to 255, or multiples of 1/255 that are not all 0 or 1. Bring them to "
        f"uint8. Received: {dtype} from {low:g} to {high:g}"
    )
