"""Whole epochs as single calls of a compiled program.

A program takes the images and the order of an epoch, and loops over the batches itself. The images
stay in memory as they came, uint8 in general; a batch is gathered and scaled only where it is
used. Every image comes once an epoch, and the last partial batch is a batch like the others.
"""

from typing import NamedTuple

import tensorflow as tf

from kerasae.training.optimizers import anew, restart


class Epoch(NamedTuple):
    """Images and the order of an epoch.

    Attributes
    ----------
    images : tf.Tensor of shape (n, H, W, C)
        All images.
    full : tf.Tensor of shape (k, batch_size)
        Indices of the full batches.
    rest : tf.Tensor of shape (n mod batch_size,)
        Indices of the partial batch at the end.
    """

    images: tf.Tensor
    full: tf.Tensor
    rest: tf.Tensor


def shuffled_epoch(images, batch_size, seed, number):
    """Put images into the order of one epoch.

    The order is a function of the seed and the number of the epoch alone: training that is
    continued at an epoch sees the same batches as training that was never stopped.

    Parameters
    ----------
    images : array of shape (n, H, W, C)
        The training images.
    batch_size : int
        Images per batch.
    seed : int
        Seed of the data order.
    number : int
        Number of the epoch.

    Returns
    -------
    Epoch
        The images in this order.
    """
    return batches(images, shuffled_order(len(images), seed, number), batch_size)


def shuffled_order(count, seed, number):
    """Shuffle ``count`` indices for one epoch, see `shuffled_epoch`."""
    seed = tf.constant([seed, number], tf.int64)
    return tf.random.experimental.stateless_shuffle(tf.range(count), seed=seed)


def one_pass(images, batch_size):
    """Make an `Epoch` of ``images`` in their own order."""
    return batches(images, tf.range(len(images)), batch_size)


def batches(images, order, batch_size):
    """Make an `Epoch` of images in an order, cut into batches."""
    full = len(images) // batch_size * batch_size
    rows = tf.reshape(order[:full], (-1, batch_size))
    return Epoch(tf.convert_to_tensor(images), rows, order[full:])


def for_each_batch(step, epoch):
    """Call ``step`` on the batches of an epoch.

    In a compiled program the loop is one that XLA can compile. The step is traced once, for batches
    of any size; XLA knows each size when it compiles.

    Parameters
    ----------
    step : callable
        Takes a batch of images (N, H, W, C), returns nothing.
    epoch : Epoch or tf.Tensor
        An epoch, or one batch of images.
    """
    if not isinstance(epoch, Epoch):
        step(epoch)
        return
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


NO_PROGRAM = ("seed", "preprocessing", "metadata")
"""Settings of a model that its programs do not depend on."""


class Programs:
    """Compiled programs of the epochs of a model, one for each stage of its training.

    A program is traced and compiled for the shapes of a data set when it first meets them. It
    serves every later training with these shapes and the same settings of the model.

    Parameters
    ----------
    model : kerasae.models.base.Autoencoder
        A compiled model.
    """

    def __init__(self, model):
        self.model, self.known, self.optimizers = model, {}, {}

    def optimizer(self, like):
        """Return the optimizer of the model's stage at its start.

        Parameters
        ----------
        like : keras.optimizers.Optimizer
            Its kind and its settings are taken.
        """
        variables = self.model.trainable_variables
        with self.model.distribute_strategy.scope():  # which an optimizer keeps
            known = self.optimizers.setdefault(self.model.stage, anew(like, variables))
            restart(known, variables, like)
        return known

    def current(self):
        """Return the program of the model's stage.

        Returns
        -------
        callable
            From an `Epoch` of the training and one of the validation, the latter possibly None, to
            a dict of str to float: every loss term, with ``val_`` in front of those of
            the validation.
        """
        model = self.model
        names = [variable.path for variable in model.trainable_variables]
        settings = {**model.get_config(), **dict.fromkeys(NO_PROGRAM)}, names
        if model.stage not in self.known or self.known[model.stage][0] != settings:
            program = self.epoch
            if not model.run_eagerly:
                program = tf.function(program, autograph=False, jit_compile=model.jit_compile)
            self.known[model.stage] = settings, program
        _, program = self.known[model.stage]

        def run(training, validation=None):
            logs = program(training, validation)
            return {name: float(value) for name, value in logs.items()}

        return run

    def epoch(self, training, validation):
        """Take the steps of an epoch, and return the loss terms as tensors."""
        self.model.reset_metrics()
        logs = dict(self.model.train_step(training))
        if validation is not None:
            self.model.reset_metrics()
            terms = self.model.test_step(validation)
            logs |= {f"val_{name}": value for name, value in terms.items()}
        return logs
