"""Training of the models on TensorFlow.

Images in memory take the fast way: an epoch is one call of a compiled program. All other data
come batch by batch, through Keras's own loop and the same steps.
"""

import keras
import tensorflow as tf

from kerasae.models.trainer import Trainer
from kerasae.nn.kernels import replicas
from kerasae.training.epochs import Epoch, Programs, for_each_batch
from kerasae.training.sources import InMemory


class TensorFlowTrainer(Trainer):
    """Base class of `kerasae.models.base.Autoencoder` on TensorFlow."""

    @property
    def within_xla(self):
        """Whether XLA will compile the step that is being traced."""
        return not tf.executing_eagerly() and self.jit_compile

    def compile(self, *args, **kwargs):
        """Compile as in `Trainer.compile`."""
        super().compile(*args, **kwargs)
        self.programs = Programs(self)

    def train_on(self, images, validation, epochs, initial_epoch, **how):
        """Train on the sources of `fit`, on images in memory with whole epochs as one call."""
        fast = (
            isinstance(images, InMemory)
            and (validation is None or isinstance(validation, InMemory))
            and (how["steps_per_epoch"], how["validation_steps"]) == (None, None)
            and how["validation_freq"] == 1
            and self.distribute_strategy.num_replicas_in_sync == 1
            and self.steps_are_unchanged()
            and not resumes(how["callbacks"])
        )
        if fast:
            how = {name: how[name] for name in ("verbose", "callbacks")}
            return self.train_in_memory(images, validation, epochs, initial_epoch, **how)
        return super().train_on(images, validation, epochs, initial_epoch, **how)

    def steps_are_unchanged(self):
        """Whether nobody overrides the steps that Keras calls, which then get batches alone."""
        return all(
            getattr(type(self), name) is getattr(TensorFlowTrainer, name)
            for name in ("train_step", "test_step")
        )

    def train_in_memory(self, images, validation, epochs, initial_epoch, verbose, callbacks):
        """Train with an epoch as one call of the compiled program."""
        callbacks = keras.callbacks.CallbackList(
            callbacks, add_history=True, add_progbar=verbose != 0, verbose=verbose,
            epochs=epochs, steps=1, model=self,
        )  # fmt: skip
        self.stop_training, logs = False, None
        program = self.programs.current()
        shown = None if validation is None else validation.epoch(0)
        callbacks.on_train_begin()
        for epoch in range(initial_epoch, epochs):
            callbacks.on_epoch_begin(epoch)
            callbacks.on_train_batch_begin(0)
            logs = program(images.epoch(epoch), shown)
            callbacks.on_train_batch_end(0, logs)
            callbacks.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        self.optimizer.finalize_variable_values(self.trainable_variables)
        callbacks.on_train_end(logs)
        return self.history

    def batches(self, images):
        """Turn a source of images into data for Keras's loop: those in memory into one epoch."""
        one = self.distribute_strategy.num_replicas_in_sync == 1
        if isinstance(images, InMemory) and one and self.steps_are_unchanged():
            return tf.data.Dataset.from_tensors(images.epoch(0))
        return super().batches(images)

    def train_step(self, data):
        """Take one optimizer step for every batch of an `Epoch`, or on one batch from Keras."""
        for_each_batch(self.train_batch, images_of(data))
        return self.get_metrics_result()

    def test_step(self, data):
        """Compute the loss terms on every batch of an `Epoch`, or on one batch from Keras."""
        for_each_batch(self.evaluate_batch, images_of(data))
        return self.get_metrics_result()

    def train_batch(self, images):
        """Take one optimizer step on a batch."""
        images = self.scale(images)
        with tf.GradientTape() as tape:
            terms = self.loss_terms(images, training=True)
            loss = self.scaled_loss(terms["loss"])
        variables = self.trainable_variables
        gradients = tape.gradient(loss, variables)
        # TensorFlow's optimizer of graphs may else let a weight move before a term that takes it
        # as a constant has read it
        with tf.control_dependencies([tf.convert_to_tensor(term) for term in terms.values()]):
            self.optimizer.apply(gradients, variables)
        self.track(terms, images)

    def scaled_loss(self, loss):
        """Scale a loss for the gradient: for half precision, and for the sum over replicas."""
        return self.optimizer.scale_loss(loss if replicas() == 1 else loss / replicas())

    def evaluate_batch(self, images):
        """Compute the loss terms on a batch, as in inference."""
        images = self.scale(images)
        self.track(self.loss_terms(images, training=False), images)


def resumes(callbacks):
    """Whether a callback tells Keras's own loop the epoch to begin with."""
    listed = keras.callbacks.CallbackList(callbacks).callbacks
    return any(isinstance(one, keras.callbacks.BackupAndRestore) for one in listed)


def images_of(data):
    """Take the images of a batch from Keras; an `Epoch` is left as it is."""
    if isinstance(data, Epoch):
        return data
    images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
    return images
