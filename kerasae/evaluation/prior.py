"""A learned prior over discrete codes, such as those of the vector-quantised autoencoder.

    p(k_1, ..., k_d) = Π_j p(k_j | k_1, ..., k_{j-1})        L = -1/N Σ_i log p(k_i1, ..., k_id)
    p(k_j = k | k_1, ..., k_{j-1}) = softmax_k(b_jk + e_jk · h_j(e_1k_1, ..., e_{j-1}k_{j-1}))

k_j is the category at position j, e_jk the embedding of category k there, and h one masked
network for all positions. Germain, Gregor, Murray, Larochelle: MADE, masked autoencoder for
distribution estimation, ICML 2015. Differences from it:

1. Positions are categorical, not binary. What goes in and what comes out share the embeddings:
   nearly all of 512 categories of 20 positions may be in use, and a full layer of logits would
   have most of the weights and take most of the time.
2. The hidden units' degrees are dealt out in turn, not drawn, and the positions keep their
   order.
3. b starts from the shares of the categories, at the model of independent positions. From there
   units with a plain ReLU died at larger steps; they are leaky.
"""

from itertools import pairwise

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from kerasae.datasets.values import in_batches
from kerasae.seeds import derive
from kerasae.training.epochs import for_each_batch, shuffled_epochs

WIDTH, UNITS = 16, (256, 256)
"""Numbers in an embedding, and units of the hidden layers."""
ROWS = 1000
"""Codes whose logits are in memory at a time."""
IMPOSSIBLE = -1e9
"""Bias of a category that only pads a position: probability and gradient are exactly 0."""


class MaskedDense(keras.layers.Dense):
    """A dense layer that has the connections (inputs, units) where ``mask`` is true."""

    def __init__(self, mask, **kwargs):
        super().__init__(mask.shape[1], **kwargs)
        self.mask = mask.astype("float32")
        self.build((None, mask.shape[0]))

    def call(self, inputs):
        """Map (N, inputs) to (N, units)."""
        return self.activation(ops.matmul(inputs, self.kernel * self.mask) + self.bias)


def masks(latent_dim):
    """Choose the connections of each layer, (inputs, outputs), so that nothing looks ahead.

    A unit of degree m sees the positions before m, counted from 0, and position j is computed
    from units of degree j at most.
    """
    positions, most = np.arange(latent_dim), max(latent_dim - 1, 1)
    hidden = [np.arange(count) % most + 1 for count in UNITS]
    degrees = [np.repeat(positions + 1, WIDTH), *hidden, np.repeat(positions, WIDTH)]
    return [before[:, None] <= after for before, after in pairwise(degrees)]


