"""Tidy scores to matplotlib figures, with the spread over the seeds."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kerasae.reporting.figures import literal
from kerasae.reporting.statistics import half_width

MARKERS = "osD^v<>Pp*Xh8dH"
SERIES = ("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#717581")


def heat_map(scores, rows, title, label, guessing=None):
    """Draw a number for every row and column, ± half of its 95 % interval where seeds tell it.

    Parameters
    ----------
    scores : pandas.DataFrame
        With ``row``, ``column``, ``seed`` and ``value``.
    rows : sequence of str
        Order of the rows; those that were not measured are left out.
    title, label : str
        The figure's title, and what the colour shows.
    guessing : float, optional
        What guessing reaches: a value below it is marked with ▼ and in bold.
    """
    cells = scores.groupby(["row", "column"])["value"].agg(["mean", half_width]).unstack()
    cells = cells.reindex([row for row in rows if row in cells.index])
    means, halves = cells["mean"], cells["half_width"]
    columns = [row for row in rows if row in means] or list(means)  # rows against themselves
    means, halves = means[columns], halves[columns]
    size = (max(0.75 * len(columns) + 3.2, 7.5), 0.42 * len(means) + 1.6)
    figure = Figure(figsize=size, layout="constrained")
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
    figure.suptitle(title)
    return figure, axes


def curves(scores, order, title):
    """Draw accuracies over the number of labels, a panel a classifier.

    Parameters
    ----------
    scores : pandas.DataFrame
        With ``classifier``, ``labels``, ``variant``, ``seed`` and ``value``.
    order : sequence of str
        The variants, as in the legend; those that were not measured are left out.
    title : str
        The figure's title.
    """
    classifiers = scores["classifier"].unique()
    figure = Figure(figsize=(4.6 * len(classifiers) + 2, 4.4), layout="constrained")
    panels = figure.subplots(1, len(classifiers), sharey=True, squeeze=False)[0]
    present = [name for name in order if (scores["variant"] == name).any()]
    for axes, classifier in zip(panels, classifiers, strict=True):
        part = scores[scores["classifier"] == classifier]
        cells = part.groupby(["variant", "labels"])["value"].agg(["mean", half_width])
        for number, name in enumerate(present):
            line = cells.loc[name]
            axes.errorbar(
                line.index, line["mean"], line["half_width"].fillna(0), label=name, capsize=2,
                color=SERIES[number % len(SERIES)], marker=MARKERS[number % len(MARKERS)],
                ls="-" if number < len(SERIES) else "--", ms=4, lw=1,
            )  # fmt: skip
        axes.set(xscale="log", xlabel="labelled images", title=classifier)
        counts = sorted(part["labels"].unique())
        axes.set_xticks(counts, [f"{count:,}" for count in counts], rotation=45)
        axes.minorticks_off()
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("test accuracy")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
    figure.suptitle(title)
    return figure


def divergences(series, title):
    """Draw the divergence of each element of the codes, the largest first.

    Parameters
    ----------
    series : dict of str to list of array of shape (latent_dim,)
        For every stochastic variant and seed, in nats; see
        `kerasae.evaluation.measures.latent_space.kl_per_dimension`.
    title : str
        The figure's title.
    """
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.subplots()
    for number, (name, seeds) in enumerate(series.items()):
        ranked = np.sort(seeds, axis=1)[:, ::-1]  # (seeds, latent_dim)
        half = np.nan_to_num(np.apply_along_axis(half_width, 0, ranked))
        axes.errorbar(
            np.arange(1, ranked.shape[1] + 1), ranked.mean(axis=0), half, label=name, capsize=2,
            color=SERIES[number % len(SERIES)], marker=MARKERS[number % len(MARKERS)], ms=4, lw=1,
        )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="element of the code, by rank", ylabel="divergence from the prior in nats")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    if series:
        axes.legend()
    figure.suptitle(title)
    return figure
