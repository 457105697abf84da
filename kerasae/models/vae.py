"""Variational autoencoder.

    L = L_r + L_KL        z = μ + σ ε,  ε ~ N(0, I)
    L_KL = 1/N Σ_i ½ Σ_j (σ_ij² + μ_ij² - 1 - 2 log σ_ij)

μ and log σ are two heads of the encoder. Kingma and Welling: Auto-encoding variational
Bayes, ICLR 2014, appendix B. Differences from it:

1. The article prints 2Σ where σ² belongs; as printed the term is no divergence.
2. log σ is clipped to ±10, far outside of what training visits.

With the Gaussian likelihood the decoder has one variance s² for all values, fixed or learned:

    L_r = 1/N Σ_i Σ_j [ (x_ij - x̂_ij)² / 2s² + ½ log s² ]

As the reconstruction loss is divided by s², a small variance has the effect of a small weight of
the divergence. Learned: Rybkin, Daniilidis, Levine: Simple and effective VAE training with
calibrated decoders, ICML 2021. Differences from it: none in the objective.
"""

import math

import keras
from keras import ops

from kerasae.models.base import Autoencoder
from kerasae.networks.kernels import gaussian


def kl_divergence(mean, log_std):
    """Return the divergence of N(mean, std²) from N(0, I), averaged over the batch.

    ``mean`` and ``log_std`` are (N, latent_dim). A scalar ≥ 0, in nats per image.
    """
    elements = ops.exp(2 * log_std) + ops.square(mean) - 1 - 2 * log_std  # (N, latent_dim)
    return ops.mean(0.5 * ops.sum(elements, axis=1))


_LEAST_LOG_VARIANCE = -12.0
"""Lower limit of a learned log s²: the loss would fall without limit where all errors are 0."""
_VARIANCE_RATE = 30.0
"""Factor of the learning rate for log s², which else would take thousands of steps."""


@keras.saving.register_keras_serializable("kerasae")
class VAE(Autoencoder):
    """Codes are drawn from Gaussians that are held near the standard one.

    Parameters
    ----------
    decoder_variance : float, optional
        s², the variance of the Gaussian likelihood, above 0; where it is learned, at the start.
    learn_variance : bool, optional
        Whether it is learned.
    **kwargs
        Parameters of `Autoencoder`.
    """

    terms: tuple[str, ...] = ("loss", "reconstruction", "kl")
    stochastic = True
    generative = True
    beta = 1.0

    def __init__(self, *args, decoder_variance=1.0, learn_variance=False, **kwargs):
        if decoder_variance <= 0:
            raise ValueError(f"decoder_variance must be above 0. Received: {decoder_variance}")
        super().__init__(*args, **kwargs)
        if self.likelihood != "gaussian" and (decoder_variance != 1 or learn_variance):
            raise ValueError(
                "decoder_variance and learn_variance are settings of the Gaussian likelihood. "
                f"Received: likelihood={self.likelihood!r}"
            )
        self.decoder_variance, self.learn_variance = decoder_variance, learn_variance
        if learn_variance:
            start = math.log(decoder_variance) / _VARIANCE_RATE
            constant = keras.initializers.Constant(start)
            self.log_variance = self.add_weight(shape=(), initializer=constant, name="log_variance")

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

    @property
    def learned_log_variance(self):
        """Logarithm of s², a scalar, softly limited from below."""
        beyond = _VARIANCE_RATE * self.log_variance - _LEAST_LOG_VARIANCE
        return _LEAST_LOG_VARIANCE + ops.softplus(beyond)

    @property
    def gaussian_variance(self):
        """Variance of the Gaussian likelihood, a float; 1 for the Bernoulli likelihood."""
        if not self.learn_variance:
            return float(self.decoder_variance)
        return float(ops.convert_to_numpy(ops.exp(self.learned_log_variance)))

    def losses_of(self, images, outputs):
        """Compute the negative log-likelihood (N,) of images, Gaussian less ½ log 2π a value."""
        losses = super().losses_of(images, outputs)
        if self.learn_variance:
            log_variance = self.learned_log_variance
            precision = ops.exp(-log_variance)
        elif self.decoder_variance != 1:
            log_variance, precision = math.log(self.decoder_variance), 1 / self.decoder_variance
        else:
            return losses
        return precision * losses + 0.5 * math.prod(self.image_shape) * log_variance

    def objective(self, images, training):
        """Compute the reconstruction loss of a sampled code, and the divergence."""
        outputs = self.encoder(images, training=training)  # (N, 2 latent_dim)
        codes = self.bottleneck(outputs, sampled=True)  # (N, latent_dim)
        reconstruction = self.reconstruction_loss(images, self.decoder(codes, training=training))
        kl = kl_divergence(*self.distribution(outputs))
        loss = reconstruction + self.beta * kl
        return {"loss": loss, "reconstruction": reconstruction, "kl": kl}

    def sample_prior(self, count, seed):
        """Sample codes (count, latent_dim) from the standard Gaussian."""
        return keras.random.normal((count, self.latent_dim), seed=seed)
