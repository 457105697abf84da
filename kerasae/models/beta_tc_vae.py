"""Beta-TC-VAE: the divergence taken apart, and the elements' dependence weighted by itself.

    L = L_r + I + β TC + D        I + TC + D = an estimate of L_KL
    I  = 1/N Σ_i [ log q(z_i|x_i) - log q(z_i) ]           information of the codes on the images
    TC = 1/N Σ_i [ log q(z_i) - Σ_j log q(z_ij) ]          dependence of the elements
    D  = 1/N Σ_i [ Σ_j log q(z_ij) - log p(z_i) ]          distance of each element from the prior

q(z) is the mean of q(z|x_i) over the images of the batch. Chen, Li, Grosse, Duvenaud: Isolating
sources of disentanglement in variational autoencoders, NeurIPS 2018, equations 2 and 4.
Differences from it:

1. The paper divides the sum over the batch by the size of the data set besides. That adds a
   constant to each term, and nothing to its gradient.
"""

import keras
from keras import ops

from kerasae.models.vae import VAE
from kerasae.networks.likelihoods import log_normal


def decomposed(codes, means, log_stds):
    """Return information, total correlation and distance of the elements, scalars in nats.

    They add up to the divergence of the codes (N, d), drawn from Gaussians of these means and log
    σ, one for each image, from the prior. Only their sum has a meaning at N = 1; all grow more
    exact with N.
    """
    zero = ops.zeros_like(codes)
    prior = ops.mean(ops.sum(log_normal(codes, zero, zero), axis=1))
    own = ops.mean(ops.sum(log_normal(codes, means, log_stds), axis=1))
    pairs = log_normal(codes[:, None], means[None], log_stds[None])  # (N codes, N images, d)
    log_count = ops.log(ops.cast(ops.shape(codes)[0], "float32"))
    joint = ops.mean(ops.logsumexp(ops.sum(pairs, axis=2), axis=1)) - log_count
    product = ops.mean(ops.sum(ops.logsumexp(pairs, axis=1) - log_count, axis=1))
    return own - joint, joint - product, product - prior


@keras.saving.register_keras_serializable("kerasae")
class BetaTCVAE(VAE):
    """VAE whose total correlation counts ``beta`` times.

    Parameters
    ----------
    beta : float, optional
        Weight of the total correlation, not negative.
    **kwargs
        Parameters of `Autoencoder`.
    """

    terms = ("loss", "reconstruction", "information", "correlation", "distance")

    def __init__(self, *args, beta=6.0, **kwargs):
        if beta < 0:
            raise ValueError(f"beta must not be negative. Received: {beta}")
        super().__init__(*args, **kwargs)
        self.beta = beta

    def objective(self, images, training):
        """Compute the reconstruction loss of a sampled code, and the parts of the divergence."""
        outputs = self.encoder(images, training=training)  # (N, 2 latent_dim)
        codes = self.bottleneck(outputs, sampled=True)  # (N, latent_dim)
        reconstruction = self.reconstruction_loss(images, self.decoder(codes, training=training))
        parts = decomposed(codes, *self.distribution(outputs))
        information, correlation, distance = parts
        return {
            "loss": reconstruction + information + self.beta * correlation + distance,
            "reconstruction": reconstruction,
            "information": information,
            "correlation": correlation,
            "distance": distance,
        }
