"""Wasserstein autoencoder, with the maximum mean discrepancy between codes and prior.

    L = L_r + λ MMD²(z, ẑ)        ẑ ~ N(0, I), as many as there are codes
    MMD² = mean_{i≠j} k(z_i, z_j) + mean_{i≠j} k(ẑ_i, ẑ_j) - 2 mean_{i,j} k(z_i, ẑ_j)
    k(a, b) = Σ_s C_s / (C_s + ‖a - b‖²),  C_s = 2 d s,  s in {0.1, 0.2, 0.5, 1, 2, 5, 10}

Codes as a whole are held near the prior, each single one is free: the encoder draws nothing.
Tolstikhin, Bousquet, Gelly, Schölkopf: Wasserstein auto-encoders, ICLR 2018, algorithm 2 and
section 4; the scales s are those of the authors' code. Differences from it:

1. L_r is the reconstruction loss of all models, where the paper takes the squared error.
"""

import keras
from keras import ops

from kerasae.models.base import Autoencoder
from kerasae.networks.kernels import gaussian

SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


def kernel(one, other):
    """Sum inverse multiquadratic kernels of codes (N, d) and (M, d) to (N, M)."""
    # by differences: the expansion a² - 2ab + b² can become negative in float32
    distances = ops.sum(ops.square(one[:, None] - other[None]), axis=2)  # (N, M)
    widths = [2 * one.shape[1] * scale for scale in SCALES]
    return sum(width / (width + distances) for width in widths)


def discrepancy(codes, others):
    """Estimate the squared maximum mean discrepancy of two samples (N, d), without bias.

    A scalar, 0 in the mean where both distributions are the same, so that it can be negative; 0 for
    a single code, which has no pair.
    """
    count = ops.cast(ops.shape(codes)[0], "float32")
    pairs = ops.maximum(count * (count - 1), 1)
    own = len(SCALES) * count  # what each image has with itself, which is left out
    within = (ops.sum(kernel(codes, codes)) + ops.sum(kernel(others, others)) - 2 * own) / pairs
    across = 2 * ops.mean(kernel(codes, others))
    return ops.where(count > 1, within - across, 0.0)


@keras.saving.register_keras_serializable("kerasae")
class WAE(Autoencoder):
    """Vanilla whose codes are distributed as the prior.

    Parameters
    ----------
    weight : float, optional
        λ, not negative.
    **kwargs
        Parameters of `Autoencoder`.
    """

    terms = ("loss", "reconstruction", "mmd")
    generative = True

    def __init__(self, *args, weight=10.0, **kwargs):
        if weight < 0:
            raise ValueError(f"weight must not be negative. Received: {weight}")
        super().__init__(*args, **kwargs)
        self.weight = weight

    def objective(self, images, training):
        """Compute the reconstruction loss, and the discrepancy of codes and prior."""
        codes = self.bottleneck(self.encoder(images, training=training))  # (N, latent_dim)
        reconstruction = self.reconstruction_loss(images, self.decoder(codes, training=training))
        mmd = discrepancy(codes, gaussian(ops.shape(codes), self.noise))
        loss = reconstruction + self.weight * mmd
        return {"loss": loss, "reconstruction": reconstruction, "mmd": mmd}

    def sample_prior(self, count, seed):
        """Sample codes (count, latent_dim) from the standard Gaussian."""
        return keras.random.normal((count, self.latent_dim), seed=seed)
