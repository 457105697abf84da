"""Vector-quantised autoencoder, with a codebook of scalars for every latent element.

    L = L_r + L_vq + β L_c        ẑ_j = the value of codebook j that is nearest to z_j
    L_vq = 1/N Σ_i Σ_j (sg(z_ij) - ẑ_ij)²        L_c = 1/N Σ_i Σ_j (z_ij - sg(ẑ_ij))²

sg stops the gradient; that of L_r passes the quantisation straight through, from ẑ to z.
van den Oord, Vinyals, Kavukcuoglu: Neural discrete representation learning, NeurIPS 2017,
equation 3. Differences from it:

1. The codebook holds scalars, one book for each element of the code, not vectors shared by
   all positions.
2. The prior is uniform over the categories; the paper fits an autoregressive one.
"""

import keras
import numpy as np
from keras import ops

from kerasae.datasets.values import by_batches
from kerasae.models.base import Autoencoder
from kerasae.networks.kernels import known_values
from kerasae.seeds import derive

AT_A_TIME = 256
"""Outputs whose distances to all categories are in memory at a time, outside of a training."""


def least(values):
    """Return the minimum along the last axis (..., k), which stays, (..., 1).

    By halves: XLA's own reductions, argmin above all, take several times as long on a CPU.
    """
    while (left := values.shape[-1]) > 1:
        half = left // 2  # of an odd number both halves have the middle
        values = ops.minimum(values[..., : left - half], values[..., half:])
    return values


def first_least(values):
    """Return the index (...) of the minimum along the last axis (..., k), the first at ties."""
    places = ops.arange(values.shape[-1], dtype="int32")
    return ops.squeeze(least(ops.where(values <= least(values), places, values.shape[-1])), -1)


class Perplexity(keras.metrics.Metric):
    """Perplexity of the categories in use, averaged over the codebooks.

    It is exp(-Σ_k q_k log q_k), with q_k the share of category k over the whole epoch: from 1
    (collapsed) to the number of categories (all used alike). Over N images alone it is at most N.
    """

    def __init__(self, latent_dim, categories, name="perplexity"):
        super().__init__(name=name)
        self.counts = self.add_weight(shape=(latent_dim, categories), initializer="zeros")

    def update_state(self, indices):
        """Count the categories ``indices`` (N, latent_dim)."""
        latent_dim, categories = self.counts.shape
        cells = ops.reshape(indices + ops.arange(latent_dim) * categories, (-1,))
        counts = ops.segment_sum(ops.ones_like(cells), cells, latent_dim * categories)
        self.counts.assign_add(ops.cast(ops.reshape(counts, (latent_dim, categories)), "float32"))

    def result(self):
        """Return the mean perplexity, a scalar."""
        share = self.counts / ops.maximum(ops.sum(self.counts, axis=1, keepdims=True), 1)
        entropy = -ops.sum(share * ops.log(ops.maximum(share, 1e-12)), axis=1)  # (latent_dim,)
        return ops.mean(ops.exp(entropy))


@keras.saving.register_keras_serializable("kerasae")
class VQ(Autoencoder):
    """Every element of the code takes one of ``categories`` learned values.

    Parameters
    ----------
    categories : int, optional
        Values in the codebook of each latent element.
    beta : float, optional
        Weight of the commitment loss.
    **kwargs
        Parameters of `Autoencoder`.
    """

    terms = ("loss", "reconstruction", "vq", "commitment")
    generative = True
    discrete = True

    def __init__(self, *args, categories=512, beta=1.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.categories, self.beta = categories, beta
        self.perplexity = Perplexity(self.latent_dim, categories)
        self.codebook = self.add_weight(
            shape=(self.latent_dim, categories),
            initializer=keras.initializers.RandomUniform(
                -1 / categories, 1 / categories, seed=derive(self.seed, "weights/codebook")
            ),
            name="codebook",
        )

    def nearest(self, outputs):
        """Find the nearest category of every element, the first one where two tie.

        Differences are squared as they are: the expansion a² - 2ab + b² can become
        negative in float32.
        """
        if (values := known_values(outputs)) is not None:
            indices = by_batches(self.nearest_now, np.asarray(values), AT_A_TIME)
            return ops.convert_to_tensor(indices)
        distances = ops.square(outputs[:, :, None] - self.codebook)  # (N, latent_dim, categories)
        return first_least(distances)  # (N, latent_dim)

    def nearest_now(self, outputs):
        """Find the same categories with NumPy, which is faster outside of a compiled step."""
        distances = np.square(outputs[:, :, None] - self.codebook.numpy())
        return distances.argmin(axis=2).astype(np.int32)

    def indices(self, images):
        """Give the categories (N, latent_dim) of the codes of images; see `encode`."""
        return self.nearest(self.encoder(self.scale(images), training=False))

    def look_up(self, indices):
        """Give the values (N, latent_dim) of categories (N, latent_dim)."""
        offsets = ops.arange(self.latent_dim, dtype=indices.dtype) * self.categories
        return ops.take(ops.reshape(self.codebook, (-1,)), indices + offsets)

    def bottleneck(self, outputs, sampled=False):
        """Quantise: every element of the codes (N, latent_dim) is a codebook value."""
        return self.look_up(self.nearest(outputs))

    def objective(self, images, training):
        """Compute the reconstruction, codebook and commitment loss."""
        outputs = self.encoder(images, training=training)  # (N, latent_dim)
        codes = self.bottleneck(outputs)  # (N, latent_dim)
        straight = outputs + ops.stop_gradient(codes - outputs)
        reconstruction = self.reconstruction_loss(images, self.decoder(straight, training=training))
        vq = ops.mean(ops.sum(ops.square(ops.stop_gradient(outputs) - codes), axis=1))
        commitment = ops.mean(ops.sum(ops.square(outputs - ops.stop_gradient(codes)), axis=1))
        self.perplexity.update_state(self.nearest(outputs))  # XLA computes them once
        loss = reconstruction + vq + self.beta * commitment
        return {
            "loss": loss,
            "reconstruction": reconstruction,
            "vq": vq,
            "commitment": commitment,
        }

    def sample_prior(self, count, seed):
        """Sample every element of the codes uniformly from its categories."""
        shape = (count, self.latent_dim)
        return self.look_up(keras.random.randint(shape, 0, self.categories, seed=seed))

    @property
    def metrics(self):
        """The trackers of the loss terms, and the perplexity."""
        return [*super().metrics, self.perplexity]
