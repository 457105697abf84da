"""Convolutional variational autoencoder: the VAE with convolutions for dense layers.

    L = L_r + L_KL, as in `kerasae.models.vae`

Kingma and Welling: Auto-encoding variational Bayes, ICLR 2014; the networks are those of
`kerasae.networks.conv.conv_networks`, after Radford, Metz, Chintala: Unsupervised
representation learning with deep convolutional generative adversarial networks, ICLR 2016,
section 3. Differences from it: two convolutions each way, where it has four.
"""

import keras

from kerasae.models.vae import VAE
from kerasae.networks.conv import conv_networks


@keras.saving.register_keras_serializable("kerasae")
class ConvVAE(VAE):
    """VAE whose ``widths`` are the channels of convolutions, (16, 32) by default."""

    gains_from_xla = False
    unused = ("least_widths",)

    def networks(self):
        """Make a convolutional encoder with two heads, and a decoder."""
        return conv_networks(
            self.image_shape, 2 * self.latent_dim, self.latent_dim, self.widths, self.seed
        )
