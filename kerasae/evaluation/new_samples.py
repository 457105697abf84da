"""Scores of new samples, the column or region that contributes most, and a threshold."""

import numpy as np

from kerasae.datasets.values import in_batches
from kerasae.evaluation.measures.likelihood import (
    TOGETHER,
    log_likelihoods,
    shared_noise,
    weights_of,
)
from kerasae.evaluation.measures.reconstruction import element_losses, image_scores, summed

LEVELS = np.linspace(0, 1, 401)
"""Levels of the quantiles of the training scores in a model's file."""
BLOCKS = 4
"""Regions along each side of an image."""
QUANTILES = {"reconstruction": "losses", "likelihood": "likelihoods"}
"""Criterion of a score → where a model's metadata has the quantiles of its training scores."""
MOST = 0.9
"""Share of the training loss above which a column alone makes the scores."""
SOME = 2_000
"""Training samples, at most, for the quantiles of the likelihood, which takes 20 decodings each."""


def score_samples(model, samples):
    """Score samples, and split each score over the columns or regions.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A trained model. Stochastic models decode the posterior mean.
    samples : array of shape (n, d) or (n, H, W, C)
        Samples in the form of the model's inputs.

    Returns
    -------
    losses : numpy.ndarray of shape (n,)
        Reconstruction loss in nats, see `element_losses`; higher = more anomalous, inf where the
        reconstruction is not finite.
    scores : dict of str to numpy.ndarray of shape (n,)
        See `kerasae.evaluation.measures.reconstruction.image_scores`.
    shares : numpy.ndarray of shape (n, parts)
        Share of each column, or of each of the `regions` of an image, in the sample's
        reconstruction loss, 0 to 1; 0 for a sample whose loss is 0 or inf.
    """
    totals, scores, shares = [], [], []
    for part in in_batches(samples):
        images = model.scale(part).numpy().astype(np.float64)  # squares may overflow float32
        outputs = model.decoder(model.encode(part), training=False).numpy().astype(np.float64)
        scores.append(image_scores(images, outputs, model.likelihood))
        losses = by_region(element_losses(images, outputs, model.likelihood))
        total = np.nan_to_num(summed(losses), nan=np.inf, posinf=np.inf)
        totals.append(total)
        split = losses / np.where(total > 0, total, 1)[:, None]
        shares.append(np.where(np.isfinite(total)[:, None], split, 0))
    named = {name: np.concatenate([part[name] for part in scores]) for name in scores[0]}
    return np.concatenate(totals), named, np.concatenate(shares)


