"""Widths, initial weights and gradients of the dense networks; noise, and the seeds of all."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import SHAPE
from scipy.stats import kstest, norm

import kerasae
from kerasae.networks.dense import Linear, hidden_widths
from kerasae.networks.kernels import gaussian
from kerasae.seeds import derive


@pytest.mark.parametrize(
    ("name", "latent_dim", "encoder", "decoder"),
    [
        ("vanilla", 20, [341, 113, 20], [113, 341, 1024]),
        ("vae", 20, [512, 256, 40], [113, 341, 1024]),  # wider, for two heads
        ("vae", 2, [170, 28, 4], [20, 146, 1024]),  # 512 ** (1 / 3) is just below 8
        ("shallow", 2, [2], [1024]),
    ],
)
def test_hidden_widths_are_the_published_ones(name, latent_dim, encoder, decoder):
    model = kerasae.build(name, SHAPE, latent_dim)
    assert [layer.units for layer in model.encoder.layers[1:]] == encoder
    assert [layer.units for layer in model.decoder.layers[:-1]] == decoder
    assert hidden_widths(64, 100) == (64, 64)


def test_widths_of_few_columns_have_lower_limits_that_wide_data_do_not_feel():
    def widths(columns, **settings):
        model = kerasae.build("vanilla", (columns,), 3, likelihood="gaussian", **settings)
        return [layer.units for layer in model.encoder.layers[1:]]

    assert widths(6) == [6, 6, 3]
    assert widths(6, least_widths=(64, 32)) == [64, 32, 3]
    assert widths(600, least_widths=(64, 20)) == widths(600) == [120, 24, 3]


@pytest.mark.parametrize("name", ["shallow", "vae", "conv_vae"])
def test_initial_weights_are_uniform_within_the_root_of_the_fan_in(name):
    model = kerasae.build(name, SHAPE, 20)
    for layer in (*model.encoder.layers[1:], *model.decoder.layers[:-1]):
        linear = getattr(layer, "linear", layer)
        if not isinstance(linear, Linear):  # convolutions and normalisation
            continue
        kernel, *bias = linear.get_weights()
        assert kernel.shape == tuple(sorted(kernel.shape))  # the longer side along the rows
        bound = 1 / np.sqrt(kernel.size / linear.units)
        for values in (kernel, *bias):
            assert abs(values).max() <= bound
            assert values.std() == pytest.approx(bound / np.sqrt(3), rel=4 / np.sqrt(values.size))
        assert abs(kernel).max() > 0.98 * bound


@pytest.mark.parametrize(
    ("inputs", "units", "jit_compile"), [(7, 3, False), (3, 7, False), (5, 5, True)]
)
def test_linear_layer_and_its_gradients_agree_with_a_matrix_product(inputs, units, jit_compile):
    layer, rng = Linear(units, seed=1), np.random.default_rng(0)
    x, upstream = rng.normal(size=(4, inputs)), rng.normal(size=(4, units))
    x, upstream = x.astype("float32"), upstream.astype("float32")
    layer.build(x.shape)

    @tf.function(jit_compile=jit_compile)
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x)
        weights = [layer.kernel.value, layer.bias.value]
        return outputs, *tape.gradient(outputs, [x, *weights], output_gradients=upstream)

    outputs, to_x, to_kernel, to_bias = (array.numpy() for array in run(tf.constant(x)))
    kernel = layer.kernel.numpy().T if layer.turned else layer.kernel.numpy()
    np.testing.assert_allclose(outputs, x @ kernel + layer.bias.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(to_x, upstream @ kernel.T, rtol=1e-5, atol=1e-6)
    expected = x.T @ upstream
    expected = expected.T if layer.turned else expected
    np.testing.assert_allclose(to_kernel, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(to_bias, upstream.sum(axis=0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_gaussian_noise_has_the_moments_and_tails_of_a_gaussian_and_moves_on(jit_compile):
    generator = keras.random.SeedGenerator(3)

    @tf.function(jit_compile=jit_compile)
    def draw():
        return gaussian((200, 1000), generator, jit_compile)

    one, other = np.ravel(draw()), np.ravel(draw())
    assert kstest(one, norm.cdf).pvalue > 0.001
    assert 4 < abs(one).max() < 6
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.01


def test_seeds_differ_by_purpose_and_root_and_never_change():
    assert derive(0, "order") == 951779055
    assert derive(42, "weights/encoder/0") == 2115955198
    purposes = ["split", "order", "noise", "kernel", "bias", "weights/codebook"]
    purposes += [f"weights/{part}/{i}" for part in ("encoder", "decoder") for i in range(3)]
    seeds = [derive(root, purpose) for root in range(5) for purpose in purposes]
    assert len(set(seeds)) == 5 * 12
    assert 0 <= min(seeds) <= max(seeds) < 2**31
