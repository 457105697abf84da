"""The fully connected encoders and decoders that all contestants share.

Initial weights are those of the companion's layers, which keep PyTorch's default: kernel
and bias uniform in ±1/sqrt(fan-in) (`torch.nn.Linear.reset_parameters`).
"""

import math

import keras

from kerasae.seeds import derive


def hidden_widths(inputs, outputs):
    """Widths of the two hidden layers that shrink ``inputs`` to ``outputs``.

    The shrink factor is s = floor((inputs // outputs)^(1/3)), the widths inputs // s and
    inputs // s². Floating-point pow puts 512^(1/3) just below 8, and the published widths
    rest on that: `math.cbrt` would give another network.

    Parameters
    ----------
    inputs, outputs : int
        Size of the input and of the output of the encoder.

    Returns
    -------
    tuple of int
        From the input inwards: (341, 113) for 1024 → 20, (146, 20) for 1024 → 2.
    """
    shrink = max(1, math.floor((inputs // outputs) ** (1 / 3)))
    return inputs // shrink, inputs // shrink**2


def dense(units, fan_in, seed, use_bias=True):
    """Make a linear layer with PyTorch's default initial weights."""
    bound = 1 / math.sqrt(fan_in)
    uniform = keras.initializers.RandomUniform
    return keras.layers.Dense(
        units,
        use_bias=use_bias,
        kernel_initializer=uniform(-bound, bound, seed=derive(seed, "kernel")),
        bias_initializer=uniform(-bound, bound, seed=derive(seed, "bias")),
    )


@keras.saving.register_keras_serializable("kerasae")
class Hidden(keras.layers.Layer):
    """A hidden layer: Dense without bias, batch normalisation, ReLU.

    Parameters
    ----------
    units : int
        Width of the layer.
    seed : int
        Seed of the initial weights.
    """

    def __init__(self, units, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.seed = units, seed
        # momentum 0.1 in PyTorch's convention is 0.9 in Keras's
        self.norm = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)

    def build(self, input_shape):
        """Create the weights for inputs of shape (N, width)."""
        self.dense = dense(self.units, input_shape[-1], self.seed, use_bias=False)
        self.dense.build(input_shape)
        self.norm.build((*input_shape[:-1], self.units))

    def call(self, inputs, training=False):
        """Map (N, width) to (N, units), not negative."""
        return keras.ops.relu(self.norm(self.dense(inputs), training=training))

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        return (*input_shape[:-1], self.units)

    def get_config(self):
        """Arguments of the constructor."""
        return {**super().get_config(), "units": self.units, "seed": self.seed}


def dense_encoder(input_shape, outputs, widths, seed):
    """Make the encoder: images (N, H, W, C) to ``outputs`` numbers each, linear at the end.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of one image, (H, W, C).
    outputs : int
        Numbers per image.
    widths : sequence of int
        Widths of the hidden layers, from the input inwards.
    seed : int
        Root seed; the initial weights are derived from it.

    Returns
    -------
    keras.Sequential
        A flattening layer, a `Hidden` for every width, a linear layer.
    """
    seeds = [derive(seed, f"weights/encoder/{i}") for i in range(len(widths) + 1)]
    fan_in = (math.prod(input_shape), *widths)[-1]
    hidden = [Hidden(width, s) for width, s in zip(widths, seeds, strict=False)]
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Flatten(),
            *hidden,
            dense(outputs, fan_in, seeds[-1]),
        ],
        name="encoder",
    )


def dense_decoder(input_shape, latent_dim, widths, seed):
    """Make the decoder: codes (N, latent_dim) to the logits of images (N, H, W, C).

    Parameters
    ----------
    input_shape : tuple of int
        Shape of one image, (H, W, C).
    latent_dim : int
        Size of a code.
    widths : sequence of int
        Widths of the hidden layers, from the code outwards.
    seed : int
        Root seed; the initial weights are derived from it.

    Returns
    -------
    keras.Sequential
        A `Hidden` for every width, a linear layer, a reshaping layer.
    """
    seeds = [derive(seed, f"weights/decoder/{i}") for i in range(len(widths) + 1)]
    fan_in = (latent_dim, *widths)[-1]
    hidden = [Hidden(width, s) for width, s in zip(widths, seeds, strict=False)]
    return keras.Sequential(
        [
            keras.Input((latent_dim,)),
            *hidden,
            dense(math.prod(input_shape), fan_in, seeds[-1]),
            keras.layers.Reshape(input_shape),
        ],
        name="decoder",
    )
