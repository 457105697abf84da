"""Base class of the models: an encoder, a bottleneck, a decoder, and an objective.

    codes = bottleneck(encoder(images))        reconstruction = mean(decoder(codes))

The likelihood determines the decoder's outputs: logits, whose sigmoid is the mean, for images in
[0, 1], or the mean itself for any numbers. A model overrides the bottleneck, the objective or
both; tasks treat all models alike.
"""

from collections.abc import Sequence
from numbers import Integral

import keras
import numpy as np
from keras import ops

from kerasae.datasets.values import refuse_no_bytes
from kerasae.models.own_errors import name_of, own_code
from kerasae.nn.kernels import known_values, traced
from kerasae.nn.likelihoods import LIKELIHOODS
from kerasae.nn.networks import dense_decoder, dense_encoder, hidden_widths
from kerasae.seeds import derive

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    from kerasae.training.epochs import (
        Programs,
        for_each_batch,
        one_pass,
        restart,
        shuffled_epoch,
    )
else:
    from kerasae.training.other_backends import restart, trained_by_keras


class Autoencoder(keras.Model):
    """Base class of the models.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of one image, (H, W, C), or of one row of a table, (d,).
    latent_dim : int
        Size of a code.
    widths : sequence of int, optional
        Widths of the hidden layers, from the input inwards; the decoder has the same in
        the other order. By default `kerasae.nn.networks.hidden_widths`.
    likelihood : {"bernoulli", "gaussian"}, optional
        Its negative logarithm is the reconstruction loss: Bernoulli for values in [0, 1],
        Gaussian of variance 1 for any numbers.
    seed : int, optional
        Root of the model's random numbers: initial weights, data order, noise.
    preprocessing : dict, optional
        Preprocessing of the training data, see `kerasae.datasets.Preprocessing.to_config`. The
        model does not apply it; its file keeps it for reading new samples.
    metadata : dict, optional
        Further content of the model's file: ``code``, the class and the SHA-256 of its file for a
        user's own model, and ``scores``, see `kerasae.evaluation.new_samples.training_quantiles`.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Attributes
    ----------
    encoder, decoder : keras.Model
        Images (N, H, W, C) in [0, 1] to the input of the bottleneck, and codes
        (N, latent_dim) to the logits of images; with the Gaussian likelihood to images.
    terms : tuple of str
        Names of the loss terms, ``"loss"`` being the one that is minimised.
    stochastic : bool
        Whether the bottleneck samples the code from a distribution.
    generative : bool
        Whether the model can `sample`.
    discrete : bool
        Whether a code is made of categories, ``categories`` to choose from at every position:
        then ``indices`` gives those (N, positions) of images, ``nearest`` those of any codes,
        and ``look_up`` the codes that they make.
    gains_from_xla : bool
        Whether XLA trains it faster on a CPU; not so where it convolves.
    stages, stage : int
        Number of parts that the training has, each compiled by itself, and the current one from 0.
    """

    terms = ("loss",)
    stochastic = False
    generative = False
    discrete = False
    gains_from_xla = True
    stages = 1
    stage = 0

    def __init__(
        self,
        input_shape,
        latent_dim,
        widths=None,
        likelihood="bernoulli",
        seed=0,
        preprocessing=None,
        metadata=None,
    ):
        super().__init__()
        if not isinstance(latent_dim, Integral) or latent_dim < 1:
            raise ValueError(f"latent_dim must be a whole number from 1. Received: {latent_dim!r}")
        if widths is not None and not (
            isinstance(widths, Sequence)
            and widths
            and all(isinstance(width, Integral) and width >= 1 for width in widths)
        ):
            raise ValueError(
                f"widths must be a list of whole numbers from 1, or None. Received: {widths!r}"
            )
        if likelihood not in LIKELIHOODS:
            raise ValueError(
                f"likelihood must be one of {', '.join(LIKELIHOODS)}. Received: {likelihood!r}"
            )
        self.image_shape, self.latent_dim = tuple(input_shape), latent_dim
        self.widths, self.likelihood, self.seed = widths, likelihood, seed
        self.preprocessing, self.metadata = preprocessing, dict(metadata or {})
        self.noise = keras.random.SeedGenerator(derive(seed, "noise"))
        self.trackers = {term: keras.metrics.Mean(name=term) for term in self.terms}
        self.encoder, self.decoder = self.networks()
        self.built = True

    # What a model may override

    def networks(self):
        """Make the encoder and the decoder."""
        return self.dense_networks(encoder_outputs=self.latent_dim)

    def bottleneck(self, outputs, sampled=False):
        """Turn the encoder's outputs into codes (N, latent_dim).

        Parameters
        ----------
        outputs : tensor of shape (N, encoder outputs)
            Outputs of the encoder.
        sampled : bool, optional
            Whether a stochastic bottleneck returns a posterior sample; else the posterior mean.
        """
        return outputs

    def objective(self, images, training):
        """Compute the loss terms of one batch.

        Parameters
        ----------
        images : tensor of shape (N, H, W, C)
            In [0, 1].
        training : bool
            Whether batch normalisation uses the batch's statistics, and noise is added.

        Returns
        -------
        dict of str to tensor
            A scalar for each of `terms`, independent of the size of the batch.
        """
        raise NotImplementedError(f"{type(self).__name__} has no objective")

    def sample_prior(self, count, seed):
        """Sample codes (count, latent_dim) from the model's prior."""
        raise NotImplementedError(f"{type(self).__name__} cannot sample: it has no prior")

    # Use of a trained model

    def encode(self, images, sampled=False):
        """Encode images.

        Parameters
        ----------
        images : array of shape (N, H, W, C)
            uint8, or float in [0, 1].
        sampled : bool, optional
            Whether a stochastic model returns posterior samples; else posterior means, which
            are the same at every call.

        Returns
        -------
        tensor of shape (N, latent_dim)
            The codes.
        """
        return self.bottleneck(self.encoder(self.scale(images), training=False), sampled)

    def decode(self, codes):
        """Decode codes (N, latent_dim) to images (N, H, W, C), the means of the likelihood."""
        return LIKELIHOODS[self.likelihood].mean(self.decoder(codes, training=False))

    def reconstruct(self, images, sampled=False):
        """Encode images and decode the codes; parameters as those of `encode`."""
        return self.decode(self.encode(images, sampled))

    def sample(self, count, seed=0):
        """Generate images.

        Parameters
        ----------
        count : int
            Number of images.
        seed : int, optional
            The same seed gives the same images.

        Returns
        -------
        tensor of shape (count, H, W, C)
            Means of the likelihood, in [0, 1] where that is Bernoulli.

        Raises
        ------
        NotImplementedError
            If the model is not `generative`.
        """
        return self.decode(self.sample_prior(count, seed))

    def call(self, images, training=False):
        """Reconstruct images; what `keras.Model.predict` calls."""
        outputs = self.encoder(self.scale(images), training=training)
        outputs = self.decoder(self.bottleneck(outputs), training=training)
        return LIKELIHOODS[self.likelihood].mean(outputs)

    def scale(self, images):
        """Bring images to float32 in [0, 1]: whole numbers are divided by 255, floats are kept.

        Raises
        ------
        ValueError
            If images are of another shape, or are whole numbers that are no bytes; the latter
            only outside of a compiled step, where values are known.
        """
        if (known := known_values(images)) is not None:
            refuse_no_bytes(known)
        images = ops.convert_to_tensor(images)
        if tuple(images.shape[1:]) != self.image_shape:
            raise ValueError(
                f"Expected images of shape (N, {', '.join(map(str, self.image_shape))}). "
                f"Received: {tuple(images.shape)}"
            )
        whole, images = keras.backend.is_int_dtype(images.dtype), ops.cast(images, "float32")
        return images / 255 if whole else images

    # Training

    @property
    def within_xla(self):
        """Whether XLA will compile the step that is being traced."""
        return traced() and self.jit_compile

    def compile(self, optimizer=None, jit_compile=True, **kwargs):
        """Compile as in Keras; by default with Adam at 0.001, and with XLA."""
        super().compile(
            optimizer=optimizer or keras.optimizers.Adam(0.001), jit_compile=jit_compile, **kwargs
        )
        # variables that the step would create itself make TensorFlow trace it twice
        self.optimizer.build(self.trainable_variables)
        self.programs = Programs(self)

    def get_compile_config(self):
        """Give `compile_from_config` what it needs, as Keras asks where `compile` is overridden."""
        if not self.compiled:
            return None
        optimizer = keras.saving.serialize_keras_object(self.optimizer)
        return {"optimizer": optimizer, "jit_compile": self.jit_compile}

    def compile_from_config(self, config):
        """Compile a loaded model as it was when it was saved."""
        optimizer = keras.saving.deserialize_keras_object(config["optimizer"])
        self.compile(optimizer, jit_compile=config["jit_compile"])

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
        """Train on images, an epoch being one call of the compiled program.

        Parameters
        ----------
        x : array of shape (n, H, W, C)
            uint8, or float in [0, 1]. Every image is seen once an epoch, in a fresh order.
        batch_size : int, optional
            Images per batch; the partial one at the end of an epoch counts by its size.
        epochs, initial_epoch : int, optional
            Number of the last epoch, and of the one before the first.
        validation_data : array of shape (m, H, W, C), optional
            Images on which the loss terms are computed after every epoch.
        verbose, callbacks
            As in `keras.Model.fit`; to callbacks an epoch is a single batch.

        Returns
        -------
        keras.callbacks.History
            Every loss term for every epoch, ``val_`` in front of those of the validation.
        """
        if not self.compiled:
            raise ValueError("Call compile() before fit().")
        for images in (x, validation_data):
            if images is not None:
                refuse_no_bytes(images)
                self.scale(images[:1])
        x, seed = tf.convert_to_tensor(x), derive(self.seed, "order")
        validation = None if validation_data is None else one_pass(validation_data, batch_size)
        callbacks = keras.callbacks.CallbackList(
            callbacks, add_history=True, add_progbar=verbose != 0, verbose=verbose,
            epochs=epochs, steps=1, model=self,
        )  # fmt: skip
        self.stop_training, logs = False, None
        with own_code(name_of(self)):
            program = self.programs.current()
            callbacks.on_train_begin()
            for epoch in range(initial_epoch, epochs):
                callbacks.on_epoch_begin(epoch)
                callbacks.on_train_batch_begin(0)
                logs = program(shuffled_epoch(x, batch_size, seed, epoch), validation)
                callbacks.on_train_batch_end(0, logs)
                callbacks.on_epoch_end(epoch, logs)
                if self.stop_training:
                    break
            self.optimizer.finalize_variable_values(self.trainable_variables)
            callbacks.on_train_end(logs)
        return self.history

    def evaluate(self, x, batch_size=256, **kwargs):
        """Compute the loss terms on images (n, H, W, C); see `fit`."""
        self.test_function = None  # compiled for the shapes of one data set
        epoch = tf.data.Dataset.from_tensors(one_pass(x, batch_size))
        return super().evaluate(epoch, **kwargs)

    def reseed(self, seed):
        """Begin anew with another seed, as if built with it; compiled programs are kept.

        Parameters
        ----------
        seed : int
            Root of the model's random numbers.
        """
        fresh = type(self)(**{**self.get_config(), "seed": seed})
        for variable, initial in zip(self.variables, fresh.variables, strict=True):
            variable.assign(initial)
        self.seed = seed
        if self.compiled:
            restart(self.optimizer, self.trainable_variables)

    def restart_noise(self):
        """Bring the random numbers back to their start, where those of a loaded model are."""
        self.noise.state.assign(keras.random.SeedGenerator(derive(self.seed, "noise")).state)

    def train_step(self, data):
        """Take one optimizer step for every batch of an epoch."""
        for_each_batch(self.train_batch, data)
        return self.get_metrics_result()

    def test_step(self, data):
        """Compute the loss terms on every batch of an epoch."""
        for_each_batch(self.evaluate_batch, data)
        return self.get_metrics_result()

    def train_batch(self, images):
        """Take one optimizer step on a batch."""
        images = self.scale(images)
        with tf.GradientTape() as tape:
            terms = self.loss_terms(images, training=True)
        variables = self.trainable_variables
        gradients = tape.gradient(terms["loss"], variables)
        self.optimizer.apply(gradients, variables)
        self.track(terms, images)

    def evaluate_batch(self, images):
        """Compute the loss terms on a batch, as in inference."""
        images = self.scale(images)
        self.track(self.loss_terms(images, training=False), images)

    def loss_terms(self, images, training):
        """Compute the loss terms, and check that they are a scalar for each of `terms`."""
        terms = self.objective(images, training)
        if not isinstance(terms, dict) or set(terms) != set(self.terms):
            received = ", ".join(terms) if isinstance(terms, dict) else type(terms).__name__
            raise ValueError(
                f"{type(self).__name__}.objective has to return a dict with the terms "
                f"{', '.join(self.terms)}. Received: {received}"
            )
        for term, value in terms.items():
            if len(shape := getattr(value, "shape", ())):
                raise ValueError(
                    f"{type(self).__name__}.objective has to average over the batch: the term "
                    f"{term} has to be a scalar. Received: a tensor of shape {tuple(shape)}"
                )
        return terms

    def track(self, terms, images):
        """Add a batch to the averages of the epoch, weighted by its size."""
        for term, value in terms.items():
            self.trackers[term].update_state(value, sample_weight=ops.shape(images)[0])

    @property
    def metrics(self):
        """The trackers of the loss terms, reset before every epoch."""
        return list(self.trackers.values())

    # Helpers of the models

    def reconstruction_loss(self, images, outputs):
        """Negative log-likelihood of images (N, H, W, C) given the decoder's outputs, in nats.

        A scalar, summed over the pixels and averaged over the batch.
        """
        return ops.mean(LIKELIHOODS[self.likelihood].losses(images, outputs))

    def dense_networks(self, encoder_outputs):
        """Make the deep encoder and decoder of the article."""
        pixels = int(np.prod(self.image_shape))
        inwards = self.widths or hidden_widths(pixels, encoder_outputs)
        outwards = (self.widths or hidden_widths(pixels, self.latent_dim))[::-1]
        return (
            dense_encoder(self.image_shape, encoder_outputs, inwards, self.seed),
            dense_decoder(self.image_shape, self.latent_dim, outwards, self.seed),
        )

    def get_config(self):
        """Arguments of the constructor."""
        return {
            "input_shape": self.image_shape,
            "latent_dim": self.latent_dim,
            "widths": self.widths,
            "likelihood": self.likelihood,
            "seed": self.seed,
            "preprocessing": self.preprocessing,
            "metadata": self.metadata,
        }


if keras.backend.backend() != "tensorflow":
    # All models derive from the class of this name
    Autoencoder = trained_by_keras(Autoencoder)
