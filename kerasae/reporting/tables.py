"""Tables for reading, made of the tidy scores."""

import re
from pathlib import Path

import pandas as pd

from kerasae.models import BASELINES
from kerasae.reporting.statistics import best, by_seed, half_width

DECIMALS = {"reconstruction": 2, "anomaly": 3, "training_time": 1, "interpolation": 3}
"""Task → decimals in its table; of the others 4."""
HIGHER_IS_BETTER = {
    **dict.fromkeys(("bce", "mse", "frechet distance", "kernel distance", "distance"), False),
    **dict.fromkeys(("calibration error",), False),
    **dict.fromkeys(("accuracy", "logistic accuracy", "neighbours accuracy", "auc", "ap_"), True),
    **dict.fromkeys(("precision", "recall", "density", "coverage"), True),
    **dict.fromkeys(("explained", "silhouette", "trustworthiness"), True),
}
"""First words of a metric → which way is better; of others, such as times, which depend on the
machine, there is no best."""
LEADING = {
    "training_time": ("seconds", "seconds_per_epoch", "compilation", "load"),
    "reconstruction": ("bce", "mse", "bce of the mean code", "mse of the mean code", "explained"),
    "classification": (
        *("accuracy", "logistic accuracy", "neighbours accuracy"),
        "logistic accuracy of the mean code",
    ),
    "anomaly": (
        *("auc_bce", "auc_mse", "auc_signed", "auc_neighbours", "auc_less_ink"),
        "auc_far_from_mean",
    ),
    "samples": (
        *("frechet distance", "precision", "recall", "density", "coverage"),
        "class entropy",
    ),
    "interpolation": ("confidence", "distance", "roughness"),
    "latent_space": (
        *("neighbours accuracy", "silhouette", "trustworthiness", "active units", "kl"),
        "perplexity",
    ),
    "uncertainty": tuple(
        f"{metric} {way}"
        for metric in ("accuracy", "calibration error")
        for way in ("of one draw", "of many draws", "of the mean code")
    ),
}
"""Task → the metrics that answer its question. A page shows them first, and `MOST` columns."""
REMARKS = ("remark", "worse than guessing")
MOST = 8
BOUNDS = ("entropy_floor", "real_images")
"""What can be reached at best, and is no contestant."""
WAYS = ("samples", "interpolation")
"""Tasks that a variant does in several ways: each has a row of its own."""
PUBLISHED = Path(__file__).with_name("published.csv")
"""The article's figures, one run each: reconstruction, classification, training time from its
tables, the signed AUCs from its ROC plots."""


def table(scores, task, variants):
    """Make the table of one task and data set for reading.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores of one data set.
    task : str
        Which task.
    variants : sequence of str
        Order of the rows; what else was measured, such as baselines, follows.

    Returns
    -------
    pandas.DataFrame
        A row a variant. For every metric the mean over the seeds, with more than one seed
        half the width of its 95 % interval (±) and whether the variant is the best one, or
        tied with those that cannot be told from the best; and where the article gives one,
        the published figure. Of the two probes the ranks of the means stand side by
        side. A model that has collapsed is named so in a column ``remark``, and of the scores
        for anomalies those that point the wrong way.
    """
    part = scores[scores["task"] == task]
    if task in WAYS:
        part, variants = by_way(part, variants)
    bounds = part["variant"].str.split(", ").str[0].isin(BOUNDS)
    groups = part.groupby(["variant", "metric"], sort=False)["value"]
    means, intervals = groups.mean().unstack(), groups.agg(half_width).unstack()
    published = pd.read_csv(PUBLISHED).query("dataset == @part.dataset.iloc[0] and task == @task")
    published = published.pivot(index="variant", columns="metric", values="value")
    columns = {}
    for metric in part["metric"].unique():
        columns[metric] = means[metric]
        if part["seed"].nunique() > 1:
            columns[f"{metric} ±"] = intervals[metric]
            higher = higher_is_better(metric)
            if higher is not None:
                contest = part[(part["metric"] == metric) & ~bounds]
                first = best(by_seed(contest), higher)
                mark = pd.Series("best" if len(first) == 1 else "tied", first)
                columns[f"{metric} best"] = mark.reindex(means.index, fill_value="")
        if metric in published:
            columns[f"{metric} published"] = published[metric]
    if {"accuracy", "logistic accuracy"} <= set(columns):
        both = means[["accuracy", "logistic accuracy"]].dropna().rank(ascending=False)
        columns |= {f"rank by {metric}": ranks for metric, ranks in both.items()}
    if "explained" in columns:
        learned = columns["explained"].drop(BASELINES, errors="ignore")
        remarks = learned.dropna().map(remark)
        if remarks.any():
            columns["remark"] = remarks
    if task == "anomaly":
        columns["worse than guessing"] = means.filter(regex="^auc_").apply(below_half, axis=1)
    present = list(part["variant"].unique())
    rows = [name for name in variants if name in present]
    rows += [name for name in present if name not in rows]
    return pd.DataFrame(columns).reindex(rows).rename_axis("variant").round(DECIMALS.get(task, 4))


