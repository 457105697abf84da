"""The first test samples, each above its reconstruction by one variant."""

import math

from kerasae.datasets import as_floats
from kerasae.evaluation.task import Gathered
from kerasae.reporting.figure import Figure


def draw(inputs):
    """Draw the reconstructions of the job's variant."""
    from kerasae.reporting.drawing import kind

    [(run, outputs)] = inputs.each("outputs")
    reconstructions = outputs.sampled.reconstructions
    images = as_floats(inputs["data"].x_test[: len(reconstructions)])
    title = f"{run['variant']}: test {kind(images)}s and reconstructions"
    return grid(images, reconstructions, title)


def grid(images, reconstructions, title):
    """Draw images (n, H, W, C) in [0, 1], or rows (n, d), each above its reconstruction."""
    from kerasae.reporting.drawing import canvas, kind, show, value_range

    limits = value_range([images, reconstructions])
    columns = math.ceil(len(images) / 2)
    figure = canvas(columns * 0.9 + 1, 4.6, title)
    grid = figure.subplots(4, columns, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, (image, reconstruction) in enumerate(zip(images, reconstructions, strict=True)):
        row, column = divmod(number, columns)
        for offset, picture in ((0, image), (1, reconstruction)):
            grid[2 * row + offset, column].set_axis_on()
            show(grid[2 * row + offset, column], picture, limits)
    for row in range(4):
        label = (kind(images), "recon-\nstruction")[row % 2]
        grid[row, 0].set_ylabel(label, rotation=0, ha="right", va="center")
    return figure


FIGURE = Figure(
    name="reconstruction_grid",
    task="reconstruction",
    what="grid",
    path="reconstructions/{variant}.png",
    caption=(
        "The first test samples, each above its reconstruction by the variant in the label; "
        "latent dimension {latent_dim}, {epochs} epochs."
    ),
    draw=draw,
    reads=("data", Gathered("outputs", of="variant")),
    per="variant",
)
