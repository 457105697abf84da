"""The files of a data set's results: where each is, how it is read and how it is written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kerasae.storage.atomic import atomic_write


def _read_data(path, entry):
    from kerasae import datasets

    return datasets.open_stored(path)


def _read_model(path, entry):
    from kerasae import models

    return models.load(path, entry)


def _read_classifier(path, entry):
    import keras

    return keras.saving.load_model(path)


def _read_outputs(path, entry):
    from kerasae.evaluation.outputs import Outputs

    return Outputs.open(path)


def _read_table(path, entry):
    import pandas as pd

    return pd.read_csv(path)


def _read_scores(path, entry):
    from kerasae.evaluation import scores

    return scores.read(path)


def _read_array(path, entry):
    return np.load(path)


def _read_arrays(path, entry):
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def _save(path, value):
    value.save(path)


def _save_table(path, value):
    value.to_csv(path, index=False)


def _save_arrays(path, value):
    np.savez(path, **value)


class Kind(NamedTuple):
    """A kind of artifact."""

    path: str
    """Its file below the results of a data set, see `PATHS`."""
    read: Callable[[Path, str | None], Any]
    """Read a file; a model needs its entry, see `kerasae.models.entry`."""
    write: Callable[[Path, Any], None]


KINDS = {
    "data": Kind("data/images.npz", _read_data, _save),
    "model": Kind("models/{run}.keras", _read_model, _save),
    "histories": Kind("histories/{run}.csv", _read_table, _save_table),
    "outputs": Kind("codes/{run}.npz", _read_outputs, _save),
    "plane": Kind("planes/{run}.npy", _read_array, np.save),
    "generated": Kind("generated/{run}.npz", _read_arrays, _save_arrays),
    "classifier": Kind("classifiers/{seed}.keras", _read_classifier, _save),
    "real": Kind("classifiers/{seed}.npz", _read_arrays, _save_arrays),
    "bounds": Kind("scores/bounds/all.csv", _read_scores, _save_table),
    "scores": Kind("scores.csv", _read_scores, _save_table),
}
PATHS = {
    **{name: kind.path for name, kind in KINDS.items()},
    "description": "data/description.md",
    "checkpoint": "checkpoints/{run}.npz",
}
"""Kind of a file → its path below the results of a data set.

``{run}`` is the name of the run, ``{seed}`` that of its seed.
"""


class Artifacts:
    """The artifacts of one data set, each read from its file or held in memory.

    Parameters
    ----------
    folder : path-like
        The results of the data set.
    entries : dict of str to str, optional
        Variant → its model, see `kerasae.models.entry`: to read models.
    """

    def __init__(self, folder, entries=None):
        self.folder, self.entries = Path(folder), entries or {}
        self._held = {}

    def path(self, kind, run):
        """Path of an artifact of a run, or of its seed or data set."""
        return self.folder / relative(kind, run)

    def read(self, kind, run):
        """Read an artifact; those of a seed or of the data set are kept in memory."""
        path = self.path(kind, run)
        if path in self._held:
            value = self._held[path]
            if kind == "model":
                value.restart_noise()  # as in a model that is read from a file
            return value
        value = KINDS[kind].read(path, self.entries.get(run.variant))
        if "{run}" not in PATHS[kind]:
            self._held[path] = value
        return value

    def hold(self, kind, run, value):
        """Hold an artifact in memory, instead of or besides a file."""
        self._held[self.path(kind, run)] = value

    def release(self, run):
        """Forget the artifacts of a run that are held in memory."""
        for kind, pattern in PATHS.items():
            if "{run}" in pattern:
                self._held.pop(self.path(kind, run), None)

    def write(self, kind, run, value):
        """Write the file of an artifact; a whole one, or none."""
        with atomic_write(self.path(kind, run)) as path:
            KINDS[kind].write(path, value)


def relative(kind, run):
    """Path of an artifact below the results of its data set."""
    return PATHS[kind].format(run=run.name, seed=f"seed{run.seed}")
