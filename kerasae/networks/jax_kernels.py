"""What `kerasae.networks.kernels` cannot say in `keras.ops`, in JAX."""

import jax
import keras


def known_values(values):
    """Give values back where they are known now, or None within a transformation of JAX."""
    return None if isinstance(values, jax.core.Tracer) else values


def vjp(function, inputs, variables):
    """Compute a function and its vector-Jacobian product; see `tensorflow_kernels.vjp`.

    What the function assigns to variables leaves the transformation as a result of it: JAX
    refuses values that leave it in another way.
    """

    def pure(inputs):
        state = [(variable, variable.value) for variable in variables]
        with keras.StatelessScope(state_mapping=state) as scope:
            outputs = function(inputs)
        return outputs, [scope.get_current_value(variable) for variable in variables]

    outputs, pullback, after = jax.vjp(pure, inputs, has_aux=True)
    for variable, value in zip(variables, after, strict=True):
        if not variable.trainable:
            variable.assign(value)
    return outputs, lambda vector: pullback(vector)[0]