class Prior:
    """Distribution over codes; only categories that it was made from are ever drawn.

    To `nll` the other categories are possible: of a position's, each has the probability ε/m,
    m being how many they are, and the ones in use share 1 - ε. After n codes ε = 1/(n + 1),
    which is about Laplace's rule for what never happened yet. To the positions that follow, such
    a category tells nothing: its embedding is 0.

    Parameters
    ----------
    indices : array of shape (n, latent_dim)
        The codes that tell the categories in use, and their shares.
    seed : int
        Root seed of the initial weights.
    categories : int
        Categories of each position, in use or not.

    Attributes
    ----------
    used : list of numpy.ndarray
        The categories in use, of each position.
    """

    def __init__(self, indices, seed, categories):
        self.latent_dim, self.categories = indices.shape[1], categories
        self.escape = 1 / (len(indices) + 1)
        indices = self.checked(indices)
        found = [np.unique(column, return_counts=True) for column in indices.T]
        self.used = [values for values, _ in found]
        self.size = max(map(len, self.used))
        self.numbers = np.full((self.latent_dim, categories), -1, "int32")
        bias = np.full((self.latent_dim, self.size), IMPOSSIBLE, "float32")
        for position, (values, counts) in enumerate(found):
            self.numbers[position, values] = np.arange(len(values))
            bias[position, : len(values)] = np.log(counts / len(indices))

        def initial(layer):
            return keras.initializers.GlorotUniform(derive(seed, f"weights/prior/{layer}"))

        shape = (self.latent_dim * self.size, WIDTH)
        self.embeddings = keras.Variable(initial(0), shape, "float32")
        self.bias = keras.Variable(bias[:, None])  # (latent_dim, 1, most categories)
        self.layers = [
            MaskedDense(mask, activation="leaky_relu", kernel_initializer=initial(number))
            for number, mask in enumerate(masks(self.latent_dim), 1)
        ]
        self.layers[-1].activation = keras.activations.linear

    @property
    def variables(self):
        """All that is trained."""
        weights = [weight for layer in self.layers for weight in layer.trainable_variables]
        return [self.embeddings, *weights, self.bias]

    def checked(self, indices):
        """Give codes as an array, or an error if they cannot be any."""
        indices = np.asarray(indices)
        shape = (len(indices), self.latent_dim)
        if indices.shape != shape or indices.min() < 0 or indices.max() >= self.categories:
            raise ValueError(
                f"Expected categories from 0 to {self.categories - 1}, of shape {shape}. "
                f"Received: {indices.min()} to {indices.max()}, of shape {indices.shape}"
            )
        return indices

    def compact(self, indices):
        """Renumber every position's categories in use from 0, and all others as -1."""
        return self.numbers[np.arange(self.latent_dim), self.checked(indices)]

    def logits(self, compact, positions=slice(None)):
        """Map compact numbers (N, latent_dim) to logits (positions, N, most categories)."""
        cells = ops.maximum(compact, 0) + ops.arange(self.latent_dim) * self.size
        seen = ops.cast(compact >= 0, "float32")[:, :, None]  # (N, latent_dim, 1)
        outputs = ops.take(self.embeddings, cells, axis=0) * seen  # (N, latent_dim, width)
        outputs = ops.reshape(outputs, (-1, self.latent_dim * WIDTH))
        for layer in self.layers:
            outputs = layer(outputs)
        outputs = ops.reshape(outputs, (-1, self.latent_dim, WIDTH))
        tables = ops.reshape(self.embeddings, (self.latent_dim, self.size, WIDTH))
        # positions come first here, so that the largest array needs no transposition
        outputs = ops.transpose(outputs, (1, 0, 2))[positions]  # (positions, N, width)
        return tf.matmul(outputs, tables[positions], transpose_b=True) + self.bias[positions]

    def nll(self, indices):
        """Mean negative log-likelihood of codes.

        Parameters
        ----------
        indices : array of shape (n, latent_dim)
            Categories, seen in the training or not.

        Returns
        -------
        float
            In nats per code, that is, summed over the positions; lower is better.
        """
        unused = self.categories - np.array([len(values) for values in self.used])
        known = np.log1p(-self.escape * (unused > 0))  # (latent_dim,)
        unknown = np.log(self.escape / np.maximum(unused, 1))
        total = 0.0
        for compact in in_batches(self.compact(indices), ROWS):
            own = -losses(self.logits(compact), ops.maximum(compact, 0)).numpy()
            total -= np.where(compact >= 0, own + known, unknown).sum(dtype="float64")
        return total / len(indices)

    def sample(self, count, seed):
        """Draw codes, position after position.

        Parameters
        ----------
        count : int
            Number of codes.
        seed : int
            The same seed gives the same codes.

        Returns
        -------
        numpy.ndarray of shape (count, latent_dim)
            Categories in their original numbering, int32.
        """
        rng = np.random.default_rng(derive(seed, "samples/prior"))
        uniform = rng.random((count, self.latent_dim))
        codes = np.full(uniform.shape, -1, "int32")
        parts = (in_batches(uniform, ROWS), in_batches(codes, ROWS))
        for level, compact in zip(*parts, strict=True):
            for position in range(self.latent_dim):
                logits = self.logits(compact, slice(position, position + 1))[0]
                below = np.cumsum(ops.softmax(logits), 1, dtype="float64")  # (N, categories)
                drawn = level[:, position, None] * below[:, -1:]
                compact[:, position] = (below <= drawn).sum(1)
        columns = zip(self.used, codes.T, strict=True)
        return np.stack([values[column] for values, column in columns], 1).astype("int32")


def losses(logits, compact):
    """Cross-entropy (N, latent_dim) of logits (latent_dim, N, categories), in nats."""
    own = tf.gather(logits, tf.transpose(compact), batch_dims=2)
    return tf.transpose(tf.reduce_logsumexp(logits, 2) - own)


def fit_prior(indices, seed, epochs=6, batch_size=128, categories=512):
    """Fit an autoregressive prior with Adam, its steps shrinking to 0 by a cosine.

    Parameters
    ----------
    indices : array of shape (n, latent_dim)
        Categories of each position, whole numbers from 0.
    seed : int
        Root seed: of the initial weights and of the order of the codes. The same seed gives
        the same prior on the same machine.
    epochs, batch_size : int, optional
        How long, and how many codes a step.
    categories : int, optional
        How many categories a position has, in use or not.

    Returns
    -------
    Prior
        What the codes are drawn from; see its `nll` and `sample`.
    """
    prior = Prior(indices, seed, categories)
    compact = prior.compact(indices)
    steps = -(-len(indices) // batch_size) * epochs
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.005, steps))
    optimizer.build(prior.variables)
    mean = keras.metrics.Mean()

    def step(batch):
        with tf.GradientTape() as tape:
            nll = tf.reduce_sum(losses(prior.logits(batch), batch), axis=1)  # (N,)
            loss = tf.reduce_mean(nll)
        optimizer.apply(tape.gradient(loss, prior.variables), prior.variables)
        mean.update_state(nll)

    train = tf.function(lambda epoch: for_each_batch(step, epoch), autograph=False)
    data = shuffled_epochs(compact, batch_size, derive(seed, "order/prior")).take(epochs)
    for number, epoch in enumerate(data, 1):
        mean.reset_state()
        train(epoch)
        print(f"Epoch {number}/{epochs} - loss: {float(mean.result()):.4f}", flush=True)
    return prior
