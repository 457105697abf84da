"""The common form of a data set: training and test samples with labels."""

import json
from typing import Any, NamedTuple, Self

import numpy as np

from kerasae.datasets.errors import DatasetError
from kerasae.datasets.files import counting_of
from kerasae.datasets.labels import GIVEN, NO_CLASS, text_of, tokens
from kerasae.datasets.preprocessing import Preprocessing
from kerasae.types import StrPath


class Dataset(NamedTuple):
    """A training set and a test set of images (n, H, W, C) or table rows (n, d).

    Attributes
    ----------
    x_train, x_test : array
        uint8 or float32.
    y_train, y_test : array of shape (n,)
        Class indices from 0; all 0 without labels.
    classes : tuple of str
        Label of each class; empty without labels.
    anomalies : array or None
        Known anomalies for anomaly detection, if any were given.
    preprocessing : Preprocessing or None
        Preprocessing of the samples, to be applied to new ones.
    names : array or None
        Names of the test samples, followed by those of the known anomalies: row numbers or file
        names. None: their positions, from 0.
    counting : str
        A sentence that says how the names count.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    classes: tuple[str, ...] = ()
    anomalies: np.ndarray | None = None
    preprocessing: Preprocessing | None = None
    names: np.ndarray | None = None
    counting: str = counting_of(None, "test set")

    def __repr__(self) -> str:
        """Describe the data set in a line."""
        shape, kind = self.x_train.shape[1:], self.x_train.dtype
        parts = [f"{len(self.x_train)} + {len(self.x_test)} samples of {shape}, {kind}"]
        parts.append(f"{len(self.classes)} classes" if self.classes else "no labels")
        if self.anomalies is not None:
            parts.append(f"{len(self.anomalies)} known anomalies")
        return f"<Dataset: {', '.join(parts)}>"

    def save(self, path: StrPath) -> None:
        """Write the data set to an ``.npz`` file; `open` reads it."""
        arrays = {name: array for name, array in self._asdict().items() if array is not None}
        arrays["classes"] = np.array(self.classes, dtype=str)
        if self.preprocessing is not None:
            arrays["preprocessing"] = np.array(json.dumps(self.preprocessing.to_config()))
        np.savez(path, **arrays)

    @classmethod
    def open(cls, path: StrPath) -> Self:
        """Read a data set written by `save`."""
        with np.load(path, allow_pickle=False) as file:
            values: dict[str, Any] = {name: file[name] for name in cls._fields if name in file}
        values["classes"] = tuple(values["classes"].tolist())
        if "counting" in values:
            values["counting"] = values["counting"].item()
        if "preprocessing" in values:
            config = json.loads(values["preprocessing"].item())
            values["preprocessing"] = Preprocessing.from_config(config)
        return cls(**values)

    def first(self, train: int | None = None, test: int | None = None) -> Self:
        """Keep the first samples of the training set and of the test set; None for all."""
        names = self.names
        if names is not None:
            names = np.concatenate([names[: len(self.x_test)][:test], names[len(self.x_test) :]])
        return self._replace(
            names=names,
            x_train=self.x_train[:train],
            y_train=self.y_train[:train],
            x_test=self.x_test[:test],
            y_test=self.y_test[:test],
        )

    def for_seed(self, seed: int) -> Self:
        """Return the data set of a seed: itself; see `kerasae.datasets.LabelledRows.for_seed`."""
        return self

    def class_index(self, token: str) -> int | None:
        """Return the index of the class with a token, or None if no class has it."""
        indices = {name: index for index, name in enumerate(tokens(self.classes))}
        return indices.get(token)

    def class_label(self, token: str) -> str:
        """Return the label of the class with a token; `NO_CLASS` and `GIVEN` stay unchanged."""
        return text_of(token, self.classes)

    def name(self, number: int) -> str:
        """Name of the test sample, or known anomaly after them, at a position, with its class.

        The class is left out where there are none, and of images in files: folders are classes.
        """
        name = number if self.names is None else self.names[number]
        if isinstance(name, str) or not self.classes or number >= len(self.y_test):
            return str(name)
        return f"{name}, {self.classes[self.y_test[number]]}"

    def test(self, held_out: str) -> tuple[np.ndarray, np.ndarray]:
        """Test set of a run, with a mask of its anomalies.

        Parameters
        ----------
        held_out : str
            Token of the held-out class, `NO_CLASS` or `GIVEN`.

        Returns
        -------
        images : array of shape (N, ...)
            Test samples; for `GIVEN` followed by the known anomalies.
        anomalous : array of bool of shape (N,)
            True for samples of the held-out class and for known anomalies.

        Raises
        ------
        DatasetError
            If a class was held out and the test set has either no sample of it or no other, or
            there are no known anomalies for `GIVEN`.
        """
        if held_out == GIVEN:
            if self.anomalies is None:
                raise DatasetError(
                    "Expected known anomalies, which `load_own` reads with anomalies=path. "
                    "Received: a data set without"
                )
            counts = len(self.x_test), len(self.anomalies)
            images = np.concatenate([self.x_test, self.anomalies])
            return images, np.repeat([False, True], counts)
        anomalous = self.y_test == self.class_index(held_out)
        if held_out != NO_CLASS and anomalous.all() == anomalous.any():
            raise DatasetError(
                f"Expected test samples of the held-out class {self.class_label(held_out)}, and of "
                "others, to measure how well the class is found. "
                f"Received: {anomalous.sum()} of {len(anomalous)} samples are of it"
            )
        return self.x_test, anomalous

    def with_anomalies(self) -> Self:
        """Append the known anomalies to the test set, with the classes normal and anomaly."""
        x_test, anomalous = self.test(GIVEN)
        return self._replace(
            x_test=x_test, y_test=anomalous.astype(int), classes=("normal", "anomaly"),
            anomalies=None,
        )  # fmt: skip
