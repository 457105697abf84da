"""Charts of tidy scores with matplotlib, with intervals over the seeds."""

import numpy as np

from kerasae.reporting.drawing import canvas, literal
from kerasae.reporting.statistics import half_width

_MARKERS = "osD^v<>Pp*Xh8dH"
_SERIES = ("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#717581")


def style(number):
    """Return the style of a line by its number, from 0, as keywords of ``errorbar``."""
    return {
        "color": _SERIES[number % len(_SERIES)],
        "marker": _MARKERS[number % len(_MARKERS)],
        "ls": "-" if number < len(_SERIES) else "--",
        **{"ms": 4, "lw": 1, "capsize": 2},
    }


def heat_map(scores, rows, title, label, guessing=None):
    """Draw a heat map of means, with several seeds ± half the width of the 95 % interval.

    Scores have ``row``, ``column``, ``seed`` and ``value``; ``rows`` is the order of the rows, and
    a row without a score is left out. Return the figure and its axes. Means below ``guessing`` are
    bold and marked with ▼.
    """
    cells = scores.groupby(["row", "column"])["value"].agg(["mean", half_width]).unstack()
    cells = cells.reindex([row for row in rows if row in cells.index])
    means, halves = cells["mean"], cells["half_width"]
    columns = [row for row in rows if row in means] or list(means)  # if both are variants
    means, halves = means[columns], halves[columns]
    figure = canvas(max(0.75 * len(columns) + 3.2, 7.5), 0.42 * len(means) + 1.6, title)
    axes = figure.subplots()
    image = axes.imshow(means, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(means.shape[1]), [literal(name) for name in means.columns])
    axes.set_yticks(range(len(means)), means.index)
    for (row, column), mean in np.ndenumerate(means.to_numpy()):
        if np.isnan(mean):
            continue
        below = guessing is not None and mean < guessing
        text = f"{mean:.2f}{'▼' if below else ''}"
        if not np.isnan(half := halves.iloc[row, column]):
            text += f"\n±{half:.2f}"
        axes.text(
            column, row, text, ha="center", va="center", fontsize=7,
            color="white" if mean < 0.6 else "black", fontweight="bold" if below else "normal",
        )  # fmt: skip
    figure.colorbar(image, label=label)
    return figure, axes
