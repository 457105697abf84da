"""Sparse autoencoder: every element of the code is to be active with probability p.

    L = L_r + β L_s        z = sigmoid(enc(x))
    L_s = Σ_j [ p log(p/ρ_j) + (1-p) log((1-p)/(1-ρ_j)) ]

ρ_j is the mean of element j over the batch. Ng: Sparse autoencoder, CS294A lecture notes
(2011), section 3. Differences from it:

1. ρ is the mean over the batch, not over the training set.
2. log ρ and log(1-ρ) are computed from the logits of z, so that neither is infinite, nor
   its gradient lost, when ρ reaches 0 or 1 in float32.
"""

import math

import keras
from keras import ops

from kerasae.models.base import Autoencoder


def sparsity_loss(logits, p):
    """Return the divergence of the mean activities from p, between 0 and 1.

    The codes (N, latent_dim) are given before the sigmoid. A scalar ≥ 0 in nats, 0 where every
    element has the mean p.
    """
    log_n = ops.log(ops.cast(ops.shape(logits)[0], "float32"))
    log_active = ops.logsumexp(ops.log_sigmoid(logits), axis=0) - log_n  # (latent_dim,) log ρ
    log_silent = ops.logsumexp(ops.log_sigmoid(-logits), axis=0) - log_n  # log(1-ρ)
    return ops.sum(p * (math.log(p) - log_active) + (1 - p) * (math.log(1 - p) - log_silent))


@keras.saving.register_keras_serializable("kerasae")
class Sparse(Autoencoder):
    """Vanilla with a sigmoid code whose mean activity is held near ``p``.

    Parameters
    ----------
    p : float, optional
        Wanted mean activity of every element of the code, between 0 and 1.
    beta : float, optional
        Weight of the sparsity loss.
    **kwargs
        Parameters of `Autoencoder`.
    """

    terms = ("loss", "reconstruction", "sparsity")

    def __init__(self, *args, p=0.25, beta=1.0, **kwargs):
        if not 0 < p < 1:
            raise ValueError(f"p must lie between 0 and 1. Received: {p}")
        super().__init__(*args, **kwargs)
        self.p, self.beta = p, beta

    def bottleneck(self, outputs, sampled=False):
        """Squash: codes (N, latent_dim) lie in (0, 1)."""
        return ops.sigmoid(outputs)

    def objective(self, images, training):
        """Compute the reconstruction and sparsity loss."""
        logits = self.encoder(images, training=training)  # (N, latent_dim)
        decoded = self.decoder(self.bottleneck(logits), training=training)
        reconstruction = self.reconstruction_loss(images, decoded)
        sparsity = sparsity_loss(logits, self.p)
        loss = reconstruction + self.beta * sparsity
        return {"loss": loss, "reconstruction": reconstruction, "sparsity": sparsity}
