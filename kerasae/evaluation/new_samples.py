"""Scores of new samples, where in a sample the score comes from, and a threshold for anomalies."""

import numpy as np

from kerasae.datasets.values import in_batches
from kerasae.evaluation.measures.reconstruction import LOSS, element_losses, image_scores

LEVELS = np.linspace(0, 1, 401)
"""Levels of the quantiles of the training scores that a model's file keeps."""
BLOCKS = 4
"""Regions along each side of an image."""


def scored(model, samples):
    """Score samples, and find what weighs most in the score of each.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A trained model; of a stochastic one the posterior mean is decoded.
    samples : array of shape (n, d) or (n, H, W, C)
        As the model takes them.

    Returns
    -------
    scores : dict of str to numpy.ndarray of shape (n,)
        See `kerasae.evaluation.measures.reconstruction.image_scores`.
    parts : numpy.ndarray of shape (n,)
        Number of the column, or of the region, with the greatest reconstruction loss.
    shares : numpy.ndarray of shape (n,)
        Its share of the sample's reconstruction loss, 0 to 1.
    """
    scores, parts, shares = [], [], []
    for part in in_batches(samples):
        images = model.scale(part).numpy().astype(np.float64)  # squares may be beyond 32 bits
        outputs = model.decoder(model.encode(part), training=False).numpy().astype(np.float64)
        scores.append(image_scores(images, outputs, model.likelihood))
        losses = by_region(element_losses(images, outputs, model.likelihood))
        total = losses.sum(axis=1)
        parts.append(losses.argmax(axis=1))
        shares.append(losses.max(axis=1) / np.where(total > 0, total, 1))
    named = {name: np.concatenate([part[name] for part in scores]) for name in scores[0]}
    return named, np.concatenate(parts), np.concatenate(shares)


def regions(shape):
    """Cut an image into at most `BLOCKS` × `BLOCKS` regions.

    Parameters
    ----------
    shape : tuple of int
        (H, W, C).

    Returns
    -------
    list of tuple of slice
        Rows and columns of each region, row by row; those at the far sides may be smaller.
    """
    height, width = (-(-side // BLOCKS) for side in shape[:2])
    return [
        (slice(row, min(row + height, shape[0])), slice(column, min(column + width, shape[1])))
        for row in range(0, shape[0], height)
        for column in range(0, shape[1], width)
    ]


def by_region(losses):
    """Sum losses of images (n, H, W, C) over regions; losses of rows (n, d) stay."""
    if losses.ndim == 2:
        return losses
    sums = [
        losses[:, rows, columns].sum(axis=(1, 2, 3)) for rows, columns in regions(losses.shape[1:])
    ]
    return np.stack(sums, axis=1)


def part_names(shape, columns=None):
    """Name the columns of rows, or the regions of images by their pixels, from 0."""
    if len(shape) == 1:
        return list(columns or map("column {}".format, range(shape[0])))
    return [
        f"rows {rows.start}-{rows.stop - 1}, columns {columns.start}-{columns.stop - 1}"
        for rows, columns in regions(shape)
    ]


def training_quantiles(model, samples):
    """Quantiles of the scores of the training samples at `LEVELS`, for the model's metadata.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A trained model.
    samples : array of shape (n, ...)
        What it was trained on.

    Returns
    -------
    list of float
        The reconstruction loss `LOSS`, in ascending order.
    """
    scores, _, _ = scored(model, samples)
    return np.quantile(scores[LOSS[model.likelihood]], LEVELS).tolist()


def threshold(model, contamination):
    """Give the score above which a sample is anomalous.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A trained model.
    contamination : float
        Share of the training samples that score higher.

    Returns
    -------
    float or None
        None if the model's file keeps no scores of the training.

    Raises
    ------
    ValueError
        If what it keeps are no quantiles, or do not resolve so small a share.
    """
    known = model.metadata.get("scores")
    if known is None:
        return None
    if not is_quantiles(known):
        raise ValueError(
            "The model's scores of its training are not readable. Train the model again. Expected "
            f"{len(LEVELS)} ascending numbers. Received: {' '.join(str(known).split())[:60]}"
        )
    if contamination < LEVELS[1]:
        raise ValueError(
            f"contamination must be at least {LEVELS[1]:g}, as the model's file keeps "
            f"{len(LEVELS)} quantiles of its training scores. Received: {contamination:g}"
        )
    return float(np.interp(1 - contamination, LEVELS, known))


def is_quantiles(known):
    """Whether a value from a file is a list as `training_quantiles` gives it."""
    numbers = isinstance(known, list | tuple) and all(isinstance(n, int | float) for n in known)
    return numbers and len(known) == len(LEVELS) and bool((np.diff(known) >= 0).all())


def score_table(model, samples, names, columns=None, contamination=0.1):
    """Score samples, rank them, and say where the score comes from.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A trained model.
    samples : array of shape (n, d) or (n, H, W, C)
        As the model takes them.
    names : sequence of length n
        Row number or file name of each sample.
    columns : sequence of str, optional
        Names of the columns of a table.
    contamination : float, optional
        See `threshold`.

    Returns
    -------
    pandas.DataFrame
        A row a sample, in their order: ``sample``, ``score`` (the reconstruction loss, higher =
        more anomalous), ``rank`` (from 1, the most anomalous), ``where`` (the column or region
        that weighs most), ``share`` (its share of the score), ``anomalous`` (if there is a
        threshold), and all scores of `kerasae.evaluation.measures.reconstruction.image_scores`.
    """
    import pandas as pd

    scores, parts, shares = scored(model, samples)
    score = scores[LOSS[model.likelihood]]
    rank = np.empty(len(score), int)
    rank[np.argsort(-score, kind="stable")] = np.arange(1, len(score) + 1)
    where = np.array(part_names(samples.shape[1:], columns), dtype=object)[parts]
    table = {"sample": names, "score": score, "rank": rank, "where": where, "share": shares}
    limit = threshold(model, contamination)
    if limit is not None:
        table["anomalous"] = score > limit
    return pd.DataFrame({**table, **scores})
