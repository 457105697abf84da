"""Vector-quantised autoencoder with one codebook of vectors, moved by averages.

    L = L_r + β 1/N Σ_i Σ_p ‖ z_ip - sg(e_ip) ‖²        e_ip = the vector nearest to z_ip

A code is cut into positions p of ``width`` numbers each. Vector k is the mean of what was
assigned to it, forgetting exponentially:

    n_k ← γ n_k + (1-γ) |{ip: k}|        m_k ← γ m_k + (1-γ) Σ_{ip: k} z_ip        e_k = m_k / n_k

van den Oord, Vinyals, Kavukcuoglu: Neural discrete representation learning, NeurIPS 2017,
equation 3 and appendix A.1. Differences from it:

1. n_k is smoothed by 1e-5, as in the authors' code, so that a vector without any stays finite.
2. The prior is uniform over the categories; the paper fits an autoregressive one, which is what
   the bake-off's learned sampler does.
"""

import keras
from keras import ops

from kerasae.models.base import Autoencoder
from kerasae.models.vq import Perplexity, first_least
from kerasae.seeds import derive

_SMOOTHING = 1e-5


@keras.saving.register_keras_serializable("kerasae")
class VQEMA(Autoencoder):
    """Every few elements of the code take one of ``categories`` learned vectors.

    Parameters
    ----------
    categories : int, optional
        Vectors in the codebook, which all positions share.
    width : int, optional
        Numbers of a vector; divides ``latent_dim``. By default 2, or 1 where that is odd.
    beta : float, optional
        Weight of the commitment loss.
    decay : float, optional
        γ, between 0 and 1: near 1 the vectors move slowly.
    **kwargs
        Parameters of `Autoencoder`.
    """

    terms = ("loss", "reconstruction", "commitment")
    generative = True
    discrete = True

    def __init__(self, *args, categories=512, width=None, beta=0.25, decay=0.99, **kwargs):
        super().__init__(*args, **kwargs)
        width = width or 2 - self.latent_dim % 2
        if self.latent_dim % width:
            raise ValueError(
                f"width must divide latent_dim, which is {self.latent_dim}. Received: {width}"
            )
        self.categories, self.width, self.beta, self.decay = categories, width, beta, decay
        self.positions = self.latent_dim // width
        self.perplexity = Perplexity(1, categories)
        # Untrained encoders give codes of a deviation near 0.4
        spread = keras.initializers.RandomNormal(
            stddev=0.4, seed=derive(self.seed, "weights/codebook")
        )
        fixed = {"trainable": False}  # no gradient moves them
        self.counts = self.add_weight((categories,), "ones", name="counts", **fixed)
        self.sums = self.add_weight((categories, width), spread, name="sums", **fixed)

    @property
    def codebook(self):
        """The vectors (categories, width)."""
        total = ops.sum(self.counts)
        smoothed = (self.counts + _SMOOTHING) / (total + self.categories * _SMOOTHING) * total
        return self.sums / smoothed[:, None]

    def nearest(self, outputs):
        """Find the nearest vector at every position, (N, positions), the first where two tie."""
        vectors = ops.reshape(outputs, (-1, self.positions, 1, self.width))
        distances = ops.sum(ops.square(vectors - self.codebook), axis=3)  # (N, positions, k)
        return first_least(distances)  # (N, positions)

    def indices(self, images):
        """Give the categories (N, positions) of the codes of images; see `encode`."""
        return self.nearest(self.encoder(self.scale(images), training=False))

    def look_up(self, indices):
        """Give the codes (N, latent_dim) that categories (N, positions) make."""
        return ops.reshape(ops.take(self.codebook, indices, axis=0), (-1, self.latent_dim))

    def bottleneck(self, outputs, sampled=False):
        """Quantise: every position of the codes (N, latent_dim) holds a vector of the book."""
        return self.look_up(self.nearest(outputs))

    def objective(self, images, training):
        """Compute the reconstruction and commitment loss; in training the vectors move too."""
        outputs = self.encoder(images, training=training)  # (N, latent_dim)
        indices = self.nearest(outputs)  # (N, positions)
        codes = ops.stop_gradient(self.bottleneck(outputs))  # (N, latent_dim)
        straight = outputs + ops.stop_gradient(codes - outputs)
        reconstruction = self.reconstruction_loss(images, self.decoder(straight, training=training))
        commitment = ops.mean(ops.sum(ops.square(outputs - codes), axis=1))
        self.perplexity.update_state(ops.reshape(indices, (-1, 1)))
        if training:
            self.move(ops.stop_gradient(outputs), indices)
        loss = reconstruction + self.beta * commitment
        return {"loss": loss, "reconstruction": reconstruction, "commitment": commitment}

    def move(self, outputs, indices):
        """Move the vectors towards the codes (N, latent_dim) that were assigned to them."""
        own = ops.one_hot(ops.reshape(indices, (-1,)), self.categories)  # (N positions, k)
        vectors = ops.reshape(outputs, (-1, self.width))  # (N positions, width)
        kept, fresh = self.decay, 1 - self.decay
        self.counts.assign(kept * self.counts + fresh * ops.sum(own, axis=0))
        self.sums.assign(kept * self.sums + fresh * ops.matmul(ops.transpose(own), vectors))

    def sample_prior(self, count, seed):
        """Sample the vector at every position uniformly from the codebook."""
        shape = (count, self.positions)
        return self.look_up(keras.random.randint(shape, 0, self.categories, seed=seed))

    @property
    def metrics(self):
        """The trackers of the loss terms, and the perplexity."""
        return [*super().metrics, self.perplexity]
