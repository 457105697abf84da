"""Shallow autoencoder: one layer each way.

    L = L_r        z = ReLU(W x + b)        x̂ = sigmoid(V z + c)

The rectifier is what distinguishes it from a PCA. Bourlard and Kamp: Auto-association by
multilayer perceptrons and singular value decomposition, Biological Cybernetics 59 (1988),
treat the linear case.
"""

import keras
from keras import ops

from kerasae.models.base import Autoencoder
from kerasae.networks.dense import dense_decoder, dense_encoder


@keras.saving.register_keras_serializable("kerasae")
class Shallow(Autoencoder):
    """One dense layer each way, a ReLU between them; no hidden layers, so no ``widths``."""

    terms = ("loss", "reconstruction")

    def networks(self):
        """Make an encoder and a decoder of one layer each."""
        return (
            dense_encoder(self.image_shape, self.latent_dim, (), self.seed),
            dense_decoder(self.image_shape, self.latent_dim, (), self.seed),
        )

    def bottleneck(self, outputs, sampled=False):
        """Rectify: codes (N, latent_dim) are not negative."""
        return ops.relu(outputs)

    def objective(self, images, training):
        """Compute the reconstruction loss."""
        codes = self.bottleneck(self.encoder(images, training=training))  # (N, latent_dim)
        loss = self.reconstruction_loss(images, self.decoder(codes, training=training))
        return {"loss": loss, "reconstruction": loss}
