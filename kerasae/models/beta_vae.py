"""Beta-VAE: a VAE with another weight of the divergence.

    L = L_r + β L_KL

β > 1 holds the codes nearer to the standard Gaussian, β < 1 gives them more freedom; all
else is as in `kerasae.models.vae`. Higgins et al.: beta-VAE, ICLR 2017, equation 4.
Differences from it: none in the objective.
"""

import keras

from kerasae.models.vae import VAE


@keras.saving.register_keras_serializable("kerasae")
class BetaVAE(VAE):
    """VAE whose divergence counts ``beta`` times.

    Parameters
    ----------
    beta : float, optional
        Weight of the divergence, not negative.
    **kwargs
        Parameters of `Autoencoder`.
    """

    def __init__(self, *args, beta=2.0, **kwargs):
        if beta < 0:
            raise ValueError(f"beta must not be negative. Received: {beta}")
        super().__init__(*args, **kwargs)
        self.beta = beta
