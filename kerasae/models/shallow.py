"""Shallow autoencoder: one layer each way.

    L = L_r        z = ReLU(W x + b)        x̂ = sigmoid(V z + c)

The rectifier is what distinguishes it from a PCA. Bourlard and Kamp: Auto-association by
multilayer perceptrons and singular value decomposition, Biological Cybernetics 59 (1988),
treat the linear case.
"""

import keras
from keras import ops

from kerasae.models.vanilla import Vanilla
from kerasae.networks.dense import dense_decoder, dense_encoder


@keras.saving.register_keras_serializable("kerasae")
class Shallow(Vanilla):
    """One dense layer each way, a ReLU between them; no hidden layers, so no ``widths``."""

    unused = ("widths", "least_widths")

    def networks(self):
        """Make an encoder and a decoder of one layer each."""
        return (
            dense_encoder(self.image_shape, self.latent_dim, (), self.seed),
            dense_decoder(self.image_shape, self.latent_dim, (), self.seed),
        )

    def bottleneck(self, outputs, sampled=False):
        """Rectify: codes (N, latent_dim) are not negative."""
        return ops.relu(outputs)
