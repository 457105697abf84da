"""Linear layers, and the fully connected encoder and decoder that the models share.

Initial weights are those of the companion's layers, which keep PyTorch's default: kernel
and bias uniform in ±1/sqrt(fan-in) (`torch.nn.Linear.reset_parameters`).
"""

import math

import keras
from keras import ops

from kerasae.networks.kernels import product, product_transposed, replicas
from kerasae.seeds import derive


def hidden_widths(inputs, outputs):
    """Return the widths of the two hidden layers that shrink ``inputs`` to ``outputs``.

    From the input inwards, these are inputs // s and inputs // s² with the shrink factor s =
    floor((inputs // outputs)^(1/3)): (341, 113) for 1024 → 20, (146, 20) for 1024 → 2.
    Floating-point pow puts 512^(1/3) just below 8, and the published widths rest on that:
    `math.cbrt` would give another network.
    """
    shrink = max(1, math.floor((inputs // outputs) ** (1 / 3)))
    return inputs // shrink, inputs // shrink**2


@keras.saving.register_keras_serializable("kerasae")
class Linear(keras.layers.Layer):
    """A linear layer, ``keras.layers.Dense`` with PyTorch's default initial weights.

    Its kernel lies in memory with the longer side along the rows, (inputs, units) or (units,
    inputs): the products of a training step take a fifth less time so.
    """

    def __init__(self, units, seed=0, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units, self.seed, self.use_bias = units, seed, use_bias

    def build(self, input_shape):
        """Create the weights for inputs of shape (N, width)."""
        inputs = input_shape[-1]
        bound = 1 / math.sqrt(inputs)

        def uniform(purpose):
            return keras.initializers.RandomUniform(-bound, bound, seed=derive(self.seed, purpose))

        def turned(shape, dtype):
            return ops.transpose(uniform("kernel")(shape[::-1], dtype))

        self.turned = inputs > self.units
        if self.turned:
            self.kernel = self.add_weight((self.units, inputs), turned, name="kernel")
        else:
            self.kernel = self.add_weight((inputs, self.units), uniform("kernel"), name="kernel")
        if self.use_bias:
            self.bias = self.add_weight((self.units,), uniform("bias"), name="bias")

    def assign(self, matrix, bias):
        """Set the weights: outputs become inputs @ matrix + bias; the layer must have a bias.

        ``matrix`` is (inputs, units), whichever way the kernel lies in memory, ``bias`` (units,).
        """
        self.kernel.assign(matrix.T if self.turned else matrix)
        self.bias.assign(bias)

    def call(self, inputs):
        """Map (N, width) to (N, units)."""
        multiply = product_transposed if self.turned else product
        outputs = multiply(inputs, self.kernel)
        return outputs + self.bias if self.use_bias else outputs

    def compute_output_shape(self, input_shape):
        """Return the shape of the output."""
        return (*input_shape[:-1], self.units)

    def get_config(self):
        """Return the arguments of the constructor."""
        own = {"units": self.units, "seed": self.seed, "use_bias": self.use_bias}
        return {**super().get_config(), **own}


def normalisation(**settings):
    """Make a layer of batch normalisation, over the batch of all devices where there are several.

    Momentum 0.1 in PyTorch's convention is 0.9 in Keras's.
    """
    synchronized = replicas() > 1
    return keras.layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, synchronized=synchronized, **settings
    )


@keras.saving.register_keras_serializable("kerasae")
class Hidden(keras.layers.Layer):
    """A hidden layer of ``units``: linear without bias, batch normalisation, ReLU."""

    def __init__(self, units, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.seed = units, seed
        own = {"dtype": self.dtype_policy}
        self.linear = Linear(units, seed, use_bias=False, **own)
        self.norm = normalisation(**own)

    def build(self, input_shape):
        """Create the weights for inputs of shape (N, width)."""
        self.linear.build(input_shape)
        self.norm.build((*input_shape[:-1], self.units))

    def call(self, inputs, training=False):
        """Map (N, width) to (N, units), not negative."""
        return ops.relu(self.norm(self.linear(inputs), training=training))

    def compute_output_shape(self, input_shape):
        """Return the shape of the output."""
        return (*input_shape[:-1], self.units)

    def get_config(self):
        """Return the arguments of the constructor."""
        return {**super().get_config(), "units": self.units, "seed": self.seed}


def dense_encoder(input_shape, outputs, widths, seed):
    """Make the encoder: images (N, H, W, C) to ``outputs`` numbers each, linear at the end.

    It is a flattening layer, a `Hidden` for each of ``widths``, from the input inwards, and a
    linear layer. The initial weights are derived from the root seed.
    """
    seeds = [derive(seed, f"weights/encoder/{i}") for i in range(len(widths) + 1)]
    hidden = [Hidden(width, s) for width, s in zip(widths, seeds, strict=False)]
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Flatten(),
            *hidden,
            Linear(outputs, seeds[-1], dtype="float32"),
        ],
        name="encoder",
    )


def dense_decoder(input_shape, latent_dim, widths, seed):
    """Make the decoder: codes (N, latent_dim) to the logits of images (N, H, W, C).

    It is a `Hidden` for each of ``widths``, from the code outwards, a linear layer and a reshaping
    layer. The initial weights are derived from the root seed.
    """
    seeds = [derive(seed, f"weights/decoder/{i}") for i in range(len(widths) + 1)]
    hidden = [Hidden(width, s) for width, s in zip(widths, seeds, strict=False)]
    return keras.Sequential(
        [
            keras.Input((latent_dim,)),
            *hidden,
            Linear(math.prod(input_shape), seeds[-1], dtype="float32"),
            keras.layers.Reshape(input_shape, dtype="float32"),
        ],
        name="decoder",
    )
