"""Figures of a comparison across data sets: critical-difference diagram and heat map."""

import numpy as np
import pandas as pd
import scikit_posthocs
from matplotlib.ticker import MaxNLocator

from kerasae.reporting.across.ranks import average_ranks
from kerasae.reporting.drawing import canvas, literal
from kerasae.reporting.statistics import LEVEL

_CELL = 0.36, 0.2
"""Width and height of a cell with a value, in inches."""
_LARGEST = 30, 40
"""Largest width and height of the cells together, in inches; smaller cells have no values."""
_LETTER = 0.085
"""Width of a letter, in inches."""


def _label(name):
    """Write a name on one line: control characters are escaped, and $ for matplotlib."""
    name = str(name)
    return literal("".join(c if c.isprintable() else repr(c)[1:-1] for c in name))


def _width_of(names):
    """Estimate the width of the longest name, in inches."""
    return _LETTER * max(len(_label(name)) for name in names)


def critical_difference(values, p_values, title):
    """Draw the critical-difference diagram of values (data sets, methods), higher being better.

    The best average rank is on the left. A bar joins a group of `wilcoxon_holm`'s ``p_values``, in
    which no two methods differ significantly; its dots mark the members, as a group may skip a
    method.
    """
    average = average_ranks(values)
    names = [_label(name) for name in average.index]
    figure = canvas(2 * _width_of(average.index) + 8, 4, title)
    axes = figure.subplots()
    p_values = p_values.loc[average.index, average.index]
    drawn = scikit_posthocs.critical_difference_diagram(
        dict(enumerate(average)),
        pd.DataFrame(p_values.to_numpy()),  # numbered: any name is valid
        alpha=1 - LEVEL,
        ax=axes,
        label_fmt_left="{label}",
        label_fmt_right="{label}",
        elbow_props={"color": "#717581", "lw": 0.8},
        marker_props={"color": "black", "s": 12},
        crossbar_props={"color": "#3f90da", "marker": "o", "ms": 4},
        text_h_margin=0.02 * len(names),
    )
    for text in drawn["labels"]:
        at = int(text.get_text())
        parts = ["", f"{average.iloc[at]:.2f}", names[at]]
        text.set_text("  ".join(parts if text.get_ha() == "left" else reversed(parts)))
        text.set_color("black")
    lowest = min(text.get_position()[1] for text in drawn["labels"])
    axes.set_ylim(lowest - 0.5, 1)
    figure.set_figheight(0.2 * (1 - lowest) + 1.4)
    axes.xaxis.set_label_position("top")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(
        f"average rank on {len(values)} data sets (1 = best); bars: no significant difference "
        f"(Wilcoxon's signed-rank test, Holm's correction, {1 - LEVEL:.0%} level)"
    )
    return figure


def heat_map(values, title, metric="AUROC"):
    """Draw a heat map of values (data sets, methods), higher being better.

    Columns start with the best average rank, rows with the highest best value. Cells contain their
    values if they fit; the best of each row is bold. ``metric`` names the values and their unit.
    """
    rows = values.max(axis=1).sort_values(ascending=False, kind="stable").index
    values = values.loc[rows, average_ranks(values).index]
    needed = _CELL[0] * values.shape[1], _CELL[1] * values.shape[0]
    width, height = np.minimum(needed, _LARGEST)
    figure = canvas(
        max(width + _width_of(values.index) + 2, 7.5),
        max(height, 2) + _width_of(values.columns) + 1.2,
        title,
    )
    axes = figure.subplots()
    image = axes.imshow(values, cmap="cividis", aspect="auto")
    axes.set_xticks(range(values.shape[1]), map(_label, values.columns), rotation=90, fontsize=8)
    axes.set_yticks(range(values.shape[0]), map(_label, values.index), fontsize=8)
    axes.set(xlabel="method, by average rank", ylabel="data set, by its best value")
    figure.colorbar(image, label=f"{literal(metric)} (higher is better)")
    if (width, height) == needed:
        _write_values(axes, image, values.to_numpy())
    return figure


def _write_values(axes, image, values):
    """Write the values (rows, columns) into the cells of an image, the best of each row bold."""
    colours = image.to_rgba(values)[..., :3]
    bright = colours @ (0.2126, 0.7152, 0.0722) > 0.5
    for (row, column), value in np.ndenumerate(values):
        axes.text(
            column, row, f"{value:.2f}".removeprefix("0"), ha="center", va="center", fontsize=7,
            color="black" if bright[row, column] else "white",
            fontweight="bold" if value == values[row].max() else "normal",
        )  # fmt: skip
