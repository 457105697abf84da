"""Training time: how long the epochs took."""


def times(history):
    """Sum up the clock of a run.

    Parameters
    ----------
    history : pandas.DataFrame
        What `kerasae.training.train` returned.

    Returns
    -------
    dict of str to float
        ``seconds``: wall time of all epochs, validation and compilation included.
        ``seconds_per_epoch``: the median epoch. ``load``: processes that ran on the machine
        or waited for it, on average; where it exceeds 1 the run was not alone.
    """
    return {
        "seconds": float(history["seconds"].sum()),
        "seconds_per_epoch": float(history["seconds"].median()),
        "load": float(history["load"].mean()),
    }
