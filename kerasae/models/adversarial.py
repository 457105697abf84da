"""Adversarial autoencoder: a discriminator holds the codes near the prior.

    L   = L_r + λ L_g        L_g = -1/N Σ_i log D(z_i)
    L_d = -1/N Σ_i [ log D(ẑ_i) + log(1 - D(z_i)) ]        ẑ_i ~ N(0, I)

Encoder and decoder minimise L, the discriminator D minimises L_d. Makhzani, Shlens, Jaitly,
Goodfellow, Frey: Adversarial autoencoders, 2015, section 2. Differences from it:

1. The three are moved at once, where the paper takes turns; Adam treats every weight by itself.
2. The encoder is deterministic, the first of the paper's three choices, and D has the widths
   (128, 128).
"""

import keras
from keras import ops

from kerasae.models.base import Autoencoder
from kerasae.networks.dense import Linear
from kerasae.networks.kernels import gaussian
from kerasae.seeds import derive

_WIDTHS = (128, 128)
"""Of the discriminator's hidden layers."""


@keras.saving.register_keras_serializable("kerasae")
class Adversarial(Autoencoder):
    """Vanilla whose codes a discriminator cannot tell from the prior's.

    Parameters
    ----------
    weight : float, optional
        λ, not negative.
    **kwargs
        Parameters of `Autoencoder`.

    Attributes
    ----------
    discriminator : keras.Model
        Codes (N, latent_dim) to logits (N, 1) of that they are the prior's.
    """

    terms = ("loss", "reconstruction", "generator", "discriminator")
    generative = True

    def __init__(self, *args, weight=1.0, **kwargs):
        if weight < 0:
            raise ValueError(f"weight must not be negative. Received: {weight}")
        super().__init__(*args, **kwargs)
        self.weight = weight

    def build_networks(self):
        """Make the encoder, the decoder and the discriminator, unless they are there."""
        super().build_networks()
        if hasattr(self, "discriminator"):
            return
        layers = [keras.Input((self.latent_dim,))]
        for number, width in enumerate(_WIDTHS):
            seed = derive(self.seed, f"weights/discriminator/{number}")
            layers += [Linear(width, seed), keras.layers.ReLU()]
        seed = derive(self.seed, f"weights/discriminator/{len(_WIDTHS)}")
        layers.append(Linear(1, seed, dtype="float32"))
        self.discriminator = keras.Sequential(layers, name="discriminator")

    def objective(self, images, training):
        """Compute the reconstruction loss, and the losses of the game of encoder and discriminator.

        One optimizer step on ``loss`` moves all players: in the encoder's loss the discriminator's
        weights count as constants, in the discriminator's the codes.
        """
        codes = self.bottleneck(self.encoder(images, training=training))  # (N, latent_dim)
        reconstruction = self.reconstruction_loss(images, self.decoder(codes, training=training))
        prior = gaussian(ops.shape(codes), self.noise)
        frozen = [ops.stop_gradient(weight) for weight in self.discriminator.trainable_variables]
        fooled, _ = self.discriminator.stateless_call(frozen, [], codes)  # (N, 1)
        generator = ops.mean(ops.softplus(-fooled))
        ours, theirs = (self.discriminator(z) for z in (ops.stop_gradient(codes), prior))
        discriminator = ops.mean(ops.softplus(-theirs)) + ops.mean(ops.softplus(ours))
        # 0 with the gradient of L_d: each player's weights have that of its own loss
        opponent = discriminator - ops.stop_gradient(discriminator)
        return {
            "loss": reconstruction + self.weight * generator + opponent,
            "reconstruction": reconstruction,
            "generator": generator,
            "discriminator": discriminator,
        }

    def sample_prior(self, count, seed):
        """Sample codes (count, latent_dim) from the standard Gaussian."""
        return keras.random.normal((count, self.latent_dim), seed=seed)
