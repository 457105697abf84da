"""Baselines: models that are not trained by gradients.

    PCA                 z = Wᵀ(x - m)      W: the directions in which the images vary most
    random projection   z = Wᵀ(x - m)      W: drawn from a Gaussian
    untrained           z = enc(x)         the vanilla model, initialised

m is the mean image. The two linear ones reconstruct by least squares, x̂ = m + W⁺ᵀ z, and
values outside of [0, 1] are clipped. Pearson: On lines and planes of closest fit to systems of
points in space, Philosophical Magazine 2 (1901). Differences from it: none in the codes; a
reconstruction counts as no nearer to 0 or 1 than half a grey level, as the cross-entropy of a
wrong certainty would be infinite.
"""

import math

import keras
import numpy as np
from keras import ops

from kerasae.datasets.values import HALF_A_GREY_LEVEL, in_batches
from kerasae.models.base import Autoencoder
from kerasae.models.vanilla import Vanilla
from kerasae.networks.dense import Linear
from kerasae.seeds import derive
from kerasae.training.data import load_all

AT_A_TIME = 2**22
"""Values that are scaled at a time."""


@keras.saving.register_keras_serializable("kerasae")
class Logits(keras.layers.Layer):
    """Logits of values that should lie in [0, 1], clipped to half a grey level within."""

    def call(self, values):
        """Map numbers of any shape to logits of the same shape."""
        values = ops.clip(values, HALF_A_GREY_LEVEL, 1 - HALF_A_GREY_LEVEL)
        return ops.log(values) - ops.log(1 - values)


class Fitted(Autoencoder):
    """Base of models that are fitted in closed form: an epoch only computes the losses."""

    by_gradients = False

    def train_on(self, images, validation, epochs, initial_epoch, **fit_options):
        """Compute the losses once, whatever ``epochs``; see `Trainer.train_on`."""
        return super().train_on(images, validation, 1, min(initial_epoch, 1), **fit_options)

    def train_batch(self, images):
        """Compute the loss terms on a batch without changing a weight."""
        self.evaluate_batch(images)


class LinearMap(Fitted, Vanilla):
    """A linear encoder, and its least-squares linear decoder."""

    unused = ("widths", "least_widths")

    def networks(self):
        """Make an encoder and a decoder of one linear layer each."""
        pixels = math.prod(self.image_shape)
        full = {"dtype": "float32"}
        encoder = [keras.layers.Flatten(**full), Linear(self.latent_dim, **full)]
        logits = [Logits(**full)] if self.likelihood == "bernoulli" else []
        decoder = [Linear(pixels, **full), *logits, keras.layers.Reshape(self.image_shape, **full)]
        return (
            keras.Sequential([keras.Input(self.image_shape), *encoder], name="encoder"),
            keras.Sequential([keras.Input((self.latent_dim,)), *decoder], name="decoder"),
        )

    def train_on(self, images, *arguments, **fit_options):
        """Fit, and compute the losses; see `Trainer.train_on`."""
        self.solve(load_all(images))
        return super().train_on(images, *arguments, **fit_options)

    def solve(self, images):
        """Find the directions for images (n, H, W, C), and set both layers to them."""
        mean = self.mean(images)
        forward, back = self.directions(images)  # (latent_dim, pixels) each
        self.encoder.layers[-1].assign(forward.T, -forward @ mean)
        self.decoder.layers[0].assign(back, mean)

    def rows(self, images):
        """Scale images (n, H, W, C) to rows (n, pixels), with no second copy of them all."""
        rows, done = np.empty((len(images), math.prod(self.image_shape)), np.float32), 0
        for batch in self.batches(images):
            rows[done : done + len(batch)] = batch
            done += len(batch)
        return rows

    def batches(self, images):
        """Scale images (n, H, W, C) in batches to rows."""
        pixels = math.prod(self.image_shape)
        for batch in in_batches(images, AT_A_TIME // pixels + 1):
            yield ops.convert_to_numpy(self.scale(batch)).reshape(-1, pixels)

    def mean(self, images):
        """Average images in batches: the same sums, in the same order, as of all at once."""
        total = np.empty((0, math.prod(self.image_shape)), np.float32)
        for batch in self.batches(images):
            total = np.concatenate([total, batch]).sum(axis=0, keepdims=True)
        return total[0] / np.float32(len(images))

    def directions(self, images):
        """Give the rows of the encoder's and of the decoder's matrix, (latent_dim, pixels)."""
        raise NotImplementedError(f"{type(self).__name__} has no directions")


@keras.saving.register_keras_serializable("kerasae")
class PCA(LinearMap):
    """Principal components."""

    def directions(self, images):
        """Give the principal axes (latent_dim, pixels), both ways."""
        from sklearn import decomposition  # here, as every job imports this file

        solver = decomposition.PCA(self.latent_dim, svd_solver="covariance_eigh")
        components = solver.fit(self.rows(images)).components_
        return components, components


@keras.saving.register_keras_serializable("kerasae")
class RandomProjection(LinearMap):
    """Random directions."""

    def directions(self, images):
        """Draw directions (latent_dim, pixels), and give their pseudo-inverse, transposed."""
        from sklearn import random_projection

        seed = derive(self.seed, "random projection")
        solver = random_projection.GaussianRandomProjection(self.latent_dim, random_state=seed)
        forward = solver.fit(self.rows(images[:1])).components_
        return forward, np.linalg.pinv(forward).T


@keras.saving.register_keras_serializable("kerasae")
class Untrained(Fitted, Vanilla):
    """The vanilla model, initialised and not trained."""
