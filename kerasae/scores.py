"""Numbers in one tidy table, and the tables for reading made of it."""

from pathlib import Path

import pandas as pd

COLUMNS = ("dataset", "variant", "seed", "latent_dim", "left_out", "task", "metric", "value")
DECIMALS = {"reconstruction": 2, "classification": 4, "anomaly": 3, "training_time": 1}
"""Task → decimals in its table."""
PUBLISHED = Path(__file__).with_name("published.csv")
"""The article's figures, one run each: reconstruction, classification, training time from its
tables, the signed AUCs from its ROC plots."""


def tidy(run, task, metrics):
    """Make the rows of one run and task.

    Parameters
    ----------
    run : mapping
        ``dataset``, ``variant``, ``seed``, ``latent_dim`` and ``left_out`` of the run.
    task : str
        Name of the task.
    metrics : dict of str to float
        What was measured.

    Returns
    -------
    pandas.DataFrame
        With the `COLUMNS`, a row a number.
    """
    keys = {column: run[column] for column in COLUMNS[:5]}
    rows = [{**keys, "task": task, "metric": name, "value": x} for name, x in metrics.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def read(path):
    """Read scores; labels of classes and ``none`` stay text."""
    return pd.read_csv(path, dtype={"left_out": str}, keep_default_na=False, na_values=[""])


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
        its standard deviation, and where the article gives one, the published figure.
    """
    part = scores[scores["task"] == task]
    groups = part.groupby(["variant", "metric"], sort=False)["value"]
    means, spreads = groups.mean().unstack(), groups.std().unstack()
    published = pd.read_csv(PUBLISHED).query("dataset == @part.dataset.iloc[0] and task == @task")
    published = published.pivot(index="variant", columns="metric", values="value")
    columns = {}
    for metric in part["metric"].unique():
        columns[metric] = means[metric]
        if part["seed"].nunique() > 1:
            columns[f"{metric} sd"] = spreads[metric]
        if metric in published:
            columns[f"{metric} published"] = published[metric]
    present = list(part["variant"].unique())
    rows = [name for name in variants if name in present]
    rows += [name for name in present if name not in rows]
    return pd.DataFrame(columns).reindex(rows).rename_axis("variant").round(DECIMALS[task])


def to_markdown(frame):
    """Write a table as Markdown; an empty cell is what was not measured or not published."""
    return frame.astype(object).where(frame.notna(), "").to_markdown() + "\n"
