"""Rows with known anomalies: each seed has a training set and a test set of its own."""

import json
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike

from kerasae.datasets.dataset import Dataset
from kerasae.datasets.errors import DatasetError, join_names
from kerasae.datasets.files import Raw, counting_of, read, read_labels
from kerasae.datasets.labels import distinct
from kerasae.datasets.preprocessing import Preprocessing
from kerasae.seeds import derive
from kerasae.types import Likelihood, Scale, Setting, StrPath

SETTINGS: tuple[Setting, ...] = get_args(Setting)
"""Half of the normal rows to train on (novelty detection), or all rows (outlier detection)."""
_ARRAYS = ("samples", "anomalous", "names")
"""Attributes of `LabelledRows` that are arrays."""


@dataclass(frozen=True)
class LabelledRows:
    """Samples of which some are known to be anomalies.

    Attributes
    ----------
    samples : array of shape (n, ...)
        Unscaled.
    anomalous : array of bool of shape (n,)
        True for anomalies.
    setting : {"semi_supervised", "unsupervised"}
        ``semi_supervised``: half of the normal samples are the training set, the others and all
        anomalies the test set. ``unsupervised``: n draws with replacement from all samples are the
        training set, all samples the test set.
    order : {"random", "file"}
        Whether the half is that of a random order, or the first one in the order of the file.
    rows : int or None
        Number of samples to draw from larger data, with the same share of anomalies.
    scale, likelihood : str
        See `kerasae.datasets.load_own`. Scaling is fitted to the training set, or to all samples
        where the setting is ``unsupervised``.
    form : dict
        ``columns``, ``labels`` and ``colours`` of `kerasae.datasets.Preprocessing`.
    names : array of shape (n,) or None
        Names of the samples: row numbers or file names. None: their positions, from 0.
    counting : str
        A sentence that says how the names count.
    """

    samples: np.ndarray
    anomalous: np.ndarray
    setting: Setting = "semi_supervised"
    order: Literal["random", "file"] = "random"
    rows: int | None = None
    scale: Scale = "standard"
    likelihood: Likelihood = "gaussian"
    form: dict[str, Any] = field(default_factory=dict)
    names: np.ndarray | None = None
    counting: str = counting_of(None)

    def for_seed(self, seed: int) -> Dataset:
        """Draw the training and the test set of a seed.

        Parameters
        ----------
        seed : int
            Root seed of the run.

        Returns
        -------
        kerasae.datasets.Dataset
            Without labels; the anomalies are given.
        """
        rng = np.random.default_rng(derive(seed, "rows"))
        normal, anomalies = (np.flatnonzero(self.anomalous == kind) for kind in (False, True))
        counts = _kept(len(normal), len(anomalies), self.rows)
        normal, anomalies = (
            np.sort(rng.choice(rows, count, replace=False)) if count < len(rows) else rows
            for rows, count in zip((normal, anomalies), counts, strict=True)
        )
        everything = np.concatenate([normal, anomalies])
        if self.setting == "unsupervised":
            train, fitted = rng.choice(everything, len(everything)), everything
        else:
            order = rng.permutation(normal) if self.order == "random" else normal
            train, normal = np.split(order, [len(order) // 2])
            fitted = train
        preprocessing = Preprocessing.fit(
            self.samples[fitted], self.likelihood, self.scale, **self.form
        )
        x_train, x_test = (preprocessing.apply(self.samples[rows]) for rows in (train, normal))
        odd = preprocessing.apply(self.samples[anomalies], "anomalies", beyond="refuse")
        y_train, y_test = (np.zeros(len(samples), int) for samples in (x_train, x_test))
        tested = np.concatenate([normal, anomalies])
        names = tested if self.names is None else self.names[tested]
        return Dataset(
            *(x_train, y_train, x_test, y_test, (), odd, preprocessing, names, self.counting)
        )

    def save(self, path: StrPath) -> None:
        """Write the samples to an ``.npz`` file; `open` reads it."""
        config = {key: value for key, value in vars(self).items() if key not in _ARRAYS}
        arrays = {key: getattr(self, key) for key in _ARRAYS if getattr(self, key) is not None}
        np.savez(path, **arrays, config=np.array(json.dumps(config)))

    @classmethod
    def open(cls, path: StrPath) -> Self:
        """Read samples written by `save`."""
        with np.load(path, allow_pickle=False) as file:
            config = json.loads(file["config"].item())
            arrays = {key: file[key] for key in _ARRAYS if key in file}
        config["form"]["columns"] = tuple(config["form"]["columns"])
        return cls(**arrays, **config)


def _kept(normal: int, anomalies: int, rows: int | None) -> tuple[int, int]:
    """Return the numbers of normal samples and anomalies that are drawn from larger data.

    The share of the anomalies stays the same; at least one is drawn.
    """
    if rows is None or normal + anomalies <= rows:
        return normal, anomalies
    drawn = max(1, round(rows * anomalies / (normal + anomalies)))
    return rows - drawn, drawn


def sizes_of(anomalous: np.ndarray, setting: Setting, rows: int | None) -> tuple[int, int]:
    """Return the numbers of training and test samples of each seed; see `LabelledRows`."""
    count = int(np.count_nonzero(anomalous))
    normal, anomalies = _kept(len(anomalous) - count, count, rows)
    if setting == "unsupervised":
        return normal + anomalies, normal + anomalies
    return normal // 2, normal - normal // 2 + anomalies


def load_labelled_rows(path: StrPath, labels: str | None = None, **options: Any) -> LabelledRows:
    """Read samples whose labels are 0 for normal samples and 1 for anomalies.

    ``path`` and ``labels`` are those of `kerasae.datasets.load_own`, and ``options`` the attributes
    of `LabelledRows` from ``setting`` to ``likelihood``.
    """
    return labelled(read(path, labels), **options)


def labelled(raw: Raw, **options: Any) -> LabelledRows:
    """Check what was read; ``options`` are those of `load_labelled_rows`."""
    raw.check_one_set()
    samples, anomalous = raw.samples(), _anomalous(raw.path, raw.arrays.get("y_train"))
    raw.check_labels(anomalous)
    options |= {"form": raw.form(), "names": raw.names, "counting": counting_of(raw.names)}
    return LabelledRows(samples, anomalous, **options)


def read_anomalous(path: StrPath, labels: str | None = None) -> np.ndarray:
    """Read only which samples are anomalies, an array of bool of shape (n,)."""
    return _anomalous(path, read_labels(path, labels)[0])


def _anomalous(path: StrPath, labels: ArrayLike | None) -> np.ndarray:
    """Turn labels of 0 and 1, or false and true, into whether a sample is an anomaly."""
    if labels is None:
        raise DatasetError(
            f"{path}: expected labels that are 1 for anomalies and 0 for normal samples: y of an "
            ".npz file, or a column of a table named as labels. Received: no labels"
        )
    names, inverse = distinct(labels, path)
    kinds = [{"0": False, "false": False, "1": True, "true": True}.get(n.lower()) for n in names]
    if None in kinds or True not in kinds:
        raise DatasetError(
            f"{path}: expected labels that are 1 for anomalies and 0 for normal samples, both at "
            f"least once. Received: {join_names(sorted(names), 5)}"
        )
    anomalous = np.array(kinds, bool)[inverse]
    if np.count_nonzero(~anomalous) < 6:
        raise DatasetError(
            f"{path}: expected at least 6 normal samples. Received: {np.count_nonzero(~anomalous)}"
        )
    return anomalous
