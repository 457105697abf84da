"""Start of every script, and its reading and writing of files.

A job makes one set of files, or consists of parts with files of their own: see `Part`.
"""

import contextlib
import functools
import gc
import os
import sys
import traceback
import uuid
from pathlib import Path

import numpy as np

from kerasae.datasets import open_stored
from kerasae.evaluation.outputs import Outputs
from kerasae.evaluation.task import Inputs
from kerasae.storage import atomic, dependencies, provenance, verification

_job = {}


class ChangedError(RuntimeError):
    """Code or data changed during the workflow."""


class PartError(RuntimeError):
    """Parts of a job failed; the message names them."""


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
    _job["folder"] = folder(snakemake)
    _job["settings"] = {
        "rule": snakemake.rule.removesuffix("_all_seeds"),
        "configuration": snakemake.config["as_written"],
    }
    if "parts" in params:
        _job["failure"] = params["failure"]
        atomic_text(params["failure"]["file"], uuid.uuid4().hex)
        _job["parts"] = [Part(**described) for described in params["parts"]]
        return
    _job["planned"] = params.pop("sources")
    _job["made_from"] = unchanged(_job["planned"]) | digests(snakemake.input)
    _job["settings"] |= {"wildcards": dict(snakemake.wildcards.items()), "params": params}
    for path in snakemake.output:
        remove_unfinished(path)


def folder(snakemake):
    """Return the folder with the results of the job's data set, or of the comparison of all."""
    return Path(snakemake.config["results"], snakemake.wildcards.get("dataset", "across"))


@functools.cache
def digest(path):
    """Digest of an input, computed once."""
    return provenance.checked(path)


def digests(paths):
    """Digests of inputs, by path."""
    return {str(path): digest(str(path)) for path in paths}


def remove_unfinished(path):
    """Remove what interrupted writes of an output and its record left: no other job writes them."""
    for one in (path, provenance.record_of(path)):
        atomic.remove_unfinished(one)


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


def atomic_text(path, text):
    """Write a small text file."""
    with atomic.atomic_write(path) as temporary:
        temporary.write_text(text)


class Part:
    """A part of a job, such as one of its runs: its own inputs, outputs and provenance records.

    Its outputs are written to the folder of checkpoints, and moved to their places when the whole
    job succeeds: Snakemake removes or restores the outputs of a failed job. An output that was
    made from the same inputs, code and settings is kept, in its place or from a failed job.

    Attributes
    ----------
    wildcards : dict of str to str
        Those of its files.
    inputs, outputs : dict of str to str
        Paths by name; lists of paths for inputs of several runs.
    params : dict
        Its settings.
    """

    def __init__(self, wildcards, inputs, outputs, sources, params):
        self.wildcards, self.inputs, self.outputs = wildcards, inputs, outputs
        self.params, self._planned = params, sources
        self._settings = _job["settings"] | {"wildcards": wildcards, "params": params}

    @property
    def name(self):
        """Name in messages."""
        named = self.wildcards.get("variant") or self.wildcards["dataset"]
        seed = self.wildcards.get("seed")
        return f"{named} (seed {seed})" if seed else named

    @functools.cached_property
    def made_from(self):
        """Digests of code and inputs."""
        paths = [
            path
            for paths in self.inputs.values()
            for path in ([paths] if isinstance(paths, str) else paths)
        ]
        return unchanged(self._planned) | digests(paths)

    def waiting(self, path):
        """Path of an output until the whole job succeeds."""
        return Path(_job["folder"], "checkpoints", os.path.relpath(path, _job["folder"]))

    def found(self, path):
        """The place of an up-to-date output: its own, that of a failed job, or None."""
        for place in (Path(path), self.waiting(path)):
            if provenance.is_current(place, self.made_from, self._settings, _job["folder"]):
                return place
        return None

    def is_made(self):
        """Whether all outputs are up to date."""
        return all(map(self.found, self.outputs.values()))

    @contextlib.contextmanager
    def write(self, name):
        """Write an output and its record."""
        path = self.waiting(self.outputs[name])
        remove_unfinished(path)
        with atomic.atomic_write(path) as temporary:
            yield temporary
            unchanged(self._planned)
        provenance.record(path, self.made_from, self._settings, _job["folder"])

    def place(self):
        """Move the outputs to their places, unless they are there."""
        for path in self.outputs.values():
            remove_unfinished(path)
            waiting = self.waiting(path)
            if self.found(path) == waiting:
                Path(_job["folder"], verification.LIST).unlink(missing_ok=True)
                for one in (provenance.record_of, Path):
                    Path(path).parent.mkdir(parents=True, exist_ok=True)
                    one(waiting).replace(one(path))
            for one in (provenance.record_of, Path):
                one(waiting).unlink(missing_ok=True)


def each_part(make):
    """Make the outputs of all parts of the job that are not up to date, and move them in place.

    Parameters
    ----------
    make : callable
        Takes a `Part`, and writes its outputs.

    Raises
    ------
    PartError
        If parts failed, after the others are done. What they made is kept for the next attempt.
    """
    failures = {}
    for part in _job["parts"]:
        try:
            if part.is_made():
                print(f"{part.name}: up to date", flush=True)
                continue
            print(f"{part.name}: begins", flush=True)
            make(part)
        except ChangedError:
            raise
        except Exception as error:
            traceback.print_exc()
            failures[part.name] = error.with_traceback(None)
        gc.collect()  # models refer to themselves
    if failures:
        raise PartError("; ".join(f"{name}: {error}" for name, error in failures.items()))
    for part in _job["parts"]:
        part.place()
    if _job["failure"]["token"]:
        atomic_text(_job["failure"]["file"], _job["failure"]["token"])
    else:
        Path(_job["failure"]["file"]).unlink()


def inputs(run, params):
    """Return the inputs of a measurement or figure, each read when it is first used.

    Parameters
    ----------
    run : dict
        ``wildcards`` and ``inputs``, and ``model`` where a model is read.
    params : dict
        ``settings``, and ``runs`` of an input of several runs.
    """
    sources = {}
    for name, path in run["inputs"].items():
        if isinstance(path, str):
            sources[name] = functools.partial(read, name, path, run.get("model"))
        else:
            files = zip(params["runs"], path, strict=True)
            sources[name] = [(one, functools.partial(read, name, each)) for one, each in files]
    return Inputs(run["wildcards"], params["settings"], sources)


def read(name, path, model=None):
    """Read an input by its kind; a job imports only the libraries of its own inputs."""
    if name == "data":
        return data(path)
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


@functools.cache
def data(path):
    """Read a data set, once for all runs of a job."""
    return open_stored(path)
