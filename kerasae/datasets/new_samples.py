"""Read new samples for a trained model, with the preprocessing of its training data."""

from typing import NamedTuple

import numpy as np

from kerasae import datasets
from kerasae.datasets.formats import counting_of, sample_names


class Samples(NamedTuple):
    """Preprocessed samples, ready for a model.

    Attributes
    ----------
    values : array of shape (n, d) or (n, H, W, C)
        uint8 or float32.
    names : list of length n
        Numbers or file names, see `kerasae.datasets.formats.sample_names`.
    counting : str
        A sentence that says how the names count.
    columns : tuple of str
        Column names of a table, else empty.
    """

    values: np.ndarray
    names: list
    counting: str
    columns: tuple


def read_samples(model, path):
    """Read samples for a model.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        Its preprocessing, if stored, is applied to the samples.
    path : path-like
        A file or folder.

    Returns
    -------
    Samples

    Raises
    ------
    DatasetError
        If the samples do not fit the model.
    """
    if model.preprocessing:
        try:
            how = datasets.Preprocessing.from_config(model.preprocessing)
        except (TypeError, ValueError) as error:
            raise datasets.DatasetError(
                f"The model's file has no readable preprocessing. Train the model again. "
                f"Received: {error}"
            ) from error
        if how.shape != model.image_shape:
            raise datasets.DatasetError(
                "The model and its preprocessing have different sample shapes. "
                f"Expected: {model.image_shape}. Received: {how.shape}"
            )
        return named(how.load(path), path, how.columns)
    values = datasets.load_samples(path)
    if values.shape[1:] != model.image_shape:
        raise datasets.DatasetError(
            f"{path}: expected samples of the shape of the training samples, "
            f"{model.image_shape}. Received: {values.shape[1:]}"
        )
    if model.likelihood == "bernoulli" and values.dtype != np.uint8:
        low, high = values.min(), values.max()
        if low < 0 or high > 1:
            raise datasets.DatasetError(
                f"{path}: expected uint8 images, or values in [0, 1]: the model's file has no "
                f"scale for others. Received: {low:g} to {high:g}"
            )
    return named(values, path)


def named(values, path, columns=()):
    """Name samples that were read from a file or folder."""
    names = sample_names(path)
    listed = range(len(values)) if names is None else names.tolist()
    return Samples(values, list(listed), counting_of(names), columns)


def check_differ(samples, path):
    """Raise `DatasetError` if all samples (n, ...) are equal, which leaves nothing to learn."""
    if (samples == samples[:1]).all():
        raise datasets.DatasetError(
            f"{path}: all samples are the same. Expected samples that differ. "
            f"Received: {len(samples)} samples"
        )
