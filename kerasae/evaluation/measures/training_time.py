"""Training time: how long the epochs took, and how long the compilation."""

import math


def times(history):
    """Sum up the clock of a run.

    Parameters
    ----------
    history : pandas.DataFrame
        What `kerasae.training.train.train` returned.

    Returns
    -------
    dict of str to float
        ``seconds``: wall time of all epochs, validation and compilation included.
        ``compilation``: what the first epochs of all stages took beyond the median of the
        others of their stage; ``seconds_per_epoch``: the median epoch that was no first; what
        a run of so few epochs does not tell is left out. ``load``: processes that ran on the
        machine or waited for it, on average; where it exceeds 1 the run was not alone.
    """
    first = ~history["stage"].duplicated()
    medians = history[~first].groupby("stage")["seconds"].median()
    beyond = history[first].set_index("stage")["seconds"] - medians
    told = {
        "seconds": float(history["seconds"].sum()),
        "compilation": float(beyond.sum(skipna=False)),
        "seconds_per_epoch": float(history["seconds"][~first].median()),
        "load": float(history["load"].mean()),
    }
    return {metric: value for metric, value in told.items() if not math.isnan(value)}
