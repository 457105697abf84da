"""Which pixels or columns contribute to the loss of the most anomalous test samples."""

import numpy as np

from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure

_MOST_NAMES = 40
"""Largest number of columns that are named."""


def draw(inputs):
    """Draw the contributions to the reconstruction loss, a panel or row a variant."""
    from kerasae.reporting.drawing import anomalies_of, marked

    held_out, losses, labels = inputs.run["held_out"], {}, {}
    for run, outputs in inputs.each("outputs"):  # of one seed
        data, variant = inputs["data"].for_seed(int(run["seed"])), run["variant"]
        anomalous = data.test(held_out)[1]
        losses[variant] = outputs.contributions
        labels[variant] = [marked(data.name(row), anomalous[row]) for row in outputs.worst]
    columns = data.preprocessing.columns if data.preprocessing else ()
    title = f"What makes the most anomalous test samples so, {anomalies_of(data, held_out)}"
    figure = contributions_of(losses, labels, columns, title)
    figure.supxlabel(data.counting, fontsize=8)
    return figure


def contributions_of(losses, labels, columns, title):
    """Draw the contribution of each pixel or column to the loss of samples, for each model.

    ``losses`` map models to arrays (n, H, W, C) or (n, d), ``labels`` to texts (n,). ``columns``
    name those of a table.
    """
    shares = {name: shares_of(values) for name, values in losses.items()}
    if next(iter(losses.values())).ndim == 2:
        return _maps_of_rows(shares, labels, columns, title)
    return _maps_of_images(shares, labels, title)


def shares_of(losses):
    """Return the share of each pixel or column in the loss of a sample; 0 without a loss."""
    total = losses.sum(axis=tuple(range(1, losses.ndim)), keepdims=True)
    return losses / np.where(total > 0, total, 1)


def _maps_of_rows(shares, labels, columns, title):
    """Draw a heat map of samples and columns for each model."""
    from kerasae.reporting.drawing import literal, panel

    figure, axes_of = panel(shares, title, size=4)
    for name, axes in axes_of.items():
        image = axes.imshow(shares[name], cmap="cividis", vmin=0, vmax=1, aspect="auto")
        axes.set_yticks(range(len(labels[name])), labels[name], fontsize=6)
        count = shares[name].shape[1]
        if count <= _MOST_NAMES:
            names = [*map(literal, columns)] or [*map(str, range(count))]
            axes.set_xticks(range(count), names, rotation=90, fontsize=6)
        axes.set(xlabel="column", ylabel="test sample")
    figure.colorbar(image, ax=list(axes_of.values()), label="share of the reconstruction loss")
    return figure


def _maps_of_images(shares, labels, title):
    """Draw a row of maps for each model; in each map white is the largest share of its image."""
    from kerasae.reporting.drawing import canvas

    count = max(map(len, shares.values()))
    figure = canvas(count * 0.7 + 1.8, len(shares) * 0.85 + 0.7, title)
    grid = figure.subplots(len(shares), count, squeeze=False)
    for line, (name, images) in zip(grid, shares.items(), strict=True):
        for axes in line[len(images) :]:
            axes.set_axis_off()
        for axes, image, label in zip(line, images, labels[name], strict=False):
            axes.imshow(image.sum(axis=-1), cmap="cividis", interpolation="nearest")
            axes.set(xticks=[], yticks=[])
            axes.set_title(label, fontsize=7, pad=3)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=8)
    return figure


FIGURE = Figure(
    name="contributions_panel",
    task="anomaly",
    what="contributions",
    path="contributions/latent{latent_dim}-without_{held_out}.png",
    caption=(
        "Test samples with the highest reconstruction loss of each variant, the highest first; "
        "first seed, latent dimension {latent_dim}, posterior means of VAEs. Colours show where "
        "the loss comes from, as a share of the loss of the sample. ▲ marks an anomaly, ○ a "
        "normal sample. Samples are named as in the data; the line at the bottom says how they "
        "count."
    ),
    draw=draw,
    reads=("data", Gathered("outputs", of="held_out")),
    per="held_out",
    needs=("held_out",),
)
