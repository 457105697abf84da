"""The convolutional encoder and decoder."""

import math

import keras

from kerasae.networks.dense import Hidden, Linear, normalisation
from kerasae.seeds import derive


def conv_networks(input_shape, outputs, latent_dim, channels, seed):
    """Make a convolutional encoder and the decoder that mirrors it, from a root seed.

    They map images (N, H, W, C) to (N, outputs), and codes (N, latent_dim) to images. Every
    convolution (3×3, stride 2, batch normalisation, ReLU) halves the image, every transposed one
    doubles it; what is then too much at the right and the bottom is cut off. ``channels`` are
    listed from the image inwards, (16, 32) by default. Raise ValueError if the input is no image.
    """
    if len(input_shape) != 3:
        raise ValueError(f"Convolutions need images (H, W, C). Received: {tuple(input_shape)}")
    channels = tuple(channels or (16, 32))
    height, width, depth = input_shape
    small = [-(-side // 2 ** len(channels)) for side in (height, width)]

    def block(layer, count, purpose):
        start = keras.initializers.HeNormal(derive(seed, f"weights/{purpose}"))
        shape = {"strides": 2, "padding": "same", "use_bias": False, "kernel_initializer": start}
        return [layer(count, 3, **shape), normalisation(), keras.layers.ReLU()]

    encoder = [keras.Input(input_shape)]
    for number, count in enumerate(channels):
        encoder += block(keras.layers.Conv2D, count, f"encoder/{number}")
    encoder += [
        keras.layers.Flatten(),
        Linear(outputs, derive(seed, "weights/encoder/last"), dtype="float32"),
    ]

    inner = (*small, channels[-1])
    decoder = [
        keras.Input((latent_dim,)),
        Hidden(math.prod(inner), derive(seed, "weights/decoder")),
    ]
    decoder.append(keras.layers.Reshape(inner))
    for number, count in enumerate((*channels[-2::-1], channels[0])):
        decoder += block(keras.layers.Conv2DTranspose, count, f"decoder/{number}")
    start = keras.initializers.HeNormal(derive(seed, "weights/decoder/last"))
    last = {"padding": "same", "kernel_initializer": start, "dtype": "float32"}
    decoder.append(keras.layers.Conv2D(depth, 3, **last))
    beyond = [
        side * 2 ** len(channels) - wanted
        for side, wanted in zip(small, input_shape[:2], strict=True)
    ]
    decoder.append(keras.layers.Cropping2D([(0, extra) for extra in beyond], dtype="float32"))
    return keras.Sequential(encoder, name="encoder"), keras.Sequential(decoder, name="decoder")
