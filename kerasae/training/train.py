"""Train a model on a training set, and record its history and times."""

import hashlib
import inspect
import json
import math
import os
import time
from numbers import Real

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from kerasae.custom.load import no_exit
from kerasae.storage.code import TRAINING, digest_of, files_of, model_files
from kerasae.training.checkpoint import Checkpoint
from kerasae.training.defaults import training_defaults

WORTH_COMPILING = 3_000
"""Training steps of a stage above which the seconds of XLA's compilation pay off."""


class StopOnNonFinite(keras.callbacks.Callback):
    """Stop the run with an error as soon as a loss term is no longer a number."""

    def on_epoch_end(self, epoch, logs=None):
        """Check all terms of the epoch, those of the validation included."""
        broken = [name for name, value in (logs or {}).items() if not np.isfinite(value)]
        if broken:
            values = ", ".join(f"{name} = {logs[name]}" for name in broken)
            raise FloatingPointError(
                f"{type(self.model).__name__}: the loss is no longer finite in epoch "
                f"{epoch + 1}: {values}. Lower learning_rate, or check the data."
            )


class Record(keras.callbacks.Callback):
    """Keep a row of the history for every epoch in ``rows``.

    A row has ``epoch`` from 1, every loss term in training and (``val_``) in validation in nats per
    image, and ``seconds``, ``load``, ``stage`` and ``alone``.
    """

    def __init__(self, alone):
        super().__init__()
        self.rows, self.alone = [], alone

    def on_epoch_begin(self, epoch, logs=None):
        """Start the clock."""
        self.begin = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Stop the clock."""
        clock = {
            "seconds": time.perf_counter() - self.begin,
            # Processes that ran or waited for a core, averaged over the last minute.
            "load": os.getloadavg()[0],
            "stage": self.model.stage + 1,  # its first epoch contains the compilation
            # Times can be compared if the machine had nothing else to do.
            "alone": self.alone,
        }
        self.rows.append({"epoch": epoch + 1, **(logs or {}), **clock})


def compiled(model, steps, learning_rate):
    """Compile a model with Adam, by XLA where the number of steps pays for it.

    A model that is compiled in this way already keeps its programs.
    """
    if not isinstance(learning_rate, Real) or not 0 < learning_rate < math.inf:
        raise ValueError(
            f"learning_rate must be a finite number above 0. Received: {learning_rate!r}"
        )
    adam = keras.optimizers.Adam(learning_rate, name="adam")
    jit_compile = model.gains_from_xla and steps / model.stages > WORTH_COMPILING
    present = model.optimizer.get_config() if model.compiled else None
    if present != adam.get_config() or model.jit_compile != jit_compile:
        model.compile(adam, jit_compile=jit_compile)


def train(
    model,
    images,
    validation,
    epochs=None,
    batch_size=None,
    learning_rate=0.001,
    verbose=2,
    checkpoint=None,
    alone=False,
    patience=False,
):
    """Train a model with Adam, in place; return the history, a data frame with a row an epoch.

    Images are (n, H, W, C), at least one of each part; the losses of ``validation`` are computed
    after every epoch. By default, epochs and batch size are those of
    `kerasae.training.defaults.training_defaults`, and the weights those of the last epoch. With
    ``patience`` a training, or each of its stages, stops after so many epochs without a lower
    validation loss, and keeps the weights of the best epoch; it has a checkpoint at the end alone.

    The file ``checkpoint`` keeps the state after every epoch, and at the end. A training goes on
    from its own file, and ends with the weights of one never interrupted; one that is over is not
    repeated. Raise FloatingPointError, with epoch and term, if a loss term is no longer finite.
    """
    if not len(images) or not len(validation):
        raise ValueError(
            "Training and validation need at least one sample each. "
            f"Received: {len(images)} to train on, {len(validation)} for validation"
        )
    by_rows = training_defaults(len(images))
    epochs, batch_size = epochs or by_rows[0], batch_size or by_rows[1]
    record, done = Record(alone), 0
    callbacks = [record, StopOnNonFinite()]
    compiled(model, epochs * -(-len(images) // batch_size), learning_rate)
    if patience:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                "val_loss", mode="min", patience=patience, restore_best_weights=True
            )
        )
    if checkpoint is not None:
        settings = (epochs, batch_size, learning_rate, patience)
        keeper = Checkpoint(
            checkpoint, fingerprint(model, images, validation, settings), record.rows
        )
        # With patience, what is known of the epochs without a lower loss would be lost
        done = keeper.restore(model, unfinished=not patience)
        if keeper.finished:
            done = epochs
        if keeper.finished or not patience:
            callbacks.append(keeper)
    with no_exit():
        model.fit(
            images,
            batch_size=batch_size,
            epochs=epochs,
            validation_data=validation,
            verbose=verbose,
            callbacks=callbacks,
            initial_epoch=done,
        )
    if checkpoint is not None and patience and not keeper.finished:
        keeper.finish(model)
    return pd.DataFrame(record.rows)


def fingerprint(model, images, validation, settings):
    """Compute a digest that identifies a training: model, settings, data, code and versions."""
    digest = hashlib.sha256()
    versions = (keras.__version__, tf.__version__)
    named = (type(model).__qualname__, model.get_config(), *settings, *versions)
    digest.update(json.dumps(named, default=str).encode())
    for array in map(np.asarray, (images, validation)):
        digest.update(f"{array.shape} {array.dtype}".encode())
        digest.update(np.ascontiguousarray(array))
    digest.update(digest_of([*files_of(*TRAINING), *_class_files(type(model))]).encode())
    return digest.hexdigest()


def _class_files(kind):
    """List the files of a model class and of its bases up to Keras's own."""
    bases = kind.__mro__[: kind.__mro__.index(keras.Model)]
    own = [inspect.getfile(base) for base in bases if issubclass(base, keras.Model)]
    return sorted({file for path in own for file in model_files(path)})