def higher_is_better(metric):
    """Whether higher values of a metric are better; None where there is no better."""
    ways = [way for words, way in HIGHER_IS_BETTER.items() if metric.startswith(words)]
    return ways[0] if ways else None


def leading(frame, task):
    """Choose from a table what answers the question of its task.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `table` makes it.
    task : str
        Its task.

    Returns
    -------
    pandas.DataFrame of str
        At most `MOST` columns, ``variant`` among them: a mean with its interval and whether it is
        the best in one cell, ↑ or ↓ in the heading where higher or lower is better.
    """
    decimals = DECIMALS.get(task, 4)
    columns = {}
    for metric in LEADING.get(task, ()):
        if metric in frame:
            arrow = {True: " ↑", False: " ↓", None: ""}[higher_is_better(metric)]
            columns[f"{metric}{arrow}"] = [
                cell(row, metric, decimals) for _, row in frame.iterrows()
            ]
        if f"{metric} published" in frame:
            figures = frame[f"{metric} published"]
            columns["published"] = [number(value, decimals) for value in figures]
    remarks = {name: frame[name].fillna("") for name in REMARKS if name in frame}
    kept = list(columns)[: MOST - 1 - len(remarks)]
    chosen = {"variant": frame.index, **{name: columns[name] for name in kept}, **remarks}
    return pd.DataFrame({name: list(values) for name, values in chosen.items()}, dtype=str)


def cell(row, metric, decimals):
    """Write the mean of a metric, its interval and its standing, as far as they are known."""
    text = number(row[metric], decimals)
    half, standing = row.get(f"{metric} ±"), row.get(f"{metric} best")
    text += f"\u00a0±\u00a0{number(half, decimals)}" if text and pd.notna(half) else ""
    return f"{text}, {standing}" if standing else text


def number(value, decimals):
    """Write a number with its decimals; nothing where it is missing."""
    return "" if pd.isna(value) else f"{value:.{decimals}f}"


def remark(explained, least=0.02):
    """Name a model that lost its images, by the share of the cross-entropy that it explains.

    Returns
    -------
    str
        Collapsed, if it is as good as the mean image within ``least``: the codes tell nothing,
        and the decoder has learned to live with that. Worse than the mean image, if it is
        below; so is what was not trained, or only briefly. Else empty.
    """
    if explained >= least:
        return ""
    return "collapsed: as the mean image" if explained > -least else "worse than the mean image"


def below_half(areas):
    """Name the scores whose area under the ROC curve lies below one half."""
    return ", ".join(areas.index[areas < 0.5].str.removeprefix("auc_"))


def by_way(part, variants):
    """Turn ``metric (way)`` of a variant into ``metric`` of ``variant, way``.

    Returns the scores, and the order of the new names.
    """
    names = part["metric"].str.extract(r"^(?P<metric>.*?)(?: \((?P<way>.*)\))?$")
    rows = part["variant"].str.cat(names["way"], sep=", ", na_rep="").str.removesuffix(", ")
    order = [row for name in variants for row in dict.fromkeys(rows[part["variant"] == name])]
    return part.assign(variant=rows, metric=names["metric"]), order


def to_markdown(frame):
    """Write a table as Markdown; an empty cell is what was not measured or not published.

    Text is escaped: it makes no cells, no markup and no HTML.
    """
    frame = frame.astype(object).where(frame.notna(), "")
    frame = frame.map(plain).rename(index=plain, columns=plain).rename_axis(plain(frame.index.name))
    return frame.to_markdown() + "\n"


def plain(value):
    """Escape text for Markdown; numbers stay as they are."""
    if not isinstance(value, str):
        return value
    text = re.sub(r"([\\`*<>\[\]|~&]|(?<![^\W_])_|_(?![^\W_]))", r"\\\1", value)
    return " ".join(text.split())
