"""Training time: seconds of the epochs and of the compilation."""

import math


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
        first of each stage. Missing without epochs to compare: ``compilation`` if any stage has
        a single epoch, ``seconds_per_epoch`` if all do. ``load``: mean number of processes
        that ran or waited on the machine; above 1 the training was not alone.
    """
    first = ~history["stage"].duplicated()
    medians = history[~first].groupby("stage")["seconds"].median()
    beyond = history[first].set_index("stage")["seconds"] - medians
    found = {
        "seconds": float(history["seconds"].sum()),
        "compilation": float(beyond.sum(skipna=False)),
        "seconds_per_epoch": float(history["seconds"][~first].median()),
        "load": float(history["load"].mean()),
    }
    return {metric: value for metric, value in found.items() if not math.isnan(value)}
