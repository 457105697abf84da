"""Start of every script, and its reading and writing of files."""

import contextlib
import os
import sys
from pathlib import Path

import numpy as np

from kerasae.datasets import Dataset
from kerasae.evaluation.outputs import Outputs
from kerasae.evaluation.task import Inputs
from kerasae.storage import atomic, dependencies, provenance, verification

_job = {}


class ChangedError(RuntimeError):
    """Code or data changed during the workflow."""


def start(snakemake):
    """Redirect all output to the rule's log, check the inputs, and limit TensorFlow to one thread.

    Call it before importing TensorFlow. Snakemake shows the log of a failed job; its last line,
    after the traceback, is the error.
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
        atomic.remove_unfinished(path)  # no other job writes these files


def folder(snakemake):
    """Return the folder with the results of the job's data set."""
    return Path(snakemake.config["results"], snakemake.wildcards.dataset)


def unchanged(planned):
    """Return the digests of code and data, or raise a ChangedError if they changed after planning.

    Snakemake stores the planned digests with the results, and compares them when it starts again.
    """
    found = dependencies.digests(planned["modules"], planned["files"])
    if dependencies.combined(found) != planned["sha256"]:
        names = ", ".join([*planned["modules"], *planned["files"]])
        raise ChangedError(
            "Expected the code and data that Snakemake was started with: run Snakemake again. "
            f"Received: another version of {names}, or of their imports"
        )
    return found


@contextlib.contextmanager
def atomic_write(path):
    """Write a file with `kerasae.storage.atomic.atomic_write`, and its provenance record.

    Removes the list of the results' files, which is out of date from now on.
    """
    with atomic.atomic_write(path) as temporary:
        yield temporary
        if "planned" in _job:  # once, as further outputs are already computed
            unchanged(_job.pop("planned"))
        Path(_job["folder"], verification.LIST).unlink(missing_ok=True)
    provenance.record(path, _job["made_from"], _job["settings"], _job["folder"])


def inputs(snakemake):
    """Return the inputs of a measurement or figure, each read when it is first used."""
    params = snakemake.params
    runs = params.get("runs") or []

    def reader(name, path):
        return lambda: read(name, path, params.get("model"))

    sources = {}
    for name, path in snakemake.input.items():
        if isinstance(path, str):
            sources[name] = reader(name, path)
        else:
            files = zip(runs, path, strict=True)
            sources[name] = [(run, reader(name, each)) for run, each in files]
    return Inputs(dict(snakemake.wildcards.items()), params.settings, sources)


def read(name, path, model=None):
    """Read an input by its kind; a job imports only the libraries of its own inputs."""
    if name == "data":
        return Dataset.open(path)
    if name == "outputs":
        return Outputs.open(path)
    if name in ("plane", "planes"):
        return np.load(path)
    if name in ("generated", "real"):
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    if name == "model":
        from kerasae import models

        return models.load(path, model)
    if name == "histories":
        import pandas as pd

        return pd.read_csv(path)
    from kerasae.evaluation import scores

    return scores.read(path)


def save_scores(frame, path):
    """Write tidy scores."""
    with atomic_write(path) as temporary:
        frame.to_csv(temporary, index=False)
