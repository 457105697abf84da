"""What a data set is, and how it is split for one run."""

from typing import NamedTuple

import numpy as np

from kerasae.datasets.idx import DatasetError
from kerasae.seeds import derive


class Dataset(NamedTuple):
    """Images (n, H, W, C) as uint8 and labels (n,), for training and for the test."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

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
