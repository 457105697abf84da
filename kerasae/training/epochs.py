"""Training on TensorFlow: the step, and for arrays whole epochs as single calls of a program.

A program takes the images and the order of an epoch, and loops over the batches itself. The images
stay in memory as they came, uint8 in general; a batch is gathered and scaled only where it is
used. Every image comes once an epoch, and the last partial batch is a batch like the others. All
other data come batch by batch, through Keras's own loop and the same step.
"""

from typing import NamedTuple

import keras
import tensorflow as tf

from kerasae.networks.kernels import replicas, shuffled_order
from kerasae.training.data import ArrayBatches
from kerasae.training.fit import Trainer

_NO_PROGRAM = ("seed", "preprocessing", "metadata")
"""Settings of a model that its programs do not depend on."""


class Epoch(NamedTuple):
    """Images and the order of an epoch."""

    images: tf.Tensor  # all of them, (n, H, W, C)
    full: tf.Tensor  # indices of the full batches, (k, batch_size)
    rest: tf.Tensor  # indices of the partial batch at the end, (n mod batch_size,)


def shuffled_epoch(images, batch_size, seed, number):
    """Put images (n, H, W, C) into the order of one epoch, cut into batches.

    The order is a function of the seed and the number of the epoch alone: training that is
    continued at an epoch sees the same batches as training that was never stopped.
    """
    return batches(images, shuffled_order(len(images), seed, number), batch_size)


def one_pass(images, batch_size):
    """Make an `Epoch` of ``images`` in their own order."""
    return batches(images, tf.range(len(images)), batch_size)


def batches(images, order, batch_size):
    """Make an `Epoch` of images in an order, cut into batches."""
    full = len(images) // batch_size * batch_size
    rows = tf.reshape(order[:full], (-1, batch_size))
    return Epoch(tf.convert_to_tensor(images), rows, order[full:])


def for_each_batch(step, epoch):
    """Call ``step``, which returns nothing, on the batches (N, H, W, C) of an epoch.

    In a compiled program the loop is one that XLA can compile. The step is traced once, for batches
    of any size; XLA knows each size when it compiles.
    """
    images, full, rest = epoch
    if tf.executing_eagerly():  # a model with run_eagerly=True, to look into its steps
        for indices in (*full, *([rest] if len(rest) else [])):
            step(tf.gather(images, indices))
        return

    of_any_size = tf.TensorSpec((None, *images.shape[1:]), images.dtype)
    step = tf.function(step, [of_any_size], autograph=False)
    flat = tf.reshape(images, (images.shape[0], -1))  # rows are gathered and scaled fastest

    def batch(indices):
        return tf.reshape(tf.gather(flat, indices), (-1, *images.shape[1:]))

    def body(number):
        step(batch(full[number]))
        return (number + 1,)

    if full.shape[0]:
        tf.while_loop(lambda number: number < full.shape[0], body, (tf.constant(0),))
    if rest.shape[0]:
        step(batch(rest))


