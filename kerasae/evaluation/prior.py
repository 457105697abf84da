"""A learned prior over discrete codes, such as the codes of the vector-quantised autoencoder.

    p(k_1, ..., k_d) = Π_j p(k_j | k_1, ..., k_{j-1})        L = -1/N Σ_i log p(k_i1, ..., k_id)
    p(k_j = k | k_1, ..., k_{j-1}) = softmax_k(b_jk + e_jk · h_j(e_1k_1, ..., e_{j-1}k_{j-1}))

k_j is the category at position j, e_jk the embedding of category k there, and h one masked
network for all positions. Germain, Gregor, Murray, Larochelle: MADE, masked autoencoder for
distribution estimation, ICML 2015. Differences from it:

1. Positions are categorical, not binary. Inputs and outputs share the embeddings: nearly all of
   512 categories of 20 positions may be in use, and a full layer of logits would have most of the
   weights and take most of the time.
2. The degrees of the hidden units are assigned in turn, not at random, and the positions keep
   their order.
3. b starts from the log shares of the categories: the model of independent positions. From there,
   plain ReLU units died at larger steps; the units are leaky.
"""

from itertools import pairwise

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from kerasae.datasets.values import in_batches
from kerasae.seeds import derive
from kerasae.training.epochs import for_each_batch, shuffled_epoch

_WIDTH, _UNITS = 16, (256, 256)
"""Size of an embedding, and units of the hidden layers."""
_ROWS = 1000
"""Codes with logits in memory at a time."""
_IMPOSSIBLE = -1e9
"""Bias of the padding of a position: probability and gradient are exactly 0."""


class MaskedDense(keras.layers.Dense):
    """A dense layer with connections (inputs, units) only where ``mask`` is true."""

    def __init__(self, mask, **kwargs):
        super().__init__(mask.shape[1], **kwargs)
        self.mask = mask.astype("float32")
        self.build((None, mask.shape[0]))

    def call(self, inputs):
        """Map (N, inputs) to (N, units)."""
        return self.activation(ops.matmul(inputs, self.kernel * self.mask) + self.bias)


def _masks(latent_dim):
    """Return the masks (inputs, outputs) of the layers: a position depends on earlier ones only.

    A unit of degree m depends on the positions before m, from 0. Position j is computed from units
    of degree at most j.
    """
    positions, most = np.arange(latent_dim), max(latent_dim - 1, 1)
    hidden = [np.arange(count) % most + 1 for count in _UNITS]
    degrees = [np.repeat(positions + 1, _WIDTH), *hidden, np.repeat(positions, _WIDTH)]
    return [before[:, None] <= after for before, after in pairwise(degrees)]


