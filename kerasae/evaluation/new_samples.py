"""Scores of new samples, the column or region that contributes most, and a threshold."""

import numpy as np

from kerasae.datasets.values import by_batches, in_batches
from kerasae.evaluation.inference import joined
from kerasae.evaluation.metrics.likelihood import (
    TOGETHER,
    log_likelihoods,
    shared_noise,
    weights_of,
)
from kerasae.evaluation.metrics.reconstruction import element_losses, image_scores, summed

LEVELS = np.linspace(0, 1, 401)
"""Levels of the quantiles of the training scores in a model's file."""
_BLOCKS = 4
"""Regions along each side of an image."""
_QUANTILES = {"reconstruction": "losses", "likelihood": "likelihoods"}
"""Criterion of a score → where a model's metadata has the quantiles of its training scores."""
_MOST = 0.9
"""Share of the training loss above which a column alone makes the scores."""
_SOME = 2_000
"""Training samples, at most, for the quantiles of the likelihood, which takes 20 decodings each."""


def score_samples(model, samples):
    """Return losses (n,), named `image_scores` (n,) and shares (n, parts) of samples (n, ...).

    Losses are `element_losses` of posterior means, summed, in nats: higher is more anomalous, inf
    where the reconstruction is not finite. Shares (0 to 1) divide the loss over columns or
    `regions`; 0 for a sample whose loss is 0 or inf.
    """
    totals, scores, shares = [], [], []
    for batch in in_batches(samples):
        images = model.scale(batch).numpy().astype(np.float64)  # squares may overflow float32
        outputs = model.decoder(model.encode(batch), training=False).numpy().astype(np.float64)
        scores.append(image_scores(images, outputs, model.likelihood))
        losses = by_region(element_losses(images, outputs, model.likelihood))
        total = np.nan_to_num(summed(losses), nan=np.inf, posinf=np.inf)
        totals.append(total)
        parts = losses / np.where(total > 0, total, 1)[:, None]
        shares.append(np.where(np.isfinite(total)[:, None], parts, 0))
    return np.concatenate(totals), joined(scores), np.concatenate(shares)


def _negative_log_likelihoods(model, samples):
    """Return minus the `log_likelihoods` (n,) of samples under a VAE; inf where not finite.

    All samples have the same noise.
    """
    noise = shared_noise(model)
    bounds = by_batches(
        lambda batch: log_likelihoods(weights_of(model, batch, noise)),
        samples,
        TOGETHER // noise.shape[1],
    )
    return -np.nan_to_num(bounds, nan=-np.inf, posinf=-np.inf, neginf=-np.inf)


