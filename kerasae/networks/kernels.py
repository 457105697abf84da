"""Kernels of the networks and the models in plain `keras.ops`, and where a backend has its own.

On TensorFlow all are replaced by `kerasae.networks.tensorflow_kernels`, which are faster: results
agree up to rounding, random numbers do not. Derivatives within an objective, which Keras does not
have, are in `tensorflow_kernels`, `jax_kernels` and `torch_kernels`.
"""

import keras
from keras import ops


def replicas():
    """Count the devices that take a part of each batch; only TensorFlow divides one here."""
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

    ``within_xla`` has an effect on TensorFlow only, which has two algorithms.
    """
    return keras.random.normal(shape, seed=generator)


if keras.backend.backend() == "tensorflow":
    from kerasae.networks.tensorflow_kernels import (
        cross_entropy,
        gaussian,
        known_values,
        product,
        product_transposed,
        replicas,
        vjp,
    )
elif keras.backend.backend() == "jax":
    from kerasae.networks.jax_kernels import known_values, vjp
elif keras.backend.backend() == "torch":
    from kerasae.networks.torch_kernels import known_values, vjp
else:
    raise ImportError(
        "kerasae runs on TensorFlow, JAX and PyTorch: set KERAS_BACKEND to tensorflow, jax or "
        f"torch. Received: {keras.backend.backend()}"
    )

__all__ = [
    "cross_entropy",
    "gaussian",
    "known_values",
    "product",
    "product_transposed",
    "replicas",
    "vjp",
]
