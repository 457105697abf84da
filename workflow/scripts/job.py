"""What every script does first, and how it writes."""

import contextlib
import os
import sys

import numpy as np

from kerasae import files, provenance

_made_from, _made_by = {}, {}


def start(snakemake):
    """Send all output to the rule's log, check the inputs, and keep TensorFlow to one thread.

    To be called before TensorFlow is imported. Snakemake shows the log of a job that failed;
    what went wrong stands in its last line, behind the traceback.
    """
    log = os.open(snakemake.log[0], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["TF_NUM_INTRAOP_THREADS"] = "1"
    os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    _made_from.update({str(path): provenance.checked(path) for path in snakemake.input})
    _made_by.update(
        rule=snakemake.rule,
        wildcards=dict(snakemake.wildcards.items()),
        params=dict(snakemake.params.items()),
        configuration=snakemake.config["as_written"],
    )


@contextlib.contextmanager
def whole(path):
    """Write a file as `kerasae.files.whole` does, and beside it where it came from."""
    with files.whole(path) as temporary:
        yield temporary
    provenance.record(path, _made_from, _made_by)


def import_keras():
    """Import Keras without scikit-learn and matplotlib.

    It takes both where it finds them, for parts that no job uses: more than a second.
    """
    absent = [name for name in ("sklearn", "matplotlib") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))
    import keras  # noqa: F401

    for name in absent:
        del sys.modules[name]


def arrays(path, *names):
    """Read arrays of an ``.npz`` file; one array, or a tuple of several."""
    with np.load(path, allow_pickle=False) as file:
        found = tuple(file[name] for name in names)
    return found if len(names) > 1 else found[0]


def save_figure(figure, path):
    """Write a matplotlib figure."""
    with whole(path) as temporary:
        figure.savefig(temporary, dpi=150)


def save_scores(frame, path):
    """Write tidy scores."""
    with whole(path) as temporary:
        frame.to_csv(temporary, index=False)