def regions(shape):
    """Return slices (rows, columns) of at most `_BLOCKS` × `_BLOCKS` regions of an image (H, W, C).

    Row by row; the last regions may be smaller.
    """
    height, width = (-(-side // _BLOCKS) for side in shape[:2])
    return [
        (slice(row, min(row + height, shape[0])), slice(column, min(column + width, shape[1])))
        for row in range(0, shape[0], height)
        for column in range(0, shape[1], width)
    ]


def by_region(losses):
    """Return losses of images (n, H, W, C) summed over regions; losses of rows stay unchanged."""
    if losses.ndim == 2:
        return losses
    sums = [
        losses[:, rows, columns].sum(axis=(1, 2, 3)) for rows, columns in regions(losses.shape[1:])
    ]
    return np.stack(sums, axis=1)


def part_names(shape, columns=None):
    """Return the names of columns, or of regions by their pixels from 0."""
    if len(shape) == 1:
        return list(columns or map("column {}".format, range(shape[0])))
    return [
        f"rows {rows.start}-{rows.stop - 1}, columns {columns.start}-{columns.stop - 1}"
        for rows, columns in regions(shape)
    ]


def dominance(rows, losses, columns=None):
    """Return a sentence on the column that makes nearly all of the loss, as its values are large.

    ``losses`` (n, d) are of each value of the training rows (n, d). The sentence has no full stop;
    None if there is no such column.
    """
    shares = losses.sum(axis=0) / max(losses.sum(), np.finfo(float).tiny)
    sizes = np.square(rows, dtype=float).mean(axis=0)  # a large mean is as hard to reach
    column = int(shares.argmax())
    others = np.delete(sizes, column)
    # The share alone is not enough: of columns of one scale, the only one that the code does not
    # hold has all of the loss. Standardised columns never pass this ratio.
    if not others.any() or not (
        shares[column] > _MOST and sizes[column] > 10 * np.median(others[others > 0])
    ):
        return None
    return (
        f"{part_names(rows.shape[1:], columns)[column]} makes {shares[column]:.0%} of the score of "
        "the training rows, as its values are far larger than those of other columns"
    )


def training_quantiles(model, samples):
    """Return ascending quantiles of the training scores at `LEVELS`, for the model's metadata.

    ``losses``: of the reconstruction loss in nats. Stochastic models also have ``likelihoods``, of
    `_negative_log_likelihoods` of at most `_SOME` of the samples.
    """
    losses, *_ = score_samples(model, samples)
    quantiles = {"losses": np.quantile(losses, LEVELS).tolist()}
    if model.stochastic:
        some = samples[np.linspace(0, len(samples) - 1, min(len(samples), _SOME)).astype(int)]
        scores = _negative_log_likelihoods(model, some)
        quantiles["likelihoods"] = np.quantile(scores, LEVELS).tolist()
    return quantiles


def threshold(model, contamination, criterion="reconstruction"):
    """Return the score that a share ``contamination`` of the training samples exceeds.

    ``criterion``: ``reconstruction`` or ``likelihood``. None if the model's file has no training
    scores; a ValueError if they are invalid, or too coarse for so small a share.
    """
    quantiles, unit = model.metadata.get(_QUANTILES[criterion]), 1.0
    if quantiles is None and criterion == "reconstruction" and "scores" in model.metadata:
        # Files of version 1.0.0 have quantiles of the squared error instead of the Gaussian loss
        quantiles, unit = model.metadata["scores"], 0.5 if model.likelihood == "gaussian" else 1.0
    if quantiles is None:
        return None
    if not _are_quantiles(quantiles):
        raise ValueError(
            "The training scores in the model's file are damaged. Train the model again. Expected "
            f"{len(LEVELS)} ascending numbers. Received: {' '.join(str(quantiles).split())[:60]}"
        )
    if contamination < LEVELS[1]:
        raise ValueError(
            f"contamination must be at least {LEVELS[1]:g}, the resolution of the training scores "
            f"in the model's file. Received: {contamination:g}"
        )
    return unit * float(np.interp(1 - contamination, LEVELS, quantiles))


def _are_quantiles(values):
    """Return whether a value from a model's file is a list of ascending numbers, one a level."""
    numbers = isinstance(values, list | tuple) and all(isinstance(n, int | float) for n in values)
    return numbers and len(values) == len(LEVELS) and bool((np.diff(values) >= 0).all())


def score_table(
    model, samples, names, columns=None, contamination=0.1, by_column=False,
    criterion="reconstruction",
):  # fmt: skip
    """Return a data frame with a row per sample: its score, rank and most contributing part.

    ``score``: loss, or minus log-likelihood, in nats; higher is more anomalous, ``rank`` 1 most.
    ``where`` and ``share``: column or region with the largest part of the loss, empty where the
    loss is 0 or inf. ``anomalous``: above the `threshold`, if the model has one. Then
    `image_scores`, ``likelihood`` of a VAE, and with ``by_column`` all shares.
    """
    import pandas as pd

    if criterion == "likelihood" and not model.stochastic:
        raise ValueError(f"The likelihood needs a VAE. Received: {type(model).__name__}")
    score, scores, shares = score_samples(model, samples)
    if model.stochastic:
        scores["likelihood"] = _negative_log_likelihoods(model, samples)
    if criterion == "likelihood":
        score = scores["likelihood"]
    rank = pd.Series(-score).rank(method="first").to_numpy(int)
    parts = part_names(samples.shape[1:], columns)
    where = np.array(parts, dtype=object)[shares.argmax(axis=1)]
    where[shares.max(axis=1) == 0] = ""
    table = {"sample": names, "score": score, "rank": rank, "where": where}
    table["share"] = shares.max(axis=1)
    limit = threshold(model, contamination, criterion)
    if limit is not None:
        table["anomalous"] = score > limit
    columns_of_shares = {f"share of {part}": shares[:, i] for i, part in enumerate(parts)}
    return pd.DataFrame({**table, **scores, **(columns_of_shares if by_column else {})})
