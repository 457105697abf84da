"""Training time: seconds of the epochs and of the compilation."""

import math

import pandas as pd


def time_metrics(history):
    """Summarise the times of a training.

    Parameters
    ----------
    history : pandas.DataFrame
        From `kerasae.training.train.train`.

    Returns
    -------
    dict of str to float
        ``seconds``: wall time of all epochs, validation and compilation included.
        ``compilation``: excess of the first epoch of each stage over the median of its other
        epochs, summed over the stages. ``seconds_per_epoch``: median of the epochs without the
        first of each stage; mean over the stages, whose epochs cost unequal times, weighted by
        their number of epochs. Missing without epochs to compare: where any stage has a single
        epoch. ``load``: mean number of processes that ran or waited on the machine; above 1 the
        training was not alone. ``seconds_per_epoch_alone``: the same as ``seconds_per_epoch``, for
        a training that had the machine to itself.
    """
    first = ~history["stage"].duplicated()
    medians = history[~first].groupby("stage")["seconds"].median()
    share = history["stage"].value_counts(normalize=True)
    beyond = history[first].set_index("stage")["seconds"] - medians
    found = {
        "seconds": float(history["seconds"].sum()),
        "compilation": float(beyond.sum(skipna=False)),
        "seconds_per_epoch": float((medians * share).sum(skipna=False)),
        "load": float(history["load"].mean()),
    }
    if history.get("alone", pd.Series([False])).all():
        found["seconds_per_epoch_alone"] = found["seconds_per_epoch"]
    return {metric: value for metric, value in found.items() if not math.isnan(value)}
