"""What every script does first, and how it writes."""

import contextlib
import os
import sys
from pathlib import Path

import numpy as np

from kerasae.storage import atomic as files
from kerasae.storage import dependencies, provenance, verification

_job = {}


class ChangedError(RuntimeError):
    """Code or data changed while the workflow ran."""


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
    params = dict(snakemake.params.items())
    _job["planned"] = params.pop("sources")
    _job["folder"] = folder(snakemake)
    _job["made_from"] = unchanged(_job["planned"]) | {
        str(path): provenance.checked(path) for path in snakemake.input
    }
    _job["settings"] = {
        "rule": snakemake.rule,
        "wildcards": dict(snakemake.wildcards.items()),
        "params": params,
        "configuration": snakemake.config["as_written"],
    }
    written = [*snakemake.output, *filter(None, [params.get("checkpoint")])]
    for path in (*written, *map(provenance.record_of, written)):
        files.remove_unfinished(path)  # no other job writes what this one does


def folder(snakemake):
    """Give the folder with the results of a job's data set."""
    return Path(snakemake.config["results"], snakemake.wildcards.dataset)


def unchanged(planned):
    """Give the digests of code and data, which have to be those that the workflow was planned with.

    Snakemake keeps the planned ones with the results, and compares them with those at hand when
    it is started again.
    """
    found = dependencies.digests(planned["modules"], planned["files"])
    if dependencies.combined(found) != planned["sha256"]:
        names = ", ".join([*planned["modules"], *planned["files"]])
        raise ChangedError(
            "Expected the code and data that Snakemake was started with, but they were changed "
            f"since: run Snakemake again. Received: another version of {names}, or of their imports"
        )
    return found


@contextlib.contextmanager
def atomic_write(path):
    """Write a file as `kerasae.storage.atomic.atomic_write` does, and beside it where it came from.

    The list of the results' files is removed, as it is out of date from now on.
    """
    with files.atomic_write(path) as temporary:
        yield temporary
        if "planned" in _job:  # once, as what is written next was computed by now, too
            unchanged(_job.pop("planned"))
        Path(_job["folder"], verification.LIST).unlink(missing_ok=True)
    provenance.record(path, _job["made_from"], _job["settings"], _job["folder"])


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
    with atomic_write(path) as temporary:
        figure.savefig(temporary, dpi=150)


def save_scores(frame, path):
    """Write tidy scores."""
    with atomic_write(path) as temporary:
        frame.to_csv(temporary, index=False)
