"""Deep autoencoder, the vanilla one.

    L = L_r = 1/N Σ_i Σ_j BCE(x̂_ij, x_ij)

x the images, x̂ the reconstructions, i over the N images of a batch, j over the pixels.
Goodfellow, Bengio, Courville: Deep Learning (2016), chapter 14; the cross-entropy is
justified in its sections 5.5 and 6.2.1.
"""

import keras

from kerasae.models.base import Autoencoder


@keras.saving.register_keras_serializable("kerasae")
class Vanilla(Autoencoder):
    """Three dense layers each way, nothing asked of the code."""

    terms = ("loss", "reconstruction")

    def objective(self, images, training):
        """Compute the reconstruction loss."""
        codes = self.bottleneck(self.encoder(images, training=training))  # (N, latent_dim)
        loss = self.reconstruction_loss(images, self.decoder(codes, training=training))
        return {"loss": loss, "reconstruction": loss}
