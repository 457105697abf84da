"""Kernels of TensorFlow, chosen for their speed under XLA on a CPU.

`kerasae.networks.kernels` has the same functions for the other backends. Nothing else in the
networks and the models names TensorFlow.
"""

import math

import numpy as np
import tensorflow as tf
from keras import ops
from tensorflow.compiler.tf2xla.python.xla import optimization_barrier


def known_values(values):
    """Give values back where they are known now, or None within a step that is being traced."""
    return values if tf.executing_eagerly() else None


def replicas():
    """Count the devices that take a part of each batch, see ``tf.distribute``."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def shuffled_order(count, seed, number):
    """Shuffle ``count`` indices for one epoch: a function of the seed and the epoch alone."""
    seed = tf.constant([seed, number], tf.int64)
    return tf.random.experimental.stateless_shuffle(tf.range(count), seed=seed)


def transposed(matrix):
    """Transpose a matrix in memory.

    XLA would hand the transposition to the matrix product, whose kernel for the CPU is a third
    slower on a transposed left side than the copy and the product together.
    """
    return optimization_barrier(tf.transpose(matrix))[0]


def product(inputs, kernel):
    """Multiply inputs (N, n) with a kernel (n, m), a variable, that lies in memory as it is."""
    return _product_of_tensors(inputs, tf.convert_to_tensor(kernel))


@tf.custom_gradient
def _product_of_tensors(inputs, kernel):
    """Multiply as `product`; a custom gradient takes no variables."""

    def gradient(upstream):
        to_inputs = tf.matmul(upstream, kernel, transpose_b=True)
        return to_inputs, tf.matmul(transposed(inputs), upstream)

    return tf.matmul(inputs, kernel), gradient


def product_transposed(inputs, kernel):
    """Multiply inputs (N, n) with a kernel, a variable, that lies in memory as (m, n)."""
    return _product_transposed_of_tensors(inputs, tf.convert_to_tensor(kernel))


@tf.custom_gradient
def _product_transposed_of_tensors(inputs, kernel):
    """Multiply as `product_transposed`; a custom gradient takes no variables."""

    def gradient(upstream):
        return tf.matmul(upstream, kernel), tf.matmul(transposed(upstream), inputs)

    return tf.matmul(inputs, kernel, transpose_b=True), gradient


@tf.custom_gradient
def cross_entropy(targets, logits):
    """Compute the binary cross-entropy of each number, for targets in [0, 1] and their logits.

    As `keras.ops.binary_crossentropy` from logits, with one hyperbolic tangent for the
    value and the gradient, where autodiff takes an exponential for each and a log1p.
    """
    certainty = 0.5 + 0.5 * ops.tanh(0.5 * ops.abs(logits))  # probability of the likelier of 0, 1

    def gradient(upstream):
        probability = ops.where(logits >= 0, certainty, 1 - certainty)
        return -logits * upstream, (probability - targets) * upstream

    return ops.relu(logits) - targets * logits - ops.log(certainty), gradient


def gaussian(shape, generator, within_xla=False):
    """Sample the standard Gaussian, a tensor of ``shape``; the generator moves on by one.

    ``within_xla`` tells whether XLA compiles the program: only there is an algorithm that is five
    times faster, with other numbers. The algorithms are named, because those that TensorFlow takes
    by default in programs of XLA are up to 30 times slower on a CPU.
    """
    seed = ops.cast(generator.next(), "int32")
    if not within_xla:
        return tf.random.stateless_normal(shape, seed, alg="philox")
    above = np.nextafter(np.float32(-1), np.float32(0))  # erfinv(-1) is infinite
    uniform = tf.random.stateless_uniform(shape, seed, above, 1, alg="threefry")
    return math.sqrt(2) * tf.math.erfinv(uniform)


def vjp(function, inputs, variables):
    """Compute a function of ``inputs``; return its outputs and a pullback, to be called once.

    The pullback maps a vector v of the outputs' shape to vᵀ ∂outputs/∂inputs, of the inputs' shape.
    ``variables`` are all that the function reads or assigns to; TensorFlow needs no list.
    """
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = function(inputs)
    return outputs, lambda vector: tape.gradient(outputs, inputs, output_gradients=vector)
