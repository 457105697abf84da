"""What a data set is, and how it is split for one run."""

import json
from typing import NamedTuple

import numpy as np

from kerasae.datasets.idx import DatasetError
from kerasae.datasets.labels import GIVEN, text_of, tokens
from kerasae.datasets.preprocessing import Preprocessing
from kerasae.seeds import derive


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

    def test(self, left_out):
        """Give the test of a run, and which of its samples are to be found.

        Parameters
        ----------
        left_out : str
            Token of the class that was left out, `NO_CLASS` or `GIVEN`.

        Returns
        -------
        images : array of shape (N, ...)
            The test samples, and behind them the given anomalies, where these are to be found.
        anomalous : array of bool of shape (N,)
            The anomalies.
        """
        if left_out == GIVEN:
            ours, theirs = len(self.x_test), len(self.anomalies)
            both = np.concatenate([self.x_test, self.anomalies])
            return both, np.repeat([False, True], [ours, theirs])
        return self.x_test, self.y_test == self.label(left_out)

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


def as_floats(images):
    """Bring images to float32: uint8 is divided by 255, float is kept."""
    return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images


class Split(NamedTuple):
    """Indices into the training images, all sorted but ``labelled``."""

    train: np.ndarray
    validation: np.ndarray
    labelled: np.ndarray


def split(labels, validation, seed, left_out=None, labelled=0):
    """Split the training images of a run.

    The validation images are drawn before a class is left out, so that all runs of a seed
    hold out the same ones; the left-out class is then missing from both parts.

    Parameters
    ----------
    labels : array of shape (n,)
        Labels of the training images.
    validation : int
        How many images are held out.
    seed : int
        Root seed of the run.
    left_out : int, optional
        The class that the run must not see.
    labelled : int, optional
        How many of the remaining training images the classifiers may know the labels of,
        drawn at random without regard to their class.

    Returns
    -------
    Split
        Indices of the three parts; the labelled images are among the training images.

    Raises
    ------
    DatasetError
        If there are too few images, or none of the left-out class.
    """
    if validation < 0 or labelled < 0:
        raise DatasetError(
            f"validation and labelled must not be negative. Received: {validation} and {labelled}"
        )
    order = np.random.default_rng(derive(seed, "split")).permutation(len(labels))
    held_out, train = np.sort(order[:validation]), np.sort(order[validation:])
    if left_out is not None:
        if left_out not in labels:
            raise DatasetError(
                f"No image has the left-out label. Expected one of {np.unique(labels).tolist()}. "
                f"Received: {left_out}"
            )
        held_out = held_out[labels[held_out] != left_out]
        train = train[labels[train] != left_out]
    if len(train) < max(1, labelled):
        raise DatasetError(
            f"Too few training images for {labelled} labelled ones beside {validation} in "
            f"validation. Received: {len(labels)} images, of which {len(train)} are left"
        )
    chosen = np.random.default_rng(derive(seed, "labelled")).permutation(train)[:labelled]
    return Split(train, held_out, chosen)
