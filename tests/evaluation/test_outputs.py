"""Outputs of models: those of the model's own methods, and unchanged by their file."""

import numpy as np
import pytest

from kerasae import build
from kerasae.evaluation.inference import run
from kerasae.evaluation.metrics.reconstruction import element_losses, summed_bce
from kerasae.evaluation.outputs import Encoded, Outputs, read_arrays, write_arrays


@pytest.mark.parametrize("name", ["vanilla", "vae"])
def test_outputs_are_those_of_the_model(mnist, name):
    model = build(name, input_shape=(32, 32, 1), latent_dim=3, widths=(8, 4), seed=5)
    x_train, x_test = mnist.x_train[:40], mnist.x_test[:30]
    outputs = run(model, x_train, x_test, steps=5, seed=5)
    means = model.encode(x_test).numpy()
    np.testing.assert_array_equal(outputs.mean.test, means)
    logits, images = model.decoder(means).numpy(), x_test / 255
    losses = summed_bce(images, logits)
    np.testing.assert_allclose(outputs.mean.scores["bce"], losses, rtol=1e-5)
    reconstructions = model.reconstruct(x_test[:16])
    np.testing.assert_allclose(outputs.mean.reconstructions, reconstructions, atol=1e-6)
    np.testing.assert_allclose(losses[outputs.worst], np.sort(losses)[:-17:-1], rtol=1e-5)
    expected = element_losses(images, logits, "bernoulli")[outputs.worst]
    np.testing.assert_allclose(outputs.contributions, expected, rtol=1e-4, atol=1e-5)
    assert outputs.sampled.train.shape == (40, 3)
    assert outputs.frames.shape == (5, 32, 32, 1)
    assert outputs.indices is None
    if name == "vanilla":
        ends = model.reconstruct(x_test[:2]).numpy()
        np.testing.assert_allclose(outputs.frames[[0, -1]], ends, atol=1e-5)
        assert outputs.sampled is outputs.mean
        assert (outputs.samples, outputs.log_stds, list(outputs.kinds)) == (None, None, [None])
    else:
        assert not np.array_equal(outputs.sampled.test, means)
        parameters = model.encoder(x_test.astype("float32") / 255).numpy()
        np.testing.assert_allclose(outputs.log_stds, parameters[:, 3:], rtol=1e-4, atol=1e-5)
        assert outputs.samples.shape == (16, 32, 32, 1)
        assert list(outputs.kinds) == ["sample", "mean"]


def test_discrete_codes_have_categories(mnist):
    vq = build("vq", input_shape=(32, 32, 1), latent_dim=3, widths=(8, 4), categories=5, seed=5)
    outputs = run(vq, mnist.x_train[:40], mnist.x_test[:20], steps=2, seed=5)
    assert outputs.log_stds is None
    np.testing.assert_array_equal(vq.look_up(outputs.indices), outputs.mean.train)


@pytest.mark.parametrize("stochastic", [False, True])
def test_outputs_are_read_as_they_were_written(tmp_path, stochastic):
    def encoded(start):
        codes = np.arange(start, start + 6.0).reshape(3, 2)
        return Encoded(codes, codes + 1, {"bce": codes[:, 0], "mse": codes[:, 1]}, codes + 2)

    sampled = encoded(0)
    further = {"log_stds": np.ones((3, 2)), "samples": np.zeros((2, 2))} if stochastic else {}
    written = Outputs(sampled, encoded(9) if stochastic else sampled, np.eye(2), **further)
    written.save(tmp_path / "outputs.npz")
    outputs = Outputs.open(tmp_path / "outputs.npz")
    assert (outputs.mean is outputs.sampled) == (not stochastic)
    np.testing.assert_equal(outputs._asdict(), written._asdict())


def test_nested_arrays_are_read_as_they_were_written_and_none_is_left_out(tmp_path):
    nested = {"paths": {"mean": {"frames": np.eye(2)}, "sample": {"frames": np.zeros(3)}}}
    write_arrays(tmp_path / "a.npz", {**nested, "features": np.ones(2), "indices": None})
    np.testing.assert_equal(read_arrays(tmp_path / "a.npz"), {**nested, "features": np.ones(2)})
