"""Training of the models on JAX and PyTorch, by Keras's own trainers.

On TensorFlow an epoch is one call of a compiled program, see `kerasae.training.epochs`. Here Keras
takes the steps, from what `compute_loss` returns. All that a step changes is a Keras variable:
weights, codebooks, trackers, the state of the noise. So JAX's trainer, which hands the state from
step to step, needs nothing else of a model.
"""

import contextlib

import keras

from kerasae.training.fit import Trainer


class KerasTrainer(Trainer):
    """Base class of `kerasae.models.base.Autoencoder` on JAX and PyTorch."""

    def compile(self, *args, jit_compile=None, **kwargs):
        """Compile as in `Trainer.compile`.

        ``jit_compile``, on TensorFlow the choice of XLA, has no effect: JAX is slow where nothing
        is compiled, PyTorch compiles for longer than most trainings take. ``run_eagerly`` turns
        JAX's compilation off.
        """
        compiled = keras.backend.backend() == "jax" and not kwargs.get("run_eagerly")
        super().compile(*args, jit_compile=compiled, **kwargs)

    def train_on(self, images, validation, epochs, initial_epoch, **options):
        """Train on batches, or only compute their losses."""
        if not self.by_gradients:
            return self._run_epochs(
                lambda _: self._terms_on(images, validation),
                epochs,
                initial_epoch,
                options["verbose"],
                options["callbacks"],
            )
        if type(self).train_batch is not KerasTrainer.train_batch:
            raise NotImplementedError(
                f"{type(self).__name__} has a `train_batch` of its own, which only TensorFlow "
                "calls: give `loss` the gradients of its step, as kerasae/models/adversarial.py "
                f"does. Received: KERAS_BACKEND={keras.backend.backend()}"
            )
        return super().train_on(images, validation, epochs, initial_epoch, **options)

    def _terms_on(self, images, validation):
        """Compute the loss terms on the images, and on those of the validation."""
        terms = keras.Model.evaluate(self, images, verbose=0, return_dict=True)
        if validation is not None:
            others = keras.Model.evaluate(self, validation, verbose=0, return_dict=True)
            terms |= {f"val_{name}": value for name, value in others.items()}
        return terms

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
        with self._step():
            return super().train_step(*state_and_data)

    def test_step(self, *state_and_data):
        """Compute the loss terms on a batch; see `train_step`."""
        with self._step():
            return super().test_step(*state_and_data)

    @contextlib.contextmanager
    def _step(self):
        """Set `within_step` within the context."""
        self.within_step = True
        try:
            yield
        finally:
            self.within_step = False
