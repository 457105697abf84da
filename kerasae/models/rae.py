"""Regularised autoencoder: small codes and small weights instead of noise.

    L = L_r + β 1/N Σ_i ½ ‖z_i‖² + λ ‖θ‖²        θ the weights of the decoder's last layer

Ghosh, Sajjadi, Vergari, Black, Schölkopf: From variational to deterministic autoencoders, ICLR
2020, equations 3, 5 and 8, there RAE-L2. It has no prior: samples come from a mixture of
Gaussians that is fitted to the codes afterwards, which the bake-off does for every model.
Differences from it:

1. θ is the last layer alone. The layers before it are normalised over the batch, so that the
   size of their weights means nothing.
2. For the same reason the decoder does not care how large the codes are: the penalty gives them
   a scale, and takes little from what they hold.
"""

import keras
from keras import ops

from kerasae.models.base import Autoencoder


@keras.saving.register_keras_serializable("kerasae")
class RAE(Autoencoder):
    """Vanilla whose codes and last weights are to be small.

    Parameters
    ----------
    beta : float, optional
        Weight of the codes' size, not negative.
    decay : float, optional
        λ, weight of the last weights' size, not negative.
    **kwargs
        Parameters of `Autoencoder`.
    """

    terms = ("loss", "reconstruction", "size", "decay")

    def __init__(self, *args, beta=0.01, decay=0.001, **kwargs):
        if min(beta, decay) < 0:
            raise ValueError(f"beta and decay must not be negative. Received: {beta} and {decay}")
        super().__init__(*args, **kwargs)
        self.beta, self.decay = beta, decay

    def objective(self, images, training):
        """Compute the reconstruction loss, and the sizes of codes and weights."""
        codes = self.bottleneck(self.encoder(images, training=training))  # (N, latent_dim)
        reconstruction = self.reconstruction_loss(images, self.decoder(codes, training=training))
        size = ops.mean(0.5 * ops.sum(ops.square(codes), axis=1))
        decay = ops.sum(ops.square(self.decoder.layers[-2].kernel))
        loss = reconstruction + self.beta * size + self.decay * decay
        return {"loss": loss, "reconstruction": reconstruction, "size": size, "decay": decay}
