"""Denoising autoencoder: noisy input, clean target.

    L = L_r(x, dec(enc(x')))        x' = clip(x + ε, 0, 1)        ε ~ N(0, variance)

or, with dropout, x' = x m with a mask m of which a share of ``noise`` is 0.

Vincent, Larochelle, Bengio, Manzagol: Extracting and composing robust features with
denoising autoencoders, ICML 2008. Differences from it:

1. The noise is Gaussian and clipped; the paper's is dropout, ``noise_is="dropout"``.
2. It is added in training only: validation and use see the clean image.
3. The article states 0.5 as the variance, its companion code uses 0.5 as the standard
   deviation. `noise_is` says which; the article's text is the default.
"""

import math
from statistics import NormalDist

import keras
from keras import ops

from kerasae.models.base import Autoencoder
from kerasae.networks.kernels import gaussian


@keras.saving.register_keras_serializable("kerasae")
class Denoising(Autoencoder):
    """Vanilla that learns to remove noise from its input.

    Parameters
    ----------
    noise : float, optional
        Strength of the noise, not negative, in units of a pixel's range [0, 1]; of dropout the
        share of the values to set to 0, below 1.
    noise_is : {"variance", "std", "dropout"}, optional
        Whether ``noise`` is the variance or the standard deviation of Gaussian noise, or the share
        of dropout.
    **kwargs
        Parameters of `Autoencoder`.
    """

    terms = ("loss", "reconstruction")

    def __init__(self, *args, noise=0.5, noise_is="variance", **kwargs):
        if noise < 0:
            raise ValueError(f"noise must not be negative. Received: {noise}")
        if noise_is not in ("variance", "std", "dropout"):
            raise ValueError(
                f"noise_is must be 'variance', 'std' or 'dropout'. Received: {noise_is!r}"
            )
        if noise_is == "dropout" and noise >= 1:
            raise ValueError(f"noise must be below 1, as it is a share. Received: {noise}")
        super().__init__(*args, **kwargs)
        self.noise_level, self.noise_is = noise, noise_is

    @property
    def noise_std(self):
        """Standard deviation of the noise before clipping."""
        return math.sqrt(self.noise_level) if self.noise_is == "variance" else self.noise_level

    def corrupt(self, images):
        """Add noise to images (N, H, W, C), and clip them to [0, 1] where they lie in it."""
        noise = gaussian(ops.shape(images), self.noise, self.within_xla)
        if self.noise_is == "dropout":
            if self.noise_level == 0:
                return images
            quantile = NormalDist().inv_cdf(self.noise_level)
            return images * ops.cast(noise > quantile, images.dtype)
        noisy = images + self.noise_std * noise
        return ops.clip(noisy, 0, 1) if self.likelihood == "bernoulli" else noisy

    def objective(self, images, training):
        """Compute the reconstruction loss of the clean images."""
        inputs = self.corrupt(images) if training else images
        codes = self.bottleneck(self.encoder(inputs, training=training))  # (N, latent_dim)
        loss = self.reconstruction_loss(images, self.decoder(codes, training=training))
        return {"loss": loss, "reconstruction": loss}

    def get_config(self):
        """Return the arguments of the constructor."""
        return {**super().get_config(), "noise": self.noise_level, "noise_is": self.noise_is}
