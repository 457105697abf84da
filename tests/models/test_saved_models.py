"""Model files: what is saved comes back the same, and everything else is refused by name."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from conftest import SHAPE, build

import kerasae
from kerasae.models import model_class


def test_keras_loads_models_in_a_fresh_process(images, tmp_path):
    model = kerasae.build("vq", SHAPE, 4, widths=(16, 8))  # never compiled
    rng = np.random.default_rng(0)
    for variable in model.weights:
        if "seed" not in variable.path:
            variable.assign_add(rng.uniform(0.01, 0.1, variable.shape).astype("float32"))
    model.save(tmp_path / "vq.keras")
    np.save(tmp_path / "images.npy", images[:9])
    script = """import keras, kerasae, numpy
model = keras.saving.load_model("vq.keras")
numpy.save("found.npy", model.reconstruct(numpy.load("images.npy")))"""
    path = {"PYTHONPATH": str(Path(kerasae.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=os.environ | path, check=True)
    found = np.load(tmp_path / "found.npy")
    np.testing.assert_allclose(found, model.reconstruct(images[:9]), atol=1e-6)


def flip(raw, position):
    return raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]


def test_a_damaged_file_is_named_in_the_error(tmp_path):
    path = tmp_path / "damaged.keras"
    build("vanilla").save(path)
    raw = path.read_bytes()
    last = raw.rindex(b"PK\1\2")  # the last entry, with its flags and compression method
    truncated, flipped = raw[: len(raw) // 2], flip(raw, len(raw) // 2)
    for damaged in (
        truncated,
        flipped,
        b"no model",
        b"",
        flip(raw, last + 8),
        flip(raw, last + 10),
    ):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"damaged\.keras is not a readable model file"):
            kerasae.load(path)


def test_a_loaded_model_is_compiled_as_it_was_when_saved(tmp_path):
    for jit_compile in (False, True):
        model = build("shallow")
        model.compile(keras.optimizers.Adam(0.02), jit_compile=jit_compile)
        model.save(tmp_path / "model.keras")
        loaded = kerasae.load(tmp_path / "model.keras")
        assert loaded.jit_compile is jit_compile
        assert float(loaded.optimizer.learning_rate) == pytest.approx(0.02)


def test_files_of_other_models_and_no_files_are_refused_by_name(tmp_path):
    path = tmp_path / "other.keras"
    build("beta_vae").save(path)
    with pytest.raises(ValueError, match=r"other\.keras holds another model.* Received: BetaVAE"):
        kerasae.load(path, "vae")
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(path)
    with pytest.raises(ValueError, match=r"other\.keras .* Received: Sequential"):
        kerasae.load(path)
    os.mkfifo(tmp_path / "pipe.keras")
    with pytest.raises(ValueError, match=r"pipe\.keras is not a readable .*no regular file"):
        kerasae.load(tmp_path / "pipe.keras")
    with pytest.raises(FileNotFoundError, match=r"missing\.keras"):
        kerasae.load(tmp_path / "missing.keras")


def test_weights_that_are_no_numbers_are_refused_by_name(tmp_path):
    model = build("shallow")
    model.decoder.layers[0].bias.assign(np.full(1024, np.nan))
    model.save(tmp_path / "nan.keras")
    with pytest.raises(ValueError, match=r"not finite.* Received: \S*bias"):
        kerasae.load(tmp_path / "nan.keras")


def test_what_the_training_applied_is_kept(tmp_path):
    kept = {"columns": ["a", "b"], "offset": [0.5, 2.0], "pad": 0}
    model = kerasae.build("vanilla", (2,), 1, likelihood="gaussian", preprocessing=kept)
    model.metadata = {"scores": [0.0, 1.5]}
    model.save(tmp_path / "model.keras")
    loaded = kerasae.load(tmp_path / "model.keras")
    assert loaded.preprocessing == kept
    assert loaded.metadata == {"scores": [0.0, 1.5]}


def test_a_variant_is_its_model_with_settings_and_loads_by_both_names(tmp_path):
    assert kerasae.build("beta_vae_loose", (3,), 2).beta == 0.5
    model = kerasae.build("beta_vae_loose", (3,), 2, beta=3.0)
    model.save(tmp_path / "model.keras")
    for name in ("beta_vae_loose", "beta_vae", None):
        loaded = kerasae.load(tmp_path / "model.keras", name)
        assert type(loaded) is type(model) is model_class("beta_vae")
        assert loaded.beta == 3


# Models of one's own, and files of others


OWN = """
import keras
from pathlib import Path
from kerasae.models.shallow import Shallow

Path("executed").write_text("")


@keras.saving.register_keras_serializable("mine")
class Mine(Shallow):
    pass
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder, the current one, with code and a file of a model of one's own."""
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(OWN)
    kerasae.build("mine.py:Mine", (5,), 2, likelihood="gaussian").save("mine.keras")
    Path("executed").unlink()
    registered = keras.saving.get_custom_objects()
    monkeypatch.delitem(registered, "mine>Mine")  # as in a fresh process
    return tmp_path


