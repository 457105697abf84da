"""Kernels of the backend in use: TensorFlow's own, plain ones for JAX and PyTorch."""

import keras

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
elif keras.backend.backend() in ("jax", "torch"):
    from kerasae.networks.plain_kernels import (
        cross_entropy,
        gaussian,
        product,
        product_transposed,
        replicas,
    )

    if keras.backend.backend() == "jax":
        from kerasae.networks.jax_kernels import known_values, vjp
    else:
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
