"""How the training images are split for one run."""

from typing import NamedTuple

import numpy as np

from kerasae.datasets.errors import DatasetError
from kerasae.seeds import derive


class Split(NamedTuple):
    """Indices into the training images, all sorted but ``labelled``."""

    train: np.ndarray
    validation: np.ndarray
    labelled: np.ndarray


def split(labels, validation, seed, held_out=None, labelled=0):
    """Split the training images of a run.

    The validation images are drawn before a class is left out, so that all runs of a seed
    hold out the same ones; the held-out class is then missing from both parts. If all of the
    validation images are of that class, the next one in the same order that is not is held out.

    Parameters
    ----------
    labels : array of shape (n,)
        Labels of the training images.
    validation : int
        How many images are held out.
    seed : int
        Root seed of the run.
    held_out : int, optional
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
        If there are too few images, or none of the held-out class.
    """
    if validation < 0 or labelled < 0:
        raise DatasetError(
            f"validation and labelled must not be negative. Received: {validation} and {labelled}"
        )
    order = np.random.default_rng(derive(seed, "split")).permutation(len(labels))
    for_validation, train = np.sort(order[:validation]), np.sort(order[validation:])
    if held_out is not None:
        if held_out not in labels:
            raise DatasetError(
                f"No image has the left-out label. Expected one of {np.unique(labels).tolist()}. "
                f"Received: {held_out}"
            )
        order = order[labels[order] != held_out]
        for_validation = for_validation[labels[for_validation] != held_out]
        if validation and not len(for_validation):
            for_validation = order[:1]
        train = np.setdiff1d(order, for_validation)
    if len(train) < max(1, labelled):
        raise DatasetError(
            f"Too few training images for {labelled} labelled ones beside {validation} in "
            f"validation. Received: {len(labels)} images, of which {len(train)} are left"
        )
    chosen = np.random.default_rng(derive(seed, "labelled")).permutation(train)[:labelled]
    return Split(train, for_validation, chosen)
