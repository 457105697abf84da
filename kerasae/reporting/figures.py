"""Arrays to matplotlib figures."""

import math

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import ScalarFormatter
from PIL import Image, ImageDraw

from kerasae.reporting.statistics import half_width

# Petroff: Accessible color sequences for data visualization (2021), ten colours
PALETTE = ListedColormap(
    [
        *("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6"),
        *("#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd"),
    ]
)


def literal(text):
    """Write text for matplotlib, which takes what stands between two $ for a formula."""
    return str(text).replace("$", r"\$")


def as_picture(image):
    """Bring an image (H, W, C) to what imshow takes: grey images lose their channel."""
    return image[..., 0] if image.shape[-1] == 1 else image


def span(arrays):
    """Range to draw arrays in: [0, 1] for images, what they reach for rows (n, d)."""
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


def reconstruction_grid(images, reconstructions, title):
    """Draw images (n, H, W, C) in [0, 1], or rows (n, d), each above its reconstruction."""
    limits = span([images, reconstructions])
    columns = math.ceil(len(images) / 2)
    figure = Figure(figsize=(columns * 0.9 + 1, 4.6), layout="constrained")
    grid = figure.subplots(4, columns, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, (image, reconstruction) in enumerate(zip(images, reconstructions, strict=True)):
        row, column = divmod(number, columns)
        for offset, picture in ((0, image), (1, reconstruction)):
            grid[2 * row + offset, column].set_axis_on()
            show(grid[2 * row + offset, column], picture, limits)
    for row in range(4):
        label = ("image" if images.ndim > 2 else "row", "recon-\nstruction")[row % 2]
        grid[row, 0].set_ylabel(label, rotation=0, ha="right", va="center")
    figure.suptitle(title)
    return figure


def rows_of_images(rows, title, most=24):
    """Draw rows of images, each row with its name: a dict of str to (n, H, W, C) or (n, d).

    More than ``most`` rows stand side by side, as a figure that is taller than a screen is read
    in pieces.
    """
    limits = span(rows.values())
    columns = max(len(images) for images in rows.values())
    blocks = math.ceil(len(rows) / most)
    lines = math.ceil(len(rows) / blocks)
    size = (blocks * (columns * 0.6 + 1.6), lines * 0.62 + 0.6)
    figure = Figure(figsize=size, layout="constrained")
    parts = figure.subfigures(1, blocks, squeeze=False)[0]
    grid = [line for part in parts for line in part.subplots(lines, columns, squeeze=False)]
    for line in grid[len(rows) :]:
        for axes in line:
            axes.set_axis_off()
    for line, (name, images) in zip(grid, rows.items(), strict=False):
        for axes, image in zip(line, images, strict=False):
            show(axes, image, limits)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    figure.suptitle(title)
    return figure


def sample_grids(grids, title):
    """Draw the samples of several models side by side, each (16, H, W, C) or (16, d)."""
    limits = span(grids.values())
    rows, columns = shape(max(len(grids), 1))
    figure = Figure(figsize=(3 * columns, 3.2 * rows + 0.3), layout="constrained")
    parts = figure.subfigures(rows, columns, squeeze=False, wspace=0.05)
    for part, (name, images) in zip(parts.flat, grids.items(), strict=False):
        side = math.ceil(math.sqrt(len(images)))
        for axes, image in zip(part.subplots(side, side, squeeze=False).flat, images, strict=False):
            show(axes, image, limits)
        part.suptitle(name, fontsize="medium")
    figure.suptitle(title)
    return figure


def interpolation_png(frames, path, pause=1000, step=40, zoom=5):
    """Write a looping animation from the first frame to the last and back.

    Parameters
    ----------
    frames : array of shape (steps, H, W, C) or (steps, d)
        Images in [0, 1], or rows, which are drawn as profiles.
    path : path-like
        Where to write the animated PNG.
    pause, step : int
        Milliseconds that the two ends and the frames between them are shown.
    zoom : int
        Side of a pixel on the screen.
    """
    if frames.ndim > 2:
        grey = np.round(np.clip(frames, 0, 1) * 255).astype(np.uint8)
        grey = grey.repeat(zoom, axis=1).repeat(zoom, axis=2)
        pictures = [Image.fromarray(as_picture(frame)) for frame in grey]
    else:
        pictures = profiles(frames)
    pictures += pictures[-2:0:-1]
    durations = [step] * len(pictures)
    durations[0] = durations[len(frames) - 1] = pause
    pictures[0].save(
        path, "PNG", save_all=True, append_images=pictures[1:], duration=durations, loop=0
    )


def profiles(rows, size=(320, 160)):
    """Draw rows (n, d) as pictures of their profiles, all in one range."""
    low, high = span([rows])
    across = np.linspace(0, size[0], rows.shape[1] + 1)
    pictures = []
    for row in rows:
        heights = size[1] * (high - row) / (high - low)
        picture = Image.new("L", size, 255)
        steps = zip(across.repeat(2)[1:-1], heights.repeat(2), strict=True)
        ImageDraw.Draw(picture).line(list(steps), fill=0, width=2)
        pictures.append(picture)
    return pictures


def shape(count):
    """Rows and columns for so many panels: almost twice as wide as tall, as screens are."""
    columns = min(count, math.ceil(math.sqrt(1.8 * count)))
    return math.ceil(count / columns), columns


def panel(names, title, size=3.2):
    """Make a figure with an axes for every name, in a shape that fits on a screen.

    Returns
    -------
    tuple of Figure and dict of str to Axes
        The axes that are not needed are switched off.
    """
    rows, columns = shape(len(names))
    figure = Figure(figsize=(columns * size, rows * size + 0.5), layout="constrained")
    every = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes in every:
        axes.set_axis_off()
    axes_of = dict(zip(names, every, strict=False))
    for name, axes in axes_of.items():
        axes.set_axis_on()
        axes.set_title(name)
    figure.suptitle(title)
    return figure, axes_of


def planes(planes, labels, classes, title, axis_name):
    """Draw one scatter plot a model, coloured by class.

    Parameters
    ----------
    planes : dict of str to array of shape (N, 2)
        Points of each model.
    labels : array of shape (N,)
        Class of each point, from 0.
    classes : sequence of str
        Names of the classes; none where there are no labels.
    title, axis_name : str
        The figure's title; what an axis shows, numbered 1 and 2.
    """
    classes = [literal(name) for name in classes]
    figure, axes_of = panel(planes, literal(title))
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


def roc_panel(curves, reference, without, title):
    """Draw one ROC curve a model.

    Parameters
    ----------
    curves : dict of str to list of tuple
        For every seed the false positive rates, true positive rates, and the area under them.
    reference : tuple
        The same of a score that needs no model, drawn beside each.
    without : str
        What that score is.
    title : str
        The figure's title.
    """
    figure, axes_of = panel(curves, literal(title))
    no_model, no_model_true, no_model_area = reference
    for name, axes in axes_of.items():
        axes.plot(no_model, no_model_true, color="#94a4a2", ls="--")
        for x, y, _ in curves[name]:
            axes.plot(x, y, color="#3f90da", lw=1.5 / len(curves[name]) ** 0.5)
        axes.plot([0, 1], [0, 1], color="black", lw=0.5, ls=":")
        areas = [area for *_, area in curves[name]]
        spread = f" ± {half_width(areas):.3f}" if len(areas) > 1 else ""
        axes.set_title(f"{name}\nAUC {np.mean(areas):.3f}{spread}")
        axes.set(xlabel="false positive rate", ylabel="true positive rate", aspect="equal")
    handles = [
        Line2D([], [], color="#3f90da", label="the model's score"),
        Line2D(
            [], [], color="#94a4a2", ls="--", label=f"no model, {without}: AUC {no_model_area:.3f}"
        ),
        Line2D([], [], color="black", lw=0.5, ls=":", label="guessing: AUC 0.500"),
    ]
    columns = 3 if len(curves) > 2 else 1  # a figure of one or two panels is narrow
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    return figure


def history_panel(histories, title):
    """Draw the loss of each model over its epochs, in training and in validation.

    Parameters
    ----------
    histories : dict of str to list of pandas.DataFrame
        For every seed, with ``epoch``, ``loss`` and ``val_loss``.
    title : str
        The figure's title.
    """
    figure, axes_of = panel(histories, title)
    for name, axes in axes_of.items():
        for number, history in enumerate(histories[name]):
            for column, label, style in (
                ("loss", "training", {"color": "#3f90da"}),
                ("val_loss", "validation", {"color": "#bd1f01", "ls": "--"}),
            ):
                axes.plot(
                    history["epoch"], history[column], label=label if number == 0 else None,
                    marker="o" if len(history) == 1 else None, **style,
                )  # fmt: skip
        axes.set(xlabel="epoch", ylabel="loss per image", yscale="log")
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_minor_formatter(ScalarFormatter())
        axes.tick_params(which="both", labelsize=7)
        axes.legend(fontsize=7)
    return figure


def most_anomalous(samples, anomalous, scores, title, shown=16):
    """Draw the samples of the highest scores, a line a model, and whether each is an anomaly.

    Parameters
    ----------
    samples : array of shape (N, H, W, C) or (N, d)
        Images in [0, 1], or rows.
    anomalous : array of bool of shape (N,)
        The truth: ▲ and a thick orange frame, or ○ and a thin grey one.
    scores : dict of str to array of shape (N,)
        Of each model; higher = more anomalous.
    title : str
        The figure's title.
    shown : int, optional
        How many samples a line has, at most.
    """
    first = {name: np.argsort(-values, kind="stable")[:shown] for name, values in scores.items()}
    limits = span([samples[numbers] for numbers in first.values()])
    columns = min(shown, len(samples))
    figure = Figure(figsize=(columns * 0.7 + 1.8, len(scores) * 0.95 + 0.9), layout="constrained")
    grid = figure.subplots(len(scores), columns, squeeze=False)
    for line, (name, numbers) in zip(grid, first.items(), strict=True):
        for axes, number in zip(line, numbers, strict=True):
            found = anomalous[number]
            show(axes, samples[number], limits)
            axes.spines[:].set(
                visible=True, color="#e76300" if found else "#94a4a2", linewidth=3 if found else 1
            )
            axes.set_title(
                f"{'▲' if found else '○'} {number}", fontsize=7, pad=3,
                fontweight="bold" if found else "normal",
            )  # fmt: skip
        label = f"{name}\n▲ {anomalous[numbers].sum()} of {len(numbers)}"
        line[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=8)
    figure.suptitle(title)
    return figure
