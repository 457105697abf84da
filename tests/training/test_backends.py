"""Other backends make of a model what TensorFlow makes of it; each runs where it is installed."""

import importlib.util
import os
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from on_backend import CASES, EPOCHS, FEW, VALIDATED, build, measured, stepped
from projects import ROOT

import kerasae
from kerasae.models import model_class

pytestmark = pytest.mark.slow
TESTS = ROOT / "tests"
OTHERS = [backend for backend in ("jax", "torch") if importlib.util.find_spec(backend)]
"""Other backends that are installed."""
INEXACT = {"contractive": 1e-2}
"""Model → difference of gradients. TensorFlow's second derivative of batch normalisation lacks a
part: `tf.nn.moments` takes the mean in the variance for a constant."""
EVERY = pytest.mark.parametrize("name", CASES)


@pytest.fixture(scope="module")
def shown(mnist):
    return mnist.x_train[:64]


@pytest.fixture(scope="module")
def tensorflow(shown, tmp_path_factory):
    """What TensorFlow makes of every model after an epoch, and losses after more with each seed.

    The other backends run meanwhile, from the same files.
    """
    folder = tmp_path_factory.mktemp("backends")
    np.save(folder / "images.npy", shown)
    others = {backend: started(backend, folder) for backend in OTHERS}
    models, found, losses = {}, {}, {}
    for name in CASES:
        models[name] = model = build(name)
        model.compile(keras.optimizers.Adam(0.003), jit_compile=False)
        model.fit(shown, batch_size=16, epochs=1, verbose=0)
        model.save(folder / "unfinished.keras")
        os.replace(folder / "unfinished.keras", folder / f"{name}.keras")
        found[name] = measured(model, shown[:FEW])
        found[name] |= stepped(kerasae.load(folder / f"{name}.keras"), shown[:FEW])
    for name, model in models.items():
        if model.by_gradients:
            losses[name] = []
            for seed in range(3):
                if seed:
                    model.reseed(seed)
                    model.fit(shown, batch_size=16, epochs=1, verbose=0)
                how = {"epochs": EPOCHS + 1, "initial_epoch": 1, "verbose": 0}
                more = model.fit(shown, batch_size=16, **how)
                losses[name].append(more.history["loss"][-1])
    yield SimpleNamespace(folder=folder, found=found, losses=losses, others=others)
    for process in others.values():
        process.kill()
        process.wait()


def started(backend, folder):
    """Run `on_backend.py` in a process."""
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(TESTS.parent)}
    environment["XLA_FLAGS"] = "--xla_backend_optimization_level=0"  # half the time
    with open(folder / f"{backend}.log", "w") as log:
        command = [sys.executable, TESTS / "on_backend.py", folder]
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def where_installed(backend):
    reason = f"{backend} is not installed, as it is no dependency"
    return pytest.param(backend, marks=pytest.mark.skipif(backend not in OTHERS, reason=reason))


@pytest.fixture(scope="module", params=map(where_installed, ("jax", "torch")))
def other(request, tensorflow):
    """What another backend makes of the same models."""
    backend = request.param
    status = tensorflow.others[backend].wait()
    assert status == 0, (tensorflow.folder / f"{backend}.log").read_text()
    found = {}
    for name in CASES:
        with np.load(tensorflow.folder / f"{name}.{backend}.npz") as file:
            found[name] = dict(file)
    return SimpleNamespace(backend=backend, found=found)


def class_of(name):
    return model_class(CASES[name]["model"])


def part(found, kind):
    return {name: value for name, value in found.items() if name.split("/")[0] == kind}


@EVERY
def test_codes_reconstructions_and_loss_terms_are_the_same(name, tensorflow, other):
    expected, found = tensorflow.found[name], other.found[name]
    for kind in ("codes", "decoded", "evaluated", "trained"):
        assert part(found, kind).keys() == part(expected, kind).keys()
        for key, value in part(expected, kind).items():
            # some terms are small differences of large sums
            size = expected[f"{kind}/loss"] if value.ndim == 0 else np.abs(value).max()
            np.testing.assert_allclose(found[key], value, 1e-4, 1e-6 * size, err_msg=key)
    moved = part(expected, "moved")  # what no gradient moves: averages and codebooks
    assert part(found, "moved").keys() == moved.keys()
    for key, value in moved.items():
        spread = 1e-5 * np.abs(value).max()
        np.testing.assert_allclose(found[key], value, 1e-4, max(spread, 1e-7), err_msg=key)


@EVERY
def test_gradients_are_the_same(name, tensorflow, other):
    expected, found = (part(one[name], "gradient") for one in (tensorflow.found, other.found))
    assert found.keys() == expected.keys()
    norm = np.linalg.norm
    whole = norm([norm(value) for value in expected.values()])
    apart = {key: norm(found[key] - value) for key, value in expected.items()}
    assert norm(list(apart.values())) <= INEXACT.get(name, 1e-4) * whole
    for key, value in expected.items():
        # normalisation takes some constants away, whose gradient is only rounding
        most = max(INEXACT.get(name, 1e-3) * norm(value), INEXACT.get(name, 1e-6) * whole)
        assert apart[key] <= most, key
    assert (whole > 0) == (name not in kerasae.BASELINES)


@EVERY
def test_training_ends_with_the_same_loss(name, tensorflow, other):
    kind, found = class_of(name), other.found[name]
    terms = {*kind.terms, *(["perplexity"] if kind.discrete else [])}
    if name in VALIDATED:
        terms |= {f"val_{term}" for term in terms}
    history = part(found, "history")
    assert history.keys() == {f"history/{term}" for term in terms}
    if not kind.by_gradients:
        assert all(len(values) == 1 for values in history.values())
        return
    assert all(len(values) == EPOCHS for values in history.values())
    losses = tensorflow.losses[name]
    assert abs(history["history/loss"][-1] - np.mean(losses)) < 4 * np.std(losses, ddof=1)


@EVERY
def test_evaluate_and_predict_give_what_training_and_reconstruct_give(name, other):
    found, kind = other.found[name], class_of(name)
    if name in VALIDATED:
        np.testing.assert_allclose(found["predicted"], found["decoded"], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found["reconstructed"], found["decoded"])
    assert (found["sampled"] != found["resampled"]).any() == kind.stochastic
    if not kind.stochastic and name != "stacked":  # their terms are drawn, or of another stage
        for key, value in part(found, "evaluate").items():
            last = found[f"history/val_{key.removeprefix('evaluate/')}"][-1]
            assert value == pytest.approx(last, rel=1e-4), key
    if kind.generative:
        assert found["samples"].shape == (5, 32, 32, 1)
        np.testing.assert_array_equal(found["samples"], found["again"])
        assert 0 <= found["samples"].min() < found["samples"].max() <= 1
    if kind.discrete:
        np.testing.assert_array_equal(found["looked_up"], found["codes"])


@EVERY
def test_a_file_of_another_backend_gives_the_same_codes(name, tensorflow, other, shown):
    model = kerasae.load(tensorflow.folder / f"{name}.{other.backend}.keras")
    expected = tensorflow.found[name]["codes"]
    np.testing.assert_array_equal(model.encode(shown[:FEW]), expected)
