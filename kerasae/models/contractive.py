"""Contractive autoencoder: the code is to change little where the image changes a little.

    L = L_r + λ 1/N Σ_i ‖ ∂z_i/∂x_i ‖²_F

Rifai, Vincent, Muller, Glorot, Bengio: Contractive auto-encoders, ICML 2011, equations 2 and 7.
Differences from it:

1. The squared norm of the Jacobian is estimated: E ‖vᵀ ∂z/∂x‖² over v in {-1, 1}^latent_dim, one
   draw an image. The paper's closed form is that of a single layer.
2. Codes are normalised to variance 1 over the batch. A penalty on the Jacobian alone is met by
   small codes and a decoder that makes up for it, which the paper prevents by tied weights.
3. Normalisation over the batch couples its images; the derivative is that of all codes of a
   batch.
4. On TensorFlow the gradient of the penalty lacks a part of some percent: `tf.nn.moments`, behind
   batch normalisation, lets no second derivative through the mean in the variance.
"""

import keras
from keras import ops

from kerasae.models.base import Autoencoder
from kerasae.networks.kernels import gaussian, vjp


@keras.saving.register_keras_serializable("kerasae")
class Contractive(Autoencoder):
    """Vanilla with a penalty on the slope of its codes.

    Parameters
    ----------
    weight : float, optional
        λ, not negative.
    **kwargs
        Parameters of `Autoencoder`.
    """

    terms = ("loss", "reconstruction", "contraction")

    def __init__(self, *args, weight=0.1, **kwargs):
        if weight < 0:
            raise ValueError(f"weight must not be negative. Received: {weight}")
        super().__init__(*args, **kwargs)
        self.weight = weight

    def networks(self):
        """Make an encoder whose codes are normalised, and a decoder."""
        encoder, decoder = super().networks()
        normal = keras.layers.BatchNormalization(
            momentum=0.9, epsilon=1e-5, center=False, scale=False
        )
        encoder.add(normal)
        return encoder, decoder

    def objective(self, images, training):
        """Compute the reconstruction loss, and the slope of the codes."""
        images = ops.convert_to_tensor(images)

        def encode(images):
            return self.bottleneck(self.encoder(images, training=training))

        codes, pullback = vjp(encode, images, self.variables)  # (N, latent_dim)
        signs = ops.sign(gaussian(ops.shape(codes), self.noise))
        slopes = pullback(signs)  # as the images
        squares = ops.square(ops.reshape(slopes, (ops.shape(slopes)[0], -1)))
        contraction = ops.mean(ops.sum(squares, axis=1))
        reconstruction = self.reconstruction_loss(images, self.decoder(codes, training=training))
        loss = reconstruction + self.weight * contraction
        return {"loss": loss, "reconstruction": reconstruction, "contraction": contraction}
