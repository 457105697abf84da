"""Variational autoencoder.

    L = L_r + L_KL        z = μ + σ ε,  ε ~ N(0, I)
    L_KL = 1/N Σ_i ½ Σ_j (σ_ij² + μ_ij² - 1 - 2 log σ_ij)

μ and log σ are two heads of the encoder. Kingma and Welling: Auto-encoding variational
Bayes, ICLR 2014, appendix B. Differences from it:

1. The article prints 2Σ where σ² belongs; as printed the term is no divergence.
2. log σ is clipped to ±10, far outside of what training visits.
"""

import keras
from keras import ops

from kerasae.models.base import Autoencoder
from kerasae.nn.kernels import gaussian


def kl_divergence(mean, log_std):
    """Divergence of N(mean, std²) from N(0, I), averaged over the batch.

    Parameters
    ----------
    mean, log_std : tensor of shape (N, latent_dim)
        Parameters of the distribution of each code.

    Returns
    -------
    tensor
        A scalar ≥ 0, in nats per image.
    """
    elements = ops.exp(2 * log_std) + ops.square(mean) - 1 - 2 * log_std  # (N, latent_dim)
    return ops.mean(0.5 * ops.sum(elements, axis=1))


@keras.saving.register_keras_serializable("kerasae")
class VAE(Autoencoder):
    """Codes are drawn from Gaussians that are held near the standard one."""

    terms = ("loss", "reconstruction", "kl")
    stochastic = True
    generative = True
    beta = 1.0

    def networks(self):
        """Make an encoder with two heads, and a decoder."""
        return self.dense_networks(encoder_outputs=2 * self.latent_dim)

    def distribution(self, outputs):
        """Split the encoder's outputs (N, 2 latent_dim) into mean and log σ."""
        mean, log_std = ops.split(outputs, 2, axis=1)  # (N, latent_dim) each
        return mean, ops.clip(log_std, -10, 10)

    def bottleneck(self, outputs, sampled=False):
        """Return posterior samples (N, latent_dim), or the posterior means."""
        mean, log_std = self.distribution(outputs)
        if not sampled:
            return mean
        return mean + ops.exp(log_std) * gaussian(ops.shape(mean), self.noise)

    def objective(self, images, training):
        """Reconstruction loss of a sampled code, and the divergence."""
        outputs = self.encoder(images, training=training)  # (N, 2 latent_dim)
        codes = self.bottleneck(outputs, sampled=True)  # (N, latent_dim)
        reconstruction = self.reconstruction_loss(images, self.decoder(codes, training=training))
        kl = kl_divergence(*self.distribution(outputs))
        loss = reconstruction + self.beta * kl
        return {"loss": loss, "reconstruction": reconstruction, "kl": kl}

    def sample_prior(self, count, seed):
        """Sample codes (count, latent_dim) from the standard Gaussian."""
        return keras.random.normal((count, self.latent_dim), seed=seed)
