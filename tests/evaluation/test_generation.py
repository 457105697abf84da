"""Samples of every sampler of a model, and interpolations between images."""

import numpy as np
import pytest
from conftest import EVERY

from kerasae import REGISTRY, build
from kerasae.evaluation.inference import run
from kerasae.evaluation.outputs import PAIRS, SHOWN, STEPS
from kerasae.evaluation.samplers import interpolations, samples
from kerasae.models import model_class


def made(name, mnist):
    """An untrained model, and what the tasks know of it."""
    settings = {"categories": 6} if name.startswith("vq") else {}
    settings |= {} if name == "shallow" else {"widths": (16, 8)}
    model = build(name, input_shape=(32, 32, 1), latent_dim=3, seed=5, **settings)
    if name == "vq_ema":  # untrained, all codes would be nearest to one vector
        codes = model.encoder(model.scale(mnist.x_train[:6]), training=False)
        model.sums.assign(codes[:, :1])
    return model, run(model, mnist.x_train[:400], mnist.x_test[:30], steps=2, seed=5)


@EVERY
def test_every_model_is_sampled_by_all_samplers_it_has(name, mnist):
    model, outputs = made(name, mnist)
    found = dict(samples(model, outputs, count=20, seed=1))
    kind = model_class(name)
    assert ("prior" in found, "learned_prior" in found) == (kind.generative, kind.discrete)
    assert "mixture" in found
    for images in found.values():
        assert images.shape == (20, 32, 32, 1)
        assert 0 <= images.min() <= images.max() <= 1
    again = dict(samples(model, outputs, count=20, seed=1))
    other = dict(samples(model, outputs, count=20, seed=2))
    for sampler, images in found.items():
        np.testing.assert_array_equal(images, again[sampler])
        assert (images != other[sampler]).any()


def test_mixture_has_the_moments_of_the_codes(mnist):
    model, outputs = made("vanilla", mnist)
    codes = np.random.default_rng(0).normal([5, -3, 0], [1, 0.1, 2], (2000, 3))
    seen = []
    model.decode = lambda part: seen.append(part) or model.decoder(part, training=False)
    list(
        samples(
            model, outputs._replace(mean=outputs.mean._replace(train=codes)), count=4000, seed=1
        )
    )
    codes = np.concatenate(seen)
    np.testing.assert_allclose(codes.mean(axis=0), [5, -3, 0], atol=0.15)
    np.testing.assert_allclose(codes.std(axis=0), [1, 0.1, 2], rtol=0.1)


def test_the_first_samples_of_the_mixture_come_from_all_of_it(mnist):
    model, outputs = made("vanilla", mnist)
    ends = np.repeat([-9.0, 9.0], 1000)[:, np.newaxis]
    codes = np.random.default_rng(0).normal(ends, 1, (2000, 3))
    seen = []
    model.decode = lambda part: seen.append(part) or model.decoder(part, training=False)
    list(
        samples(model, outputs._replace(mean=outputs.mean._replace(train=codes)), count=400, seed=1)
    )
    first = np.concatenate(seen)[:SHOWN]
    assert 2 < np.count_nonzero(first[:, 0] > 0) < SHOWN - 2


def test_samples_of_categories_have_codes_of_the_codebook(mnist):
    model, outputs = made("vq", mnist)
    seen = {}
    decode = model.decode
    model.decode = lambda part: seen.setdefault("codes", part) is None or decode(part)
    for sampler, _ in samples(model, outputs, count=20, seed=1):
        codes = np.asarray(seen.pop("codes"))
        for position in range(3):
            assert np.isin(codes[:, position], model.codebook[position]).all(), sampler


@EVERY
def test_interpolations_go_from_image_to_image_with_the_same_pairs_for_all(name, mnist):
    model, _ = made(name, mnist)
    found = dict(interpolations(model, mnist.x_test[:30], seed=1))
    assert set(found) == (
        {"sample_per_frame", "sample_per_path"} if model.stochastic else {"sample_per_frame"}
    )
    for frames in found.values():
        assert frames.shape == (15, STEPS, 32, 32, 1)  # as many pairs as there are images for
    if not model.stochastic:
        ends = found["sample_per_frame"][:, [0, -1]].reshape(-1, 32, 32, 1)
        known = model.reconstruct(mnist.x_test[:30]).numpy()
        nearest = [np.abs(known - end).max(axis=(1, 2, 3)).min() for end in ends]
        assert max(nearest) < 1e-5


def test_one_noise_per_path_is_smoother_than_a_new_one_per_frame(mnist):
    model, _ = made("vae", mnist)
    found = dict(interpolations(model, mnist.x_test[: 2 * PAIRS + 10], seed=1))
    steps = {code: np.abs(np.diff(frames, axis=1)).mean() for code, frames in found.items()}
    assert found["sample_per_frame"].shape[0] == PAIRS
    assert steps["sample_per_path"] < 0.5 * steps["sample_per_frame"]


@pytest.mark.parametrize("name", [n for n in REGISTRY if n in ("vae", "vq")])
def test_prior_samples_are_those_of_the_model(name, mnist):
    model, outputs = made(name, mnist)
    (sampler, images), *_ = samples(model, outputs, count=20, seed=1)
    assert sampler == "prior"
    assert images.std(axis=0).mean() > 0 or name == "vq"
