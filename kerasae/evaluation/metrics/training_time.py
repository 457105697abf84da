"""Training time: seconds of the epochs and of the compilation."""

import math

import pandas as pd


def time_metrics(history):
    """Return the times of a training by name, from the history of `kerasae.training.train.train`.

    The compilation is summed over the stages. The mean over the stages of the seconds per epoch is
    weighted by their numbers of epochs. Both are missing if a stage has a single epoch.
    """
    first = ~history["stage"].duplicated()
    medians = history[~first].groupby("stage")["seconds"].median()
    share = history["stage"].value_counts(normalize=True)
    excess = history[first].set_index("stage")["seconds"] - medians
    times = {
        "seconds": float(history["seconds"].sum()),
        "compilation": float(excess.sum(skipna=False)),
        "seconds_per_epoch": float((medians * share).sum(skipna=False)),
        "load": float(history["load"].mean()),
    }
    if history.get("alone", pd.Series([False])).all():
        times["seconds_per_epoch_alone"] = times["seconds_per_epoch"]
    return {metric: value for metric, value in times.items() if not math.isnan(value)}
