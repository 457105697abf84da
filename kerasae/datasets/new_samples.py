"""Samples for a trained model, read and scaled as its training data were."""

from typing import NamedTuple

import numpy as np

from kerasae import datasets


class Samples(NamedTuple):
    """Samples as a model takes them.

    Attributes
    ----------
    values : array of shape (n, d) or (n, H, W, C)
        uint8 or float32.
    names : list of length n
        Row numbers from 0, or names of files.
    columns : tuple of str
        Names of the columns of a table; empty for others.
    """

    values: np.ndarray
    names: list
    columns: tuple


def read_samples(model, path):
    """Read samples for a model.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        With its preprocessing, which is applied; without one samples are taken as they are.
    path : path-like
        A file or folder.

    Returns
    -------
    Samples

    Raises
    ------
    DatasetError
        If the samples do not fit the model; says what to do.
    """
    if model.preprocessing:
        try:
            how = datasets.Preprocessing.from_config(model.preprocessing)
        except (TypeError, ValueError) as error:
            raise datasets.DatasetError(
                f"The model's preprocessing is not readable: {error}"
            ) from error
        if how.shape != model.image_shape:
            raise datasets.DatasetError(
                "The model's preprocessing is that of samples of another shape. "
                f"Expected: {model.image_shape}. Received: {how.shape}"
            )
        return Samples(how.load(path), how.names(path), how.columns)
    values = datasets.load_samples(path)
    if values.shape[1:] != model.image_shape:
        raise datasets.DatasetError(
            f"{path}: samples of another shape than those of the training. "
            f"Expected: {model.image_shape}. Received: {values.shape[1:]}"
        )
    if model.likelihood == "bernoulli" and values.dtype != np.uint8:
        low, high = values.min(), values.max()
        if low < 0 or high > 1:
            raise datasets.DatasetError(
                f"{path}: the model takes values in [0, 1], and its file does not say how to scale "
                f"others. Expected uint8 images, or values in [0, 1]. Received: {low:g} to {high:g}"
            )
    return Samples(values, datasets.Preprocessing(model.image_shape).names(path), ())


def check_differ(samples, path):
    """Raise `DatasetError` if all samples (n, ...) are the same: there is nothing to learn."""
    if (samples == samples[:1]).all():
        raise datasets.DatasetError(
            f"{path}: all samples are the same. Expected some that differ. "
            f"Received: {len(samples)} samples"
        )
