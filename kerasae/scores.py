"""Numbers in one tidy table."""

import pandas as pd

COLUMNS = ("dataset", "variant", "seed", "latent_dim", "left_out", "task", "metric", "value")
KEYS = COLUMNS[:-1]


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


def merged(own, others):
    """Lay scores of one data set together with what was computed elsewhere.

    Parameters
    ----------
    own : pandas.DataFrame
        Scores of one data set.
    others : sequence of pandas.DataFrame
        Scores of other runs, of the same data set and of any others.

    Returns
    -------
    pandas.DataFrame
        All scores of the data set. A number that several have, such as one that knows no seed, is
        that of the first of them.
    """
    parts = [own, *(other[other["dataset"].isin(own["dataset"])] for other in others)]
    return pd.concat(parts).drop_duplicates(list(KEYS), ignore_index=True)
