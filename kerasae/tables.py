"""Tables for reading, made of the tidy scores."""

from pathlib import Path

import pandas as pd

from kerasae.statistics import best, by_seed, half_width

DECIMALS = {"reconstruction": 2, "classification": 4, "anomaly": 3, "training_time": 1}
"""Task → decimals in its table."""
HIGHER_IS_BETTER = {"reconstruction": False, "classification": True, "anomaly": True}
"""Tasks whose variants are ranked; times depend on the machine and are not."""
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
        the published figure.
    """
    part = scores[scores["task"] == task]
    groups = part.groupby(["variant", "metric"], sort=False)["value"]
    means, intervals = groups.mean().unstack(), groups.agg(half_width).unstack()
    published = pd.read_csv(PUBLISHED).query("dataset == @part.dataset.iloc[0] and task == @task")
    published = published.pivot(index="variant", columns="metric", values="value")
    columns = {}
    for metric in part["metric"].unique():
        columns[metric] = means[metric]
        if part["seed"].nunique() > 1:
            columns[f"{metric} ±"] = intervals[metric]
            if task in HIGHER_IS_BETTER:
                first = best(by_seed(part[part["metric"] == metric]), HIGHER_IS_BETTER[task])
                mark = pd.Series("best" if len(first) == 1 else "tied", first)
                columns[f"{metric} best"] = mark.reindex(means.index, fill_value="")
        if metric in published:
            columns[f"{metric} published"] = published[metric]
    present = list(part["variant"].unique())
    rows = [name for name in variants if name in present]
    rows += [name for name in present if name not in rows]
    return pd.DataFrame(columns).reindex(rows).rename_axis("variant").round(DECIMALS[task])


def to_markdown(frame):
    """Write a table as Markdown; an empty cell is what was not measured or not published."""
    return frame.astype(object).where(frame.notna(), "").to_markdown() + "\n"
