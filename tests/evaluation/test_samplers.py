"""Samples of every sampler of a model, and interpolations between images."""

import numpy as np
import pytest

from kerasae import REGISTRY, build
from kerasae.evaluation.feature_classifier import Classifier, features_and_probabilities
from kerasae.evaluation.inference import run
from kerasae.evaluation.metrics.interpolation import cross_fade
from kerasae.evaluation.outputs import PAIRS, SHOWN, STEPS
from kerasae.evaluation.samplers import generated, interpolations, samples
from kerasae.models import model_class

FAST = ("vanilla", "vae", "vq")  # deterministic, with a posterior, with discrete codes
MODELS = [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in REGISTRY]


def untrained(name, mnist):
    """An untrained model, and its outputs."""
    options = {"categories": 6} if name.startswith("vq") else {}
    options |= {} if name == "shallow" else {"widths": (16, 8)}
    model = build(name, input_shape=(32, 32, 1), latent_dim=3, seed=5, **options)
    if name == "vq_ema":  # untrained, all codes would be nearest to one vector
        codes = model.encoder(model.scale(mnist.x_train[:6]), training=False)
        model.sums.assign(codes[:, :1])
    return model, run(model, mnist.x_train[:400], mnist.x_test[:30], steps=2, seed=5)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_sampled_by_all_samplers_it_has(name, mnist):
    model, outputs = untrained(name, mnist)
    first, again, other = (dict(samples(model, outputs, 20, seed)) for seed in (1, 1, 2))
    kind = model_class(name)
    assert ("prior" in first, "learned_prior" in first) == (kind.generative, kind.discrete)
    assert "mixture" in first
    for sampler, images in first.items():
        assert images.shape == (20, 32, 32, 1)
        assert 0 <= images.min() <= images.max() <= 1
        np.testing.assert_array_equal(images, again[sampler])
        assert (images != other[sampler]).any()


@pytest.mark.parametrize("name", MODELS)
def test_interpolations_go_from_image_to_image(name, mnist):
    model, _ = untrained(name, mnist)
    paths = dict(interpolations(model, mnist.x_test[:30], seed=1))
    codes = ["sample_per_frame", *(["sample_per_path"] if model.stochastic else [])]
    assert list(paths) == codes
    for frames in paths.values():
        assert frames.shape == (15, STEPS, 32, 32, 1)  # as many pairs as there are images for
    if not model.stochastic:
        ends = paths["sample_per_frame"][:, [0, -1]].reshape(-1, 32, 32, 1)
        reconstructions = model.reconstruct(mnist.x_test[:30]).numpy()
        gaps = [np.abs(reconstructions - end).max(axis=(1, 2, 3)).min() for end in ends]
        assert max(gaps) < 1e-5


def test_a_mixture_has_the_moments_of_the_codes_and_is_shuffled(mnist):
    model, outputs = untrained("vanilla", mnist)
    centres = np.repeat([-9.0, 9.0], 1000)[:, np.newaxis]
    codes = np.random.default_rng(0).normal(centres, [1, 0.1, 2], (2000, 3))
    decoded = []
    model.decode = lambda batch: decoded.append(batch) or model.decoder(batch, training=False)
    list(samples(model, outputs._replace(mean=outputs.mean._replace(train=codes)), 4000, seed=1))
    decoded = np.concatenate(decoded)
    np.testing.assert_allclose(decoded.mean(axis=0), 0, atol=0.5)
    np.testing.assert_allclose(np.abs(decoded).std(axis=0), [1, 0.1, 2], rtol=0.1)
    assert 2 < np.count_nonzero(decoded[:SHOWN, 0] > 0) < SHOWN - 2  # not sorted by component


def test_one_noise_per_path_is_smoother_than_a_new_one_per_frame(mnist):
    model, _ = untrained("vae", mnist)
    paths = dict(interpolations(model, mnist.x_test[: 2 * PAIRS + 10], seed=1))
    steps = {code: np.abs(np.diff(frames, axis=1)).mean() for code, frames in paths.items()}
    assert paths["sample_per_frame"].shape[0] == PAIRS
    assert steps["sample_per_path"] < 0.5 * steps["sample_per_frame"]


def test_samples_and_paths_are_described_by_the_classifier(mnist):
    model, outputs = untrained("vae", mnist)
    classifier, images = Classifier((32, 32, 1), 10), mnist.x_test[:6]
    arrays = generated(model, outputs, images, classifier, count=20, seed=1)
    assert list(arrays["samples"]) == ["prior", "mixture"]
    for sampler, expected in samples(model, outputs, 20, 1):
        described = arrays["samples"][sampler]
        np.testing.assert_array_equal(described["images"], expected[:SHOWN])
        features, probabilities = features_and_probabilities(classifier, expected)
        np.testing.assert_allclose(described["features"], features, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(described["probabilities"], probabilities, rtol=1e-4)
    for code, frames in interpolations(model, images, seed=1):
        path = arrays["paths"][code]
        np.testing.assert_allclose(path["frames"], frames, atol=1e-3)
        for name, shown in (("confidence", frames), ("faded_confidence", cross_fade(frames))):
            _, probabilities = features_and_probabilities(classifier, shown[1])
            np.testing.assert_allclose(path[name][1], probabilities.max(axis=1), rtol=1e-4)