class Prior:
    """Distribution over codes; only categories that occur in the training codes are sampled.

    `nll` allows other categories: of a position's m unused categories each has the probability
    ε/m, and the categories in use share 1 - ε. ε = 1/(n + 1) for n codes, close to Laplace's rule
    of succession. The embedding of an unused category is 0. ``categories`` is the number at each
    position, ``used`` the list of the categories in use.
    """

    def __init__(self, indices, seed, categories):
        self.latent_dim, self.categories = indices.shape[1], categories
        self.escape = 1 / (len(indices) + 1)
        indices = self.checked(indices)
        columns = [np.unique(column, return_counts=True) for column in indices.T]
        self.used = [values for values, _ in columns]
        self.size = max(map(len, self.used))
        self.numbers = np.full((self.latent_dim, categories), -1, "int32")
        bias = np.full((self.latent_dim, self.size), _IMPOSSIBLE, "float32")
        for position, (values, counts) in enumerate(columns):
            self.numbers[position, values] = np.arange(len(values))
            bias[position, : len(values)] = np.log(counts / len(indices))

        def initial(layer):
            return keras.initializers.GlorotUniform(derive(seed, f"weights/prior/{layer}"))

        shape = (self.latent_dim * self.size, _WIDTH)
        self.embeddings = keras.Variable(initial(0), shape, "float32")
        self.bias = keras.Variable(bias[:, None])  # (latent_dim, 1, most categories)
        self.layers = [
            MaskedDense(mask, activation="leaky_relu", kernel_initializer=initial(number))
            for number, mask in enumerate(_masks(self.latent_dim), 1)
        ]
        self.layers[-1].activation = keras.activations.linear

    @property
    def variables(self):
        """The trained variables."""
        weights = [weight for layer in self.layers for weight in layer.trainable_variables]
        return [self.embeddings, *weights, self.bias]

    def checked(self, indices):
        """Return codes as an array; raise a ValueError if shape or categories are wrong."""
        indices = np.asarray(indices)
        shape = (len(indices), self.latent_dim)
        if indices.shape != shape or indices.min() < 0 or indices.max() >= self.categories:
            raise ValueError(
                f"Expected categories from 0 to {self.categories - 1}, of shape {shape}. "
                f"Received: {indices.min()} to {indices.max()}, of shape {indices.shape}"
            )
        return indices

    def compact(self, indices):
        """Return codes with the categories in use at a position numbered from 0, others as -1."""
        return self.numbers[np.arange(self.latent_dim), self.checked(indices)]

    def logits(self, compact, positions=slice(None)):
        """Return logits (positions, N, most categories) of compact numbers (N, latent_dim)."""
        cells = ops.maximum(compact, 0) + ops.arange(self.latent_dim) * self.size
        seen = ops.cast(compact >= 0, "float32")[:, :, None]  # (N, latent_dim, 1)
        outputs = ops.take(self.embeddings, cells, axis=0) * seen  # (N, latent_dim, width)
        outputs = ops.reshape(outputs, (-1, self.latent_dim * _WIDTH))
        for layer in self.layers:
            outputs = layer(outputs)
        outputs = ops.reshape(outputs, (-1, self.latent_dim, _WIDTH))
        tables = ops.reshape(self.embeddings, (self.latent_dim, self.size, _WIDTH))
        # Positions first, to avoid transposing the largest array
        outputs = ops.transpose(outputs, (1, 0, 2))[positions]  # (positions, N, width)
        return tf.matmul(outputs, tables[positions], transpose_b=True) + self.bias[positions]

    def nll(self, indices):
        """Return the mean negative log-likelihood of codes (n, latent_dim); lower is better.

        In nats per code, summed over the positions. Categories need not be in use.
        """
        unused = self.categories - np.array([len(values) for values in self.used])
        log_use = np.log1p(-self.escape * (unused > 0))  # (latent_dim,)
        log_escape = np.log(self.escape / np.maximum(unused, 1))
        total = 0.0
        for compact in in_batches(self.compact(indices), _ROWS):
            log_shares = -_losses(self.logits(compact), ops.maximum(compact, 0)).numpy()
            log_likelihoods = np.where(compact >= 0, log_shares + log_use, log_escape)
            total -= log_likelihoods.sum(dtype="float64")
        return total / len(indices)

    def sample(self, count, seed):
        """Return codes (count, latent_dim), sampled position by position.

        Categories have their original numbering, int32. The same seed gives the same codes.
        """
        rng = np.random.default_rng(derive(seed, "samples/prior"))
        uniform = rng.random((count, self.latent_dim))
        codes = np.full(uniform.shape, -1, "int32")
        batches = in_batches(uniform, _ROWS), in_batches(codes, _ROWS)
        for level, compact in zip(*batches, strict=True):
            for position in range(self.latent_dim):
                logits = self.logits(compact, slice(position, position + 1))[0]
                below = np.cumsum(ops.softmax(logits), 1, dtype="float64")  # (N, categories)
                threshold = level[:, position, None] * below[:, -1:]
                compact[:, position] = (below <= threshold).sum(1)
        columns = zip(self.used, codes.T, strict=True)
        return np.stack([values[column] for values, column in columns], 1).astype("int32")


def _losses(logits, compact):
    """Return the cross-entropy (N, latent_dim) of logits (latent_dim, N, categories), in nats."""
    own = tf.gather(logits, tf.transpose(compact), batch_dims=2)
    return tf.transpose(tf.reduce_logsumexp(logits, 2) - own)


def fit_prior(indices, seed, epochs=6, batch_size=128, categories=512):
    """Return a `Prior` fitted to codes (n, latent_dim) of categories from 0.

    Adam and cosine decay of the learning rate to 0. The same seed gives the same prior on the same
    machine. ``categories`` is the number at each position, in use or not.
    """
    prior = Prior(indices, seed, categories)
    compact = prior.compact(indices)
    steps = -(-len(indices) // batch_size) * epochs
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.005, steps))
    optimizer.build(prior.variables)
    mean = keras.metrics.Mean()

    def step(batch):
        with tf.GradientTape() as tape:
            nll = tf.reduce_sum(_losses(prior.logits(batch), batch), axis=1)  # (N,)
            loss = tf.reduce_mean(nll)
        optimizer.apply(tape.gradient(loss, prior.variables), prior.variables)
        mean.update_state(nll)

    train = tf.function(lambda epoch: for_each_batch(step, epoch), autograph=False)
    order = derive(seed, "order/prior")
    for number in range(epochs):
        mean.reset_state()
        train(shuffled_epoch(compact, batch_size, order, number))
        print(f"Epoch {number + 1}/{epochs} - loss: {float(mean.result()):.4f}", flush=True)
    return prior
