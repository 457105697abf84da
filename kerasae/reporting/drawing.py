"""Drawing of arrays with matplotlib, shared by several figures."""

import math
import textwrap

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from kerasae.datasets import GIVEN

# Petroff: Accessible color sequences for data visualization (2021), ten colours
PALETTE = ListedColormap(
    [
        *("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6"),
        *("#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd"),
    ]
)


def literal(text):
    """Escape $ for matplotlib, which reads text between two $ as a formula."""
    return str(text).replace("$", r"\$")


def marked(name, anomalous, width=14):
    """Mark the name of a sample by the truth: ▲ an anomaly, ○ none; in at most three lines."""
    lines = textwrap.wrap(f"{'▲' if anomalous else '○'} {name}", width)
    if len(lines) > 3:
        lines = [lines[0], "…", f"{name}"[-width:]]
    return literal("\n".join(lines))


def canvas(width, height, title):
    """Create an empty figure with a title; width and height in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.suptitle(literal(title))
    return figure


def as_picture(image):
    """Convert an image (H, W, C) for imshow: grey images lose their channel."""
    return image[..., 0] if image.shape[-1] == 1 else image


def kind(samples):
    """Name the kind of samples by their shape: (n, H, W, C) are images, (n, d) rows."""
    return "image" if samples.ndim > 2 else "row"


def anomalies_of(data, held_out):
    """Name the anomalies of a run: given anomalies, or the held-out class of a token."""
    if held_out == GIVEN:
        return "given anomalies"
    return f"held-out class {data.class_label(held_out)}"


def value_range(arrays):
    """Return limits of a plot: [0, 1] for images, the range with margins for rows (n, d)."""
    rows = [array for array in arrays if array.ndim == 2]
    if not rows:
        return 0, 1
    low, high = min(map(np.min, rows)), max(map(np.max, rows))
    margin = 0.05 * (high - low) or 1
    return low - margin, high + margin


def show(axes, image, limits=(0, 1)):
    """Draw one image, or the profile of one row (d,), into axes without ticks."""
    axes.set(xticks=[], yticks=[])
    if image.ndim > 1:
        axes.imshow(as_picture(image), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axes.spines[:].set_visible(False)
    else:
        axes.stairs(image, baseline=None, color="#3f90da")
        axes.set(ylim=limits, xlim=(0, len(image)))
        axes.spines[:].set_color("#b0b0b0")


def rows_of_images(rows, title, most=24):
    """Draw rows of images, each row with its name: a dict of str to (n, H, W, C) or (n, d).

    More than ``most`` rows are split into blocks side by side, to fit on a screen.
    """
    limits = value_range(rows.values())
    columns = max(len(images) for images in rows.values())
    blocks = math.ceil(len(rows) / most)
    lines = math.ceil(len(rows) / blocks)
    figure = canvas(blocks * (columns * 0.6 + 1.6), lines * 0.62 + 0.6, title)
    subfigures = figure.subfigures(1, blocks, squeeze=False)[0]
    grid = [line for block in subfigures for line in block.subplots(lines, columns, squeeze=False)]
    for line in grid[len(rows) :]:
        for axes in line:
            axes.set_axis_off()
    for line, (name, images) in zip(grid, rows.items(), strict=False):
        for axes, image in zip(line, images, strict=False):
            show(axes, image, limits)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    return figure


def sample_grids(grids, title):
    """Draw the samples of several models side by side, each (16, H, W, C) or (16, d)."""
    limits = value_range(grids.values())
    rows, columns = _grid_shape(max(len(grids), 1))
    figure = canvas(3 * columns, 3.2 * rows + 0.3, title)
    subfigures = figure.subfigures(rows, columns, squeeze=False, wspace=0.05)
    for subfigure, (name, images) in zip(subfigures.flat, grids.items(), strict=False):
        side = math.ceil(math.sqrt(len(images)))
        grid = subfigure.subplots(side, side, squeeze=False).flat
        for axes, image in zip(grid, images, strict=False):
            show(axes, image, limits)
        subfigure.suptitle(name, fontsize="medium")
    return figure


def _grid_shape(count):
    """Return rows and columns of a grid of panels, almost twice as wide as tall, like a screen."""
    columns = min(count, math.ceil(math.sqrt(1.8 * count)))
    return math.ceil(count / columns), columns


def panel(names, title, size=3.2):
    """Create a figure with a grid of axes that fits on a screen; return it, and name → axes."""
    rows, columns = _grid_shape(len(names))
    figure = canvas(columns * size, rows * size + 0.5, title)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    axes_of = dict(zip(names, grid, strict=False))
    for name, axes in axes_of.items():
        axes.set_axis_on()
        axes.set_title(name)
    return figure, axes_of


def planes(planes, labels, classes, title, axis_name):
    """Draw a scatter plot of the points (N, 2) of each model, coloured by class.

    ``labels`` (N,) count from 0; ``classes`` are their names, empty without labels. The axes are
    labelled ``axis_name`` 1 and 2.
    """
    classes = [literal(name) for name in classes]
    figure, axes_of = panel(planes, title)
    for name, axes in axes_of.items():
        points = planes[name]
        axes.scatter(
            *points.T, c=labels % PALETTE.N, cmap=PALETTE, vmin=-0.5, vmax=PALETTE.N - 0.5,
            s=2 if len(points) > 1000 else 9, alpha=0.5, linewidths=0, rasterized=True,
        )  # fmt: skip
        low, high = np.percentile(points, [0.5, 99.5], axis=0)
        margin = 0.1 * (high - low) + 1e-6
        axes.set(xlim=(low[0] - margin[0], high[0] + margin[0]))
        axes.set(ylim=(low[1] - margin[1], high[1] + margin[1]))
        for label in np.unique(labels) if classes else ():
            middle = np.median(points[labels == label], axis=0)
            axes.text(
                *middle, classes[label], ha="center", va="center", fontweight="bold",
                fontsize=9 if len(classes[label]) < 3 else 6,
                bbox={"boxstyle": "round,pad=0.15", "fc": "white", "alpha": 0.7, "lw": 0},
            )  # fmt: skip
        axes.set(xlabel=f"{axis_name} 1", ylabel=f"{axis_name} 2")
        axes.tick_params(labelsize=7)
    if classes:
        colours = [PALETTE(label % PALETTE.N) for label in range(len(classes))]
        figure.legend(
            handles=[
                Line2D([], [], ls="", marker="o", color=colour, label=name)
                for colour, name in zip(colours, classes, strict=True)
            ],
            loc="outside right center",
            title="class",
        )
    return figure
