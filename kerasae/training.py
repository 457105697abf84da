"""One run: a contestant trained on a training set, with its history and its times."""

import os
import time

import keras
import numpy as np
import pandas as pd

WORTH_COMPILING = 100_000
"""Images to train on, counted in every epoch, above which XLA saves more than the some five
seconds that it takes to compile a model."""


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


class Clock(keras.callbacks.Callback):
    """Wall time of every epoch in seconds, validation included, and the machine's load.

    A stage is what one program trains, compiled in its first epoch; all contestants but the
    stacked one have a single stage.
    """

    def __init__(self):
        super().__init__()
        self.columns = {"seconds": [], "load": [], "stage": []}
        self.stage = 0

    def on_train_begin(self, logs=None):
        """Begin a stage."""
        self.stage += 1

    def on_epoch_begin(self, epoch, logs=None):
        """Start the clock."""
        self.begin = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Stop the clock."""
        self.columns["seconds"].append(time.perf_counter() - self.begin)
        self.columns["load"].append(os.getloadavg()[0])
        self.columns["stage"].append(self.stage)


def compiled(model, count, learning_rate):
    """Compile a contestant with Adam, by XLA where ``count``, the images of all epochs, pays it."""
    jit_compile = model.gains_from_xla and count > WORTH_COMPILING
    model.compile(keras.optimizers.Adam(learning_rate), jit_compile=jit_compile)


def train(model, images, validation, epochs, batch_size=256, learning_rate=0.001, verbose=2):
    """Train a contestant with Adam and keep the weights of the last epoch.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        Changed in place.
    images, validation : array of shape (n, H, W, C)
        Images to train on, and those on which the losses are computed after every epoch.
    epochs, batch_size : int
        How long, and how many images a step.
    learning_rate : float
        Of Adam.
    verbose : int, optional
        As in `keras.Model.fit`: 1 a bar, 2 a line an epoch.

    Returns
    -------
    pandas.DataFrame
        A row an epoch: ``epoch`` from 1, every loss term in training and (``val_``) in
        validation in nats per image, the ``seconds`` the epoch took, the ``load`` of the
        machine after it: the number of processes that ran or waited for a core, averaged over
        the last minute, and the ``stage``, from 1, whose first epoch contains the compilation.

    Raises
    ------
    FloatingPointError
        If a loss term is no longer finite; says in which epoch, and which.
    """
    clock = Clock()
    compiled(model, epochs * len(images), learning_rate)
    history = model.fit(
        images,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=validation,
        verbose=verbose,
        callbacks=[clock, StopOnNonFinite()],
    )
    table = pd.DataFrame({**history.history, **clock.columns})
    table.insert(0, "epoch", np.arange(1, len(table) + 1))
    return table
