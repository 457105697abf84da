"""Widths and initial weights of the networks, and the seeds of all random numbers."""

import numpy as np
import pytest
from conftest import EVERY, SHAPE

import kerasae
from kerasae.networks import hidden_widths
from kerasae.seeds import derive


@pytest.mark.parametrize(
    ("inputs", "outputs", "expected"),
    [
        (1024, 20, (341, 113)),
        (1024, 2, (146, 20)),  # 512 ** (1 / 3) is just below 8
        (1024, 40, (512, 256)),
        (1024, 4, (170, 28)),
        (64, 100, (64, 64)),
    ],
)
def test_hidden_widths_are_the_published_ones(inputs, outputs, expected):
    assert hidden_widths(inputs, outputs) == expected


@pytest.mark.parametrize(
    ("name", "latent_dim", "encoder", "decoder"),
    [
        ("vanilla", 20, [341, 113, 20], [113, 341, 1024]),
        ("vae", 20, [512, 256, 40], [113, 341, 1024]),
        ("vae", 2, [170, 28, 4], [20, 146, 1024]),
        ("shallow", 2, [2], [1024]),
    ],
)
def test_vae_encoders_are_as_wide_as_their_two_heads_need(name, latent_dim, encoder, decoder):
    model = kerasae.build(name, SHAPE, latent_dim)
    assert [layer.units for layer in model.encoder.layers[1:]] == encoder
    assert [layer.units for layer in model.decoder.layers[:-1]] == decoder


@EVERY
def test_initial_weights_are_uniform_within_the_root_of_the_fan_in(name):
    model = kerasae.build(name, SHAPE, 20)
    for layer in (*model.encoder.layers[1:], *model.decoder.layers[:-1]):
        kernel, *bias = getattr(layer, "dense", layer).get_weights()
        bound = 1 / np.sqrt(len(kernel))
        for values in (kernel, *bias):
            assert abs(values).max() <= bound
            assert values.std() == pytest.approx(bound / np.sqrt(3), rel=4 / np.sqrt(values.size))
        assert abs(kernel).max() > 0.98 * bound


def test_seeds_differ_by_purpose_and_root_and_never_change():
    assert derive(0, "order") == 951779055
    assert derive(42, "weights/encoder/0") == 2115955198
    purposes = ["split", "order", "noise", "kernel", "bias", "weights/codebook"]
    purposes += [f"weights/{part}/{i}" for part in ("encoder", "decoder") for i in range(3)]
    seeds = [derive(root, purpose) for root in range(5) for purpose in purposes]
    assert len(set(seeds)) == 5 * 12
    assert 0 <= min(seeds) <= max(seeds) < 2**31
