"""Split the training images of a run into training, validation and labelled images."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kerasae.datasets.errors import DatasetError
from kerasae.seeds import derive


class Split(NamedTuple):
    """Indices into the training images; sorted, except for ``labelled``."""

    train: np.ndarray
    validation: np.ndarray
    labelled: np.ndarray


def split(
    labels: ArrayLike,
    validation: int,
    seed: int,
    held_out: int | None = None,
    labelled: int = 0,
) -> Split:
    """Split the training images of a run.

    Validation images are drawn before the held-out class is removed from both parts, so that all
    runs of a seed share them. If all of them are of the held-out class, the next image of another
    class in the same random order is the validation set.

    Parameters
    ----------
    labels : array of shape (n,)
        Labels of the training images.
    validation : int
        Number of validation images.
    seed : int
        Root seed of the run.
    held_out : int, optional
        Index of the class to exclude.
    labelled : int, optional
        Number of training images with labels for the classifiers, drawn at random from the
        remaining ones, not stratified.

    Returns
    -------
    Split
        Indices of the three parts; the labelled images are a subset of the training images.

    Raises
    ------
    DatasetError
        If there are too few images, or none of the held-out class.
    """
    if validation < 0 or labelled < 0:
        raise DatasetError(
            "Expected validation and labelled not to be negative. "
            f"Received: {validation} and {labelled}"
        )
    labels = np.asarray(labels)
    order = np.random.default_rng(derive(seed, "split")).permutation(len(labels))
    for_validation, train = np.sort(order[:validation]), np.sort(order[validation:])
    if held_out is not None:
        if held_out not in labels:
            raise DatasetError(
                f"Expected one of {np.unique(labels).tolist()} as held-out class. "
                f"Received: {held_out}"
            )
        order = order[labels[order] != held_out]
        for_validation = for_validation[labels[for_validation] != held_out]
        if validation and not len(for_validation):
            for_validation = order[:1]
        train = np.setdiff1d(order, for_validation)
    if len(train) < max(1, labelled):
        raise DatasetError(
            f"Too few training images for {labelled} labelled images beside {validation} "
            f"validation images. Received: {len(labels)} images, of which {len(train)} are left"
        )
    chosen = np.random.default_rng(derive(seed, "labelled")).permutation(train)[:labelled]
    return Split(train, for_validation, chosen)
