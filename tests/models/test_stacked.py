"""The stacked one: each stage against numpy, layer by layer."""

import numpy as np
import pytest
from by_hand import build, cross_entropy, evaluate


def matrix(linear):
    """Kernel of a linear layer, (inputs, units)."""
    kernel = linear.kernel.numpy()
    return kernel.T if linear.turned else kernel


def forward(layer, inputs, training):
    if not hasattr(layer, "norm"):
        return inputs @ matrix(layer) + layer.bias.numpy()
    linear, norm_ = inputs @ matrix(layer.linear), layer.norm
    mean, variance = norm_.moving_mean.numpy(), norm_.moving_variance.numpy()
    if training:
        mean, variance = linear.mean(axis=0), linear.var(axis=0)
    scaled = (linear - mean) / np.sqrt(variance + 1e-5)
    return np.maximum(scaled * norm_.gamma.numpy() + norm_.beta.numpy(), 0)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("target", ["codes", "pixels"])
@pytest.mark.parametrize("stage", [0, 1, 2])
def test_stacked_objective_is_that_of_the_pair_in_training(stage, target, training, few):
    model, rng = build("stacked", target=target), np.random.default_rng(0)
    for layer in (*model.encoder.layers, *model.decoder.layers):
        layer.set_weights([rng.uniform(0.2, 0.4, w.shape) for w in layer.get_weights()])
    model.stage = stage
    encoders, decoders = model.encoder.layers[1:], model.decoder.layers[2::-1]
    inputs = few.reshape(len(few), -1).astype("float64")
    for layer in encoders[:stage]:
        inputs = forward(layer, inputs, training=False)
    outputs = forward(encoders[stage], inputs, training)
    outputs = forward(decoders[stage], outputs, training)
    if target == "codes" and stage:
        expected = ((inputs - outputs) ** 2).sum(axis=1).mean()
    else:
        for layer in decoders[:stage][::-1]:
            outputs = forward(layer, outputs, training=False)
        expected = cross_entropy(few, outputs)
    assert evaluate(model, few, training)["loss"] == pytest.approx(expected, rel=1e-3)
