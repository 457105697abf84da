"""Numbers in one tidy table."""

import pandas as pd

COLUMNS = ("dataset", "variant", "seed", "latent_dim", "left_out", "task", "metric", "value")


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
