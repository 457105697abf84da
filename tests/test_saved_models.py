"""Model files: what is saved comes back the same, and everything else is refused by name."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from conftest import EVERY, SHAPE, build, pairwise, weights

import kerasae


@EVERY
def test_a_saved_model_comes_back_the_same(name, images, trained, tmp_path):
    model, path = trained(name).model, tmp_path / "model.keras"
    model.save(path)
    loaded = kerasae.load(path, name)
    assert type(loaded) is type(model)
    assert loaded.get_config() == {**model.get_config(), "widths": loaded.widths}
    assert all(pairwise(np.array_equal, weights(loaded), weights(model)))
    np.testing.assert_array_equal(loaded.reconstruct(images[:9]), model.reconstruct(images[:9]))


def test_keras_loads_models_in_a_fresh_process(images, trained, tmp_path):
    names = ("vae", "vq")
    for name in names:
        trained(name).model.save(tmp_path / f"{name}.keras")
    np.save(tmp_path / "images.npy", images[:9])
    script = f"""import keras, kerasae, numpy
for name in {names}:
    model = keras.saving.load_model(f"{{name}}.keras")
    numpy.save(f"{{name}}.npy", model.reconstruct(numpy.load("images.npy")))"""
    path = {"PYTHONPATH": str(Path(kerasae.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=os.environ | path, check=True)
    for name in names:
        expected = trained(name).model.reconstruct(images[:9])
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), expected, atol=1e-6)


def flip(raw, position):
    return raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda raw: raw[: len(raw) // 2], id="truncated"),
        pytest.param(lambda raw: flip(raw, len(raw) // 2), id="flipped bit"),
        pytest.param(lambda raw: b"no model", id="text"),
        pytest.param(lambda raw: b"", id="empty"),
        # flags and compression method of the last entry
        pytest.param(lambda raw: flip(raw, raw.rindex(b"PK\1\2") + 8), id="flag"),
        pytest.param(lambda raw: flip(raw, raw.rindex(b"PK\1\2") + 10), id="zip"),
    ],
)
def test_a_damaged_file_is_named_in_the_error(damage, trained, tmp_path):
    path = tmp_path / "damaged.keras"
    trained("vanilla").model.save(path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"damaged\.keras is not a readable model file"):
        kerasae.load(path)


def test_a_model_that_was_never_compiled_can_be_saved(images, tmp_path):
    model = kerasae.build("vanilla", SHAPE, 4)
    model.save(tmp_path / "model.keras")
    loaded = kerasae.load(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.encode(images[:9]), model.encode(images[:9]))


@pytest.mark.parametrize("jit_compile", [False, True])
def test_a_loaded_model_is_compiled_as_it_was_when_saved(jit_compile, tmp_path):
    model = build("shallow")
    model.compile(keras.optimizers.Adam(0.02), jit_compile=jit_compile)
    model.optimizer.build(model.trainable_variables)
    model.save(tmp_path / "model.keras")
    loaded = kerasae.load(tmp_path / "model.keras")
    assert loaded.jit_compile is jit_compile
    assert float(loaded.optimizer.learning_rate) == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("saved", "wanted"), [("vanilla", "vq"), ("vae", "beta_vae_strict"), ("beta_vae_strict", "vae")]
)
def test_a_file_of_another_contestant_is_refused(saved, wanted, trained, tmp_path):
    trained(saved).model.save(tmp_path / "other.keras")
    with pytest.raises(ValueError, match=r"other\.keras holds another model.* Received: \w+"):
        kerasae.load(tmp_path / "other.keras", wanted)


def test_a_model_of_another_kind_is_refused(tmp_path):
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(tmp_path / "foreign.keras")
    with pytest.raises(ValueError, match=r"foreign\.keras .* Received: Sequential"):
        kerasae.load(tmp_path / "foreign.keras")


def test_a_missing_file_stays_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.keras"):
        kerasae.load(tmp_path / "missing.keras")