class TensorFlowTrainer(Trainer):
    """Base class of `kerasae.models.base.Autoencoder` on TensorFlow."""

    @property
    def within_xla(self):
        """Whether XLA will compile the step that is being traced."""
        return not tf.executing_eagerly() and self.jit_compile

    def train_on(self, images, validation, epochs, initial_epoch, **options):
        """Train on batches, on arrays in memory with whole epochs as one call."""
        fast = (
            all(
                isinstance(data, ArrayBatches) and data.in_memory
                for data in (images, validation)
                if data is not None
            )
            and (options["steps_per_epoch"], options["validation_steps"]) == (None, None)
            and options["validation_freq"] == 1
            and self.distribute_strategy.num_replicas_in_sync == 1
            and self._steps_are_unchanged()
            and not _resumes(options["callbacks"])
        )
        if not fast:
            return super().train_on(images, validation, epochs, initial_epoch, **options)
        return self.train_in_memory(
            images, validation, epochs, initial_epoch, options["verbose"], options["callbacks"]
        )

    def _steps_are_unchanged(self):
        """Tell whether nobody overrides the steps that Keras calls."""
        return all(
            getattr(type(self), name) is getattr(TensorFlowTrainer, name)
            for name in ("train_step", "test_step")
        )

    def train_in_memory(self, images, validation, epochs, initial_epoch, verbose, callbacks):
        """Train with an epoch as one call of the compiled program."""
        program = self._program()
        images.images = rows = tf.convert_to_tensor(images.images)  # once for all stages
        others = None
        if validation is not None:
            others = one_pass(validation.images, validation.batch_size)

        def run_epoch(number):
            if images.seed is None:
                epoch = one_pass(rows, images.batch_size)
            else:
                epoch = shuffled_epoch(rows, images.batch_size, images.seed, number)
            return {name: float(value) for name, value in program(epoch, others).items()}

        return self._run_epochs(run_epoch, epochs, initial_epoch, verbose, callbacks)

    def _program(self):
        """Return the program of the model's stage, from one or two `Epoch` to the loss terms.

        It is traced and compiled for the shapes of a data set when it first meets them, and serves
        every later training with these shapes and the same settings of the model.
        """
        names = [variable.path for variable in self.trainable_variables]
        settings = {**self.get_config(), **dict.fromkeys(_NO_PROGRAM)}, names
        compiled_for, program = self._kept.programs.get(self.stage, (None, None))
        if compiled_for != settings:
            program = self._epoch
            if not self.run_eagerly:
                program = tf.function(program, autograph=False, jit_compile=self.jit_compile)
            self._kept.programs[self.stage] = settings, program
        return program

    def _epoch(self, training, validation):
        """Take the steps of an epoch, and return the loss terms as tensors."""
        self.reset_metrics()
        for_each_batch(self.train_batch, training)
        logs = dict(self.get_metrics_result())
        if validation is not None:
            self.reset_metrics()
            for_each_batch(self.evaluate_batch, validation)
            logs |= {f"val_{name}": value for name, value in self.get_metrics_result().items()}
        return logs

    def stage_optimizer(self, like):
        """Return the optimizer of the model's stage; see `Trainer.stage_optimizer`."""
        with self.distribute_strategy.scope():  # which an optimizer keeps
            return super().stage_optimizer(like)

    def train_step(self, data):
        """Take one optimizer step on a batch from Keras."""
        self.train_batch(keras.utils.unpack_x_y_sample_weight(data)[0])
        return self.get_metrics_result()

    def test_step(self, data):
        """Compute the loss terms on a batch from Keras."""
        self.evaluate_batch(keras.utils.unpack_x_y_sample_weight(data)[0])
        return self.get_metrics_result()

    def train_batch(self, images):
        """Take one optimizer step on a batch."""
        images = self.scale(images)
        with tf.GradientTape() as tape:
            terms = self.loss_terms(images, training=True)
            loss = terms["loss"] if replicas() == 1 else terms["loss"] / replicas()
            loss = self.optimizer.scale_loss(loss)  # for half precision
        variables = self.trainable_variables
        gradients = tape.gradient(loss, variables)
        # TensorFlow's optimizer of graphs may else let a weight move before a term that takes it
        # as a constant has read it
        with tf.control_dependencies([tf.convert_to_tensor(term) for term in terms.values()]):
            self.optimizer.apply(gradients, variables)
        self.track(terms, images)

    def evaluate_batch(self, images):
        """Compute the loss terms on a batch, as in inference."""
        images = self.scale(images)
        self.track(self.loss_terms(images, training=False), images)


def _resumes(callbacks):
    """Tell whether a callback sets the epoch at which Keras's own loop begins."""
    every = keras.callbacks.CallbackList(callbacks).callbacks
    return any(isinstance(callback, keras.callbacks.BackupAndRestore) for callback in every)