def test_a_model_of_one_s_own_keeps_where_it_came_from(own):
    loaded = kerasae.load("mine.keras", "mine.py:Mine")
    digest = hashlib.sha256(OWN.encode()).hexdigest()
    assert loaded.metadata["code"] == {"name": "mine.py:Mine", "sha256": digest}
    Path("mine.py").write_text(OWN + "# changed")
    with pytest.warns(UserWarning, match=r"mine\.py:Mine is not the code that mine\.keras"):
        kerasae.load("mine.keras", "mine.py:Mine")


def test_loading_executes_no_file_that_was_not_named(own):
    with pytest.raises(ValueError, match=r"needs the class Mine of mine\.py") as error:
        kerasae.load("mine.keras")
    assert "--code mine.py:Mine" in str(error.value)
    assert not {"delete", "again"} & set(str(error.value).lower().split())
    assert not Path("executed").exists()


@pytest.mark.parametrize("code", ["x", 5])
def test_code_that_is_no_record_is_said_to_be_damage(own, code):
    config = {"input_shape": (5,), "latent_dim": 2, "metadata": {"code": code}}
    rewritten("mine.keras", config=config)
    for name in (None, "mine.py:Mine"):
        with pytest.raises(ValueError, match=r"mine\.keras is not a readable model file"):
            kerasae.load("mine.keras", name)


def rewritten(path, **changes):
    """Change what a model file says of its model."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(files["config.json"])
    files["config.json"] = json.dumps({**config, **changes}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def lambda_model(path):
    """A model whose layer carries Python code."""
    layer = keras.layers.Lambda(lambda x: Path("executed").touch() or x, output_shape=(3,))
    keras.Sequential([keras.Input((3,)), layer]).save(path)


def module_model(path):
    """A model whose class is to be imported from a file beside it."""
    Path("evil.py").write_text("open('executed', 'w')\nclass Evil: pass")
    build("shallow").save(path)
    rewritten(path, module="evil", class_name="Evil", registered_name="evil>Evil")


def named_model(path):
    """A model that says that it needs the code of a file."""
    Path("evil.py").write_text("open('executed', 'w')\nclass Evil: pass")
    build("shallow").save(path)
    code = {"name": "evil.py:Evil\n\x1b[2J", "sha256": ""}
    own = {"input_shape": (3,), "latent_dim": 2, "metadata": {"code": code}}
    rewritten(path, config=own, registered_name="evil>Evil", class_name="Evil")


@pytest.mark.parametrize("write", [lambda_model, module_model, named_model])
def test_a_file_of_others_executes_nothing_and_is_refused(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("evil.keras")
    with pytest.raises(ValueError, match=r"evil\.keras ") as error:
        kerasae.load("evil.keras")
    assert len(str(error.value).splitlines()) == 1
    assert "\x1b" not in str(error.value)
    assert not Path("executed").exists()


def test_an_archive_writes_nothing_outside(tmp_path, monkeypatch):
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    build("shallow").save("evil.keras")
    with zipfile.ZipFile("evil.keras", "a") as archive:
        archive.writestr("../executed", "")
    kerasae.load("evil.keras")
    assert not (tmp_path / "executed").exists()


# What a model takes


@pytest.mark.parametrize("use", ["encode", "fit"])
def test_whole_numbers_are_bytes_and_others_are_refused(use):
    model = kerasae.build("shallow", (3,), 2)
    model.compile(jit_compile=False)
    for values, received in (
        (np.full((4, 3), 256), "int64 from 256 to 256"),
        (np.full((4, 3), -1, np.int8), "int8 from -1 to -1"),
    ):
        with pytest.raises(ValueError, match=f"Received: {received}"):
            getattr(model, use)(values)
    rows = np.array([[0, 255, 7], [1, 2, 3]])
    np.testing.assert_array_equal(model.encode(rows), model.encode(rows.astype("uint8")))


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("vae", {"name": "x"}, r"has no setting .*Received: name='x'"),
        ("shallow", {"widths": [9]}, "shallow has no setting 'widths': It has no settings"),
        ("beta_vae_loose", {"model": "vae"}, r"no setting 'model'.*Received: model='vae'"),
        ("sparse", {"beta": "x"}, "sparse: beta must be a finite number. Received: 'x'"),
        ("sparse", {"beta": float("nan")}, "sparse: beta must be a finite number. Received: nan"),
        ("beta_vae_loose", {"beta": True}, "finite number. Received: True"),
        ("iwae", {"draws": 2.5}, "iwae: draws must be a whole number. Received: 2.5"),
        ("stacked", {"target": 3}, "stacked: target must be a word. Received: 3"),
        ("vae", {"widths": [0]}, r"widths must be .* Received: \[0\]"),
        ("vae", {"widths": 7}, r"widths must be .* Received: 7"),
        ("vae", {"beta": 3}, "vae has no setting 'beta'.*beta_vae_strict"),
        ("beta_vae", {"betta": 3}, "did you mean beta"),
        ("vea", {}, "Did you mean .*vae"),
    ],
)
def test_settings_and_names_that_no_model_has_are_refused(name, settings, words):
    with pytest.raises(ValueError, match=words) as error:
        kerasae.build(name, (3,), 2, **settings)
    assert len(str(error.value).splitlines()) == 1
