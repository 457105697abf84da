"""Training of the models on JAX and PyTorch, by Keras's own trainers.

On TensorFlow an epoch is one call of a compiled program, see `kerasae.training.epochs`. Here Keras
takes the steps, from what `compute_loss` returns. All that a step changes is a Keras variable:
weights, codebooks, trackers, the state of the noise. So JAX's trainer, which hands the state from
step to step, needs nothing else of a model.
"""

import contextlib

import keras

from kerasae.models.trainer import Trainer
from kerasae.training.optimizers import anew


class KerasTrainer(Trainer):
    """Base class of `kerasae.models.base.Autoencoder` on JAX and PyTorch."""

    within_xla = False

    def compile(self, *args, jit_compile=None, **kwargs):
        """Compile as in `Trainer.compile`.

        ``jit_compile``, on TensorFlow the choice of XLA, has no effect: JAX is slow where nothing
        is compiled, PyTorch compiles for longer than most trainings take. ``run_eagerly`` turns
        JAX's compilation off.
        """
        compiled = keras.backend.backend() == "jax" and not kwargs.get("run_eagerly")
        super().compile(*args, jit_compile=compiled, **kwargs)
        self.programs = Optimizers(self)

    def train_on(self, images, validation, epochs, initial_epoch, **how):
        """Train on the sources of `fit`, batch by batch.

        Raises
        ------
        NotImplementedError
            If the model has a `train_batch` of its own, which is a step on TensorFlow.
        """
        if not self.by_gradients:
            how = {name: how[name] for name in ("verbose", "callbacks")}
            return self.compute_losses(images, validation, epochs, initial_epoch, **how)
        if type(self).train_batch is not KerasTrainer.train_batch:
            raise NotImplementedError(
                f"{type(self).__name__} has a `train_batch` of its own, which only TensorFlow "
                "calls: give `loss` the gradients of its step, as kerasae/models/adversarial.py "
                f"does. Received: KERAS_BACKEND={keras.backend.backend()}"
            )
        return super().train_on(images, validation, epochs, initial_epoch, **how)

    def compute_losses(self, images, validation, epochs, initial_epoch, verbose, callbacks):
        """Compute the losses as in a training, without an optimizer step."""
        callbacks = keras.callbacks.CallbackList(
            callbacks, add_history=True, add_progbar=verbose != 0, verbose=verbose,
            epochs=epochs, steps=1, model=self,
        )  # fmt: skip
        logs = None
        callbacks.on_train_begin()
        for epoch in range(initial_epoch, epochs):
            callbacks.on_epoch_begin(epoch)
            logs = self.terms_on(images)
            if validation is not None:
                logs |= {f"val_{name}": value for name, value in self.terms_on(validation).items()}
            callbacks.on_epoch_end(epoch, logs)
        callbacks.on_train_end(logs)
        return self.history

    def terms_on(self, images):
        """Compute the loss terms on a source of images."""
        return keras.Model.evaluate(self, self.batches(images), verbose=0, return_dict=True)

    def train_on_batch(self, x, *args, **kwargs):
        """Take an optimizer step on a batch, if the model takes any; see `Trainer`."""
        if self.by_gradients:
            return super().train_on_batch(x, *args, **kwargs)
        return self.test_on_batch(x, *args, **kwargs)

    def train_batch(self, images):
        """Take no step, as Keras takes them."""
        raise NotImplementedError("Only TensorFlow has this step: use `fit` or `train_on_batch`.")

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Compute the loss terms of a batch, track them, and return the one to minimise."""
        images = self.scale(x)
        terms = self.loss_terms(images, training)
        self.track(terms, images)
        return terms["loss"]

    def train_step(self, *state_and_data):
        """Take one optimizer step.

        Keras calls the model before `compute_loss`, which computes other outputs: `call` does
        nothing within a step, as both would go through the networks, and in training move the
        averages of batch normalisation twice.
        """
        with self.a_step():
            return super().train_step(*state_and_data)

    def test_step(self, *state_and_data):
        """Compute the loss terms on a batch; see `train_step`."""
        with self.a_step():
            return super().test_step(*state_and_data)

    @contextlib.contextmanager
    def a_step(self):
        """Set `within_step` within the context."""
        self.within_step = True
        try:
            yield
        finally:
            self.within_step = False


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
