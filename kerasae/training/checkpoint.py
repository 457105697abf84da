"""Checkpoints: a training that was stopped continues after its last finished epoch."""

import json
import time

import keras
import numpy as np

from kerasae.storage.atomic import atomic_write

INTERVAL = 1.0
"""Seconds between two checkpoints, as short epochs would otherwise take less time than these."""


class Checkpoint(keras.callbacks.Callback):
    """Write the state of a training after epochs and at its end, to continue from bit for bit.

    The state is every variable of the model, those of its random numbers included, and of the
    optimizer, and the history ``rows``; the data order is a function of the seed and of the number
    of the epoch. The file at ``path`` is replaced at most once in `INTERVAL` seconds. It is not
    used for a training with another fingerprint than ``belongs_to``.
    """

    def __init__(self, path, belongs_to, rows):
        super().__init__()
        self.path, self.belongs_to, self.rows = path, belongs_to, rows
        self.optimizer, self.written, self.since = {}, 0, time.monotonic()
        self.finished = False  # whether the training is over, though not all epochs were taken

    def restore(self, model, unfinished=True):
        """Bring back weights and history from the file; return how many epochs are done.

        That is 0 without a file, or with one that is damaged or belongs to another training: the
        first epoch replaces it. Without ``unfinished``, only a training that is over is restored.
        The optimizer's part waits until the training begins, as it is made only then.
        """
        try:
            with np.load(self.path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file}
            rows = json.loads(str(arrays["rows"]))
            finished = bool(arrays["finished"])
            if str(arrays["belongs_to"]) != self.belongs_to or not (finished or unfinished):
                return 0
        except Exception:  # a damaged file can fail in any way
            return 0
        self.rows[:] = rows
        assign(model.variables, "model", arrays)
        self.written, self.finished = len(rows), finished
        self.optimizer = {name: arrays[name] for name in arrays if name.startswith("optimizer/")}
        return len(rows)

    def on_train_begin(self, logs=None):
        """Bring back the optimizer, unless its stage is over and the next has one of its own."""
        if self.optimizer and self.rows[-1]["stage"] == self.model.stage + 1:
            assign(self.model.optimizer.variables, "optimizer", self.optimizer)
        self.optimizer = {}

    def on_epoch_end(self, epoch, logs=None):
        """Write the file, unless the last one is new."""
        if time.monotonic() - self.since >= INTERVAL:
            self.write(self.model)

    def on_train_end(self, logs=None):
        """Write the file, unless it holds the last epoch already."""
        if self.written < len(self.rows):
            self.write(self.model)

    def finish(self, model):
        """Write the state of a training that is over, and that has no other checkpoint."""
        self.finished = True
        self.write(model)

    def write(self, model):
        """Write the state of the model, the optimizer and the history."""
        arrays = numbered(model.variables, "model")
        arrays |= numbered(model.optimizer.variables, "optimizer")
        rows, belongs_to, finished = json.dumps(self.rows), self.belongs_to, self.finished
        with atomic_write(self.path) as path:
            np.savez(path, rows=rows, belongs_to=belongs_to, finished=finished, **arrays)
        self.written, self.since = len(self.rows), time.monotonic()


def numbered(variables, kind):
    """Give the values of variables names that are the same in every run."""
    return {f"{kind}/{number}": np.asarray(value) for number, value in enumerate(variables)}


def assign(variables, kind, arrays):
    """Set variables to what was `numbered`."""
    for number, variable in enumerate(variables):
        variable.assign(arrays[f"{kind}/{number}"])
