"""Training on JAX and PyTorch, by Keras's own trainers.

On TensorFlow an epoch is one call of a compiled program, see `kerasae.training.epochs`. Here Keras
takes the steps, from what `compute_loss` returns. All that a step changes is a Keras variable:
weights, codebooks, trackers, the state of the noise. So JAX's trainer, which hands the state from
step to step, needs nothing else of a model.
"""

import contextlib

import keras
import numpy as np

from kerasae.datasets.values import refuse_no_bytes
from kerasae.nn.kernels import known_values
from kerasae.seeds import derive


def trained_by_keras(kind):
    """Derive from a class of models one that Keras trains.

    Parameters
    ----------
    kind : type
        A subclass of `keras.Model`, with `loss_terms`, `track` and the trackers.

    Returns
    -------
    type
        Of the same name and module, as it takes the place of ``kind``.
    """
    kept = {name: getattr(kind, name) for name in ("__doc__", "__module__", "__qualname__")}
    return type(kind.__name__, (TrainedByKeras, kind), kept)


class TrainedByKeras:
    """What a class of models does otherwise where Keras trains it.

    Attributes
    ----------
    by_gradients : bool
        Whether an epoch takes optimizer steps; else it only computes the losses.
    within_step : bool
        Whether Keras is computing a step of a training or an evaluation.
    """

    by_gradients = True
    within_step = False

    def compile(self, optimizer=None, jit_compile=True, **kwargs):
        """Compile as in Keras; by default with Adam at 0.001.

        ``jit_compile``, on TensorFlow the choice of XLA, has no effect: JAX is slow where nothing
        is compiled, PyTorch compiles for longer than most trainings take. ``run_eagerly`` turns
        JAX's compilation off.
        """
        compiled = keras.backend.backend() == "jax" and not kwargs.get("run_eagerly")
        keras.Model.compile(
            self,
            optimizer=optimizer or keras.optimizers.Adam(0.001),
            jit_compile=compiled,
            **kwargs,
        )
        self.optimizer.build(self.trainable_variables)
        self.programs = Optimizers(self)

    def fit(
        self,
        x,
        batch_size=256,
        epochs=1,
        validation_data=None,
        initial_epoch=0,
        verbose="auto",
        callbacks=None,
    ):
        """Train on images, batch by batch.

        Parameters
        ----------
        x : array of shape (n, H, W, C)
            uint8, or float in [0, 1]. Every image is seen once an epoch, in a fresh order that the
            model's seed and the number of the epoch determine, another one than on TensorFlow.
        batch_size : int, optional
            Images per batch; the partial one at the end of an epoch counts by its size.
        epochs, initial_epoch : int, optional
            Number of the last epoch, and of the one before the first.
        validation_data : array of shape (m, H, W, C), optional
            Images on which the loss terms are computed after every epoch.
        verbose, callbacks
            As in `keras.Model.fit`.

        Returns
        -------
        keras.callbacks.History
            Every loss term for every epoch, ``val_`` in front of those of the validation.

        Raises
        ------
        NotImplementedError
            If the model has a `train_batch` of its own, which is a step on TensorFlow.
        """
        if not self.compiled:
            raise ValueError("Call compile() before fit().")
        if self.by_gradients and type(self).train_batch is not TrainedByKeras.train_batch:
            raise NotImplementedError(
                f"{type(self).__name__} has a `train_batch` of its own, which only TensorFlow "
                "calls: give `loss` the gradients of its step, as kerasae/models/adversarial.py "
                f"does. Received: KERAS_BACKEND={keras.backend.backend()}"
            )
        batches = self.batches(x, batch_size, derive(self.seed, "order"), initial_epoch)
        validation = None if validation_data is None else self.batches(validation_data, batch_size)
        how = {"verbose": verbose, "callbacks": callbacks}
        return self.train_on(batches, validation, epochs, initial_epoch, **how)

    def train_on(self, batches, validation, epochs, initial_epoch, **how):
        """Train on `Batches`."""
        if not self.by_gradients:
            return self.compute_losses(batches, validation, epochs, initial_epoch, **how)
        # The steps depend on the stage of the training
        self.train_function = self.test_function = None
        return keras.Model.fit(
            self, batches, epochs=epochs, initial_epoch=initial_epoch, validation_data=validation,
            shuffle=False, **how,
        )  # fmt: skip

    def compute_losses(self, batches, validation, epochs, initial_epoch, verbose, callbacks):
        """Compute the losses on `Batches` as in a training, without an optimizer step."""
        callbacks = keras.callbacks.CallbackList(
            callbacks, add_history=True, add_progbar=verbose != 0, verbose=verbose,
            epochs=epochs, steps=1, model=self,
        )  # fmt: skip
        logs = None
        callbacks.on_train_begin()
        for epoch in range(initial_epoch, epochs):
            callbacks.on_epoch_begin(epoch)
            logs = self.evaluate(batches, verbose=0, return_dict=True)
            if validation is not None:
                terms = self.evaluate(validation, verbose=0, return_dict=True)
                logs |= {f"val_{name}": value for name, value in terms.items()}
            callbacks.on_epoch_end(epoch, logs)
        callbacks.on_train_end(logs)
        return self.history

    def evaluate(self, x, batch_size=256, **kwargs):
        """Compute the loss terms on images (n, H, W, C); see `fit`."""
        if not isinstance(x, keras.utils.PyDataset):  # Keras's own call in `fit` has one
            x = self.batches(x, batch_size)
        return keras.Model.evaluate(self, x, **kwargs)

    def train_on_batch(self, x, *args, **kwargs):
        """Take an optimizer step on a batch, if the model takes any; as in Keras."""
        run = keras.Model.train_on_batch if self.by_gradients else keras.Model.test_on_batch
        return run(self, x, *args, **kwargs)

    def train_batch(self, images):
        """Take no step, as Keras takes them."""
        raise NotImplementedError("Only TensorFlow has this step: use `fit` or `train_on_batch`.")

    def batches(self, images, batch_size, *order):
        """Check images (n, H, W, C), and make `Batches` of them."""
        images = np.asarray(known_values(images))
        refuse_no_bytes(images)
        self.scale(images[:1])
        return Batches(images, batch_size, *order)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Compute the loss terms of a batch, track them, and return the one to minimise."""
        images = self.scale(x)
        terms = self.loss_terms(images, training)
        self.track(terms, images)
        return terms["loss"]

    def call(self, images, training=False):
        """Reconstruct images; within a step, which does not use it, return them as they are.

        Keras calls the model before `compute_loss`. An objective has other outputs than
        reconstructions, so that both would go through the networks, and in training move the
        averages of batch normalisation twice.
        """
        return images if self.within_step else super().call(images, training)

    def train_step(self, *state_and_data):
        """Take one optimizer step; see `call`."""
        with self.a_step():
            return keras.Model.train_step(self, *state_and_data)

    def test_step(self, *state_and_data):
        """Compute the loss terms on a batch; see `call`."""
        with self.a_step():
            return keras.Model.test_step(self, *state_and_data)

    @contextlib.contextmanager
    def a_step(self):
        """Set `within_step` within the context."""
        self.within_step = True
        try:
            yield
        finally:
            self.within_step = False


class Batches(keras.utils.PyDataset):
    """Batches of images in memory.

    Parameters
    ----------
    images : array of shape (n, H, W, C)
        In their order.
    batch_size : int
        Images per batch.
    seed : int, optional
        Seed of the order; every epoch has their own order without.
    first : int, optional
        Number of the first epoch, which determines its order with the seed.
    """

    def __init__(self, images, batch_size, seed=None, first=0):
        super().__init__()
        self.images, self.batch_size = images, batch_size
        self.seed, self.epoch, self.order = seed, first, np.arange(len(images))

    def on_epoch_begin(self):
        """Draw the order of the next epoch."""
        if self.seed is not None:
            generator = np.random.default_rng([self.seed, self.epoch])
            self.order = generator.permutation(len(self.images))
            self.epoch += 1

    def __len__(self):
        """Count the batches."""
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, number):
        """Take a batch."""
        rows = self.order[number * self.batch_size : (number + 1) * self.batch_size]
        return (np.asarray(self.images[rows]),)


class Optimizers:
    """The optimizers of a training in stages, as `kerasae.training.epochs.Programs` gives them.

    Parameters
    ----------
    model : keras.Model
        A compiled model.
    """

    def __init__(self, model):
        self.model = model

    def optimizer(self, like):
        """Make a fresh optimizer of the trainable variables, with the kind and settings of one."""
        return anew(like, self.model.trainable_variables)


def anew(optimizer, variables):
    """Make an optimizer of the same kind and settings for variables."""
    fresh = type(optimizer).from_config(optimizer.get_config())
    fresh.build(variables)
    return fresh


def restart(optimizer, variables):
    """Bring the state of an optimizer of these variables back to its start."""
    fresh = anew(optimizer, variables)
    for variable, initial in zip(optimizer.variables, fresh.variables, strict=True):
        variable.assign(initial)
