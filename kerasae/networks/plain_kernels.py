"""Kernels of `kerasae.networks.tensorflow_kernels` in plain `keras.ops`, for JAX and PyTorch.

Their compilers and libraries are not tuned for here; results agree up to rounding, random numbers
do not. Derivatives within an objective, which Keras does not have, are in `jax_kernels` and
`torch_kernels`.
"""

import keras
from keras import ops


def replicas():
    """Return 1, as only TensorFlow divides a batch here."""
    return 1


def product(inputs, kernel):
    """Multiply inputs (N, n) with a kernel (n, m), a variable."""
    return ops.matmul(inputs, kernel)


def product_transposed(inputs, kernel):
    """Multiply inputs (N, n) with a kernel, a variable, that lies in memory as (m, n)."""
    return ops.matmul(inputs, ops.transpose(kernel))


def cross_entropy(targets, logits):
    """Compute the binary cross-entropy of each number, for targets in [0, 1] and their logits."""
    # the maximum has the gradient 1/2 at 0, as the sigmoid; the rectifier's would be 0
    positive = ops.maximum(logits, 0.0)
    return positive - targets * logits + ops.log1p(ops.exp(-ops.abs(logits)))


def gaussian(shape, generator, within_xla=False):
    """Sample the standard Gaussian, a tensor of ``shape``; the generator moves on by one.

    ``within_xla`` has no effect: these backends have one algorithm.
    """
    return keras.random.normal(shape, seed=generator)
