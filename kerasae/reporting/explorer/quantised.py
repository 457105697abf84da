"""Networks for the page: dense layers with weights of 8 bits.

    y = activation(s · (Q x) + b)

Batch normalisation is a part of the weights. Q (outputs, inputs) has whole numbers from -127 to
127, s a scale for each row.
"""

import numpy as np

_LEVELS = 127
_TOLERANCE = 1e-3


class NotExpressible(ValueError):
    """The page has no such layer or bottleneck; the message names it."""


def network(model, images):
    """Describe a trained model as dense layers, in a dict; images (n, ...) test that both agree.

    ``encoder`` and ``decoder`` are lists of layers, see `quantised`; ``bottleneck`` is
    ``identity``, ``relu``, ``sigmoid``, ``gaussian`` (means, then log standard deviations) or
    ``codebook``, with ``codebook`` (latent_dim, categories). Other layers or bottlenecks raise
    `NotExpressible`.
    """
    import keras

    networks = {"encoder": _dense_layers(model.encoder), "decoder": _dense_layers(model.decoder)}
    inputs = model.scale(images)
    outputs = model.encoder(inputs, training=False)
    codes = model.bottleneck(outputs)
    decoded = model.decoder(codes, training=False)
    inputs, outputs, codes, decoded = map(
        keras.ops.convert_to_numpy, (inputs, outputs, codes, decoded)
    )
    bottleneck = _bottleneck(model, outputs, codes)
    for name, given, expected in (("encoder", inputs, outputs), ("decoder", codes, decoded)):
        if not _is_sequence(networks[name], given, expected):
            raise NotExpressible(f"the {name} of {type(model).__name__}")
    return {
        **{name: [quantised(*layer) for layer in layers] for name, layers in networks.items()},
        "likelihood": model.likelihood,
        "latent_dim": int(model.latent_dim),
        **bottleneck,
    }


def _is_sequence(layers, inputs, outputs):
    """Return whether layers, one after the other, map inputs (n, ...) to outputs (n, ...)."""
    try:
        results = run(layers, inputs)
    except ValueError:  # of shapes that do not follow each other
        return False
    expected = outputs.reshape(len(outputs), -1)
    return results.shape == expected.shape and np.allclose(
        results, expected, _TOLERANCE, _TOLERANCE
    )


def _dense_layers(sequence):
    """List the layers of a `keras.Sequential` that change values, as for `run`."""
    import keras

    from kerasae.models.baselines import Logits
    from kerasae.networks.dense import Hidden, Linear

    shapes = (keras.layers.Flatten, keras.layers.Reshape, keras.layers.InputLayer)
    layers = []
    if not hasattr(sequence, "layers"):
        raise NotExpressible(f"a network {type(sequence).__name__}")
    for layer in sequence.layers:
        if isinstance(layer, shapes):
            continue
        if isinstance(layer, Hidden):
            matrix, _ = _matrix_of(layer.linear)
            gamma, beta, mean, variance = map(np.asarray, layer.norm.weights)
            factor = gamma / np.sqrt(variance + layer.norm.epsilon)
            layers.append((matrix * factor, beta - mean * factor, "relu"))
        elif isinstance(layer, Linear):
            layers.append((*_matrix_of(layer), "linear"))
        elif isinstance(layer, Logits) and layers:
            layers[-1] = (*layers[-1][:2], "logits")
        else:
            raise NotExpressible(f"a layer {type(layer).__name__}")
    return layers


def _matrix_of(layer):
    """Return the kernel (inputs, outputs) and the bias (outputs,) of a linear layer."""
    kernel = np.asarray(layer.kernel)
    matrix = kernel.T if layer.turned else kernel
    return matrix, np.asarray(layer.bias) if layer.use_bias else np.zeros(matrix.shape[1])


def quantised(matrix, bias, activation):
    """Describe a layer: ``matrix`` (inputs, outputs) is rounded to 8 bits a weight."""
    rows = np.asarray(matrix, np.float64).T  # (outputs, inputs)
    scale = np.abs(rows).max(axis=1) / _LEVELS
    scale[scale == 0] = 1
    return {
        "weights": np.round(rows / scale[:, None]).astype(np.int8),
        "scale": scale.astype(np.float32),
        "bias": np.asarray(bias, np.float32),
        "activation": activation,
    }


def _bottleneck(model, outputs, codes):
    """Find the function from the encoder's outputs (n, m) to the codes (n, latent_dim)."""
    width = codes.shape[1]
    candidates = {"identity": outputs, "relu": np.maximum(outputs, 0)}
    candidates["sigmoid"] = 1 / (1 + np.exp(-np.clip(outputs, -60, 60)))
    if model.stochastic:
        candidates = {"gaussian": outputs[:, :width]}
    if model.discrete and np.shape(getattr(model, "codebook", None))[:1] == (width,):
        book = np.asarray(model.codebook)  # (latent_dim, categories)
        nearest = np.abs(outputs[:, :, None] - book).argmin(axis=2)
        if np.allclose(book[np.arange(width), nearest], codes, atol=1e-5):
            return {"bottleneck": "codebook", "codebook": book.astype(np.float32)}
    for name, values in candidates.items():
        if values.shape == codes.shape and np.allclose(values, codes, atol=1e-5):
            return {"bottleneck": name}
    raise NotExpressible(f"the bottleneck of {type(model).__name__}")


def run(layers, values):
    """Compute the outputs (n, outputs) of layers for values (n, ...), as the page does.

    A layer has its matrix (inputs, outputs), bias (outputs,) and activation.
    """
    values = np.asarray(values, np.float64).reshape(len(values), -1)
    for matrix, bias, activation in layers:
        values = values @ matrix + bias
        if activation == "relu":
            values = np.maximum(values, 0)
        elif activation == "logits":
            values = np.clip(values, 0.5 / 255, 1 - 0.5 / 255)
            values = np.log(values) - np.log(1 - values)
    return values
