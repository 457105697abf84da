"""The files of a data set's results: where each is, how it is read and how it is written."""

from pathlib import Path

import numpy as np

from kerasae.evaluation.outputs import Outputs, read_arrays, write_arrays
from kerasae.storage.atomic import atomic_write

PATHS = {
    "data": "data/images.npz",
    "description": "data/description.md",
    "model": "models/{run}.keras",
    "histories": "histories/{run}.csv",
    "checkpoint": "checkpoints/{run}.npz",
    "outputs": "codes/{run}.npz",
    "plane": "planes/{run}.npy",
    "planes": "planes/{run}.npy",
    "generated": "generated/{run}.npz",
    "classifier": "classifiers/{seed}.keras",
    "real": "classifiers/{seed}.npz",
    "bounds": "scores/bounds/all.csv",
    "scores": "scores.csv",
}
"""Kind of an artifact → its path below the results of a data set.

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
        value = _read(kind, path, self.entries.get(run.variant))
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
            if kind in ("model", "classifier", "data", "outputs"):
                value.save(path)
            elif kind in ("histories", "bounds", "scores"):
                value.to_csv(path, index=False)
            elif kind in ("plane", "planes"):
                np.save(path, value)
            elif kind == "description":
                path.write_text(value, encoding="utf-8")
            else:
                write_arrays(path, value)


def relative(kind, run):
    """Path of an artifact below the results of its data set."""
    return PATHS[kind].format(run=run.name, seed=f"seed{run.seed}")


def _read(kind, path, entry):
    """Read a file by its kind; import only the libraries that it needs."""
    if kind == "data":
        from kerasae import datasets

        return datasets.open_stored(path)
    if kind == "outputs":
        return Outputs.open(path)
    if kind == "model":
        from kerasae import models

        return models.load(path, entry)
    if kind == "classifier":
        import keras

        return keras.saving.load_model(path)
    if kind in ("plane", "planes"):
        return np.load(path)
    if kind == "histories":
        import pandas as pd

        return pd.read_csv(path)
    if kind in ("bounds", "scores"):
        from kerasae.evaluation import scores

        return scores.read(path)
    return read_arrays(path)