def negative_log_likelihoods(model, samples):
    """Score samples by the likelihood of a VAE.

    Parameters
    ----------
    model, samples
        See `score_samples`; a stochastic model.

    Returns
    -------
    numpy.ndarray of shape (n,)
        Minus the importance-weighted bound of log p(x), in nats, from 20 posterior samples of the
        same noise for all samples; higher = more anomalous, inf where the bound is not finite.
    """
    noise = shared_noise(model)
    parts = in_batches(samples, TOGETHER // noise.shape[1])
    found = [log_likelihoods(weights_of(model, part, noise)) for part in parts]
    return -np.nan_to_num(np.concatenate(found), nan=-np.inf, posinf=-np.inf, neginf=-np.inf)


def regions(shape):
    """Divide an image into at most `BLOCKS` × `BLOCKS` regions.

    Parameters
    ----------
    shape : tuple of int
        (H, W, C).

    Returns
    -------
    list of tuple of slice
        Rows and columns of each region, row by row; the last ones may be smaller.
    """
    height, width = (-(-side // BLOCKS) for side in shape[:2])
    return [
        (slice(row, min(row + height, shape[0])), slice(column, min(column + width, shape[1])))
        for row in range(0, shape[0], height)
        for column in range(0, shape[1], width)
    ]


def by_region(losses):
    """Sum losses of images (n, H, W, C) over regions; losses of rows (n, d) stay unchanged."""
    if losses.ndim == 2:
        return losses
    sums = [
        losses[:, rows, columns].sum(axis=(1, 2, 3)) for rows, columns in regions(losses.shape[1:])
    ]
    return np.stack(sums, axis=1)


def part_names(shape, columns=None):
    """Name the columns of rows, or the regions of images by their pixels from 0."""
    if len(shape) == 1:
        return list(columns or map("column {}".format, range(shape[0])))
    return [
        f"rows {rows.start}-{rows.stop - 1}, columns {columns.start}-{columns.stop - 1}"
        for rows, columns in regions(shape)
    ]


def dominance(rows, losses, columns=None):
    """Say which column makes nearly all of the loss of training rows, as its values are large.

    Parameters
    ----------
    rows, losses : array of shape (n, d)
        The training rows, and the reconstruction loss of each of their values.
    columns : sequence of str, optional
        Names of the columns.

    Returns
    -------
    str or None
        A sentence without its full stop; None if there is no such column.
    """
    shares = losses.sum(axis=0) / max(losses.sum(), np.finfo(float).tiny)
    sizes = np.square(rows, dtype=float).mean(axis=0)  # a large mean is as hard to reach
    column = int(shares.argmax())
    others = np.delete(sizes, column)
    # The share alone is not enough: of columns of one scale, the only one that the code does not
    # hold has all of the loss. Standardised columns never pass this ratio.
    if not others.any() or not (
        shares[column] > MOST and sizes[column] > 10 * np.median(others[others > 0])
    ):
        return None
    return (
        f"{part_names(rows.shape[1:], columns)[column]} makes {shares[column]:.0%} of the score of "
        "the training rows, as its values are far larger than those of other columns"
    )


def training_quantiles(model, samples):
    """Quantiles of the scores of the training samples at `LEVELS`, for the model's metadata.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A trained model.
    samples : array of shape (n, ...)
        Its training samples.

    Returns
    -------
    dict of str to list of float
        Ascending. ``losses``: of the reconstruction loss in nats; of a stochastic model also
        ``likelihoods``: of `negative_log_likelihoods`, of at most `SOME` of the samples.
    """
    losses, *_ = score_samples(model, samples)
    found = {"losses": np.quantile(losses, LEVELS).tolist()}
    if model.stochastic:
        some = samples[np.linspace(0, len(samples) - 1, min(len(samples), SOME)).astype(int)]
        found["likelihoods"] = np.quantile(negative_log_likelihoods(model, some), LEVELS).tolist()
    return found


def threshold(model, contamination, criterion="reconstruction"):
    """Find the score above which a sample counts as anomalous.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A trained model.
    contamination : float
        Share of the training samples above the threshold.
    criterion : str, optional
        One of `QUANTILES`.

    Returns
    -------
    float or None
        None if the model's file has no training scores.

    Raises
    ------
    ValueError
        If the stored quantiles are invalid, or too coarse for so small a share.
    """
    known, unit = model.metadata.get(QUANTILES[criterion]), 1.0
    if known is None and criterion == "reconstruction" and "scores" in model.metadata:
        # Files of version 1.0.0 have quantiles of the squared error instead of the Gaussian loss
        known, unit = model.metadata["scores"], 0.5 if model.likelihood == "gaussian" else 1.0
    if known is None:
        return None
    if not is_quantiles(known):
        raise ValueError(
            "The training scores in the model's file are damaged. Train the model again. Expected "
            f"{len(LEVELS)} ascending numbers. Received: {' '.join(str(known).split())[:60]}"
        )
    if contamination < LEVELS[1]:
        raise ValueError(
            f"contamination must be at least {LEVELS[1]:g}, the resolution of the training scores "
            f"in the model's file. Received: {contamination:g}"
        )
    return unit * float(np.interp(1 - contamination, LEVELS, known))


def is_quantiles(known):
    """Whether a value from a file is a list of `training_quantiles`."""
    numbers = isinstance(known, list | tuple) and all(isinstance(n, int | float) for n in known)
    return numbers and len(known) == len(LEVELS) and bool((np.diff(known) >= 0).all())


def score_table(
    model, samples, names, columns=None, contamination=0.1, by_column=False,
    criterion="reconstruction",
):  # fmt: skip
    """Score and rank samples, and name the column or region that contributes most.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A trained model.
    samples : array of shape (n, d) or (n, H, W, C)
        Samples in the form of the model's inputs.
    names : sequence of length n
        Row number or file name of each sample.
    columns : sequence of str, optional
        Names of the columns of a table.
    contamination : float, optional
        See `threshold`.
    by_column : bool, optional
        Whether the table has a column ``share of ...`` for every column or region.
    criterion : str, optional
        One of `QUANTILES`; the likelihood needs a stochastic model.

    Returns
    -------
    pandas.DataFrame
        A row per sample, in their order: ``sample``, ``score`` (the reconstruction loss, or minus
        the log-likelihood, in nats; higher = more anomalous), ``rank`` (1 is the most anomalous),
        ``where`` (the column or region with the largest part of the reconstruction loss; empty
        where that is 0 or inf), ``share`` (how large this part is), ``anomalous`` (if there is a
        threshold), the scores of `kerasae.evaluation.measures.reconstruction.image_scores`, and of
        a stochastic model ``likelihood``, see `negative_log_likelihoods`.

    Raises
    ------
    ValueError
        If the criterion needs another model.
    """
    import pandas as pd

    if criterion == "likelihood" and not model.stochastic:
        raise ValueError(f"The likelihood needs a VAE. Received: {type(model).__name__}")
    score, scores, shares = score_samples(model, samples)
    if model.stochastic:
        scores["likelihood"] = negative_log_likelihoods(model, samples)
    if criterion == "likelihood":
        score = scores["likelihood"]
    rank = np.empty(len(score), int)
    rank[np.argsort(-score, kind="stable")] = np.arange(1, len(score) + 1)
    parts = part_names(samples.shape[1:], columns)
    where = np.array(parts, dtype=object)[shares.argmax(axis=1)]
    where[shares.max(axis=1) == 0] = ""
    table = {"sample": names, "score": score, "rank": rank, "where": where}
    table["share"] = shares.max(axis=1)
    limit = threshold(model, contamination, criterion)
    if limit is not None:
        table["anomalous"] = score > limit
    split = {f"share of {part}": shares[:, at] for at, part in enumerate(parts) if by_column}
    return pd.DataFrame({**table, **scores, **split})
