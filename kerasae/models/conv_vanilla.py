"""Convolutional autoencoder: the vanilla one with convolutions for dense layers.

    L = L_r

Masci, Meier, Cireşan, Schmidhuber: Stacked convolutional auto-encoders for hierarchical feature
extraction, ICANN 2011. Differences from it:

1. All layers are trained at once.
2. Strides halve the image, where the paper pools, and transposed convolutions double it.
"""

import keras

from kerasae.models.vanilla import Vanilla
from kerasae.networks.conv import conv_networks


@keras.saving.register_keras_serializable("kerasae")
class ConvVanilla(Vanilla):
    """Vanilla whose ``widths`` are the channels of convolutions, (16, 32) by default."""

    gains_from_xla = False
    unused = ("least_widths",)

    def networks(self):
        """Make a convolutional encoder and decoder."""
        return conv_networks(
            self.image_shape, self.latent_dim, self.latent_dim, self.widths, self.seed
        )
