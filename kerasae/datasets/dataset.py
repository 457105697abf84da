"""What a data set is: samples and labels for training and for the test."""

import json
from typing import NamedTuple

import numpy as np

from kerasae.datasets.errors import DatasetError
from kerasae.datasets.labels import GIVEN, NO_CLASS, text_of, tokens
from kerasae.datasets.preprocessing import Preprocessing


class Dataset(NamedTuple):
    """Images (n, H, W, C) or rows of a table (n, d), for training and for the test.

    Attributes
    ----------
    x_train, x_test : array
        uint8, or float32.
    y_train, y_test : array of shape (n,)
        Classes, numbered from 0; without labels all are 0.
    classes : tuple of str
        Their labels as text; empty without labels.
    anomalies : array or None
        Samples of what is to be found in anomaly detection, where they were given.
    preprocessing : Preprocessing or None
        How the samples became what they are, for new samples.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    classes: tuple = ()
    anomalies: np.ndarray | None = None
    preprocessing: Preprocessing | None = None

    def save(self, path):
        """Write the data set to an ``.npz`` file, which `Dataset.open` reads."""
        given = {name: array for name, array in self._asdict().items() if array is not None}
        given["classes"] = np.array(self.classes, dtype=str)
        if self.preprocessing is not None:
            given["preprocessing"] = np.array(json.dumps(self.preprocessing.to_config()))
        np.savez(path, **given)

    @classmethod
    def open(cls, path):
        """Read a data set that `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in cls._fields if name in file}
        found["classes"] = tuple(found["classes"].tolist())
        if "preprocessing" in found:
            config = json.loads(found["preprocessing"].item())
            found["preprocessing"] = Preprocessing.from_config(config)
        return cls(**found)

    def label(self, token):
        """Give the number of the class of that token; None if there is no such class."""
        known = tokens(self.classes)
        return known.index(token) if token in known else None

    def text(self, token):
        """Give the label of the class of that token; `NO_CLASS` and `GIVEN` as they are."""
        return text_of(token, self.classes)

    def test(self, held_out):
        """Give the test of a run, and which of its samples are to be found.

        Parameters
        ----------
        held_out : str
            Token of the class that was left out, `NO_CLASS` or `GIVEN`.

        Returns
        -------
        images : array of shape (N, ...)
            The test samples, and behind them the given anomalies, where these are to be found.
        anomalous : array of bool of shape (N,)
            The anomalies.

        Raises
        ------
        DatasetError
            If a class was left out, and the test has none of it, or nothing else.
        """
        if held_out == GIVEN:
            ours, theirs = len(self.x_test), len(self.anomalies)
            both = np.concatenate([self.x_test, self.anomalies])
            return both, np.repeat([False, True], [ours, theirs])
        anomalous = self.y_test == self.label(held_out)
        if held_out != NO_CLASS and anomalous.all() == anomalous.any():
            raise DatasetError(
                f"Expected test samples of the held-out class {self.text(held_out)}, and of "
                f"others, as else it cannot be said whether it is found. "
                f"Received: {anomalous.sum()} of {len(anomalous)} samples are of it"
            )
        return self.x_test, anomalous

    def checked(self, name):
        """Return the data set if images and labels match, else raise `DatasetError`."""
        for part in ("train", "test"):
            images, labels = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
            if len(images) != len(labels):
                raise DatasetError(
                    f"{name}: images and labels of the {part} split do not match. "
                    f"Received: {len(images)} images, {len(labels)} labels"
                )
        return self
