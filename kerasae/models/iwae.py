"""Importance weighted autoencoder: a VAE with a tighter bound, from several codes an image.

    L = -1/N Σ_i log 1/k Σ_s w_is        w_is = p(x_i|z_is) p(z_is) / q(z_is|x_i)

k codes z_is are drawn from q(z|x_i). With k = 1 it is the VAE, its divergence estimated by the
draw. Burda, Grosse, Salakhutdinov: Importance weighted autoencoders, ICLR 2016, equation 8.
Differences from it: none in the objective.
"""

import math

import keras
from keras import ops

from kerasae.models.vae import VAE
from kerasae.networks.likelihoods import log_normal


@keras.saving.register_keras_serializable("kerasae")
class IWAE(VAE):
    """VAE that draws several codes of an image, and weighs them by their importance.

    Parameters
    ----------
    draws : int, optional
        k, codes of an image, at least 1.
    **kwargs
        Parameters of `Autoencoder`.
    """

    terms = ("loss", "reconstruction", "divergence")

    def __init__(self, *args, draws=5, **kwargs):
        if draws < 1:
            raise ValueError(f"draws must be at least 1. Received: {draws}")
        super().__init__(*args, **kwargs)
        self.draws = draws

    def objective(self, images, training):
        """Compute the bound on the log-likelihood, and the means of its parts over the draws."""
        outputs = self.encoder(images, training=training)  # (N, 2 latent_dim)
        repeated = ops.repeat(outputs, self.draws, axis=0)  # (N k, 2 latent_dim)
        codes = self.bottleneck(repeated, sampled=True)  # (N k, latent_dim)
        decoded = self.decoder(codes, training=training)
        targets = ops.repeat(images, self.draws, axis=0)
        losses = self.losses_of(targets, decoded)  # (N k,)
        zero = ops.zeros_like(codes)
        own = log_normal(codes, *self.distribution(repeated))
        divergences = ops.sum(own - log_normal(codes, zero, zero), axis=1)  # (N k,)
        weights = ops.reshape(-losses - divergences, (-1, self.draws))  # (N, k), logarithms
        bound = ops.logsumexp(weights, axis=1) - math.log(self.draws)
        return {
            "loss": -ops.mean(bound),
            "reconstruction": ops.mean(losses),
            "divergence": ops.mean(divergences),
        }
